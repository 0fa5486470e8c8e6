"""Text that stays readable on any picture: light letters with a dark halo."""

from __future__ import annotations

from collections import OrderedDict

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QImage, QPainter, QPainterPath, QPen

from app.ui.viewport import style

_PAD = 3
_KEPT = 400


class HaloText:
    """Draws single lines of text. A line is stroked once into a small image and copied afterwards, because stroking
    every line in every frame would cost more than the picture does."""

    def __init__(self) -> None:
        self._images: OrderedDict[tuple[str, str, int, float], QImage] = OrderedDict()
        self._metrics: dict[str, QFontMetricsF] = {}

    def metrics(self, font: QFont) -> QFontMetricsF:
        """Font metrics, made once a font."""
        key = font.key()
        if key not in self._metrics:
            self._metrics[key] = QFontMetricsF(font)
        return self._metrics[key]

    def width(self, text: str, font: QFont) -> float:
        """Advance width in logical pixels."""
        return self.metrics(font).horizontalAdvance(text)

    def line_height(self, font: QFont) -> float:
        """From one line to the next, in logical pixels."""
        return float(round(self.metrics(font).height() * 1.08))

    def elide(self, text: str, font: QFont, width: float) -> str:
        """``text``, or its beginning and an ellipsis where it is wider than ``width``."""
        return self.metrics(font).elidedText(text, Qt.TextElideMode.ElideRight, width)

    def draw(self, painter: QPainter, left: float, top: float, text: str, font: QFont, colour: QColor) -> None:
        """Draws ``text`` with its line box's top left corner at a position in logical pixels."""
        if not text:
            return
        ratio = painter.device().devicePixelRatioF()
        key = (text, font.key(), colour.rgba(), ratio)
        image = self._images.get(key)
        if image is None:
            image = self._images[key] = self._make(text, font, colour, ratio)
            if len(self._images) > _KEPT:
                self._images.popitem(last=False)
        else:
            self._images.move_to_end(key)
        # Whole device pixels: a line that lies between them would be drawn soft.
        x, y = (round((value - _PAD) * ratio) / ratio for value in (left, top))
        painter.drawImage(QPointF(x, y), image)

    def _make(self, text: str, font: QFont, colour: QColor, ratio: float) -> QImage:
        metrics = self.metrics(font)
        width, height = metrics.horizontalAdvance(text) + 2 * _PAD + 2, metrics.height() + 2 * _PAD
        image = QImage(round(width * ratio), round(height * ratio), QImage.Format.Format_ARGB32_Premultiplied)
        image.setDevicePixelRatio(ratio)
        image.fill(Qt.GlobalColor.transparent)
        base = QPointF(_PAD, _PAD + metrics.ascent())
        path = QPainterPath()
        path.addText(base, font, text)
        painter = QPainter(image)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.strokePath(
            path, QPen(style.HALO, 3.0, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin)
        )
        painter.setFont(font)
        painter.setPen(colour)
        painter.drawText(base, text)
        painter.end()
        return image
