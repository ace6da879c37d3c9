"""The clock: the one place that tells the time, so that tests can move it; and whether to trust it.

Handed down through `Services`; resolvers ask `call.now()`.
"""

import time
from datetime import UTC, datetime
from typing import Protocol

JUMP_SECONDS = 60.0
STEADY_SECONDS = 300.0
# Counts on while the machine is suspended, so that waking up is no jump; Linux alone has it.
_SINCE_BOOT = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)


class Clock(Protocol):
    """Tells the time."""

    def now(self) -> datetime:
        """Returns the current instant, in UTC."""

    def elapsed(self) -> float:
        """Returns seconds since some fixed moment, whatever the clock is set to."""


class SystemClock:
    """The clock of the machine."""

    def now(self) -> datetime:
        """Returns the current instant, in UTC."""
        return datetime.now(UTC)

    def elapsed(self) -> float:
        """Returns seconds since the machine was started."""
        return time.clock_gettime(_SINCE_BOOT)


class Steadiness:
    """Whether the wall clock has run evenly: it holds after a jump of more than a minute.

    Holding ends when the clock has been steady for five minutes. What it was before the first
    look is not known and not held against it.
    """

    def __init__(self) -> None:
        self.is_holding = False
        self._offset: float | None = None
        self._since = 0.0

    def look(self, now: datetime, elapsed: float) -> float:
        """Compares the wall clock with the time elapsed; returns the jump in seconds, or 0."""
        offset = now.timestamp() - elapsed
        jump = 0.0 if self._offset is None else offset - self._offset
        if abs(jump) > JUMP_SECONDS:
            self.is_holding = True
        elif self._offset is not None and elapsed - self._since < STEADY_SECONDS:
            # Compared with the anchor, not with the last look: many small jumps are one large.
            return 0.0
        else:
            self.is_holding, jump = False, 0.0
        self._offset, self._since = offset, elapsed
        return jump
