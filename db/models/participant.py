"""The participant: one person invited to one appointment."""

from datetime import datetime
from enum import StrEnum
from typing import NamedTuple


class ParticipantRole(StrEnum):
    """What a participant may do in the room."""

    MODERATOR = "moderator"
    PARTICIPANT = "participant"


class ParticipantItem(NamedTuple):
    """What is mostly shown of a participant: the times would be a quarter of the reading.

    Its columns are the first ones of a `ParticipantRow`.
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
