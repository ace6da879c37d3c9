"""Sends the head of an answer together with its body: one call of the system, often one packet.

Put by `gateway.wire.patience` between uvicorn, which writes them one by one, and the transport.
"""

import asyncio
from typing import Any


class Outlet:
    """A transport; what is written waits for what follows, at most for a turn of the loop."""

    __slots__ = ("_held", "_loop", "transport")

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self.transport = transport
        self._loop = loop
        self._held: bytes | None = None

    def __getattr__(self, name: str) -> Any:
        """Passes everything else to the transport."""
        return getattr(self.transport, name)

    def write(self, data: bytes) -> None:
        """Keeps the bytes back, or sends them behind those that are kept back."""
        held, self._held = self._held, None
        if held is None:
            self._held = data
            self._loop.call_soon(self.flush)
        else:
            self.transport.writelines((held, data))

    def flush(self) -> None:
        """Sends what is kept back."""
        held, self._held = self._held, None
        if held is not None:
            self.transport.write(held)

    def is_closing(self) -> bool:
        """Whether the connection is closed or being closed."""
        return self.transport.is_closing()

    def write_eof(self) -> None:
        """Closes the sending side, behind all that was written."""
        self.flush()
        self.transport.write_eof()

    def close(self) -> None:
        """Closes the connection, behind all that was written."""
        self.flush()
        self.transport.close()
