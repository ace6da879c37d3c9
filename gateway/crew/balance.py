"""How many connections each worker has, so that those with fewest accept the next.

All wait at the same socket, and whoever wakes first could take all that arrive at once.
"""

import mmap
import os
import struct
import time

from . import Crew
from .table import OWNER_ONLY

RECORD = struct.Struct("=dq")
# Who has not written for so long is gone or stopped, and nobody waits for it.
ALIVE_SECONDS = 0.5


class Balance:
    """The numbers of connections of all workers; each writes its own."""

    def __init__(self, crew: Crew) -> None:
        self._own = crew.number * RECORD.size
        self._places = range(0, crew.count * RECORD.size, RECORD.size)
        file = os.open(crew.folder / "open", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, OWNER_ONLY)
        try:
            length = crew.count * RECORD.size
            os.ftruncate(file, length)
            self._memory = mmap.mmap(file, length)
        finally:
            os.close(file)

    def note(self, count: int) -> None:
        """Says how many connections this worker has, and that it lives."""
        RECORD.pack_into(self._memory, self._own, time.monotonic(), count)

    def is_others_turn(self, count: int) -> bool:
        """Whether a worker that lives has fewer connections than this one, which has `count`."""
        since = time.monotonic() - ALIVE_SECONDS
        for place in self._places:
            seen_at, other = RECORD.unpack_from(self._memory, place)
            if other < count and seen_at > since and place != self._own:
                return True
        return False
