"""What a database holds: its revision, whether it agrees with itself, its latest event."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from db import migrate
from db.location import Location
from db.upkeep.examination import Examination

from .findings import Finding, fail, ok, warn

AHEAD = timedelta(minutes=1)


def at(place: Location, revision: str) -> Finding:
    """How the revision of the database compares with this release."""
    head = migrate.head()
    if not revision:
        return fail("database", f"{place} is empty: run migrate")
    if revision == migrate.MOVING:
        return fail("database", f"{place} holds a move that is not complete: run it again")
    if revision > head:
        advice = "start a release that is at least as new"
        return fail(
            "database", f"{place} is at revision {revision}, this release at {head}: {advice}"
        )
    if revision < head:
        return warn(
            "database", f"{place} is at revision {revision}, this release at {head}: run migrate"
        )
    return ok("database", f"{place}, revision {revision}")


def whole(found: Examination) -> Iterator[Finding]:
    """Whether what the database holds agrees with itself."""
    for problem in found.problems:
        yield fail("content", f"{problem}: restore a backup, or see docs/operations.md")
    if not found.problems:
        yield ok("content", f"whole: {found.summary()}")
        yield from _ahead(found.latest_event_at)


def _ahead(latest_event_at: datetime | None) -> Iterator[Finding]:
    """Whether something happened in the future, as the clock of this machine has it."""
    now = datetime.now(UTC)
    if latest_event_at is not None and latest_event_at - now > AHEAD:
        yield warn(
            "clock",
            f"the latest event happened at {latest_event_at:%Y-%m-%d %H:%M:%SZ}, which lies ahead: "
            "this clock is slow, or another was fast; links open by it",
        )
