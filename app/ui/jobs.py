"""Background work as the worker threads see it: a function that is handed a ``Reporter``, and how it ended. No Qt here.

Everything a worker says goes through one ``Post``; the window's thread reads it when it is ready (``app.ui.dispatch``).
"""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any

from app.ui.turn import WINDOW
from inference.types import Cancelled

PROGRESS_INTERVAL_S = 0.1
"""A job speaks at most ten times a second: more is not seen, and costs the window's thread."""


class Lane(Enum):
    """Where work queues. The value is the number of threads: what shares a resource runs one after the other."""

    INFERENCE = ("inference", 1)
    FILES = ("files", 1)
    PIXELS = ("pixels", 2)
    PLANES = ("planes", 2)
    THUMBNAILS = ("thumbnails", 1)
    DOCUMENTS = ("documents", 1)
    """Reports, states and PDF pages. One thread: PDFium allows no second."""

    @property
    def title(self) -> str:
        """Name of its threads."""
        return self.value[0]

    @property
    def threads(self) -> int:
        """How many jobs of this lane run at the same time."""
        return self.value[1]


class Event(Enum):
    """What a worker says of a job."""

    PROGRESSED = "progressed"
    DELIVERED = "delivered"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, eq=False)
class Message:
    """One thing that a worker said. ``value``: the fraction, the tuple of items, the answer or the exception."""

    job_id: str
    event: Event
    value: Any = None


Post = Callable[[Message], None]
"""Hands a message to the window's thread. Safe to call on any thread."""


class Reporter:
    """The ``Tick`` that a job is given: reports progress, hands over what is ready early, raises ``Cancelled``, and
    pauses while the window is at work."""

    def __init__(self, job_id: str, post: Post) -> None:
        self.job_id = job_id
        self._post = post
        self._cancelled = threading.Event()
        self._spoke = -PROGRESS_INTERVAL_S
        self._delivered = -PROGRESS_INTERVAL_S
        self._items: list[Any] = []

    def __call__(self, fraction: float) -> None:
        """Reports ``fraction`` of the work done; raises ``Cancelled`` when the answer is no longer wanted."""
        WINDOW.give_way()
        if self._cancelled.is_set():
            raise Cancelled
        now = time.monotonic()
        if now - self._spoke >= PROGRESS_INTERVAL_S:
            self._spoke = now
            self._post(Message(self.job_id, Event.PROGRESSED, min(max(float(fraction), 0.0), 1.0)))

    def deliver(self, item: Any) -> None:
        """Hands over one part of the answer: the first at once, later ones gathered to ten deliveries a second."""
        self._items.append(item)
        now = time.monotonic()
        if now - self._delivered >= PROGRESS_INTERVAL_S:
            self._delivered = now
            self.flush()

    def flush(self) -> None:
        """Hands over what was gathered."""
        if self._items:
            items, self._items = tuple(self._items), []
            self._post(Message(self.job_id, Event.DELIVERED, items))

    def cancel(self) -> None:
        """Makes the next tick raise. Called on the window's thread."""
        self._cancelled.set()

    @property
    def is_cancelled(self) -> bool:
        """Whether the answer is no longer wanted."""
        return self._cancelled.is_set()


Work = Callable[[Reporter], Any]
"""What a job does, on a worker thread. It takes and returns frozen data only, and touches no widget."""


def give_way() -> None:
    """Lets the window's thread go first where both want a core. Called on a worker thread as it starts.

    Threads have priorities of their own on Linux alone; those that a library starts from here inherit it.
    """
    if sys.platform == "linux":
        thread = threading.get_native_id()
        # From where the program stands: it may have been started with a low priority itself.
        os.setpriority(os.PRIO_PROCESS, thread, min(os.getpriority(os.PRIO_PROCESS, thread) + 5, 19))


def perform(work: Work, reporter: Reporter, post: Post) -> None:
    """Runs ``work`` and says how it ended, whatever happens. Called on a worker thread."""
    job_id = reporter.job_id
    if reporter.is_cancelled:
        post(Message(job_id, Event.CANCELLED))
        return
    try:
        answer = work(reporter)
    except Cancelled:
        post(Message(job_id, Event.CANCELLED))
    except Exception as error:  # noqa: BLE001 - the last place that can catch it; the window tells the user
        post(Message(job_id, Event.FAILED, error))
    else:
        reporter.flush()
        post(Message(job_id, Event.SUCCEEDED, answer))
