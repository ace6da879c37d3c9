"""Slows down whoever tries unknown links: so many a minute from one client address.

Only links that we did not sign count.
"""

import math
from collections import OrderedDict, deque
from ipaddress import IPv6Address, ip_address

UNKNOWN_LINKS_A_MINUTE = 20
SECONDS = 60.0
MAX_ADDRESSES = 5_000
# One household or phone holds a whole IPv6 network of this many bits.
NETWORK_BITS = 64


class Throttle:
    """Remembers the unknown links of the last minute; memory is bounded by `max_addresses`."""

    def __init__(
        self, limit: int = UNKNOWN_LINKS_A_MINUTE, max_addresses: int = MAX_ADDRESSES
    ) -> None:
        self._limit = limit
        self._max_addresses = max_addresses
        self._tries: OrderedDict[str, deque[float]] = OrderedDict()

    def seconds_to_wait(self, address: str, now: float) -> int:
        """Counts one unknown link at `now`, in seconds; returns 0 when it may be answered.

        A refused link does not count: whoever waits is heard again.
        """
        key = network_of(address)
        tries = self._tries.get(key) or self._remember(key)
        self._tries.move_to_end(key)
        if len(tries) == self._limit:
            left = SECONDS - (now - tries[0])
            # More than a minute is left only when the clock was set back since.
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


def network_of(address: str) -> str:
    """Returns what is counted together: an IPv4 address, or the network of an IPv6 address."""
    try:
        parsed = ip_address(address.partition("%")[0])
    except ValueError:
        return address[:64]
    if not isinstance(parsed, IPv6Address):
        return str(parsed)
    if parsed.ipv4_mapped is not None:
        return str(parsed.ipv4_mapped)
    return f"{int(parsed) >> NETWORK_BITS:x}"
