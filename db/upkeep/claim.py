"""One service at a time on a database file: a claim that the system takes back with the process."""

import os
import socket
import sys
import time
from pathlib import Path

from ..location import OWNER_ONLY, Location, SqliteFile

if sys.platform != "win32":
    import fcntl

SUFFIX = ".lock"
# One that was just stopped or killed may need a moment to end.
PATIENCE_SECONDS = 2.0
LOOK_SECONDS = 0.05


class Claimed(Exception):
    """Another process serves the database; its text is one line that says what to do."""


class Claim:
    """The claim on a file, held until every process that has inherited `descriptor` is gone.

    A lock of its own file: one on the database would be lost with any other descriptor of it.
    """

    def __init__(self, descriptor: int) -> None:
        self.descriptor = descriptor

    def release(self) -> None:
        """Gives this process's hold on the claim back."""
        os.close(self.descriptor)


def lock_file(database: Path) -> Path:
    """Returns the file whose lock is the claim on a database, whatever name leads to it."""
    real = database.resolve()
    return real.with_name(real.name + SUFFIX)


def claim(location: Location, patience_seconds: float = PATIENCE_SECONDS) -> Claim | None:
    """Claims a database that is a file; returns None for one on a server, which many may serve.

    Raises Claimed when another process keeps it for longer than `patience_seconds`, and OSError.
    """
    if not isinstance(location, SqliteFile) or sys.platform == "win32":
        return None
    path = lock_file(location.path)
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, OWNER_ONLY)
    try:
        _lock(descriptor, location, time.monotonic() + patience_seconds)
        os.truncate(descriptor, 0)
        os.pwrite(descriptor, f"{os.getpid()} on {socket.gethostname()}\n".encode(), 0)
    except BaseException:
        os.close(descriptor)
        raise
    return Claim(descriptor)


def _lock(descriptor: int, location: Location, until: float) -> None:
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            if time.monotonic() > until:
                holder = os.pread(descriptor, 200, 0).decode(errors="replace").strip()
                raise Claimed(
                    f"{location} is served by process {holder or 'unknown'}: stop that one first"
                ) from None
            time.sleep(LOOK_SECONDS)
