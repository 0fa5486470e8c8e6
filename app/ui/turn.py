"""The window's thread goes first.

Python runs one thread at a time. A job that computes in Python takes the interpreter from the window's thread after
each millisecond and at every call that lets go of it, so that a turn of the event loop of 20 ms lasts 60 beside two of
them. Jobs therefore pause at their ticks while the window is in a turn. No Qt here.
"""

from __future__ import annotations

import threading
import time

LONGEST_S = 0.05
"""A pause ends after that, whatever the window does."""
AT_LEAST_S = 0.005
"""Between two pauses a job has that long: under a film that is played without end it is slower, and never stands."""


class Turn:
    """Whether the window's thread is at work. ``begin`` and ``end`` are its own, ``give_way`` is the jobs'."""

    def __init__(self) -> None:
        self._over = threading.Event()
        self._over.set()
        self._mine = threading.local()

    def begin(self) -> bool:
        """The window's thread has something to do. False where it is at it already."""
        if not self._over.is_set():
            return False
        self._over.clear()
        return True

    def end(self) -> None:
        """It has come to rest."""
        self._over.set()

    def give_way(self) -> None:
        """Waits, without the interpreter, until the window's thread has come to rest."""
        if self._over.is_set() or time.perf_counter() < getattr(self._mine, "until", 0.0):
            return
        self._over.wait(LONGEST_S)
        self._mine.until = time.perf_counter() + AT_LEAST_S


WINDOW = Turn()
"""There is one thread that has the window."""
