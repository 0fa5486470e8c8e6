"""Volumes of what lies over the series on screen, counted in the background for the list of measurements."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from app.core import volumes
from app.core.document import Overlay
from app.core.session import Change
from app.ui.jobs import Lane
from app.ui.language import tr

if TYPE_CHECKING:
    from app.core.layers import Layer
    from app.core.session import Session
    from app.core.volumes import PartVolume
    from app.dicom.model import Series
    from app.ui.dispatch import Dispatcher
    from app.ui.jobs import Reporter


class Volumes(QObject):
    """Counts each layer once. What is gone from the screen is forgotten."""

    changed = Signal()
    """There are other volumes to list."""

    def __init__(self, session: Session, dispatcher: Dispatcher, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._dispatcher = dispatcher
        self._known: dict[Layer | Overlay, tuple[PartVolume, ...]] = {}
        session.subscribe(self._changed)

    def listed(self) -> tuple[tuple[str, PartVolume], ...]:
        """(what it is a part of, volume), for the active series."""
        return tuple((_title(over), volume) for over in self._laid() for volume in self._known.get(over, ()))

    def _laid(self) -> tuple[Layer | Overlay, ...]:
        series = self._session.active
        if series is None:
            return ()
        return (*self._session.document.overlays_on(series), *self._session.layers_on(series))

    def _changed(self, change: Change) -> None:
        if not change & (Change.LAYERS | Change.OVERLAYS | Change.ACTIVE_SERIES | Change.STUDIES):
            return
        laid, series = self._laid(), self._session.active
        before = len(self._known)
        self._known = {over: found for over, found in self._known.items() if over in laid}
        for over in laid:
            if over not in self._known and series is not None:
                self._known[over] = ()
                work = partial(_count, over, series)
                job = self._dispatcher.start(Lane.PIXELS, tr("Measuring volumes"), work)
                job.succeeded.connect(partial(self._counted, over))
        if before != len(self._known) or change & (Change.ACTIVE_SERIES | Change.LAYERS):
            self.changed.emit()

    def _counted(self, over: Layer | Overlay, found: tuple[PartVolume, ...]) -> None:
        if over in self._known:
            self._known[over] = found
            if found:
                self.changed.emit()


def _count(over: Layer | Overlay, series: Series, report: Reporter) -> tuple[PartVolume, ...]:
    """On a worker thread."""
    if isinstance(over, Overlay):
        return volumes.of_overlay(over, series, report)
    return volumes.of_layer(over, series, report)


def _title(over: Layer | Overlay) -> str:
    return tr("AI: {model}", model=over.model.id) if isinstance(over, Overlay) else over.title
