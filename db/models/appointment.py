"""The appointment: a title, a time, a life cycle.

Read by `db.queries.appointments`; the limits repeat `schema.inputs` in the database.
"""

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, NamedTuple

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlmodel import Field, SQLModel

from ..types import Document, Id, UtcDateTime, Word
from .participant import ParticipantRow


class AppointmentStatus(StrEnum):
    """Life cycle of an appointment. Clients must tolerate values added later."""

    SCHEDULED = "scheduled"
    ACTIVE = "active"
    COMPLETED = "completed"
    CANCELLED = "cancelled"
    NO_SHOW = "no_show"


STATUSES = ", ".join(f"'{status.value}'" for status in AppointmentStatus)


class Appointment(SQLModel, table=True):
    """A scheduled video appointment."""

    __tablename__ = "appointment"
    __table_args__ = (
        CheckConstraint("length(title) BETWEEN 1 AND 255", name="appointment_title_length"),
        CheckConstraint("duration_minutes BETWEEN 15 AND 720", name="appointment_duration_range"),
        CheckConstraint(f"status IN ({STATUSES})", name="appointment_status_known"),
        CheckConstraint("version >= 1", name="appointment_version_positive"),
        # The order of every list: latest start first, ties by id; read backwards it is the reverse.
        Index("appointment_by_start", "organization_id", text("start_date_time DESC"), "id"),
        # One sorted run for each status: a list of several is merged from them.
        Index(
            "appointment_by_status",
            "organization_id",
            "status",
            text("start_date_time DESC"),
            "id",
        ),
        Index("appointment_by_creation", "organization_id", text("created_at DESC"), "id"),
        Index(
            "appointment_by_clock",
            "clock_end_at",
            sqlite_where=text("clock_end_at IS NOT NULL"),
            postgresql_where=text("clock_end_at IS NOT NULL"),
        ),
        Index("appointment_by_update", "organization_id", text("updated_at DESC"), "id"),
    )

    # The organization stands first so that the table can be distributed by it.
    organization_id: str = Field(
        sa_type=Id,
        primary_key=True,
        sa_column_args=[ForeignKey("organization.id", ondelete="CASCADE")],
    )
    id: str = Field(sa_type=Id, primary_key=True)
    title: str
    start_date_time: datetime = Field(sa_type=UtcDateTime)
    duration_minutes: int
    config: dict[str, Any] | None = Field(sa_type=Document, nullable=True)
    status: AppointmentStatus = Field(sa_type=Word(AppointmentStatus))
    version: int
    started_at: datetime | None = Field(sa_type=UtcDateTime, nullable=True)
    ended_at: datetime | None = Field(sa_type=UtcDateTime, nullable=True)
    cancelled_at: datetime | None = Field(sa_type=UtcDateTime, nullable=True)
    cancel_reason: str | None
    # The end, while the clock shall move the appointment on when it has passed; null when the end
    # lay in the past already as it was written (past appointments are records) or all is over.
    clock_end_at: datetime | None = Field(sa_type=UtcDateTime, nullable=True)
    created_at: datetime = Field(sa_type=UtcDateTime)
    updated_at: datetime = Field(sa_type=UtcDateTime)


class AppointmentRow(NamedTuple):
    """One appointment as it was read; `participant_count` is counted by the same statement.

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
    participants: tuple[ParticipantRow, ...] | None = None

    @property
    def end_date_time(self) -> datetime:
        """Planned end, UTC."""
        return self.start_date_time + timedelta(minutes=self.duration_minutes)
