"""The table of appointments."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlmodel import Field, SQLModel

from ..models.appointment import DURATION_MINUTES, TITLE, AppointmentStatus
from ..types import Id, JsonDocument, UtcDateTime, Word

STATUSES = ", ".join(f"'{status.value}'" for status in AppointmentStatus)


class Appointment(SQLModel, table=True):
    """A scheduled video appointment."""

    __tablename__ = "appointment"
    __table_args__ = (
        CheckConstraint(TITLE.check("title"), name="appointment_title_length"),
        CheckConstraint(
            DURATION_MINUTES.check("duration_minutes"), name="appointment_duration_range"
        ),
        CheckConstraint(f"status IN ({STATUSES})", name="appointment_status_known"),
        CheckConstraint("version >= 1", name="appointment_version_positive"),
        CheckConstraint("participant_count >= 0", name="appointment_participant_count_positive"),
        # The order of every list: latest start first, ties by id; read backwards for the reverse.
        # The further columns make it a covering index for numbered pages.
        Index(
            "appointment_by_start",
            "organization_id",
            text("start_date_time DESC"),
            "id",
            *("title", "duration_minutes", "status", "created_at", "participant_count"),
        ),
        # Sorted within each status; a list of several statuses merges them.
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

    # The organization comes first in the key, so that the table can be partitioned by it.
    organization_id: str = Field(
        sa_type=Id,
        primary_key=True,
        sa_column_args=[ForeignKey("organization.id", ondelete="CASCADE")],
    )
    id: str = Field(sa_type=Id, primary_key=True)
    title: str
    start_date_time: datetime = Field(sa_type=UtcDateTime)
    duration_minutes: int
    config: dict[str, Any] | None = Field(sa_type=JsonDocument, nullable=True)
    status: AppointmentStatus = Field(sa_type=Word(AppointmentStatus))
    version: int
    started_at: datetime | None = Field(sa_type=UtcDateTime, nullable=True)
    ended_at: datetime | None = Field(sa_type=UtcDateTime, nullable=True)
    cancelled_at: datetime | None = Field(sa_type=UtcDateTime, nullable=True)
    cancel_reason: str | None
    # The end, as long as the clock has to change the status after it. Null for an appointment that
    # is over, and for one whose end was in the past when it was written, because it is a record.
    clock_end_at: datetime | None = Field(sa_type=UtcDateTime, nullable=True)
    created_at: datetime = Field(sa_type=UtcDateTime)
    updated_at: datetime = Field(sa_type=UtcDateTime)
    # Updated by the statements that add and remove participants, so that lists need not count.
    participant_count: int = Field(default=0, sa_column_kwargs={"server_default": text("0")})
