"""The running service, if there is one."""

from collections.abc import Iterator

from db.location import SqliteFile
from db.upkeep.occupancy import is_in_use

from ...settings import Settings
from .. import healthcheck
from .findings import Finding, ok, warn


def server(settings: Settings) -> Iterator[Finding]:
    """Whether a server answers at the configured address, and is ready."""
    problem = healthcheck.problem(settings)
    if problem is None:
        yield ok("service", f"ready at port {settings.port}")
    elif problem.startswith("the server is not ready"):
        yield warn("service", problem)
    else:
        yield ok("service", f"none answers at port {settings.port} ({_open(settings)})")


def _open(settings: Settings) -> str:
    place = settings.database
    if not isinstance(place, SqliteFile):
        return "others may be elsewhere"
    if place.path.exists() and is_in_use(place.path):
        return "but a process has the database open"
    return "and no process has the database open"
