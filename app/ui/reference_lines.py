"""Where the planes of the other views cut this one, and the point that the reader's pointer is at in another view."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from app.core.linking import PlanePlace, place_of, reference_line
from app.ui.viewport import style

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.ui.viewport.layer import Drag
    from app.ui.viewport.picture import Shown

_ACTIVE = QColor(style.ACCENT)
_OTHER = QColor(255, 255, 255, 110)
_FAR_MM = 2.5


@dataclass(frozen=True)
class Pointed:
    """An image point of this view that is under the pointer in another; ``distance``: mm from this view's plane."""

    row: float
    column: float
    distance: float


class ReferenceLines:
    """The layer of one view. ``pointed``: the point to mark, or ``None``."""

    def __init__(self) -> None:
        self._planes: tuple[tuple[PlanePlace, bool], ...] = ()
        self.pointed: Pointed | None = None

    @property
    def planes(self) -> tuple[tuple[PlanePlace, bool], ...]:
        """The planes whose lines are drawn; whether each is the active view's."""
        return self._planes

    def set_planes(self, planes: tuple[tuple[PlanePlace, bool], ...]) -> bool:
        """Other planes; whether that is worth a redraw."""
        changed = bool(planes) or bool(self._planes)
        self._planes = planes
        return changed

    def paint(self, painter: QPainter, what: Shown) -> None:
        """Lines first, then the point."""
        here = place_of(what.series, what.view.index)
        if here is None or not (self._planes or self.pointed):
            return
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        # The active view's line lies on top.
        for place, active in sorted(self._planes, key=lambda entry: entry[1]):
            line = reference_line(here, place)
            if line is not None:
                one, two = (what.mapping.to_widget(point) for point in line)
                for colour, width in ((style.HALO, 3.0), (_ACTIVE if active else _OTHER, 1.2)):
                    pen = QPen(colour, width)
                    pen.setCapStyle(Qt.PenCapStyle.FlatCap)
                    painter.setPen(pen)
                    painter.drawLine(one, two)
        if self.pointed is not None:
            at = what.mapping.to_widget((self.pointed.row, self.pointed.column))
            # Fainter where the point lies off this plane: it is above or below what is seen.
            colour = QColor(style.ACCENT)
            colour.setAlpha(255 if self.pointed.distance <= _FAR_MM else 120)
            for pen in (QPen(style.HALO, 3.0), QPen(colour, 1.4)):
                painter.setPen(pen)
                for x, y in ((1, 0), (-1, 0), (0, 1), (0, -1)):
                    painter.drawLine(at + QPointF(4 * x, 4 * y), at + QPointF(11 * x, 11 * y))
        painter.restore()

    def paint_legend(self, painter: QPainter, what: Shown, taken: Sequence[QRectF]) -> list[QRectF]:
        """Lines need no legend."""
        return []

    def grab(self, position: QPointF, modifiers: Qt.KeyboardModifier, what: Shown) -> Drag | None:
        """Nothing here can be taken."""
        return None

    def release(self) -> None:
        """Nothing was taken."""

    def cursor(self, position: QPointF, what: Shown) -> Qt.CursorShape | None:
        """The tool's own."""
        return None
