"""Two tabs of the explorer and one `curl -N` watch an organization: the same events, in order."""

import asyncio
import json
import shutil
from typing import Any

import pytest
from playwright.async_api import BrowserContext, Page, expect

from tests.conftest import LiveServer

from .conftest import Traffic
from .test_explorer import Explorer

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

SECONDS = 20.0


class Tab:
    """A tab that follows; `cursors` are those of the events that it was sent."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.cursors: list[str] = []
        page.on("websocket", lambda socket: socket.on("framereceived", self._note))

    def _note(self, frame: Any) -> None:
        message = json.loads(frame)
        if message["type"] == "next":
            self.cursors.append(message["payload"]["data"]["events"]["cursor"])

    async def follow(self, live_server: LiveServer) -> None:
        """Runs the example."""
        explorer = Explorer(self.page)
        await explorer.open(f"{live_server.url}/explorer/#token={live_server.token}")
        await self.page.get_by_role("button", name="Examples").click()
        await self.page.locator("#examples").get_by_role("button", name="Follow events").click()
        await expect(self.page.locator(".graphiql-tab-active")).to_contain_text("FollowEvents")
        await self.page.locator(".graphiql-execute-button").click()


class Shell:
    """`curl -N` on the events of REST."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.cursors: list[str] = []
        self._reading = asyncio.ensure_future(self._read())

    @classmethod
    async def open(cls, live_server: LiveServer) -> "Shell":
        """Begins to follow."""
        command = shutil.which("curl")
        if command is None:
            pytest.skip("curl is not installed")
        return cls(
            await asyncio.create_subprocess_exec(
                *(command, "-sN", f"{live_server.url}/api/v1/events/"),
                *("-H", f"Authorization: Token {live_server.token}"),
                *("-H", "Accept: text/event-stream"),
                stdout=asyncio.subprocess.PIPE,
            )
        )

    async def _read(self) -> None:
        assert self.process.stdout is not None
        async for line in self.process.stdout:
            if line.startswith(b"id: "):
                self.cursors.append(line[4:].decode().strip())

    async def close(self) -> None:
        """Follows no more."""
        self.process.kill()
        await self.process.wait()
        await self._reading


async def test_two_tabs_and_a_shell_see_the_same_events(
    context: BrowserContext, live_server: LiveServer, traffic: Traffic
) -> None:
    tabs = [Tab(await context.new_page()) for _ in range(2)]
    shell = await Shell.open(live_server)
    try:
        for tab in tabs:
            await tab.follow(live_server)
        await followed_by(context, live_server, {"websocket": 2, "events": 1})
        await change(context, live_server)
        async with asyncio.timeout(SECONDS):
            while min(len(each.cursors) for each in (*tabs, shell)) < 7:  # noqa: ASYNC110
                await asyncio.sleep(0.02)
        shown = await Explorer(tabs[0].page).text_of("response.json")
    finally:
        await shell.close()
    assert shell.cursors == tabs[0].cursors == tabs[1].cursors
    assert len(set(shell.cursors)) == 7
    assert json.loads(shown)["data"]["events"]["cursor"] == shell.cursors[-1]
    assert traffic.errors == []


async def followed_by(
    context: BrowserContext, live_server: LiveServer, wanted: dict[str, int]
) -> None:
    """Waits until so many connections are open, and a moment longer for what runs on them."""
    async with asyncio.timeout(SECONDS):
        while True:
            text = await (await context.request.get(f"{live_server.url}/metrics")).text()
            lines = [
                f'connect_live_open{{transport="{name}"}} {count}.0'
                for name, count in wanted.items()
            ]
            if all(line in text for line in lines):
                break
            await asyncio.sleep(0.05)
    await asyncio.sleep(0.5)


async def change(context: BrowserContext, live_server: LiveServer) -> None:
    """Lets seven things happen."""
    headers = {"Authorization": f"Token {live_server.token}"}
    appointments = f"{live_server.url}/api/v1/appointments/"
    values = {
        "title": "Visa interview", "start_date_time": "2031-01-01T10:00:00Z",
        "duration_minutes": 30, "participants": [],
    }  # fmt: skip
    booked = await context.request.post(appointments, headers=headers, data=values)
    one = f"{appointments}{(await booked.json())['id']}/"
    for number in range(5):
        title = {"title": f"Visa interview {number}"}
        assert (await context.request.patch(one, headers=headers, data=title)).ok
    assert (await context.request.delete(one, headers=headers)).ok
