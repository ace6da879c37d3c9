"""`run` in one process: migrates, seeds an empty embedded database, prints the addresses, serves.

Also what each worker of several does, which is to serve.
"""

import asyncio
import gc
import importlib
import shutil
import sys
from contextlib import suppress
from datetime import UTC, datetime
from socket import socket

import structlog
import uvicorn

from db import precompiled
from db.migrate import holds_organizations

from ..crew import Crew
from ..crew.balance import Balance
from ..logs import configure
from ..services import open_services
from ..serving.control import Control
from ..serving.http import configuration
from ..serving.listening import CannotListen, listen
from ..settings import Settings
from ..settings.installed import PROGRAM
from ..wire.descriptors import raise_limit
from ..wire.memory import return_large_blocks
from ..wire.server import Server
from .database import Unusable, claim, keep_private, migrate_apart
from .greeting import greeting, remarks

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
        served, text = prepare(settings, program)
    except (CannotListen, Unusable) as error:
        sys.stderr.write(f"connect: {error}\n")
        return 1
    writer = configure(settings.log_level, settings.log_format)
    server = Server(served, writer.drain)
    sys.stdout.write(text)
    sys.stdout.flush()
    return serve(server, listener)


def prepare(settings: Settings, program: str) -> tuple[uvicorn.Config, str]:
    """Makes the database ready; returns how the application is served, and what to print.

    Raises WrongSetting and Unusable.
    """
    # Before the migration, so that a wrong setting is reported before the database changes.
    served = configuration(settings)
    migrate_apart(settings)
    token = _seed(settings) if settings.is_embedded else None
    for line in remarks(settings):
        sys.stderr.write(f"connect: {line}\n")
    return served, greeting(settings, token, program)


def work(settings: Settings, crew: Crew, listener: int, control: int) -> int:
    """Serves as one of several workers, until the supervisor says so or is gone."""
    raise_limit()
    writer = configure(settings.log_level, settings.log_format)
    structlog.contextvars.bind_contextvars(worker=crew.number)
    orders = Control(socket(fileno=control))
    served = configuration(settings, crew)
    server = Server(served, writer.drain, orders.begin, Balance(crew))
    try:
        return serve(server, socket(fileno=listener))
    finally:
        if orders.is_orphaned:
            shutil.rmtree(crew.folder, ignore_errors=True)


def serve(server: Server, listener: socket) -> int:
    """Serves on the socket until the server ends; returns the exit status."""
    ensure_compiled()
    return_large_blocks()
    # Objects of the startup live as long as the process, so the garbage collector can skip them.
    gc.freeze()
    with suppress(KeyboardInterrupt):
        server.run(sockets=[listener])
    return 0 if server.started else 3


def ensure_compiled() -> None:
    """Imports the compiler before the first request if the precompiled statements are stale."""
    if not precompiled.is_current():
        log.warning("statements_stale", renew=f"{PROGRAM} statements {precompiled.FILE}")
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
