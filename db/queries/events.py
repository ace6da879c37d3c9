"""Statements about the event log.

`append` is called by the gate alone.
"""

from typing import Any

from sqlalchemy import bindparam, insert, select, update

from ..engine import Tenancy
from ..models import Event, EventRow, Organization
from ..scope import tenant, within
from ..statement import Statement
from .lists import among, columns, id_list

TABLE = Event.__table__  # type: ignore[attr-defined]
ORGANIZATION = Organization.__table__  # type: ignore[attr-defined]

_NUMBER: Statement[Any] = Statement(
    update(Organization)
    .where(ORGANIZATION.c.id == tenant())
    .values(event_seq=ORGANIZATION.c.event_seq + bindparam("amount"))
    .returning(ORGANIZATION.c.event_seq)
)
_INSERT: Statement[Any] = Statement(
    insert(Event).values(
        {
            name: tenant() if name == "organization_id" else bindparam(name)
            for name in TABLE.c.keys()  # noqa: SIM118
        }
    )
)
_AFTER = Statement(
    select(*columns(Event, EventRow))
    .where(within(Event), TABLE.c.seq > bindparam("after"))
    .order_by(TABLE.c.seq)
    .limit(bindparam("limit")),
    EventRow._make,
)


_OF_PARTICIPANTS = Statement(
    select(*columns(Event, EventRow))
    .where(
        within(Event),
        among(TABLE.c.participant_id, "participant_ids"),
        among(TABLE.c.type, "types"),
    )
    .order_by(TABLE.c.seq),
    EventRow._make,
)


_BY_ID: Statement[Any] = Statement(
    select(TABLE.c.seq).where(within(Event), TABLE.c.id == bindparam("id"))
)


async def exists(tx: Tenancy, id: str) -> bool:
    """Whether an event of this id was written before."""
    return await tx.fetch_one(_BY_ID, id=id) is not None


async def append(tx: Tenancy, events: list[dict[str, Any]]) -> int:
    """Writes events numbered on from the organization's last; returns the last number."""
    row = await tx.fetch_one(_NUMBER, amount=len(events))
    if row is None:
        raise LookupError(f"no organization {tx.organization_id}")
    last = int(row[0])
    first = last - len(events) + 1
    await tx.execute_many(
        _INSERT, [{**event, "seq": first + place} for place, event in enumerate(events)]
    )
    return last


async def after(tx: Tenancy, seq: int, limit: int) -> list[EventRow]:
    """Returns up to `limit` events that follow number `seq`."""
    return await tx.fetch(_AFTER, after=seq, limit=limit)


async def of_participants(
    tx: Tenancy, participant_ids: list[str], types: tuple[str, ...]
) -> list[EventRow]:
    """Returns the events of these types about these participants, in order."""
    return await tx.fetch(
        _OF_PARTICIPANTS, participant_ids=id_list(participant_ids), types=id_list(list(types))
    )
