"""Speed and manner of the cine, in the view while it plays."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QRectF, Qt
from PySide6.QtWidgets import QApplication, QDoubleSpinBox, QHBoxLayout, QWidget

from app.ui import theme
from app.ui.language import tr
from app.ui.viewport.cine import FASTEST_FRAME_MS, SLOWEST_FRAME_MS
from app.ui.widgets import button, icon_button

if TYPE_CHECKING:
    from app.ui.viewport.widget import Viewport


_SPEED = 56
"""What " · 30 /s" adds to a line, in logical pixels, about."""


class CineBar(QWidget):
    """Lies at the lower edge of a viewport while its cine runs. Holds nothing: it reads the cine and sets it."""

    def __init__(self, viewport: Viewport) -> None:
        super().__init__(viewport)
        self._view = viewport
        self._low = 0
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
        self._low = self._view.height() - self.height() - 34
        self._keep_off()
        self.raise_()

    def _keep_off(self) -> None:
        """Over the text of the corners where the view is too narrow for both; there it stays, so that it does not
        jump as the text changes."""
        left = (self._view.width() - self.width()) // 2
        corners, clear = self._corners(), False
        while not clear and self._low > 0:
            place = QRectF(left, self._low, self.width(), self.height())
            tops = [block.top() for block in corners if block.intersects(place)]
            clear = not tops
            if tops:
                self._low = max(math.floor(min(tops)) - self.height() - 4, 0)
        self.move(left, self._low)

    def _corners(self) -> list[QRectF]:
        """Text in the lower corners, as wide as it is with the speed; not the letter in the middle."""
        middle, lower = self._view.width() / 2, self._view.height() / 2
        blocks = [block for block in self._view.picture.furniture.blocks if block.top() > lower]
        aside = [block for block in blocks if not block.left() < middle < block.right()]
        return [block.adjusted(-_SPEED, 0, _SPEED, 0) for block in aside]

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Stays at the lower edge, and off the text that was drawn last."""
        if event.type() == QEvent.Type.Resize and self.isVisible():
            self._place()
        elif event.type() == QEvent.Type.Paint and self.isVisible():
            self._keep_off()
        return False
