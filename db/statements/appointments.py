"""Statements about appointments."""

from typing import Any

from sqlalchemy import ClauseElement, Select, bindparam, delete, func, insert, select, update

from ..models import AppointmentItem, AppointmentRow
from ..queries.filters import OrderField, Shape
from ..scope import tenant, within
from ..tables import Appointment, Participant
from .filters import counted, keyset_of, sorted_rows
from .lists import among, columns

TABLE = Appointment.__table__  # type: ignore[attr-defined]
PARTICIPANT = Participant.__table__  # type: ignore[attr-defined]

PARTICIPANT_COUNT = (
    select(func.count())
    .where(within(Participant), PARTICIPANT.c.appointment_id == TABLE.c.id)
    .correlate(TABLE)
    .scalar_subquery()
    .label("participant_count")
)
ROW = [*columns(Appointment, AppointmentRow), PARTICIPANT_COUNT]
ITEM = [*columns(Appointment, AppointmentItem), PARTICIPANT_COUNT]


BY_ID = select(*ROW).where(within(Appointment), TABLE.c.id == bindparam("id"))
BY_IDS = select(*ROW).where(within(Appointment), among(TABLE.c.id, "ids"))
INSERT = insert(Appointment).values(
    {
        name: tenant() if name == "organization_id" else bindparam(name)
        for name in TABLE.c.keys()  # noqa: SIM118
    }
)
DELETE = delete(Appointment).where(within(Appointment), TABLE.c.id == bindparam("id"))
TOUCH = (
    update(Appointment)
    .where(within(Appointment), TABLE.c.id == bindparam("at_id"))
    .values(version=TABLE.c.version + 1, updated_at=bindparam("updated_at"))
)


def change(names: frozenset[str]) -> ClauseElement:
    """Sets these columns and raises the version if it is what it was."""
    return (
        update(Appointment)
        .where(
            within(Appointment),
            TABLE.c.id == bindparam("at_id"),
            TABLE.c.version == bindparam("at_version"),
        )
        .values(
            {name: bindparam(name) for name in sorted(names)} | {"version": TABLE.c.version + 1}
        )
    )


def count(shape: Shape) -> ClauseElement:
    """How many appointments match."""
    return counted(shape, func.count())


def offset_page(shape: Shape) -> ClauseElement:
    """The rows from an offset on, latest start first."""
    keyset = keyset_of(shape, OrderField.START_DATE_TIME)
    statement = sorted_rows(shape, keyset, ITEM)
    return statement.limit(bindparam("limit")).offset(bindparam("offset"))


def keyset_page(
    shape: Shape,
    field: OrderField,
    descending: bool,
    backwards: bool,
    has_after: bool,
    has_before: bool,
) -> ClauseElement:
    """The rows from one end of the list, or from a position, on."""
    keyset = keyset_of(shape, field, descending=descending)

    def narrow(statement: Select[Any]) -> Select[Any]:
        if has_after:
            statement = statement.where(keyset.beyond("after", backwards=False))
        if has_before:
            statement = statement.where(keyset.beyond("before", backwards=True))
        return statement

    statement = sorted_rows(shape, keyset, ROW, backwards=backwards, narrow=narrow)
    return statement.limit(bindparam("limit"))
