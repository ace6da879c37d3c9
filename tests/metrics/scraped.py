"""A scrape of a service that has done something of every kind, and the names in it."""

import asyncio
import re
from collections.abc import Iterator
from pathlib import Path

import httpx2
from prometheus_client.parser import text_string_to_metric_families

from db.ids import new_id
from tests.contract.test_appointments import booking
from tests.live.changes import LIST, booked, client_of

ROOT = Path(__file__).parents[2]
DOCUMENT = ROOT / "docs/operations.md"
QUERY = "{ appointments(first: 1) { nodes { id } } }"
FOLLOW = "subscription { events { id } }"


async def busy(port: int, token: str) -> None:
    """Has a service do what gives samples to every metric."""
    async with client_of(port, token) as client:
        key = {"Idempotency-Key": "one-and-the-same"}
        for _ in range(2):
            await client.post(LIST, json=booking(), headers=key)
        await client.get(f"{LIST}{new_id()}/")
        await client.post("/graphql", json={"query": QUERY})
        await client.post("/graphql", json={"query": "{ nothing }"})
        await client.post(
            "/graphql",
            json={"extensions": {"persistedQuery": {"version": 1, "sha256Hash": "a" * 64}}},
        )
        await followed(client)


async def followed(client: httpx2.AsyncClient) -> None:
    """Reads a stream until its first event has come."""
    async with (
        asyncio.timeout(30),
        client.stream(
            "POST", "/graphql", json={"query": FOLLOW}, headers={"Accept": "text/event-stream"}
        ) as stream,
    ):
        lines = stream.aiter_lines()
        await anext(lines)
        making = asyncio.ensure_future(_make_until(client))
        async for line in lines:
            if line.startswith("data: {"):
                break
        making.cancel()


async def _make_until(client: httpx2.AsyncClient) -> None:
    while True:  # The first may come before the stream follows.
        await booked(client)
        await asyncio.sleep(0.1)


def samples(text: str) -> set[str]:
    """The names of the samples of a scrape."""
    return {
        sample.name for family in text_string_to_metric_families(text) for sample in family.samples
    }


def documented() -> set[str]:
    """The metrics that the table in docs/operations.md names."""
    return set(re.findall(r"^\| `((?:connect|process)_\w+)`", DOCUMENT.read_text(), re.M))


def families(text: str) -> Iterator[str]:
    """The names of metrics as documents give them: counters with `_total`."""
    for family in text_string_to_metric_families(text):
        if family.name.endswith("_created"):
            continue
        yield f"{family.name}_total" if family.type == "counter" else family.name
