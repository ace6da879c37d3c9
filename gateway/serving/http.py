"""How uvicorn serves the application: our protocols, our timeouts, no access log."""

import asyncio
from typing import Any, cast

import uvicorn

from ..app import create_app
from ..crew import Crew
from ..settings import Settings
from ..wire.patience import PatientProtocol
from .listening import BACKLOG

# Longer than the minute for which proxies keep idle connections: if the server closed first, a
# request that is on its way would be lost.
KEEP_ALIVE_SECONDS = 75
DRAIN_SECONDS = 10
MOST_HEADER_BYTES = 65_536
MOST_MESSAGE_BYTES = 65_536


def websocket(**arguments: Any) -> asyncio.Protocol:
    """Returns the protocol of a WebSocket, whose library is imported with the first of them."""
    from ..wire.socket import PatientSocket

    return PatientSocket(**arguments)


def configuration(settings: Settings, crew: Crew | None = None) -> uvicorn.Config:
    """Returns the configuration of uvicorn: our HTTP protocol, timeouts, no access log."""
    return uvicorn.Config(
        create_app(settings, crew=crew),
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
