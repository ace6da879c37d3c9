"""The table of participants."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index
from sqlmodel import Field, SQLModel

from ..models.participant import DISPLAY_NAME, UNIQUE_ID, ParticipantRole
from ..types import Id, UtcDateTime, Word

ROLES = ", ".join(f"'{role.value}'" for role in ParticipantRole)


class Participant(SQLModel, table=True):
    """A person invited to one appointment."""

    __tablename__ = "participant"
    __table_args__ = (
        CheckConstraint(UNIQUE_ID.check("unique_id"), name="participant_unique_id_length"),
        CheckConstraint(DISPLAY_NAME.check("display_name"), name="participant_display_name_length"),
        CheckConstraint(f"role IN ({ROLES})", name="participant_role_known"),
        CheckConstraint("link_version >= 1", name="participant_link_version_positive"),
        # Includes the organization, so that a participant cannot belong to another tenant's
        # appointment.
        ForeignKeyConstraint(
            ["organization_id", "appointment_id"],
            ["appointment.organization_id", "appointment.id"],
            ondelete="CASCADE",
            name="participant_appointment",
        ),
        Index(
            "participant_unique_within_appointment",
            "organization_id",
            "appointment_id",
            "unique_id",
            unique=True,
        ),
        # A covering index for `ParticipantItem`, in the order of lists.
        Index(
            "participant_in_order",
            *("organization_id", "appointment_id", "id"),
            *("unique_id", "display_name", "role", "link_version"),
        ),
        Index("participant_by_unique_id", "organization_id", "unique_id", "appointment_id"),
        # An access link names a participant before any organization is known.
        Index("participant_by_id", "id"),
    )

    organization_id: str = Field(sa_type=Id, primary_key=True)
    id: str = Field(sa_type=Id, primary_key=True)
    appointment_id: str = Field(sa_type=Id)
    unique_id: str
    display_name: str | None
    role: ParticipantRole = Field(sa_type=Word(ParticipantRole))
    link_version: int
    created_at: datetime = Field(sa_type=UtcDateTime)
    updated_at: datetime = Field(sa_type=UtcDateTime)
