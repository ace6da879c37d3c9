"""Counts and durations of requests, by operation.

Plain numbers suffice because one thread counts; the counters of prometheus_client would take a
lock for each of the three numbers that a request changes.
"""

import time
from bisect import bisect_left
from collections.abc import Iterator
from typing import NamedTuple

from prometheus_client.core import CounterMetricFamily, HistogramMetricFamily, Metric

BOUNDS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0)
REQUESTS = "connect_requests"
SECONDS = "connect_request_seconds"


class RequestLabels(NamedTuple):
    """The labels by which requests are counted."""

    face: str
    operation: str


class Times:
    """Durations of the requests of one operation, in buckets by `BOUNDS`."""

    __slots__ = ("buckets", "created", "statuses", "total")

    def __init__(self) -> None:
        self.created = time.time()
        self.statuses: dict[int, tuple[int, float]] = {}
        self.buckets = [0] * (len(BOUNDS) + 1)
        self.total = 0.0

    def add(self, status: int, seconds: float) -> None:
        """Counts one request."""
        count, created = self.statuses.get(status) or (0, time.time())
        self.statuses[status] = (count + 1, created)
        self.buckets[bisect_left(BOUNDS, seconds)] += 1
        self.total += seconds

    def cumulative(self) -> list[tuple[str, float]]:
        """Returns each bound with the number of requests that took at most so long."""
        found, sum = [], 0
        for bound, count in zip((*map(str, BOUNDS), "+Inf"), self.buckets, strict=True):
            sum += count
            found.append((bound, float(sum)))
        return found


class Tally:
    """The requests of this process, by operation."""

    def __init__(self) -> None:
        self._times: dict[RequestLabels, Times] = {}

    def add(self, key: RequestLabels, status: int, seconds: float) -> None:
        """Counts one request."""
        times = self._times.get(key)
        if times is None:
            times = self._times[key] = Times()
        times.add(status, seconds)

    def collect(self) -> Iterator[Metric]:
        """Yields the metrics in the form that Prometheus collects."""
        requests = CounterMetricFamily(
            REQUESTS, "Requests by operation and status.", labels=[*RequestLabels._fields, "status"]
        )
        seconds = HistogramMetricFamily(
            SECONDS,
            "Seconds from a request to its answer, by operation.",
            labels=RequestLabels._fields,
        )
        for key, times in self._times.items():
            for status, (count, created) in times.statuses.items():
                requests.add_metric([*key, str(status)], count, created)
            seconds.add_metric(key, times.cumulative(), times.total)
            labels = dict(zip(RequestLabels._fields, key, strict=True))
            seconds.add_sample(f"{SECONDS}_created", labels, times.created)
        yield requests
        yield seconds
