"""Memory that is freed is kept for what comes next."""

from __future__ import annotations

import contextlib
import ctypes
import sys

_MMAP_THRESHOLD = -3
_TRIM_THRESHOLD = -1
"""Names of ``mallopt``'s parameters (``malloc.h``)."""

LARGEST_BLOCK = 32 * 2**20
"""What is larger has pages of its own, which go when it does; the allocator allows no more."""
MOST_KEPT = 256 * 2**20
"""At the end of the heap; what lies above it goes back to the system."""


def keep_what_is_freed() -> None:
    """Asks glibc's allocator not to give blocks of a network's size back to the system each time. Nothing elsewhere.

    A run frees and asks for the same hundreds of megabytes again, and the system hands them out a page at a time and
    cleared: a tenth of the run's time. On a virtual machine whose host takes back what is free, all of the machine's
    threads, the window's among them, stand still meanwhile.
    """
    if not sys.platform.startswith("linux"):
        return
    with contextlib.suppress(OSError, AttributeError):  # another C library
        mallopt = ctypes.CDLL(None).mallopt
        mallopt(_MMAP_THRESHOLD, LARGEST_BLOCK)
        mallopt(_TRIM_THRESHOLD, MOST_KEPT)
