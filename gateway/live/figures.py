"""What operators see of sockets and streams: how many are open, what they carried, why they end."""

from collections import Counter
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime

from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)

from db.figures import Histogram

# What clients may close with is theirs to choose: the rest is counted as one.
KNOWN = frozenset(
    {*range(1000, 1016), 4000, 4004, 4005, 4400, 4401, 4403, 4406, 4408, 4409, 4429, 4499, 4500}
)


class Figures:
    """Plain numbers, rendered when Prometheus asks."""

    def __init__(self) -> None:
        self.open: Counter[str] = Counter()
        self.subscriptions: Counter[str] = Counter()
        self.events: Counter[str] = Counter()
        self.closes: Counter[tuple[str, str]] = Counter()
        self.delays = Histogram()

    def counted(self, transport: str) -> AbstractContextManager[None]:
        """Counts a connection as open while the block runs."""
        return _counted(self.open, transport)

    def subscribed(self, transport: str) -> AbstractContextManager[None]:
        """Counts a subscription as running while the block runs."""
        return _counted(self.subscriptions, transport)

    def delivered(self, transport: str, behind_seconds: float | None = None) -> None:
        """Counts an event that was handed to a connection, so long after it happened.

        None for what happened before the subscription began, and what has no time.
        """
        self.events[transport] += 1
        if behind_seconds is not None:
            self.delays.add(max(behind_seconds, 0.0))

    def closed(self, transport: str, code: int) -> None:
        """Counts a connection by what it was closed with."""
        self.closes[transport, str(code) if code in KNOWN else "other"] += 1

    def collect(self) -> Iterator[Metric]:
        """Yields what Prometheus is told."""
        opened = GaugeMetricFamily(
            "connect_live_open", "Sockets and event streams that are open.", labels=["transport"]
        )
        for transport, count in self.open.items():
            opened.add_metric([transport], count)
        subscriptions = GaugeMetricFamily(
            "connect_live_subscriptions",
            "GraphQL subscriptions that run.",
            labels=["transport"],
        )
        for transport, count in self.subscriptions.items():
            subscriptions.add_metric([transport], count)
        events = CounterMetricFamily(
            "connect_live_events", "Events delivered to subscribers.", labels=["transport"]
        )
        for transport, count in self.events.items():
            events.add_metric([transport], count)
        closes = CounterMetricFamily(
            "connect_live_closes",
            "Sockets and streams that ended, by the code of WebSockets that says why.",
            labels=["transport", "code"],
        )
        for labels, count in self.closes.items():
            closes.add_metric(labels, count)
        yield from (opened, subscriptions, events, closes)
        yield HistogramMetricFamily(
            "connect_live_delivery_seconds",
            "Seconds from an event to its delivery to a subscription that was running by then.",
            buckets=self.delays.cumulative(),
            sum_value=self.delays.total,
        )


def delay(occurred_at: datetime, since: datetime, now: datetime) -> float | None:
    """Returns how many seconds ago an event happened; None if that was before `since`."""
    return (now - occurred_at).total_seconds() if occurred_at >= since else None


@contextmanager
def _counted(counts: Counter[str], transport: str) -> Iterator[None]:
    counts[transport] += 1
    try:
        yield
    finally:
        counts[transport] -= 1
