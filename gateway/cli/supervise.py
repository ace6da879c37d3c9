"""`run` with several workers: prepares, prints the addresses, and keeps the workers.

Light: the application is imported in processes that end, and in the workers.
"""

import asyncio
import fcntl
import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from socket import socket

from ..logs import configure
from ..serving.listening import CannotListen, listen
from ..serving.supervisor import Supervisor
from ..serving.worker import inherited
from ..settings import Settings
from ..settings.installed import COMMAND
from ..wire.descriptors import raise_limit
from .database import Unusable, claim, keep_private


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
    try:
        with _own_folder() as folder:
            return asyncio.run(
                _keep(settings, listener, None if claimed is None else claimed.descriptor, folder)
            )
    finally:
        writer.drain()


@contextmanager
def _own_folder() -> Iterator[Path]:
    """Makes a private folder for what the workers share, for as long as the block runs."""
    folder = Path(tempfile.mkdtemp(prefix="connect-"))
    descriptor = os.open(folder, os.O_RDONLY)
    # Whatever cleans temporary folders up leaves one that is locked alone, however old it is.
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    try:
        yield folder
    finally:
        os.close(descriptor)
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
