"""Changes to follow, made over REST, and clients of streams."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, NamedTuple

import httpx2

from tests.contract.test_appointments import booking

SECONDS = 10.0
LIST = "/api/v1/appointments/"
EVENTS = "subscription($after: String) { events(after: $after) { id type cursor } }"


def client_of(port: int, token: str) -> httpx2.AsyncClient:
    """Returns a client of REST and GraphQL over HTTP."""
    return httpx2.AsyncClient(
        base_url=f"http://127.0.0.1:{port}",
        headers={"Authorization": f"Bearer {token}"},
        timeout=SECONDS,
        trust_env=False,
    )


async def booked(client: httpx2.AsyncClient, **values: Any) -> str:
    """Books an appointment without participants; returns its id."""
    answer = await client.post(LIST, json=booking(**{"participants": []} | values))
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


async def renamed(client: httpx2.AsyncClient, id: str, title: str) -> None:
    """Changes an appointment."""
    answer = await client.patch(f"{LIST}{id}/", json={"title": title})
    assert answer.status_code == 200, answer.text


class Part(NamedTuple):
    """One event of an event stream."""

    event: str
    data: Any
    id: str | None


class EventSource:
    """Reads an event stream as the HTML standard has it."""

    def __init__(self, response: httpx2.Response) -> None:
        self.response = response
        self._lines = response.aiter_lines()
        self.comments = 0

    async def next(self, seconds: float = SECONDS) -> Part | None:
        """Returns the next event; None at the end of the stream."""
        fields: dict[str, str] = {}
        async with asyncio.timeout(seconds):
            async for line in self._lines:
                if not line and fields:
                    data = fields.get("data") or ""
                    return Part(
                        fields.get("event", "message"),
                        json.loads(data) if data else None,
                        fields.get("id"),
                    )
                if line.startswith(":"):
                    self.comments += 1
                elif line:
                    name, _, value = line.partition(":")
                    fields[name] = value.removeprefix(" ")
        return None


@asynccontextmanager
async def streamed(
    client: httpx2.AsyncClient, method: str, path: str, **request: Any
) -> AsyncIterator[EventSource]:
    """Opens an event stream."""
    headers = {"Accept": "text/event-stream"} | request.pop("headers", {})
    async with client.stream(method, path, headers=headers, **request) as response:
        yield EventSource(response)
