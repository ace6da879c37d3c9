"""Migrations, which are the only way to create a database.

Imports Alembic only when a migration is necessary: the import takes half a second and several MiB.
"""

from collections.abc import Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from .engine import DatabaseUnavailable
from .location import Location, Server
from .upkeep import inspection
from .upkeep.steps import Steps

if TYPE_CHECKING:
    from alembic.config import Config

    from .upkeep.progress import Tell

MIGRATIONS = Path(__file__).parent / "migrations"
VERSIONS = MIGRATIONS / "versions"
# In the place of a revision while a database is moved here: later than all, so no service starts.
MOVING = "moving"


def head() -> str:
    """Returns the newest revision: the number of the newest file in `migrations/versions`."""
    return max(_revisions())


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


def is_served(location: Location) -> bool:
    """Whether the database is at the newest revision or at a later one.

    A later release has migrated it then, while this one still serves: what it needs is kept.
    """
    revision = current(location)
    return revision is not None and head() <= revision != MOVING


def upgrade(location: Location, tell: "Tell | None" = None) -> bool:
    """Migrates a database to the newest revision; returns whether that was necessary.

    A file is migrated in one transaction, a server in one for each revision; `tell` hears which
    step is next. Raises DatabaseUnavailable when it cannot be used, and the exceptions of Alembic.
    """
    before = current(location)
    if before == head():
        return False
    steps = Steps([(each, _name(each)) for each in _after(before)], tell)
    steps.reach(before)
    if isinstance(location, Server):
        from .postgresql import inspection as server

        server.ensure_fit(location.dsn)
        for revision in _after(before):
            server.migrating(partial(_run, location, revision, steps))
    else:
        _run(location, "head", steps)
    return True


def _name(revision: str) -> str:
    (path,) = VERSIONS.glob(f"{revision}_*.py")
    return path.stem.partition("_")[2].replace("_", " ")


def _run(location: Location, revision: str, steps: Steps) -> None:
    from alembic import command

    config = configured(location)
    config.attributes["steps"] = steps
    command.upgrade(config, revision)


def configured(location: Location) -> "Config":
    """Returns what Alembic's commands need to work on a database."""
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS).replace("%", "%%"))
    config.attributes["location"] = location
    config.attributes["steps"] = Steps()
    return config


def _after(revision: str | None) -> list[str]:
    return [each for each in sorted(_revisions()) if revision is None or each > revision]


def _revisions() -> Iterator[str]:
    return (path.name[:4] for path in VERSIONS.glob("[0-9]*.py"))
