"""The one owner of background threads. It lives on the window's thread, and so does every signal it emits."""

from __future__ import annotations

import itertools
from concurrent.futures import ThreadPoolExecutor
from queue import Empty, SimpleQueue
from typing import Any

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from app.ui.jobs import Event, Lane, Message, Reporter, Work, give_way, perform
from app.ui.turn import WINDOW

_ids = itertools.count(1)


def window_first() -> None:
    """Called on the window's thread where it begins something: jobs pause until its event loop has come round twice,
    painting and what was put off (``later``) included."""
    if WINDOW.begin():
        QTimer.singleShot(0, _come_round)


def _come_round() -> None:
    QTimer.singleShot(0, WINDOW.end)


class Job(QObject):
    """A job as the window sees it. Its signals are emitted on the window's thread; once cancelled it only ends."""

    progressed = Signal(float)
    """Fraction done, 0–1, at most ten times a second."""
    delivered = Signal(object)
    """A tuple of items that are ready before the whole is."""
    succeeded = Signal(object)
    """The answer."""
    failed = Signal(object)
    """The exception."""
    ended = Signal()
    """Last of all, however it ended. The thread no longer touches anything of the job."""

    def __init__(self, lane: Lane, title: str, reporter: Reporter, parent: QObject) -> None:
        super().__init__(parent)
        self.lane = lane
        self.title = title
        self._reporter = reporter

    @property
    def id(self) -> str:
        """Unique in the program's life."""
        return self._reporter.job_id

    @property
    def is_cancelled(self) -> bool:
        """Whether its answer is no longer wanted."""
        return self._reporter.is_cancelled

    def cancel(self) -> None:
        """The answer is no longer wanted: the work stops at its next tick, and what it still says is dropped."""
        self._reporter.cancel()


class Dispatcher(QObject):
    """Starts jobs and brings their answers home.

    Workers put messages on a queue and wake the window's thread with a queued signal that carries nothing. No Python
    object travels inside a Qt event, so none is lost or destroyed on the wrong thread.
    """

    started = Signal(object)
    """A ``Job`` was handed to its lane."""
    ended = Signal(object)
    """A ``Job`` has ended, however."""

    _woken = Signal()

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._inbox: SimpleQueue[Message] = SimpleQueue()
        self._pools: dict[Lane, ThreadPoolExecutor] = {}
        self._jobs: dict[str, Job] = {}
        self._closed = False
        self._woken.connect(self._read_inbox, Qt.ConnectionType.QueuedConnection)

    @property
    def is_closed(self) -> bool:
        """Whether no work can be started any more: jobs that end while it closes must not ask for the next."""
        return self._closed

    @property
    def jobs(self) -> tuple[Job, ...]:
        """Jobs that have not ended, oldest first."""
        return tuple(self._jobs.values())

    def start(self, lane: Lane, title: str, work: Work) -> Job:
        """Queues ``work`` on ``lane`` and returns its job; connect to it before returning to the event loop.

        ``title`` is shown while it runs. Raises ``RuntimeError`` after ``close``.
        """
        if self._closed:
            raise RuntimeError("the dispatcher is closed")
        reporter = Reporter(f"job-{next(_ids)}", self._post)
        job = Job(lane, title, reporter, self)
        self._jobs[job.id] = job
        pool = self._pools.get(lane)
        if pool is None:
            pool = ThreadPoolExecutor(lane.threads, f"scoutview-{lane.title}", initializer=give_way)
            self._pools[lane] = pool
        pool.submit(perform, work, reporter, self._post)
        self.started.emit(job)
        return job

    def close(self) -> None:
        """Cancels everything, waits until every thread has ended, and drops what they still said."""
        self._closed = True
        for job in self.jobs:
            job.cancel()
        for pool in self._pools.values():
            pool.shutdown(wait=True)
        self._pools.clear()
        self._read_inbox()

    def _post(self, message: Message) -> None:
        """Called on worker threads."""
        self._inbox.put(message)
        self._woken.emit()

    def _read_inbox(self) -> None:
        window_first()
        while True:
            try:
                message = self._inbox.get_nowait()
            except Empty:
                return
            self._tell(message)

    def _tell(self, message: Message) -> None:
        job = self._jobs.get(message.job_id)
        if job is None:
            return
        value: Any = message.value
        last = message.event in (Event.SUCCEEDED, Event.FAILED, Event.CANCELLED)
        if last:
            del self._jobs[job.id]
        try:
            if not job.is_cancelled:
                if message.event is Event.PROGRESSED:
                    job.progressed.emit(value)
                elif message.event is Event.DELIVERED:
                    job.delivered.emit(value)
                elif message.event is Event.SUCCEEDED:
                    job.succeeded.emit(value)
                elif message.event is Event.FAILED:
                    job.failed.emit(value)
        finally:
            if last:
                job.ended.emit()
                self.ended.emit(job)
                # What is connected to the job may hold the last reference to this object, and goes when the job
                # goes: were the job a child then, its destruction would destroy its parent, and that the job again.
                job.setParent(None)
                job.deleteLater()
