"""uvicorn's server as it runs here: newcomers come in through an acceptor of our own."""

import asyncio
import socket
import sys
from collections.abc import Callable, Sequence

import uvicorn

from .accept import Acceptor


class Server(uvicorn.Server):
    """Serves on a socket that listens already; signals, draining and counting are uvicorn's."""

    _acceptors: Sequence[Acceptor] = ()

    def __init__(self, config: uvicorn.Config, at_end: Callable[[], None] | None = None) -> None:
        super().__init__(config)
        self._at_end = at_end

    async def _serve(self, sockets: list[socket.socket] | None = None) -> None:
        """Serves; `at_end` is called before the signal that ended it is raised once more."""
        try:
            await super()._serve(sockets)
        finally:
            if self._at_end is not None:
                self._at_end()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Starts the application, then lets newcomers in."""
        if sys.platform == "win32":
            # Its loop has no readers; and it is not the one that lets newcomers starve.
            await super().startup(sockets)
            return
        # No socket: uvicorn starts the application, and has nothing to listen on.
        await super().startup([])
        self._acceptors = [Acceptor(each, self._protocol) for each in sockets or []]
        for acceptor in self._acceptors:
            acceptor.start(self.config.backlog)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Refuses newcomers, then lets running requests end."""
        for acceptor in self._acceptors:
            acceptor.close()
            # Whoever was just coming in is told to leave with the others.
            await acceptor.wait_closed()
        await super().shutdown(sockets)

    def _protocol(self) -> asyncio.Protocol:
        return self.config.http_protocol_class(  # type: ignore[call-arg]
            config=self.config, server_state=self.server_state, app_state=self.lifespan.state
        )
