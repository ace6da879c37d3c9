"""Mutations of one request of which the first takes longer than the request may."""

import asyncio
from dataclasses import replace
from typing import Any

import httpx2
import pytest

from db.queries import events
from gateway.settings import Settings
from tests.people import Tenant

FIELD = (
    'createAppointment(input: {title: "%s", startDateTime: "2030-01-01T10:00:00Z", '
    "durationMinutes: 30, participants: []}) { __typename }"
)


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return replace(settings, operation_seconds=0.3)


async def test_what_comes_after_a_late_mutation_is_not_made(
    client: httpx2.AsyncClient, tenant: Tenant, monkeypatch: pytest.MonkeyPatch
) -> None:
    append = events.append

    async def late(*given: Any) -> Any:
        await asyncio.sleep(0.6)
        return await append(*given)

    monkeypatch.setattr(events, "append", late)
    client.headers["Authorization"] = f"Token {tenant.write}"
    query = f"mutation {{ first: {FIELD % 'First'} second: {FIELD % 'Second'} }}"
    answer = (await client.post("/graphql", json={"query": query})).json()
    assert answer["data"] == {"first": {"__typename": "AppointmentCreated"}, "second": None}
    (error,) = answer["errors"]
    assert (error["path"], error["extensions"]["code"]) == (["second"], "DEADLINE_EXCEEDED")
    page = (await client.get("/api/v1/appointments/")).json()
    assert [each["title"] for each in page["results"]] == ["First"]
