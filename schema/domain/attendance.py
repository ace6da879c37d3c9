"""Attendance: stays in the room, read off the event log, and how much of it is kept."""

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import NamedTuple

from db.models import EventType, PresenceRow

# Joins of one link that are recorded in a day (UTC), and as many leaves. The link goes on working.
MOST_A_DAY = 200
# In the data of a leave: the seat that was left, whose id the event of its join has.
SEAT = "seat"
# Joins and leaves that attendance is read off, the latest: the longest page with both of each stay.
MOST_READ = 200


class Stay(NamedTuple):
    """One stay in the room; `left_at` is None when nobody reported its end."""

    joined_at: datetime
    left_at: datetime | None = None


def stays(log: Sequence[PresenceRow]) -> list[Stay]:
    """Returns a person's stays, oldest first.

    Leaving a seat ends the stay on it. A leave that names none ends the longest of those that are
    still open.
    """
    found: dict[str, Stay] = {}
    for event in log:
        if event.type == EventType.PARTICIPANT_JOINED:
            found[event.id] = Stay(event.occurred_at)
            continue
        left = (event.data or {}).get(SEAT) or next(_open(found), None)
        if left in found:
            # The room service reports whole seconds of its own clock.
            joined_at = found[left].joined_at
            found[left] = Stay(joined_at, max(joined_at, event.occurred_at))
    return list(found.values())


def _open(found: dict[str, Stay]) -> Iterator[str]:
    return (id for id, stay in found.items() if stay.left_at is None)


def is_counted(earlier: datetime | None, now: datetime) -> bool:
    """Whether one more is recorded, when the `MOST_A_DAY`-th latest was at `earlier`."""
    today = now.replace(hour=0, minute=0, second=0, microsecond=0)
    return earlier is None or earlier < today
