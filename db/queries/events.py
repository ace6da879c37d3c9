"""Reading and writing the event log."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from ..engine import Tenancy
from ..models import (
    AppointmentEvent,
    EventRow,
    EventType,
    LogEnds,
    LoggedEvent,
    LogPlace,
    ParticipantEvent,
    PresenceRow,
)
from ..statement import Family, Statement


class EventFilter(NamedTuple):
    """Conditions joined by AND; None does not restrict."""

    types: tuple[EventType, ...] | None = None
    appointment_id: str | None = None


def _logged(values: Sequence[Any]) -> LoggedEvent:
    seq, id, type, appointment_id, participant_id, *rest = values
    if participant_id is None:
        return AppointmentEvent(seq, id, _TYPES[type], appointment_id, None, *rest)
    return ParticipantEvent(seq, id, _TYPES[type], appointment_id, participant_id, *rest)


_TYPES = {type.value: type for type in EventType}

_NUMBER: Statement[Any] = Statement("events.NUMBER")
_INSERT: Statement[Any] = Statement("events.INSERT")
_EXTEND: Statement[Any] = Statement("events.EXTEND")
_AFTER = Statement("events.AFTER", EventRow)
_PRESENCE = Statement("events.PRESENCE", PresenceRow)
_BY_ID: Statement[Any] = Statement("events.BY_ID")
_BACK: dict[EventType, Statement[Any]] = {
    type: Statement("events.back", arguments=(type,))
    for type in (EventType.PARTICIPANT_JOINED, EventType.PARTICIPANT_LEFT)
}
_ENDS = Statement("events.ENDS", LogEnds)
_PLACE = Statement("events.PLACE", LogPlace)
_NTH_OF_APPOINTMENT: Statement[Any] = Statement("events.NTH_OF_APPOINTMENT")
_OLDEST: Statement[Any] = Statement("events.OLDEST")
_REMOVE: Statement[Any] = Statement("events.REMOVE")
_RAISE_FLOOR: Statement[Any] = Statement("events.RAISE_FLOOR")
_part = Family("events.part", _logged)
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


async def add_numbered(
    tx: Tenancy, events: list[dict[str, Any]], reach: LogEnds, appointments: int
) -> None:
    """Appends events that have their numbers; from now on the log reaches as far as `reach`.

    `appointments` were added and are counted.
    """
    await tx.execute_many(_INSERT, events)
    await tx.execute(_EXTEND, **reach._asdict(), appointments=appointments)


async def after(tx: Tenancy, seq: int, limit: int) -> list[EventRow]:
    """Returns up to `limit` events after number `seq`."""
    return await tx.fetch(_AFTER, after=seq, limit=limit)


async def ends(tx: Tenancy) -> LogEnds:
    """Returns how far the log reaches."""
    return await tx.fetch_one(_ENDS) or LogEnds(0, 0)


async def place(tx: Tenancy, seq: int) -> LogPlace:
    """Returns how far the log reaches, and the id of the event of a number."""
    return await tx.fetch_one(_PLACE, seq=seq) or LogPlace(0, 0, None)


async def part(
    tx: Tenancy, wanted: EventFilter, after: int, until: int, limit: int
) -> list[LoggedEvent]:
    """Returns the first `limit` events with numbers over `after` and up to `until` that match."""
    values: dict[str, Any] = {"after": after, "until": until, "limit": limit}
    if wanted.appointment_id is not None:
        values["appointment_id"] = wanted.appointment_id
    if wanted.types is not None:
        values["types"] = wanted.types
    statement = _part(wanted.appointment_id is not None, wanted.types is not None)
    return await tx.fetch(statement, **values)


async def nth_of_appointment(tx: Tenancy, appointment_id: str, after: int, n: int) -> int | None:
    """Returns the number of an appointment's n-th event after a number; None for fewer."""
    row = await tx.fetch_one(
        _NTH_OF_APPOINTMENT, appointment_id=appointment_id, after=after, skipped=n - 1
    )
    return row[0] if row else None


async def remove_oldest(tx: Tenancy, before: datetime, limit: int) -> int:
    """Removes the oldest events up to the first that happened after `before`, at most `limit`.

    Returns how far the floor of the log was raised. Stays of participants that are there are kept
    for their attendance, below the floor.
    """
    floor = until = (await ends(tx)).floor
    for seq, occurred_at in await tx.fetch(_OLDEST, after=floor, limit=limit):
        if occurred_at > before:
            break
        until = seq
    if until > floor:
        await tx.execute_large(_REMOVE, after=floor, until=until)
        await tx.execute(_RAISE_FLOOR, until=until)
    return until - floor


async def presence(tx: Tenancy, participant_ids: list[str], limit: int) -> list[PresenceRow]:
    """Returns the latest `limit` joins and leaves of each participant, in order."""
    return await tx.fetch(_PRESENCE, participant_ids=participant_ids, limit=limit)


async def nth_latest(tx: Tenancy, participant_id: str, type: EventType, n: int) -> datetime | None:
    """Returns the time of a participant's n-th latest join or leave; None if there are fewer."""
    row = await tx.fetch_one(_BACK[type], participant_id=participant_id, skipped=n - 1)
    return row[0] if row else None
