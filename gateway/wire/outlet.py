"""Sends the head of a response together with its body: one system call, often one packet.

`gateway.wire.patience` puts it between uvicorn, which writes them separately, and the transport.
"""

import asyncio
from typing import Any


class Outlet:
    """A transport that holds a write back for the next one, for one turn of the loop at most."""

    __slots__ = ("_held", "_loop", "transport")

    def __init__(self, transport: asyncio.Transport, loop: asyncio.AbstractEventLoop) -> None:
        self.transport = transport
        self._loop = loop
        self._held: bytes | None = None

    def __getattr__(self, name: str) -> Any:
        """Returns any other attribute of the transport."""
        return getattr(self.transport, name)

    def write(self, data: bytes) -> None:
        """Holds the bytes back, or sends them together with those that are held back."""
        held, self._held = self._held, None
        if held is None:
            self._held = data
            self._loop.call_soon(self.flush)
        else:
            self.transport.writelines((held, data))

    def flush(self) -> None:
        """Sends the bytes that are held back."""
        held, self._held = self._held, None
        # The client may have left in the meantime: uvloop raises then.
        if held is not None and not self.transport.is_closing():
            self.transport.write(held)

    def is_closing(self) -> bool:
        """Whether the connection is closed or being closed."""
        return self.transport.is_closing()

    def write_eof(self) -> None:
        """Closes the sending side once everything is written."""
        self.flush()
        self.transport.write_eof()

    def close(self) -> None:
        """Closes the connection once everything is written."""
        self.flush()
        self.transport.close()
