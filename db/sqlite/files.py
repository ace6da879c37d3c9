"""The database's files as the file system has them: still there, still ours, room beside them."""

import os
from pathlib import Path

# Below this much room a commit may fail at any moment; also what the log grows by in between.
ROOM_BYTES = 16 * 1024 * 1024
HEADER_BYTES = 100


class DatabaseFiles:
    """The file, its write-ahead log and the log's index, recognised by their inodes.

    An open file that was deleted takes writes for as long as the process lives, and then they
    are gone: so who commits asks first, and again before saying that it is kept.
    """

    def __init__(self, path: Path) -> None:
        # Resolved once: a relative path or a link must not lead elsewhere later on.
        self.path = path.resolve()
        self._names = [str(self.path) + suffix for suffix in ("", "-wal", "-shm")]
        self._known: dict[str, tuple[int, int]] = {}

    def remember(self) -> None:
        """Notes which files these are; a connection to them is open."""
        for name in self._names:
            found = os.stat(name)  # noqa: PTH116  (asked at every commit)
            self._known[name] = (found.st_dev, found.st_ino)

    def trouble(self) -> str | None:
        """Says what happened to the files; None when they are the ones that were opened."""
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
        """Returns the bytes of the write-ahead log; 0 when there is none."""
        try:
            return os.stat(self._names[1]).st_size  # noqa: PTH116
        except OSError:
            return 0

    def lack_of_room(self) -> str | None:
        """Says that the disk is full, or nearly; None when there is room."""
        try:
            found = os.statvfs(self.path.parent)
        except OSError as error:
            return f"the disk cannot be asked for its room: {error.strerror}"
        free = found.f_bavail * found.f_frsize
        if free >= ROOM_BYTES:
            return None
        return f"the disk is full: {free // 1024} KiB left beside the database"
