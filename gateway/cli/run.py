"""`run`: migrates, seeds an empty embedded database, prints the addresses, and serves."""

import asyncio
import gc
import importlib
import sys
from contextlib import suppress
from datetime import UTC, datetime

import structlog

from db import precompiled
from db.migrate import holds_organizations

from ..logs import configure
from ..services import open_services
from ..serving.http import configuration
from ..serving.listening import CannotListen, listen
from ..settings import Settings
from ..wire.descriptors import raise_limit
from ..wire.memory import return_large_blocks
from ..wire.server import Server
from .database import Unusable, claim, keep_private, migrate_apart
from .greeting import greeting

log = structlog.get_logger("connect.start")


def run(settings: Settings, program: str) -> int:
    """Serves until SIGINT or SIGTERM, then drains for at most 10 s; returns the exit status."""
    raise_limit()
    try:
        keep_private(settings)
        settings.signing_keys()
        # Kept until the process ends: whoever starts another on this database is told so.
        claim(settings)
        listener = listen(settings.host, settings.port)
        settings = settings.at(settings.host, listener.getsockname()[1])
        # Before the migration, so that a wrong setting is reported before the database changes.
        served = configuration(settings)
        migrate_apart(settings)
    except (CannotListen, Unusable) as error:
        sys.stderr.write(f"connect: {error}\n")
        return 1
    writer = configure(settings.log_level, settings.log_format)
    ensure_compiled()
    token = _seed(settings) if settings.is_embedded else None
    server = Server(served, writer.drain)
    sys.stdout.write(greeting(settings, token, program))
    sys.stdout.flush()
    return_large_blocks()
    # Objects of the startup live as long as the process, so the garbage collector can skip them.
    gc.freeze()
    with suppress(KeyboardInterrupt):
        server.run(sockets=[listener])
    return 0 if server.started else 3


def ensure_compiled() -> None:
    """Imports the compiler before the first request if the precompiled statements are stale."""
    if not precompiled.is_current():
        log.warning("statements_stale", renew="./connect statements db/statements.json")
        importlib.import_module("db.compiler")


def _seed(settings: Settings) -> str | None:
    """Seeds an empty embedded database; returns the token of a new demo."""
    if holds_organizations(settings.database):
        return None
    return asyncio.run(_make_demo(settings))


async def _make_demo(settings: Settings) -> str:
    from . import demo

    clock = demo.StagedClock(datetime.now(UTC))
    async with open_services(settings, clock) as services:
        return await demo.seed(services, clock)
