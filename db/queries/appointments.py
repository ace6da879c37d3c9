"""Statements about appointments.

Called by `schema.resolvers` with the caller's `Tenancy`.
"""

from collections.abc import Sequence
from datetime import datetime
from functools import cache, lru_cache
from typing import Any, NamedTuple

from sqlalchemy import Select, bindparam, delete, func, insert, select, update

from ..engine import LARGE_ROWS, Tenancy
from ..models import Appointment, AppointmentRow, Participant
from ..scope import tenant, within
from ..statement import Statement
from .filters import Filter, OrderField, Shape, counted, keyset_of, sorted_rows
from .lists import among, columns, id_list

TABLE = Appointment.__table__  # type: ignore[attr-defined]
PARTICIPANT = Participant.__table__  # type: ignore[attr-defined]

PARTICIPANT_COUNT = (
    select(func.count())
    .where(within(Participant), PARTICIPANT.c.appointment_id == TABLE.c.id)
    .correlate(TABLE)
    .scalar_subquery()
    .label("participant_count")
)
# Filters, orders and ends of a page combine to thousands of statements of some 25 KiB each: those
# that were asked for last are kept.
SHAPES_KEPT = 128
ROW = [*columns(Appointment, AppointmentRow), PARTICIPANT_COUNT]


def _row(values: Sequence[Any]) -> AppointmentRow:
    # What `_make` does, with `participants` not loaded: half the cost of naming every value.
    return tuple.__new__(AppointmentRow, (*values, None))


class Position(NamedTuple):
    """A place in a sorted list: the row after which, or before which, a page lies."""

    key: datetime
    id: str


class Page(NamedTuple):
    """What part of a sorted list is asked for: `limit` rows from one of its ends or positions."""

    limit: int
    field: OrderField = OrderField.START_DATE_TIME
    descending: bool = True
    backwards: bool = False
    after: Position | None = None
    before: Position | None = None


_BY_ID = Statement(select(*ROW).where(within(Appointment), TABLE.c.id == bindparam("id")), _row)
_BY_IDS = Statement(select(*ROW).where(within(Appointment), among(TABLE.c.id, "ids")), _row)
_INSERT: Statement[Any] = Statement(
    insert(Appointment).values(
        {
            name: tenant() if name == "organization_id" else bindparam(name)
            for name in TABLE.c.keys()  # noqa: SIM118
        }
    )
)
_DELETE: Statement[Any] = Statement(
    delete(Appointment).where(within(Appointment), TABLE.c.id == bindparam("id"))
)
_TOUCH: Statement[Any] = Statement(
    update(Appointment)
    .where(within(Appointment), TABLE.c.id == bindparam("at_id"))
    .values(version=TABLE.c.version + 1, updated_at=bindparam("updated_at"))
)


async def get(tx: Tenancy, id: str) -> AppointmentRow | None:
    """Returns one appointment, or None."""
    return await tx.fetch_one(_BY_ID, id=id)


async def get_many(tx: Tenancy, ids: list[str]) -> list[AppointmentRow]:
    """Returns those of the appointments that exist, in no particular order."""
    return await tx.fetch(_BY_IDS, ids=id_list(ids))


async def add(tx: Tenancy, row: AppointmentRow) -> None:
    """Inserts one appointment."""
    values = row._asdict()
    del values["participant_count"], values["participants"]
    await tx.execute(_INSERT, **values)


async def change(tx: Tenancy, id: str, version: int, values: dict[str, Any]) -> bool:
    """Sets `values` and raises the version if it still is `version`; returns whether it was."""
    statement = _change(frozenset(values))
    return await tx.execute(statement, at_id=id, at_version=version, **values) == 1


async def touch(tx: Tenancy, id: str, now: datetime) -> None:
    """Raises the version and `updated_at` because something that belongs to it changed."""
    await tx.execute(_TOUCH, at_id=id, updated_at=now)


async def remove(tx: Tenancy, row: AppointmentRow) -> None:
    """Deletes one appointment with its participants."""
    is_large = row.participant_count > LARGE_ROWS
    await (tx.execute_large if is_large else tx.execute)(_DELETE, id=row.id)


async def count(tx: Tenancy, wanted: Filter) -> int:
    """Returns how many appointments match."""
    row = await tx.fetch_one(_count(wanted.shape), **wanted.values())
    return int(row[0]) if row else 0


async def offset_page(tx: Tenancy, wanted: Filter, limit: int, offset: int) -> list[AppointmentRow]:
    """Returns the rows from `offset` on, latest start first."""
    statement = _offset_page(wanted.shape)
    return await tx.fetch(statement, **wanted.values(), limit=limit, offset=offset)


async def keyset_page(tx: Tenancy, wanted: Filter, page: Page) -> list[AppointmentRow]:
    """Returns one page, sorted as asked; a page read backwards is returned forwards."""
    statement = _keyset_page(
        wanted.shape,
        page.field,
        page.descending,
        page.backwards,
        page.after is not None,
        page.before is not None,
    )
    values = {**wanted.values(), "limit": page.limit}
    for name, position in (("after", page.after), ("before", page.before)):
        if position is not None:
            values |= {f"{name}_key": position.key, f"{name}_id": position.id}
    rows = await tx.fetch(statement, **values)
    return rows[::-1] if page.backwards else rows


@cache
def _change(names: frozenset[str]) -> Statement[Any]:
    return Statement(
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


@lru_cache(SHAPES_KEPT)
def _count(shape: Shape) -> Statement[Any]:
    return Statement(counted(shape, func.count()))


@lru_cache(SHAPES_KEPT)
def _offset_page(shape: Shape) -> Statement[AppointmentRow]:
    keyset = keyset_of(shape, OrderField.START_DATE_TIME)
    statement = sorted_rows(shape, keyset, ROW)
    return Statement(statement.limit(bindparam("limit")).offset(bindparam("offset")), _row)


@lru_cache(SHAPES_KEPT)
def _keyset_page(
    shape: Shape,
    field: OrderField,
    descending: bool,
    backwards: bool,
    has_after: bool,
    has_before: bool,
) -> Statement[AppointmentRow]:
    keyset = keyset_of(shape, field, descending=descending)

    def narrow(statement: Select[Any]) -> Select[Any]:
        if has_after:
            statement = statement.where(keyset.beyond("after", backwards=False))
        if has_before:
            statement = statement.where(keyset.beyond("before", backwards=True))
        return statement

    statement = sorted_rows(shape, keyset, ROW, backwards=backwards, narrow=narrow)
    return Statement(statement.limit(bindparam("limit")), _row)
