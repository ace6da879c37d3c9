"""Opens a database with the engine for it."""

from .engine import Database, Options
from .location import Location, Server
from .sqlite import SqliteDatabase

DEFAULTS = Options()


async def open_database(location: Location, options: Options = DEFAULTS) -> Database:
    """Opens a migrated database; raises DatabaseUnavailable when that fails."""
    if isinstance(location, Server):
        # Its driver is not needed for a file.
        from .postgresql import PostgresDatabase

        return await PostgresDatabase.open(location.dsn, options)
    return await SqliteDatabase.open(location.path, options.siblings)


def import_engine(location: Location) -> None:
    """Imports the engine for a database: threads that import it at once can see it half made."""
    if isinstance(location, Server):
        from . import postgresql  # noqa: F401
