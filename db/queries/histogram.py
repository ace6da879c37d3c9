"""Counting and finding places in long lists of appointments by the histogram of their starts.

Each answer is None where the histogram is not kept: the rows themselves have to be counted.
"""

from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from ..engine import Tenancy
from ..statement import Family
from .filters import Filter

_total: Family[Any] = Family("histogram.total")
_before: Family[Any] = Family("histogram.before")
_hour: Family[Any] = Family("histogram.hour")

INSTANT = timedelta(microseconds=1)
LAST_INSTANT = timedelta(hours=1) - INSTANT
# The text of an hour, and of the periods around it: `2026-03-02T09`.
LENGTHS = {"month": 7, "day": 10, "hour": 13}
# What the histogram knows besides the statuses.
KNOWN = frozenset({"starts_from", "starts_until"})


class Place(NamedTuple):
    """An hour, and how many appointments of that hour come before the one that was asked for."""

    begins_at: datetime
    skipped: int


def serves(wanted: Filter) -> bool:
    """Whether the histogram can tell the places of this list."""
    others = wanted._replace(starts_from=None, starts_until=None, status=None)
    return others == Filter() and wanted.status != ()


async def count(tx: Tenancy, wanted: Filter) -> int | None:
    """Returns how many appointments match."""
    until, since = await _before_end(tx, wanted), await _before_start(tx, wanted)
    return None if until is None or since is None else max(0, until - since)


async def hour_of(tx: Tenancy, wanted: Filter, offset: int, *, descending: bool) -> Place | None:
    """Returns the hour of the appointment with so many of the list before it."""
    around = await _beyond_end(tx, wanted) if descending else await _before_start(tx, wanted)
    if around is None:
        return None
    statuses = _statuses(wanted)
    statement = await _hour.ready(tx.dialect, len(statuses), descending)
    row = await tx.fetch_one(statement, place=around + offset, **statuses)
    if row is None:
        return None
    return Place(datetime.fromisoformat(f"{row[0]}:00:00+00:00"), int(row[1]))


async def _beyond_end(tx: Tenancy, wanted: Filter) -> int | None:
    if wanted.starts_until is None:
        return 0
    known, until = await _total_of(tx, wanted), await _before_end(tx, wanted)
    return None if known is None or until is None else known - until


async def _before_end(tx: Tenancy, wanted: Filter) -> int | None:
    end = wanted.starts_until
    if end is None or end >= datetime.max.replace(tzinfo=UTC):
        return await _total_of(tx, wanted)
    return await _before_instant(tx, wanted, end + INSTANT)


async def _before_start(tx: Tenancy, wanted: Filter) -> int | None:
    if wanted.starts_from is None:
        return 0
    return await _before_instant(tx, wanted, wanted.starts_from)


async def _total_of(tx: Tenancy, wanted: Filter) -> int | None:
    statuses = _statuses(wanted)
    row = await tx.fetch_one(await _total.ready(tx.dialect, len(statuses)), **statuses)
    return None if row is None else int(row[0])


async def _before_instant(tx: Tenancy, wanted: Filter, instant: datetime) -> int | None:
    statuses = _statuses(wanted)
    instant = instant.astimezone(UTC)
    begins_at = instant.replace(minute=0, second=0, microsecond=0)
    text = begins_at.isoformat()
    periods = {name: text[:length] for name, length in LENGTHS.items()}
    statement = await _before.ready(tx.dialect, len(statuses))
    row = await tx.fetch_one(statement, **periods, begins_at=begins_at, instant=instant, **statuses)
    return None if row is None else int(row[0])


def _statuses(wanted: Filter) -> dict[str, Any]:
    return {name: value for name, value in wanted.values().items() if name not in KNOWN}
