"""The tables of tenants and of their API tokens."""

from datetime import datetime

from sqlalchemy import CheckConstraint, ForeignKey, Index, text
from sqlmodel import Field, SQLModel

from ..models.organization import CONTACT, LANGUAGE, NAME
from ..types import BigNumber, Id, UtcDateTime


class Organization(SQLModel, table=True):
    """A tenant, with its number of appointments; `event_seq` is the number of its last event.

    The log begins after `event_floor`: events up to that number were removed, except for stays.
    """

    __tablename__ = "organization"
    __table_args__ = (
        CheckConstraint(NAME.check("name"), name="organization_name_length"),
        CheckConstraint("event_seq >= 0", name="organization_event_seq_positive"),
        CheckConstraint("event_floor >= 0", name="organization_event_floor_positive"),
        CheckConstraint("appointment_count >= 0", name="organization_appointment_count_positive"),
        CheckConstraint(LANGUAGE.check("language"), name="organization_language_length"),
        CheckConstraint(CONTACT.check("contact"), name="organization_contact_length"),
        Index("organization_name", "name", unique=True),
    )

    id: str = Field(sa_type=Id, primary_key=True)
    name: str
    is_active: bool = Field(default=True)
    event_seq: int = Field(sa_type=BigNumber, default=0)
    created_at: datetime = Field(sa_type=UtcDateTime)
    # Updated by the statement that numbers events, so that a list of everything need not count.
    appointment_count: int = Field(default=0, sa_column_kwargs={"server_default": text("0")})
    event_floor: int = Field(
        sa_type=BigNumber, default=0, sa_column_kwargs={"server_default": text("0")}
    )
    language: str | None = None
    contact: str | None = None
    shows_cancel_reason: bool = Field(
        default=False, sa_column_kwargs={"server_default": text("false")}
    )


class ApiToken(SQLModel, table=True):
    """An API token, stored as the SHA-256 digest of its text."""

    __tablename__ = "api_token"
    __table_args__ = (
        CheckConstraint(NAME.check("name"), name="api_token_name_length"),
        CheckConstraint("length(digest) = 64", name="api_token_digest_length"),
        # Signing in knows no more than the digest; `token_by_digest` refuses one of two owners.
        Index("api_token_by_digest", "digest"),
        Index("api_token_digest", "organization_id", "digest", unique=True),
        Index("api_token_by_id", "id"),
        Index("api_token_organization", "organization_id", "created_at"),
    )

    organization_id: str = Field(
        sa_type=Id,
        primary_key=True,
        sa_column_args=[ForeignKey("organization.id", ondelete="CASCADE")],
    )
    id: str = Field(sa_type=Id, primary_key=True)
    name: str
    prefix: str
    digest: str
    scopes: str
    created_at: datetime = Field(sa_type=UtcDateTime)
    expires_at: datetime | None = Field(sa_type=UtcDateTime, nullable=True)
    revoked_at: datetime | None = Field(sa_type=UtcDateTime, nullable=True)
    last_used_at: datetime | None = Field(sa_type=UtcDateTime, nullable=True)
