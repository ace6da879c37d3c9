"""Opens a database with its engine."""

from pathlib import Path

from .engine import Database
from .sqlite import SqliteDatabase


async def open_database(path: Path) -> Database:
    """Opens a migrated database; raises DatabaseUnavailable when it cannot."""
    return await SqliteDatabase.open(path)
