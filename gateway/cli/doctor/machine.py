"""The machine: room on the disk, and its clock."""

import asyncio
import shutil
import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

from db import location
from db.location import SqliteFile

from ...settings import Settings
from ..upkeep.copies import size
from .findings import Finding, fail, ok, warn

# Below this the service is not ready: see db/sqlite/files.py.
ROOM_BYTES = 16 << 20
LOG_BYTES = 64 << 20
WATCHED_SECONDS = 0.5
# How far the wall clock may differ from the time that passes while it is watched.
UNEVEN_SECONDS = 0.1
# A machine without a clock of its own begins in 1970 or at the build of its system.
EARLIEST = datetime(2026, 1, 1, tzinfo=UTC)


def disk(settings: Settings) -> Iterator[Finding]:
    """Whether the database can grow, and whether there is room for a copy of it."""
    place = settings.database
    if not isinstance(place, SqliteFile):
        return
    folder = place.path.resolve().parent
    while not folder.is_dir():
        folder = folder.parent
    yield _room(folder, _bytes(place.path))
    yield _log(location.files(place.path)[1])


def _room(folder: Path, used: int) -> Finding:
    free = shutil.disk_usage(folder).free
    if free < ROOM_BYTES:
        return fail(
            "disk", f"{folder} has {size(free)} free: writes are refused until there is room"
        )
    if free < 2 * used + ROOM_BYTES:
        return warn(
            "disk",
            f"{folder} has {size(free)} free, and the database takes {size(used)}: "
            "there may be no room for a migration, or for a backup beside it",
        )
    return ok("disk", f"{size(free)} free; the database takes {size(used)}")


def _log(path: Path) -> Finding:
    kept = _bytes(path)
    if kept <= LOG_BYTES:
        return ok("log", f"the write-ahead log takes {size(kept)}")
    return warn(
        "log",
        f"{path} takes {size(kept)}: something has been reading for long (a shell, a "
        "copy); end it, and the log is emptied",
    )


def _bytes(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def clock(settings: Settings) -> Iterator[Finding]:
    """Whether the time is plausible and runs evenly."""
    now = datetime.now(UTC)
    drift = asyncio.run(_drift())
    if now < EARLIEST:
        yield fail(
            "clock",
            f"it is {now:%Y-%m-%d %H:%MZ} here: set the clock; links would open at wrong times",
        )
    elif abs(drift) > UNEVEN_SECONDS:
        yield warn(
            "clock",
            f"the clock was moved by {drift:+.1f} s while it was watched: is it being set? "
            "Appointments keep their status while it jumps",
        )
    else:
        yield ok("clock", f"{now:%Y-%m-%d %H:%M:%SZ}, runs evenly")


async def _drift() -> float:
    before = time.time() - time.monotonic()
    await asyncio.sleep(WATCHED_SECONDS)
    return time.time() - time.monotonic() - before
