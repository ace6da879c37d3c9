"""Migrations, which are the only way to create a database.

Imports Alembic only when a migration is necessary: the import takes half a second and several MiB.
"""

import sqlite3
from contextlib import closing
from pathlib import Path

from .engine import DatabaseUnavailable

MIGRATIONS = Path(__file__).parent / "migrations"
VERSIONS = MIGRATIONS / "versions"


def head() -> str:
    """Returns the newest revision: the number of the newest file in `migrations/versions`."""
    return max(path.name[:4] for path in VERSIONS.glob("[0-9]*.py"))


def current(path: Path) -> str | None:
    """Returns the revision of a SQLite file; None when it has none yet.

    Raises DatabaseUnavailable when the file cannot be read or is not a database.
    """
    if not path.exists():
        return None
    try:
        return _revision(path)
    except sqlite3.Error as error:
        raise DatabaseUnavailable(str(error)) from error


def _revision(path: Path) -> str | None:
    connection = sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)
    try:
        row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    except sqlite3.OperationalError as error:
        if not str(error).startswith("no such table"):
            raise
        return None
    finally:
        connection.close()
    return row[0] if row else None


def holds_appointments(path: Path) -> bool:
    """Whether a SQLite file holds any appointment; False when there is no file.

    Raises OSError when it cannot be read.
    """
    return _holds_any(path, "appointment")


def holds_organizations(path: Path) -> bool:
    """Whether a SQLite file holds any organization; False when there is no file.

    Raises OSError when it cannot be read.
    """
    return _holds_any(path, "organization")


def _holds_any(path: Path, table: str) -> bool:
    if not path.exists():
        return False
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as connection:
            known = "SELECT 1 FROM sqlite_master WHERE name = ?"
            if connection.execute(known, (table,)).fetchone() is None:
                return False
            row = connection.execute(f"SELECT 1 FROM {table} LIMIT 1").fetchone()  # noqa: S608
            return row is not None
    except sqlite3.Error as error:
        raise OSError(f"{path} cannot be read: {error}") from error


def is_current(path: Path) -> bool:
    """Whether the SQLite file is at the newest revision."""
    return current(path) == head()


def upgrade(path: Path) -> bool:
    """Migrates a SQLite file to the newest revision; returns whether that was necessary.

    Raises DatabaseUnavailable when the file cannot be read, and the exceptions of Alembic.
    """
    if is_current(path):
        return False
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["url"] = f"sqlite:///{path}"
    command.upgrade(config, "head")
    return True
