"""A new database takes its place, or that of an empty one, only when it is whole."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import partial
from pathlib import Path

from ..engine import DatabaseUnavailable
from .backup import link, sync

# How long somebody else who writes is waited for.
PATIENCE_SECONDS = 10.0


def put(draft: Path, file: Path) -> bool:
    """Gives a database that nobody has open its place; returns False if that is taken.

    Raises OSError and DatabaseUnavailable.
    """
    with _told(), closing(sqlite3.connect(draft)) as connection:
        # What is in the log has to be in the file, which alone is moved.
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    try:
        link(draft, file)
    except FileExistsError:
        return False
    sync(file.parent)
    return True


def fill(draft: Path, file: Path) -> bool:
    """Copies the rows into a database that holds no organization, all at once; False if it does.

    Waits up to 10 s for whoever writes to it. Raises DatabaseUnavailable.
    """
    # The tables take a third of a second to import, and most starts do not fill anything.
    from ..move.layout import tables

    connect = partial(sqlite3.connect, timeout=PATIENCE_SECONDS, isolation_level=None)
    with _told(), closing(connect(file)) as connection:
        connection.execute("ATTACH ? AS draft", (str(draft),))
        connection.execute("BEGIN IMMEDIATE")
        # Somebody may have made one since that was looked at.
        if connection.execute("SELECT 1 FROM main.organization LIMIT 1").fetchone():
            return False
        for table in tables():
            columns = ", ".join(table.columns)
            connection.execute(
                f"INSERT INTO main.{table.name} ({columns}) "  # noqa: S608  (our own names)
                f"SELECT {columns} FROM draft.{table.name}"
            )
        connection.execute("COMMIT")
    return True


@contextmanager
def _told() -> Iterator[None]:
    try:
        yield
    except sqlite3.Error as error:
        raise DatabaseUnavailable(str(error)) from error
