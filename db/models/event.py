"""Rows of the event log, which records every change in order.

Events are written in the transaction of the change, and never changed.
"""

from datetime import datetime
from enum import StrEnum
from typing import Any, NamedTuple


class EventSource(StrEnum):
    """Where a change came from."""

    REST = "rest"
    GRAPHQL = "graphql"
    CLI = "cli"
    CLOCK = "clock"
    LINK = "link"


class EventType(StrEnum):
    """The types of events."""

    APPOINTMENT_CREATED = "appointment.created"
    APPOINTMENT_UPDATED = "appointment.updated"
    APPOINTMENT_RESCHEDULED = "appointment.rescheduled"
    APPOINTMENT_STARTED = "appointment.started"
    APPOINTMENT_COMPLETED = "appointment.completed"
    APPOINTMENT_CANCELLED = "appointment.cancelled"
    APPOINTMENT_MISSED = "appointment.missed"
    APPOINTMENT_DELETED = "appointment.deleted"
    PARTICIPANT_ADDED = "participant.added"
    PARTICIPANT_UPDATED = "participant.updated"
    PARTICIPANT_REMOVED = "participant.removed"
    PARTICIPANT_LINK_ROTATED = "participant.link_rotated"
    # The types in the partial index `event_of_stay`; a statement must spell them out to use it.
    PARTICIPANT_JOINED = "participant.joined"
    PARTICIPANT_LEFT = "participant.left"
    # A moderator let somebody in who waited.
    PARTICIPANT_ADMITTED = "participant.admitted"
    PARTICIPANT_ERASED = "participant.erased"


class EventRow(NamedTuple):
    """One event as it was read."""

    seq: int
    id: str
    type: str
    appointment_id: str
    participant_id: str | None
    changed_fields: list[str]
    data: dict[str, Any] | None
    actor: str
    source: EventSource
    request_id: str
    occurred_at: datetime


class AppointmentEvent(NamedTuple):
    """Something that happened to an appointment: what followers see of it."""

    seq: int
    id: str
    type: EventType
    appointment_id: str
    participant_id: None
    changed_fields: list[str]
    source: EventSource
    occurred_at: datetime


class ParticipantEvent(NamedTuple):
    """Something that happened to a participant: what followers see of it."""

    seq: int
    id: str
    type: EventType
    appointment_id: str
    participant_id: str
    changed_fields: list[str]
    source: EventSource
    occurred_at: datetime


LoggedEvent = AppointmentEvent | ParticipantEvent


class LogEnds(NamedTuple):
    """How far the log of an organization reaches.

    `floor` is the number of the last event that was removed, `last` that of the latest one; 0 for
    none.
    """

    floor: int
    last: int


class LogPlace(NamedTuple):
    """How far the log of an organization reaches, and the id of the event of a number, if any."""

    floor: int
    last: int
    id: str | None


class PresenceRow(NamedTuple):
    """The columns that attendance needs of an event `joined` or `left`."""

    participant_id: str
    type: str
    occurred_at: datetime
    id: str
    data: dict[str, Any] | None
