"""Reading and writing the event log."""

from datetime import datetime
from typing import Any

from ..engine import Tenancy
from ..models import EventRow, EventType, PresenceRow
from ..statement import Statement
from .lists import id_list

_NUMBER: Statement[Any] = Statement("events.NUMBER")
_INSERT: Statement[Any] = Statement("events.INSERT")
_AFTER = Statement("events.AFTER", EventRow)
_PRESENCE = Statement("events.PRESENCE", PresenceRow)
_BY_ID: Statement[Any] = Statement("events.BY_ID")
_BACK: dict[EventType, Statement[Any]] = {
    type: Statement("events.back", arguments=(type,))
    for type in (EventType.PARTICIPANT_JOINED, EventType.PARTICIPANT_LEFT)
}
_BALANCE = {EventType.APPOINTMENT_CREATED: 1, EventType.APPOINTMENT_DELETED: -1}


async def exists(tx: Tenancy, id: str) -> bool:
    """Whether an event with this id exists."""
    return await tx.fetch_one(_BY_ID, id=id) is not None


async def append(tx: Tenancy, events: list[dict[str, Any]]) -> int:
    """Appends events, numbered after the organization's last; returns the last number.

    Also updates the organization's count of appointments.
    """
    come = sum(_BALANCE.get(event["type"], 0) for event in events)
    row = await tx.fetch_one(_NUMBER, amount=len(events), appointments=come)
    if row is None:
        raise LookupError(f"no organization {tx.organization_id}")
    last = int(row[0])
    first = last - len(events) + 1
    await tx.execute_many(
        _INSERT, [{**event, "seq": first + place} for place, event in enumerate(events)]
    )
    return last


async def after(tx: Tenancy, seq: int, limit: int) -> list[EventRow]:
    """Returns up to `limit` events after number `seq`."""
    return await tx.fetch(_AFTER, after=seq, limit=limit)


async def presence(tx: Tenancy, participant_ids: list[str], limit: int) -> list[PresenceRow]:
    """Returns the latest `limit` joins and leaves of each participant, in order."""
    return await tx.fetch(_PRESENCE, participant_ids=id_list(participant_ids), limit=limit)


async def nth_latest(tx: Tenancy, participant_id: str, type: EventType, n: int) -> datetime | None:
    """Returns the time of a participant's n-th latest join or leave; None if there are fewer."""
    row = await tx.fetch_one(_BACK[type], participant_id=participant_id, skipped=n - 1)
    return row[0] if row else None
