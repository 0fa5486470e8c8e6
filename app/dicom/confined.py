"""Limits that a child process sets itself before it runs other people's C."""

from __future__ import annotations

import signal


def alarm(seconds: int) -> None:
    """Ends this process after so many seconds; 0 takes that back. Nothing where the system has no alarms."""
    if hasattr(signal, "alarm"):
        signal.alarm(seconds)


def limit_memory(size: int) -> None:
    """At most ``size`` bytes of addresses, and no core dump. Nothing where the system has no such limits."""
    try:
        import resource

        resource.setrlimit(resource.RLIMIT_AS, (size, size))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    except (ImportError, OSError, ValueError):
        return
