"""The table of duties that one process has at a time."""

from sqlmodel import Field, SQLModel


class Lease(SQLModel, table=True):
    """A duty and who has it; the holder raises `term` again and again to show that it lives.

    It belongs to no organization, and holds no time: the clocks of machines differ.
    """

    __tablename__ = "lease"

    name: str = Field(primary_key=True)
    # Empty once its holder has handed it back.
    holder: str
    term: int
