"""Explorers that follow events, and changes for them to see."""

import asyncio
import json
from typing import Any

import httpx2
from playwright.async_api import Page, WebSocket

from tests.conftest import LiveServer
from tests.contract.test_appointments import ANNA

from .test_explorer import Explorer

LIST = "/api/v1/appointments/"


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
