"""`run` with several workers: prepares, prints the addresses, and keeps the workers.

Light: the application is imported in processes that end, and in the workers.
"""

import asyncio
import fcntl
import os
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from socket import socket

from ..logs import configure
from ..serving.listening import CannotListen, listen
from ..serving.supervisor import Supervisor
from ..serving.worker import inherited
from ..settings import Settings
from ..settings.installed import COMMAND
from ..wire.descriptors import raise_limit
from .database import Unusable, claim, ensure_writable, keep_private
from .greeting import greet
from .terminal.output import complain

# Where to look if TMPDIR is too long a path, or cannot be written.
SHORT_FOLDERS = ("/tmp", "/var/tmp", "/dev/shm")  # noqa: S108
# The address of a Unix socket has at most 107 bytes, of which its own name needs a few.
LONGEST_FOLDER = 90
# How long what is half done gets to undo itself.
END_SECONDS = 5.0


def supervise(settings: Settings, program: str) -> int:
    """Serves with `settings.workers` processes until SIGINT or SIGTERM; returns the exit status.

    SIGHUP renews them one by one, from what is installed by then.
    """
    raise_limit()
    try:
        ensure_writable(settings)
        keep_private(settings)
        settings.signing_keys()
        claimed = claim(settings, to_serve=True)
        listener = listen(settings.host, settings.port)
        settings = settings.at(settings.host, listener.getsockname()[1])
    except (CannotListen, Unusable) as error:
        complain(str(error))
        return 1
    with _own_folder() as folder:
        status, text = _prepared(settings)
        if status:
            return status
        writer = configure(settings.log_level, settings.log_format)
        greet(text, program)
        try:
            return asyncio.run(
                _keep(settings, listener, None if claimed is None else claimed.descriptor, folder)
            )
        finally:
            writer.drain()


@contextmanager
def _own_folder() -> Iterator[Path]:
    """Makes a private folder for what the workers share, for as long as the block runs."""
    folder = _new_folder()
    descriptor = os.open(folder, os.O_RDONLY)
    # Whatever cleans temporary folders up leaves one that is locked alone, however old it is.
    fcntl.flock(descriptor, fcntl.LOCK_EX)
    try:
        yield folder
    finally:
        os.close(descriptor)
        shutil.rmtree(folder, ignore_errors=True)


def _new_folder() -> Path:
    """Makes a folder whose path leaves room for the addresses of sockets; raises Unusable."""
    for parent in (None, *SHORT_FOLDERS):
        with suppress(OSError):
            folder = Path(tempfile.mkdtemp(prefix="connect-", dir=parent))
            if len(os.fsencode(folder)) <= LONGEST_FOLDER:
                return folder
            folder.rmdir()
    raise Unusable(
        "workers share a folder for temporary files, and none can be made: set TMPDIR to one that "
        f"can be written and whose path has at most {LONGEST_FOLDER - 20} bytes"
    )


def _prepared(settings: Settings) -> tuple[int, str]:
    """Checks the settings, migrates and seeds; returns the exit status and what to print.

    In a process of its own, whose memory ends with it. It has said why when it failed; raises
    Unusable when it could not.
    """
    where = ("--host", settings.host, "--port", str(settings.port))
    child = subprocess.Popen(  # noqa: S603
        [*COMMAND, "prepare", *where], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE
    )
    try:
        printed, _ = child.communicate()
    except BaseException:
        child.terminate()
        with suppress(subprocess.TimeoutExpired):
            child.wait(END_SECONDS)
        raise
    finally:
        child.kill()
    if child.returncode < 0:
        raise Unusable(
            "the process that prepares the database was ended by signal "
            f"{-child.returncode} ({signal.strsignal(-child.returncode)}): start again; if it is "
            "ended again, see in the log of the system whether memory runs out"
        )
    return child.returncode, printed.decode(errors="replace")


async def _keep(settings: Settings, listener: socket, claimed: int | None, folder: Path) -> int:
    command = [
        *(*COMMAND, "worker", "--host", settings.host, "--port", str(settings.port)),
        *("--workers", str(settings.workers), "--folder", str(folder)),
        *("--listener", str(listener.fileno())),
    ]
    inheritance = inherited(command, listener.fileno(), claimed)
    # Who connects from then on is refused, instead of waiting in a queue that nobody serves.
    return await Supervisor(settings.workers, inheritance, _migrated, listener.close).run()


async def _migrated() -> bool:
    """Migrates as the release that is installed now wants it; returns whether that worked.

    Ends the migration, which then changes nothing, when it is cancelled.
    """
    child = await asyncio.create_subprocess_exec(
        *COMMAND, "migrate", stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL
    )
    try:
        return await child.wait() == 0
    finally:
        if child.returncode is None:
            child.terminate()
            await child.wait()
