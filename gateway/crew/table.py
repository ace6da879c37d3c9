"""A table in memory that all workers share: records of one size under keys, bounded from the start.

For limits, which may forget: when its part of the table is full, the record used longest ago goes.
"""

import mmap
import os
import struct
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import blake2b
from pathlib import Path

if sys.platform != "win32":
    import fcntl

OWNER_ONLY = 0o600
KEY_BYTES = 16
# A key is looked for in this many places, which begin with the one that it hashes to.
WAYS = 8
# The holder needs microseconds. Who holds it for longer was stopped in the middle, and loses at
# most one change by those who go on without it.
LOCK_SECONDS = 0.002


class SharedTable:
    """Records of a format of `struct`; each worker opens the same file."""

    def __init__(self, path: Path, record: str, size: int) -> None:
        self._record = struct.Struct(record)
        # When it was used last, and the key.
        self._head = struct.Struct(f"=d{KEY_BYTES}s")
        self._entry = -(-(self._head.size + self._record.size) // 8) * 8
        self._parts = max(1, size // WAYS)
        self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, OWNER_ONLY)
        # Grown, never shrunk: others may have it open. Pages that nobody touched take no memory.
        length = self._parts * WAYS * self._entry
        os.ftruncate(self._file, max(length, os.fstat(self._file).st_size))
        self._memory = mmap.mmap(self._file, length)

    @contextmanager
    def place_of(self, key: str) -> Iterator[int]:
        """Keeps other workers from the table while the block runs; yields the place of a key.

        A key that is new finds zeros there.
        """
        with self._locked():
            yield self._find(blake2b(key.encode(), digest_size=KEY_BYTES).digest())

    def read(self, place: int) -> tuple[float, ...]:
        """Returns the record at a place."""
        return self._record.unpack_from(self._memory, place + self._head.size)

    def write(self, place: int, *values: float) -> None:
        """Changes the record at a place."""
        self._record.pack_into(self._memory, place + self._head.size, *values)

    @contextmanager
    def places(self) -> Iterator[range]:
        """Keeps other workers from the table while the block runs; yields all places."""
        with self._locked():
            yield range(0, len(self._memory), self._entry)

    def is_used(self, place: int) -> bool:
        """Whether a key has the place."""
        return bool(self._head.unpack_from(self._memory, place)[0])

    def _find(self, key: bytes) -> int:
        part = int.from_bytes(key[:8], "little") % self._parts
        start = part * WAYS * self._entry
        oldest, oldest_at = start, float("inf")
        now = time.monotonic()
        for place in range(start, start + WAYS * self._entry, self._entry):
            used_at, found = self._head.unpack_from(self._memory, place)
            if found == key and used_at:
                self._head.pack_into(self._memory, place, now, key)
                return place
            if used_at < oldest_at:
                oldest, oldest_at = place, used_at
        self._memory[oldest : oldest + self._entry] = bytes(self._entry)
        self._head.pack_into(self._memory, oldest, now, key)
        return oldest

    @contextmanager
    def _locked(self) -> Iterator[None]:
        until = time.monotonic() + LOCK_SECONDS
        has_it = False
        while not has_it and time.monotonic() < until:
            try:
                fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
                has_it = True
            except BlockingIOError:
                continue
        try:
            yield
        finally:
            if has_it:
                fcntl.flock(self._file, fcntl.LOCK_UN)
