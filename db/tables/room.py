"""The tables of the built-in room."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, text
from sqlmodel import Field, SQLModel

from ..models.room import SeatState
from ..types import BigNumber, Id, UtcDateTime, Word

STATES = ", ".join(f"'{state.value}'" for state in SeatState)
APPOINTMENT = ["appointment.organization_id", "appointment.id"]


class RoomSeat(SQLModel, table=True):
    """A device of a participant in the room of an appointment, or waiting to be admitted."""

    __tablename__ = "room_seat"
    __table_args__ = (
        CheckConstraint(f"state IN ({STATES})", name="room_seat_state_known"),
        CheckConstraint("length(key_digest) = 64", name="room_seat_key_digest_length"),
        ForeignKeyConstraint(
            ["organization_id", "appointment_id"],
            APPOINTMENT,
            ondelete="CASCADE",
            name="room_seat_appointment",
        ),
        ForeignKeyConstraint(
            ["organization_id", "participant_id"],
            ["participant.organization_id", "participant.id"],
            ondelete="CASCADE",
            name="room_seat_participant",
        ),
        # A browser that comes back names its seat before any organization is known.
        Index("room_seat_by_id", "id"),
        Index("room_seat_of_participant", "organization_id", "participant_id"),
        Index("room_seat_of_holder", "organization_id", "holder"),
        Index(
            "room_seat_absent",
            "absent_since",
            sqlite_where=text("absent_since IS NOT NULL"),
            postgresql_where=text("absent_since IS NOT NULL"),
        ),
    )

    organization_id: str = Field(sa_type=Id, primary_key=True)
    appointment_id: str = Field(sa_type=Id, primary_key=True)
    id: str = Field(sa_type=Id, primary_key=True)
    participant_id: str = Field(sa_type=Id)
    link_version: int
    state: SeatState = Field(sa_type=Word(SeatState))
    holder: str
    key_digest: str
    entered_at: datetime = Field(sa_type=UtcDateTime)
    seated_at: datetime | None = Field(sa_type=UtcDateTime, nullable=True)
    absent_since: datetime | None = Field(sa_type=UtcDateTime, nullable=True)
    seen_at: datetime = Field(sa_type=UtcDateTime)
    resumes: int


class RoomMessage(SQLModel, table=True):
    """What has to reach a seat that another process holds; kept for a minute.

    An empty one says that its sender, a seat, was given up and cannot be taken again.
    """

    __tablename__ = "room_message"
    __table_args__ = (
        ForeignKeyConstraint(
            ["organization_id", "appointment_id"],
            APPOINTMENT,
            ondelete="CASCADE",
            name="room_message_appointment",
        ),
    )

    organization_id: str = Field(sa_type=Id, primary_key=True)
    appointment_id: str = Field(sa_type=Id, primary_key=True)
    number: int = Field(sa_type=BigNumber, primary_key=True)
    sender: str
    payload: bytes
    created_at: datetime = Field(sa_type=UtcDateTime)
