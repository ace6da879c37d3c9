"""The clock of this machine: whether it is plausible, runs evenly, and is kept right."""

import ctypes
import sys
import time
from collections.abc import Iterator
from datetime import UTC, datetime

from ...settings import Settings
from .findings import Finding, fail, ok, warn

WATCHED_SECONDS = 0.5
# How far the wall clock may differ from the time that passes while it is watched.
UNEVEN_SECONDS = 0.1
# A machine without a clock of its own begins in 1970 or at the build of its system.
EARLIEST = datetime(2026, 1, 1, tzinfo=UTC)
# What adjtimex(2) answers when nothing has set the clock for long, and the room of its structure.
TIME_ERROR = 5
TIMEX_BYTES = 512


def clock(settings: Settings) -> Iterator[Finding]:
    """Links open and close, and appointments end, by this clock."""
    now = datetime.now(UTC)
    drift = _drift()
    if now < EARLIEST:
        yield fail(
            "clock.unset",
            f"it is {now:%Y-%m-%d %H:%MZ} here, and links would open at wrong times",
            "set the clock, and have it kept right by chrony or systemd-timesyncd",
        )
    elif abs(drift) > UNEVEN_SECONDS:
        yield warn(
            "clock.uneven",
            f"the clock was moved by {drift:+.1f} s while it was watched, and appointments keep "
            "their status while it jumps",
            "see what sets it, and try again once that is done",
        )
    elif is_synchronized() is False:
        yield warn(
            "clock.free",
            f"{now:%Y-%m-%d %H:%M:%SZ}; the kernel knows of nothing that keeps the clock right",
            "run chrony or systemd-timesyncd, unless the host of this virtual machine sets it",
        )
    else:
        yield ok("clock", f"{now:%Y-%m-%d %H:%M:%SZ}, runs evenly")


def _drift() -> float:
    before = _difference()
    time.sleep(WATCHED_SECONDS)
    return _difference() - before


def _difference() -> float:
    """Returns by how much the two clocks differ, read as close together as can be had."""
    readings = []
    for _ in range(10):
        begun = time.monotonic()
        wall = time.time()
        readings.append((time.monotonic() - begun, wall - begun))
    return min(readings)[1]


def is_synchronized() -> bool | None:
    """Whether something keeps the clock right; None where the system does not say."""
    if sys.platform != "linux":
        return None
    try:
        # Zeros ask, and change nothing.
        answer = ctypes.CDLL(None).adjtimex(ctypes.create_string_buffer(TIMEX_BYTES))
    except (AttributeError, OSError):
        return None
    return None if answer < 0 else answer != TIME_ERROR
