"""What a database holds: its revision, whether it agrees with itself, its latest event."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from db import migrate
from db.location import Location
from db.upkeep.examination import Examination

from .findings import Finding, fail, ok, warn

AHEAD = timedelta(minutes=1)
# Of large databases nobody waits for the end: `backup` reads all there is.
SECONDS = 6.0


def at(place: Location, revision: str) -> Finding:
    """How the revision of the database compares with this release."""
    head = migrate.head()
    if not revision:
        return fail("database.empty", f"{place} is empty", "run migrate")
    if revision == migrate.MOVING:
        message = f"{place} holds a move that is not complete"
        return fail("database.moving", message, "run it again, from the machine that it began on")
    compared = f"{place} is at revision {revision}, this release at {head}"
    if revision > head:
        return fail("database.newer", compared, "start a release that is at least as new")
    if revision < head:
        return warn(
            "database.older", compared, "run migrate, or start the service, which does that"
        )
    return ok("database", f"{place}, revision {revision}")


def whole(found: Examination) -> Iterator[Finding]:
    """Whether what the database holds agrees with itself."""
    for problem in found.problems:
        yield fail("content.damaged", problem, "restore a backup, or see docs/operations.md")
    if not found.problems:
        yield ok("content", f"whole: {found.summary()}")
        yield from _ahead(found.latest_event_at)


def unfinished() -> Finding:
    """That it is too large to be read within the time of this command."""
    return ok(
        "content",
        f"not read to the end, which takes more than {SECONDS:.0f} s; no damage in the part that "
        "was: a backup reads all of it",
    )


def _ahead(latest_event_at: datetime | None) -> Iterator[Finding]:
    """Whether something happened in the future, as the clock of this machine has it."""
    now = datetime.now(UTC)
    if latest_event_at is not None and latest_event_at - now > AHEAD:
        yield warn(
            "clock.behind",
            f"the latest event happened at {latest_event_at:%Y-%m-%d %H:%M:%SZ}, which lies ahead: "
            "this clock is slow, or another was fast, and links open by it",
            "set the clock of this machine, and keep those of all machines right by NTP",
        )
