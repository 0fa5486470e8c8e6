"""Values over the image as colours, and the bar that says which colour is which value."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QImage, QLinearGradient, QPainter

from app.ui.viewport import style as looks
from app.ui.viewport.overlay import Patch, premultiplied, sample
from app.ui.viewport.style import Face

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.core.session import OverlayStyle
    from app.core.view import Affine2
    from app.core.wash import Wash
    from app.ui.viewport.halo import HaloText

_BAR = 10.0
_TICK = 4.0


class WashPainter:
    """Draws washes, and keeps the last picture of each."""

    def __init__(self, text: HaloText) -> None:
        self._text = text
        self._patches: dict[str, tuple[object, Wash, Patch | None]] = {}

    def paint(
        self,
        painter: QPainter,
        washes: Sequence[Wash],
        index: int,
        style: OverlayStyle,
        affine: Affine2,
        size: tuple[int, int],
        ratio: float,
    ) -> None:
        """What ``washes`` have on frame ``index``. ``size``: of the viewport in device pixels."""
        for wash in washes if style.visible else ():
            if not wash.is_quick and not wash.is_ready(index):
                # A job is fetching it; it says when it is there.
                continue
            threshold = style.threshold_of(wash)
            key = (index, affine.tobytes(), size, ratio, style.opacity, threshold)
            known = self._patches.get(wash.uid)
            if known is None or known[0] != key or known[1] is not wash:
                known = (key, wash, _patch(wash, index, threshold, style.opacity, affine, size, ratio))
                self._patches[wash.uid] = known
            if known[2] is not None:
                painter.drawImage(known[2].position(ratio), known[2].image)
        for gone in self._patches.keys() - {wash.uid for wash in washes}:
            del self._patches[gone]

    def paint_legend(
        self, painter: QPainter, washes: Sequence[Wash], style: OverlayStyle, size: tuple[float, float]
    ) -> list[QRectF]:
        """A bar for each wash on the right, below the middle; returns where they lie."""
        width, height = size
        pixels = looks.text_height(round(width), round(height))
        font, line = Face(pixels), self._text.line_height(Face(pixels))
        tall = min(height * 0.28, 220.0)
        right, top = width - looks.EDGE_RIGHT, height / 2 + 1.6 * line
        taken = []
        for wash in washes if style.visible and tall >= 4 * line else ():
            threshold = style.threshold_of(wash)
            bar = QRectF(right - _BAR, top + 1.4 * line, _BAR, tall - 1.4 * line)
            painter.fillRect(bar.adjusted(-1, -1, 1, 1), looks.HALO)
            gradient = QLinearGradient(bar.bottomLeft(), bar.topLeft())
            for place, colour in wash.colours:
                gradient.setColorAt(place, QColor(*colour))
            painter.fillRect(bar, gradient)
            span = wash.high - wash.low or 1.0
            hidden = min(max((threshold - wash.low) / span, 0.0), 1.0) * bar.height()
            # What is not drawn has no colour on the bar either.
            painter.fillRect(QRectF(bar.left(), bar.bottom() - hidden, bar.width(), hidden), QColor(0, 0, 0, 190))
            values = [wash.high, wash.low + span / 2, wash.low]
            widest = 0.0
            for value in values:
                y = bar.bottom() - (value - wash.low) / span * bar.height()
                text = value_text(value, span)
                wide = self._text.width(text, font)
                widest = max(widest, wide)
                self._text.draw(painter, bar.left() - 6 - wide, y - line / 2, text, font, looks.TEXT)
            title = "  ·  ".join(part for part in (wash.quantity, wash.unit) if part)
            title = self._text.elide(title, font, width / 3)
            wide = self._text.width(title, font)
            self._text.draw(painter, right - wide, top, title, font, looks.TEXT)
            box = QRectF(right - max(wide, _BAR + 6 + widest), top, max(wide, _BAR + 6 + widest), tall + line / 2)
            taken.append(box)
            right = box.left() - 18
        return taken


def value_text(value: float, span: float) -> str:
    """A value with as many decimals as its range asks for."""
    if span >= 100:
        return f"{value:.0f}"
    if span >= 10:
        return f"{value:.1f}"
    return f"{value:.2f}" if span >= 1 else f"{value:.3g}"


def _patch(
    wash: Wash,
    index: int,
    threshold: float,
    opacity: float,
    affine: Affine2,
    size: tuple[int, int],
    ratio: float,
) -> Patch | None:
    shades = wash.shades(index, threshold)
    if shades is None or not shades.any():
        return None
    rows, columns = np.flatnonzero(shades.any(axis=1)), np.flatnonzero(shades.any(axis=0))
    box = (int(rows[0]), int(rows[-1]), int(columns[0]), int(columns[-1]))
    sampled = sample(shades, box, affine, size, margin=0)
    if sampled is None:
        return None
    numbers, x, y = sampled
    pixels = _table(wash, opacity)[numbers]
    height, width = pixels.shape
    image = QImage(pixels.data, width, height, 4 * width, QImage.Format.Format_ARGB32_Premultiplied)
    image.setDevicePixelRatio(ratio)
    return Patch(image, pixels, x, y)


def _table(wash: Wash, opacity: float) -> npt.NDArray[np.uint32]:
    """Premultiplied ARGB for each colour number; 0 is nothing."""
    colours = [premultiplied(wash.colour_of((number - 1) / 254), opacity) for number in range(1, 256)]
    return np.array([0, *colours], dtype=np.uint32)
