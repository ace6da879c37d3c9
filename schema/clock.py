"""The clock: the one place that tells the time, so that tests can move it.

Handed down through `Services`; resolvers ask `call.now()`.
"""

from datetime import UTC, datetime
from typing import Protocol


class Clock(Protocol):
    """Tells the time."""

    def now(self) -> datetime:
        """Returns the current instant, in UTC."""


class SystemClock:
    """The clock of the machine."""

    def now(self) -> datetime:
        """Returns the current instant, in UTC."""
        return datetime.now(UTC)
