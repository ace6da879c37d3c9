"""Traces: what a collector is told, and that nobody else notices anything."""

import asyncio
import builtins
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx2
import pytest
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.trace.export import SpanExportResult
from starlette.applications import Starlette
from structlog.testing import capture_logs

from db.location import Location
from gateway.app import create_app
from gateway.settings import Settings, WrongSetting, read_settings
from gateway.tracing.exporting import Exporting
from gateway.tracing.reasons import Reasons
from gateway.tracing.replies import session
from gateway.version import VERSION
from tests.conftest import InProcess, MovableClock
from tests.contract.test_appointments import booking
from tests.live.changes import LIST, client_of
from tests.live.talk import greeted
from tests.metrics.collector import Collector, Span
from tests.metrics.scraped import FOLLOW, QUERY, ROOT
from tests.people import Tenant
from tests.postgresql.places import change
from tests.service import EmbeddedService
from tests.workers.crew import Crew

PARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
SECRETS = ("Anna Secret", "Secret title", "anna@example.org", "cct_")


@pytest.fixture
def collector() -> Iterator[Collector]:
    with closing(Collector()) as running:
        yield running


@pytest.fixture
def settings(settings: Settings, collector: Collector, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Those of every test, with traces; what is sent is sent soon."""
    monkeypatch.setenv("OTEL_BSP_SCHEDULE_DELAY", "50")
    return replace(settings, otlp_endpoint=collector.url)


def roots(spans: list[Span]) -> list[Span]:
    return [each for each in spans if each.kind == "SERVER"]


def below(spans: list[Span], parent: Span) -> list[Span]:
    return [each for each in spans if each.parent_id == parent.id]


def person() -> dict[str, Any]:
    return {"unique_id": "anna@example.org", "display_name": "Anna Secret", "role": "moderator"}


async def test_a_request_is_a_trace_with_its_statements(
    client: httpx2.AsyncClient, tenant: Tenant, collector: Collector
) -> None:
    headers = {"Authorization": f"Token {tenant.write}", "X-Request-Id": "from-the-test"}
    made = await client.post(LIST, headers=headers, json=booking(title="Secret title"))
    path = f"{LIST}{made.json()['id']}/"
    await client.get(path, headers={**headers, "traceparent": PARENT})
    spans = await asyncio.to_thread(collector.until, lambda found: len(roots(found)) == 2)
    post, get = sorted(roots(spans), key=lambda each: each.name, reverse=True)
    assert get.name == "GET /api/v1/appointments/{id}/"
    assert (get.trace_id, get.parent_id) == tuple(PARENT.split("-")[1:3])
    assert get.attributes == {
        "http.request.method": "GET",
        "url.scheme": "http",
        "network.protocol.version": "1.1",
        "http.route": "/api/v1/appointments/{id}/",
        "url.path": "/api/v1/appointments/{id}/",
        "http.response.status_code": 200,
        "connect.request_id": "from-the-test",
    }
    assert {each.kind for each in below(spans, get)} == {"CLIENT"}
    assert any(each.name.startswith("appointments.") for each in below(spans, get))
    assert {each.attributes["db.system.name"] for each in below(spans, get)} <= {
        "sqlite",
        "postgresql",
    }
    writes = [each for each in below(spans, post) if each.name == "write"]
    # Another one, which notes when a token was used, may be under way still.
    assert ["begun", "committing"] in [each.events for each in writes]
    statements = {each.name: each for write in writes for each in below(spans, write)}
    assert {"appointments.INSERT", "participants.INSERT", "events.INSERT"} <= statements.keys()
    assert statements["participants.INSERT"].attributes["db.operation.batch.size"] == 2
    assert {each.trace_id for each in statements.values()} == {post.trace_id}
    assert get.resource["service.name"] == "consularia-connect"
    assert get.resource["service.version"] == VERSION


async def test_a_graphql_operation_has_a_span_without_its_values(
    client: httpx2.AsyncClient, tenant: Tenant, collector: Collector
) -> None:
    headers = {"Authorization": f"Token {tenant.write}"}
    query = '{ appointments(first: 1, filter: { participantUniqueId: "anna@example.org" }) { nodes { id } } }'
    await client.post("/graphql", headers=headers, json={"query": query})
    named = "query Mine($id: ID!) { node(id: $id) { id } }"
    await client.post(
        "/graphql", headers=headers, json={"query": named, "variables": {"id": "Secret title"}}
    )
    spans = await asyncio.to_thread(collector.until, lambda found: len(roots(found)) == 2)
    operations = {
        each.attributes.get("connect.field"): each for each in spans if each.name == "query"
    }
    assert operations["node"].attributes == {
        "graphql.operation.type": "query",
        "graphql.operation.name": "Mine",
        "connect.field": "node",
    }
    (asked,) = below(spans, operations["appointments"])
    assert asked.name == "appointments.keyset_items"
    assert {each.name for each in roots(spans)} == {"POST /graphql"}
    assert all(each.parent_id in {root.id for root in roots(spans)} for each in operations.values())


async def test_nothing_that_people_wrote_is_told(
    client: httpx2.AsyncClient, tenant: Tenant, collector: Collector
) -> None:
    headers = {"Authorization": f"Token {tenant.write}", "User-Agent": "Anna Secret"}
    body = booking(title="Secret title", participants=[person()])
    made = (await client.post(LIST, headers=headers, json=body)).json()
    link = made["participants"][0]["access_link"]
    token = link.rpartition("/")[2]
    await client.get(f"/join/{token}", headers={"Accept": "text/html"})
    await client.get(f"{LIST}?participant_unique_id=anna@example.org", headers=headers)
    await client.get("/Anna%20Secret")
    await client.post(LIST, headers=headers, json={"title": "Secret title" * 100})
    spans = await asyncio.to_thread(collector.until, lambda found: len(roots(found)) == 5)
    assert "GET /join/{token}" in {each.name for each in roots(spans)}
    told = collector.text
    assert [each for each in (*SECRETS, token) if each.encode() in told] == []


async def test_errors_are_told_by_kind(
    client: httpx2.AsyncClient, location: Location, tenant: Tenant, collector: Collector
) -> None:
    headers = {"Authorization": f"Token {tenant.write}"}
    # Beside the loop: a connection of the service may be in the middle of something with a lock.
    await asyncio.to_thread(change, location, "ALTER TABLE appointment RENAME TO elsewhere")
    assert (await client.get(LIST, headers=headers)).status_code == 503
    spans = await asyncio.to_thread(collector.until, lambda found: bool(roots(found)))
    (root,) = roots(spans)
    assert root.is_error
    assert root.attributes["error.type"] == "503"
    assert "DatabaseUnavailable" in {
        each.attributes.get("error.type") for each in below(spans, root)
    }


async def test_the_clock_and_followers_make_no_spans(
    client: httpx2.AsyncClient, app: Starlette, tenant: Tenant, collector: Collector
) -> None:
    await app.state.lifespan["services"].feed.lag()
    await client.get("/readyz")
    spans = await asyncio.to_thread(collector.until, lambda found: bool(roots(found)))
    assert {each.parent_id for each in spans} <= {"", *(each.id for each in roots(spans))}
    assert {each.name for each in roots(spans)} == {"GET /readyz"}


async def test_a_foreign_trace_state_is_bounded(
    client: httpx2.AsyncClient, tenant: Tenant, collector: Collector
) -> None:
    for parent in ("nonsense", PARENT.replace("00-", "ff-"), ""):
        await client.get(
            "/healthz", headers={"traceparent": parent, "tracestate": "a=" + "b" * 9_000}
        )
    spans = await asyncio.to_thread(collector.until, lambda found: len(roots(found)) == 3)
    assert {each.parent_id for each in roots(spans)} == {""}
    # Beside a parent that counts, it would be kept.
    long = {"traceparent": PARENT, "tracestate": "a=" + "b" * 9_000}
    await client.get("/healthz", headers=long)
    await client.get("/healthz", headers={"traceparent": PARENT, "tracestate": "a=short"})
    spans = await asyncio.to_thread(collector.until, lambda found: len(roots(found)) == 5)
    assert {each.parent_id for each in roots(spans)} == {"", PARENT.split("-")[2]}
    assert b"a=short" in collector.text
    assert b"bbbb" not in collector.text


async def test_a_stream_and_a_socket_are_traced_while_they_are_open(
    tmp_path: Path, collector: Collector
) -> None:
    running = service(tmp_path, collector.url, OTEL_BSP_SCHEDULE_DELAY="50")
    follow = {"query": FOLLOW}
    stream = {"Accept": "text/event-stream"}
    try:
        async with (
            client_of(running.port, running.token) as client,
            client.stream("POST", "/graphql", json=follow, headers=stream) as response,
            greeted(running.port, running.token) as talk,
        ):
            assert response.status_code == 200
            await talk.follow(QUERY)
            await talk.hear()
            spans = await asyncio.to_thread(
                collector.until,
                lambda found: {"POST /graphql", "query"} <= {each.name for each in found},
            )
    finally:
        running.stop()
    (asked,) = [each for each in spans if each.name == "query"]
    assert (asked.kind, asked.parent_id) == ("SERVER", "")
    (streamed,) = [each for each in spans if each.name == "POST /graphql"]
    assert streamed.attributes["http.response.status_code"] == 200


def service(folder: Path, url: str, **settings: str) -> EmbeddedService:
    return EmbeddedService(folder, {"CONNECT_OTLP_ENDPOINT": url, **settings})


async def test_workers_send_theirs_and_what_is_left_is_sent_at_the_end(
    tmp_path: Path, collector: Collector
) -> None:
    crew = Crew(
        tmp_path, 2, {"CONNECT_OTLP_ENDPOINT": collector.url, "OTEL_BSP_SCHEDULE_DELAY": "600000"}
    )
    try:
        for _ in range(20):
            async with client_of(crew.port, crew.token) as client:
                assert (await client.get(LIST)).status_code == 200
    finally:
        crew.stop()
    spans = collector.until(lambda found: sum(each.name == f"GET {LIST}" for each in found) == 20)
    assert {each.resource.get("connect.worker") for each in spans} <= {"0", "1"}


async def test_a_collector_that_is_away_harms_no_request_and_no_end(tmp_path: Path) -> None:
    with closing(Collector()) as gone:
        url = gone.url
    running = service(tmp_path, url, OTEL_BSP_SCHEDULE_DELAY="50")
    try:
        async with client_of(running.port, running.token) as client:
            for _ in range(30):
                assert (await client.get(LIST)).status_code == 200
        deadline = time.monotonic() + 40
        while "traces_not_sent" not in running.log.read_text():
            assert time.monotonic() < deadline
            await asyncio.sleep(0.1)
    finally:
        seconds = running.stop()
    assert seconds < 15
    (line,) = [each for each in running.log_lines() if each["event"] == "traces_not_sent"]
    assert "Connection refused" in line["reason"]
    assert "Traceback" not in running.log.read_text()


def sent(url: str) -> dict[str, Any]:
    """What is logged where nothing can be sent there."""
    reasons = Reasons()
    reasons.begin()
    with capture_logs() as lines:
        exporter = Exporting(OTLPSpanExporter(endpoint=url, session=session()), url, reasons)
        assert exporter.export([]) is SpanExportResult.FAILURE
        exporter.shutdown()
    (line,) = lines
    return dict(line)


def test_a_collector_that_refuses_is_quoted(collector: Collector) -> None:
    collector.status = 401
    line = sent(f"{collector.url}/v1/traces")
    assert line["event"] == "traces_not_sent"
    assert "401" in line["reason"]
    assert "Unauthorized" in line["reason"]


def test_no_secret_is_in_the_reason(collector: Collector, monkeypatch: pytest.MonkeyPatch) -> None:
    # Refused by the packages, which quote it.
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_HEADERS", "authorization=Bearer%20s3cret%0Athing")
    reason = sent(f"{collector.url}/v1/traces")["reason"]
    assert "header value" in reason
    assert "s3cret" not in reason
    assert "thing" not in reason
    monkeypatch.delenv("OTEL_EXPORTER_OTLP_HEADERS")
    reasons = Reasons()
    reasons.keep("no proxy at\nhttp://me:s3cret@proxy:3128" + "x" * 1_000)
    assert reasons.heard.startswith("no proxy at http://…@proxy:3128")
    assert len(reasons.heard) == 300


@pytest.mark.parametrize("status", [400, 404, 500])
async def test_a_collector_that_answers_with_errors_harms_nobody(
    settings: Settings, collector: Collector, clock: MovableClock, status: int
) -> None:
    collector.status = status
    app = create_app(settings, clock)
    began = time.monotonic()
    async with app.router.lifespan_context(app) as app.state.lifespan:
        transport = httpx2.ASGITransport(app=InProcess(app))
        async with httpx2.AsyncClient(transport=transport, base_url="http://testserver") as client:
            assert (await client.get("/readyz")).status_code == 200
    assert time.monotonic() - began < 15
    assert collector.asked > 0


async def test_a_collector_that_never_answers_holds_up_no_end(tmp_path: Path) -> None:
    with closing(Collector(delay=60)) as slow:
        running = service(tmp_path, slow.url)
        async with client_of(running.port, running.token) as client:
            assert (await client.get(LIST)).status_code == 200
        running.process.send_signal(signal.SIGTERM)
        assert running.stop() < 15
        assert slow.asked == 1


async def test_a_collector_that_answers_without_end_fills_no_memory(tmp_path: Path) -> None:
    with closing(Collector(mib=512)) as talkative:
        running = service(tmp_path, talkative.url, OTEL_BSP_SCHEDULE_DELAY="50")
        try:
            for _ in range(2):
                async with client_of(running.port, running.token) as client:
                    assert (await client.get(LIST)).status_code == 200
                await asyncio.to_thread(
                    talkative.until, lambda found: any(each.kind == "SERVER" for each in found)
                )
                talkative.spans.clear()
        finally:
            assert running.stop() < 15
    assert talkative.asked >= 2
    # The buffers of both sides take a few.
    assert talkative.told < 64 * talkative.asked
    assert "traces_not_sent" not in running.log.read_text()


CHECK = """
import sys
from gateway.app import create_app
from gateway.settings import read_settings
app = create_app(read_settings({}))
names = [each.cls.__name__ for each in app.user_middleware]
print(any(name.startswith("opentelemetry") for name in sys.modules), "TracedRequests" in names)
"""


def test_without_the_setting_nothing_is_imported_and_nothing_is_in_between() -> None:
    environment = {name: text for name, text in os.environ.items() if "CONNECT" not in name}
    # A standard variable alone, which the machine may have for others, switches nothing on.
    environment["OTEL_EXPORTER_OTLP_ENDPOINT"] = "http://localhost:4318"
    done = subprocess.run(
        [sys.executable, "-c", CHECK],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        env=environment,
    )
    assert done.stdout.split() == ["False", "False"]


def test_without_the_packages_one_line_says_what_to_install(
    settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    known = builtins.__import__

    def refuse(name: str, *rest: Any) -> Any:
        if name.startswith("opentelemetry"):
            raise ModuleNotFoundError("No module named 'opentelemetry'", name="opentelemetry")
        return known(name, *rest)

    for name in [each for each in sys.modules if each.startswith("gateway.tracing.")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setattr(builtins, "__import__", refuse)
    with pytest.raises(WrongSetting) as refused:
        create_app(settings)
    message = str(refused.value)
    assert "\n" not in message
    assert "CONNECT_OTLP_ENDPOINT" in message
    assert "requirements/traces.txt" in message


@pytest.mark.parametrize(
    "wrong", ["collector:4318", "ftp://c", "http://me:secret@c", "http://c/?a=b"]
)
def test_a_wrong_endpoint_is_refused_by_name(wrong: str) -> None:
    with pytest.raises(WrongSetting, match="CONNECT_OTLP_ENDPOINT"):
        read_settings({"CONNECT_OTLP_ENDPOINT": wrong})
    assert (
        read_settings({"CONNECT_OTLP_ENDPOINT": "http://c:4318/"}).otlp_endpoint == "http://c:4318"
    )
