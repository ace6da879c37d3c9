"""Statements about the event log.

`append` is called by the gate alone.
"""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, bindparam, insert, literal_column, or_, select, update

from ..engine import Tenancy
from ..models import (
    JOINED,
    LEFT,
    Event,
    EventRow,
    Organization,
    Participant,
    PresenceRow,
)
from ..scope import tenant, within
from ..statement import Statement
from .lists import among, columns, id_list

TABLE = Event.__table__  # type: ignore[attr-defined]
ORGANIZATION = Organization.__table__  # type: ignore[attr-defined]
PARTICIPANT = Participant.__table__  # type: ignore[attr-defined]

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


STAY = TABLE.alias("stay")


def _is(column: ColumnElement[str], type: str) -> ColumnElement[bool]:
    # Written out, not bound: only so does SQLite see that the partial index serves.
    return column == literal_column(f"'{type}'")


# From each participant to the latest few, whatever else has happened to them. Sorted by participant
# first, or SQLite starts from all events of the organization.
_LATEST = (
    select(STAY.c.seq)
    .where(
        STAY.c.organization_id == tenant(),
        STAY.c.participant_id == PARTICIPANT.c.id,
        or_(_is(STAY.c.type, JOINED), _is(STAY.c.type, LEFT)),
    )
    .order_by(STAY.c.seq.desc())
    .limit(bindparam("limit"))
    .correlate(PARTICIPANT)
)
_PRESENCE = Statement(
    select(*columns(Event, PresenceRow))
    .select_from(PARTICIPANT.join(TABLE, TABLE.c.seq.in_(_LATEST)))
    .where(within(Event), within(Participant), among(PARTICIPANT.c.id, "participant_ids"))
    .order_by(PARTICIPANT.c.id, TABLE.c.seq),
    PresenceRow._make,
)
_BACK: dict[str, Statement[Any]] = {
    type: Statement(
        select(TABLE.c.occurred_at)
        .where(
            within(Event),
            TABLE.c.participant_id == bindparam("participant_id"),
            _is(TABLE.c.type, type),
        )
        .order_by(TABLE.c.seq.desc())
        .limit(1)
        .offset(bindparam("skipped"))
    )
    for type in (JOINED, LEFT)
}
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


async def presence(tx: Tenancy, participant_ids: list[str], limit: int) -> list[PresenceRow]:
    """Returns the latest `limit` joins and leaves of these participants, each in order."""
    return await tx.fetch(_PRESENCE, participant_ids=id_list(participant_ids), limit=limit)


async def nth_latest(tx: Tenancy, participant_id: str, type: str, n: int) -> datetime | None:
    """Returns when the n-th latest join (or leave) of a participant was; None for fewer."""
    row = await tx.fetch_one(_BACK[type], participant_id=participant_id, skipped=n - 1)
    return row[0] if row else None
