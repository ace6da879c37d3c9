"""Requests are counted as prometheus_client would count them, with a fraction of its work."""

import re
from random import Random

from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest

from gateway.metrics.registry import Metrics
from gateway.metrics.tally import BOUNDS, RequestLabels, Tally

CREATED = re.compile(rb"(_created\{.*\}) .*")


def theirs(requests: list[tuple[RequestLabels, int, float]]) -> bytes:
    registry = CollectorRegistry()
    count = Counter(
        "connect_requests_total",
        "Requests by operation and status.",
        ["face", "operation", "status"],
        registry=registry,
    )
    timer = Histogram(
        "connect_request_seconds",
        "Seconds from a request to its answer, by operation.",
        ["face", "operation"],
        buckets=BOUNDS,
        registry=registry,
    )
    for asked, status, seconds in requests:
        count.labels(*asked, str(status)).inc()
        timer.labels(*asked).observe(seconds)
    return generate_latest(registry)


def test_the_text_equals_that_of_prometheus_client() -> None:
    chance = Random(7)
    operations = [
        RequestLabels("rest", "appointments_list"),
        RequestLabels("graphql", 'a "query"\n'),
    ]
    exact = [(operations[0], 200, bound) for bound in BOUNDS]
    drawn = [
        (chance.choice(operations), chance.choice((200, 404, 499)), chance.expovariate(5))
        for _ in range(500)
    ]
    tally, registry = Tally(), CollectorRegistry()
    registry.register(tally)
    for each in exact + drawn:
        tally.add(*each)
    # In both, lines are in the order of the first requests.
    ours, expected = (
        sorted(CREATED.sub(rb"\1", text).splitlines())
        for text in (generate_latest(registry), theirs(exact + drawn))
    )
    assert ours == expected


async def test_a_request_appears_in_the_metrics() -> None:
    metrics = Metrics()
    metrics.observe("rest", "appointments_list", 200, 0.003)
    text = (await metrics.text()).decode()
    labels = 'face="rest",operation="appointments_list"'
    assert f'connect_requests_total{{{labels},status="200"}} 1.0' in text
    bucket = 'connect_request_seconds_bucket{face="rest",le="%s",operation="appointments_list"}'
    assert f"{bucket % 0.002} 0.0" in text
    assert f"{bucket % 0.005} 1.0" in text
