"""Which presentation states there are for the series on screen, and the menu to choose one."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QActionGroup
from PySide6.QtWidgets import QMenu

from app.core.attachments import attached_to
from app.dicom.objects import ObjectKind
from app.dicom.presentation import PresentationState, presentation_state, why_not_shown
from app.report.wording import date
from app.ui.language import shown, tr
from app.ui.widgets import elided
from app.ui.wording import sentence

if TYPE_CHECKING:
    from app.core.session import Session
    from app.dicom.objects import StoredObject
    from app.ui.object_reading import ObjectReader
    from app.ui.viewport import Viewport


class Presentations(QObject):
    """Offers states and applies the one that is chosen."""

    offered = Signal(int)
    """How many states there are for the series on screen."""
    failed = Signal(object)
    """The exception: a state cannot be read."""

    def __init__(
        self, session: Session, viewport: Viewport, reader: ObjectReader, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._session = session
        self._viewport = viewport
        self._reader = reader
        self._group: QActionGroup | None = None
        self.menu = QMenu(tr("Pre&sentation"))
        viewport.viewChanged.connect(self._mark)

    def states(self) -> tuple[StoredObject, ...]:
        """The states that belong to the series on screen."""
        series = self._session.active
        if series is None:
            return ()
        attached = attached_to(self._session.attachments, series)
        return tuple(one for one in attached if one.kind is ObjectKind.PRESENTATION_STATE)

    def refresh(self) -> None:
        """Another series, or other studies."""
        states = self.states()
        self.menu.clear()
        self._group = QActionGroup(self.menu)
        none = self.menu.addAction(tr("None: as the images say"))
        none.setCheckable(True)
        none.triggered.connect(lambda _=False: self._viewport.set_presentation(None))
        none.setData("")
        self._group.addAction(none)
        for stored in states:
            parts = (
                shown(stored.label),
                date(stored.date),
                stored.description if stored.description != stored.label else "",
            )
            action = self.menu.addAction(elided("  ·  ".join(part for part in parts if part), 80).replace("&", "&&"))
            action.setCheckable(True)
            action.setData(stored.sop_instance_uid)
            why = why_not_shown(stored.sop_class_uid)
            if why:
                action.setText(tr("{name}: {why}", name=action.text(), why=why))
                action.setToolTip(sentence(why))
                action.setEnabled(False)
            action.triggered.connect(partial(lambda stored, _=False: self.choose(stored), stored))
            self._group.addAction(action)
        self.menu.setEnabled(bool(states))
        self._viewport.set_states_offered(len(states))
        self.offered.emit(len(states))
        self._mark()

    def choose(self, stored: StoredObject) -> None:
        """Shows the series on screen as ``stored`` wants it, once it has been read."""
        series = self._viewport.series

        def apply(state: PresentationState) -> None:
            if self._viewport.series is series:
                self._viewport.set_presentation(state)
                self._mark()

        def fail(fault: Exception) -> None:
            self._mark()
            self.failed.emit(fault)

        self._reader.read(stored, presentation_state, apply, fail)

    def _mark(self) -> None:
        state = self._viewport.view.presentation
        chosen = "" if state is None else state.uid
        for action in self.menu.actions():
            action.setChecked(action.data() == chosen)
