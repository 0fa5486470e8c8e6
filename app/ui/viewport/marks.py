"""Draws measurements: outline, handles, and a label with a leader that keeps off what is measured."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainterPath, QPen

from app.core.document import LEAST_CORNERS, POINTS_OF, Measurement, MeasurementKind, Place
from app.core.measure import measure
from app.ui.language import shown, tr
from app.ui.viewport import shapes, style

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QPainter

    from app.core.document import Document, Point
    from app.dicom.load import SeriesPixels
    from app.ui.viewport.annotator import Annotator, Scene
    from app.ui.viewport.halo import HaloText

_KEPT = 256
_PLATE_X, _PLATE_Y = 6, 2
"""Room around the words of a label, logical pixels."""
_LIVE_PIXELS = 400_000
"""Regions larger than this get their statistics when the button goes up: counting them would make the pointer lag."""


@dataclass(frozen=True, eq=False)
class _Label:
    """Words that belong to a shape. ``anchor``: the part of it that they stand beside."""

    id: str
    path: QPainterPath
    anchor: QPainterPath
    texts: tuple[str, ...]
    colour: QColor


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
        document: Document,
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
        labels: list[_Label] = []
        for measurement in annotator.shapes_on(scene):
            active = measurement.id in (annotator.selected, annotator.hovered) or measurement is annotator.pending
            colour = style.ACCENT if measurement.id == annotator.selected else style.MEASUREMENT
            path = self._shape(painter, scene, measurement.kind, measurement.points, colour, with_handles=active)
            texts = self._texts(measurement, scene, pixels, document, live=annotator.is_busy)
            labels.append(_Label(measurement.id, path, _anchor(path, scene, measurement), texts, colour))
        drawn = self._draft(painter, scene, annotator, document, pixels)
        if drawn is not None:
            labels.append(drawn)
        # Labels after all shapes, so that no line runs through words; each keeps off every shape, its own above all.
        occupied = list(taken)
        rects: dict[str, QRectF] = {}
        for label in labels:
            near = label.anchor.boundingRect().adjusted(-1, -1, 1, 1)
            if not label.texts or not near.intersects(bounds):
                # A label of what is out of sight would only lie over what is in sight.
                continue
            others = [other.path for other in labels if other is not label]
            rect = self._label(painter, label, near, bounds, occupied, others, font_height)
            rects[label.id] = rect
            occupied.append(rect)
        annotator.label_rects = rects
        painter.restore()

    def _draft(
        self, painter: QPainter, scene: Scene, annotator: Annotator, document: Document, pixels: SeriesPixels
    ) -> _Label | None:
        """Draws what is being drawn."""
        draft = annotator.draft(scene)
        if draft is None:
            return None
        identifier, kind, points = draft
        path = self._shape(painter, scene, kind, points, style.ACCENT, with_handles=True)
        unfinished = annotator.unfinished(scene)
        if kind is MeasurementKind.BIDIRECTIONAL and len(points) < POINTS_OF[kind]:
            place = Place.of(scene.series, scene.index)
            unfinished = Measurement("", MeasurementKind.DISTANCE, place, points[:2])
        texts = () if unfinished is None else self._texts(unfinished, scene, pixels, document, live=True)
        return _Label(identifier, path, path, (*texts, *_hint(kind, len(points))), style.ACCENT)

    def _texts(
        self, measurement: Measurement, scene: Scene, pixels: SeriesPixels, document: Document, *, live: bool
    ) -> tuple[str, ...]:
        by_hand = document.calibration_of(measurement.place)
        key = (measurement.kind, measurement.points, measurement.name, by_hand, scene.series.key, scene.index)
        if key in self._lines:
            return self._lines[key]
        named = (measurement.name,) if measurement.name else ()
        if live and _pixel_count(measurement) > _LIVE_PIXELS:
            geometry = cast("SeriesPixels", _NotArrived())
            return (*named, *map(shown, measure(measurement, scene.series, scene.index, geometry, by_hand).lines))
        if len(self._lines) > _KEPT:
            self._lines.clear()
        lines = measure(measurement, scene.series, scene.index, pixels, by_hand).lines
        self._lines[key] = (*named, *map(shown, lines))
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
        for here, there in shapes.segments(kind, points):
            _add_cap(drawn, scene.mapping.to_widget(here), scene.mapping.to_widget(there), 4 * self._scale, kind)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        scale = self._scale
        for pen_colour, thick in ((QColor(0, 0, 0, 150), 3.6), (colour, 1.5)):
            painter.setPen(
                QPen(
                    pen_colour, thick * scale, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin
                )
            )
            painter.drawPath(drawn)
        if kind is MeasurementKind.COBB and len(points) == POINTS_OF[kind]:
            self._thread(painter, [scene.mapping.to_widget(point) for point in points], colour)
        if with_handles:
            # Hollow, so that the point that is measured stays in sight.
            for pen_colour, thick in ((QColor(0, 0, 0, 170), 3.4), (colour, 1.6)):
                painter.setPen(QPen(pen_colour, thick * scale))
                for end in ends:
                    painter.drawEllipse(end, 4.5 * scale, 4.5 * scale)
        return path

    def _thread(self, painter: QPainter, ends: Sequence[QPointF], colour: QColor) -> None:
        """A dashed line from the middle of one line to that of the other: they belong together."""
        a, b, c, d = ends
        self._dashed(painter, QLineF((a + b) / 2, (c + d) / 2), colour)

    def _dashed(self, painter: QPainter, line: QLineF, colour: QColor) -> None:
        for pen_colour, thick in ((QColor(0, 0, 0, 130), 2.6), (colour, 1.0)):
            pen = QPen(pen_colour, thick, Qt.PenStyle.CustomDashLine)
            pen.setDashPattern([3 / thick, 3 / thick])
            painter.setPen(pen)
            painter.drawLine(line)

    def _label(
        self,
        painter: QPainter,
        label: _Label,
        near: QRectF,
        bounds: QRectF,
        taken: Sequence[QRectF],
        others: Sequence[QPainterPath],
        font_height: int,
    ) -> QRectF:
        font = style.Face(font_height)
        line = self._text.line_height(font)
        wide = max((self._text.width(text, font) for text in label.texts), default=0.0)
        size = QRectF(0, 0, wide + 2 * _PLATE_X, line * len(label.texts) + 2 * _PLATE_Y)
        rect = shapes.place_label(size, near, bounds, taken, others)
        self._leader(painter, label.anchor, rect, label.colour)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(style.PLATE)
        painter.drawRoundedRect(rect, 4, 4)
        left, top = rect.left() + _PLATE_X, rect.top() + _PLATE_Y
        for number, text in enumerate(label.texts):
            self._text.draw(painter, left, top + number * line, text, font, label.colour)
        return rect

    def _leader(self, painter: QPainter, path: QPainterPath, rect: QRectF, colour: QColor) -> None:
        """A thin dashed line from the label to the nearest point of the shape, where they are apart."""
        near = _nearest(path, rect.center())
        to = QPointF(min(max(near.x(), rect.left()), rect.right()), min(max(near.y(), rect.top()), rect.bottom()))
        line = QLineF(near, to)
        if line.length() < 8:
            return
        self._dashed(painter, line, colour)


def _anchor(path: QPainterPath, scene: Scene, measurement: Measurement) -> QPainterPath:
    """What the label stands beside: the shape; of an arrow its tail, of Cobb's angle the middle between its lines."""
    ends = [scene.mapping.to_widget(point) for point in measurement.points]
    anchor = QPainterPath()
    if measurement.kind is MeasurementKind.ARROW:
        anchor.addEllipse(ends[1], 3, 3)
        return anchor
    if measurement.kind is MeasurementKind.COBB:
        anchor.addEllipse((ends[0] + ends[1] + ends[2] + ends[3]) / 4, 3, 3)
        return anchor
    return path


def _hint(kind: MeasurementKind, points: int) -> tuple[str, ...]:
    """What comes next in a drawing of several steps."""
    if kind in shapes.PAIRS and points == 3:
        return (tr("Now draw across it") if kind is MeasurementKind.BIDIRECTIONAL else tr("Now draw the second line"),)
    if kind is MeasurementKind.POLYGON and points > LEAST_CORNERS:
        return (tr("Enter or double click closes"),)
    return ()


def _pixel_count(measurement: Measurement) -> float:
    """Image pixels in the box around a region; 0 for lines, which count none."""
    if not measurement.kind.is_region:
        return 0.0
    rows, columns = zip(*measurement.points, strict=True)
    return (max(rows) - min(rows)) * (max(columns) - min(columns))


def _add_cap(path: QPainterPath, end: QPointF, other: QPointF, reach: float, kind: MeasurementKind) -> None:
    """Short bars across the end of a line, so that it is where the eye thinks it is; across both ends of a diameter."""
    line = QLineF(end, other)
    if line.length() < 1 or kind is MeasurementKind.COBB:
        return
    across = line.normalVector().unitVector()
    dx, dy = across.dx() * reach, across.dy() * reach
    for at in (end, other) if kind is MeasurementKind.BIDIRECTIONAL else (end,):
        path.moveTo(at.x() - dx, at.y() - dy)
        path.lineTo(at.x() + dx, at.y() + dy)


def _nearest(path: QPainterPath, position: QPointF) -> QPointF:
    """The point of the outline that is nearest to ``position``, to within a sixty-fourth of its length."""
    candidates = [path.pointAtPercent(step / 64) for step in range(65)]
    return min(candidates, key=lambda point: QLineF(point, position).length())
