"""Overlay planes of the frame on screen, read off the window's thread: embedded ones lie in the pixel data."""

from __future__ import annotations

from collections import OrderedDict
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from app.dicom.overlay_planes import has_planes, overlay_planes
from app.ui.jobs import Lane
from app.ui.language import tr

if TYPE_CHECKING:
    from app.dicom.model import Series
    from app.dicom.overlay_planes import OverlayPlane
    from app.ui.dispatch import Dispatcher, Job

_KEPT_BYTES = 64 * 2**20

Planes = tuple["OverlayPlane", ...]


class PlaneReader(QObject):
    """Gives planes that are there, and asks for those that are not. One frame is read at a time, the latest asked."""

    ready = Signal()
    """Planes that were asked for have arrived."""

    def __init__(self, dispatcher: Dispatcher, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._dispatcher = dispatcher
        self._kept: OrderedDict[tuple[int, int], tuple[Series, Planes]] = OrderedDict()
        self._wanted: tuple[Series, int] | None = None
        self._job: Job | None = None

    def planes(self, series: Series, index: int) -> Planes:
        """The planes of sorted frame ``index``; none until ``ready``, for frames that have any."""
        if not has_planes(series, index):
            return ()
        kept = self._kept.get((id(series), index))
        if kept is not None:
            return kept[1]
        self._wanted = (series, index)
        self._read()
        return ()

    def clear(self) -> None:
        """Forgets everything."""
        self._kept.clear()
        self._wanted = None

    def _read(self) -> None:
        if self._job is not None or self._wanted is None:
            return
        (series, index), self._wanted = self._wanted, None
        job = self._dispatcher.start(Lane.PIXELS, tr("Overlay planes"), lambda _: overlay_planes(series, index))
        self._job = job
        job.succeeded.connect(lambda planes: self._keep(series, index, planes))
        job.ended.connect(self._ended)

    def _keep(self, series: Series, index: int, planes: Planes) -> None:
        self._kept[id(series), index] = (series, planes)
        while len(self._kept) > 1 and self._bytes() > _KEPT_BYTES:
            self._kept.popitem(last=False)
        self.ready.emit()

    def _bytes(self) -> int:
        return sum(plane.bits.nbytes for _, planes in self._kept.values() for plane in planes)

    def _ended(self) -> None:
        self._job = None
        self._read()
