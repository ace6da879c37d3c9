"""The table of what keyed writes answered."""

from datetime import datetime

from sqlalchemy import ForeignKey, Index
from sqlmodel import Field, SQLModel

from ..types import Id, UtcDateTime


class Idempotency(SQLModel, table=True):
    """What the write under an `Idempotency-Key` answered, stored in the transaction of the write.

    `place` is empty for REST, and for GraphQL the response key of the field: each has its own.
    """

    __tablename__ = "idempotency"
    __table_args__ = (Index("idempotency_by_age", "organization_id", "created_at"),)

    organization_id: str = Field(
        sa_type=Id,
        primary_key=True,
        sa_column_args=[ForeignKey("organization.id", ondelete="CASCADE")],
    )
    key: str = Field(primary_key=True)
    place: str = Field(primary_key=True)
    operation: str
    # Of the operation's arguments: another payload has another one.
    digest: bytes
    outcome: bytes
    created_at: datetime = Field(sa_type=UtcDateTime)
