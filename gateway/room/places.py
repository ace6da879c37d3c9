"""How many sockets of rooms may be open: of a person, of a client address, in all."""

from collections.abc import Iterator
from contextlib import contextmanager

from ..crew.counts import Counts, OwnCounts
from ..join.throttle import network_of
from ..wire.watch import room

OF_A_PERSON = 6
OF_AN_ADDRESS = 200
IN_ALL = 4_000


class Crowded(Exception):
    """No further socket may be opened at the moment."""


class Places:
    """Counts what is open; `most` is by default half of the connections that there may be.

    Where there are several workers, `counts` are of all together, and `most` is of each.
    """

    def __init__(self, most: int | None = None, counts: Counts | None = None) -> None:
        self._most = min(IN_ALL, room() // 2) if most is None else most
        self._all = 0
        self._counts = counts or OwnCounts()

    @contextmanager
    def of_address(self, address: str) -> Iterator[None]:
        """Counts a socket while the block runs; raises Crowded when it is one too many."""
        if self._all >= self._most:
            raise Crowded
        with self._held(f"room network {network_of(address)}", OF_AN_ADDRESS):
            self._all += 1
            try:
                yield
            finally:
                self._all -= 1

    @contextmanager
    def of_person(self, participant_id: str) -> Iterator[None]:
        """Counts a socket while the block runs; raises Crowded when it is one too many."""
        with self._held(f"room person {participant_id}", OF_A_PERSON):
            yield

    @contextmanager
    def _held(self, key: str, most: int) -> Iterator[None]:
        if self._counts.total(key) >= most:
            raise Crowded
        self._counts.add(key, 1)
        try:
            yield
        finally:
            self._counts.add(key, -1)
