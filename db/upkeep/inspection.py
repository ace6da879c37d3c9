"""What a database holds, asked without an engine: at start, and by the command line.

Imports no driver before it is needed.
"""

import sqlite3
from contextlib import closing
from pathlib import Path

from ..engine import DatabaseUnavailable
from ..location import Location, Server


def revision(location: Location) -> str | None:
    """Returns the revision of the schema; None when there is none yet.

    Raises DatabaseUnavailable when the database cannot be read.
    """
    found = _first(location, "alembic_version", "version_num")
    return None if found is None else str(found)


def holds_any(location: Location, table: str) -> bool:
    """Whether the table has any row; False when there is no such table.

    Raises DatabaseUnavailable when the database cannot be read.
    """
    return _first(location, table, "1") is not None


def _first(location: Location, table: str, column: str) -> object:
    if isinstance(location, Server):
        from ..postgresql import inspection

        return inspection.first(location.dsn, table, column)
    return _first_in_file(location.path, table, column)


def _first_in_file(path: Path, table: str, column: str) -> object:
    if not path.exists():
        return None
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as connection:
            known = "SELECT 1 FROM sqlite_master WHERE name = ?"
            if connection.execute(known, (table,)).fetchone() is None:
                return None
            row = connection.execute(f"SELECT {column} FROM {table} LIMIT 1").fetchone()  # noqa: S608
    except sqlite3.Error as error:
        raise DatabaseUnavailable(str(error)) from error
    return row[0] if row else None
