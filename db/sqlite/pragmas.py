"""The pragmas of every SQLite connection that this service opens, in one place."""

import sqlite3
import time

# What the write-ahead log is cut back to when it begins anew; it grows to 4 MiB between
# checkpoints, and further behind a reader that stays open.
WAL_KEPT_BYTES = 16 * 1024 * 1024

WAL = "PRAGMA journal_mode = WAL"
SERVING = (
    WAL,
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
    "PRAGMA temp_store = MEMORY",
    "PRAGMA cache_size = -8192",
    # Mapped into memory, a file that somebody truncates is a bus error in place of an error.
    "PRAGMA mmap_size = 0",
    f"PRAGMA journal_size_limit = {WAL_KEPT_BYTES}",
)
READ_ONLY = "PRAGMA query_only = ON"

# How long one process waits for another that is making the same file.
TURN_SECONDS = 30.0


def waiting(seconds: float) -> str:
    """The pragma by which SQLite itself waits that long for a lock, in its calling thread."""
    return f"PRAGMA busy_timeout = {round(seconds * 1000)}"


def enter_wal(connection: sqlite3.Connection) -> None:
    """Switches a file to the write-ahead log, taking turns with others that do the same.

    SQLite answers "database is locked" at once, without waiting as long as it was told to, when
    two connections switch a new file at the same moment: each would wait for the other.

    Raises sqlite3.OperationalError after `TURN_SECONDS`.
    """
    until = time.monotonic() + TURN_SECONDS
    while True:
        try:
            connection.execute(WAL).close()
            return
        except sqlite3.OperationalError as error:
            if error.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() > until:
                raise
            time.sleep(0.01)
