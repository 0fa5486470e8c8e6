"""The histogram of a frame with the window as a region on it. Importing this file does not load pyqtgraph."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QColor

from app.ui import theme
from app.ui.viewport import style

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from app.dicom.load import SeriesPixels
    from app.dicom.model import Series

BINS = 256
_SAMPLED = 200_000


def counts_of(series: Series, pixels: SeriesPixels, index: int) -> tuple[npt.NDArray[Any], npt.NDArray[Any]] | None:
    """Counts and bin edges of the modality values of a frame, padding left out; ``None`` where there are none.

    A large frame is sampled on a regular grid, so this takes milliseconds whatever its size.
    """
    if series.is_colour or not pixels.is_loaded(index):
        return None
    step = max(1, int(np.sqrt(series.rows * series.columns / _SAMPLED)))
    stored = pixels.stored[index][::step, ::step]
    stages = pixels.pipeline(index)
    padding = stages.padding_mask(stored)
    if padding is not None:
        stored = stored[~padding]
    levels = int(stored.max()) - int(stored.min()) + 1 if stored.dtype.kind in "iu" and stored.size else BINS
    return binned(stages.modality(stored), levels)


def binned(values: npt.NDArray[Any], levels: int = BINS) -> tuple[npt.NDArray[Any], npt.NDArray[Any]] | None:
    """Counts and bin edges of ``values``, those that are finite; ``None`` where there are none. ``levels``: how many
    stored values they may come from."""
    values = values[np.isfinite(values)]
    if values.size == 0:
        return None
    low, high = float(values.min()), float(values.max())
    bins = BINS
    if low == high:
        bins, low, high = 1, low - 0.5, high + 0.5
    elif levels <= BINS:
        # A bin for each stored value: any other number would show a comb that is not in the data.
        half = (high - low) / (levels - 1) / 2
        bins, low, high = levels, low - half, high + half
    return np.histogram(values, bins=bins, range=(low, high))


class Histogram(QObject):
    """A pyqtgraph plot: square roots of the counts, so that lung and fat show beside air, and the window's region."""

    windowDragged = Signal(float, float)
    """The region's lower and upper end, while the reader drags it."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        # Here and not at the top: it takes longer to import than the window has to appear.
        import pyqtgraph as pg

        pg.setConfigOptions(imageAxisOrder="row-major")
        self.plot: Any = pg.PlotWidget(parent)
        item = self.plot.getPlotItem()
        item.hideButtons()
        item.setMenuEnabled(False)
        item.setMouseEnabled(x=False, y=False)
        item.hideAxis("left")
        item.layout.setContentsMargins(0, 4, 0, 0)
        item.getViewBox().setDefaultPadding(0.0)
        axis = item.getAxis("bottom")
        axis.setStyle(tickFont=style.font(11), tickLength=-4)
        axis.enableAutoSIPrefix(False)
        self._curve = pg.PlotCurveItem([0.0, 1.0], [0.0], stepMode="center", fillLevel=0, pen=None)
        item.addItem(self._curve)
        self.region: Any = pg.LinearRegionItem()
        self.region.setZValue(10)
        item.addItem(self.region)
        self.region.sigRegionChanged.connect(self._dragged)
        self._silent = False
        self.plot.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.plot.setMinimumHeight(96)
        self.plot.installEventFilter(self)
        self._colour()

    def _colour(self) -> None:
        """The theme's colours."""
        import pyqtgraph as pg

        self.plot.setBackground(theme.PANEL)
        axis = self.plot.getPlotItem().getAxis("bottom")
        axis.setPen(QColor(theme.LINE))
        axis.setTextPen(QColor(theme.TEXT_QUIET))
        fill, brush, hover = QColor(theme.TEXT_QUIET), QColor(theme.ACCENT), QColor(theme.ACCENT)
        fill.setAlpha(150)
        self._curve.setBrush(fill)
        brush.setAlpha(38)
        hover.setAlpha(60)
        self.region.setBrush(brush)
        self.region.setHoverBrush(hover)
        for line in self.region.lines:
            line.setPen(pg.mkPen(theme.ACCENT, width=1))
            line.setHoverPen(pg.mkPen(theme.TEXT, width=2))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Another theme: other colours."""
        if watched is self.plot and event.type() == QEvent.Type.PaletteChange:
            self._colour()
        return super().eventFilter(watched, event)

    def _dragged(self) -> None:
        if not self._silent:
            low, high = self.region.getRegion()
            self.windowDragged.emit(float(low), float(high))

    def show_counts(self, counts: tuple[npt.NDArray[Any], npt.NDArray[Any]] | None) -> None:
        """Another frame's histogram, or none."""
        if counts is None:
            self._curve.setData([0.0, 1.0], [0.0])
            return
        heights, edges = counts
        tall = np.sqrt(heights.astype(np.float64))
        self._curve.setData(edges, tall)
        # Air or collimation may hold most of a frame; the second tallest sets the scale.
        top = float(np.partition(tall, -2)[-2]) if tall.size > 1 else float(tall.max())
        box = self.plot.getPlotItem().getViewBox()
        box.setYRange(0, max(top, float(tall.max()) / 3, 1.0) * 1.08, padding=0)
        box.setXRange(float(edges[0]), float(edges[-1]), padding=0.02)

    def show_window(self, ends: tuple[float, float] | None) -> None:
        """Moves the region to the window; hides it where there is none."""
        self.region.setVisible(ends is not None)
        if ends is not None:
            self._silent = True
            try:
                self.region.setRegion(ends)
            finally:
                self._silent = False
