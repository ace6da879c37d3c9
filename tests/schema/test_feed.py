"""Who waits is woken by every kind of change, and told within a second that the token is over."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import aclosing
from datetime import timedelta
from typing import Any

import pytest

from db.engine import DatabaseUnavailable
from db.models import EventType
from db.queries import system
from gateway.services import open_services
from gateway.settings import Settings
from schema.domain.errors import Unauthenticated
from schema.operation.call import Call, Services
from schema.operation.feed import BATCH as LOOKED_UP
from schema.resolvers import joining
from schema.resolvers.clockwork import tick
from schema.resolvers.events import follow_events
from schema.rooms import DeviceLeft
from tests.conftest import NOON, MovableClock
from tests.people import Tenant, add_tenant
from tests.postgresql.places import change
from tests.schema.following import booked, call_of, happen, next_of, until


@pytest.fixture
async def call(services: Services, tenant: Tenant) -> Call:
    return await call_of(services, tenant, "write")


async def revoke(services: Services, call: Call) -> None:
    async with services.database.write() as transaction:
        await system.revoke_token(transaction, call.caller.token_id, NOON)


async def disable(services: Services, call: Call) -> None:
    async with services.database.write() as transaction:
        await system.switch_organization(transaction, call.caller.organization_id, active=False)


End = Callable[[Services, Call], Awaitable[None]]
ENDS = {"revoked": (revoke, "invalid"), "disabled": (disable, "inactive")}


@pytest.mark.parametrize("how", ENDS)
async def test_who_waits_hears_within_a_second_that_the_token_is_over(
    services: Services, call: Call, how: str
) -> None:
    end, reason = ENDS[how]
    streams = [await follow_events(call) for _ in range(3)]
    waiting = [asyncio.ensure_future(next_of(stream)) for stream in streams]
    waiting.append(
        asyncio.ensure_future(
            services.feed.refusal(call.caller.organization_id, call.caller.token_id)
        )
    )
    await until(lambda: services.feed.waiting == 4)
    await end(services, call)
    began = asyncio.get_running_loop().time()
    done, _ = await asyncio.wait(waiting, timeout=1)
    assert len(done) == 4, asyncio.get_running_loop().time() - began
    errors = [each.exception() for each in waiting]
    assert [type(error) for error in errors] == [Unauthenticated] * 4
    assert {getattr(error, "reason", "") for error in errors} == {reason}
    assert len({id(error) for error in errors}) == 4
    assert services.feed.waiting == 0


async def test_a_token_that_expires_ends_its_streams(
    services: Services, tenant: Tenant, clock: MovableClock, settings: Settings
) -> None:
    call = await call_of(services, tenant)
    expire = "UPDATE api_token SET expires_at = '2026-03-02T13:00:00.000000Z' WHERE id = ?"
    change(settings.database, expire, call.caller.token_id)
    stream = await follow_events(call)
    waiting = asyncio.ensure_future(next_of(stream))
    await until(lambda: services.feed.waiting)
    other = asyncio.ensure_future(
        next_of(await follow_events(await call_of(services, tenant, "write")))
    )
    clock.set(NOON + timedelta(hours=1))
    with pytest.raises(Unauthenticated):
        async with asyncio.timeout(1):
            await waiting
    assert not other.done()
    other.cancel()
    await asyncio.wait([other])


@pytest.mark.parametrize("how", ENDS)
async def test_who_never_waits_hears_it_too(services: Services, call: Call, how: str) -> None:
    await happen(call, *[EventType.APPOINTMENT_UPDATED] * 100)
    async with aclosing(await follow_events(call, "")) as stream:
        await next_of(stream)
        await ENDS[how][0](services, call)
        with pytest.raises(Unauthenticated):
            async with asyncio.timeout(1):
                while True:
                    await next_of(stream)
                    await asyncio.sleep(0.05)


async def test_a_token_that_is_over_follows_nothing(services: Services, call: Call) -> None:
    await happen(call)
    await revoke(services, call)
    for after in ("", None):
        with pytest.raises(Unauthenticated):
            async with asyncio.timeout(1):
                await next_of(await follow_events(call, after))


async def test_what_is_written_anywhere_wakes(
    services: Services, call: Call, clock: MovableClock
) -> None:
    clock.set(NOON + timedelta(hours=1))
    async with aclosing(await follow_events(call)) as stream:

        async def woken_by(change: Awaitable[Any], *types: EventType) -> Any:
            waiting = asyncio.ensure_future(next_of(stream))
            await until(lambda: services.feed.waiting)
            result = await change
            found = [(await waiting).type]
            found += [(await next_of(stream)).type for _ in types[1:]]
            assert found == list(types)
            return result

        row = await woken_by(booked(call), EventType.APPOINTMENT_CREATED)
        (person,) = row.participants
        token = services.links.url(person.id, person.link_version).rpartition("/")[2]
        await woken_by(
            joining.join(services, token, "r"),
            EventType.APPOINTMENT_STARTED,
            EventType.PARTICIPANT_JOINED,
        )
        report = DeviceLeft(row.id, person.id, clock.now(), "left")
        await woken_by(joining.leave(services, report, "r"), EventType.PARTICIPANT_LEFT)
        clock.move(days=1)
        await woken_by(tick(services), EventType.APPOINTMENT_COMPLETED)


async def test_a_write_that_fails_wakes_nobody(services: Services, call: Call) -> None:
    async with aclosing(await follow_events(call)) as stream:
        waiting = asyncio.ensure_future(next_of(stream))
        await until(lambda: services.feed.waiting)
        services.feed.wake("another organization", 7)
        await asyncio.sleep(0)
        assert not waiting.done()
        await happen(call)
        assert (await waiting).seq == 1


async def test_a_database_that_cannot_be_read_for_a_while_ends_nothing(
    services: Services, call: Call, monkeypatch: pytest.MonkeyPatch
) -> None:
    refused = []

    async def unavailable(*_: Any) -> Any:
        refused.append(True)
        raise DatabaseUnavailable("locked")

    async with aclosing(await follow_events(call)) as stream:
        with monkeypatch.context() as patched:
            patched.setattr(system, "log_ends", unavailable)
            waiting = asyncio.ensure_future(next_of(stream))
            await until(lambda: len(refused) >= 2)
            assert not waiting.done()
        await revoke(services, call)
        with pytest.raises(Unauthenticated):
            await waiting


async def test_more_tokens_than_one_statement_looks_up_are_looked_at(
    services: Services, clock: MovableClock
) -> None:
    calls = []
    for n in range(LOOKED_UP // 3 + 2):
        tenant = await add_tenant(services, f"{n}")
        calls += [await call_of(services, tenant, scope) for scope in ("read", "write", "admin")]
    waiting = [asyncio.ensure_future(next_of(await follow_events(call))) for call in calls]
    await until(lambda: services.feed.waiting == len(calls))
    for call in calls[::3]:
        await revoke(services, call)
    done, rest = await asyncio.wait(waiting, timeout=1.2)
    assert len(done) == len(calls) // 3
    assert all(isinstance(each.exception(), Unauthenticated) for each in done)
    for call in calls[1::3]:
        await happen(call)
    assert [(await each).seq for each in waiting[1::3]] == [1] * (len(calls) // 3)
    for each in rest:
        each.cancel()
    await asyncio.wait(waiting)


async def test_who_still_waits_when_the_process_stops_is_told(
    settings: Settings, clock: MovableClock
) -> None:
    async with open_services(settings, clock) as services:
        call = await call_of(services, await add_tenant(services, "A"))
        waiting = asyncio.ensure_future(next_of(await follow_events(call)))
        await until(lambda: services.feed.waiting)
    with pytest.raises(DatabaseUnavailable, match="stops"):
        await waiting
    assert services.feed.waiting == 0
