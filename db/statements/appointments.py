"""Statements about appointments."""

from typing import Any

from sqlalchemy import (
    BindParameter,
    ClauseElement,
    Integer,
    Select,
    bindparam,
    delete,
    func,
    insert,
    literal_column,
    select,
    update,
)

from ..models import AppointmentItem, AppointmentRow
from ..queries.filters import LATEST_FIRST, OrderField, Shape, Sorting
from ..scope import tenant, within
from ..tables import Appointment, Organization
from .filters import Window, counted, keyset_of, sorted_rows
from .lists import among, columns

TABLE = Appointment.__table__  # type: ignore[attr-defined]
ORGANIZATION = Organization.__table__  # type: ignore[attr-defined]

LIMIT: BindParameter[int] = bindparam("limit", type_=Integer)
ROW = columns(Appointment, AppointmentRow)
ITEM = columns(Appointment, AppointmentItem)


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
    .values(
        version=TABLE.c.version + 1,
        updated_at=bindparam("updated_at"),
        participant_count=TABLE.c.participant_count + bindparam("participants"),
    )
)


def change(names: frozenset[str]) -> ClauseElement:
    """Sets these columns and increments the version, if it is the expected one."""
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
    """Counts the appointments that match; the number of all is stored with the organization."""
    if not shape:
        return select(ORGANIZATION.c.appointment_count).where(ORGANIZATION.c.id == tenant())
    return counted(shape, func.count())


def count_few(shape: Shape) -> ClauseElement:
    """Counts no further than to `most`."""
    found = counted(shape, literal_column("1")).limit(bindparam("most")).subquery("found")
    return select(func.count()).select_from(found)


def offset_page(shape: Shape, *order: Sorting) -> ClauseElement:
    """The rows from an offset on; latest start first where no order is given."""
    (field, descending), *then_by = order or LATEST_FIRST
    keyset = keyset_of(shape, field, descending=descending, then_by=then_by)
    return sorted_rows(shape, keyset, ITEM, Window(LIMIT, bindparam("offset", type_=Integer)))


def keyset_page(
    shape: Shape,
    field: OrderField,
    descending: bool,
    backwards: bool,
    has_after: bool,
    has_before: bool,
) -> ClauseElement:
    """Selects rows from either end of the list, or from a position."""
    return _keyset_page(ROW, shape, field, descending, backwards, has_after, has_before)


def keyset_items(
    shape: Shape,
    field: OrderField,
    descending: bool,
    backwards: bool,
    has_after: bool,
    has_before: bool,
) -> ClauseElement:
    """Selects the same as items; not available in the order of the last change."""
    return _keyset_page(ITEM, shape, field, descending, backwards, has_after, has_before)


def _keyset_page(
    selected: list[Any],
    shape: Shape,
    field: OrderField,
    descending: bool,
    backwards: bool,
    has_after: bool,
    has_before: bool,
) -> ClauseElement:
    keyset = keyset_of(shape, field, descending=descending)

    def narrow(statement: Select[Any]) -> Select[Any]:
        if has_after:
            statement = statement.where(keyset.beyond("after", backwards=False))
        if has_before:
            statement = statement.where(keyset.beyond("before", backwards=True))
        return statement

    return sorted_rows(shape, keyset, selected, Window(LIMIT), backwards=backwards, narrow=narrow)
