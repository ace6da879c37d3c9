"""The machine: room on the disk, and how many files may be open."""

import shutil
from collections.abc import Iterator
from pathlib import Path

from db import location
from db.location import SqliteFile

from ...settings import Settings
from ...wire.descriptors import raised_limit
from ..upkeep.copies import size
from .findings import Finding, fail, ok, warn

# Below this the service is not ready: see db/sqlite/files.py.
ROOM_BYTES = 16 << 20
LOG_BYTES = 64 << 20
# A server with fewer connections than this turns people away on an ordinary morning.
LEAST_CONNECTIONS = 1_000


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
            "disk.full",
            f"{folder} has {size(free)} free, and writes are refused",
            "make room: they are accepted again at once",
        )
    if free < 2 * used + ROOM_BYTES:
        return warn(
            "disk.tight",
            f"{folder} has {size(free)} free, and the database takes {size(used)}",
            "make room: a migration, or a backup beside it, may not fit",
        )
    return ok("disk", f"{size(free)} free; the database takes {size(used)}")


def _log(path: Path) -> Finding:
    kept = _bytes(path)
    if kept <= LOG_BYTES:
        return ok("log", f"the write-ahead log takes {size(kept)}")
    return warn(
        "log.long",
        f"{path} takes {size(kept)}: something has been reading for long (a shell, a copy)",
        "end it, and the log is emptied",
    )


def _bytes(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0


def limits(settings: Settings) -> Iterator[Finding]:
    """Whether as many files and sockets may be open as an ordinary day needs."""
    files = raised_limit()
    connections = files * 3 // 4
    if connections - settings.database_connections < LEAST_CONNECTIONS:
        yield warn(
            "limits.files",
            f"a process may open {files:,} files, so that it keeps {connections:,} connections at "
            f"most, those to a database server among them",
            "raise the hard limit: LimitNOFILE=65536 for systemd, --ulimit nofile=65536 for a "
            "container, ulimit -Hn 65536 in a shell",
        )
    else:
        yield ok("limits", f"a process may open {files:,} files")
