"""Reading and writing appointments."""

from collections.abc import Hashable, Sequence
from datetime import datetime
from typing import Any, NamedTuple, TypeVar

from ..engine import LARGE_ROWS, Tenancy
from ..models import AppointmentItem, AppointmentRow
from ..statement import Family, Statement
from . import histogram
from .filters import LATEST_FIRST, Filter, OrderField, Sorting

R = TypeVar("R")

EVERYTHING = Filter()
# Fewer rows are counted, or walked over, about as fast as the histogram is asked.
FEW = 1_000


class Position(NamedTuple):
    """A position in a sorted list: the row after which, or before which, a page begins."""

    key: datetime
    id: str


class KeysetPage(NamedTuple):
    """The requested page of a sorted list: `limit` rows from either end or from a position."""

    limit: int
    field: OrderField = OrderField.START_DATE_TIME
    descending: bool = True
    backwards: bool = False
    after: Position | None = None
    before: Position | None = None


_BY_ID = Statement("appointments.BY_ID", AppointmentRow)
_BY_IDS = Statement("appointments.BY_IDS", AppointmentRow)
_INSERT: Statement[Any] = Statement("appointments.INSERT")
_DELETE: Statement[Any] = Statement("appointments.DELETE")
_TOUCH: Statement[Any] = Statement("appointments.TOUCH")
_change: Family[Any] = Family("appointments.change")
_count: Family[Any] = Family("appointments.count")
_count_few: Family[Any] = Family("appointments.count_few")
_offset_page = Family("appointments.offset_page", AppointmentItem)
_keyset_page = Family("appointments.keyset_page", AppointmentRow)
_keyset_items = Family("appointments.keyset_items", AppointmentItem)


async def get(tx: Tenancy, id: str) -> AppointmentRow | None:
    """Returns one appointment, or None."""
    return await tx.fetch_one(_BY_ID, id=id)


async def get_many(tx: Tenancy, ids: list[str]) -> list[AppointmentRow]:
    """Returns the appointments with these ids that exist, in no particular order."""
    return await tx.fetch(_BY_IDS, ids=ids)


async def add(tx: Tenancy, row: AppointmentRow) -> None:
    """Inserts one appointment; `participant_count` includes participants yet to be added."""
    values = row._asdict()
    del values["participants"]
    await tx.execute(_INSERT, **values)


async def add_many(tx: Tenancy, rows: list[AppointmentRow]) -> None:
    """Inserts appointments; `events.add_numbered` counts them."""
    await tx.execute_many(_INSERT, [row._asdict() for row in rows])


async def change(tx: Tenancy, id: str, version: int, values: dict[str, Any]) -> bool:
    """Sets `values` and increments the version if it is still `version`; returns whether it was."""
    statement = await _change.ready(tx.dialect, frozenset(values))
    return await tx.execute(statement, at_id=id, at_version=version, **values) == 1


async def touch(tx: Tenancy, id: str, now: datetime, participants: int = 0) -> None:
    """Increments the version and sets `updated_at`, because the appointment's participants changed.

    `participants` is the change of their number, negative if some were removed.
    """
    await tx.execute(_TOUCH, at_id=id, updated_at=now, participants=participants)


async def remove(tx: Tenancy, row: AppointmentRow) -> None:
    """Deletes one appointment with its participants."""
    is_large = row.participant_count > LARGE_ROWS
    await (tx.execute_large if is_large else tx.execute)(_DELETE, id=row.id)


async def count(tx: Tenancy, wanted: Filter) -> int:
    """Returns how many appointments match."""
    if wanted == EVERYTHING or not histogram.serves(wanted):
        return await _counted(tx, wanted)
    if wanted.starts_from or wanted.starts_until:
        statement = await _count_few.ready(tx.dialect, wanted.shape)
        (few,) = await tx.fetch_one(statement, **wanted.values(), most=FEW) or (0,)
        if few < FEW:
            return int(few)
    known = await histogram.count(tx, wanted)
    return await _counted(tx, wanted) if known is None else known


async def _counted(tx: Tenancy, wanted: Filter) -> int:
    row = await tx.fetch_one(await _count.ready(tx.dialect, wanted.shape), **wanted.values())
    return int(row[0]) if row else 0


async def offset_page(
    tx: Tenancy,
    wanted: Filter,
    limit: int,
    offset: int,
    order: tuple[Sorting, ...] = LATEST_FIRST,
) -> list[AppointmentItem]:
    """Returns the rows from `offset` on, ties of one column sorted by the next, then by id."""
    if offset >= FEW and len(order) == 1 and order[0].field is OrderField.START_DATE_TIME:
        wanted, offset = await _nearer(tx, wanted, offset, order[0].descending)
    # The usual order has no name of its own, so that its statements keep theirs.
    columns = () if order == LATEST_FIRST else order
    statement = await _offset_page.ready(tx.dialect, wanted.shape, *columns)
    return await tx.fetch(statement, **wanted.values(), limit=limit, offset=offset)


async def _nearer(tx: Tenancy, wanted: Filter, offset: int, descending: bool) -> tuple[Filter, int]:
    """Returns the same place as a short offset in a list that begins with its hour."""
    if not histogram.serves(wanted):
        return wanted, offset
    place = await histogram.hour_of(tx, wanted, offset, descending=descending)
    if place is None:
        return wanted, offset
    if not descending:
        start = wanted.starts_from
        if start is not None and start > place.begins_at:
            return wanted, offset  # The list itself begins in this hour.
        return wanted._replace(starts_from=place.begins_at), place.skipped
    ends_at = place.begins_at + histogram.LAST_INSTANT
    if wanted.starts_until is not None and wanted.starts_until < ends_at:
        return wanted, offset
    return wanted._replace(starts_until=ends_at), place.skipped


async def keyset_page(tx: Tenancy, wanted: Filter, page: KeysetPage) -> list[AppointmentRow]:
    """Returns one page; a page that is read backwards is returned in forward order."""
    return await _keyset(tx, _keyset_page, wanted, page)


async def keyset_items(
    tx: Tenancy, wanted: Filter, page: KeysetPage
) -> Sequence[AppointmentItem | AppointmentRow]:
    """Returns the same page as items, which hold the values that a cursor needs.

    Returns rows if the statement for items is not precompiled, because compiling it takes longer
    than items save.
    """
    if page.field in AppointmentItem._fields:
        family = _keyset_items
        if family(*_variant(wanted, page)).is_at_hand(tx.dialect):
            return await _keyset(tx, family, wanted, page)
    return await keyset_page(tx, wanted, page)


async def _keyset(tx: Tenancy, family: Family[R], wanted: Filter, page: KeysetPage) -> list[R]:
    statement = await family.ready(tx.dialect, *_variant(wanted, page))
    values = {**wanted.values(), "limit": page.limit}
    for name, position in (("after", page.after), ("before", page.before)):
        if position is not None:
            values |= {f"{name}_key": position.key, f"{name}_id": position.id}
    rows = await tx.fetch(statement, **values)
    return rows[::-1] if page.backwards else rows


def _variant(wanted: Filter, page: KeysetPage) -> tuple[Hashable, ...]:
    ends = page.after is not None, page.before is not None
    return wanted.shape, page.field, page.descending, page.backwards, *ends
