"""Which of a result's heat maps lies over the image, and what it means."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from app.ui import theme
from app.ui.language import shown, tr
from app.ui.widgets import label

if TYPE_CHECKING:
    from collections.abc import Sequence

    from inference.types import HeatMap


class HeatChooser(QWidget):
    """A list of maps, "none" first. Its opacity is that of all overlays."""

    chosen = Signal(str)
    """The map's name; empty for none."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._maps: tuple[HeatMap, ...] = ()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 6, 0, 2)
        column.setSpacing(4)
        line = QHBoxLayout()
        line.setSpacing(theme.SPACE)
        line.addWidget(label(tr("Where it looked"), "quiet"))
        self.box = QComboBox()
        self.box.setAccessibleName(tr("Heat map over the image"))
        self.box.setToolTip(tr("Lays where the model looked over the image. It is no proof of what is there."))
        self.box.currentIndexChanged.connect(self._choose)
        # A list as wide as its longest map would make the card wider than the panel, and its texts too low.
        self.box.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        line.addWidget(self.box, 1)
        column.addLayout(line)
        self._meaning = label("", "small", wrap=True)
        self._meaning.hide()
        column.addWidget(self._meaning)
        # Without this the card gives the wrapped sentence the height of fewer lines.
        policy = self.sizePolicy()
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def offer(self, maps: Sequence[HeatMap]) -> None:
        """The maps that there are; none hides the list."""
        self._maps = tuple(maps)
        self.box.blockSignals(True)
        self.box.clear()
        self.box.addItem(tr("No heat map"), "")
        for heat in self._maps:
            self.box.addItem(shown(heat.name), str(heat.name))
        self.box.blockSignals(False)
        self.setVisible(bool(self._maps))
        self._explain()

    def show_chosen(self, name: str) -> None:
        """The map that lies over the image now."""
        self.box.blockSignals(True)
        self.box.setCurrentIndex(max(0, self.box.findData(name)))
        self.box.blockSignals(False)
        self._explain()

    def _choose(self) -> None:
        self._explain()
        self.chosen.emit(self.box.currentData() or "")

    def _explain(self) -> None:
        name = self.box.currentData()
        meaning = next((heat.meaning for heat in self._maps if heat.name == name), "")
        self._meaning.setText(shown(meaning))
        self._meaning.setVisible(bool(meaning))
