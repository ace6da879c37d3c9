"""Bad requests and connections get clear answers; nothing is lost and nothing hangs."""

import asyncio
import json
import socket
import sqlite3
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest
from starlette.applications import Starlette

from gateway.version import VERSION
from gateway.wire import patience
from tests.contract.test_appointments import booking
from tests.people import Tenant
from tests.postgresql.places import change
from tests.service import EmbeddedService, free_port

PATHS = ("/api/v1/appointments/", "/graphql", "/", "/schema.graphql")


def message_of(response: httpx2.Response) -> str:
    body = response.json()
    return str(body["errors"][0]["message"] if "errors" in body else body["detail"])


@pytest.mark.parametrize("path", PATHS)
async def test_an_unknown_host_is_refused_in_the_format_of_the_face(
    client: httpx2.AsyncClient, path: str
) -> None:
    for host in (
        "evil.example", "testserver.evil.example", "", "localhost@evil.example", "localhost:80@x",
        "localhost:80/evil",
    ):  # fmt: skip
        response = await client.get(path, headers={"Host": host})
        assert response.status_code == 400
        assert "CONNECT_ALLOWED_HOSTS" in message_of(response)
    for host in ("testserver", "TESTSERVER:80", "localhost:1234", "127.0.0.1", "[::1]:8000"):
        answer = await client.get(path, headers={"Host": host})
        assert "CONNECT_ALLOWED_HOSTS" not in answer.text


async def test_a_refusal_has_its_code_where_rest_is_not_documented_otherwise(
    client: httpx2.AsyncClient,
) -> None:
    elsewhere = {"Host": "evil.example"}
    rest = await client.get("/api/v1/appointments/", headers=elsewhere)
    link = await client.get("/join/x", headers=elsewhere)
    assert set(rest.json()) == {"detail"}
    assert link.json() == {"detail": rest.json()["detail"], "code": "UNKNOWN_HOST"}


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/metrics"])
async def test_probes_are_answered_for_any_host(client: httpx2.AsyncClient, path: str) -> None:
    for host in ("10.1.2.3:8000", "evil.example", "", "[fe80::1]"):
        assert (await client.get(path, headers={"Host": host})).status_code == 200
    long = await client.get(path + "?" + "x" * 9_000, headers={"Host": "10.1.2.3"})
    assert long.status_code == 414


@pytest.mark.parametrize("path", PATHS)
async def test_oversized_requests_are_refused(client: httpx2.AsyncClient, path: str) -> None:
    many = {f"X-{n}": "x" for n in range(120)}
    assert (await client.get(path, headers=many)).status_code == 431
    assert (await client.get(path, headers={"X": "x" * 40_000})).status_code == 431
    assert (await client.get(path + "?" + "x" * 9_000)).status_code == 414


async def test_no_redirect_is_built_from_the_request(
    client: httpx2.AsyncClient, tenant: Tenant
) -> None:
    for path in ("/healthz/", "/metrics/", "/rooms/webhook/", "/api/v1", "/openapi.json/"):
        assert (await client.get(path)).status_code in (404, 401), path
    headers = {"Authorization": f"Token {tenant.read}"}
    for path in ("/graphql", "/graphql/"):
        answer = await client.post(path, json={"query": "{ __typename }"}, headers=headers)
        assert answer.json() == {"data": {"__typename": "Query"}}


async def test_every_answer_has_a_request_id(client: httpx2.AsyncClient) -> None:
    for path in (*PATHS, "/nothing", "/api/v1", "/join/x", "/openapi.json"):
        response = await client.get(path)
        assert response.headers["x-request-id"], path
        assert response.status_code < 500
    kept = await client.get("/healthz", headers={"X-Request-Id": "from-the-proxy_1.2"})
    assert kept.headers["x-request-id"] == "from-the-proxy_1.2"
    made = await client.get("/healthz", headers={"X-Request-Id": "bad id\x7f"})
    assert made.headers["x-request-id"] != "bad id\x7f"


async def test_tokens_in_every_documented_form(client: httpx2.AsyncClient, tenant: Tenant) -> None:
    path = "/api/v1/appointments/"
    for keyword in ("Token", "bearer", "API-KEY", "Api-Key"):
        response = await client.get(path, headers={"Authorization": f"{keyword} {tenant.read}"})
        assert response.status_code == 200
    assert (await client.get(path, headers={"X-API-Key": tenant.read})).status_code == 200
    mistyped = tenant.read[:-1] + ("a" if tenant.read[-1] != "a" else "b")
    response = await client.get(path, headers={"Authorization": f"Token {mistyped}"})
    assert (response.status_code, message_of(response)) == (401, "Invalid token.")


@pytest.mark.parametrize("path", ["/api/v1/appointments/", "/graphql?query={viewer{tokenName}}"])
async def test_a_token_without_a_keyword_is_told_what_to_write(
    client: httpx2.AsyncClient, tenant: Tenant, path: str
) -> None:
    for bare in (tenant.read, "0123456789abcdef0123"):
        response = await client.get(path, headers={"Authorization": bare})
        assert response.status_code == 401
        assert "`Authorization: Bearer <token>`" in response.text
        assert bare not in response.text
    both = {"Authorization": tenant.read, "X-API-Key": tenant.read}
    assert (await client.get("/api/v1/appointments/", headers=both)).status_code == 200
    for other in ("Negotiate", "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ=="):
        response = await client.get("/api/v1/appointments/", headers={"Authorization": other})
        assert message_of(response) == "Authentication credentials were not provided."


async def test_a_revocation_by_another_process_is_effective_within_a_second(
    client: httpx2.AsyncClient, tenant: Tenant, settings: Any
) -> None:
    headers = {"Authorization": f"Token {tenant.read}"}
    assert (await client.get("/api/v1/appointments/", headers=headers)).status_code == 200
    change(settings.database, "UPDATE organization SET is_active = false")
    deadline = asyncio.get_running_loop().time() + 1.0
    while True:
        response = await client.get("/api/v1/appointments/", headers=headers)
        if response.status_code == 401:
            break
        assert asyncio.get_running_loop().time() < deadline
        await asyncio.sleep(0.05)
    assert message_of(response) == "User inactive or deleted."


async def test_health_readiness_and_metrics(
    client: httpx2.AsyncClient, app: Starlette, tenant: Tenant
) -> None:
    assert (await client.get("/healthz")).json() == {"status": "ok", "version": VERSION}
    assert (await client.get("/readyz")).json() == {"status": "ready"}
    headers = {"Authorization": f"Token {tenant.read}"}
    await client.get("/api/v1/appointments/", headers=headers)
    text = (await client.get("/metrics")).text
    assert (
        'connect_requests_total{face="rest",operation="appointments_list",status="200"} 1.0' in text
    )
    for name in ("connect_request_seconds_bucket", "connect_database_statements_total"):
        assert name in text
    assert tenant.id not in text and tenant.name not in text


async def test_a_service_stays_ready_when_a_later_release_has_migrated(
    client: httpx2.AsyncClient, app: Starlette, settings: Any
) -> None:
    for revision, status in (("0001", 503), ("9999", 200), ("moving", 503)):
        change(settings.database, f"UPDATE alembic_version SET version_num = '{revision}'")
        assert (await client.get("/readyz")).status_code == status, revision


@pytest.fixture
def process(tmp_path: Path) -> Iterator[EmbeddedService]:
    process = EmbeddedService(tmp_path)
    yield process
    process.end()


def raw_request(process: EmbeddedService, body: bytes) -> bytes:
    head = (
        f"POST /api/v1/appointments/ HTTP/1.1\r\nHost: 127.0.0.1\r\n"
        f"Authorization: Token {process.token}\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(body)}\r\n\r\n"
    )
    return head.encode() + body


def test_writes_of_clients_that_left_are_complete_or_absent(
    process: EmbeddedService,
) -> None:
    count = "/api/v1/appointments/?page_size=1"
    before = httpx2.get(process.url + count, headers=process.headers).json()["count"]
    body = json.dumps(booking()).encode()
    for _ in range(30):
        with socket.create_connection(("127.0.0.1", process.port)) as client:
            client.sendall(raw_request(process, body))
    deadline = time.monotonic() + 10
    while time.monotonic() < deadline:
        found = httpx2.get(process.url + count, headers=process.headers).json()["count"] - before
        if found == 30:
            break
        time.sleep(0.05)
    assert found == 30
    assert process.stop() < 10
    text = process.log.read_text()
    assert "Traceback" not in text
    created = [
        line for line in process.log_lines()
        if line.get("operation") == "appointments_create" or line.get("event") == "client_gone"
    ]  # fmt: skip
    assert len(created) >= 30
    assert process.token not in text and "anna@example.org" not in text


def test_sigterm_drains_running_requests(process: EmbeddedService) -> None:
    body = json.dumps(booking()).encode()
    clients = []
    for _ in range(20):
        client = socket.create_connection(("127.0.0.1", process.port))
        client.sendall(raw_request(process, body))
        clients.append(client)
    time.sleep(0.05)
    assert process.stop() < 10
    answers = []
    for client in clients:
        client.settimeout(5)
        answers.append(client.recv(65536))
        client.close()
    finished = [answer for answer in answers if answer]
    assert all(b" 201 " in answer.split(b"\r\n")[0] for answer in finished)
    database = sqlite3.connect(process.log.with_name("connect.db"))
    stored = database.execute(
        "SELECT count(*) FROM appointment WHERE title = 'Passport renewal' AND start_date_time"
        " = '2026-03-10T09:00:00.000000Z'"
    ).fetchone()[0]
    database.close()
    assert stored >= len(finished)


def test_input_that_is_not_http_gets_an_answer_or_a_closed_socket(process: EmbeddedService) -> None:
    for sent in (
        b"\x00\xff\r\n\r\n",
        b"GET / HTTP/9.9\r\n\r\n",
        b"GET /\xff\xfe HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
        b"POST /graphql HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: -1\r\n\r\n",
        b"GET /api/v1/appointments/%ff%00/?%zz=%ff&page=%00 HTTP/1.1\r\nHost: 127.0.0.1\r\n"
        b"Authorization: Token \xff\xfe\r\nConnection: close\r\n\r\n",
    ):
        with socket.create_connection(("127.0.0.1", process.port), timeout=5) as client:
            client.sendall(sent)
            answer = client.recv(65536)
        assert answer == b"" or 400 <= int(answer.split()[1]) < 500, (sent, answer)
    assert "Traceback" not in process.log.read_text()


async def test_a_connection_that_sends_nothing_is_closed(
    monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    import uvicorn

    from gateway.app import create_app
    from gateway.wire.patience import PatientProtocol

    monkeypatch.setattr(patience, "REQUEST_SECONDS", 0.05)
    port = free_port()
    config = uvicorn.Config(
        create_app(settings), port=port, http=PatientProtocol, log_level="error", lifespan="on"
    )
    server = uvicorn.Server(config)
    serving = asyncio.ensure_future(server._serve())
    async with asyncio.timeout(20):
        while not server.started:  # noqa: ASYNC110  (uvicorn has no event for it)
            await asyncio.sleep(0.01)
        for begun in (
            b"",
            b"GET / HT",
            b"POST /graphql HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
            b"Content-Length: 9\r\n\r\n{",
        ):
            reader, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.write(begun)
            assert await reader.read() == b""
            writer.close()
        server.should_exit = True
        await serving
