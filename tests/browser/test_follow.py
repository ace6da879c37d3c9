"""Two tabs of the explorer and one `curl -N` watch an organization: the same events, in order."""

import asyncio
import shutil

import httpx2
import pytest
from playwright.async_api import BrowserContext

from tests.conftest import LiveServer

from .conftest import Traffic
from .test_explorer import FOLLOW
from .watching import opened, ten_changes

pytestmark = [pytest.mark.browser, pytest.mark.asyncio(loop_scope="session")]

SECONDS = 20.0
OPEN = 'connect_live_open{transport="events"} 1.0'
TYPES = [
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


class Shell:
    """`curl -N` on the events of REST."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.process = process
        self.events: list[tuple[str, str]] = []
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
        cursor = ""
        async for line in self.process.stdout:
            name, _, value = line.decode().strip().partition(": ")
            if name == "id":
                cursor = value
            elif name == "event":
                self.events.append((cursor, value))

    async def close(self) -> None:
        """Follows no more."""
        self.process.kill()
        await self.process.wait()
        await self._reading


async def test_two_tabs_and_a_shell_see_the_same_events(
    context: BrowserContext, client: httpx2.AsyncClient, live_server: LiveServer, traffic: Traffic
) -> None:
    tabs = [await opened(await context.new_page(), live_server) for _ in range(2)]
    shell = await Shell.open(live_server)
    try:
        for tab in tabs:
            await tab.page.bring_to_front()
            await tab.choose(FOLLOW)
            await tab.follow()
        await until_followed(client)
        await ten_changes(client, live_server)
        shown = [await tab.events_when(10) for tab in tabs]
        async with asyncio.timeout(SECONDS):
            while len(shell.events) < 10:  # noqa: ASYNC110
                await asyncio.sleep(0.02)
    finally:
        await shell.close()
    assert [type for _, type in shell.events] == TYPES
    for events in shown:
        # APPOINTMENT_CREATED is the name in GraphQL of appointment.created.
        named = [each["type"].lower().replace("_", ".", 1) for each in events]
        assert [*zip((each["cursor"] for each in events), named, strict=True)] == shell.events
    assert traffic.errors == []


async def until_followed(client: httpx2.AsyncClient) -> None:
    """Waits until the shell follows too, and a moment longer for what runs on its connection."""
    async with asyncio.timeout(SECONDS):
        while OPEN not in (await client.get("/metrics")).text:  # noqa: ASYNC110
            await asyncio.sleep(0.05)
    await asyncio.sleep(0.5)
