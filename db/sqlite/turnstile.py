"""Turns between the processes that write to one file: whoever has just written waits for others.

SQLite's own lock goes to whoever asks in the right moment, which is the process that let go of it.
Turns only make that fair. A process that stands still with the turn must not hold up the others,
so they wait for a moment and then ask for SQLite's lock all the same.
"""

import asyncio
import os
import sys
from pathlib import Path

from ..location import OWNER_ONLY

if sys.platform != "win32":
    import fcntl

LOOK_SECONDS = 0.001
PATIENCE_SECONDS = 1.0
PLACE, TURN = "write.place", "write.turn"


class Turnstile:
    """Two locks that the system takes back from a process that is gone: a place, then the turn.

    One process has the turn, one has the place behind it and waits; the others wait for the place.
    """

    def __init__(self, folder: Path) -> None:
        self._place = _opened(folder / PLACE)
        self._turn = _opened(folder / TURN)

    def try_enter(self) -> bool:
        """Takes the turn where nobody has it, nor waits for it; returns whether it did."""
        if not _is_locked(self._place):
            return False
        try:
            return _is_locked(self._turn)
        finally:
            fcntl.flock(self._place, fcntl.LOCK_UN)

    async def enter(self) -> None:
        """Waits for the turn, which `leave` ends; goes on without it after a second."""
        patient_until = asyncio.get_running_loop().time() + PATIENCE_SECONDS
        await _locked(self._place, patient_until)
        try:
            await _locked(self._turn, patient_until)
        finally:
            fcntl.flock(self._place, fcntl.LOCK_UN)

    def leave(self) -> None:
        """Ends the turn; does nothing when there is none."""
        fcntl.flock(self._turn, fcntl.LOCK_UN)

    def close(self) -> None:
        """Lets go of both locks for good."""
        os.close(self._place)
        os.close(self._turn)


def _opened(path: Path) -> int:
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, OWNER_ONLY)


def _is_locked(descriptor: int) -> bool:
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


async def _locked(descriptor: int, patient_until: float) -> None:
    while not _is_locked(descriptor):
        if asyncio.get_running_loop().time() > patient_until:
            return
        await asyncio.sleep(LOOK_SECONDS)
