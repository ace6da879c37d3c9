"""How much a token may ask of all workers together: neither less than of one process, nor more."""

from schema.operation.throttle import Allowance, Rate, Throttle

from . import Crew
from .table import SharedTable

MOST_TOKENS = 16_384


class SharedThrottle(Throttle):
    """The buckets of all workers: read before and written after each time points are spent."""

    def __init__(self, crew: Crew, rate: Rate) -> None:
        super().__init__(rate, most_tokens=1)
        self._table = SharedTable(crew.folder / "points", "=dd", MOST_TOKENS)

    def spend(self, token_id: str, points: int) -> Allowance:
        """Takes the points out of the bucket of the token; raises Throttled when it holds less."""
        with self._table.place_of(token_id) as place:
            self._fetch(token_id, place)
            try:
                return super().spend(token_id, points)
            finally:
                self._table.write(place, *self._buckets[token_id])

    def charge(self, token_id: str, points: int) -> None:
        """Takes points for what is done already; the bucket may owe as much as it can hold."""
        with self._table.place_of(token_id) as place:
            self._fetch(token_id, place)
            super().charge(token_id, points)
            self._table.write(place, *self._buckets[token_id])

    def _fetch(self, token_id: str, place: int) -> None:
        level, since = self._table.read(place)
        self._buckets.clear()
        if since:
            self._buckets[token_id] = (level, since)
