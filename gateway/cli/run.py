"""`run` in one process: migrates, seeds an empty embedded database, prints the addresses, serves.

Also what each worker of several does, which is to serve.
"""

import gc
import importlib
import shutil
import signal
import sys
from socket import socket

import structlog
import uvicorn

from db import precompiled

from ..crew import Crew
from ..crew.balance import Balance
from ..logs import configure
from ..serving.control import Control
from ..serving.http import configuration
from ..serving.listening import CannotListen, listen
from ..serving.signals import Ended
from ..settings import Settings
from ..settings.installed import PROGRAM
from ..wire.descriptors import raise_limit
from ..wire.memory import return_large_blocks
from ..wire.server import Server
from .database import Unusable, claim, ensure_writable, keep_private, migrate_apart
from .first_start import make_demo
from .greeting import greet, greeting, remarks
from .terminal.output import complain, remark
from .waiting import wait_for_server

log = structlog.get_logger("connect.start")


def run(settings: Settings, program: str) -> int:
    """Serves until SIGINT or SIGTERM, then drains for at most 10 s; returns the exit status."""
    raise_limit()
    try:
        ensure_writable(settings)
        keep_private(settings)
        settings.signing_keys()
        # Kept until the process ends: whoever starts another on this database is told so.
        claim(settings, to_serve=True)
        listener = listen(settings.host, settings.port)
        settings = settings.at(settings.host, listener.getsockname()[1])
        # Nothing is shown above the greeting, nor are there threads while a migration is forked.
        writer = configure(settings.log_level, settings.log_format, is_held=True)
        served, text = prepare(settings, program)
    except (CannotListen, Unusable) as error:
        complain(str(error))
        return 1
    server = Server(served, writer.drain)
    greet(text, program)
    writer.release()
    return serve(server, listener)


def prepare(settings: Settings, program: str) -> tuple[uvicorn.Config, str]:
    """Makes the database ready; returns how the application is served, and what to print.

    Raises WrongSetting and Unusable.
    """
    # Before the migration, so that a wrong setting is reported before the database changes.
    served = configuration(settings)
    token = make_demo(settings) if settings.is_embedded else None
    wait_for_server(settings)
    migrate_apart(settings)
    for line in remarks(settings):
        remark(line)
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
    if sys.platform != "win32" and signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:
        # A terminal that is closed stops the server as SIGTERM does: it drains. Not with `nohup`.
        signal.signal(signal.SIGHUP, lambda *_: signal.raise_signal(signal.SIGTERM))
    try:
        server.run(sockets=[listener])
    except (KeyboardInterrupt, Ended):
        # Raised again by uvicorn once it has drained; before it serves there is nothing to drain.
        if not server.started:
            raise
    return 0 if server.started else 3


def ensure_compiled() -> None:
    """Imports the compiler before the first request if the precompiled statements are stale."""
    if not precompiled.is_current():
        log.warning("statements_stale", renew=f"{PROGRAM} statements {precompiled.FILE}")
        importlib.import_module("db.compiler")
