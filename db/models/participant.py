"""The rows and the roles of participants, their limits, and what callers may change."""

from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from .limits import Length

UNIQUE_ID = Length(255, least=1)
DISPLAY_NAME = Length(60)
# The columns that callers may change.
CHANGEABLE = ("display_name", "role")


class ParticipantRole(StrEnum):
    """What a participant may do in the room."""

    MODERATOR = "moderator"
    PARTICIPANT = "participant"


class ParticipantItem(NamedTuple):
    """The columns of a participant that are usually shown; the times would add a third.

    They are the first columns of a `ParticipantRow`.
    """

    id: str
    appointment_id: str
    unique_id: str
    display_name: str | None
    role: ParticipantRole
    link_version: int


class ParticipantRow(NamedTuple):
    """One participant as it was read."""

    id: str
    appointment_id: str
    unique_id: str
    display_name: str | None
    role: ParticipantRole
    link_version: int
    created_at: datetime
    updated_at: datetime
