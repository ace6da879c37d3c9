"""The metrics of this process, and those that all processes would tell alike."""

import asyncio
import platform
from collections import Counter
from collections.abc import Mapping

from prometheus_client import CollectorRegistry, Gauge, Info, ProcessCollector, generate_latest

from schema.domain.clock import Steadiness
from schema.operation.call import Services
from schema.operation.lease import Duty

from ..live.figures import Figures as LiveFigures
from ..room.figures import Figures as RoomFigures
from ..version import VERSION
from ..wire.figures import WireFigures
from .database import DatabaseFigures
from .faces import ErrorFigures, GraphQLFigures, KeyedFigures, OperationTimes
from .survey import LagFigures, StateFigures, Survey
from .tally import RequestLabels, Tally


class Metrics:
    """Everything that is counted, and the page that shows it."""

    def __init__(self) -> None:
        # Of this process: where there are several, the page shows each under its number.
        self.registry = CollectorRegistry()
        self._common = CollectorRegistry()
        self._tally = Tally()
        self._errors = ErrorFigures()
        self._state, self._lag = StateFigures(), LagFigures()
        self._survey: Survey | None = None
        self.operation_times = OperationTimes()
        self.wire = WireFigures()
        self._errors.watch("wire", self.wire.refusals, may_fail=False)
        ProcessCollector(registry=self.registry)
        _tell_build(self.registry)
        for each in (self._tally, self.operation_times, self._errors, self._lag):
            self.registry.register(each)

        connections = Gauge(
            "connect_connections", "Open connections, also idle ones.", registry=self.registry
        )
        connections.set_function(lambda: len(self.wire.connections))

    def observe(self, face: str, operation: str, status: int, seconds: float) -> None:
        """Counts one request."""
        self._tally.add(RequestLabels(face, operation), status, seconds)

    def watch_errors(self, face: str, counts: Counter[str]) -> None:
        """Adds the errors of a face, by code."""
        self._errors.watch(face, counts)

    def watch_graphql(
        self, counts: Mapping[tuple[str, str], int], persisted: Mapping[str, int]
    ) -> None:
        """Adds how GraphQL operations were executed and found by identifiers."""
        self.registry.register(GraphQLFigures(counts, persisted))

    def watch_live(self, figures: LiveFigures) -> None:
        """Adds sockets, streams and subscriptions."""
        self.registry.register(figures)

    def watch_rooms(self, figures: RoomFigures) -> None:
        """Adds the built-in rooms."""
        self.registry.register(figures)

    def watch(self, services: Services) -> None:
        """Adds what the services of the running process can tell."""
        self._survey = Survey(services)
        self._common.register(self._state)
        self.registry.register(DatabaseFigures(services.database))
        self.registry.register(KeyedFigures(services.keyed))
        self._watch_clock(services.steadiness)

    def _watch_clock(self, steadiness: Steadiness) -> None:
        holding = Gauge(
            "connect_clock_holding",
            "1 while nothing is moved on because the clock of the machine jumped.",
            registry=self.registry,
        )
        holding.set_function(lambda: steadiness.is_holding)

    def watch_duty(self, name: str, duty: Duty) -> None:
        """Adds whether this process has a duty that one process has at a time."""
        held = Gauge(
            "connect_lease_held",
            "1 if this process has the duty that one process has at a time.",
            ["lease"],
            registry=self.registry,
        )
        held.labels(name).set_function(duty.is_ours)

    async def common(self) -> bytes:
        """Returns the metrics that all processes would tell alike, so that one is enough."""
        if self._survey is not None:
            self._state.state = await self._survey.state()
        return generate_latest(self._common)

    async def look(self) -> None:
        """Asks what has to be asked for the metrics of this process."""
        if self._survey is not None:
            self._lag.events = await self._survey.lag()

    async def text(self) -> bytes:
        """Returns all metrics in the text format of Prometheus."""
        _, common = await asyncio.gather(self.look(), self.common())
        return generate_latest(self.registry) + common


def _tell_build(registry: CollectorRegistry) -> None:
    build = Info("connect_build", "The release that runs, and its Python.", registry=registry)
    build.info({"version": VERSION, "python": platform.python_version()})
