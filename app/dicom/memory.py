"""How much memory one series may take."""

from __future__ import annotations

import os

FALLBACK_MEMORY = 8 * 2**30


def available_memory() -> int:
    """Bytes that one series may take: 80 % of what is free now, or 8 GB where the system does not say."""
    try:
        free = os.sysconf("SC_AVPHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    except (AttributeError, ValueError, OSError):
        return FALLBACK_MEMORY
    try:
        with open("/proc/meminfo", encoding="ascii") as file:  # noqa: PTH123
            for line in file:
                if line.startswith("MemAvailable:"):
                    free = int(line.split()[1]) * 1024
    except (OSError, ValueError, IndexError):
        pass
    return int(free * 0.8)
