"""The shapes of measurements in the widget: path, handles, what lies under the pointer, how edits move points."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QPainterPath, QPainterPathStroker

from app.core.document import MeasurementKind

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.core.document import Measurement, Point
    from app.ui.viewport.mapping import Mapping

HANDLE_REACH = 8.0
LINE_REACH = 6.0
"""How near the pointer must come, in logical pixels."""

BOXES = (MeasurementKind.RECTANGLE, MeasurementKind.ELLIPSE)
"""Kinds whose two points are opposite corners of a box."""


@dataclass(frozen=True)
class Hit:
    """What lies under the pointer. ``handle``: its number, or ``None`` for the body (the outline or the label)."""

    measurement: Measurement
    handle: int | None


def handles(kind: MeasurementKind, points: Sequence[Point]) -> tuple[Point, ...]:
    """Points that can be dragged one by one: the defining ones, and for a box its four corners."""
    if kind in BOXES and len(points) == 2:
        (r0, c0), (r1, c1) = points
        return (r0, c0), (r1, c1), (r0, c1), (r1, c0)
    return tuple(points)


def with_handle(kind: MeasurementKind, points: Sequence[Point], handle: int, to: Point) -> tuple[Point, ...]:
    """``points`` after ``handle`` was dragged to ``to``; a box keeps the opposite corner."""
    if kind in BOXES:
        (r0, c0), (r1, c1) = points
        moved = {
            0: (to, (r1, c1)),
            1: ((r0, c0), to),
            2: ((to[0], c0), (r1, to[1])),
            3: ((r0, to[1]), (to[0], c1)),
        }
        return moved[handle]
    return tuple(to if number == handle else point for number, point in enumerate(points))


def shifted(points: Sequence[Point], rows: float, columns: float) -> tuple[Point, ...]:
    """``points`` moved as one."""
    return tuple((row + rows, column + columns) for row, column in points)


def outline(kind: MeasurementKind, points: Sequence[Point], mapping: Mapping) -> QPainterPath:
    """The shape in the widget. Fewer points than the kind needs give what there is so far."""
    corners = [mapping.to_widget(point) for point in points]
    path = QPainterPath()
    if not corners:
        return path
    if kind in BOXES and len(corners) == 2:
        # Flips and quarter turns keep axes parallel, so a box of the image is a box of the screen.
        box = QRectF(corners[0], corners[1]).normalized()
        if kind is MeasurementKind.ELLIPSE:
            path.addEllipse(box)
        else:
            path.addRect(box)
        return path
    path.moveTo(corners[0])
    for corner in corners[1:]:
        path.lineTo(corner)
    if kind is MeasurementKind.ANGLE and len(corners) == 3:
        _add_arc(path, corners)
    return path


def _add_arc(path: QPainterPath, corners: Sequence[QPointF]) -> None:
    first, second = QLineF(corners[1], corners[0]), QLineF(corners[1], corners[2])
    radius = min(22.0, 0.4 * min(first.length(), second.length()))
    if radius < 3:
        return
    sweep = first.angleTo(second)
    if sweep > 180:
        sweep -= 360
    box = QRectF(-radius, -radius, 2 * radius, 2 * radius).translated(corners[1])
    path.arcMoveTo(box, first.angle())
    path.arcTo(box, first.angle(), sweep)


def hit(measurement: Measurement, mapping: Mapping, position: QPointF) -> Hit | None:
    """What of ``measurement`` lies under ``position``; handles come before the outline."""
    for number, point in enumerate(handles(measurement.kind, measurement.points)):
        if QLineF(mapping.to_widget(point), position).length() <= HANDLE_REACH:
            return Hit(measurement, number)
    stroker = QPainterPathStroker()
    stroker.setWidth(2 * LINE_REACH)
    stroker.setCapStyle(Qt.PenCapStyle.RoundCap)
    if stroker.createStroke(outline(measurement.kind, measurement.points, mapping)).contains(position):
        return Hit(measurement, None)
    return None


def place_label(size: QRectF, shape: QRectF, bounds: QRectF, taken: Sequence[QRectF], gap: float = 12.0) -> QRectF:
    """Where a label of ``size`` goes: beside ``shape``, inside ``bounds``, off the shape and off what is ``taken``."""
    w, h = size.width(), size.height()
    middle = shape.center()
    choices = [
        QRectF(shape.right() + gap, middle.y() - h / 2, w, h),
        QRectF(shape.right() + gap, shape.top() - h / 2, w, h),
        QRectF(shape.left() - gap - w, middle.y() - h / 2, w, h),
        QRectF(middle.x() - w / 2, shape.bottom() + gap, w, h),
        QRectF(middle.x() - w / 2, shape.top() - gap - h, w, h),
        QRectF(shape.right() + gap, shape.bottom() + gap, w, h),
        QRectF(shape.left() - gap - w, shape.top() - gap - h, w, h),
    ]
    best, best_cost = choices[0], float("inf")
    for choice in choices:
        rect = _inside(choice, bounds)
        covered = sum(_area(rect.intersected(other)) for other in taken)
        # Covering what is measured is the worst; being pushed from the place that was meant comes last.
        pushed = QLineF(rect.topLeft(), choice.topLeft()).length()
        cost = 4 * _area(rect.intersected(shape)) + 2 * covered + pushed
        if cost < best_cost:
            best, best_cost = rect, cost
        if cost == 0:
            break
    return best


def _inside(rect: QRectF, bounds: QRectF) -> QRectF:
    x = min(max(rect.x(), bounds.left()), max(bounds.right() - rect.width(), bounds.left()))
    y = min(max(rect.y(), bounds.top()), max(bounds.bottom() - rect.height(), bounds.top()))
    return QRectF(x, y, rect.width(), rect.height())


def _area(rect: QRectF) -> float:
    return rect.width() * rect.height() if rect.isValid() else 0.0
