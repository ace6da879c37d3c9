"""Reading and writing participants."""

from typing import Any

from ..engine import LARGE_ROWS, Tenancy
from ..models import ParticipantItem, ParticipantRow
from ..statement import Family, Statement

_BY_ID = Statement("participants.BY_ID", ParticipantRow)
_BY_IDS = Statement("participants.BY_IDS", ParticipantRow)
_ALL_OF = Statement("participants.ALL_OF", ParticipantRow)
_ITEMS_OF = Statement("participants.ITEMS_OF", ParticipantItem)
_ALL_OF_MANY = Statement("participants.ALL_OF_MANY", ParticipantRow)
_ITEMS_OF_MANY = Statement("participants.ITEMS_OF_MANY", ParticipantItem)
_OFFSET_PAGE = Statement("participants.OFFSET_PAGE", ParticipantRow)
_OF_PERSON = Statement("participants.OF_PERSON", ParticipantRow)
_COUNT_OF_PERSON: Statement[Any] = Statement("participants.COUNT_OF_PERSON")
_INSERT: Statement[Any] = Statement("participants.INSERT")
_DELETE: Statement[Any] = Statement("participants.DELETE")
_change: Family[Any] = Family("participants.change")
_pages = Family("participants.pages", ParticipantRow)


async def get(tx: Tenancy, id: str) -> ParticipantRow | None:
    """Returns one participant, or None."""
    return await tx.fetch_one(_BY_ID, id=id)


async def get_many(tx: Tenancy, ids: list[str]) -> list[ParticipantRow]:
    """Returns the participants with these ids that exist, in no particular order."""
    return await tx.fetch(_BY_IDS, ids=ids)


async def all_of(tx: Tenancy, appointment_id: str) -> list[ParticipantRow]:
    """Returns the participants of one appointment in the order in which they were added."""
    return await tx.fetch(_ALL_OF, appointment_id=appointment_id)


async def items_of(tx: Tenancy, appointment_id: str) -> list[ParticipantItem]:
    """Returns the same, without the times of the participants."""
    return await tx.fetch(_ITEMS_OF, appointment_id=appointment_id)


async def all_of_many(tx: Tenancy, appointment_ids: list[str]) -> list[ParticipantRow]:
    """Returns the participants of several appointments in one statement, in the same order."""
    return await tx.fetch(_ALL_OF_MANY, appointment_ids=appointment_ids)


async def items_of_many(tx: Tenancy, appointment_ids: list[str]) -> list[ParticipantItem]:
    """Returns the same, without the times of the participants."""
    return await tx.fetch(_ITEMS_OF_MANY, appointment_ids=appointment_ids)


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
    statement = await _pages.ready(tx.dialect, backwards, after is not None, before is not None)
    values: dict[str, Any] = {"limit": limit, "appointment_ids": appointment_ids}
    if after is not None:
        values["after"] = after
    if before is not None:
        values["before"] = before
    return await tx.fetch(statement, **values)


async def of_person(tx: Tenancy, unique_id: str, limit: int) -> list[ParticipantRow]:
    """Returns a person's invitations to appointments, at most `limit`."""
    return await tx.fetch(_OF_PERSON, unique_id=unique_id, limit=limit)


async def count_of_person(tx: Tenancy, unique_id: str) -> int:
    """Returns to how many appointments a person is invited."""
    row = await tx.fetch_one(_COUNT_OF_PERSON, unique_id=unique_id)
    return int(row[0]) if row else 0


async def add(tx: Tenancy, rows: list[ParticipantRow]) -> None:
    """Inserts participants; call `appointments.touch` to update their count."""
    await tx.execute_many(_INSERT, [row._asdict() for row in rows])


async def change(tx: Tenancy, id: str, values: dict[str, Any]) -> None:
    """Sets `values` on one participant."""
    await tx.execute(await _change.ready(tx.dialect, frozenset(values)), at_id=id, **values)


async def remove(tx: Tenancy, appointment_id: str, ids: list[str]) -> int:
    """Removes participants; returns how many, for `appointments.touch` to update their count."""
    execute = tx.execute_large if len(ids) > LARGE_ROWS else tx.execute
    return await execute(_DELETE, appointment_id=appointment_id, ids=ids)
