"""The crosshair on one of three planes: lines where the other two cut it, that drag and turn them."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPen

from app.core.linking import place_of
from app.core.planes import PlaneName
from app.ui.viewport import style

if TYPE_CHECKING:
    from collections.abc import Sequence

    import numpy as np
    import numpy.typing as npt

    from app.core.crosshair import Crosshair
    from app.ui.viewport.layer import Drag
    from app.ui.viewport.picture import Shown

COLOURS = {
    PlaneName.AXIAL: QColor("#ff7a70"),
    PlaneName.CORONAL: QColor("#62d585"),
    PlaneName.SAGITTAL: QColor("#ffd24d"),
}
"""The colour of each plane's line, and of the mark in its own corner."""

REACH = 7.0
"""A line is taken this near to it, logical pixels."""
GAP = 16.0
"""Around the point the lines leave the image free; there both are taken at once."""
_TURNS = 0.55
"""Beyond this part of the way to the view's edge a line turns instead of moving."""


class CrosshairLayer(QObject):
    """Draws the lines of plane ``name`` and tells of drags. It reads the crosshair; others change it."""

    moved = Signal(object)
    """The LPS point that the crosshair was dragged to."""
    turned = Signal(float)
    """The other planes turn by this angle, radians, from right towards down."""
    released = Signal()
    """The drag ended."""

    def __init__(self, name: PlaneName, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.name = name
        self.cross: Crosshair | None = None
        self._hovered: PlaneName | None = None

    # -- geometry --------------------------------------------------------------------------------------------------

    def centre(self, what: Shown) -> QPointF:
        """The crosshair's point in the widget."""
        place = place_of(what.series, what.view.index)
        if place is None or self.cross is None:
            return QPointF()
        return what.mapping.to_widget(place.image(self.cross.point))

    def direction(self, other: PlaneName, what: Shown) -> QPointF:
        """Unit vector in the widget along the line of plane ``other``."""
        place = place_of(what.series, what.view.index)
        if place is None or self.cross is None:
            return QPointF(1, 0)
        # Of normal × advance the parts along the plane's own directions, by the rule of triple products.
        advance = self.cross.axes[other][0]
        along_right, along_down = -float(advance @ place.down), float(advance @ place.right)
        end = 10.0 * along_down / place.spacing[0], 10.0 * along_right / place.spacing[1]
        way = what.mapping.to_widget(end) - what.mapping.to_widget((0.0, 0.0))
        length = math.hypot(way.x(), way.y())
        return way / length if length > 1e-9 else QPointF(1, 0)

    def _others(self) -> tuple[PlaneName, ...]:
        return tuple(name for name in PlaneName if name is not self.name)

    # -- painting --------------------------------------------------------------------------------------------------

    def paint(self, painter: QPainter, what: Shown) -> None:
        """Both lines, the borders of a slab, and the grips of the line under the pointer."""
        if self.cross is None:
            return
        centre, reach = self.centre(what), sum(what.size)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for other in self._others():
            way = self.direction(other, what)
            colour = COLOURS[other]
            for pen in (QPen(style.HALO, 3.0), QPen(colour, 1.6 if other is self._hovered else 1.1)):
                painter.setPen(pen)
                for sign in (1, -1):
                    painter.drawLine(centre + way * sign * GAP, centre + way * sign * reach)
            self._paint_slab(painter, other, way, centre, reach, what)
            if other is self._hovered:
                painter.setPen(QPen(style.HALO, 1.0))
                painter.setBrush(colour)
                for grip in self._grips(way, centre, what):
                    painter.drawEllipse(grip, 4.5, 4.5)
                painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(COLOURS[self.name])
        # The plane's own colour, so that its line in the other views is known again.
        painter.drawRoundedRect(QRectF(what.size[0] / 2 - 14, 4, 28, 3), 1.5, 1.5)
        painter.restore()

    def _paint_slab(
        self, painter: QPainter, other: PlaneName, way: QPointF, centre: QPointF, reach: float, what: Shown
    ) -> None:
        spacing = what.series.pixel_spacing
        if self.cross is None or self.cross.slab.thickness <= 0 or spacing is None:
            return
        one, two = (what.mapping.to_widget(point) for point in ((0.0, 0.0), (0.0, 1.0)))
        half = self.cross.slab.thickness / 2 / spacing[1] * math.hypot((two - one).x(), (two - one).y())
        pen = QPen(COLOURS[other], 1.0)
        pen.setDashPattern([4, 4])
        painter.setPen(pen)
        across = QPointF(-way.y(), way.x()) * half
        for side in (across, -across):
            painter.drawLine(centre + side - way * reach, centre + side + way * reach)

    def _grips(self, way: QPointF, centre: QPointF, what: Shown) -> list[QPointF]:
        return [centre + way * sign * self._turn_from(what) * 1.25 for sign in (1, -1)]

    def _turn_from(self, what: Shown) -> float:
        return min(what.size) / 2 * _TURNS

    # -- dragging --------------------------------------------------------------------------------------------------

    def _hit(self, position: QPointF, what: Shown) -> tuple[PlaneName | None, str]:
        """The line under the pointer, and what a drag there does: ``"both"``, ``"one"``, ``"turn"`` or nothing."""
        if self.cross is None:
            return None, ""
        away = position - self.centre(what)
        if math.hypot(away.x(), away.y()) <= GAP:
            return None, "both"
        nearest: tuple[float, PlaneName | None, str] = (REACH, None, "")
        for other in self._others():
            way = self.direction(other, what)
            off = abs(away.x() * way.y() - away.y() * way.x())
            if off < nearest[0]:
                along = abs(away.x() * way.x() + away.y() * way.y())
                nearest = (off, other, "turn" if along > self._turn_from(what) else "one")
        return nearest[1], nearest[2]

    def paint_legend(self, painter: QPainter, what: Shown, taken: Sequence[QRectF]) -> list[QRectF]:
        """Lines need no legend."""
        return []

    def grab(self, position: QPointF, modifiers: Qt.KeyboardModifier, what: Shown) -> Drag | None:
        """A line, its end, or the point; with Shift the point comes to the pointer."""
        other, does = self._hit(position, what)
        if modifiers & Qt.KeyboardModifier.ShiftModifier:
            self._move(position, None, what)
            return lambda to, _: self._move(to, None, what)
        if does == "turn":
            start = [self._angle(position, what)]

            def turn(to: QPointF, _: QPointF) -> None:
                now = self._angle(to, what)
                change = (now - start[0] + math.pi) % (2 * math.pi) - math.pi
                start[0] = now
                if change:
                    self.turned.emit(change)

            return turn
        if does:
            return lambda to, _: self._move(to, other, what)
        return None

    def release(self) -> None:
        """The drag ended."""
        self.released.emit()

    def cursor(self, position: QPointF, what: Shown) -> Qt.CursorShape | None:
        """Marks the line under the pointer."""
        self._hovered, does = self._hit(position, what)
        return {
            "both": Qt.CursorShape.SizeAllCursor,
            "one": Qt.CursorShape.SizeAllCursor,
            "turn": Qt.CursorShape.PointingHandCursor,
        }.get(does)

    def _point(self, position: QPointF, what: Shown) -> npt.NDArray[np.float64] | None:
        place = place_of(what.series, what.view.index)
        if place is None or self.cross is None:
            return None
        point = place.point(*what.mapping.to_image(position))
        # In this plane's own depth the crosshair stays where it is.
        return point + place.normal * place.distance(self.cross.point)

    def _move(self, position: QPointF, line: PlaneName | None, what: Shown) -> None:
        point = self._point(position, what)
        if point is None or self.cross is None:
            return
        if line is not None:
            # The line moves across itself: its plane along its normal.
            advance = self.cross.axes[line][0]
            point = self.cross.point + advance * float((point - self.cross.point) @ advance)
        self.moved.emit(point)

    def _angle(self, position: QPointF, what: Shown) -> float:
        point = self._point(position, what)
        place = place_of(what.series, what.view.index)
        if point is None or place is None or self.cross is None:
            return 0.0
        way = point - self.cross.point
        return math.atan2(float(way @ place.down), float(way @ place.right))
