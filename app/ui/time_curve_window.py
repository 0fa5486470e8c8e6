"""The time–intensity curve of a region: mean and SD over time, beside the image. pyqtgraph is loaded when it opens."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from PySide6.QtCore import QPointF, Qt, Signal
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QDialog, QFileDialog, QHBoxLayout, QVBoxLayout, QWidget

from app.core.time_curve import csv_bytes
from app.ui import theme
from app.ui.language import shown, tr
from app.ui.viewport import style
from app.ui.widgets import button, label

if TYPE_CHECKING:
    from app.core.time_curve import TimeCurve


class TimeCurveWindow(QDialog):
    """Shows one curve. A click goes to the time that lies nearest."""

    chosen = Signal(int)
    """A sorted frame to show."""
    exported = Signal(object, bytes)
    """(path, content) of a table that the reader wants written."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        # Here and not at the top: it takes longer to import than the window has to appear.
        import pyqtgraph as pg

        self.setWindowTitle(tr("Time–intensity curve"))
        self.resize(620, 380)
        self.curve: TimeCurve | None = None
        self._heading = label("", "heading", wrap=True)
        self.note = label("", "quiet", wrap=True)
        self.plot: Any = pg.PlotWidget(self, background=theme.PANEL)
        item = self.plot.getPlotItem()
        item.hideButtons()
        item.setMenuEnabled(False)
        item.setMouseEnabled(x=False, y=False)
        for side in ("left", "bottom"):
            axis = item.getAxis(side)
            axis.setPen(QColor(theme.LINE))
            axis.setTextPen(QColor(theme.TEXT_QUIET))
            axis.setStyle(tickFont=style.font(11))
            axis.enableAutoSIPrefix(False)
        self.plot.setAccessibleName(tr("Mean and SD over time"))
        band = QColor(theme.ACCENT)
        band.setAlpha(55)
        quiet = pg.mkPen(None)
        self._above, self._below = pg.PlotCurveItem(pen=quiet), pg.PlotCurveItem(pen=quiet)
        self._band = pg.FillBetweenItem(self._above, self._below, brush=band)
        self.line: Any = pg.PlotDataItem(
            pen=pg.mkPen(theme.ACCENT, width=2), symbol="o", symbolSize=6, symbolBrush=theme.ACCENT, symbolPen=None
        )
        self._now = pg.InfiniteLine(angle=90, movable=False, pen=pg.mkPen(theme.TEXT, width=1))
        for drawn in (self._above, self._below, self._band, self.line, self._now):
            item.addItem(drawn)
        self.plot.scene().sigMouseClicked.connect(self._clicked)
        self.save = button(tr("Export CSV…"), "export")
        self.save.clicked.connect(self._export)
        close = button(tr("Close"))
        close.clicked.connect(self.accept)
        foot = QHBoxLayout()
        foot.setSpacing(theme.SPACE)
        foot.addWidget(self.note, 1)
        foot.addWidget(self.save)
        foot.addWidget(close)
        column = QVBoxLayout(self)
        column.setContentsMargins(*[theme.SPACE * 2] * 4)
        column.setSpacing(theme.SPACE)
        column.addWidget(self._heading)
        column.addWidget(self.plot, 1)
        column.addLayout(foot)

    def show_curve(self, curve: TimeCurve) -> None:
        """Another region, or the same one with more of its frames loaded."""
        self.curve = curve
        self._heading.setText(shown(curve.title))
        self._above.setData(curve.at, curve.mean + curve.sd)
        self._below.setData(curve.at, curve.mean - curve.sd)
        self.line.setData(curve.at, curve.mean, connect="finite")
        item = self.plot.getPlotItem()
        item.setLabel("bottom", shown(curve.at_label))
        item.setLabel("left", tr("Mean ± SD ({unit})", unit=curve.unit) if curve.unit else tr("Mean ± SD"))
        missing = int(np.isnan(curve.mean).sum())
        told = (
            tr("{missing} of {points} points are not there", missing=missing, points=len(curve.indices))
            if missing
            else tr("A click goes to that image.")
        )
        self.note.setText(told)
        item.getViewBox().autoRange(padding=0.05)

    def show_index(self, index: int) -> None:
        """Marks where the image on screen lies."""
        there = self.curve is not None and index in self.curve.indices
        self._now.setVisible(there)
        if self.curve is not None and there:
            self._now.setValue(float(self.curve.at[self.curve.indices.index(index)]))

    def _clicked(self, event: Any) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self.choose_at(event.scenePos())

    def choose_at(self, position: QPointF) -> None:
        """A click at a position in the plot's scene."""
        if self.curve is not None:
            at = self.plot.getPlotItem().getViewBox().mapSceneToView(position).x()
            self.chosen.emit(self.curve.nearest(float(at)))

    def _export(self) -> None:
        if self.curve is None:
            return
        path, _ = QFileDialog.getSaveFileName(self, tr("Export the curve"), "curve.csv", tr("Table (*.csv)"))
        if path:
            self.exported.emit(path, csv_bytes(self.curve))
