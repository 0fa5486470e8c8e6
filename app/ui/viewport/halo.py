"""Text that stays readable on any picture: light letters with a dark halo."""

from __future__ import annotations

import math
from collections import OrderedDict
from functools import lru_cache
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QImage, QPainter

from app.ui.viewport import style

if TYPE_CHECKING:
    from app.ui.viewport.style import Face

_PAD = 3
_KEPT = 400
_RING = [
    (
        QPointF(reach * math.cos(math.tau * step / steps), reach * math.sin(math.tau * step / steps)),
        QColor(0, 0, 0, alpha),
    )
    for reach, steps, alpha in ((2.0, 6, 60), (1.1, 8, 120))
    for step in range(steps)
]


@lru_cache(maxsize=64)
def _metrics(face: Face) -> QFontMetricsF:
    return QFontMetricsF(style.font(*face))


@lru_cache(maxsize=2048)
def _width(text: str, face: Face) -> float:
    return _metrics(face).horizontalAdvance(text)


@lru_cache(maxsize=2048)
def _elided(text: str, face: Face, width: float) -> str:
    return _metrics(face).elidedText(text, Qt.TextElideMode.ElideRight, width)


@lru_cache(maxsize=64)
def _line_height(face: Face) -> float:
    return float(round(_metrics(face).height() * 1.08))


class HaloText:
    """Draws single lines of text. A line is drawn once into a small image and copied afterwards; most lines of a frame
    are those of the frame before."""

    def __init__(self) -> None:
        self._images: OrderedDict[tuple[str, Face, int, float], QImage] = OrderedDict()

    def width(self, text: str, face: Face) -> float:
        """Advance width in logical pixels."""
        return _width(text, face)

    def line_height(self, face: Face) -> float:
        """From one line to the next, in logical pixels."""
        return _line_height(face)

    def elide(self, text: str, face: Face, width: float) -> str:
        """``text``, or its beginning and an ellipsis where it is wider than ``width``."""
        return _elided(text, face, width)

    def draw(self, painter: QPainter, left: float, top: float, text: str, face: Face, colour: QColor) -> None:
        """Draws ``text`` with its line box's top left corner at a position in logical pixels."""
        if not text:
            return
        ratio = painter.device().devicePixelRatioF()
        key = (text, face, colour.rgba(), ratio)
        image = self._images.get(key)
        if image is None:
            image = self._images[key] = _drawn(text, face, colour, ratio)
            if len(self._images) > _KEPT:
                self._images.popitem(last=False)
        else:
            self._images.move_to_end(key)
        # Whole device pixels: a line that lies between them would be drawn soft.
        painter.drawImage(QPointF(round((left - _PAD) * ratio) / ratio, round((top - _PAD) * ratio) / ratio), image)


def _drawn(text: str, face: Face, colour: QColor, ratio: float) -> QImage:
    metrics = _metrics(face)
    width, height = _width(text, face) + 2 * _PAD + 2, metrics.height() + 2 * _PAD
    image = QImage(round(width * ratio), round(height * ratio), QImage.Format.Format_ARGB32_Premultiplied)
    image.setDevicePixelRatio(ratio)
    image.fill(Qt.GlobalColor.transparent)
    base = QPointF(_PAD, _PAD + metrics.ascent())
    painter = QPainter(image)
    painter.setFont(style.font(*face))
    # Dark copies around the text: a tenth of the time that stroking its outline takes.
    for offset, shade in _RING:
        painter.setPen(shade)
        painter.drawText(base + offset, text)
    painter.setPen(colour)
    painter.drawText(base, text)
    painter.end()
    return image
