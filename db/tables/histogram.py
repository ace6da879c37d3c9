"""The histogram of starts: how many appointments begin in each month, day and hour.

Kept by the triggers of migration 0012, which count whoever writes: also another release beside this
one, or a hand with a shell.
"""

from sqlalchemy import ForeignKey
from sqlmodel import Field, SQLModel

from ..models import AppointmentStatus
from ..types import Id, Word


class AppointmentHistogram(SQLModel, table=True):
    """How many appointments of a status start in a month, a day or an hour.

    A period is written as `2026-03`, `2026-03-02`, `2026-03-02T09`. A month's `parent` is
    empty; every other period lies in its parent.
    """

    __tablename__ = "appointment_histogram"
    __table_args__ = {"sqlite_with_rowid": False}

    organization_id: str = Field(
        sa_type=Id,
        primary_key=True,
        sa_column_args=[ForeignKey("organization.id", ondelete="CASCADE")],
    )
    parent: str = Field(primary_key=True)
    period: str = Field(primary_key=True)
    status: AppointmentStatus = Field(sa_type=Word(AppointmentStatus), primary_key=True)
    amount: int
