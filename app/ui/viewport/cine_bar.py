"""Speed and manner of the cine, in the view while it plays."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtWidgets import QApplication, QDoubleSpinBox, QHBoxLayout, QWidget

from app.ui import theme
from app.ui.language import tr
from app.ui.viewport.cine import FASTEST_FRAME_MS, SLOWEST_FRAME_MS
from app.ui.widgets import button, icon_button

if TYPE_CHECKING:
    from app.ui.viewport.widget import Viewport


class CineBar(QWidget):
    """Lies at the lower edge of a viewport while its cine runs. Holds nothing: it reads the cine and sets it."""

    def __init__(self, viewport: Viewport) -> None:
        super().__init__(viewport)
        self._view = viewport
        self.setObjectName("cineBar")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setAccessibleName(tr("Cine"))
        self.rate = QDoubleSpinBox()
        self.rate.setRange(1000 / SLOWEST_FRAME_MS, 1000 / FASTEST_FRAME_MS)
        self.rate.setDecimals(1)
        self.rate.setSuffix(" /s")
        self.rate.setAccessibleName(tr("Images a second"))
        self.rate.setToolTip(tr("Images a second"))
        self.rate.setKeyboardTracking(False)
        # Wheel and arrow keys step; buttons would take the room of a digit.
        self.rate.setProperty("stepless", True)
        self.own = button(tr("File's speed"), quiet=True)
        self.sweep = icon_button("arrows-down-up", tr("To and fro instead of round and round"), checkable=True)
        self.stop = icon_button("pause", tr("Stop the cine"))
        line = QHBoxLayout(self)
        line.setContentsMargins(8, 4, 8, 4)
        line.setSpacing(theme.SPACE // 2)
        for widget in (self.stop, self.rate, self.own, self.sweep):
            line.addWidget(widget)
        self.rate.valueChanged.connect(viewport.set_frame_rate)
        self.own.clicked.connect(lambda: viewport.set_frame_rate(None))
        self.sweep.toggled.connect(self._sweep)
        self.stop.clicked.connect(viewport.toggle_cine)
        viewport.playingChanged.connect(self._arrange)
        viewport.installEventFilter(self)
        self.hide()

    def _sweep(self, on: bool) -> None:
        self._view.cine.sweeps = on

    def _arrange(self, playing: bool) -> None:
        # Not the window's ``focusWidget()``: PySide would then take what has the focus for a child of the window.
        had_focus = self.isAncestorOf(QApplication.focusWidget() or self)
        self.setVisible(playing)
        if not playing:
            if had_focus:
                self._view.setFocus()
            return
        self.rate.blockSignals(True)
        self.rate.setValue(1000 / self._view.cine.frame_ms)
        self.rate.blockSignals(False)
        own = self._view.own_frame_ms()
        self.own.setVisible(own is not None and self._view.cine.chosen_ms is not None)
        self.sweep.blockSignals(True)
        self.sweep.setChecked(self._view.cine.sweeps)
        self.sweep.blockSignals(False)
        self._place()

    def _place(self) -> None:
        self.adjustSize()
        self.move((self._view.width() - self.width()) // 2, self._view.height() - self.height() - 34)
        self.raise_()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Stays at the lower edge."""
        if event.type() == QEvent.Type.Resize and self.isVisible():
            self._place()
        return False
