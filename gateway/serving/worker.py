"""One worker as its supervisor sees it: a process of its own, started from the sources as they are.

Not forked, so that a restart serves what was installed meanwhile.
"""

import asyncio
import os
import signal
import socket
import subprocess
from collections.abc import Sequence
from contextlib import suppress
from typing import NamedTuple

from .control import READY, RETIRE

START_SECONDS = 60.0


class Inheritance(NamedTuple):
    """What every worker is given: its command, and open descriptors."""

    command: tuple[str, ...]
    descriptors: tuple[int, ...]


class Worker:
    """A running worker; `number` is its place, which its successor has as well."""

    _listening: "asyncio.Task[None]"

    def __init__(
        self, number: int, process: "subprocess.Popen[bytes]", writer: asyncio.StreamWriter
    ) -> None:
        self.number = number
        self.began_at = asyncio.get_running_loop().time()
        self._process = process
        self._writer = writer
        self._heard = asyncio.Event()
        self._gone = asyncio.Event()
        self._is_ready = False

    @classmethod
    async def start(cls, number: int, inheritance: Inheritance) -> "Worker":
        """Starts a worker, which is not ready yet."""
        ours, theirs = socket.socketpair()
        with theirs:
            command = [
                *inheritance.command,
                *("--number", str(number), "--control", str(theirs.fileno())),
            ]
            process = subprocess.Popen(  # noqa: S603, ASYNC220  (a few milliseconds)
                command,
                stdin=subprocess.DEVNULL,
                pass_fds=(*inheritance.descriptors, theirs.fileno()),
                # Ctrl+C is for the supervisor, which lets them drain.
                start_new_session=True,
            )
        reader, writer = await asyncio.open_connection(sock=ours)
        worker = cls(number, process, writer)
        worker._listening = asyncio.ensure_future(worker._listen(reader))
        return worker

    @property
    def pid(self) -> int:
        """The process."""
        return self._process.pid

    async def is_ready(self) -> bool:
        """Waits until it accepts connections; returns False when it ends, or hangs, before that."""
        with suppress(TimeoutError):
            async with asyncio.timeout(START_SECONDS):
                await self._heard.wait()
        return self._is_ready and not self._gone.is_set()

    async def ended(self) -> int:
        """Waits until the process is gone; returns its exit status, negative for a signal."""
        await self._gone.wait()
        # The system closed its end of the socket together with the process, or a moment before.
        while (status := self._process.poll()) is None:  # noqa: ASYNC110  (there is no event)
            await asyncio.sleep(0.02)
        return status

    async def _listen(self, reader: asyncio.StreamReader) -> None:
        with suppress(OSError):
            self._is_ready = await reader.readline() == READY
            self._heard.set()
            while await reader.read(64):
                pass
        self._gone.set()
        self._heard.set()
        self._writer.close()

    def retire(self) -> None:
        """Tells it to accept nothing more, and to end once its connections are done."""
        with suppress(OSError):
            self._writer.write(RETIRE)

    def signal(self, number: int) -> None:
        """Sends it a signal, unless it is gone."""
        if self._process.poll() is None:
            with suppress(ProcessLookupError):
                os.kill(self.pid, number)

    def kill(self) -> None:
        """Ends it at once."""
        self.signal(signal.SIGKILL)


def inherited(command: Sequence[str], *descriptors: int | None) -> Inheritance:
    """Returns what workers are given, without descriptors that there are none of."""
    return Inheritance(tuple(command), tuple(each for each in descriptors if each is not None))
