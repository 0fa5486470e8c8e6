"""The bar over the views: the slab of planes, and how a fused series looks. It is there only where it has a use."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import (
    QBoxLayout,
    QComboBox,
    QDoubleSpinBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSlider,
    QWidget,
)

from app.core.colour_maps import NAMES
from app.core.fusion import FusionStyle
from app.core.sampling import Projection, Slab
from app.ui import theme
from app.ui.language import shown, tr
from inference.words import say

if TYPE_CHECKING:
    from PySide6.QtGui import QResizeEvent

MOST_MM = 100.0


_MAPS = {"hot": say("Hot"), "ember": say("Ember"), "ice": say("Ice"), "grey": say("Grey")}
"""Colour maps by what they are called on screen."""


class ViewBar(QFrame):
    """Controls of planes and of fusion."""

    slabChanged = Signal(object)
    """The ``Slab`` that is wished for."""
    straighten = Signal()
    """The planes shall lie along the volume again."""
    closePlanes = Signal()
    """No planes any more."""
    fusionChanged = Signal(object)
    """The ``FusionStyle`` that is wished for."""
    closeFusion = Signal()
    """No fusion any more."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("viewBar")
        self._row = row = QHBoxLayout(self)
        row.setContentsMargins(theme.SPACE * 2, theme.SPACE // 2, theme.SPACE * 2, theme.SPACE // 2)
        self.planes, self.fusion = QWidget(self), QWidget(self)
        for part in (self.planes, self.fusion):
            row.addWidget(part, 0, Qt.AlignmentFlag.AlignLeft)
            part.hide()
        row.addStretch(1)
        self._line_up()
        self._setting = False
        self._style = FusionStyle()
        self._make_planes()
        self._make_fusion()
        self.show_planes(None)
        self.show_fusion(None, "", "")

    def _make_planes(self) -> None:
        row = _row(self.planes)
        row.addWidget(QLabel(tr("Slab")))
        self.thickness = QDoubleSpinBox()
        self.thickness.setRange(0.0, MOST_MM)
        self.thickness.setDecimals(1)
        self.thickness.setSuffix(" mm")
        self.thickness.setSpecialValueText(tr("Single plane"))
        self.thickness.setAccessibleName(tr("Thickness of the slab"))
        self.projection = QComboBox()
        for one in Projection:
            self.projection.addItem(shown(one.value), one)
        self.projection.setAccessibleName(tr("How the slab is projected"))
        self.reset = QPushButton(tr("Straighten"))
        self.reset.setToolTip(tr("Planes along the volume again"))
        close = QPushButton(tr("Close planes"))
        for widget in (self.thickness, self.projection, self.reset, close):
            row.addWidget(widget)
        self.thickness.valueChanged.connect(self._tell_slab)
        self.projection.currentIndexChanged.connect(self._tell_slab)
        self.reset.clicked.connect(self.straighten)
        close.clicked.connect(self.closePlanes)

    def _make_fusion(self) -> None:
        row = _row(self.fusion)
        self.fused = QLabel()
        row.addWidget(self.fused)
        self.map = QComboBox()
        for name in NAMES:
            self.map.addItem(shown(_MAPS.get(name, name.title())), name)
        self.map.setAccessibleName(tr("Colour map"))
        self.opacity = QSlider(Qt.Orientation.Horizontal)
        self.opacity.setRange(0, 100)
        self.opacity.setFixedWidth(110)
        self.opacity.setAccessibleName(tr("Opacity of the colours"))
        self.opacity.setToolTip(tr("Opacity"))
        self.high = QDoubleSpinBox()
        self.high.setRange(0.01, 1e9)
        self.high.setDecimals(2)
        self.high.setPrefix(tr("Top "))
        # Not as wide as its largest value would be, which nobody needs.
        self.high.setMaximumWidth(170)
        self.high.setAccessibleName(tr("Value at the top of the colours"))
        close = QPushButton(tr("Close fusion"))
        for widget in (self.map, self.opacity, self.high, close):
            row.addWidget(widget)
        self.map.currentIndexChanged.connect(self._tell_fusion)
        self.opacity.valueChanged.connect(self._tell_fusion)
        self.high.valueChanged.connect(self._tell_fusion)
        close.clicked.connect(self.closeFusion)

    # -- what is shown ---------------------------------------------------------------------------------------------

    def show_planes(self, slab: Slab | None, *, turned: bool = False) -> None:
        """The slab that is in force; ``None`` where there are no planes."""
        self.planes.setVisible(slab is not None)
        if slab is not None:
            self._setting = True
            self.thickness.setValue(slab.thickness)
            self.projection.setCurrentIndex(list(Projection).index(slab.projection))
            self.projection.setEnabled(slab.thickness > 0)
            self.reset.setEnabled(turned)
            self._setting = False
        self._arrange()

    def show_fusion(self, look: FusionStyle | None, name: str, unit: str) -> None:
        """How the fused series ``name`` looks; ``None`` where there is none."""
        self.fusion.setVisible(look is not None)
        if look is not None:
            self._setting = True
            self._style = look
            self.fused.setText(tr("{name} in colour", name=name))
            self.map.setCurrentIndex(NAMES.index(look.map))
            self.opacity.setValue(round(100 * look.opacity))
            self.high.setValue(look.high)
            self.high.setSuffix(f" {unit}" if unit else "")
            self.high.setSingleStep(max(look.high / 20, 0.01))
            self._setting = False
        self._arrange()

    def _arrange(self) -> None:
        self.setVisible(not (self.planes.isHidden() and self.fusion.isHidden()))
        self._line_up()

    def _line_up(self) -> None:
        """Beside each other where there is room for both, else one below the other."""
        both = [part.sizeHint().width() for part in (self.planes, self.fusion) if not part.isHidden()]
        margins = self._row.contentsMargins()
        wide = sum(both) + theme.SPACE * 2 + margins.left() + margins.right() <= self.width()
        way = QBoxLayout.Direction.LeftToRight if wide or len(both) < 2 else QBoxLayout.Direction.TopToBottom
        self._row.setDirection(way)
        self._row.setSpacing(theme.SPACE * 2 if way is QBoxLayout.Direction.LeftToRight else theme.SPACE // 2)
        self.updateGeometry()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Planes and fusion beside each other, or not."""
        super().resizeEvent(event)
        self._line_up()

    def minimumSizeHint(self) -> QSize:
        """As wide as the wider of the two: together they would push a window beyond a laptop's screen."""
        hint, margins = super().minimumSizeHint(), self._row.contentsMargins()
        widest = max(part.minimumSizeHint().width() for part in (self.planes, self.fusion))
        return QSize(min(hint.width(), widest + margins.left() + margins.right()), hint.height())

    def _tell_slab(self) -> None:
        if not self._setting:
            self.slabChanged.emit(Slab(self.thickness.value(), self.projection.currentData()))

    def _tell_fusion(self) -> None:
        if not self._setting:
            high = max(self.high.value(), self._style.low + 0.01)
            look = replace(self._style, map=self.map.currentData(), opacity=self.opacity.value() / 100, high=high)
            self._style = look
            self.fusionChanged.emit(look)


def _row(widget: QWidget) -> QHBoxLayout:
    row = QHBoxLayout(widget)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(theme.SPACE)
    return row
