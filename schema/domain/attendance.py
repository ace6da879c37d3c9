"""Attendance: stays in the room, read off the event log, and how much of it is kept."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from db.models import EventType, PresenceRow

# Joins of one link that are recorded in a day (UTC), and as many leaves. The link goes on working.
MOST_A_DAY = 200
# Joins and leaves that attendance is read off, the latest: the longest page with both of each stay.
MOST_READ = 200


class Stay(NamedTuple):
    """One stay in the room; `left_at` is None when nobody reported its end."""

    joined_at: datetime
    left_at: datetime | None = None


def stays(log: Sequence[PresenceRow]) -> list[Stay]:
    """Returns a person's stays, oldest first; leaving ends the longest of those still open."""
    found: list[Stay] = []
    for event in log:
        if event.type == EventType.PARTICIPANT_JOINED:
            found.append(Stay(event.occurred_at))
            continue
        for place, stay in enumerate(found):
            if stay.left_at is None:
                # The room service reports whole seconds of its own clock.
                found[place] = stay._replace(left_at=max(stay.joined_at, event.occurred_at))
                break
    return found


def is_counted(earlier: datetime | None, now: datetime) -> bool:
    """Whether one more is recorded, when the `MOST_A_DAY`-th latest was at `earlier`."""
    today = now.replace(hour=0, minute=0, second=0, microsecond=0)
    return earlier is None or earlier < today
