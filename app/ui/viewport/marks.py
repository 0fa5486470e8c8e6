"""Draws measurements: outline, handles, and a label with a leader that keeps off what is measured."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainterPath, QPen

from app.core.document import POINTS_OF, Measurement, Place
from app.core.measure import measure
from app.ui.viewport import shapes, style

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QPainter

    from app.core.document import MeasurementKind, Point
    from app.dicom.load import SeriesPixels
    from app.ui.viewport.annotator import Annotator, Scene
    from app.ui.viewport.halo import HaloText

_KEPT = 256
_PLATE_X, _PLATE_Y = 6, 2
"""Room around the words of a label, logical pixels."""
_LIVE_PIXELS = 400_000
"""Regions larger than this get their statistics when the button goes up: counting them would make the pointer lag."""


class _NotArrived:
    """Stands in for pixels where only geometry is asked."""

    def is_loaded(self, index: int) -> bool:
        return False


class MeasurementPainter:
    """Draws the measurements of a frame and what is being drawn on it. Texts are kept while points stand still."""

    def __init__(self, text: HaloText) -> None:
        self._text = text
        self._scale = 1.0
        self._lines: dict[tuple[object, ...], tuple[str, ...]] = {}

    def forget(self) -> None:
        """Pixels have arrived or another series is shown: texts are worked out anew."""
        self._lines.clear()

    def paint(
        self,
        painter: QPainter,
        scene: Scene,
        annotator: Annotator,
        pixels: SeriesPixels,
        bounds: QRectF,
        taken: Sequence[QRectF],
        font_height: int,
    ) -> None:
        """Draws everything; tells ``annotator`` where the labels went."""
        painter.save()
        painter.setRenderHint(painter.RenderHint.Antialiasing)
        # Lines grow with the text, so that they are seen from where a large screen is read.
        self._scale = max(font_height / 13, 1.0)
        occupied = list(taken)
        rects: dict[str, QRectF] = {}
        for measurement in annotator.shapes_on(scene):
            active = measurement.id in (annotator.selected, annotator.hovered)
            colour = style.ACCENT if measurement.id == annotator.selected else style.MEASUREMENT
            path = self._shape(painter, scene, measurement.kind, measurement.points, colour, with_handles=active)
            texts = self._texts(measurement, scene, pixels, live=annotator.is_busy)
            rect = self._label(painter, path, texts, colour, bounds, occupied, font_height)
            rects[measurement.id] = rect
            occupied.append(rect)
        draft = annotator.draft(scene)
        if draft is not None:
            identifier, kind, points = draft
            path = self._shape(painter, scene, kind, points, style.ACCENT, with_handles=True)
            if len(points) == POINTS_OF[kind] and points[-1] != points[-2]:
                place = Place.of(scene.series, scene.index)
                unfinished = Measurement(identifier, kind, place, points)
                texts = self._texts(unfinished, scene, pixels, live=True)
                self._label(painter, path, texts, style.ACCENT, bounds, occupied, font_height)
        annotator.label_rects = rects
        painter.restore()

    def _texts(self, measurement: Measurement, scene: Scene, pixels: SeriesPixels, *, live: bool) -> tuple[str, ...]:
        key = (measurement.kind, measurement.points, measurement.name, scene.series.key, scene.index)
        if key in self._lines:
            return self._lines[key]
        named = (measurement.name,) if measurement.name else ()
        if live and _pixel_count(measurement) > _LIVE_PIXELS:
            geometry = cast("SeriesPixels", _NotArrived())
            return (*named, *measure(measurement, scene.series, scene.index, geometry).lines)
        if len(self._lines) > _KEPT:
            self._lines.clear()
        self._lines[key] = (*named, *measure(measurement, scene.series, scene.index, pixels).lines)
        return self._lines[key]

    def _shape(
        self,
        painter: QPainter,
        scene: Scene,
        kind: MeasurementKind,
        points: Sequence[Point],
        colour: QColor,
        *,
        with_handles: bool,
    ) -> QPainterPath:
        path = shapes.outline(kind, points, scene.mapping)
        ends = [scene.mapping.to_widget(point) for point in shapes.handles(kind, points)]
        drawn = QPainterPath(path)
        if kind not in shapes.BOXES:
            _add_caps(drawn, ends, 4 * self._scale)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        scale = self._scale
        for pen_colour, thick in ((QColor(0, 0, 0, 150), 3.6), (colour, 1.5)):
            painter.setPen(
                QPen(
                    pen_colour, thick * scale, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin
                )
            )
            painter.drawPath(drawn)
        if with_handles:
            # Hollow, so that the point that is measured stays in sight.
            for pen_colour, thick in ((QColor(0, 0, 0, 170), 3.4), (colour, 1.6)):
                painter.setPen(QPen(pen_colour, thick * scale))
                for end in ends:
                    painter.drawEllipse(end, 4.5 * scale, 4.5 * scale)
        return path

    def _label(
        self,
        painter: QPainter,
        path: QPainterPath,
        texts: Sequence[str],
        colour: QColor,
        bounds: QRectF,
        taken: Sequence[QRectF],
        font_height: int,
    ) -> QRectF:
        font = style.Face(font_height)
        line = self._text.line_height(font)
        wide = max((self._text.width(text, font) for text in texts), default=0.0)
        size = QRectF(0, 0, wide + 2 * _PLATE_X, line * len(texts) + 2 * _PLATE_Y)
        rect = shapes.place_label(size, path.boundingRect(), bounds, taken)
        self._leader(painter, path, rect, colour)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(style.PLATE)
        painter.drawRoundedRect(rect, 4, 4)
        for number, text in enumerate(texts):
            self._text.draw(painter, rect.left() + _PLATE_X, rect.top() + _PLATE_Y + number * line, text, font, colour)
        return rect

    def _leader(self, painter: QPainter, path: QPainterPath, rect: QRectF, colour: QColor) -> None:
        """A thin dashed line from the label to the nearest point of the shape, where they are apart."""
        near = _nearest(path, rect.center())
        to = QPointF(min(max(near.x(), rect.left()), rect.right()), min(max(near.y(), rect.top()), rect.bottom()))
        line = QLineF(near, to)
        if line.length() < 8:
            return
        for pen_colour, thick in ((QColor(0, 0, 0, 130), 2.6), (colour, 1.0)):
            pen = QPen(pen_colour, thick, Qt.PenStyle.CustomDashLine)
            pen.setDashPattern([3 / thick, 3 / thick])
            painter.setPen(pen)
            painter.drawLine(line)


def _pixel_count(measurement: Measurement) -> float:
    """Image pixels in the box around a region; 0 for lines, which count none."""
    if measurement.kind not in shapes.BOXES:
        return 0.0
    (r0, c0), (r1, c1) = measurement.points
    return abs(r1 - r0) * abs(c1 - c0)


def _add_caps(path: QPainterPath, ends: Sequence[QPointF], reach: float) -> None:
    """Short bars across the ends of a line, so that its end is where the eye thinks it is."""
    for end, neighbour in ((ends[0], ends[1]), (ends[-1], ends[-2])) if len(ends) > 1 else ():
        line = QLineF(end, neighbour)
        if line.length() < 1:
            continue
        across = line.normalVector().unitVector()
        dx, dy = across.dx() * reach, across.dy() * reach
        path.moveTo(end.x() - dx, end.y() - dy)
        path.lineTo(end.x() + dx, end.y() + dy)


def _nearest(path: QPainterPath, position: QPointF) -> QPointF:
    """The point of the outline that is nearest to ``position``, to within a sixty-fourth of its length."""
    candidates = [path.pointAtPercent(step / 64) for step in range(65)]
    return min(candidates, key=lambda point: QLineF(point, position).length())
