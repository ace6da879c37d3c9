"""The event log: what happened, in the order in which it happened.

Written by the gate in the transaction of the change; followed and audited, never changed.
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


# The two that change how many appointments an organization has.
CREATED, DELETED = "appointment.created", "appointment.deleted"
# What `event_of_stay` holds; a statement that says it in the same words is answered from there.
JOINED, LEFT = "participant.joined", "participant.left"


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


class PresenceRow(NamedTuple):
    """Somebody came in, or left: what attendance needs of such an event."""

    participant_id: str
    type: str
    occurred_at: datetime
