"""Shows on standard error how far a long command is, once it takes more than two seconds."""

import sys
import time

QUIET_SECONDS = 2.0
# On a terminal one line is written over; a log gets a line now and then.
EVERY_SECONDS = {True: 0.2, False: 10.0}


class Progress:
    """The progress of one command; call `told` when it is over."""

    def __init__(self) -> None:
        self._begun = self._said_at = time.monotonic()
        self._is_terminal = sys.stderr.isatty()
        self._has_line = False

    def __call__(self, what: str, done: int, total: int) -> None:
        """Says what is being done, and how much of it, if `total` is known."""
        now = time.monotonic()
        if now - self._begun < QUIET_SECONDS:
            return
        if self._has_line and now - self._said_at < EVERY_SECONDS[self._is_terminal]:
            return
        self._said_at, self._has_line = now, True
        part = f" {100 * done // total} %" if total else ""
        self._write(f"connect: {what}{part}, {now - self._begun:.0f} s")

    def _write(self, line: str) -> None:
        sys.stderr.write(f"\r\x1b[K{line}" if self._is_terminal else f"{line}\n")
        sys.stderr.flush()

    def told(self) -> None:
        """Ends the line that was written over."""
        if self._has_line and self._is_terminal:
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()
        self._has_line = False
