"""How much a token may ask for: a bucket of points for each, which fills again with time.

Handed down in the services; both faces spend from it what a request costs.
"""

import math
import time
from collections import OrderedDict
from collections.abc import Callable
from typing import NamedTuple

from ..domain.errors import Problem

MOST_TOKENS = 10_000


class Rate(NamedTuple):
    """So many points in so many seconds, also all at once."""

    points: int
    seconds: int


class Allowance(NamedTuple):
    """What is left after a request: points, and the seconds until the bucket is full again."""

    rate: Rate
    remaining: int
    full_in_seconds: int


class Throttled(Problem):
    """The bucket of the token holds less than the request costs; nothing was done."""

    code = "rate_limited"

    def __init__(self, wait_seconds: int, allowance: Allowance) -> None:
        unit = "second" if wait_seconds == 1 else "seconds"
        super().__init__(f"Request was throttled. Expected available in {wait_seconds} {unit}.")
        self.wait_seconds = wait_seconds
        self.allowance = allowance


class Throttle:
    """The buckets of the tokens that were used last; those that are forgotten are full."""

    def __init__(
        self,
        rate: Rate,
        now: Callable[[], float] = time.monotonic,
        most_tokens: int = MOST_TOKENS,
    ) -> None:
        self.rate = rate
        self._now = now
        self._most_tokens = most_tokens
        self._points_a_second = rate.points / rate.seconds
        # What was in the bucket, and when.
        self._buckets: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def __len__(self) -> int:
        """How many buckets are remembered."""
        return len(self._buckets)

    def spend(self, token_id: str, points: int) -> Allowance:
        """Takes the points out of the bucket of the token; raises Throttled when it holds less.

        What costs more than a full bucket holds may be had for a full one.
        """
        now = self._now()
        level = self._level(token_id, now)
        cost = min(max(points, 0), self.rate.points)
        left = level if cost > level else level - cost
        # At the end: the tokens that were used longest ago are forgotten first.
        self._buckets[token_id] = (left, now)
        self._buckets.move_to_end(token_id)
        if cost > level:
            wait = math.ceil((cost - level) / self._points_a_second)
            raise Throttled(max(wait, 1), self._allowance(level))
        if len(self._buckets) > self._most_tokens:
            self._buckets.popitem(last=False)
        return self._allowance(left)

    def charge(self, token_id: str, points: int) -> None:
        """Takes points for what is done already; the bucket may owe as much as it can hold."""
        now = self._now()
        level = max(self._level(token_id, now) - points, -float(self.rate.points))
        self._buckets[token_id] = (level, now)

    def _level(self, token_id: str, now: float) -> float:
        full = float(self.rate.points)
        level, since = self._buckets.get(token_id, (full, now))
        return min(full, level + (now - since) * self._points_a_second)

    def _allowance(self, level: float) -> Allowance:
        missing = self.rate.points - level
        return Allowance(self.rate, max(int(level), 0), math.ceil(missing / self._points_a_second))
