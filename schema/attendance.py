"""Attendance: stays in the room, read off the event log.

Pure; called by `schema.loaders`.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from db.models import EventRow


class Stay(NamedTuple):
    """One stay in the room; `left_at` is None when nobody told that it ended."""

    joined_at: datetime
    left_at: datetime | None = None


def stays(log: Sequence[EventRow]) -> list[Stay]:
    """Returns a person's stays, oldest first; leaving ends the longest of those still open."""
    found: list[Stay] = []
    for event in log:
        if event.type == "participant.joined":
            found.append(Stay(event.occurred_at))
            continue
        for place, stay in enumerate(found):
            if stay.left_at is None:
                # The room service tells whole seconds of its own clock.
                found[place] = stay._replace(left_at=max(stay.joined_at, event.occurred_at))
                break
    return found
