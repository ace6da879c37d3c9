"""How many of something there are, by key: in this process, or in all workers together."""

from collections import Counter
from typing import Protocol

from . import Crew
from .table import SharedTable

MOST_COUNTED = 32_768


class Counts(Protocol):
    """What a limit on numbers asks."""

    def total(self, key: str) -> int:
        """Returns how many there are."""

    def add(self, key: str, change: int) -> None:
        """Adds to those of this process."""


class OwnCounts:
    """Counts of the only process."""

    def __init__(self) -> None:
        self._counts: Counter[str] = Counter()

    def total(self, key: str) -> int:
        """Returns how many there are."""
        return self._counts[key]

    def add(self, key: str, change: int) -> None:
        """Adds to them; what there is none of is forgotten."""
        self._counts[key] += change
        if not self._counts[key]:
            del self._counts[key]


class SharedCounts:
    """How many of something each worker has, by key; a worker that is replaced begins with none."""

    def __init__(self, crew: Crew) -> None:
        self._number = crew.number
        self._table = SharedTable(crew.folder / "counts", f"={crew.count}H", MOST_COUNTED)
        with self._table.places() as places:
            for place in places:
                if self._table.is_used(place):
                    self._change(place, -1 << 16)

    def total(self, key: str) -> int:
        """Returns how many all workers have."""
        with self._table.place_of(key) as place:
            return int(sum(self._table.read(place)))

    def add(self, key: str, change: int) -> None:
        """Adds to what this worker has."""
        with self._table.place_of(key) as place:
            self._change(place, change)

    def _change(self, place: int, change: int) -> None:
        counts = list(self._table.read(place))
        # Never below none: the worker that had this place before may still let go of its own.
        counts[self._number] = min(max(counts[self._number] + change, 0), 0xFFFF)
        self._table.write(place, *counts)


def counts_of(crew: Crew | None) -> Counts:
    """Returns counts that hold for all workers, if there are several."""
    return OwnCounts() if crew is None else SharedCounts(crew)
