"""An operation that takes too long is stopped, on both faces; a write is complete or not begun."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from typing import Any

import httpx2
import pytest
from starlette.applications import Starlette

from db.queries import events
from gateway.settings import Settings
from tests.contract.test_appointments import booking
from tests.people import Tenant

LIST = "/api/v1/appointments/"
QUERY = "{ appointments { nodes { id } } }"
CREATE = "mutation($input: NewAppointment!) { createAppointment(input: $input) { __typename } }"
INPUT = {
    "title": "Late",
    "startDateTime": "2030-01-01T10:00:00Z",
    "durationMinutes": 30,
    "participants": [],
}


@pytest.fixture
def settings(settings: Settings) -> Settings:
    return replace(settings, operation_seconds=0.2)


@pytest.fixture
def headers(tenant: Tenant) -> dict[str, str]:
    return {"Authorization": f"Token {tenant.write}"}


@pytest.fixture
async def slow(
    app: Starlette,
    client: httpx2.AsyncClient,
    headers: dict[str, str],
    monkeypatch: pytest.MonkeyPatch,
) -> list[str]:
    """Transactions of the given kinds take a second to open."""
    assert (await client.get(LIST, headers=headers)).status_code == 200
    kinds: list[str] = []
    engine = type(app.state.lifespan["services"].database)
    reader = type(app.state.lifespan["services"].database.read())
    fetch, write = reader.fetch, engine.write

    async def fetched(self: Any, *rest: Any) -> Any:
        if "read" in kinds:
            await asyncio.sleep(1)
        return await fetch(self, *rest)

    @asynccontextmanager
    async def written(self: Any, *rest: Any) -> AsyncIterator[Any]:
        if "write" in kinds:
            await asyncio.sleep(1)
        async with write(self, *rest) as transaction:
            yield transaction

    monkeypatch.setattr(reader, "fetch", fetched)
    monkeypatch.setattr(engine, "write", written)
    return kinds


async def titles(client: httpx2.AsyncClient, headers: dict[str, str]) -> list[str]:
    page = (await client.get(LIST, headers=headers)).json()
    return [each["title"] for each in page["results"]]


def ensure_stopped(answer: httpx2.Response, message: str) -> None:
    assert answer.status_code == 503
    assert answer.headers["retry-after"] == "5"
    assert message.startswith("This took longer than 0.2 seconds and was stopped.")


async def test_rest_answers_503(
    client: httpx2.AsyncClient, headers: dict[str, str], slow: list[str]
) -> None:
    slow.append("read")
    answer = await client.get(LIST, headers=headers)
    ensure_stopped(answer, answer.json()["detail"])
    slow.clear()
    assert (await client.get(LIST, headers=headers)).status_code == 200


async def test_graphql_answers_503_with_a_code(
    client: httpx2.AsyncClient,
    headers: dict[str, str],
    slow: list[str],
    capfd: pytest.CaptureFixture[str],
) -> None:
    slow.append("read")
    for accept in ("*/*", "application/graphql-response+json"):
        answer = await client.post(
            "/graphql", headers=headers | {"Accept": accept}, json={"query": QUERY}
        )
        (error,) = answer.json()["errors"]
        ensure_stopped(answer, error["message"])
        assert error["extensions"]["code"] == "DEADLINE_EXCEEDED"
        assert "data" not in answer.json()
    assert "Traceback" not in "".join(capfd.readouterr())


async def test_a_write_that_waits_too_long_is_not_made(
    client: httpx2.AsyncClient, headers: dict[str, str], slow: list[str]
) -> None:
    slow.append("write")
    answer = await client.post(LIST, headers=headers, json=booking())
    ensure_stopped(answer, answer.json()["detail"])
    answer = await client.post(
        "/graphql", headers=headers, json={"query": CREATE, "variables": {"input": INPUT}}
    )
    assert answer.status_code == 503
    await asyncio.sleep(1.2)
    assert await titles(client, headers) == []


async def test_a_write_that_has_started_is_completed_and_answered_late(
    client: httpx2.AsyncClient, headers: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    original = events.append

    async def late(*given: Any) -> None:
        await asyncio.sleep(0.5)
        await original(*given)

    monkeypatch.setattr(events, "append", late)
    answer = await client.post(LIST, headers=headers, json=booking())
    assert answer.status_code == 201
    answer = await client.post(
        "/graphql", headers=headers, json={"query": CREATE, "variables": {"input": INPUT}}
    )
    assert answer.json() == {"data": {"createAppointment": {"__typename": "AppointmentCreated"}}}
    assert sorted(await titles(client, headers)) == ["Late", "Passport renewal"]


async def test_the_time_to_receive_a_body_does_not_count(
    client: httpx2.AsyncClient, headers: dict[str, str]
) -> None:
    async def slowly(text: bytes) -> AsyncIterator[bytes]:
        for start in range(0, len(text), 20):
            yield text[start : start + 20]
            await asyncio.sleep(0.05)

    kind = headers | {"Content-Type": "application/json"}
    query = b'{"query": "%s" %s}' % (QUERY.encode(), b" " * 150)
    answer = await client.post("/graphql", headers=kind, content=slowly(query))
    assert answer.status_code == 200
    body = b'{"title": "Slow", "start_date_time": "2030-01-01T10:00:00Z", "duration_minutes": 30, "participants": []}'
    answer = await client.post(LIST, headers=kind, content=slowly(body))
    assert answer.status_code == 201


async def test_authentication_does_not_wait_for_ever(
    client: httpx2.AsyncClient, tenant: Tenant, slow: list[str]
) -> None:
    slow.append("read")
    unknown_yet = {"Authorization": f"Token {tenant.admin}"}
    for answer in (
        await client.get(LIST, headers=unknown_yet),
        await client.post("/graphql", headers=unknown_yet, json={"query": QUERY}),
    ):
        assert answer.status_code == 503
        assert answer.headers["retry-after"] == "5"


async def test_a_link_does_not_wait_for_ever(
    client: httpx2.AsyncClient, headers: dict[str, str], slow: list[str]
) -> None:
    made = (await client.post(LIST, headers=headers, json=booking())).json()
    link = made["participants"][0]["access_link"].removeprefix("http://testserver")
    slow.append("read")
    for method in ("GET", "POST"):
        answer = await client.request(method, link, headers={"Accept": "application/json"})
        assert answer.status_code == 503
    slow.clear()
    assert (await client.get(link)).status_code == 200
