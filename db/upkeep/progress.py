"""How far long work has come: a bar on a terminal, a line now and then elsewhere."""

import sys
import time
from typing import TextIO

WIDTH = 24
# Work that is over sooner than this shows nothing.
QUIET_SECONDS = 1.0
BAR_SECONDS = 0.1
LINE_SECONDS = 10.0


class Progress:
    """Shows how many of `total` are done, at most ten times a second."""

    def __init__(self, what: str, total: int, stream: TextIO | None = None) -> None:
        self.what = what
        self.total = total
        self.done = 0
        self._stream = stream or sys.stderr
        self._is_terminal = self._stream.isatty()
        self._begun = time.monotonic()
        self._next = self._begun + QUIET_SECONDS
        self._has_shown = False

    def add(self, done: int) -> None:
        """Counts what is done and shows it when it is time to."""
        self.done += done
        now = time.monotonic()
        if now < self._next:
            return
        self._next = now + (BAR_SECONDS if self._is_terminal else LINE_SECONDS)
        self._show(now)

    def end(self) -> None:
        """Shows the last figures, unless nothing was shown before."""
        if self._has_shown:
            self._show(time.monotonic())
            self._write("\n" if self._is_terminal else "")

    def _show(self, now: float) -> None:
        self._has_shown = True
        share = min(1.0, self.done / self.total) if self.total else 1.0
        figures = f"{self.done:,} of {self.total:,}{self._left(share, now)}"
        if self._is_terminal:
            bar = ("█" * round(share * WIDTH)).ljust(WIDTH, "·")
            self._write(f"\r{self.what} {bar} {figures}\x1b[K")
        else:
            self._write(f"{self.what}: {figures}\n")

    def _left(self, share: float, now: float) -> str:
        spent = now - self._begun
        return f", {spent:.0f} s" if share >= 1 else f", {spent / share - spent:.0f} s left"

    def _write(self, text: str) -> None:
        try:
            self._stream.write(text)
            self._stream.flush()
        except (OSError, ValueError):
            return  # Nobody looks; the work goes on.
