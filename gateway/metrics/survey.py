"""What only the database can tell, asked when somebody reads the metrics.

Anybody may read them as often as they like, so the questions are few, brief and not repeated at
once. A database that does not answer leaves metrics without the answers, never an error.
"""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from typing import Generic, NamedTuple, TypeVar

import structlog
from prometheus_client.core import GaugeMetricFamily, Metric

from db.engine import DatabaseUnavailable, Size, StatementFailed
from schema.operation.call import Services
from schema.resolvers import clockwork

T = TypeVar("T")

# Less than another worker waits for our metrics.
ASK_SECONDS = 1.5
# Prometheus asks every fifteen seconds unless told otherwise.
GOOD_SECONDS = 5.0

log = structlog.get_logger("connect.metrics")


class Shared(Generic[T]):
    """One answer for all who ask at the same time, or within `seconds` after it."""

    def __init__(self, ask: Callable[[], Awaitable[T]], seconds: float = 0.0) -> None:
        self._ask = ask
        self._seconds = seconds
        self._answered_at = 0.0
        self._asking: asyncio.Task[T] | None = None

    async def answer(self) -> T:
        """Returns an answer that is being given, or is good still, or a new one."""
        loop = asyncio.get_running_loop()
        asking = self._asking
        if asking is None or (asking.done() and loop.time() >= self._answered_at + self._seconds):
            asking = self._asking = asyncio.ensure_future(self._asked())
        # Who asks may leave; others wait for the same answer.
        return await asyncio.shield(asking)

    async def _asked(self) -> T:
        try:
            return await self._ask()
        finally:
            self._answered_at = asyncio.get_running_loop().time()


class State(NamedTuple):
    """What the database said of itself; `size` and `clock_lag` are None when it did not answer."""

    size: Size | None = None
    clock_lag: float | None = None


class Survey:
    """Asks about the database, and how far those who follow the log are behind."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._state = Shared(self._ask_state, GOOD_SECONDS)
        self._lag = Shared(self._ask_lag, GOOD_SECONDS)

    async def state(self) -> State:
        """Returns what all processes would be told alike."""
        return await self._state.answer()

    async def lag(self) -> int | None:
        """Returns how many events a follower of this process lacks at most; None if unknown."""
        return await self._lag.answer()

    async def _ask_state(self) -> State:
        services = self._services

        async def ask() -> State:
            return State(await services.database.size(), await clockwork.lag(services))

        return await _answered(ask()) or State()

    async def _ask_lag(self) -> int | None:
        return await _answered(self._services.feed.lag())


async def _answered(question: Awaitable[T]) -> T | None:
    try:
        async with asyncio.timeout(ASK_SECONDS):
            return await question
    except (TimeoutError, DatabaseUnavailable, StatementFailed) as error:
        log.warning("metrics_incomplete", reason=str(error) or "the database did not answer")
        return None


class StateFigures:
    """The last state, in the form that Prometheus collects."""

    def __init__(self) -> None:
        self.state = State()

    def collect(self) -> Iterator[Metric]:
        """Yields whether the database answered, and what it said."""
        size, clock_lag = self.state
        yield GaugeMetricFamily(
            "connect_database_up", "1 if the database answered just now.", size is not None
        )
        if size is not None:
            yield GaugeMetricFamily(
                "connect_database_size_bytes", "Size of the database.", size.stored
            )
        if size is not None and size.free is not None:
            yield GaugeMetricFamily(
                "connect_database_free_bytes", "Free space of the disk it is on.", size.free
            )
        if clock_lag is not None:
            yield GaugeMetricFamily(
                "connect_clock_lag_seconds",
                "For how long the oldest appointment has been due to be moved on; 0 if none is.",
                clock_lag,
            )


class LagFigures:
    """How far followers were behind the log when they were looked at last."""

    def __init__(self) -> None:
        self.events: int | None = None

    def collect(self) -> Iterator[Metric]:
        """Yields the lag, unless it is not known."""
        if self.events is not None:
            yield GaugeMetricFamily(
                "connect_live_lag_events",
                "Events of a log that somebody who waits was not told of; the most of any.",
                max(self.events, 0),
            )
