"""Text that stays readable on any picture: light letters with a dark halo."""

from __future__ import annotations

import math
from collections import OrderedDict

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QImage, QPainter

_PAD = 3
_KEPT = 400
_RING = [
    (QPointF(reach * math.cos(step * math.pi / 4), reach * math.sin(step * math.pi / 4)), QColor(0, 0, 0, alpha))
    for reach, alpha in ((2.0, 45), (1.1, 120))
    for step in range(8)
]


class HaloText:
    """Draws single lines of text. A line is drawn once into a small image and copied afterwards; most lines of a frame
    are those of the frame before."""

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
        painter = QPainter(image)
        painter.setFont(font)
        # Dark copies around the text: a tenth of the time that stroking its outline takes.
        for offset, shade in _RING:
            painter.setPen(shade)
            painter.drawText(base + offset, text)
        painter.setPen(colour)
        painter.drawText(base, text)
        painter.end()
        return image
