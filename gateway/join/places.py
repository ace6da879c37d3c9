"""How many streams of decisions may be open: of a link, of a client address, in all."""

from collections.abc import Iterator
from contextlib import contextmanager

from ..crew.counts import Counts, OwnCounts
from ..wire.watch import room
from .throttle import network_of

OF_A_LINK = 5
OF_AN_ADDRESS = 100
IN_ALL = 2_000


class Crowded(Exception):
    """No further stream may be opened at the moment."""


class Places:
    """Counts what is open; `most` is by default half of the connections that there may be.

    Where there are several workers, `counts` are of all together, and `most` is of each.
    """

    def __init__(self, most: int | None = None, counts: Counts | None = None) -> None:
        self._most = min(IN_ALL, room() // 2) if most is None else most
        self._all = 0
        self._counts = counts or OwnCounts()

    def __len__(self) -> int:
        """How many streams are open."""
        return self._all

    def ensure_room(self, link: str, address: str) -> None:
        """Raises Crowded when one more would be too many."""
        of_link, of_address = _keys(link, address)
        if (
            self._all >= self._most
            or self._counts.total(of_link) >= OF_A_LINK
            or self._counts.total(of_address) >= OF_AN_ADDRESS
        ):
            raise Crowded

    @contextmanager
    def held(self, link: str, address: str) -> Iterator[None]:
        """Counts a stream while the block runs."""
        self._all += 1
        for key in _keys(link, address):
            self._counts.add(key, 1)
        try:
            yield
        finally:
            self._all -= 1
            for key in _keys(link, address):
                self._counts.add(key, -1)


def _keys(link: str, address: str) -> tuple[str, str]:
    return f"link {link}", f"network {network_of(address)}"
