"""What operators see of rooms: who is in them, what was relayed, who was refused."""

from collections import Counter
from collections.abc import Callable, Iterator
from typing import NamedTuple

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, Metric


class Occupancy(NamedTuple):
    """How many rooms there are, and people in them with an open socket."""

    rooms: int = 0
    seated: int = 0
    waiting: int = 0


class Figures:
    """Plain numbers of this process, rendered when Prometheus asks."""

    def __init__(self) -> None:
        self.sockets = 0
        self.occupancy: Callable[[], Occupancy] = Occupancy
        self.messages: Counter[str] = Counter()
        self.refusals: Counter[str] = Counter()
        self.elsewhere = 0

    def collect(self) -> Iterator[Metric]:
        """Yields what Prometheus is told."""
        yield GaugeMetricFamily(
            "connect_room_sockets", "Sockets of rooms that are open.", self.sockets
        )
        rooms, seated, waiting = self.occupancy()
        yield GaugeMetricFamily("connect_rooms", "Rooms with people of this process.", rooms)
        people = GaugeMetricFamily(
            "connect_room_people",
            "People whose socket this process has, in rooms or waiting to be let in.",
            labels=["state"],
        )
        people.add_metric(["seated"], seated)
        people.add_metric(["waiting"], waiting)
        yield people
        received = CounterMetricFamily(
            "connect_room_messages", "Messages of people in rooms, by type.", labels=["type"]
        )
        for type, count in self.messages.items():
            received.add_metric([type], count)
        yield received
        yield CounterMetricFamily(
            "connect_room_relayed",
            "Messages that went to other processes through the database.",
            self.elsewhere,
        )
        refusals = CounterMetricFamily(
            "connect_room_refusals",
            "Sockets that were refused or ended, by the last word they were told.",
            labels=["code"],
        )
        for code, count in self.refusals.items():
            refusals.add_metric([code], count)
        yield refusals
