"""Statements about participants.

Called by `schema.resolvers` and `schema.loaders` with the caller's `Tenancy`.
"""

from functools import cache
from typing import Any

from sqlalchemy import bindparam, delete, func, insert, select, update

from ..engine import LARGE_ROWS, Tenancy
from ..models import Participant, ParticipantRow
from ..scope import tenant, within
from ..statement import Statement
from .lists import among, columns, id_list

TABLE = Participant.__table__  # type: ignore[attr-defined]
ROW = columns(Participant, ParticipantRow)

_OF_APPOINTMENT = select(*ROW).where(
    within(Participant), TABLE.c.appointment_id == bindparam("appointment_id")
)
_BY_ID = Statement(
    select(*ROW).where(within(Participant), TABLE.c.id == bindparam("id")), ParticipantRow._make
)
_BY_IDS = Statement(
    select(*ROW).where(within(Participant), among(TABLE.c.id, "ids")), ParticipantRow._make
)
_ALL_OF = Statement(_OF_APPOINTMENT.order_by(TABLE.c.id), ParticipantRow._make)
_ALL_OF_MANY = Statement(
    select(*ROW)
    .where(within(Participant), among(TABLE.c.appointment_id, "appointment_ids"))
    .order_by(TABLE.c.appointment_id, TABLE.c.id),
    ParticipantRow._make,
)
_OFFSET_PAGE = Statement(
    _OF_APPOINTMENT.order_by(TABLE.c.id).limit(bindparam("limit")).offset(bindparam("offset")),
    ParticipantRow._make,
)
_COUNT: Statement[Any] = Statement(
    select(func.count()).where(
        within(Participant), TABLE.c.appointment_id == bindparam("appointment_id")
    )
)
_UNIQUE_IDS_OF: Statement[Any] = Statement(
    select(TABLE.c.unique_id).where(
        within(Participant),
        TABLE.c.appointment_id == bindparam("appointment_id"),
        among(TABLE.c.unique_id, "unique_ids"),
    )
)
_INSERT: Statement[Any] = Statement(
    insert(Participant).values(
        {
            name: tenant() if name == "organization_id" else bindparam(name)
            for name in TABLE.c.keys()  # noqa: SIM118
        }
    )
)
_DELETE: Statement[Any] = Statement(
    delete(Participant).where(
        within(Participant),
        TABLE.c.appointment_id == bindparam("appointment_id"),
        among(TABLE.c.id, "ids"),
    )
)


async def get(tx: Tenancy, id: str) -> ParticipantRow | None:
    """Returns one participant, or None."""
    return await tx.fetch_one(_BY_ID, id=id)


async def get_many(tx: Tenancy, ids: list[str]) -> list[ParticipantRow]:
    """Returns those of the participants that exist, in no particular order."""
    return await tx.fetch(_BY_IDS, ids=id_list(ids))


async def all_of(tx: Tenancy, appointment_id: str) -> list[ParticipantRow]:
    """Returns the participants of one appointment in the order in which they were added."""
    return await tx.fetch(_ALL_OF, appointment_id=appointment_id)


async def all_of_many(tx: Tenancy, appointment_ids: list[str]) -> list[ParticipantRow]:
    """Returns the participants of several appointments, each in its order, in one statement."""
    return await tx.fetch(_ALL_OF_MANY, appointment_ids=id_list(appointment_ids))


async def count(tx: Tenancy, appointment_id: str) -> int:
    """Returns how many participants an appointment has."""
    row = await tx.fetch_one(_COUNT, appointment_id=appointment_id)
    return int(row[0]) if row else 0


async def offset_page(
    tx: Tenancy, appointment_id: str, limit: int, offset: int
) -> list[ParticipantRow]:
    """Returns the participants of one appointment from `offset` on."""
    return await tx.fetch(_OFFSET_PAGE, appointment_id=appointment_id, limit=limit, offset=offset)


async def pages(
    tx: Tenancy,
    appointment_ids: list[str],
    limit: int,
    *,
    backwards: bool = False,
    after: str | None = None,
    before: str | None = None,
) -> list[ParticipantRow]:
    """Returns the same page of participants of each appointment, in one statement."""
    statement = _pages(backwards, after is not None, before is not None)
    values: dict[str, Any] = {"limit": limit, "appointment_ids": id_list(appointment_ids)}
    if after is not None:
        values["after"] = after
    if before is not None:
        values["before"] = before
    return await tx.fetch(statement, **values)


async def taken_unique_ids(tx: Tenancy, appointment_id: str, unique_ids: list[str]) -> set[str]:
    """Returns which of the unique ids the appointment has already."""
    rows = await tx.fetch(
        _UNIQUE_IDS_OF, appointment_id=appointment_id, unique_ids=id_list(unique_ids)
    )
    return {row[0] for row in rows}


async def add(tx: Tenancy, rows: list[ParticipantRow]) -> None:
    """Inserts participants."""
    await tx.execute_many(_INSERT, [row._asdict() for row in rows])


async def change(tx: Tenancy, id: str, values: dict[str, Any]) -> None:
    """Sets `values` on one participant."""
    await tx.execute(_change(frozenset(values)), at_id=id, **values)


async def remove(tx: Tenancy, appointment_id: str, ids: list[str]) -> None:
    """Removes participants from an appointment."""
    execute = tx.execute_large if len(ids) > LARGE_ROWS else tx.execute
    await execute(_DELETE, appointment_id=appointment_id, ids=id_list(ids))


@cache
def _change(names: frozenset[str]) -> Statement[Any]:
    return Statement(
        update(Participant)
        .where(within(Participant), TABLE.c.id == bindparam("at_id"))
        .values({name: bindparam(name) for name in sorted(names)})
    )


@cache
def _pages(backwards: bool, has_after: bool, has_before: bool) -> Statement[ParticipantRow]:
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
    statement = (
        select(*[ranked.c[column.name] for column in ROW])
        .where(ranked.c.place <= bindparam("limit"))
        .order_by(ranked.c.appointment_id, ranked.c.id)
    )
    return Statement(statement, ParticipantRow._make)
