"""Objects of the study over the images on screen: read in the background, laid when they are ready."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from app.core.attachments import attached_to
from app.core.objects import AT_ONCE, DRAWN, layer_of
from app.core.session import Change
from app.ui.jobs import Lane, Reporter
from app.ui.language import tr

if TYPE_CHECKING:
    from app.core.layers import Layer
    from app.core.session import Session
    from app.core.wash import Wash
    from app.dicom.model import Series
    from app.dicom.objects import StoredObject
    from app.ui.dispatch import Dispatcher, Job

_Key = tuple[str, tuple[str, int]]


class Attaching(QObject):
    """Lays what belongs to the active series over it, and takes off what the reader does not want to see.

    Segmentations and structure sets come by themselves; leaving a series stops what is still being read for it.
    """

    started = Signal(object)
    """The ``Job``."""
    changed = Signal(object)
    """A ``StoredObject`` is being read, is there, failed or was taken off."""
    progressed = Signal(object, float)
    """(``StoredObject``, fraction)"""

    def __init__(self, session: Session, dispatcher: Dispatcher, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._dispatcher = dispatcher
        self._jobs: dict[_Key, Job] = {}
        self._faults: dict[_Key, Exception] = {}
        self._unwanted: set[_Key] = set()
        self._index = 0
        self._slice: Job | None = None
        session.subscribe(self._changed)

    def _changed(self, change: Change) -> None:
        if change & (Change.ACTIVE_SERIES | Change.STUDIES):
            self._follow()

    def _follow(self) -> None:
        series = self._session.active
        for key in list(self._jobs):
            if series is None or key[1] != series.key:
                self._jobs.pop(key).cancel()
        if series is None:
            if not self._session.index.studies:
                self._faults.clear()
                self._unwanted.clear()
            return
        for stored in attached_to(self._session.attachments, series):
            key = (stored.uid, series.key)
            if stored.kind in AT_ONCE and key not in self._unwanted and key not in self._faults:
                self.show(stored, series)

    def set_index(self, index: int) -> None:
        """Another image of the active series is on screen: values that take a while are fetched for it."""
        self._index = index
        series = self._session.active
        if series is None or not 0 <= index < len(series.frames):
            # The number of a plane: who draws that fetches its values.
            return
        for wash in self._session.washes_on(series):
            if not wash.is_quick and not wash.is_ready(index):
                self._fetch(wash, index)

    def _fetch(self, wash: Wash, index: int) -> None:
        def work(_: Reporter) -> None:
            wash.plane(index)

        if self._slice is not None:
            self._slice.cancel()
        self._slice = job = self._dispatcher.start(Lane.PIXELS, tr("Reading {quantity}", quantity=wash.quantity), work)
        job.succeeded.connect(lambda _: self._session.reveal())
        job.ended.connect(lambda: self._forget(job))

    def _forget(self, job: Job) -> None:
        if self._slice is job:
            self._slice = None

    def is_shown(self, stored: StoredObject, series: Series) -> bool:
        """Whether it lies over ``series``."""
        return any(layer.uid == stored.uid for layer in self._session.laid_on(series))

    def is_busy(self, stored: StoredObject, series: Series) -> bool:
        """Whether it is being read."""
        return (stored.uid, series.key) in self._jobs

    def fault(self, stored: StoredObject, series: Series) -> Exception | None:
        """Why it cannot be shown, where that was tried."""
        return self._faults.get((stored.uid, series.key))

    def show(self, stored: StoredObject, series: Series) -> None:
        """Reads it and lays it over ``series``; nothing happens where it lies there, or is on its way."""
        key = (stored.uid, series.key)
        if stored.kind not in DRAWN or key in self._jobs or self.is_shown(stored, series):
            return
        self._unwanted.discard(key)
        self._faults.pop(key, None)

        def work(report: Reporter) -> Layer | Wash:
            return layer_of(stored, series, report)

        job = self._dispatcher.start(Lane.PIXELS, tr("Reading {label}", label=stored.label), work)
        self._jobs[key] = job
        job.progressed.connect(lambda fraction: self.progressed.emit(stored, fraction))
        job.succeeded.connect(lambda layer: self._lay(layer, series))
        job.failed.connect(lambda fault: self._faults.__setitem__(key, fault))
        job.ended.connect(lambda: self._end(key, job, stored))
        self.started.emit(job)
        self.changed.emit(stored)

    def _lay(self, layer: Layer | Wash, series: Series) -> None:
        # The series may have been read again meanwhile, and have other frames.
        if any(series is other for other in self._session.index.series()):
            self._session.lay(layer, series)
            self.set_index(self._index)

    def _end(self, key: _Key, job: Job, stored: StoredObject) -> None:
        # One that was cancelled ends after its successor began, which is the one to keep.
        if self._jobs.get(key) is job:
            del self._jobs[key]
            if job.is_cancelled:
                # By the reader, in the status bar.
                self._unwanted.add(key)
            else:
                self._follow()
        self.changed.emit(stored)

    def hide(self, stored: StoredObject, series: Series) -> None:
        """Takes it off ``series``, or stops reading it; it does not come back by itself."""
        key = (stored.uid, series.key)
        self._unwanted.add(key)
        job = self._jobs.pop(key, None)
        if job is not None:
            job.cancel()
        self._session.lift(stored.uid, series.key)
        self.changed.emit(stored)
