"""What a socket is still to be sent: in order, and bounded for each socket and for all."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from sys import getsizeof

MOST_BYTES = 524_288
# Of all sockets of the process together.
MOST_BYTES_IN_ALL = 67_108_864


class Load:
    """How many bytes wait to be sent in the whole process, and where."""

    def __init__(self, most: int = MOST_BYTES_IN_ALL) -> None:
        self.bytes = 0
        self.most = most
        self.boxes: set[Outbox] = set()

    def has_room(self, box: "Outbox", size: int) -> bool:
        """Whether so many bytes more may wait; whoever reads least makes room for the others."""
        while self.bytes + size > self.most:
            fullest = max(self.boxes, key=lambda each: each.bytes, default=box)
            if fullest.bytes <= box.bytes:
                return False
            fullest.give_up()
        return True


class Outbox:
    """Texts that wait for the other side to read; `bytes` is how much."""

    def __init__(
        self, load: Load, most: int = MOST_BYTES, fell_behind: Callable[[], object] = bool
    ) -> None:
        """Takes what to call when what waits was dropped, so that others are told something."""
        self._load = load
        self._most = most
        self._fell_behind = fell_behind
        self.bytes = 0
        self._texts: deque[str] = deque()
        self._news = asyncio.Event()
        self._is_closing = False

    def put(self, text: str) -> bool:
        """Adds a text; returns False where so much waits already that nobody seems to read."""
        size = getsizeof(text)
        if self.bytes + size > self._most or not self._load.has_room(self, size):
            return False
        self._load.boxes.add(self)
        self.bytes += size
        self._load.bytes += size
        self._texts.append(text)
        self._news.set()
        return True

    def close(self) -> None:
        """Lets `drain` return once what waits is sent."""
        self._is_closing = True
        self._news.set()

    def give_up(self) -> None:
        """Drops what waits, and says that it did."""
        self.clear()
        self._fell_behind()

    def clear(self) -> None:
        """Drops what waits."""
        self._load.boxes.discard(self)
        self._texts.clear()
        self._load.bytes -= self.bytes
        self.bytes = 0

    async def drain(self, send: Callable[[str], Awaitable[None]]) -> None:
        """Sends one text after another until the outbox is closed."""
        while self._texts or not self._is_closing:
            if not self._texts:
                self._news.clear()
                await self._news.wait()
                continue
            text = self._texts.popleft()
            try:
                await send(text)
            finally:
                size = min(getsizeof(text), self.bytes)
                self.bytes -= size
                self._load.bytes -= size
