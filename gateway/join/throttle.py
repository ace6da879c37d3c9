"""Rate limit for unknown links, by client address.

Only links without a valid signature count.
"""

import math
from collections import OrderedDict, deque
from ipaddress import IPv6Address, ip_address

from ..crew import Crew
from ..crew.table import SharedTable

UNKNOWN_LINKS_A_MINUTE = 20
SECONDS = 60.0
MAX_ADDRESSES = 5_000
# A household or a phone usually has a whole IPv6 /64.
NETWORK_BITS = 64


class LinkThrottle:
    """Counts the unknown links of the last minute; memory is bounded by `max_addresses`."""

    def __init__(
        self, limit: int = UNKNOWN_LINKS_A_MINUTE, max_addresses: int = MAX_ADDRESSES
    ) -> None:
        self._limit = limit
        self._max_addresses = max_addresses
        self._tries: OrderedDict[str, deque[float]] = OrderedDict()

    def seconds_to_wait(self, address: str, now: float) -> int:
        """Counts one unknown link at `now`, in seconds; returns 0 when it is within the limit.

        A refused attempt does not count, so retrying does not prolong the wait.
        """
        key = network_of(address)
        tries = self._tries.get(key) or self._remember(key)
        self._tries.move_to_end(key)
        if len(tries) == self._limit:
            left = SECONDS - (now - tries[0])
            # More than a minute can only be left if the clock was set back.
            if 0 < left <= SECONDS:
                return math.ceil(left)
        tries.append(now)
        return 0

    def __len__(self) -> int:
        """How many addresses are remembered."""
        return len(self._tries)

    def _remember(self, key: str) -> deque[float]:
        if len(self._tries) >= self._max_addresses:
            self._tries.popitem(last=False)
        tries = self._tries[key] = deque(maxlen=self._limit)
        return tries


class SharedLinkThrottle(LinkThrottle):
    """The unknown links of the last minute that all workers were asked for, by client address."""

    def __init__(
        self, crew: Crew, limit: int = UNKNOWN_LINKS_A_MINUTE, name: str = "links"
    ) -> None:
        super().__init__(limit)
        self._table = SharedTable(crew.folder / name, f"={limit}d", MAX_ADDRESSES)

    def seconds_to_wait(self, address: str, now: float) -> int:
        """Counts one unknown link at `now`, in seconds; returns 0 when it is within the limit."""
        key = network_of(address)
        with self._table.place_of(key) as place:
            known = [at for at in self._table.read(place) if at]
            self._tries.clear()
            self._tries[key] = deque(known, maxlen=self._limit)
            try:
                return super().seconds_to_wait(address, now)
            finally:
                found = self._tries[key]
                self._table.write(place, *found, *[0.0] * (self._limit - len(found)))


def link_throttle_of(crew: Crew | None, name: str = "links") -> LinkThrottle:
    """Returns a limit that holds for all workers, if there are several; `name` is its own."""
    return LinkThrottle() if crew is None else SharedLinkThrottle(crew, name=name)


def network_of(address: str) -> str:
    """Returns the key to count by: an IPv4 address, or the /64 of an IPv6 address."""
    try:
        parsed = ip_address(address.partition("%")[0])
    except ValueError:
        return address[:64]
    if not isinstance(parsed, IPv6Address):
        return str(parsed)
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return f"{int(parsed) >> NETWORK_BITS:x}"
