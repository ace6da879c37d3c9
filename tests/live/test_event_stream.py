"""`GET /api/v1/events/` as Server-Sent Events: the same events, from the same places, as in JSON."""

import asyncio
import time
from typing import Any

import pytest
from starlette.applications import Starlette

from db.queries import events
from schema.resolvers.cursors import write_event_cursor
from tests.people import Tenant
from tests.wire.local import Local

from .changes import LIST, booked, client_of, renamed, streamed
from .test_following import settled

PATH = "/api/v1/events/"


async def test_events_come_as_they_stand_in_the_pages(
    live: Local, app: Starlette, token: str
) -> None:
    async with client_of(live.port, token) as client:
        id = await booked(client)
        async with streamed(client, "GET", PATH) as source:
            assert source.response.status_code == 200
            assert source.response.headers["content-type"] == "text/event-stream; charset=utf-8"
            assert "Accept" in source.response.headers["vary"].split(", ")
            await settled(live, app)
            await renamed(client, id, "Second")
            await client.delete(f"{LIST}{id}/")
            heard = [await source.next(), await source.next()]
        page = (await client.get(PATH)).json()["results"]
    assert [part and part.data for part in heard] == page[1:]
    assert [part and part.event for part in heard] == ["appointment.updated", "appointment.deleted"]
    assert [part and part.id for part in heard] == [each["cursor"] for each in page[1:]]


async def test_a_stream_begins_where_it_is_told_to(live: Local, app: Starlette, token: str) -> None:
    async with client_of(live.port, token) as client:
        id = await booked(client)
        for number in range(30):
            await renamed(client, id, f"Title {number}")
        page = (await client.get(PATH, params={"limit": 100})).json()["results"]
        cursors = [each["cursor"] for each in page]
        assert len(cursors) == 31

        async def first(path: str, **headers: str) -> str | None:
            async with streamed(client, "GET", path, headers=headers) as source:
                part = await source.next()
                return part and part.id

        assert await first(f"{PATH}?after=") == cursors[0]
        assert await first(f"{PATH}?after={cursors[4]}") == cursors[5]
        # A client that reconnects sends the address it began with.
        resumed = {"Last-Event-ID": cursors[20]}
        assert await first(f"{PATH}?after={cursors[4]}", **resumed) == cursors[21]
        async with streamed(client, "GET", PATH) as source:
            await settled(live, app)
            await renamed(client, id, "Now")
            part = await source.next()
            assert part is not None and part.id not in cursors


@pytest.mark.parametrize(
    ("accept", "streams"),
    [
        ("text/event-stream", True),
        ("text/event-stream, */*;q=0.1", True),
        ("application/json;q=0.5, text/event-stream", True),
        ("application/json, text/event-stream;q=0.5", False),
        ("application/json", False),
        ("*/*", False),
        ("text/event-stream;q=0, */*", False),
    ],
)
async def test_only_who_asks_for_a_stream_gets_one(
    live: Local, token: str, accept: str, streams: bool
) -> None:
    async with client_of(live.port, token) as client:
        async with client.stream("GET", PATH, headers={"Accept": accept}) as response:
            assert response.status_code == 200
            is_stream = response.headers["content-type"].startswith("text/event-stream")
        assert is_stream is streams
        elsewhere = await client.get(LIST, headers={"Accept": "text/event-stream"})
        assert elsewhere.status_code == 406
        head = await client.head(PATH, headers={"Accept": "application/json"})
        assert head.status_code == 200


async def test_what_is_wrong_is_said_before_the_stream_begins(
    live: Local, app: Starlette, tenant: Tenant, token: str
) -> None:
    services = app.state.lifespan["services"]
    async with client_of(live.port, token) as client:

        async def status(path: str, **headers: str) -> tuple[int, Any]:
            async with streamed(client, "GET", path, headers=headers) as source:
                await source.response.aread()
                return source.response.status_code, source.response.json()

        code, body = await status(f"{PATH}?after=nonsense")
        assert code == 400 and "after" in str(body)
        assert (await status(PATH, **{"Last-Event-ID": "nonsense"}))[0] == 400
        await booked(client)
        await booked(client)
        async with services.database.write() as transaction:
            from db.engine import Tenancy

            tx = Tenancy(transaction, tenant.id)
            await events.remove_oldest(tx, services.clock.now(), 1)
        code, body = await status(f"{PATH}?after={write_event_cursor(tenant.id, 0)}")
        assert code == 410 and "no longer kept" in body["detail"]
    async with (
        client_of(live.port, "nobody") as stranger,
        streamed(stranger, "GET", PATH) as source,
    ):
        assert source.response.status_code == 401


async def test_a_stream_of_events_ends_with_its_token(
    live: Local, app: Starlette, tenant: Tenant
) -> None:
    from schema.operator.organizations import switch_organization

    async with (
        client_of(live.port, tenant.write) as client,
        streamed(client, "GET", PATH) as source,
    ):
        await settled(live, app)
        await asyncio.sleep(0.6)
        database = app.state.lifespan["services"].database
        await switch_organization(database, tenant.name, active=False)
        began = time.monotonic()
        assert await source.next() is None
        assert time.monotonic() - began < 1


async def test_too_many_streams_are_a_429(live: Local, tenant: Tenant) -> None:
    from contextlib import AsyncExitStack

    async with AsyncExitStack() as stack:
        client = await stack.enter_async_context(client_of(live.port, tenant.read))
        for _ in range(20):
            await stack.enter_async_context(streamed(client, "GET", PATH))
        async with streamed(client, "GET", PATH) as source:
            await source.response.aread()
            assert source.response.status_code == 429
            assert "20" in source.response.json()["detail"]
