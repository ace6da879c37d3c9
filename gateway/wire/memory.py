"""Returns the memory of large requests to the system."""

import ctypes
from contextlib import suppress

M_MMAP_THRESHOLD = -3
THRESHOLD_BYTES = 128 * 1024


def return_large_blocks() -> None:
    """Makes glibc return freed blocks of 128 KiB and more at once; does nothing elsewhere."""
    # Each time a larger block is freed, glibc raises this threshold, up to 32 MiB. Blocks below
    # it come from a heap that hardly ever shrinks. Setting the threshold stops that.
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).mallopt(M_MMAP_THRESHOLD, THRESHOLD_BYTES)
