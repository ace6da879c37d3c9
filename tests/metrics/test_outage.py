"""A page of metrics while the database cannot be asked: in time, and without what is not known."""

import asyncio
import time
from contextlib import AsyncExitStack

import httpx2
import pytest
from starlette.applications import Starlette

from db.engine import Size
from db.location import Location
from gateway.metrics import survey
from gateway.metrics.survey import Shared
from schema.operation.call import Services
from schema.resolvers import clockwork
from tests.conftest import MovableClock
from tests.contract.test_appointments import booking
from tests.metrics.promtool import needs_promtool, promtool
from tests.people import Tenant
from tests.postgresql.places import change

ASKED = ("connect_database_size_bytes", "connect_clock_lag_seconds")


async def page(client: httpx2.AsyncClient) -> str:
    answer = await client.get("/metrics")
    assert answer.status_code == 200
    return answer.text


@needs_promtool
async def test_promtool_finds_nothing_whatever_the_database(client: httpx2.AsyncClient) -> None:
    assert promtool("check", "metrics", given=await page(client)) == ""


async def test_a_database_that_answers_is_up(client: httpx2.AsyncClient) -> None:
    text = await page(client)
    assert "connect_database_up 1.0" in text
    assert all(f"\n{name} " in text for name in ASKED)


async def test_connections_that_are_all_in_use_cost_the_page_two_seconds_at_most(
    client: httpx2.AsyncClient, app: Starlette
) -> None:
    services: Services = app.state.lifespan["services"]
    async with AsyncExitStack() as stack:
        for _ in range(services.database.pool_size):
            reading = await stack.enter_async_context(services.database.read())
            await clockwork.system.is_empty(reading)
        began = time.monotonic()
        text = await page(client)
        # On a busy machine, too, less than the ten seconds for which a reader is waited for.
        assert time.monotonic() - began < 8
    assert "connect_database_up 0.0" in text
    assert not any(f"\n{name} " in text for name in ASKED)
    assert f"connect_database_readers_in_use {services.database.pool_size}.0" in text


async def test_a_page_says_what_went_wrong_with_the_database(
    client: httpx2.AsyncClient, location: Location
) -> None:
    # Beside the loop: a connection of the service may be in the middle of something with a lock.
    await asyncio.to_thread(change, location, "ALTER TABLE appointment RENAME TO elsewhere")
    try:
        text = await page(client)
    finally:
        await asyncio.to_thread(change, location, "ALTER TABLE elsewhere RENAME TO appointment")
    assert "connect_database_up 0.0" in text
    assert 'connect_database_errors_total{kind="unavailable"} 0.0' not in text


async def test_the_lag_of_the_clock_is_that_of_the_oldest_step(
    client: httpx2.AsyncClient,
    app: Starlette,
    clock: MovableClock,
    tenant: Tenant,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    services: Services = app.state.lifespan["services"]
    answer = await client.post(
        "/api/v1/appointments/",
        json=booking(start_date_time=clock.now().isoformat(), duration=30),
        headers={"Authorization": f"Token {tenant.write}"},
    )
    assert answer.status_code == 201, answer.text
    monkeypatch.setattr(clockwork, "advance", _nothing)
    clock.move(minutes=59)
    assert await clockwork.lag(services) == 0
    clock.move(minutes=3)
    assert await clockwork.lag(services) == 120


async def _nothing(*_: object) -> int:
    return 0


async def test_those_who_ask_at_the_same_time_share_one_answer() -> None:
    asked = 0

    async def ask() -> int:
        nonlocal asked
        asked += 1
        await asyncio.sleep(0)
        return asked

    each_time, for_long = Shared(ask), Shared(ask, 60)
    assert await asyncio.gather(each_time.answer(), each_time.answer()) == [1, 1]
    assert await each_time.answer() == 2
    assert [await for_long.answer() for _ in range(3)] == [3, 3, 3]


async def test_an_answer_survives_who_asked_for_it_first() -> None:
    given = asyncio.get_running_loop().create_future()
    shared = Shared(lambda: given)
    first, second = (asyncio.ensure_future(shared.answer()) for _ in range(2))
    await asyncio.sleep(0)
    first.cancel()
    given.set_result(7)
    assert await second == 7


async def test_a_question_that_takes_too_long_is_given_up(
    app: Starlette, monkeypatch: pytest.MonkeyPatch
) -> None:
    services: Services = app.state.lifespan["services"]
    monkeypatch.setattr(survey, "ASK_SECONDS", 0.01)

    async def size(_: object) -> Size:
        await asyncio.sleep(60)
        return Size(0)

    monkeypatch.setattr(type(services.database), "size", size)
    assert await survey.Survey(services).state() == survey.State()
