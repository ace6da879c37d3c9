"""Writes the log on a separate thread, so that a reader who stops reading blocks no request.

Lines that do not fit into the buffer are dropped and counted.
"""

import os
import select
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress

# Workers share one pipe, which keeps writes of up to so many bytes in one piece.
MOST_BYTES = 512 if sys.platform == "win32" else select.PIPE_BUF
MOST_LINES = 10_000
MOST_CHARACTERS = 2 << 20
RETRY_SECONDS = 1.0
# Lines that arrive this close together are written at once. Otherwise, under load, the thread
# would wake up for each of them and take the interpreter lock from the thread that serves.
GATHERING_SECONDS = 0.01


class LogWriter:
    """A text stream to a file descriptor; `report` renders the line that counts dropped lines.

    One that `is_held` writes nothing, and has no thread, before `release`.
    """

    def __init__(
        self, descriptor: int, report: Callable[[int], str], *, is_held: bool = False
    ) -> None:
        self._descriptor = descriptor
        self._report = report
        self._changed = threading.Condition()
        self._lines: list[str] = []
        self._size = self._dropped = 0
        self._is_writing = self._is_torn = False
        self._is_held = is_held
        if not is_held:
            self._start()

    def _start(self) -> None:
        threading.Thread(target=self._run, name="log", daemon=True).start()

    def write(self, text: str) -> int:
        """Buffers complete lines, or drops them; never blocks. Returns the length of the text."""
        with self._changed:
            if len(self._lines) >= MOST_LINES or self._size + len(text) > MOST_CHARACTERS:
                self._dropped += 1
            else:
                self._lines.append(text)
                self._size += len(text)
                self._changed.notify_all()
        return len(text)

    def flush(self) -> None:
        """Does nothing: the thread writes as soon as it can."""

    def release(self) -> None:
        """Writes the lines that were held, and from now on each as it comes."""
        if self._is_held:
            self._is_held = False
            self._start()

    def drain(self, seconds: float = 1.0) -> None:
        """Waits until everything is written, held lines too, at most `seconds`."""
        if self._is_held:
            self._write_here(seconds)
            return
        with self._changed:
            self._changed.wait_for(lambda: not self._lines and not self._is_writing, seconds)

    def _write_here(self, seconds: float) -> None:
        """Writes what was held in this thread: at its end, Python starts no other."""
        with self._changed:
            lines, self._lines, self._size = self._lines, [], 0
            dropped, self._dropped = self._dropped, 0
        lines += [self._report(dropped)] if dropped else []
        rest = memoryview("".join(lines).encode("utf-8", "backslashreplace"))
        end = time.monotonic() + seconds
        with suppress(OSError):
            while rest and _takes_some(self._descriptor, end - time.monotonic()):
                rest = rest[self._write_some(rest[:MOST_BYTES]) :]

    def _run(self) -> None:
        while True:
            with self._changed:
                self._is_writing = False
                self._changed.notify_all()
                self._changed.wait_for(lambda: self._lines or self._dropped)
            time.sleep(GATHERING_SECONDS)
            with self._changed:
                lines, self._lines, self._size = self._lines, [], 0
                # Reported after these lines, because they were dropped after these were buffered.
                dropped, self._dropped = self._dropped, 0
                self._is_writing = True
            lost = self._write_out(lines) + dropped
            if lost and self._write_out([self._report(lost)]):
                self._keep(lost)

    def _keep(self, lost: int) -> None:
        """Postpones the report, because not even a single line can be written."""
        with self._changed:
            self._is_writing = False
            self._changed.notify_all()
        time.sleep(RETRY_SECONDS)
        with self._changed:
            self._dropped += lost

    def _write_out(self, lines: list[str]) -> int:
        """Writes the lines as far as possible; returns how many were lost."""
        text = "".join(lines).encode("utf-8", "backslashreplace")
        rest = memoryview(b"\n" + text if self._is_torn and text else text)
        try:
            while rest:
                written = self._write_some(_part(rest))
                self._is_torn = rest[written - 1] != ord("\n") if written else self._is_torn
                rest = rest[written:]
        except OSError:
            return bytes(rest).count(b"\n")
        return 0

    def _write_some(self, data: memoryview) -> int:
        try:
            return os.write(self._descriptor, data)
        except BlockingIOError:
            # Another process that shares the descriptor has made it non-blocking.
            select.select([], [self._descriptor], [])
            return 0


def _takes_some(descriptor: int, seconds: float) -> bool:
    """Whether so many bytes that a pipe keeps together can be written within the time."""
    return bool(select.select([], [descriptor], [], max(0.0, seconds))[1])


def _part(data: memoryview) -> memoryview:
    """Returns as many lines as a pipe takes without mixing them with those of other processes."""
    if len(data) <= MOST_BYTES:
        return data
    end = bytes(data[:MOST_BYTES]).rfind(b"\n") + 1
    return data[: end or len(data)]
