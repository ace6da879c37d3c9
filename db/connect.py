"""Opens a database with the engine for it."""

from pathlib import Path

from .engine import Database
from .sqlite import SqliteDatabase


async def open_database(path: Path) -> Database:
    """Opens a migrated database; raises DatabaseUnavailable when that fails."""
    return await SqliteDatabase.open(path)
