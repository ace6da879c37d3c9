"""Checks the database's files: whether they still exist, are the same, and have room to grow."""

import os
from pathlib import Path

from ..engine import DatabaseUnavailable, Size

# With less free space than this a commit may fail at any time; the log can grow by as much
# between two checks.
ROOM_BYTES = 16 * 1024 * 1024
HEADER_BYTES = 100


class DatabaseFiles:
    """The file, its write-ahead log and the log's index, identified by their inodes.

    A deleted file accepts writes as long as it is open, and they are lost when the process ends.
    So every commit checks the files before, and again before it is reported as durable.
    """

    def __init__(self, path: Path) -> None:
        # Resolved once, so that a relative path or a symbolic link cannot point elsewhere later.
        self.path = path.resolve()
        self._names = [str(self.path) + suffix for suffix in ("", "-wal", "-shm")]
        self._known: dict[str, tuple[int, int]] = {}

    def remember(self) -> None:
        """Records the inodes; a connection to the files must be open."""
        for name in self._names:
            found = os.stat(name)  # noqa: PTH116  (runs at every commit)
            self._known[name] = (found.st_dev, found.st_ino)

    def trouble(self) -> str | None:
        """Returns what happened to the files; None when they are still those that were opened."""
        for name, known in self._known.items():
            label = f"the database file {name.rpartition('/')[2]}"
            try:
                found = os.stat(name)  # noqa: PTH116
            except FileNotFoundError:
                return f"{label} was deleted: put it back, or restore a backup and restart"
            except OSError as error:
                return f"{label} cannot be found: {error.strerror}"
            if (found.st_dev, found.st_ino) != known:
                return f"{label} was replaced while the service runs: restart the service"
            if name == self._names[0] and found.st_size < HEADER_BYTES:
                return f"{label} was emptied: restore a backup and restart"
        return None

    def log_size(self) -> int:
        """Returns the size of the write-ahead log in bytes; 0 when there is none."""
        try:
            return os.stat(self._names[1]).st_size  # noqa: PTH116
        except OSError:
            return 0

    def size(self) -> Size:
        """Returns the size of the file and the free space; raises DatabaseUnavailable."""
        try:
            found = os.statvfs(self.path.parent)
            return Size(self.path.stat().st_size, found.f_bavail * found.f_frsize)
        except OSError as error:
            raise DatabaseUnavailable(f"the database file: {error.strerror}") from error

    def lack_of_room(self) -> str | None:
        """Returns a message when the disk is full or nearly full; None when there is room."""
        try:
            found = os.statvfs(self.path.parent)
        except OSError as error:
            return f"the free space of the disk is unknown: {error.strerror}"
        free = found.f_bavail * found.f_frsize
        if free >= ROOM_BYTES:
            return None
        return f"the disk is full: {free // 1024} KiB left beside the database"
