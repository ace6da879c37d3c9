"""How far long work has come: a bar on a terminal, a line every few seconds elsewhere."""

import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import NamedTuple, TextIO

Tell = Callable[[str, int, int], None]  # what is being done, how much of it, out of how much

WIDTH = 24
# Work that is over sooner than this shows nothing.
QUIET_SECONDS = 2.0
BAR_SECONDS = 0.2
LINE_SECONDS = 5.0


class State(NamedTuple):
    """What is being done; the thread that shows it sees all of it, or all of the one before."""

    what: str
    done: int
    total: int
    begun_at: float


class Progress:
    """Shows on standard error what has been done, from a thread, so that silent work shows too.

    A context: when it is left, a bar is gone from the terminal. It is also a `Tell`.
    """

    def __init__(self, stream: TextIO | None = None, *, is_quiet: bool = False) -> None:
        self._stream = stream or sys.stderr
        self._is_quiet = is_quiet or self._stream is None
        self._is_terminal = not self._is_quiet and self._stream.isatty()
        self._over = threading.Event()
        self._writing = threading.Lock()
        self._thread = threading.Thread(target=self._run, name="progress", daemon=True)
        self._has_bar = False
        self._state = State("working", 0, 0, time.monotonic())

    def __enter__(self) -> "Progress":
        if not self._is_quiet:
            self._thread.start()
        return self

    def __exit__(self, *error: object) -> None:
        self._over.set()
        if not self._is_quiet:
            # Whoever does not read standard error holds the thread up, and nobody else.
            self._thread.join(1.0)
        if self._writing.acquire(timeout=0.1):
            self._clear()
            self._writing.release()

    def __call__(self, what: str, done: int, total: int) -> None:
        """Says what is being done, and how much of it; `total` is 0 where nobody knows."""
        last = self._state
        begun_at = last.begun_at if what == last.what else time.monotonic()
        self._state = State(what, done, total, begun_at)

    def begin(self, what: str, total: int = 0) -> None:
        """Says what is done from now on, and of how much."""
        self._state = State(what, 0, total, time.monotonic())

    def add(self, done: int) -> None:
        """Counts what is done."""
        self._state = self._state._replace(done=self._state.done + done)

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Leaves the terminal to the block, which writes or asks something."""
        with self._writing:
            self._clear()
            yield

    def show(self) -> None:
        """Shows how far it is."""
        with self._writing:
            self._has_bar = self._is_terminal
            state = self._state
            line = f"connect: {state.what}{self._figures(state)}"
            self._write(f"\r{line}\x1b[K" if self._is_terminal else f"{line}\n")

    def _run(self) -> None:
        self._over.wait(QUIET_SECONDS)
        while not self._over.is_set():
            self.show()
            self._over.wait(BAR_SECONDS if self._is_terminal else LINE_SECONDS)

    def _figures(self, state: State) -> str:
        spent = time.monotonic() - state.begun_at
        if not state.total:
            return f", {spent:.0f} s"
        share = min(1.0, state.done / state.total)
        bar = ("█" * round(share * WIDTH)).ljust(WIDTH, "·") + " " if self._is_terminal else ""
        left = f", {spent / share - spent:.0f} s left" if 0 < share < 1 else f", {spent:.0f} s"
        return f" {bar}{share:.0%}{left}"

    def _clear(self) -> None:
        if self._has_bar:
            self._has_bar = False
            self._write("\r\x1b[K")

    def _write(self, text: str) -> None:
        try:
            self._stream.write(text)
            self._stream.flush()
        except (OSError, ValueError):
            return  # Nobody looks; the work goes on.
