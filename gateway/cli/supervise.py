"""`run` with several workers: prepares, prints the addresses, and keeps the workers.

Light: the application is imported in processes that end, and in the workers.
"""

import asyncio
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from socket import socket

from ..logs import configure
from ..serving.listening import CannotListen, listen
from ..serving.supervisor import Supervisor
from ..serving.worker import inherited
from ..settings import Settings
from ..wire.descriptors import raise_limit
from .database import Unusable, claim, keep_private

COMMAND = (sys.executable, "-m", "gateway.cli")


def supervise(settings: Settings) -> int:
    """Serves with `settings.workers` processes until SIGINT or SIGTERM; returns the exit status.

    SIGHUP renews them one by one, from what is installed by then.
    """
    raise_limit()
    try:
        keep_private(settings)
        settings.signing_keys()
        claimed = claim(settings)
        listener = listen(settings.host, settings.port)
        settings = settings.at(settings.host, listener.getsockname()[1])
    except (CannotListen, Unusable) as error:
        sys.stderr.write(f"connect: {error}\n")
        return 1
    status, text = _prepared(settings)
    if status:
        return abs(status)
    writer = configure(settings.log_level, settings.log_format)
    sys.stdout.write(text)
    sys.stdout.flush()
    folder = Path(tempfile.mkdtemp(prefix="connect-"))
    try:
        return asyncio.run(
            _keep(settings, listener, None if claimed is None else claimed.descriptor, folder)
        )
    finally:
        writer.drain()
        shutil.rmtree(folder, ignore_errors=True)


def _prepared(settings: Settings) -> tuple[int, str]:
    """Checks the settings, migrates and seeds; returns the exit status and what to print.

    In a process of its own, whose memory ends with it. It has said why when it failed.
    """
    where = ("--host", settings.host, "--port", str(settings.port))
    done = subprocess.run(  # noqa: S603
        [*COMMAND, "prepare", *where], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, check=False
    )
    return done.returncode, done.stdout.decode()


async def _keep(settings: Settings, listener: socket, claimed: int | None, folder: Path) -> int:
    command = [
        *(*COMMAND, "worker", "--host", settings.host, "--port", str(settings.port)),
        *("--workers", str(settings.workers), "--folder", str(folder)),
        *("--listener", str(listener.fileno())),
    ]
    inheritance = inherited(command, listener.fileno(), claimed)
    # Who connects from then on is refused, instead of waiting in a queue that nobody serves.
    return await Supervisor(settings.workers, inheritance, _migrated, listener.close).run()


def _migrated() -> bool:
    """Migrates as the release that is installed now wants it; returns whether that worked."""
    done = subprocess.run(  # noqa: S603
        [*COMMAND, "migrate"], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, check=False
    )
    return done.returncode == 0
