"""The tables and shapes of the FastAPI target, as its users write them with SQLModel.
`fastapi_app.py` serves them; `databases.py` fills the tables."""

from datetime import UTC, datetime
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import JSON, Column, DateTime, Dialect, Index
from sqlalchemy.types import TypeDecorator
from sqlmodel import Field, Relationship, SQLModel
from uuid_utils.compat import uuid7

Role = Literal["moderator", "participant"]


class Utc(TypeDecorator[datetime]):
    """An instant that SQLite keeps without its offset and that comes back in UTC."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is None or value.tzinfo is None:
            return value
        return value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return value if value is None else value.replace(tzinfo=UTC)


def now() -> datetime:
    return datetime.now(UTC)


class Organization(SQLModel, table=True):
    id: int | None = Field(default=None, primary_key=True)
    name: str
    is_active: bool = True


class ApiToken(SQLModel, table=True):
    __tablename__ = "api_token"

    key: str = Field(primary_key=True)
    organization_id: int = Field(foreign_key="organization.id")
    organization: Organization = Relationship()


class Appointment(SQLModel, table=True):
    __table_args__ = (Index("by_start", "organization_id", "start_date_time", "id"),)

    id: UUID = Field(default_factory=uuid7, primary_key=True)
    organization_id: int = Field(foreign_key="organization.id")
    title: str
    start_date_time: datetime = Field(sa_type=Utc)
    duration_minutes: int
    config: dict[str, Any] | None = Field(default=None, sa_column=Column(JSON(none_as_null=True)))
    status: str = "scheduled"
    created_at: datetime = Field(default_factory=now, sa_type=Utc)
    updated_at: datetime = Field(default_factory=now, sa_type=Utc)
    organization: Organization = Relationship()
    participants: list["Participant"] = Relationship(
        back_populates="appointment", sa_relationship_kwargs={"order_by": "Participant.id"}
    )


class Participant(SQLModel, table=True):
    __table_args__ = (
        Index("once", "appointment_id", "unique_id", unique=True),
        Index("by_unique_id", "unique_id", "appointment_id"),
    )

    id: UUID = Field(default_factory=uuid7, primary_key=True)
    appointment_id: UUID = Field(foreign_key="appointment.id")
    unique_id: str
    display_name: str | None = None
    role: str
    appointment: Appointment = Relationship(back_populates="participants")

    @property
    def access_link(self) -> str:
        """Answer a link of the documented shape; the bench masks it."""
        return f"https://example.com/j/{self.id}"


class NewParticipant(SQLModel):
    unique_id: str = Field(min_length=1, max_length=255)
    display_name: str | None = Field(default=None, max_length=60)
    role: Role


class NewAppointment(SQLModel):
    title: str = Field(min_length=1, max_length=255)
    start_date_time: datetime
    duration_minutes: int = Field(ge=15, le=720)
    participants: list[NewParticipant]
    config: dict[str, bool] | None = None


class ParticipantShown(SQLModel):
    id: UUID
    unique_id: str
    display_name: str | None
    role: str
    access_link: str


class AppointmentShown(SQLModel):
    id: UUID
    title: str
    start_date_time: datetime
    duration_minutes: int
    status: str
    config: dict[str, bool] | None
    participants: list[ParticipantShown]
    created_at: datetime
    updated_at: datetime


class AppointmentListed(SQLModel):
    id: UUID
    title: str
    start_date_time: datetime
    duration_minutes: int
    status: str
    participant_count: int
    organization_name: str
    created_at: datetime


class Page(SQLModel):
    count: int
    next: str | None
    previous: str | None
    results: list[AppointmentListed]
