"""The stream of decisions behind an access link: what is told, when, to how many, until when."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, aclosing
from typing import Any

import httpx2
import pytest
from starlette.applications import Starlette

from db.engine import DatabaseUnavailable
from gateway.join import places
from gateway.join.places import Crowded, Places
from schema.operator.organizations import switch_organization
from schema.resolvers import waiting
from schema.resolvers.joining import look
from schema.resolvers.waiting import Lobby, watch
from tests.conftest import MovableClock
from tests.contract.test_appointments import ANNA, BEN, booking
from tests.contract.test_lifecycle import SOON
from tests.people import Tenant
from tests.settling import idle
from tests.wire.local import Local

from .changes import LIST, EventSource, booked, client_of, renamed, streamed

JSON = {"Accept": "application/json"}


@pytest.fixture
async def client(live: Local, token: str) -> AsyncIterator[httpx2.AsyncClient]:
    async with client_of(live.port, token) as client:
        yield client


@pytest.fixture
async def row(client: httpx2.AsyncClient, clock: MovableClock) -> dict[str, Any]:
    """An appointment that waits for its moderator."""
    asked = booking(start_date_time=SOON, participants=[ANNA, BEN])
    made = (await client.post(LIST, json=asked)).json()
    clock.move(minutes=50)
    return dict(made)


def paths(row: dict[str, Any]) -> tuple[str, str]:
    """The links of the moderator and of the participant."""
    moderator, participant = (
        person["access_link"].removeprefix("http://testserver") for person in row["participants"]
    )
    return moderator, participant


def told_by(client: httpx2.AsyncClient, path: str) -> Any:
    return streamed(client, "GET", f"{path}/events")


async def decision(source: EventSource) -> Any:
    part = await source.next()
    assert part is not None and part.event == "message"
    return part.data


async def test_a_waiting_person_is_told_within_a_second(
    client: httpx2.AsyncClient, row: dict[str, Any]
) -> None:
    _, path = paths(row)
    async with told_by(client, path) as source:
        headers = source.response.headers
        assert source.response.status_code == 200
        assert headers["content-type"] == "text/event-stream; charset=utf-8"
        first = await decision(source)
        # The very object that the page asks for, and nothing else.
        assert first == (await client.get(path, headers=JSON)).json()
        assert first["code"] == "WAITING_FOR_MODERATOR"
        began = time.monotonic()
        assert (await client.post(f"{LIST}{row['id']}/start/")).status_code == 200
        assert (await decision(source))["code"] == "OPEN"
        assert time.monotonic() - began < 1
        await client.post(f"{LIST}{row['id']}/complete/")
        assert (await decision(source))["code"] == "ENDED"
        assert await source.next() is None


async def test_a_stream_is_as_private_as_the_page(
    client: httpx2.AsyncClient, row: dict[str, Any]
) -> None:
    _, path = paths(row)
    page = await client.get(path, headers=JSON)
    async with told_by(client, path) as source:
        for name in ("cache-control", "referrer-policy", "x-content-type-options",
                     "x-robots-tag", "vary"):  # fmt: skip
            assert source.response.headers.get_list(name) == page.headers.get_list(name)
        assert source.response.headers["x-accel-buffering"] == "no"


async def _rotate(client: httpx2.AsyncClient, row: dict[str, Any]) -> None:
    query = "mutation($id: ID!) { rotateAccessLink(id: $id) { __typename } }"
    sent = {"query": query, "variables": {"id": row["participants"][1]["id"]}}
    answer = await client.post("/graphql", json=sent)
    assert answer.json()["data"]["rotateAccessLink"]["__typename"] == "AccessLinkRotated"


CHANGES: dict[str, tuple[str, str, Any, str]] = {
    "cancelled": ("POST", "{id}/cancel/", {}, "CANCELLED"),
    "deleted": ("DELETE", "{id}/", None, "REMOVED"),
    "removed": ("DELETE", "{id}/participants/{person}/", None, "REMOVED"),
    "postponed": ("PATCH", "{id}/", {"start_date_time": "2026-03-02T16:00:00Z"}, "TOO_EARLY"),
    "renamed": ("PATCH", "{id}/", {"title": "Another"}, "WAITING_FOR_MODERATOR"),
}


@pytest.mark.parametrize("change", CHANGES)
async def test_what_happens_is_told(
    client: httpx2.AsyncClient, row: dict[str, Any], change: str
) -> None:
    verb, path, body, code = CHANGES[change]
    place = LIST + path.format(id=row["id"], person=row["participants"][1]["id"])
    async with told_by(client, paths(row)[1]) as source:
        before = await decision(source)
        answer = await client.request(verb, place, json=body)
        assert answer.is_success, answer.text
        after = await decision(source)
        assert (after["code"], after != before) == (code, True)
        if code in ("CANCELLED", "REMOVED"):
            assert await source.next() is None


async def test_a_replaced_link_is_told_and_ends(
    client: httpx2.AsyncClient, row: dict[str, Any]
) -> None:
    async with told_by(client, paths(row)[1]) as source:
        await decision(source)
        await _rotate(client, row)
        last = await decision(source)
        assert (last["code"], "title" in last) == ("REMOVED", False)
        assert await source.next() is None


async def test_what_the_page_does_not_show_is_not_told(
    client: httpx2.AsyncClient, row: dict[str, Any]
) -> None:
    _, path = paths(row)
    async with told_by(client, path) as source:
        await decision(source)
        other = await booked(client)
        await renamed(client, other, "Another")
        person = ANNA | {"unique_id": "somebody", "display_name": "Somebody"}
        await client.post(f"{LIST}{row['id']}/participants/add/", json=[person])
        await client.patch(f"{LIST}{row['id']}/", json={"config": {"chat_enabled": True}})
        with pytest.raises(TimeoutError):
            await source.next(0.5)


async def test_time_alone_opens_and_closes(
    client: httpx2.AsyncClient, row: dict[str, Any], clock: MovableClock
) -> None:
    _, path = paths(row)
    clock.move(minutes=-5, seconds=-0.3)
    async with told_by(client, path) as source:
        assert (await decision(source))["code"] == "TOO_EARLY"
        clock.move(seconds=0.4)
        assert (await decision(source))["code"] == "WAITING_FOR_MODERATOR"
    clock.move(minutes=75, seconds=-0.4)
    async with told_by(client, path) as source:
        assert (await decision(source))["code"] == "WAITING_FOR_MODERATOR"
        clock.move(seconds=1)
        assert (await decision(source))["code"] == "ENDED"
        assert await source.next() is None


async def test_a_disabled_organization_ends_its_streams(
    client: httpx2.AsyncClient,
    app: Starlette,
    tenant: Tenant,
    row: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(waiting, "LOOK_SECONDS", 0.1)
    async with told_by(client, paths(row)[1]) as source:
        await decision(source)
        database = app.state.lifespan["services"].database
        await switch_organization(database, tenant.name, active=False)
        assert (await decision(source))["code"] == "UNKNOWN_LINK"
        assert await source.next() is None


async def test_final_decisions_and_unknown_links_are_answered_as_ever(
    client: httpx2.AsyncClient, row: dict[str, Any]
) -> None:
    _, path = paths(row)
    await client.post(f"{LIST}{row['id']}/cancel/")
    for link, status in ((path, 410), (path[:-3] + "xyz", 404), ("/join/a/b/c", 404)):
        # Browsers ask for streams, people who are curious for a page: both get the data.
        for accept in ("text/event-stream", "text/html"):
            answer = await client.get(f"{link}/events", headers={"Accept": accept})
            assert answer.status_code == status
            assert answer.json() == (await client.get(link, headers=JSON)).json()
            assert answer.headers["cache-control"] == "no-store"


async def test_streams_of_unknown_links_are_throttled_with_the_others(
    client: httpx2.AsyncClient, row: dict[str, Any]
) -> None:
    for number in range(20):
        path = f"/join/guess-{number}" + "/events" * (number % 2)
        assert (await client.get(path, headers=JSON)).status_code == 404
    refused = await client.get("/join/guess/events")
    assert refused.status_code == 429 and int(refused.headers["retry-after"]) > 0
    async with told_by(client, paths(row)[1]) as source:
        assert source.response.status_code == 200


async def test_a_stream_is_read_and_nothing_else(
    client: httpx2.AsyncClient, row: dict[str, Any]
) -> None:
    moderator, _ = paths(row)
    head = await client.head(f"{moderator}/events")
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-type"].startswith("text/event-stream")
    assert "content-length" not in head.headers
    for verb in ("POST", "PUT", "DELETE"):
        answer = await client.request(verb, f"{moderator}/events")
        assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD")
    assert (await client.get(f"{LIST}{row['id']}/")).json()["status"] == "scheduled"


async def test_a_link_has_five_streams(client: httpx2.AsyncClient, row: dict[str, Any]) -> None:
    moderator, participant = paths(row)
    async with AsyncExitStack() as stack:
        for _ in range(places.OF_A_LINK):
            source = await stack.enter_async_context(told_by(client, participant))
            assert source.response.status_code == 200
        refused = await client.get(f"{participant}/events")
        assert refused.status_code == 429
        assert refused.json()["code"] == "TOO_MANY_STREAMS"
        assert refused.headers["retry-after"] == "60"
        async with told_by(client, moderator) as source:
            assert (await decision(source))["code"] == "OPEN"
    async with asyncio.timeout(10):
        status = 0
        while status != 200:
            async with told_by(client, participant) as source:
                status = source.response.status_code


def test_an_address_and_the_service_have_a_limit_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(places, "OF_AN_ADDRESS", 2)
    counted = Places(most=3)
    with counted.held("a", "2001:db8::1"), counted.held("b", "2001:db8::2"):
        with pytest.raises(Crowded):
            counted.ensure_room("c", "2001:db8::3")
        counted.ensure_room("c", "192.0.2.1")
        with counted.held("c", "192.0.2.1"), pytest.raises(Crowded):
            counted.ensure_room("d", "192.0.2.2")
    counted.ensure_room("c", "2001:db8::3")
    assert len(counted) == 0


async def test_whoever_reads_late_is_told_the_latest(
    client: httpx2.AsyncClient, app: Starlette, row: dict[str, Any]
) -> None:
    services = app.state.lifespan["services"]
    token = paths(row)[1].removeprefix("/join/")
    lobby = Lobby()
    async with aclosing(watch(services, lobby, token, await look(services, token))) as visits:
        await anext(visits)
        for number in range(50):
            await renamed(client, row["id"], f"Title {number}")
        # Nothing is read while nobody asks, and nothing is kept for later.
        await idle(services.database)
        latest = (await asyncio.wait_for(anext(visits), 10)).appointment
        assert latest is not None and latest.title == "Title 49"
    assert len(lobby) == 0


async def test_a_log_that_cannot_be_read_ends_streams_until_the_next(
    client: httpx2.AsyncClient, row: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    _, path = paths(row)
    whole = waiting.following

    async def broken(*arguments: Any) -> AsyncIterator[Any]:
        async for event in whole(*arguments):
            yield event
            raise DatabaseUnavailable("it is away")

    monkeypatch.setattr(waiting, "following", broken)
    async with told_by(client, path) as source, told_by(client, paths(row)[0]) as other:
        await decision(source)
        await decision(other)
        await renamed(client, row["id"], "Another")
        while await source.next() is not None:
            pass
        while await other.next() is not None:
            pass
    monkeypatch.setattr(waiting, "following", whole)
    async with told_by(client, path) as source:
        assert (await decision(source))["title"] == "Another"
        await renamed(client, row["id"], "A third")
        assert (await decision(source))["title"] == "A third"


async def test_a_stream_that_is_left_leaves_nothing(
    live: Local, app: Starlette, token: str, row: dict[str, Any]
) -> None:
    services = app.state.lifespan["services"]
    await live.closes(1)
    before = len(asyncio.all_tasks())
    for _ in range(30):
        async with client_of(live.port, token) as other, told_by(other, paths(row)[1]) as source:
            await decision(source)
    await live.closes(1)
    async with asyncio.timeout(10):
        while len(asyncio.all_tasks()) > before or services.feed.waiting:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
    await idle(services.database)


async def test_streams_of_decisions_stand_in_the_metrics(
    client: httpx2.AsyncClient, row: dict[str, Any]
) -> None:
    async with told_by(client, paths(row)[1]) as source:
        await decision(source)
        assert 'connect_live_open{transport="join"} 1.0' in (await client.get("/metrics")).text
    async with asyncio.timeout(10):
        metrics = ""
        while 'connect_live_open{transport="join"} 0.0' not in metrics:
            metrics = (await client.get("/metrics")).text
    assert 'connect_live_events_total{transport="join"} 1.0' in metrics
    assert 'operation="watch"' not in metrics


async def test_a_service_that_stops_ends_its_streams_at_once(
    live: Local, client: httpx2.AsyncClient, row: dict[str, Any]
) -> None:
    async with told_by(client, paths(row)[1]) as source:
        await decision(source)
        began = time.monotonic()
        live.server.should_exit = True
        assert await source.next() is None
        assert time.monotonic() - began < 1
