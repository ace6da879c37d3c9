"""Migrations, which are the only way to create a database.

Imports Alembic only when a migration is necessary: the import takes half a second and several MiB.
"""

from pathlib import Path

from .engine import DatabaseUnavailable
from .location import Location, Server
from .upkeep import inspection

MIGRATIONS = Path(__file__).parent / "migrations"
VERSIONS = MIGRATIONS / "versions"


def head() -> str:
    """Returns the newest revision: the number of the newest file in `migrations/versions`."""
    return max(path.name[:4] for path in VERSIONS.glob("[0-9]*.py"))


def current(location: Location) -> str | None:
    """Returns the revision of a database; None when it has none yet.

    Raises DatabaseUnavailable when it cannot be read.
    """
    return inspection.revision(location)


def holds_appointments(location: Location) -> bool:
    """Whether a database holds any appointment; False when there is none yet.

    Raises OSError when it cannot be read.
    """
    return _holds_any(location, "appointment")


def holds_organizations(location: Location) -> bool:
    """Whether a database holds any organization; False when there is none yet.

    Raises OSError when it cannot be read.
    """
    return _holds_any(location, "organization")


def _holds_any(location: Location, table: str) -> bool:
    try:
        return inspection.holds_any(location, table)
    except DatabaseUnavailable as error:
        raise OSError(f"{location} cannot be read: {error}") from error


def is_current(location: Location) -> bool:
    """Whether the database is at the newest revision."""
    return current(location) == head()


def upgrade(location: Location) -> bool:
    """Migrates a database to the newest revision; returns whether that was necessary.

    Raises DatabaseUnavailable when it cannot be read, and the exceptions of Alembic.
    """
    if is_current(location):
        return False
    if isinstance(location, Server):
        raise DatabaseUnavailable("this release cannot migrate PostgreSQL yet")
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["url"] = f"sqlite:///{location.path}"
    command.upgrade(config, "head")
    return True
