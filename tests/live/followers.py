"""Followers with a ledger: whatever happens to their connections, they come back and go on."""

import asyncio
import json
import random
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import httpx2
from websockets.exceptions import WebSocketException

from .changes import client_of, streamed
from .talk import Closed, Talk, greeted

FOLLOW = (
    "subscription($after: String) { events(after: $after) { id cursor appointment { id title } } }"
)
BARE = 'subscription { events(after: "") { id } }'
GONE = (OSError, WebSocketException, Closed, TimeoutError, httpx2.HTTPError, AssertionError)
RETRY_SECONDS = 0.05


class Follower:
    """Follows the log from its beginning and notes the id of every event that comes."""

    def __init__(self, port: Callable[[], int], token: str, transport: str) -> None:
        self._port = port
        self._token = token
        self._transport = transport
        self._cursor = ""
        self.ledger: list[str] = []
        self.connections = 0
        self._talk: Talk | None = None
        self._task: asyncio.Task[None] | None = None

    @property
    def distinct(self) -> list[str]:
        """The ledger without repeats."""
        return list(dict.fromkeys(self.ledger))

    def begin(self) -> None:
        """Follows from now on."""
        self._task = asyncio.ensure_future(self._follow())

    async def end(self) -> None:
        """Follows no more."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.wait([self._task])

    def abort(self) -> None:
        """Breaks the connection off in the middle, as a lost network does."""
        if self._talk is not None:
            self._talk.socket.transport.abort()
        elif self._task is not None and self._transport != "websocket":
            self._task.cancel()
            self.begin()

    async def _follow(self) -> None:
        run = {"websocket": self._socket, "sse": self._sse, "events": self._events}
        while True:
            with suppress(*GONE):
                await run[self._transport]()
            await asyncio.sleep(RETRY_SECONDS * random.random())

    def _note(self, id: str, cursor: str) -> None:
        self.ledger.append(id)
        self._cursor = cursor

    async def _socket(self) -> None:
        async with greeted(self._port(), self._token) as talk:
            self.connections += 1
            self._talk = talk
            try:
                await talk.follow(FOLLOW, variables={"after": self._cursor})
                while True:
                    message = json.loads(await talk.socket.recv())
                    event = message["payload"]["data"]["events"]
                    self._note(event["id"], event["cursor"])
            finally:
                self._talk = None

    async def _sse(self) -> None:
        async with client_of(self._port(), self._token) as client:
            asked = {"json": {"query": BARE}, "headers": self._resumed()}
            async with streamed(client, "POST", "/graphql", **asked) as source:
                self.connections += 1
                while (part := await source.next(3600)) is not None:
                    self._note(part.data["data"]["events"]["id"], str(part.id))

    async def _events(self) -> None:
        async with client_of(self._port(), self._token) as client:
            path = "/api/v1/events/?after="
            async with streamed(client, "GET", path, headers=self._resumed()) as source:
                self.connections += 1
                while (part := await source.next(3600)) is not None:
                    assert part.data["cursor"] == part.id
                    self._note(part.data["id"], str(part.id))

    def _resumed(self) -> dict[str, str]:
        return {"Last-Event-ID": self._cursor} if self._cursor else {}


async def whole_log(port: int, token: str) -> list[str]:
    """The ids of all events, in order, page by page."""
    found: list[str] = []
    after: Any = ""
    async with client_of(port, token) as client:
        while True:
            query = "query($after: String) { events(first: 100, after: $after) { nodes { id } pageInfo { endCursor hasNextPage } } }"
            asked = {"query": query, "variables": {"after": after}}
            page = (await client.post("/graphql", json=asked)).json()["data"]["events"]
            found += [node["id"] for node in page["nodes"]]
            after = page["pageInfo"]["endCursor"]
            if not page["pageInfo"]["hasNextPage"]:
                return found


async def caught_up(followers: list[Follower], count: int, seconds: float) -> None:
    """Waits until every ledger holds so many events; raises TimeoutError."""
    async with asyncio.timeout(seconds):
        while any(len(each.distinct) < count for each in followers):  # noqa: ASYNC110
            await asyncio.sleep(0.1)


async def write(
    port: Callable[[], int], token: str, count: int, stop: asyncio.Event | None = None
) -> int:
    """Makes changes, one event each, until there are so many; returns how many were answered.

    A service that is away is waited for.
    """
    done, id = 0, ""
    while done < count and not (stop and stop.is_set()):
        try:
            async with client_of(port(), token) as client:
                while done < count and not (stop and stop.is_set()):
                    if not id:
                        id = await _booked(client, done)
                    else:
                        changed = {"title": f"Title {done}"}
                        answer = await client.patch(f"/api/v1/appointments/{id}/", json=changed)
                        assert answer.status_code == 200, answer.text
                    done += 1
                    if done % 50 == 0:
                        id = ""
        except GONE:
            id = ""
            await asyncio.sleep(0.05)
    return done


async def _booked(client: httpx2.AsyncClient, number: int) -> str:
    values = {
        "title": f"Appointment {number}", "start_date_time": "2031-01-01T10:00:00Z",
        "duration_minutes": 30, "participants": [],
    }  # fmt: skip
    answer = await client.post("/api/v1/appointments/", json=values)
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])
