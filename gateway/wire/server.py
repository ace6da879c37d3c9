"""uvicorn's server, with an `Acceptor` that accepts the connections."""

import asyncio
import socket
import sys
from collections.abc import Callable, Sequence

import uvicorn

from .accept import Acceptor


class Server(uvicorn.Server):
    """Serves on given sockets; uvicorn handles signals and draining, and counts connections."""

    _acceptors: Sequence[Acceptor] = ()

    def __init__(self, config: uvicorn.Config, at_end: Callable[[], None] | None = None) -> None:
        super().__init__(config)
        self._at_end = at_end

    async def _serve(self, sockets: list[socket.socket] | None = None) -> None:
        """Serves; calls `at_end` before uvicorn raises the signal that stopped it again."""
        try:
            await super()._serve(sockets)
        finally:
            if self._at_end is not None:
                self._at_end()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Starts the application, then accepts connections."""
        if sys.platform == "win32":
            # The loop on Windows has no readers, and its listening socket does not starve.
            await super().startup(sockets)
            return
        # Without a socket uvicorn starts the application but does not listen.
        await super().startup([])
        self._acceptors = [Acceptor(each, self._protocol) for each in sockets or []]
        for acceptor in self._acceptors:
            acceptor.start(self.config.backlog)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stops accepting, then waits for running requests."""
        for acceptor in self._acceptors:
            acceptor.close()
            # Connections that were just being accepted are then closed with the others.
            await acceptor.wait_closed()
        await super().shutdown(sockets)

    def _protocol(self) -> asyncio.Protocol:
        return self.config.http_protocol_class(  # type: ignore[call-arg]
            config=self.config, server_state=self.server_state, app_state=self.lifespan.state
        )
