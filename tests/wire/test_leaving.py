"""The work for a caller who has left ends: quietly, and writes are carried to their end."""

import asyncio
import json
import time
from pathlib import Path
from typing import Any

import pytest

from gateway.metrics.registry import Metrics
from gateway.middleware.refusals import Faces
from gateway.middleware.telemetry import Telemetry
from gateway.wire import watch

from .local import answer, serve
from .server import Server, eventually, request, status_of

GET = b"GET / HTTP/1.1\r\nHost: a\r\n\r\n"


class Work:
    """An application that works until it is told to stop, and counts who began and who ended."""

    def __init__(self) -> None:
        self.began = self.cancelled = 0

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        self.began += 1
        try:
            await asyncio.sleep(20)
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        await answer(send)


def telemetry(app: Any) -> tuple[Telemetry, Metrics]:
    metrics = Metrics()
    return Telemetry(app, Faces("/api/v1"), metrics.observe), metrics


@pytest.mark.parametrize("sent", [GET, GET * 3])
async def test_work_ends_when_the_caller_leaves(
    sent: bytes,
    capfd: pytest.CaptureFixture[str],
    caplog: pytest.LogCaptureFixture,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(watch, "LOOK_SECONDS", 0.02)
    work = Work()
    app, metrics = telemetry(work)
    async with serve(app) as local:
        for _ in range(5):
            _, writer = await local.open()
            writer.write(sent)
            await asyncio.sleep(0.02)
            writer.close()
        await local.closes()
        await asyncio.sleep(0.02)
        assert local.server.server_state.tasks == set()
    # Of requests behind the one that is worked on nothing is begun.
    assert (work.began, work.cancelled) == (5, 5)
    told = "".join(capfd.readouterr()) + caplog.text
    assert told.count("client_gone") == 5
    assert "Traceback" not in told and "Exception" not in told
    assert 'status="499"} 5.0' in (await metrics.text()).decode()


async def test_work_that_has_not_begun_still_leaves_its_line(
    capfd: pytest.CaptureFixture[str],
) -> None:
    work = Work()
    async with serve(telemetry(work)[0]) as local:
        for _ in range(5):
            _, writer = await local.open()
            writer.write(GET)
            writer.close()
        async with asyncio.timeout(10):
            while work.cancelled < 5:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        await asyncio.sleep(0.01)
    assert "".join(capfd.readouterr()).count("client_gone") == 5


async def test_a_request_that_is_under_way_when_the_service_stops_is_told() -> None:
    app, _ = telemetry(Work())
    scope = {"type": "http", "path": "/", "method": "GET", "headers": []}
    told: list[Any] = []

    async def send(message: Any) -> None:
        told.append(message)

    task = asyncio.ensure_future(app(scope, None, send))  # type: ignore[arg-type]
    await asyncio.sleep(0)
    task.cancel()
    await task
    assert told[0]["status"] == 503
    assert (b"retry-after", b"5") in told[0]["headers"]


def many_lists(count: int) -> bytes:
    fields = " ".join(
        f'a{n}: appointments(first: 20, filter: {{participantUniqueId: "nobody{n}"}}) '
        "{ totalCount nodes { id title participants { nodes { id } } } }"
        for n in range(count)
    )
    return json.dumps({"query": f"{{ {fields} }}"}).encode()


def test_a_real_operation_ends_when_its_caller_leaves(tmp_path: Path) -> None:
    server = Server(tmp_path, {"CONNECT_LOG_LEVEL": "debug"})
    token = {"Authorization": f"Token {server.token}", "Content-Type": "application/json"}
    try:
        for _ in range(20):
            with server.connect() as client:
                client.sendall(request("/graphql", "POST", token, many_lists(5), keep=True))
                time.sleep(0.001)
        time.sleep(0.2)
        before = server.cpu()
        time.sleep(0.5)
        assert server.cpu() - before < 0.1
        for _ in range(10):
            answered = server.exchange(request("/api/v1/appointments/", headers=token))
            assert status_of(answered) == 200
        server.stop()
    finally:
        server.end()
    text = server.log.read_text()
    assert "Traceback" not in text and "unexpected_error" not in text


def test_a_write_is_carried_to_its_end(tmp_path: Path) -> None:
    server = Server(tmp_path)
    token = {"Authorization": f"Token {server.token}", "Content-Type": "application/json"}
    body = json.dumps(
        {
            "title": "Left behind",
            "start_date_time": "2030-01-01T10:00:00Z",
            "duration_minutes": 30,
            "participants": [],
        }
    ).encode()
    try:
        for _ in range(30):
            with server.connect() as client:
                client.sendall(request("/api/v1/appointments/", "POST", token, body, keep=True))

        def written() -> int:
            return sum(
                line.get("operation") == "create_appointment" or line.get("status") == 201
                for line in server.log_lines()
            )

        eventually(lambda: written() == 30)
        page = server.exchange(request("/api/v1/appointments/?page_size=50", headers=token))
        assert page.count(b"Left behind") == 30
    finally:
        server.end()
