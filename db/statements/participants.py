"""Statements about participants."""

from sqlalchemy import ClauseElement, bindparam, delete, func, insert, select, update

from ..models import ParticipantItem, ParticipantRow
from ..scope import tenant, within
from ..tables import Participant
from .lists import among, columns

TABLE = Participant.__table__  # type: ignore[attr-defined]
ROW = columns(Participant, ParticipantRow)
ITEM = columns(Participant, ParticipantItem)

OF_APPOINTMENT = select(*ROW).where(
    within(Participant), TABLE.c.appointment_id == bindparam("appointment_id")
)
BY_ID = select(*ROW).where(within(Participant), TABLE.c.id == bindparam("id"))
BY_IDS = select(*ROW).where(within(Participant), among(TABLE.c.id, "ids"))
ALL_OF, ITEMS_OF = (
    select(*selected)
    .where(within(Participant), TABLE.c.appointment_id == bindparam("appointment_id"))
    .order_by(TABLE.c.id)
    for selected in (ROW, ITEM)
)
ALL_OF_MANY, ITEMS_OF_MANY = (
    select(*selected)
    .where(within(Participant), among(TABLE.c.appointment_id, "appointment_ids"))
    .order_by(TABLE.c.appointment_id, TABLE.c.id)
    for selected in (ROW, ITEM)
)
OFFSET_PAGE = (
    OF_APPOINTMENT.order_by(TABLE.c.id).limit(bindparam("limit")).offset(bindparam("offset"))
)
_OF_PERSON = (within(Participant), TABLE.c.unique_id == bindparam("unique_id"))
OF_PERSON = (
    select(*ROW).where(*_OF_PERSON).order_by(TABLE.c.appointment_id).limit(bindparam("limit"))
)
COUNT_OF_PERSON = select(func.count()).select_from(TABLE).where(*_OF_PERSON)
INSERT = insert(Participant).values(
    {
        name: tenant() if name == "organization_id" else bindparam(name)
        for name in TABLE.c.keys()  # noqa: SIM118
    }
)
DELETE = delete(Participant).where(
    within(Participant),
    TABLE.c.appointment_id == bindparam("appointment_id"),
    among(TABLE.c.id, "ids"),
)


def change(names: frozenset[str]) -> ClauseElement:
    """Sets these columns."""
    return (
        update(Participant)
        .where(within(Participant), TABLE.c.id == bindparam("at_id"))
        .values({name: bindparam(name) for name in sorted(names)})
    )


def pages(backwards: bool, has_after: bool, has_before: bool) -> ClauseElement:
    """The same page of participants of each of several appointments."""
    place = func.row_number().over(
        partition_by=TABLE.c.appointment_id,
        order_by=TABLE.c.id.desc() if backwards else TABLE.c.id.asc(),
    )
    inner = select(*ROW, place.label("place")).where(
        within(Participant), among(TABLE.c.appointment_id, "appointment_ids")
    )
    if has_after:
        inner = inner.where(TABLE.c.id > bindparam("after"))
    if has_before:
        inner = inner.where(TABLE.c.id < bindparam("before"))
    ranked = inner.subquery()
    return (
        select(*[ranked.c[column.name] for column in ROW])
        .where(ranked.c.place <= bindparam("limit"))
        .order_by(ranked.c.appointment_id, ranked.c.id)
    )
