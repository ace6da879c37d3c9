"""The table of the event log."""

from datetime import datetime
from typing import Any

from sqlalchemy import ForeignKey, Index, text
from sqlmodel import Field, SQLModel

from ..models import EventSource, EventType
from ..types import BigNumber, Id, JsonDocument, UtcDateTime, Word

STAYS = f"type = '{EventType.PARTICIPANT_JOINED}' OR type = '{EventType.PARTICIPANT_LEFT}'"


class Event(SQLModel, table=True):
    """One event, numbered without gaps within its organization.

    Has no foreign key to what it describes, because events outlive it.
    """

    __tablename__ = "event"
    __table_args__ = (
        Index("event_id", "organization_id", "id", unique=True),
        Index(
            "event_of_stay",
            "organization_id",
            "participant_id",
            "seq",
            sqlite_where=text(STAYS),
            postgresql_where=text(STAYS),
        ),
        Index("event_of_appointment", "organization_id", "appointment_id", "seq"),
    )

    organization_id: str = Field(
        sa_type=Id,
        primary_key=True,
        sa_column_args=[ForeignKey("organization.id", ondelete="CASCADE")],
    )
    seq: int = Field(sa_type=BigNumber, primary_key=True)
    id: str = Field(sa_type=Id)
    type: str
    appointment_id: str = Field(sa_type=Id)
    participant_id: str | None = Field(sa_type=Id, nullable=True)
    changed_fields: list[str] = Field(sa_type=JsonDocument)
    data: dict[str, Any] | None = Field(sa_type=JsonDocument, nullable=True)
    actor: str
    source: EventSource = Field(sa_type=Word(EventSource))
    request_id: str
    occurred_at: datetime = Field(sa_type=UtcDateTime)
