"""Following the log: in order, from any place, without holding anything, until the token ends."""

import asyncio
from contextlib import aclosing

import pytest

from db.ids import new_id
from db.models import AppointmentEvent, EventType, ParticipantEvent
from schema.domain.errors import BadInput, CursorExpired, Forbidden, LogReplaced
from schema.operation.call import Call, Services
from schema.resolvers.cursors import write_event_cursor
from schema.resolvers.events import BATCH, follow_events, list_events
from tests.people import add_tenant
from tests.schema.following import call_of, cursor, happen, next_of, some_of, until


async def test_a_follower_gets_what_happens_from_now_on(call: Call) -> None:
    await happen(call)
    async with aclosing(await follow_events(call)) as stream:
        # What happens before it is first read counts as well.
        await happen(call, EventType.APPOINTMENT_STARTED)
        event = await next_of(stream)
        assert (event.seq, event.type) == (2, EventType.APPOINTMENT_STARTED)
        waiting = asyncio.ensure_future(next_of(stream))
        await until(lambda: call.services.feed.waiting)
        await happen(call, EventType.APPOINTMENT_COMPLETED)
        assert (await waiting).type is EventType.APPOINTMENT_COMPLETED


async def test_a_follower_resumes_behind_what_it_has_seen(call: Call) -> None:
    await happen(call, *[EventType.APPOINTMENT_UPDATED] * (2 * BATCH + 3))
    for after, first in ((cursor(call, 7), 8), ("", 1), (cursor(call, 0), 1)):
        async with aclosing(await follow_events(call, after)) as stream:
            count = 2 * BATCH + 4 - first
            assert await some_of(stream, count) == list(range(first, first + count))
    async with aclosing(await follow_events(call, cursor(call, 2 * BATCH + 3))) as stream:
        await happen(call)
        assert await some_of(stream, 1) == [2 * BATCH + 4]


async def test_events_of_participants_are_told_from_those_of_appointments(call: Call) -> None:
    person = new_id()
    await happen(call, EventType.PARTICIPANT_ADDED, participant_id=person)
    await happen(call)
    async with aclosing(await follow_events(call, "")) as stream:
        first, second = await next_of(stream), await next_of(stream)
    assert isinstance(first, ParticipantEvent)
    assert first.participant_id == person
    assert isinstance(second, AppointmentEvent)


@pytest.mark.parametrize("follow", [follow_events, list_events])
async def test_cursors_are_checked_before_anything_is_read(
    call: Call, services: Services, follow: object
) -> None:
    await happen(call)
    other = await call_of(services, await add_tenant(services, "Elsewhere"))
    wrong = ["x", "MQ", cursor(call, 1) + "=", cursor(call, 1)[:-1], cursor(other, 0), "1", "\x00"]
    for after in [*wrong, cursor(call, -1), "é", "\ud800", "9" * 5_000]:
        with pytest.raises(BadInput, match="`Last-Event-ID`, is not a cursor of this event log"):
            await follow(call, after=after)  # type: ignore[operator]
    with pytest.raises(LogReplaced, match="was restored from a backup since"):
        await follow(call, after=cursor(call, 2))  # type: ignore[operator]
    with pytest.raises(BadInput, match="at least one type"):
        await follow(call, types=[])  # type: ignore[operator]
    with pytest.raises(BadInput, match="UUID"):
        await follow(call, appointment_id="x")  # type: ignore[operator]


async def test_a_token_without_the_scope_may_not_follow(call: Call) -> None:
    nobody = Call(call.caller._replace(scopes=()), call.services, call.source, "r")
    with pytest.raises(Forbidden):
        await follow_events(nobody)


def test_an_expired_cursor_says_what_to_do() -> None:
    assert "for 1 day." in CursorExpired(1).message
    assert "for 30 days. Read what you need anew" in CursorExpired(30).message


async def test_a_cursor_of_an_event_that_is_not_in_the_log_is_refused(call: Call) -> None:
    await happen(call, *[EventType.APPOINTMENT_UPDATED] * 3)
    page = await list_events(call, first=2)
    good = page.cursor(page.rows[1])
    assert page.end == good
    assert [each.seq for each in (await list_events(call, after=good)).rows] == [3]
    # As a log has it that was restored to the first event, and went on differently.
    other = write_event_cursor(call.caller.organization_id, 2, new_id())
    for follow in (list_events, follow_events):
        with pytest.raises(LogReplaced, match="restored from a backup since"):
            await follow(call, after=other)  # type: ignore[operator]


async def test_a_cursor_of_an_earlier_release_is_good(call: Call) -> None:
    await happen(call, *[EventType.APPOINTMENT_UPDATED] * 3)
    old = cursor(call, 2)
    assert [each.seq for each in (await list_events(call, after=old)).rows] == [3]


async def test_the_end_of_a_page_is_the_cursor_of_an_event(call: Call) -> None:
    await happen(call, *[EventType.APPOINTMENT_UPDATED] * 3)
    last = (await list_events(call)).rows[-1]
    wanted = write_event_cursor(call.caller.organization_id, 3, last.id)
    assert (await list_events(call)).end == wanted
    assert (await list_events(call, after=wanted)).end == wanted
    nothing = await list_events(call, types=[EventType.PARTICIPANT_LEFT])
    assert (list(nothing.rows), nothing.end) == ([], wanted)
