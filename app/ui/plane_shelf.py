"""Planes that were measured on, cut again in the background: so lists say what they measure without showing them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from app.core.plane_images import KeptPlane, kept_plane
from app.core.session import Change
from app.errors import UserError
from app.ui.jobs import Lane, Reporter
from app.ui.language import tr

if TYPE_CHECKING:
    from app.core.document import Place
    from app.core.session import Session
    from app.dicom.model import Series
    from app.ui.dispatch import Dispatcher
    from app.ui.loading import Loader

_KEPT = 64
"""Planes that are kept; the one asked for longest ago goes first."""


class PlaneShelf(QObject):
    """Keeps the pixels of planes, never the volume that they were cut from."""

    changed = Signal()
    """A plane that was asked for is there."""

    def __init__(self, session: Session, loader: Loader, dispatcher: Dispatcher, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session, self._loader, self._dispatcher = session, loader, dispatcher
        self._planes: dict[Place, tuple[Series, KeptPlane]] = {}
        self._asked: dict[Place, Series] = {}
        session.subscribe(self._changed)

    def find(self, place: Place) -> KeptPlane | None:
        """The plane at ``place``; ``None`` while it is not there. It is cut once its images are in memory."""
        kept = self._planes.pop(place, None)
        if kept is not None:
            self._planes[place] = kept
            return kept[1]
        series = next((one for one in self._session.index.series() if _is_through(place, one)), None)
        pixels = None if series is None else self._loader.pixels(series)
        if series is None or pixels is None or not pixels.is_complete or self._dispatcher.is_closed:
            return None
        if self._asked.get(place) is not series:
            self._asked[place] = series

            def work(report: Reporter) -> KeptPlane | None:
                try:
                    return kept_plane(place, series, pixels, report)
                except UserError:
                    # The list shows it without values, as what is not loaded.
                    return None

            job = self._dispatcher.start(Lane.PLANES, tr("Measuring on planes"), work)
            job.succeeded.connect(lambda found: self._put(place, series, found))
        return None

    def _put(self, place: Place, series: Series, found: KeptPlane | None) -> None:
        if found is None or self._asked.get(place) is not series:
            return
        del self._asked[place]
        self._planes[place] = (series, found)
        while len(self._planes) > _KEPT:
            del self._planes[next(iter(self._planes))]
        self.changed.emit()

    def _changed(self, change: Change) -> None:
        if change & Change.STUDIES:
            here = {id(series) for series in self._session.index.series()}
            self._planes = {place: kept for place, kept in self._planes.items() if id(kept[0]) in here}
            self._asked = {place: series for place, series in self._asked.items() if id(series) in here}


def _is_through(place: Place, series: Series) -> bool:
    return (place.series_uid, place.stack) == series.key
