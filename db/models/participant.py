"""The rows and the roles of participants."""

from datetime import datetime
from enum import StrEnum
from typing import NamedTuple


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
