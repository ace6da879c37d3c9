"""What a socket is still to be sent: in order, and bounded for each socket and for all."""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable
from sys import getsizeof

MOST_BYTES = 524_288
# Of all sockets of the process together.
MOST_BYTES_IN_ALL = 67_108_864


class Load:
    """How many bytes wait to be sent in the whole process."""

    def __init__(self, most: int = MOST_BYTES_IN_ALL) -> None:
        self.bytes = 0
        self.most = most


class Outbox:
    """Texts that wait for the other side to read."""

    def __init__(self, load: Load, most: int = MOST_BYTES) -> None:
        self._load = load
        self._most = most
        self._bytes = 0
        self._texts: deque[str] = deque()
        self._news = asyncio.Event()
        self._is_closing = False

    def put(self, text: str) -> bool:
        """Adds a text; returns False where so much waits already that nobody seems to read."""
        size = getsizeof(text)
        if self._bytes + size > self._most or self._load.bytes + size > self._load.most:
            return False
        self._bytes += size
        self._load.bytes += size
        self._texts.append(text)
        self._news.set()
        return True

    def close(self) -> None:
        """Lets `drain` return once what waits is sent."""
        self._is_closing = True
        self._news.set()

    def clear(self) -> None:
        """Drops what waits."""
        self._texts.clear()
        self._load.bytes -= self._bytes
        self._bytes = 0

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
                size = min(getsizeof(text), self._bytes)
                self._bytes -= size
                self._load.bytes -= size
