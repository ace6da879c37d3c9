"""`run`: migrates, seeds an empty embedded database, prints the addresses, and serves."""

import asyncio
import gc
import importlib
import json
import socket
import sys
from contextlib import suppress
from datetime import UTC, datetime
from typing import Any, cast

import structlog
import uvicorn

from db import precompiled
from db.migrate import holds_organizations

from ..app import create_app
from ..logs import configure
from ..services import open_services
from ..settings import Settings
from ..wire.descriptors import raise_limit
from ..wire.memory import return_large_blocks
from ..wire.patience import PatientProtocol
from ..wire.server import Server
from .database import Unusable, keep_private, migrate_apart

BACKLOG = 2048
# Longer than the minute for which proxies keep idle connections: if the server closed first, a
# request that is on its way would be lost.
KEEP_ALIVE_SECONDS = 75
DRAIN_SECONDS = 10
MOST_HEADER_BYTES = 65_536
MOST_MESSAGE_BYTES = 65_536

log = structlog.get_logger("connect.start")


class CannotListen(Exception):
    """The address is in use or not available; the message is one line."""


def run(settings: Settings, program: str) -> int:
    """Serves until SIGINT or SIGTERM, then drains for at most 10 s; returns the exit status."""
    raise_limit()
    try:
        keep_private(settings)
        settings.signing_keys()
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


def listen(host: str, port: int) -> socket.socket:
    """Returns a socket that listens on the address; raises CannotListen when that fails."""
    try:
        found = socket.getaddrinfo(
            host or None, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )
        family, kind, protocol, _, address = found[0]
        listener = socket.socket(family, kind, protocol)
        listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listener.bind(address)
        listener.listen(BACKLOG)
    except (OSError, UnicodeError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise CannotListen(
            f"cannot listen on {host} port {port}: {reason}; choose others with --host and --port"
        ) from error
    return listener


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


def websocket(**arguments: Any) -> asyncio.Protocol:
    """Returns the protocol of a WebSocket, whose library is imported with the first of them."""
    from ..wire.socket import PatientSocket

    return PatientSocket(**arguments)


def configuration(settings: Settings) -> uvicorn.Config:
    """Returns the configuration of uvicorn: our HTTP protocol, timeouts, no access log."""
    return uvicorn.Config(
        create_app(settings),
        http=PatientProtocol,
        ws=cast(Any, websocket),
        ws_max_size=MOST_MESSAGE_BYTES,
        # Compressing costs more memory and time than it saves; the socket asks for signs of life.
        ws_per_message_deflate=False,
        ws_ping_interval=None,
        lifespan="on",
        access_log=False,
        log_config=None,
        server_header=False,
        proxy_headers=bool(settings.forwarded_allow_ips),
        forwarded_allow_ips=list(settings.forwarded_allow_ips),
        backlog=BACKLOG,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=DRAIN_SECONDS,
        h11_max_incomplete_event_size=MOST_HEADER_BYTES,
    )


def greeting(settings: Settings, token: str | None, program: str) -> str:
    """Returns the text that is printed at startup; it shows a new token this one time."""
    url = settings.public_url
    rows = [("GraphQL", f"{url}/graphql")]
    if settings.explorer == "on":
        rows += [("Explorer", f"{url}/explorer/" + (f"#token={token}" if token else ""))]
    rows += [
        ("REST", f"{url}{settings.rest_prefix}/appointments/"),
        ("REST docs", f"{url}/docs"),
        ("Database", str(settings.database.absolute())),
        ("Token", token or f"create one with: {program} token create --organization NAME"),
    ]
    lines = ["Consularia Connect is starting; Ctrl+C stops it.", ""]
    lines += [f"  {name:<10} {value}" for name, value in rows]
    if token:
        from .demo import NAME

        lines += ["", f"The token is shown only once. It belongs to the demo “{NAME}”. Try:"]
        lines += ["", *example(url, token)]
    return "\n".join([*lines, "", ""])


def example(url: str, token: str) -> list[str]:
    """Returns a request to paste into a shell."""
    query = "{ appointments(first: 3) { nodes { title startDateTime status participantCount } } }"
    return [
        f"  curl -s {url}/graphql -H 'Authorization: Bearer {token}' \\",
        f"    -H 'Content-Type: application/json' -d '{json.dumps({'query': query})}'",
    ]
