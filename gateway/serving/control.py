"""The socket between a supervisor and one worker: what either tells the other.

It also tells each that the other is gone, however that ended: the system closes it.
"""

import asyncio
import socket
from typing import Protocol

READY, RETIRE = b"ready\n", b"retire\n"


class Stoppable(Protocol):
    """A server that can be told to end."""

    should_exit: bool

    def retire(self) -> None:
        """Lets it end once its connections are done."""


class Control:
    """The worker's end."""

    def __init__(self, connection: socket.socket) -> None:
        connection.setblocking(False)
        self._connection = connection
        self._received = b""
        # Whether the supervisor was gone first: then nobody else cleans up.
        self.is_orphaned = False

    def begin(self, server: Stoppable) -> None:
        """Tells the supervisor that this worker accepts connections, and obeys from now on."""
        loop = asyncio.get_running_loop()
        loop.add_reader(self._connection, self._read, server)
        try:
            self._connection.send(READY)
        except OSError:
            server.should_exit = True

    def _read(self, server: Stoppable) -> None:
        try:
            data = self._connection.recv(64)
        except (BlockingIOError, InterruptedError):
            return
        except OSError:
            data = b""
        if not data:
            # The supervisor is gone: nobody would end or replace this worker.
            asyncio.get_running_loop().remove_reader(self._connection)
            self.is_orphaned = True
            server.should_exit = True
            return
        self._received += data
        if RETIRE in self._received:
            self._received = b""
            server.retire()
