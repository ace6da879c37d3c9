"""uvicorn's server, with an `Acceptor` that accepts the connections."""

import asyncio
import socket
import sys
from collections.abc import Callable, Sequence
from typing import Protocol, cast

import uvicorn

from .accept import Acceptor, Balance

# Longer than most clients keep a connection without using it, while others are being served.
RETIRE_SECONDS = 10.0
CLOSE = (b"connection", b"close")


class Retirable(Protocol):
    """A connection of a server that retires."""

    def retire(self) -> None:
        """Ends what would go on for long."""


class Server(uvicorn.Server):
    """Serves on given sockets; uvicorn handles signals and draining, and counts connections."""

    _acceptors: Sequence[Acceptor] = ()

    def __init__(
        self,
        config: uvicorn.Config,
        at_end: Callable[[], None] | None = None,
        at_start: "Callable[[Server], None] | None" = None,
        balance: Balance | None = None,
    ) -> None:
        super().__init__(config)
        self._balance = balance
        self._at_end = at_end
        self._at_start = at_start
        self._retiring: asyncio.Task[None] | None = None

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
        self._acceptors = [
            Acceptor(each, self._protocol, self._balance, self._open_count)
            for each in sockets or []
        ]
        for acceptor in self._acceptors:
            acceptor.start(self.config.backlog)
        if self._at_start is not None:
            self._at_start(self)

    def _open_count(self) -> int:
        return len(self.server_state.connections)

    async def on_tick(self, counter: int) -> bool:
        """Does what uvicorn does ten times a second, and says how loaded this worker is."""
        if self._balance is not None and self._retiring is None:
            self._balance.note(self._open_count())
        return await super().on_tick(counter)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stops accepting, then waits for running requests."""
        await self._accept_no_more()
        await super().shutdown(sockets)

    async def _accept_no_more(self) -> None:
        for acceptor in self._acceptors:
            acceptor.close()
            # Connections that were just being accepted are then closed with the others.
            await acceptor.wait_closed()

    def retire(self) -> None:
        """Ends the server once its clients have gone to another, after `RETIRE_SECONDS` at most.

        It accepts no connection. Every answer asks its client to close; closing an idle connection
        at once would lose the request that is on its way. Sockets and streams end and come back.
        """
        if self._retiring is None:
            self._retiring = asyncio.ensure_future(self._retire())

    async def _retire(self) -> None:
        now = asyncio.get_running_loop().time
        until = now() + RETIRE_SECONDS
        # Those of answers that are being made, and those of every later second.
        self.server_state.default_headers.append(CLOSE)
        self.config.encoded_headers.append(CLOSE)
        await self._accept_no_more()
        for connection in list(self.server_state.connections):
            cast(Retirable, connection).retire()
        # As uvicorn itself waits for them.
        while self.server_state.connections and now() < until and not self.should_exit:  # noqa: ASYNC110
            await asyncio.sleep(0.05)
        self.should_exit = True

    def _protocol(self) -> asyncio.Protocol:
        return self.config.http_protocol_class(  # type: ignore[call-arg]
            config=self.config, server_state=self.server_state, app_state=self.lifespan.state
        )
