"""Small pictures of series, made off the window's thread, one series at a time, and kept while the studies are open."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QImage

from app.core.render import Renderer
from app.core.view import View, first_index
from app.dicom.load import FrameState, SeriesPixels, Status, read_frame
from app.dicom.pixels import default_voi
from app.ui.jobs import Lane, Reporter
from app.ui.language import tr

if TYPE_CHECKING:
    import numpy.typing as npt

    from app.dicom.model import Series
    from app.ui.dispatch import Dispatcher, Job

SIDE = 128
"""Pixels a thumbnail is made of: twice what the browser shows, for screens of high density."""


def image_of(grey_or_rgb: npt.NDArray[np.uint8]) -> QImage:
    """A QImage with memory of its own from uint8 (rows, columns) or (rows, columns, 3)."""
    array = np.ascontiguousarray(grey_or_rgb)
    rows, columns = array.shape[:2]
    kind = QImage.Format.Format_RGB888 if array.ndim == 3 else QImage.Format.Format_Grayscale8
    return QImage(array.data, columns, rows, array.strides[0], kind).copy()


def make(series: Series, report: Reporter) -> QImage:
    """Reads and draws the frame that stands for ``series``. Runs on a worker thread."""
    report(0.0)
    index = first_index(series)
    # Untouched pages of the array cost nothing, so one frame costs one frame.
    pixels = SeriesPixels(series)
    pixels.stored[index] = read_frame(series, index)
    pixels.mark(index, FrameState(Status.LOADED))
    report(0.5)
    voi = None if series.is_colour else default_voi(series, pixels)
    drawn = Renderer(series, pixels).image(View(index=index, voi=voi), SIDE, SIDE)
    if drawn is None:
        raise ValueError("the frame cannot be drawn")
    return image_of(drawn)


class Thumbnails(QObject):
    """Asks for pictures and keeps them. A series whose picture cannot be made simply has none: opening it tells why."""

    ready = Signal(object)
    """Key of the series whose picture arrived."""

    def __init__(self, dispatcher: Dispatcher, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._dispatcher = dispatcher
        self._images: dict[tuple[str, int], QImage | None] = {}
        self._jobs: dict[tuple[str, int], Job] = {}

    def get(self, series: Series) -> QImage | None:
        """The picture, or ``None`` until ``ready`` says that it arrived."""
        key = series.key
        if key not in self._images and key not in self._jobs:
            job = self._dispatcher.start(Lane.THUMBNAILS, tr("Thumbnail"), lambda report: make(series, report))
            self._jobs[key] = job
            job.succeeded.connect(lambda image: self._keep(key, image))
            job.failed.connect(lambda _: self._keep(key, None))
            job.ended.connect(lambda: self._jobs.pop(key, None))
        return self._images.get(key)

    def _keep(self, key: tuple[str, int], image: QImage | None) -> None:
        self._images[key] = image
        self.ready.emit(key)

    def clear(self) -> None:
        """Forgets all pictures and stops making them."""
        for job in self._jobs.values():
            job.cancel()
        self._jobs.clear()
        self._images.clear()
