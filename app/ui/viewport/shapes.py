"""The shapes of measurements in the widget: path, handles, what lies under the pointer, how edits move points."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QPainterPath, QPainterPathStroker

from app.core.document import MeasurementKind
from app.core.lines import with_axis_end
from app.core.scale import Scale

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.core.document import Measurement, Point
    from app.ui.viewport.mapping import Mapping

HANDLE_REACH = 8.0
LINE_REACH = 6.0
"""How near the pointer must come, in logical pixels."""

BOXES = (MeasurementKind.RECTANGLE, MeasurementKind.ELLIPSE)
"""Kinds whose two points are opposite corners of a box."""
OUTLINES = (MeasurementKind.POLYGON, MeasurementKind.FREEHAND)
"""Kinds whose points go round."""
PAIRS = (MeasurementKind.COBB, MeasurementKind.BIDIRECTIONAL)
"""Kinds of two lines apart."""
_CAPPED = (MeasurementKind.DISTANCE, MeasurementKind.ANGLE)
KNOTS = 8
"""Handles of a freehand outline: more would hide it."""
SQUARE = Scale((1.0, 1.0))


@dataclass(frozen=True)
class Hit:
    """What lies under the pointer. ``handle``: its number, or ``None`` for the body (the outline or the label)."""

    measurement: Measurement
    handle: int | None


def segments(kind: MeasurementKind, points: Sequence[Point]) -> tuple[tuple[Point, Point], ...]:
    """The straight lines that are measured from end to end."""
    if kind in PAIRS:
        return tuple((points[at], points[at + 1]) for at in range(0, len(points) - 1, 2))
    return ((points[0], points[1]), (points[-1], points[-2])) if kind in _CAPPED and len(points) > 1 else ()


def handles(kind: MeasurementKind, points: Sequence[Point]) -> tuple[Point, ...]:
    """Points that can be dragged one by one: the defining ones; for a box its four corners; for a freehand outline
    some, evenly spread, that take what lies between them along."""
    if kind in BOXES and len(points) == 2:
        (r0, c0), (r1, c1) = points
        return (r0, c0), (r1, c1), (r0, c1), (r1, c0)
    if kind is MeasurementKind.FREEHAND:
        return tuple(points[knot] for knot in _knots(len(points)))
    return tuple(points)


def _knots(count: int) -> list[int]:
    """Which points of a freehand outline have a handle."""
    knots = min(count, KNOTS)
    return [round(number * count / knots) for number in range(knots)]


def with_handle(
    kind: MeasurementKind, points: Sequence[Point], handle: int, to: Point, scale: Scale = SQUARE
) -> tuple[Point, ...]:
    """``points`` after ``handle`` was dragged to ``to``: a box keeps the opposite corner, the axes of a bidirectional
    measurement stay at right angles in ``scale``."""
    if kind in BOXES:
        (r0, c0), (r1, c1) = points
        moved = {
            0: (to, (r1, c1)),
            1: ((r0, c0), to),
            2: ((to[0], c0), (r1, to[1])),
            3: ((r0, to[1]), (to[0], c1)),
        }
        return moved[handle]
    if kind is MeasurementKind.BIDIRECTIONAL:
        return with_axis_end(scale, points, handle, to)
    if kind is MeasurementKind.FREEHAND:
        return _pulled(points, handle, to)
    return tuple(to if number == handle else point for number, point in enumerate(points))


def _pulled(points: Sequence[Point], handle: int, to: Point) -> tuple[Point, ...]:
    """A freehand outline pulled at a handle: as far as its neighbours, less and less."""
    count, knots = len(points), _knots(len(points))
    held = knots[handle]
    before = (held - knots[handle - 1]) % count or count
    after = (knots[(handle + 1) % len(knots)] - held) % count or count
    rows, columns = to[0] - points[held][0], to[1] - points[held][1]
    moved = list(points)
    for reach, way in ((before, -1), (after, 1)):
        for step in range(1, reach):
            share = (1 + math.cos(math.pi * step / reach)) / 2
            at = (held + way * step) % count
            moved[at] = points[at][0] + rows * share, points[at][1] + columns * share
    moved[held] = to
    return tuple(moved)


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
    if kind in (MeasurementKind.POINT, MeasurementKind.TEXT):
        _add_mark(path, corners[0], cross=kind is MeasurementKind.POINT)
        return path
    if kind in PAIRS:
        for start, end in zip(corners[::2], corners[1::2], strict=False):
            path.moveTo(start)
            path.lineTo(end)
        return path
    path.moveTo(corners[0])
    for corner in corners[1:]:
        path.lineTo(corner)
    if kind in OUTLINES and len(corners) > 2:
        path.closeSubpath()
    elif kind is MeasurementKind.ANGLE and len(corners) == 3:
        _add_arc(path, corners)
    elif kind is MeasurementKind.ARROW and len(corners) == 2:
        _add_head(path, corners[0], corners[1])
    return path


def _add_mark(path: QPainterPath, at: QPointF, *, cross: bool) -> None:
    """A cross that leaves the pixel itself in sight, or the dot that a text hangs on."""
    if not cross:
        path.addEllipse(at, 2.0, 2.0)
        return
    for dx, dy in ((1, 0), (-1, 0), (0, 1), (0, -1)):
        path.moveTo(at.x() + 4 * dx, at.y() + 4 * dy)
        path.lineTo(at.x() + 11 * dx, at.y() + 11 * dy)


def _add_head(path: QPainterPath, tip: QPointF, tail: QPointF) -> None:
    shaft = QLineF(tip, tail)
    if shaft.length() < 1:
        return
    for turn in (-24, 24):
        side = QLineF(shaft)
        side.setLength(min(14.0, shaft.length()))
        side.setAngle(shaft.angle() + turn)
        path.moveTo(tip)
        path.lineTo(side.p2())


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


def place_label(
    size: QRectF,
    shape: QRectF,
    bounds: QRectF,
    taken: Sequence[QRectF],
    others: Sequence[QPainterPath] = (),
    gap: float = 12.0,
) -> QRectF:
    """Where a label of ``size`` goes: beside ``shape``, inside ``bounds``, off the shape, off what is ``taken`` and off
    the ``others``' outlines."""
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
        QRectF(shape.right() + gap, shape.top() - gap - h, w, h),
        QRectF(shape.left() - gap - w, shape.bottom() + gap, w, h),
        QRectF(shape.right() + 4 * gap, middle.y() - h / 2, w, h),
        QRectF(shape.left() - 4 * gap - w, middle.y() - h / 2, w, h),
        QRectF(middle.x() - w / 2, shape.bottom() + 4 * gap, w, h),
        QRectF(middle.x() - w / 2, shape.top() - 4 * gap - h, w, h),
    ]
    best, best_cost = choices[0], float("inf")
    for choice in choices:
        rect = _inside(choice, bounds)
        covered = sum(_area(rect.intersected(other)) for other in taken)
        covered += w * h * sum(0.5 for other in others if other.intersects(rect))
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
