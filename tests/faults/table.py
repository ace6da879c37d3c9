"""The rows of the table of faults, by name."""

from collections.abc import Awaitable, Callable
from typing import NamedTuple

from .conditional import conditional
from .kills import kills
from .migrations import migrations
from .row import Finding, Scale
from .terminations import terminations

ON_BOTH = ("sqlite", "postgresql")


class Row(NamedTuple):
    """A fault: what is done, how often by the command, and where it makes sense."""

    run: Callable[[Scale], Awaitable[Finding]]
    times: int
    databases: tuple[str, ...] = ON_BOTH
    workers: tuple[int, ...] = (1, 4)


ROWS = {
    "kills": Row(kills, times=200),
    "conditional": Row(conditional, times=10_000),
    "migrations": Row(migrations, times=2, workers=(1,)),
    "terminations": Row(terminations, times=50),
}
