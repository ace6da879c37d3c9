"""Memory that a large request needed once goes back to the system."""

import ctypes
from contextlib import suppress

M_MMAP_THRESHOLD = -3
THRESHOLD_BYTES = 128 * 1024


def return_large_blocks() -> None:
    """Has the C library return freed blocks of 128 KiB and more at once, where it can.

    Raises nothing: elsewhere than on glibc it changes nothing.
    """
    # glibc raises this threshold with each larger block that is freed, up to 32 MiB: from then on
    # such blocks lie in a heap that hardly ever shrinks. Setting it ends that.
    with suppress(OSError, AttributeError):
        ctypes.CDLL(None).mallopt(M_MMAP_THRESHOLD, THRESHOLD_BYTES)
