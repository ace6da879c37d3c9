"""Opens a database with the engine for it."""

from .engine import Database, DatabaseUnavailable
from .location import Location, Server
from .sqlite import SqliteDatabase


async def open_database(location: Location) -> Database:
    """Opens a migrated database; raises DatabaseUnavailable when that fails."""
    if isinstance(location, Server):
        raise DatabaseUnavailable("this release cannot open PostgreSQL yet")
    return await SqliteDatabase.open(location.path)
