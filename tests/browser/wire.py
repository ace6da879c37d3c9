"""A wire between the browser and the service that a test can cut, or let swallow everything."""

import asyncio
from types import TracebackType
from urllib.parse import urlsplit

PIECE = 65_536


class Wire:
    """Listens on a loopback port and passes bytes on to the service, as long as it is whole."""

    def __init__(self, server: str) -> None:
        self._port = urlsplit(server).port
        self._tasks: set[asyncio.Task[None]] = set()
        self._pairs: set[asyncio.StreamWriter] = set()
        self._whole = asyncio.Event()
        self._whole.set()
        self._is_cut = False
        self.url = ""

    async def __aenter__(self) -> "Wire":
        self._server = await asyncio.start_server(self._met, "127.0.0.1", 0)
        self.url = f"http://127.0.0.1:{self._server.sockets[0].getsockname()[1]}"
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        self._server.close()
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    def cut(self) -> None:
        """Ends every connection; new ones are closed at once."""
        self._is_cut = True
        for writer in self._pairs:
            writer.transport.abort()

    def swallow(self) -> None:
        """Keeps connections open, and passes nothing on."""
        self._whole.clear()

    def mend(self) -> None:
        """Lets everything through again."""
        self._is_cut = False
        self._whole.set()

    async def _met(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if self._is_cut:
            writer.transport.abort()
            return
        there, back = await asyncio.open_connection("127.0.0.1", self._port)
        self._pairs |= {writer, back}
        for source, target in ((reader, back), (there, writer)):
            task = asyncio.create_task(self._pass_on(source, target))
            self._tasks.add(task)
            task.add_done_callback(self._tasks.discard)

    async def _pass_on(self, source: asyncio.StreamReader, target: asyncio.StreamWriter) -> None:
        try:
            while piece := await source.read(PIECE):
                await self._whole.wait()
                target.write(piece)
                await target.drain()
        except OSError:
            pass
        finally:
            self._pairs.discard(target)
            target.close()
