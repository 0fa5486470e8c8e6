"""The histogram of the region that the reader draws, moves or has selected."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from app.ui.language import tr
from app.ui.viewport.histogram import Histogram, binned
from app.ui.widgets import label, rule

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

_LEAST = 16
"""Bins at the least, however few pixels."""


class RegionHistogram(QWidget):
    """A heading and a plot. The plot is made when the first region is shown: it takes long to import."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(12, 8, 12, 4)
        self._column.setSpacing(4)
        self._column.addWidget(rule())
        self.heading = label("", "small")
        self._column.addWidget(self.heading)
        self._histogram: Histogram | None = None
        self.counts: tuple[npt.NDArray[np.generic], npt.NDArray[np.generic]] | None = None
        """What is shown: counts and bin edges."""
        self.hide()

    def show_values(self, name: str, unit: str, values: npt.NDArray[np.float64] | None) -> None:
        """The values inside a region, one-dimensional; ``None`` hides it."""
        if values is None:
            self.counts = None
            self.hide()
            return
        # As many bins as the pixels can fill: a comb of single pixels says nothing.
        spread = int(values.max() - values.min()) + 1 if bool((values == values.round()).all()) else 256
        self.counts = binned(values, min(spread, 256)) if spread <= 64 else _even(values)
        if self._histogram is None:
            self._histogram = Histogram(self)
            self._histogram.show_window(None)
            self._histogram.plot.setFixedHeight(112)
            self._column.addWidget(self._histogram.plot)
        self._histogram.show_counts(self.counts)
        pixels = tr("{count} pixels", count=f"{values.size:,}".replace(",", "\u2009"))
        self.heading.setText(f"{name}: {pixels}{f', {unit}' if unit else ''}")
        self.setAccessibleName(tr("Histogram of {name}", name=name))
        self.show()


def _even(values: npt.NDArray[np.float64]) -> tuple[npt.NDArray[np.generic], npt.NDArray[np.generic]] | None:
    import numpy as np

    values = values[np.isfinite(values)]
    if not values.size:
        return None
    bins = int(np.clip(2 * values.size ** (1 / 3), _LEAST, 96))
    return np.histogram(values, bins=bins)
