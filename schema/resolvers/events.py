"""Operations on the event log: pages of it, and following it."""

from collections.abc import AsyncGenerator, Iterable
from functools import partial
from typing import NamedTuple

from strawberry import Parent

from db.engine import Tenancy
from db.ids import canonical
from db.models import (
    AppointmentRow,
    EventType,
    LogEnds,
    LoggedEvent,
    ParticipantEvent,
    ParticipantRow,
)
from db.queries import events
from db.queries.events import EventFilter

from ..domain.errors import BadInput, CursorExpired, LogReplaced
from ..inputs import After, OfAppointment, OfTypes, PageSize, SeenUntil
from ..operation.budget import afford
from ..operation.call import STEPS_A_POINT, Call
from ..operation.gate import follows, reads
from .cursors import read_event_cursor, write_event_cursor
from .loaders import appointment_loader, participant_loader
from .pages import Page, size_of

# What a follower takes at a time: some 25 KiB, however slowly it is read.
BATCH = 25
# How many events one statement looks at for those of some types: half a millisecond.
STRETCH = 2_000
# A page looks no further for them, and is shorter then.
MOST_STRETCHES = 10


class Stretch(NamedTuple):
    """Events of a part of the log, up to number `end`; `is_last` when nothing follows."""

    events: list[LoggedEvent]
    end: int
    is_last: bool


@reads
async def list_events(
    call: Parent[Call],
    first: PageSize = None,
    after: After = None,
    types: OfTypes = None,
    appointment_id: OfAppointment = None,
) -> Page[LoggedEvent]:
    """The event log of the organization, oldest first; what `Subscription.events` pushes. `first`
    is 1 to 100; 20 when absent. A page of few types may be short, even empty, though more follow.

    Raises BadInput for arguments that make no sense, CursorExpired when what follows is removed.
    """
    size, wanted = size_of("first", first), _filter(types, appointment_id)
    at, ends = await _begun(call, call.tx, after or "")
    found: list[LoggedEvent] = []
    for _ in range(MOST_STRETCHES):
        stretch = await _read(call.tx, wanted, at, ends.last, size - len(found))
        found += stretch.events
        at = stretch.end
        if stretch.is_last or len(found) == size:
            break
        if call.services.pace.is_due():
            await call.services.pace.turn()
    organization_id = call.caller.organization_id
    return Page(
        found,
        has_next=not stretch.is_last,
        has_previous=bool(after),
        cursor=lambda event: write_event_cursor(organization_id, event.seq, event.id),
        end=write_event_cursor(organization_id, at, await _id_at(call.tx, at, found)),
    )


@follows
async def follow_events(
    call: Parent[Call],
    after: SeenUntil = None,
    types: OfTypes = None,
    appointment_id: OfAppointment = None,
) -> AsyncGenerator[LoggedEvent, None]:
    """Events from now on, or from `after`: in order, at least once, none missing.

    An empty `after` is the oldest event that is kept. Raises BadInput for arguments that make no
    sense; the stream, too, raises CursorExpired when it is read so slowly that events are removed
    before it comes to them.
    """
    wanted = _filter(types, appointment_id)
    at, _ = await call.snapshot.read(lambda tx: _begun(call, tx, after))
    return following(call, wanted, at, call.caller.token_id)


async def following(
    call: Call, wanted: EventFilter, at: int, token_id: str = ""
) -> AsyncGenerator[LoggedEvent, None]:
    """Yields the events after number `at` that match; who looks whether the caller may?

    Reads a batch when it is asked for more, and waits without holding anything.
    """
    organization_id = call.caller.organization_id
    pace = call.services.pace
    while True:
        # One event wakes all who follow: they must not hold up those who ask for something.
        await pace.wait()
        stretch = await call.snapshot.read(partial(_batch, call, wanted, at))
        if token_id:
            await _pay(call)
        for event in stretch.events:
            yield event
        at = stretch.end
        if stretch.is_last:
            await call.services.feed.growth(organization_id, at, token_id)


async def _pay(call: Call) -> None:
    """Waits until the token can afford what was read: types that never come cost a whole log."""
    points, call.snapshot.steps = divmod(call.snapshot.steps, STEPS_A_POINT)
    if points:
        await afford(call, points)


async def _begun(call: Call, tx: Tenancy, after: str | None) -> tuple[int, LogEnds]:
    """Returns the number after which to begin, and how far the log reaches.

    That number is the one of a cursor, the oldest for "", or now. Raises LogReplaced for a cursor
    of what the log held before a backup was restored.
    """
    if not after:
        ends = await events.ends(tx)
        return ends.floor if after == "" else ends.last, ends
    wanted = read_event_cursor(after, call.caller.organization_id)
    found = await events.place(tx, wanted.seq)
    ends = LogEnds(found.floor, found.last)
    _ensure_kept(call, wanted.seq, ends)
    # What stood at the floor is removed, so nothing can be said about it.
    if wanted.seq > ends.last or (wanted.seq > ends.floor and not wanted.is_of(found.id)):
        raise LogReplaced
    return wanted.seq, ends


async def _id_at(tx: Tenancy, seq: int, read: list[LoggedEvent]) -> str | None:
    """Returns the id of the event of a number: usually the last one that was read."""
    if read and read[-1].seq == seq:
        return read[-1].id
    return (await events.place(tx, seq)).id if seq else None


async def _batch(call: Call, wanted: EventFilter, at: int, tx: Tenancy) -> Stretch:
    """Reads what a follower takes at a time; raises CursorExpired when some of it is removed."""
    ends = await events.ends(tx)
    _ensure_kept(call, at, ends)
    return await _read(tx, wanted, at, ends.last, BATCH)


async def _read(tx: Tenancy, wanted: EventFilter, at: int, last: int, size: int) -> Stretch:
    """Reads up to `size` events after number `at` of a log that ends with number `last`."""
    until = await _reach(tx, wanted, at, last)
    found = await events.part(tx, wanted, at, until, size + 1)
    if len(found) > size:
        del found[size:]
        return Stretch(found, found[-1].seq, is_last=False)
    return Stretch(found, until, is_last=until == last)


def _ensure_kept(call: Call, at: int, ends: LogEnds) -> None:
    # What is behind the floor itself is there: nothing was missed by who has seen the last removed.
    if at < ends.floor:
        raise CursorExpired(call.services.events_kept.days)


async def _reach(tx: Tenancy, wanted: EventFilter, at: int, last: int) -> int:
    """Returns how far one statement looks: types have no index, so no further than a stretch."""
    if wanted.types is None:
        return last
    if wanted.appointment_id is None:
        return min(at + STRETCH, last)
    return await events.nth_of_appointment(tx, wanted.appointment_id, at, STRETCH) or last


def _filter(types: Iterable[EventType] | None, appointment_id: str | None) -> EventFilter:
    chosen = None if types is None else tuple(dict.fromkeys(types))
    if chosen == ():
        raise BadInput("Name at least one type in `types`, or leave it out for all of them.")
    id = None if appointment_id is None else canonical(appointment_id)
    if appointment_id is not None and id is None:
        raise BadInput("`appointmentId` is not the id of an appointment: it is a UUID.")
    return EventFilter(chosen, id)


async def appointment_of(call: Call, event: LoggedEvent) -> AppointmentRow | None:
    """The appointment that an event is about; None once it is deleted."""
    call.require("read")
    return await appointment_loader(call).load(event.appointment_id)


async def participant_of(call: Call, event: ParticipantEvent) -> ParticipantRow | None:
    """The participant that an event is about; None once it is removed."""
    call.require("read")
    return await participant_loader(call).load(event.participant_id)
