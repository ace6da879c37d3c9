"""Every event once, in order, whoever writes and whoever reads; nothing is left of who leaves."""

import asyncio
import gc
import sys
from contextlib import aclosing
from types import AsyncGeneratorType
from typing import Any

import pytest

from db.ids import new_id
from db.models import EventType
from gateway.services import open_services
from gateway.settings import Settings
from schema.operation.call import Call, Services
from schema.operation.throttle import Rate, Throttle
from schema.resolvers import events as resolvers
from schema.resolvers.cursors import read_event_cursor
from schema.resolvers.events import BATCH, STRETCH, follow_events, list_events
from tests.conftest import MovableClock
from tests.people import Tenant, add_tenant
from tests.postgresql.places import url
from tests.schema.following import SECONDS, call_of, cursor, happen, next_of, some_of, until
from tests.service import ROOT
from tests.settling import idle

STARTED, UPDATED, MISSED = (
    EventType.APPOINTMENT_STARTED,
    EventType.APPOINTMENT_UPDATED,
    EventType.APPOINTMENT_MISSED,
)


async def writing(call: Call, times: int) -> None:
    for place in range(times):
        await happen(call, *[UPDATED] * (1 + place % 3))


async def write_elsewhere(settings: Settings, call: Call, times: int) -> None:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "tests.schema.writer",
        url(settings.database), call.caller.organization_id, str(times),
        cwd=ROOT,
    )  # fmt: skip
    async with asyncio.timeout(60):
        assert await process.wait() == 0


async def ledger(call: Call, after: str | None, last: int, *, slowly: bool = False) -> list[int]:
    """What one follower gets up to a number."""
    found: list[int] = []
    async with aclosing(await follow_events(call, after)) as stream:
        while not found or found[-1] < last:
            found.append((await next_of(stream)).seq)
            if slowly:
                await asyncio.sleep(0.001)
    return found


async def test_every_event_comes_once_and_in_order_whoever_writes(
    settings: Settings, services: Services, call: Call
) -> None:
    others = await call_of(services, await add_tenant(services, "Elsewhere"))
    tasks, times, elsewhere = 4, 30, 60
    total = tasks * sum(1 + place % 3 for place in range(times)) + elsewhere
    followers = [
        asyncio.ensure_future(ledger(call, after, total, slowly=slowly))
        for after in (None, "", cursor(call, 0))
        for slowly in (False, True)
    ]
    await until(lambda: services.feed.waiting == len(followers))
    await asyncio.gather(
        write_elsewhere(settings, call, elsewhere),
        *[writing(call, times) for _ in range(tasks)],
        writing(others, times),
    )
    async with asyncio.timeout(30):
        for found in await asyncio.gather(*followers):
            assert found == list(range(1, total + 1))


async def test_a_commit_of_another_process_wakes_within_a_second(
    settings: Settings, services: Services, call: Call
) -> None:
    async with aclosing(await follow_events(call)) as stream:
        waiting = asyncio.ensure_future(next_of(stream))
        await until(lambda: services.feed.waiting)
        await write_elsewhere(settings, call, 1)
        async with asyncio.timeout(1):
            assert (await waiting).seq == 1


async def test_a_follower_goes_on_after_a_restart(
    settings: Settings, clock: MovableClock, services: Services, call: Call, tenant: Tenant
) -> None:
    await writing(call, 3)
    async with aclosing(await follow_events(call, "")) as stream:
        seen = (await next_of(stream)).seq
    async with open_services(settings, clock) as again:
        resumed = await call_of(again, tenant)
        assert await ledger(resumed, cursor(call, seen), 6) == [2, 3, 4, 5, 6]


OWN, OTHER, NOBODY = (new_id() for _ in range(3))


@pytest.mark.parametrize(
    ("types", "appointment_id", "expected"),
    [
        ([MISSED], None, [20, 40, 60]),
        ([MISSED, MISSED, STARTED], None, [20, 40, 60]),
        ([STARTED], None, []),
        (None, OWN, list(range(2, 62, 2))),
        ([MISSED], OWN, [20, 40, 60]),
        ([MISSED], OTHER, []),
        (None, NOBODY, []),
    ],
)
async def test_only_what_was_asked_for_comes(
    call: Call,
    monkeypatch: pytest.MonkeyPatch,
    types: list[EventType] | None,
    appointment_id: Any,
    expected: list[int],
) -> None:
    monkeypatch.setattr(resolvers, "STRETCH", 7)
    for place in range(60):
        kind = MISSED if place % 20 == 19 else UPDATED
        await happen(call, kind, appointment_id=OWN if place % 2 else OTHER)
    async with aclosing(await follow_events(call, "", types, appointment_id)) as stream:
        assert await some_of(stream, len(expected)) == expected
        # At the end of the log it waits, and hears of the next that matches.
        waiting = asyncio.ensure_future(next_of(stream))
        await until(lambda: call.services.feed.waiting)
        await happen(call)
        await happen(call, types[-1] if types else UPDATED, appointment_id=appointment_id)
        assert (await waiting).seq == 62


async def test_a_page_of_few_types_looks_no_further_than_it_may(
    call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(resolvers, "STRETCH", 3)
    monkeypatch.setattr(resolvers, "MOST_STRETCHES", 4)
    await happen(call, *[UPDATED] * 25, MISSED, UPDATED)
    after, pages = "", []
    for _ in range(4):
        page = await list_events(call, after=after, types=[MISSED])
        assert page.end is not None
        end = read_event_cursor(page.end, call.caller.organization_id).seq
        pages.append(([event.seq for event in page.rows], end, page.has_next))
        after = page.end
    assert pages == [
        ([], 12, True),
        ([], 24, True),
        ([26], 27, False),
        ([], 27, False),
    ]


async def test_a_slow_reader_holds_nothing_and_is_read_ahead_by_a_batch(
    services: Services, call: Call
) -> None:
    database: Any = services.database
    await happen(call, *[UPDATED] * (20 * BATCH))
    streams = [await follow_events(call, "") for _ in range(20)]
    for stream in streams:
        await next_of(stream)
    assert services.feed.waiting == 0
    await idle(database)
    read = database.statements
    await happen(call)
    assert database.statements - read <= 4  # What the write itself takes.
    for stream in streams:
        assert await some_of(stream, BATCH - 1) == list(range(2, BATCH + 1))
    assert database.statements - read <= 4
    for stream in streams:
        await stream.aclose()


def left() -> int:
    gc.collect()
    # Not isinstance: lazy objects of other libraries wake up when they are asked for their class.
    return sum(type(each) is AsyncGeneratorType for each in gc.get_objects())


@pytest.mark.parametrize("how", ["cancelled", "closed", "dropped", "never read"])
async def test_nothing_is_left_of_a_thousand_who_went_away(
    services: Services, call: Call, how: str
) -> None:
    database: Any = services.database
    await happen(call, *[UPDATED] * 3)
    generators, tasks = left(), len(asyncio.all_tasks())
    streams = [await follow_events(call, "") for _ in range(1_000)]
    if how in ("closed", "dropped"):
        for stream in streams:
            await next_of(stream)
    if how == "closed":
        for stream in streams:
            await stream.aclose()
    if how == "cancelled":
        readers = [asyncio.ensure_future(some_of(stream, 9)) for stream in streams]
        await until(lambda: services.feed.waiting == 1_000)
        for reader in readers:
            reader.cancel()
        await asyncio.wait(readers)
        del reader, readers
        # The one look for all goes when nobody waits any more.
        await until(lambda: services.feed._looking is None or services.feed._looking.done())
    streams.clear()
    stream = None  # type: ignore[assignment]
    await until(lambda: left() == generators)
    # Fewer, when the last ROLLBACK before was still under way.
    await until(lambda: len(asyncio.all_tasks()) <= tasks)
    assert services.feed.waiting == 0
    assert services.feed._waiting == {}
    await idle(database)


async def test_nobody_who_waits_costs_a_statement(services: Services, call: Call) -> None:
    database: Any = services.database
    streams = [await follow_events(call) for _ in range(50)]
    readers = [asyncio.ensure_future(next_of(stream)) for stream in streams]
    await until(lambda: services.feed.waiting == 50)
    await until(lambda: not services.feed._is_joined)
    read = database.statements
    await asyncio.sleep(1.2)
    # A server is asked every half second, for all of them together.
    assert database.statements - read <= (0 if database.dialect == "sqlite" else 6)
    await happen(call)
    assert [event.seq for event in await asyncio.gather(*readers)] == [1] * 50
    for stream in streams:
        await stream.aclose()


async def test_those_whom_one_commit_wakes_take_turns(services: Services, call: Call) -> None:
    streams = [await follow_events(call) for _ in range(500)]
    readers = [asyncio.ensure_future(next_of(stream)) for stream in streams]
    await until(lambda: services.feed.waiting == len(readers))
    await happen(call)
    turns = 0
    while not all(reader.done() for reader in readers):
        turns += any(reader.done() for reader in readers)
        await asyncio.sleep(0)
    assert turns >= 2
    for stream in streams:
        await stream.aclose()


@pytest.mark.sqlite("a server does not say how many rows a statement went through")
async def test_looking_for_what_never_comes_is_paid_for(services: Services, call: Call) -> None:
    for _ in range(12):
        await happen(call, *[EventType.APPOINTMENT_UPDATED] * STRETCH)
    throttle, token_id = Throttle(Rate(1_000, 600)), call.caller.token_id
    object.__setattr__(services, "throttle", throttle)

    async def looked(seconds: float) -> None:
        async with aclosing(await follow_events(call, "", [EventType.PARTICIPANT_LEFT])) as stream:
            waiting = asyncio.ensure_future(anext(stream))
            try:
                await asyncio.wait_for(until(lambda: services.feed.waiting), seconds)
            finally:
                waiting.cancel()
                await asyncio.wait([waiting])

    await looked(SECONDS)
    # A dozen stretches of some thousands of steps each.
    assert 12 <= 1_000 - throttle.spend(token_id, 0).remaining <= 120
    throttle.charge(token_id, 2_000)
    # Who has no points waits for them.
    with pytest.raises(TimeoutError):
        await looked(0.5)
