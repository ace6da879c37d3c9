"""The pragmas of every SQLite connection of this service."""

import sqlite3
import time

# The write-ahead log is truncated to this size when it starts over. Between checkpoints it grows
# to 4 MiB, and further while a reader keeps its snapshot.
WAL_KEPT_BYTES = 16 * 1024 * 1024

WAL = "PRAGMA journal_mode = WAL"
SERVING = (
    WAL,
    "PRAGMA synchronous = FULL",
    "PRAGMA foreign_keys = ON",
    "PRAGMA temp_store = MEMORY",
    "PRAGMA cache_size = -8192",
    # With memory mapping, truncating the file would kill the process with SIGBUS.
    "PRAGMA mmap_size = 0",
    f"PRAGMA journal_size_limit = {WAL_KEPT_BYTES}",
)
READ_ONLY = "PRAGMA query_only = ON"

# How long one process waits for another that is creating the same file.
TURN_SECONDS = 30.0


def waiting(seconds: float) -> str:
    """Returns the pragma that makes SQLite wait for locks, blocking the calling thread."""
    return f"PRAGMA busy_timeout = {round(seconds * 1000)}"


def enter_wal(connection: sqlite3.Connection) -> None:
    """Switches a file to the write-ahead log, retrying while other processes do the same.

    When two connections switch a new file at the same time, SQLite fails with "database is
    locked" at once, whatever its busy timeout, because each would wait for the other.

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
