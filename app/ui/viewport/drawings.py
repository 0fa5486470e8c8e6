"""What presentation states draw: lines and texts in their layer's colour, on the pixels that they were put on."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainterPath, QPen, QPolygonF, QTransform

from app.core.presenting import outline
from app.report.picture import layer_colour
from app.ui.viewport import style

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QPainter

    from app.core.presenting import Drawing
    from app.dicom.annotations import Graphic, Text
    from app.ui.viewport.halo import HaloText
    from app.ui.viewport.mapping import Mapping

_POINT = 5.0
"""Half the size of the cross that marks a point, logical pixels."""


class DrawingPainter:
    """Paints drawings; outlines are kept in pixels of the image, and only their place on screen is worked out anew."""

    def __init__(self, text: HaloText) -> None:
        self._text = text
        self._paths: dict[int, tuple[Graphic, float, QPainterPath]] = {}

    def paint(
        self, painter: QPainter, drawings: Sequence[Drawing], aspect: float, mapping: Mapping, font_height: int
    ) -> None:
        """Everything, lowest layer first. ``aspect``: the height of a pixel over its width, as shown."""
        a = mapping.device / mapping.ratio
        # QTransform takes (x, y) of a path, which is (column, row) of the image.
        transform = QTransform(a[0, 1], a[1, 1], a[0, 0], a[1, 0], a[0, 2], a[1, 2])
        scale = max(font_height / 13, 1.0)
        painter.save()
        painter.setRenderHint(painter.RenderHint.Antialiasing)
        for drawing in drawings:
            colour = QColor(*layer_colour(drawing.layer))
            for graphic in drawing.graphics:
                self._graphic(painter, graphic, aspect, transform, colour, scale)
            for text in drawing.texts:
                self._paint_text(painter, text, mapping, colour, font_height, scale)
        painter.restore()

    def _path(self, graphic: Graphic, aspect: float) -> QPainterPath:
        known = self._paths.get(id(graphic))
        if known is not None and known[0] is graphic and known[1] == aspect:
            return known[2]
        path = QPainterPath()
        points = [QPointF(column, row) for row, column in outline(graphic, aspect)]
        path.addPolygon(QPolygonF(points))
        if graphic.filled:
            path.closeSubpath()
        if len(self._paths) > 2000:
            self._paths.clear()
        self._paths[id(graphic)] = (graphic, aspect, path)
        return path

    def _graphic(
        self,
        painter: QPainter,
        graphic: Graphic,
        aspect: float,
        transform: QTransform,
        colour: QColor,
        scale: float,
    ) -> None:
        if graphic.shape == "POINT":
            row, column = graphic.points[0]
            at = transform.map(QPointF(column, row))
            path, reach = QPainterPath(), _POINT * scale
            for dx, dy in ((1, 0), (0, 1)):
                path.moveTo(at.x() - dx * reach, at.y() - dy * reach)
                path.lineTo(at.x() + dx * reach, at.y() + dy * reach)
        else:
            path = transform.map(self._path(graphic, aspect))
        if graphic.filled and graphic.shape != "POINT":
            fill = QColor(colour)
            fill.setAlpha(90)
            painter.fillPath(path, fill)
        _stroke(painter, path, colour, scale)

    def _paint_text(
        self, painter: QPainter, text: Text, mapping: Mapping, colour: QColor, font_height: int, scale: float
    ) -> None:
        face = style.Face(font_height)
        lines = text.text.split("\n")
        line = self._text.line_height(face)
        wide = max(self._text.width(one, face) for one in lines)
        anchor = None if text.anchor is None else mapping.to_widget(text.anchor)
        if text.box is not None:
            room = QRectF(mapping.to_widget(text.box[0]), mapping.to_widget(text.box[1])).normalized()
        elif anchor is not None:
            room = QRectF(anchor.x() + 12 * scale, anchor.y() - line * len(lines) / 2, wide, line * len(lines))
        else:
            return
        if anchor is not None and text.anchor_visible:
            box = QRectF(room.left(), room.top(), max(room.width(), wide), max(room.height(), line * len(lines)))
            near = QPointF(min(max(anchor.x(), box.left()), box.right()), min(max(anchor.y(), box.top()), box.bottom()))
            if QLineF(anchor, near).length() > 3:
                leader = QPainterPath(anchor)
                leader.lineTo(near)
                _stroke(painter, leader, colour, scale * 0.8)
        top = room.top()
        for one in lines:
            width = self._text.width(one, face)
            left = {"CENTER": room.center().x() - width / 2, "RIGHT": room.right() - width}.get(text.align, room.left())
            self._text.draw(painter, left, top, one, face, colour)
            top += line


def _stroke(painter: QPainter, path: QPainterPath, colour: QColor, scale: float) -> None:
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for shade, thick in ((QColor(0, 0, 0, 150), 3.6), (colour, 1.5)):
        pen = QPen(shade, thick * scale, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin)
        painter.setPen(pen)
        painter.drawPath(path)
