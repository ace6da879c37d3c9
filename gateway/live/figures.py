"""What operators see of sockets and streams: how many are open, what they carried, why they end."""

from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric

# What clients may close with is theirs to choose: the rest is counted as one.
KNOWN = frozenset(
    {*range(1000, 1016), 4000, 4004, 4005, 4400, 4401, 4403, 4406, 4408, 4409, 4429, 4499, 4500}
)


class Figures:
    """Plain numbers, rendered when Prometheus asks."""

    def __init__(self) -> None:
        self.open: Counter[str] = Counter()
        self.events: Counter[str] = Counter()
        self.closes: Counter[tuple[str, str]] = Counter()

    @contextmanager
    def counted(self, transport: str) -> Iterator[None]:
        """Counts a connection as open while the block runs."""
        self.open[transport] += 1
        try:
            yield
        finally:
            self.open[transport] -= 1

    def delivered(self, transport: str) -> None:
        """Counts an event that was handed to a connection."""
        self.events[transport] += 1

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
        yield from (opened, events, closes)
