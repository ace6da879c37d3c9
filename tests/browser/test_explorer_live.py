"""Subscriptions in the explorer: events as they come, in two tabs and a stream alike, resumed."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from typing import Any

import httpx2
import pytest
import pytest_asyncio
from playwright.async_api import BrowserContext, Page, WebSocket, expect

from tests.conftest import LiveServer
from tests.contract.test_appointments import ANNA
from tests.live.changes import EventSource, streamed

from .conftest import Traffic
from .test_explorer import FOLLOW, Explorer

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

LIST = "/api/v1/appointments/"
TYPED = "subscription Typed { events { type source appointment { title } } }"
KEEP_SOCKETS = """
    window.sockets = [];
    window.WebSocket = class extends WebSocket {
        constructor(...given) {
            super(...given);
            window.sockets.push(this);
        }
    };
"""


@pytest_asyncio.fixture(loop_scope="session")
async def client(live_server: LiveServer) -> AsyncIterator[httpx2.AsyncClient]:
    """The API as another system uses it."""
    headers = {"Authorization": f"Token {live_server.token}"}
    async with httpx2.AsyncClient(
        base_url=live_server.url, headers=headers, timeout=20, trust_env=False
    ) as client:
        yield client


async def booked(client: httpx2.AsyncClient, server: LiveServer, title: str) -> str:
    body = {
        "title": title,
        "start_date_time": server.clock.now().isoformat(),
        "duration_minutes": 30,
        "participants": [],
    }
    answer = await client.post(LIST, json=body)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


async def changed(client: httpx2.AsyncClient, verb: str, path: str, body: Any = None) -> Any:
    answer = await client.request(verb, LIST + path, json=body)
    assert answer.is_success, answer.text
    return answer.json() if answer.content else None


class Watching(Explorer):
    """An explorer that follows events."""

    async def follow(self) -> None:
        """Runs what stands in the editor; returns when the server was asked."""
        said: asyncio.Future[None] = asyncio.get_running_loop().create_future()

        def hear(payload: str | bytes) -> None:
            if '"subscribe"' in str(payload) and not said.done():
                said.set_result(None)

        def watch(socket: WebSocket) -> None:
            socket.on("framesent", hear)

        self.page.on("websocket", watch)
        await self.page.locator(".graphiql-execute-button").click()
        await asyncio.wait_for(said, 20)
        await asyncio.sleep(0.5)  # The protocol has no answer that says where it begins.

    async def events(self) -> list[Any]:
        """What is shown, the oldest first."""
        text = await self.text_of("response.json")
        results = json.loads(text) if text.startswith("[") else []
        return [result["data"]["events"] for result in reversed(results)]

    async def events_when(self, count: int) -> list[Any]:
        async with asyncio.timeout(20):
            while len(found := await self.events()) < count:  # noqa: ASYNC110
                await asyncio.sleep(0.05)
        return found


async def opened(page: Page, server: LiveServer) -> Watching:
    explorer = Watching(page)
    await explorer.open(f"{server.url}/explorer/#token={server.token}")
    return explorer


async def test_a_typed_subscription_shows_what_happens(
    page: Page, client: httpx2.AsyncClient, live_server: LiveServer, traffic: Traffic
) -> None:
    explorer = await opened(page, live_server)
    await explorer.write("operation.graphql", TYPED)
    # GraphiQL names the tab once it has parsed the operation.
    await expect(page.locator(".graphiql-tab-active")).to_contain_text("Typed")
    await explorer.follow()
    for number, title in enumerate(("Booked elsewhere", "And another"), start=1):
        await booked(client, live_server, title)
        created = (await explorer.events_when(number))[-1]
        assert created == {
            "type": "APPOINTMENT_CREATED",
            "source": "REST",
            "appointment": {"title": title},
        }
    await expect(page.locator(".graphiql-response")).to_contain_text("And another")
    # The same button stops; what was shown stays.
    await page.locator(".graphiql-execute-button").click()
    await booked(client, live_server, "After the end")
    await asyncio.sleep(0.5)
    assert len(await explorer.events()) == 2
    assert traffic.errors == []
    assert traffic.foreign(live_server.url) == []


async def ten_changes(client: httpx2.AsyncClient, server: LiveServer) -> None:
    """Makes ten changes over both faces; each is one event."""
    first = await booked(client, server, "First")
    await changed(client, "POST", f"{first}/participants/add/", [ANNA])
    person = (await changed(client, "GET", f"{first}/"))["participants"][0]["id"]
    await changed(client, "PATCH", f"{first}/", {"title": "First, renamed"})
    second = await booked(client, server, "Second")
    await changed(client, "POST", f"{first}/start/")
    await changed(client, "PATCH", f"{second}/", {"duration_minutes": 45})
    await changed(client, "DELETE", f"{first}/participants/{person}/")
    await changed(client, "POST", f"{first}/complete/")
    query = "mutation($id: ID!) { cancelAppointment(id: $id) { __typename } }"
    answer = await client.post("/graphql", json={"query": query, "variables": {"id": second}})
    assert answer.json()["data"]["cancelAppointment"]["__typename"] == "AppointmentTransitioned"
    await changed(client, "DELETE", f"{second}/")


async def ten_of(source: EventSource) -> list[tuple[str, str]]:
    found = []
    for _ in range(10):
        part = await source.next()
        assert part is not None and part.id is not None
        found.append((part.id, part.event))
    return found


async def test_two_tabs_and_a_stream_show_the_same_events_in_the_same_order(
    context: BrowserContext, client: httpx2.AsyncClient, live_server: LiveServer, traffic: Traffic
) -> None:
    tabs = [await opened(await context.new_page(), live_server) for _ in range(2)]
    for tab in tabs:
        await tab.page.bring_to_front()
        await tab.choose(FOLLOW)
        await tab.follow()
    async with streamed(client, "GET", "/api/v1/events/") as source:
        await ten_changes(client, live_server)
        told = await ten_of(source)
    assert [type for _, type in told] == [
        "appointment.created",
        "participant.added",
        "appointment.updated",
        "appointment.created",
        "appointment.started",
        "appointment.rescheduled",
        "participant.removed",
        "appointment.completed",
        "appointment.cancelled",
        "appointment.deleted",
    ]
    for tab in tabs:
        shown = await tab.events_when(10)
        assert [
            (event["cursor"], event["type"].lower().replace("_", ".", 1)) for event in shown
        ] == told
    assert traffic.errors == []


async def test_a_socket_that_breaks_is_resumed(
    page: Page, client: httpx2.AsyncClient, live_server: LiveServer
) -> None:
    await page.add_init_script(KEEP_SOCKETS)
    explorer = await opened(page, live_server)
    await explorer.choose(FOLLOW)
    await explorer.follow()
    await booked(client, live_server, "Before")
    await explorer.events_when(1)
    await page.evaluate("sockets.at(-1).close(4999, 'cut')")
    for title in ("Meanwhile", "Meanwhile too"):
        await booked(client, live_server, title)
    titles = [event["appointment"]["title"] for event in await explorer.events_when(3)]
    assert titles == ["Before", "Meanwhile", "Meanwhile too"]
    assert await page.evaluate("sockets.length") == 2


async def test_a_refused_token_ends_a_subscription_at_once(
    page: Page, live_server: LiveServer
) -> None:
    explorer = await opened(page, live_server._replace(token="not-a-token"))
    await explorer.choose(FOLLOW)
    began = time.monotonic()
    await page.locator(".graphiql-execute-button").click()
    await expect(page.locator(".graphiql-response")).to_contain_text("(4403)")
    assert time.monotonic() - began < 10
    await expect(page.get_by_label("Token")).to_have_attribute("aria-invalid", "true")
