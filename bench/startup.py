"""Measures the time from the gateway's start to its first answer, and its idle memory.
Called by `__main__.py`; the database is migrated before, as it is at every start but the first."""

import time
from pathlib import Path
from statistics import median
from typing import NamedTuple

from .processes import Server
from .targets import CONNECT

SECONDS_GOAL = 0.9
MEBIBYTES_GOAL = 60.0
SETTLE_SECONDS = 1.0


class Startup(NamedTuple):
    """Medians over several starts."""

    seconds: float
    mebibytes: float
    starts: int

    def sentence(self) -> str:
        """Write the figures with their goals."""
        return (
            f"connect: first answer after {self.seconds:.2f} s (goal {SECONDS_GOAL:g}),"
            f" idle at {self.mebibytes:.0f} MiB (goal {MEBIBYTES_GOAL:g});"
            f" medians of {self.starts} starts"
        )


def startup(database: Path, run: Path, path: str, token: str, starts: int) -> Startup:
    """Start the gateway several times and return the medians."""
    seconds, mebibytes = [], []
    for _ in range(starts):
        server = Server(CONNECT, database, run / "startup.log")
        try:
            seconds.append(server.wait(path, token))
            time.sleep(SETTLE_SECONDS)
            mebibytes.append(server.resident_mebibytes())
        finally:
            server.stop()
    return Startup(median(seconds), median(mebibytes), starts)
