"""The protocol with an application of the test's own, on the test's loop, with shortened times."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any, NamedTuple

import uvicorn

from gateway.serving.listening import listen
from gateway.wire.patience import PatientProtocol
from gateway.wire.server import Server

App = Callable[[Any, Any, Any], Awaitable[None]]


class Local(NamedTuple):
    """A running server and how to reach it."""

    server: uvicorn.Server
    port: int

    async def open(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        return await asyncio.open_connection("127.0.0.1", self.port)

    async def exchange(self, sent: bytes) -> bytes:
        """Sends raw bytes on a connection of its own; returns what comes until it is closed."""
        reader, writer = await self.open()
        writer.write(sent)
        try:
            return await asyncio.wait_for(reader.read(), 20)
        finally:
            writer.close()

    def protocols(self) -> list[Any]:
        """The connections that are open."""
        return list(self.server.server_state.connections)

    async def closes(self, count: int = 0) -> None:
        """Waits until at most `count` connections are open."""
        async with asyncio.timeout(20):
            while len(self.server.server_state.connections) > count:  # noqa: ASYNC110
                await asyncio.sleep(0.01)


@asynccontextmanager
async def serve(app: App, **options: Any) -> AsyncIterator[Local]:
    """Serves the application while the block runs."""
    listener = listen("127.0.0.1", 0)
    config = uvicorn.Config(
        app, http=PatientProtocol, log_level="error", **{"lifespan": "off"} | options
    )
    server = Server(config)
    serving = asyncio.ensure_future(server._serve([listener]))
    async with asyncio.timeout(20):
        while not server.started:  # noqa: ASYNC110  (uvicorn has no event for it)
            await asyncio.sleep(0.01)
    try:
        yield Local(server, listener.getsockname()[1])
    finally:
        server.should_exit = server.force_exit = True
        await serving


async def answer(send: Any, body: bytes = b"ok", status: int = 200) -> None:
    length = str(len(body)).encode()
    headers = [(b"content-length", length)]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
