"""The page of metrics of real services: well-formed, documented, and bounded."""

import asyncio
import re
import socket
from collections.abc import Iterator

import httpx2
import pytest
from prometheus_client.parser import text_string_to_metric_families

from gateway.version import VERSION
from tests.contract.test_appointments import booking
from tests.live.changes import LIST, client_of
from tests.metrics.promtool import needs_promtool, promtool
from tests.metrics.scraped import busy, documented, families
from tests.service import EmbeddedService
from tests.workers.crew import Crew


@pytest.fixture(scope="module")
def alone(tmp_path_factory: pytest.TempPathFactory) -> Iterator[EmbeddedService]:
    service = EmbeddedService(tmp_path_factory.mktemp("alone"))
    asyncio.run(busy(service.port, service.token))
    yield service
    service.stop()


@pytest.fixture(scope="module")
def two(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Crew]:
    crew = Crew(tmp_path_factory.mktemp("two"), 2)
    asyncio.run(busy(crew.port, crew.token))
    yield crew
    crew.stop()


def page(service: EmbeddedService) -> str:
    answer = httpx2.get(f"{service.url}/metrics", trust_env=False, timeout=30)
    assert answer.status_code == 200
    return answer.text


def values(text: str, name: str) -> dict[tuple[str, ...], float]:
    """The samples of a name, by the values of their labels."""
    return {
        tuple(sample.labels[label] for label in sorted(sample.labels)): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if sample.name == name
    }


@needs_promtool
def test_promtool_finds_nothing_in_the_page_of_one_process(alone: EmbeddedService) -> None:
    assert promtool("check", "metrics", given=page(alone)) == ""


@needs_promtool
def test_promtool_finds_nothing_in_the_page_of_two_workers(two: Crew) -> None:
    assert promtool("check", "metrics", given=page(two)) == ""


def test_the_page_holds_what_is_documented_and_nothing_else(two: Crew) -> None:
    assert set(families(page(two))) == documented()


def test_the_release_and_the_process_are_told(alone: EmbeddedService) -> None:
    text = page(alone)
    assert re.search(rf'connect_build_info{{python="3\.\d+\.\w+",version="{VERSION}"}} 1\.0', text)
    assert values(text, "process_resident_memory_bytes")[()] > 10_000_000
    assert values(text, "process_open_fds")[()] > 5


def test_processes_are_told_apart_and_the_database_is_told_once(two: Crew) -> None:
    text = page(two)
    assert len(values(text, "process_start_time_seconds")) == 2
    assert set(values(text, "connect_worker_up").items()) == {(("0",), 1), (("1",), 1)}
    held = values(text, "connect_lease_held")
    assert sorted(held.values()) == [0, 1]
    assert values(text, "connect_database_up") == {(): 1}
    assert values(text, "connect_database_size_bytes")[()] > 50_000
    assert values(text, "connect_database_free_bytes")[()] > 0


def test_errors_are_counted_by_code(alone: EmbeddedService) -> None:
    errors = values(page(alone), "connect_errors_total")
    assert errors["NOT_FOUND", "rest"] == 1
    assert errors["GRAPHQL_VALIDATION_FAILED", "graphql"] == 1
    assert errors["PERSISTED_QUERY_NOT_FOUND", "graphql"] == 1


async def test_what_is_current_is_no_error(alone: EmbeddedService) -> None:
    async with client_of(alone.port, alone.token) as client:
        made = await client.post(LIST, json=booking())
        path = f"{LIST}{made.json()['id']}/"
        held = (await client.get(path)).headers["etag"]
        again = await client.get(path, headers={"If-None-Match": held})
    assert again.status_code == 304
    assert ("NOT_MODIFIED", "rest") not in values(page(alone), "connect_errors_total")


async def test_a_fresh_process_shows_that_it_had_no_bug(client: httpx2.AsyncClient) -> None:
    # An alert asks how much it grew: it would miss the first one of a series that begins with it.
    text = (await client.get("/metrics")).text
    assert values(text, "connect_errors_total") == {
        ("INTERNAL_SERVER_ERROR", face): 0 for face in ("gateway", "graphql", "rest")
    }


def test_what_never_became_a_request_is_counted(alone: EmbeddedService) -> None:
    with socket.create_connection(("127.0.0.1", alone.port), timeout=30) as link:
        link.sendall(b"NONSENSE\r\n\r\n")
        assert link.recv(64).startswith(b"HTTP/1.1 400")
        text = page(alone)
    assert values(text, "connect_errors_total")["BAD_REQUEST", "wire"] == 1
    assert values(text, "connect_connections")[()] >= 1


def test_a_replay_is_counted(alone: EmbeddedService) -> None:
    writes = values(page(alone), "connect_idempotent_writes_total")
    assert writes == {("made",): 1, ("replayed",): 1}


def test_an_event_that_was_delivered_has_its_delay(alone: EmbeddedService) -> None:
    text = page(alone)
    assert values(text, "connect_live_delivery_seconds_count")[()] >= 1
    assert 0 < values(text, "connect_live_delivery_seconds_sum")[()] < 60
    assert values(text, "connect_live_lag_events") == {(): 0}


def test_commits_and_their_writes_are_counted(alone: EmbeddedService) -> None:
    text = page(alone)
    commits = values(text, "connect_database_commit_seconds_count")[()]
    writes = values(text, "connect_database_commit_writes_sum")[()]
    assert 0 < commits <= writes


async def test_what_clients_choose_makes_no_series(alone: EmbeddedService) -> None:
    def series() -> set[str]:
        return {line.rpartition(" ")[0] for line in page(alone).splitlines()}

    async with (
        client_of(alone.port, alone.token) as client,
        client_of(alone.port, "no") as stranger,
    ):
        for each in (client, stranger):
            for n in range(3):
                await _ask_oddly(each, n)
        before = series()
        for each in (client, stranger):
            for n in range(3, 30):
                await _ask_oddly(each, n)
    assert series() - before == set()


async def _ask_oddly(client: httpx2.AsyncClient, n: int) -> None:
    names = {"query": f"query Name{n} {{ alias{n}: appointments(first: 1) {{ nodes {{ id }} }} }}"}
    await client.post("/graphql", json=names)
    await client.post("/graphql", json={"query": f"{{ field{n} }}"})
    await client.post(
        "/graphql", json={"query": "{ organization { id } }", "operationName": f"n{n}"}
    )
    await client.get(f"/api/v1/path{n}/")
    await client.get(f"/elsewhere/{n}")
    await client.get("/api/v1/appointments/", headers={"Host": f"host{n}.example"})
    await client.request(f"METHOD{n}", "/api/v1/appointments/")


async def test_health_names_the_release(alone: EmbeddedService) -> None:
    answer = httpx2.get(f"{alone.url}/healthz", trust_env=False)
    assert answer.json() == {"status": "ok", "version": VERSION}
