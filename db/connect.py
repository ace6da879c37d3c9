"""Opens a database with the engine for it."""

from .engine import Database
from .location import Location, Server
from .sqlite import SqliteDatabase


async def open_database(location: Location) -> Database:
    """Opens a migrated database; raises DatabaseUnavailable when that fails."""
    if isinstance(location, Server):
        # Its driver is not needed for a file.
        from .postgresql import PostgresDatabase

        return await PostgresDatabase.open(location.dsn)
    return await SqliteDatabase.open(location.path)
