"""A new database takes its place only when it is whole."""

import sqlite3
from contextlib import closing
from pathlib import Path

from .backup import link, sync


def put(draft: Path, file: Path) -> bool:
    """Gives a database that nobody has open its place; returns False if that is taken.

    Raises OSError and sqlite3.Error.
    """
    with closing(sqlite3.connect(draft)) as connection:
        # What is in the log has to be in the file, which alone is moved.
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    try:
        link(draft, file)
    except FileExistsError:
        return False
    sync(file.parent)
    return True
