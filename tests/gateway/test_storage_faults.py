"""Real storage faults are answered with 503 on every face, logged, and recovered from."""

import asyncio
import os
import sqlite3
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest
from starlette.applications import Starlette
from structlog.testing import capture_logs

from db.engine import DatabaseUnavailable
from gateway import services as gateway_services
from gateway.settings import Settings
from schema.operation.call import Services
from tests.contract.test_appointments import booking
from tests.people import Tenant

pytestmark = pytest.mark.sqlite("breaks the file; tests/faults breaks a server")

REST = "/api/v1/appointments/"
LIST = "{ appointments { totalCount nodes { id title } } }"
FIELD = (
    'createAppointment(input: {title: "T", startDateTime: "2027-03-10T09:00:00Z", '
    "durationMinutes: 30, participants: []}) { __typename ... on AppointmentCreated { appointment { id } } }"
)
CREATE = f"mutation {{ {FIELD} }}"
TWICE = f"mutation {{ a: {FIELD} b: {FIELD} }}"


@pytest.fixture
def services(app: Starlette) -> Services:
    found: Services = app.state.lifespan["services"]
    return found


@pytest.fixture
async def link(client: httpx2.AsyncClient, tenant: Tenant) -> str:
    headers = {"Authorization": f"Token {tenant.write}"}
    made = (await client.post(REST, headers=headers, json=booking())).json()
    return str(made["participants"][0]["access_link"]).removeprefix("http://testserver")


class Faces:
    """The faces and the join page; each returns what the tests compare."""

    def __init__(self, client: httpx2.AsyncClient, tenant: Tenant, link: str) -> None:
        self._client = client
        self._headers = {"Authorization": f"Token {tenant.write}"}
        self._link = link

    async def rest(self, method: str = "GET") -> httpx2.Response:
        body = booking() if method == "POST" else None
        return await self._client.request(method, REST, headers=self._headers, json=body)

    async def graphql(self, query: str = LIST) -> httpx2.Response:
        return await self._client.post("/graphql", headers=self._headers, json={"query": query})

    async def join(self, method: str = "GET") -> httpx2.Response:
        return await self._client.request(method, self._link, headers={"Accept": "text/html"})

    async def ready(self) -> httpx2.Response:
        return await self._client.get("/readyz")

    async def reads(self) -> list[httpx2.Response]:
        return [await self.rest(), await self.graphql(), await self.join()]

    async def writes(self) -> list[httpx2.Response]:
        return [await self.rest("POST"), await self.graphql(CREATE)]


@pytest.fixture
async def faces(client: httpx2.AsyncClient, tenant: Tenant, link: str) -> AsyncIterator[Faces]:
    faces = Faces(client, tenant, link)
    assert {each.status_code for each in await faces.reads()} == {200}
    yield faces
    assert {each.status_code for each in await faces.reads()} == {200}
    assert {each.status_code for each in await faces.writes()} <= {200, 201}
    assert (await faces.ready()).status_code == 200


def ensure_unavailable(answers: list[httpx2.Response]) -> None:
    for answer in answers:
        assert answer.status_code == 503, answer.text
        assert int(answer.headers["retry-after"]) > 0
        if "errors" in answer.text and "json" in answer.headers["content-type"]:
            assert answer.json()["errors"][0]["extensions"]["code"] == "UNAVAILABLE"
            assert "data" not in answer.json()


@contextmanager
def told(times: int) -> Iterator[None]:
    """Asserts one log line for each request that failed, and no traceback."""
    with capture_logs() as lines:
        yield
    found = [line for line in lines if line["event"] == "database_unavailable"]
    assert len(found) == times
    assert all(line["reason"] and "exc_info" not in line for line in found)
    assert [line for line in lines if "exc_info" in line] == []


@contextmanager
def truncated(path: Path) -> Iterator[None]:
    other = sqlite3.connect(path)
    other.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    other.close()
    whole = path.read_bytes()
    os.truncate(path, 5_000)
    yield
    with path.open("r+b") as file:
        file.write(whole)


def drop_caches(services: Services) -> None:
    """Makes every connection read the file again, as a new one would."""
    database: Any = services.database
    for connection in (*database._readers._connections, database._writer._connection):
        connection.raw.execute("PRAGMA shrink_memory")


async def test_a_truncated_file(faces: Faces, services: Services, settings: Settings) -> None:
    with truncated(settings.embedded_file):
        drop_caches(services)
        with told(9):
            for _ in range(3):
                ensure_unavailable(await faces.reads())
        ensure_unavailable(await faces.writes())
        assert (await faces.ready()).status_code == 503


async def test_a_deleted_file(faces: Faces, settings: Settings) -> None:
    aside = settings.embedded_file.with_name("aside")
    settings.embedded_file.rename(aside)
    with told(2):
        ensure_unavailable(await faces.writes())
    ready = await faces.ready()
    assert ready.status_code == 503
    aside.rename(settings.embedded_file)


async def test_a_full_disk(faces: Faces, services: Services) -> None:
    database: Any = services.database
    raw = database._writer._connection.raw
    pages = raw.execute("PRAGMA page_count").fetchone()[0]
    raw.execute(f"PRAGMA max_page_count = {pages}")
    # Small writes succeed until the free space within the last pages is used up.
    for _ in range(100):
        if (await faces.rest("POST")).status_code == 503:
            break
    large = {**booking(), "participants": [{"unique_id": f"{'x' * 200}{n}", "role": "moderator"} for n in range(40)]}  # fmt: skip
    with told(1):
        ensure_unavailable([await faces._client.post(REST, headers=faces._headers, json=large)])
    assert {each.status_code for each in await faces.reads()} == {200}
    assert database._writer.lack_of_room
    raw.execute("PRAGMA max_page_count = 100000")
    assert (await faces.ready()).status_code == 200


async def test_a_held_lock(
    faces: Faces, services: Services, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    database: Any = services.database
    monkeypatch.setattr(database._writer, "_busy_seconds", 0.02)
    other = sqlite3.connect(settings.embedded_file, isolation_level=None)
    other.execute("BEGIN EXCLUSIVE")
    with told(2):
        ensure_unavailable(await faces.writes())
    assert {each.status_code for each in await faces.reads()} == {200}
    other.close()


async def test_a_mutation_keeps_what_an_earlier_field_wrote(
    faces: Faces, services: Services, monkeypatch: pytest.MonkeyPatch
) -> None:
    database: Any = services.database
    begin = type(database._writer)._begin
    count = 0

    async def second_fails(self: Any, deadline: float) -> None:
        nonlocal count
        count += 1
        if count == 2:
            raise DatabaseUnavailable("another process keeps the database locked")
        await begin(self, deadline)

    monkeypatch.setattr(type(database._writer), "_begin", second_fails)
    with told(1):
        answer = await faces.graphql(TWICE)
    monkeypatch.undo()
    assert answer.status_code == 200
    body = answer.json()
    assert body["errors"][0]["path"] == ["b"]
    assert body["errors"][0]["extensions"]["code"] == "UNAVAILABLE"
    assert body["data"]["a"]["appointment"]["id"]
    assert body["data"]["b"] is None
    assert (await faces.rest()).json()["count"] == 2


async def test_a_failed_token_lookup(
    client: httpx2.AsyncClient, services: Services, settings: Settings, other_tenant: Tenant
) -> None:
    headers = {"Authorization": f"Token {other_tenant.read}"}
    with truncated(settings.embedded_file), told(2):
        drop_caches(services)
        ensure_unavailable(
            [
                await client.get(REST, headers=headers),
                await client.post("/graphql", headers=headers, json={"query": LIST}),
            ]
        )
    assert (await client.get(REST, headers=headers)).status_code == 200


async def test_the_clock_survives_a_fault_and_logs_it(
    services: Services, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(gateway_services, "CLOCK_SECONDS", 0.01)
    with truncated(settings.embedded_file), capture_logs() as lines:
        drop_caches(services)
        async with gateway_services.running_clock(services), asyncio.timeout(20):
            while sum(line["event"] == "clock_failed" for line in lines) < 2:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
    assert all("exc_info" not in line and "reason" in line for line in lines)


async def test_the_size_of_the_write_ahead_log_is_a_metric(
    faces: Faces, client: httpx2.AsyncClient
) -> None:
    await faces.writes()
    metrics = (await client.get("/metrics")).text
    (line,) = [each for each in metrics.splitlines() if each.startswith("connect_database_wal_")]
    assert float(line.split()[1]) > 0
