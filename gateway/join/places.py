"""How many streams of decisions may be open: of a link, of a client address, in all."""

from collections import Counter
from collections.abc import Hashable, Iterator
from contextlib import contextmanager

from ..wire.watch import room
from .throttle import network_of

OF_A_LINK = 5
OF_AN_ADDRESS = 100
IN_ALL = 2_000


class Crowded(Exception):
    """No further stream may be opened at the moment."""


class Places:
    """Counts what is open; `most` is by default half of the connections that there may be."""

    def __init__(self, most: int | None = None) -> None:
        self._most = min(IN_ALL, room() // 2) if most is None else most
        self._all = 0
        self._links: Counter[Hashable] = Counter()
        self._networks: Counter[Hashable] = Counter()

    def __len__(self) -> int:
        """How many streams are open."""
        return self._all

    def ensure_room(self, link: Hashable, address: str) -> None:
        """Raises Crowded when one more would be too many."""
        if (
            self._all >= self._most
            or self._links[link] >= OF_A_LINK
            or self._networks[network_of(address)] >= OF_AN_ADDRESS
        ):
            raise Crowded

    @contextmanager
    def held(self, link: Hashable, address: str) -> Iterator[None]:
        """Counts a stream while the block runs."""
        counted = ((self._links, link), (self._networks, network_of(address)))
        self._all += 1
        for counter, key in counted:
            counter[key] += 1
        try:
            yield
        finally:
            self._all -= 1
            for counter, key in counted:
                counter[key] -= 1
                if not counter[key]:
                    del counter[key]
