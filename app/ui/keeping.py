"""Keeps what the reader does, as it is done, and brings it back: the window's side of the keeper."""

from __future__ import annotations

from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, QTimer, Signal

from app.core.document import Overlay, Place
from app.core.keeper import Keeper, StudyKey, ViewKey
from app.core.record import Item, Kept, Masks, items_of
from app.core.session import Change

if TYPE_CHECKING:
    from pathlib import Path

    from app.core.arrangement import Arrangement
    from app.core.session import Session
    from app.core.view import View
    from app.dicom.model import Series, Study, StudyIndex
    from app.errors import UserError
    from app.ui.viewport import Viewport

VIEW_PAUSE_MS = 1000
"""How soon a view is kept after it has changed: scrolling changes it sixty times a second."""


class Keeping(QObject):
    """Puts every change of the document, and views at their leisure. Switched off it puts and brings back nothing."""

    trouble = Signal(object)
    """A ``UserError`` that the reader should hear of, once."""

    _woken = Signal()

    def __init__(
        self, session: Session, viewport: Viewport, file: Path, *, on: bool, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._session = session
        self._viewport = viewport
        self._on = on
        self._said: SimpleQueue[UserError] = SimpleQueue()
        self._keeper = Keeper(file, self._hear)
        self._known: dict[str, object] = {}
        self._views: dict[tuple[str, int], tuple[ViewKey, View]] = {}
        self._arrangements: dict[StudyKey, tuple[Study, Arrangement]] = {}
        self._due = QTimer(self)
        self._due.setSingleShot(True)
        self._due.setInterval(VIEW_PAUSE_MS)
        self._due.timeout.connect(self._put_views)
        # As in the dispatcher: nothing that Python owns travels inside a Qt event.
        self._woken.connect(self._speak, Qt.ConnectionType.QueuedConnection)
        for changed in (viewport.viewChanged, viewport.voiChanged, viewport.indexChanged):
            changed.connect(self._note_view)
        session.subscribe(self._changed)

    @property
    def is_safe(self) -> bool:
        """Whether what the reader did so far is kept, or waits for nothing but its turn."""
        return self._on and not self._keeper.is_failing

    def switch(self, *, on: bool) -> None:
        """Begins or ends keeping. What is open when it begins is kept as it stands."""
        if on == self._on:
            return
        self._on = on
        self._known = {}
        if on:
            self._put_changes()

    def recall(self, index: StudyIndex) -> Kept:
        """What was kept about the studies of ``index``. Called on a worker thread."""
        return self._keeper.recall(index) if self._on and index.studies else Kept()

    def bring_back(self, kept: Kept) -> None:
        """Lets the viewport know how series were left."""
        for key, view in kept.views.items():
            self._viewport.remember(key, view)

    def flush(self) -> bool:
        """Waits until all that was done so far is written, or could not be. False where that takes too long."""
        self._put_views()
        return self._keeper.flush()

    def close(self) -> None:
        """Writes what waits, and ends the thread."""
        self._put_views()
        self._keeper.close()

    # -- the document ----------------------------------------------------------------------------------------------

    def _changed(self, change: Change) -> None:
        if not self._session.index.studies:
            # Closed studies take their marks off the screen, not out of the database.
            self._known = {}
        elif change & (Change.MEASUREMENTS | Change.FINDINGS | Change.OVERLAYS):
            self._put_changes()

    def _put_changes(self) -> None:
        """Puts what is other than it was."""
        if not self._on:
            return
        now = items_of(self._session.document)
        studies = {
            series.key: (StudyKey(study.patient.id, study.uid), series)
            for study in self._session.index.studies
            for series in study.series
        }
        changed: dict[str, tuple[StudyKey, Item] | None] = {}
        for identifier, item in now.items():
            if self._known.get(identifier) is item:
                continue
            if isinstance(item, Overlay):
                study, series = studies.get(item.series_key, (None, None))
                if study is not None and series is not None:
                    changed[identifier] = (study, Masks.of(item, series))
                continue
            study, _ = studies.get((item.place.series_uid, item.place.stack), (None, None))
            if study is not None:
                changed[identifier] = (study, item)
        changed.update({identifier: None for identifier in self._known if identifier not in now})
        self._known = dict(now)
        self._keeper.put(changed)

    # -- views -----------------------------------------------------------------------------------------------------

    def _note_view(self) -> None:
        series = self._viewport.series
        if series is None or not self._on:
            return
        study = self._study_of(series)
        if study is not None:
            place = Place.of(series, self._viewport.index)
            self._views[series.key] = (ViewKey(study, place), self._viewport.view_to_keep())
            if not self._due.isActive():
                self._due.start()

    def note_arrangement(self, arrangement: Arrangement) -> None:
        """How the views of the active study are arranged now."""
        study = self._session.active_study()
        if study is not None and self._on:
            self._arrangements[StudyKey(study.patient.id, study.uid)] = (study, arrangement)
            if not self._due.isActive():
                self._due.start()

    def _study_of(self, series: Series) -> StudyKey | None:
        try:
            study = self._session.index.study_of(series)
        except KeyError:
            return None
        return StudyKey(study.patient.id, study.uid)

    def _put_views(self) -> None:
        self._due.stop()
        views, self._views = self._views, {}
        if self._on:
            for key, view in views.values():
                self._keeper.put_view(key, view)
        arrangements, self._arrangements = self._arrangements, {}
        for study, arrangement in arrangements.values() if self._on else ():
            self._keeper.put_arrangement(study, arrangement)

    # -- trouble ---------------------------------------------------------------------------------------------------

    def _hear(self, fault: UserError) -> None:
        """Called on the keeper's thread."""
        self._said.put(fault)
        self._woken.emit()

    def _speak(self) -> None:
        while True:
            try:
                fault = self._said.get_nowait()
            except Empty:
                return
            self.trouble.emit(fault)
