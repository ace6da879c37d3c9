"""Whether another process has a SQLite database open."""

import fcntl
from pathlib import Path

# Where SQLite locks the file: in WAL mode every open connection holds a read lock on these bytes.
SHARED_FIRST, SHARED_SIZE = 0x40000002, 510


def is_in_use(path: Path) -> bool:
    """Whether another process has the database open, also when its content is damaged.

    Raises OSError when the file cannot be opened for writing.
    """
    with path.open("r+b") as file:
        try:
            fcntl.lockf(file, fcntl.LOCK_EX | fcntl.LOCK_NB, SHARED_SIZE, SHARED_FIRST)
        except OSError:
            return True
    return False
