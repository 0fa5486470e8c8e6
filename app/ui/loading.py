"""Pixels of the series on screen, visible frame first; those of series that were left stay while memory allows."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from app.dicom import header
from app.dicom.load import SeriesPixels, load
from app.ui.jobs import Lane, Reporter
from app.ui.language import tr

if TYPE_CHECKING:
    from app.dicom.model import Series
    from app.ui.dispatch import Dispatcher, Job


class Loader(QObject):
    """Loads one series at a time. Asking for another cancels the one under way; its frames stay and are resumed."""

    started = Signal(object)
    """The ``Job``."""
    framesLoaded = Signal(object, object)
    """(series, tuple of frame indices that were settled)"""
    finished = Signal(object)
    """Series: no frame waits any more."""
    failed = Signal(object, object)
    """(series, exception)"""

    def __init__(self, dispatcher: Dispatcher, limit_bytes: int, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._dispatcher = dispatcher
        self._limit_bytes = limit_bytes
        self._kept: OrderedDict[tuple[str, int], tuple[Series, SeriesPixels]] = OrderedDict()
        self._job: Job | None = None

    @property
    def limit_bytes(self) -> int:
        """What all series that are kept may take together; the one on screen is kept whatever it takes."""
        return self._limit_bytes

    @limit_bytes.setter
    def limit_bytes(self, limit: int) -> None:
        self._limit_bytes = limit
        while len(self._kept) > 1 and self.bytes_kept > limit:
            self._kept.popitem(last=False)

    def pixels(self, series: Series) -> SeriesPixels | None:
        """What is in memory of ``series``."""
        kept = self._kept.get(series.key)
        # A study that was opened again has new series; what was read for the old one may be another file by now.
        return kept[1] if kept is not None and kept[0] is series else None

    def prepare(self, series: Series) -> SeriesPixels:
        """The pixels of ``series``, empty where it is new; older series go where memory is short.

        Raises ``UserError`` where it does not fit at all.
        """
        pixels = self.pixels(series)
        if pixels is None:
            self._make_room(_size(series))
            pixels = SeriesPixels(series)
            self._kept[series.key] = (series, pixels)
        self._kept.move_to_end(series.key)
        return pixels

    def load(self, series: Series, first: int) -> None:
        """Loads what is still missing of ``series``, frame ``first`` before all others. Leaves any other series."""
        self.leave()
        pixels = self.prepare(series)
        if pixels.is_complete:
            self.finished.emit(series)
            return

        def work(report: Reporter) -> SeriesPixels:
            return load(series, first=first, tick=report, pixels=pixels, on_frame=report.deliver)

        job = self._dispatcher.start(Lane.PIXELS, tr("Loading images"), work)
        self._job = job
        job.delivered.connect(lambda indices: self.framesLoaded.emit(series, indices))
        job.succeeded.connect(lambda _: self.finished.emit(series))
        job.failed.connect(lambda fault: self.failed.emit(series, fault))
        self.started.emit(job)

    def leave(self) -> None:
        """Stops loading; what arrived stays."""
        if self._job is not None:
            self._job.cancel()
            self._job = None

    def clear(self) -> None:
        """Stops loading and forgets everything."""
        self.leave()
        self._kept.clear()

    @property
    def bytes_kept(self) -> int:
        """Memory of all series that are kept, as if all their frames had arrived."""
        return sum(pixels.stored.nbytes for _, pixels in self._kept.values())

    def _make_room(self, wanted: int) -> None:
        while self._kept and self.bytes_kept + wanted > self.limit_bytes:
            self._kept.popitem(last=False)


def _size(series: Series) -> int:
    """Bytes that ``series`` takes, to the nearest that its header tells."""
    sample = max((header.integer(series.instances[0].header, "BitsAllocated") or 16) // 8, 1)
    return len(series.frames) * series.rows * series.columns * series.samples_per_pixel * sample
