"""What the database did in this process, as plain numbers: waits, commits, errors."""

import asyncio
import time
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from types import MappingProxyType

from .engine import Conflict, StatementFailed

SECONDS = (0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0)
WRITES = (1, 2, 4, 8, 16, 32, 64)

CONNECTION, WRITER, OTHER_PROCESS = "connection", "writer", "other_process"
UNAVAILABLE, CONFLICT, STATEMENT, BUSY = "unavailable", "conflict", "statement", "busy"


class Histogram:
    """How often a value was found, by upper bounds, and the sum of the values."""

    __slots__ = ("_counts", "bounds", "total")

    def __init__(self, bounds: tuple[float, ...] = SECONDS) -> None:
        self.bounds = bounds
        self.total = 0.0
        self._counts = [0] * (len(bounds) + 1)

    def add(self, value: float) -> None:
        """Counts one value."""
        self._counts[bisect_left(self.bounds, value)] += 1
        self.total += value

    def cumulative(self) -> list[tuple[str, float]]:
        """Returns each bound with the number of values that are at most as large."""
        found, sum = [], 0
        for bound, count in zip((*map(str, self.bounds), "+Inf"), self._counts, strict=True):
            sum += count
            found.append((bound, float(sum)))
        return found


class Figures:
    """The figures of one database in one process."""

    def __init__(self) -> None:
        # Of those who had to wait; who is served at once is not counted.
        self.waits = MappingProxyType(
            {name: Histogram() for name in (CONNECTION, WRITER, OTHER_PROCESS)}
        )
        self.commits = Histogram()
        # How many writes shared a commit.
        self.batches = Histogram(WRITES)
        self.errors = Counter(dict.fromkeys((UNAVAILABLE, CONFLICT, STATEMENT, BUSY), 0))

    def failed(self, error: Exception) -> None:
        """Counts an error as the engine has translated it."""
        if isinstance(error, Conflict):
            self.errors[CONFLICT] += 1
        else:
            is_ours = isinstance(error, StatementFailed)
            self.errors[STATEMENT if is_ours else UNAVAILABLE] += 1

    @contextmanager
    def waiting(self, name: str) -> Iterator[None]:
        """Counts how long the block waits for something, also where it waits in vain."""
        began = time.perf_counter()
        try:
            yield
        finally:
            self.waits[name].add(time.perf_counter() - began)

    async def turn(self, lock: asyncio.Lock) -> None:
        """Takes the lock of a writer; counts how long that takes where somebody has it."""
        if not lock.locked():
            await lock.acquire()
            return
        with self.waiting(WRITER):
            await lock.acquire()

    @contextmanager
    def committing(self, writes: int) -> Iterator[None]:
        """Counts a commit, for so many writes, and how long it takes."""
        began = time.perf_counter()
        try:
            yield
        finally:
            self.commits.add(time.perf_counter() - began)
            self.batches.add(writes)
