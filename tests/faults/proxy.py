"""A network that can be broken: a TCP proxy before PostgreSQL, on a loop of its own."""

import asyncio
import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import Any

CHUNK = 65_536
SLOW_SECONDS = 0.05


class Proxy:
    """Forwards a port of the loopback; what it does to the bytes can be changed at any time."""

    def __init__(self, target: int) -> None:
        self._target = target
        self._loop = asyncio.new_event_loop()
        self._flows: asyncio.Event = asyncio.Event()
        self._is_slow = False
        self._refuses = False
        self._writers: set[asyncio.StreamWriter] = set()
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        self._server: asyncio.Server = self._do(self._listen()).result(10)
        self.port = int(self._server.sockets[0].getsockname()[1])

    def forward(self) -> None:
        """Forwards again; connections that hung go on where they were."""
        self._set(slow=False, refuses=False, flows=True)

    def hang(self) -> None:
        """Forwards nothing more, in neither direction; connections stay open, new ones hang too."""
        self._set(slow=False, refuses=False, flows=False)

    def slow(self) -> None:
        """Lets every piece wait."""
        self._set(slow=True, refuses=False, flows=True)

    def cut(self) -> None:
        """Breaks every connection off and takes no new one."""
        self._set(slow=False, refuses=True, flows=True)
        self._soon(self._abort)

    def close(self) -> None:
        """Ends it."""
        self.cut()
        self._soon(self._server.close)
        self._soon(self._loop.stop)
        self._thread.join(10)

    async def _listen(self) -> asyncio.Server:
        self._flows.set()
        return await asyncio.start_server(self._serve, "127.0.0.1", 0)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._refuses:
            writer.transport.abort()
            return
        try:
            answers, asks = await asyncio.open_connection("127.0.0.1", self._target)
        except OSError:
            writer.transport.abort()
            return
        self._writers |= {writer, asks}
        both = [
            asyncio.ensure_future(self._pass(reader, asks)),
            asyncio.ensure_future(self._pass(answers, writer)),
        ]
        try:
            await asyncio.wait(both)
        finally:
            for each in (writer, asks):
                each.transport.abort()
                self._writers.discard(each)

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while data := await reader.read(CHUNK):
                if self._is_slow:
                    await asyncio.sleep(SLOW_SECONDS)
                # While it hangs, nothing is read either: the buffers of both sides fill up.
                await self._flows.wait()
                writer.write(data)
                await writer.drain()
            await self._flows.wait()
            writer.write_eof()
        except (OSError, RuntimeError):
            writer.transport.abort()

    def _abort(self) -> None:
        for writer in self._writers:
            writer.transport.abort()

    def _set(self, *, slow: bool, refuses: bool, flows: bool) -> None:
        def change() -> None:
            self._is_slow, self._refuses = slow, refuses
            (self._flows.set if flows else self._flows.clear)()

        self._soon(change)

    def _soon(self, run: Callable[[], Any]) -> None:
        self._loop.call_soon_threadsafe(run)

    def _do(self, work: Any) -> "Future[Any]":
        return asyncio.run_coroutine_threadsafe(work, self._loop)
