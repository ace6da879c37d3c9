"""Metrics of several workers: all of them on each page, under the number of the worker."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import pytest
from prometheus_client import CollectorRegistry, Counter, generate_latest
from prometheus_client.parser import text_string_to_metric_families

from gateway.crew import Crew as CrewOf
from gateway.crew.figures import CrewFigures, merged
from tests.live.changes import LIST, client_of
from tests.workers.crew import Crew


def counted(count: int) -> CollectorRegistry:
    registry = CollectorRegistry()
    requests = Counter("requests", "Requests.", ["face"], registry=registry)
    requests.labels("rest").inc(count)
    return registry


class Told:
    """What a worker has counted, and what all of them would say."""

    def __init__(self, count: int) -> None:
        self.registry = counted(count)
        self.looks = 0

    async def look(self) -> None:
        self.looks += 1

    async def common(self) -> bytes:
        return b"# HELP size Size.\n# TYPE size gauge\nsize 7.0\n"


def test_what_has_one_name_is_merged_under_one_heading() -> None:
    texts = [generate_latest(counted(1)), generate_latest(counted(2))]
    text = merged(texts).decode()
    assert text.count("# TYPE requests_total counter") == 1
    assert [line for line in text.splitlines() if line.startswith("requests_total")] == [
        'requests_total{face="rest"} 1.0',
        'requests_total{face="rest"} 2.0',
    ]


async def test_each_tells_the_whole_and_who_is_missing(tmp_path: Path) -> None:
    figures = [CrewFigures(CrewOf(tmp_path, n, 3), Told(n + 1)) for n in range(2)]
    async with figures[0].told(), figures[1].told():
        for each in figures:
            text = (await each.text()).decode()
            families = {family.name: family for family in text_string_to_metric_families(text)}
            totals = {
                sample.labels["worker"]: sample.value
                for sample in families["requests"].samples
                if sample.name == "requests_total"
            }
            assert totals == {"0": 1, "1": 2}
            up = {s.labels["worker"]: s.value for s in families["connect_worker_up"].samples}
            assert up == {"0": 1, "1": 1, "2": 0}
            assert [(s.labels, s.value) for s in families["size"].samples] == [({}, 7)]


def test_workers_of_two_releases_share_one_heading() -> None:
    reworded = generate_latest(counted(2)).replace(b"Requests.", b"What was asked.")
    text = merged([generate_latest(counted(1)), reworded]).decode()
    assert text.count("# HELP requests_total") == text.count("# TYPE requests_total") == 1
    assert text.count("\nrequests_total{") == 2


@pytest.fixture
def crew(tmp_path: Path) -> Iterator[Crew]:
    running = Crew(tmp_path, 2)
    yield running
    running.stop()


async def totals(crew: Crew) -> dict[str, float]:
    """The requests for pages, by worker, as a new connection is told them."""
    async with client_of(crew.port, crew.token) as client:
        text = (await client.get("/metrics")).text
    prefix = 'connect_requests_total{face="rest",operation="appointments_list",status="200",worker='
    found = [line.removeprefix(prefix) for line in text.splitlines() if line.startswith(prefix)]
    return {line[1]: float(line.split()[-1]) for line in found}


async def test_the_page_of_any_worker_counts_every_request(crew: Crew) -> None:
    for _ in range(20):
        async with client_of(crew.port, crew.token) as client:
            await client.get(LIST)
    for _ in range(6):
        assert sum((await totals(crew)).values()) == 20
    stopped = crew.workers[0]
    os.kill(stopped, signal.SIGSTOP)
    try:
        assert sum((await totals(crew)).values()) <= 20
    finally:
        os.kill(stopped, signal.SIGCONT)
