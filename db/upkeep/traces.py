"""Removes what was deleted or changed from a SQLite file: its bytes stay until they are needed."""

import shutil
import sqlite3
import time
from contextlib import closing
from pathlib import Path

from .examination import OPERATIONS_A_LOOK
from .progress import Tell

# How long to wait for whoever writes or reads just now.
PATIENCE_SECONDS = 30.0


class TracesLeft(Exception):
    """The file still holds what was deleted; the message says why and what to do."""


def remove_traces(path: Path, tell: Tell) -> None:
    """Rewrites the file with what it holds now, and empties its log; writes wait meanwhile.

    Works beside a running service. Raises TracesLeft.
    """
    needed, free = path.stat().st_size, shutil.disk_usage(path.parent).free
    if free < 2 * needed:
        raise TracesLeft(
            f"rewriting {path} takes {2 * needed >> 20:,} MiB, and {free >> 20:,} MiB are free: "
            "make room, and run this again"
        )
    try:
        with closing(sqlite3.connect(path, timeout=PATIENCE_SECONDS, isolation_level=None)) as own:
            own.set_progress_handler(lambda: tell("rewriting the file", 0, 0), OPERATIONS_A_LOOK)
            own.execute("VACUUM")
            _empty_log(own)
    except sqlite3.Error as error:
        if getattr(error, "sqlite_errorcode", 0) == sqlite3.SQLITE_INTERRUPT:
            raise KeyboardInterrupt from error
        raise TracesLeft(f"{path} could not be rewritten: {error}; run this again") from error


def _empty_log(connection: sqlite3.Connection) -> None:
    until = time.monotonic() + PATIENCE_SECONDS
    while True:
        busy, *_ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        if not busy:
            return
        if time.monotonic() > until:
            raise TracesLeft(
                "something keeps reading an old state of the database (a shell, a copy), so its "
                "log cannot be emptied: end that, and run this again"
            )
        time.sleep(0.05)
