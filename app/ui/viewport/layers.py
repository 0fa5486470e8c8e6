"""Segments and structures of a study's own objects on the image: a translucent fill for pixels, lines for contours.

Pixels are sampled as those of AI overlays are (``overlay``), each segment by itself, so that segments that overlap both
show. Contours are drawn as the vectors that they are, smooth at every zoom.
"""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPainterPath, QPen, QPolygonF

from app.ui.viewport.overlay import Patch, boundary, premultiplied, sample

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.core.layers import Layer, Outline, Region
    from app.core.session import OverlayStyle
    from app.core.view import Affine2
    from inference.types import Label

_RIM = QColor(0, 0, 0, 120)
_LINE = 1.6
_POINT = 4.0


class LayerPainter:
    """Draws layers, and keeps the last picture of each region and each path."""

    def __init__(self) -> None:
        self._key: object = None
        self._patches: dict[tuple[int, int], tuple[Region, Patch | None]] = {}
        self._paths: dict[int, tuple[Outline, QPainterPath]] = {}

    def paint(
        self,
        painter: QPainter,
        layers: Sequence[Layer],
        index: int,
        style: OverlayStyle,
        affine: Affine2,
        size: tuple[int, int],
        ratio: float,
    ) -> None:
        """What ``layers`` have on frame ``index``. ``size``: of the viewport in device pixels."""
        if not style.visible:
            return
        key = (index, affine.tobytes(), size, ratio, style.opacity)
        if key != self._key:
            self._key = key
            self._patches.clear()
            self._paths.clear()
        for layer in layers:
            colours = {part.value: part.colour for part in layer.parts if shows(layer, part, style)}
            for region in layer.regions.get(index, ()):
                if region.part in colours:
                    self._paint_region(painter, layer, region, colours[region.part], style, affine, size, ratio)
        for layer in layers:
            colours = {part.value: part.colour for part in layer.parts if shows(layer, part, style)}
            lines = [outline for outline in layer.outlines.get(index, ()) if outline.part in colours]
            if lines:
                self._paint_lines(painter, lines, colours, style, affine, ratio)

    def _paint_region(
        self,
        painter: QPainter,
        layer: Layer,
        region: Region,
        colour: tuple[int, int, int],
        style: OverlayStyle,
        affine: Affine2,
        size: tuple[int, int],
        ratio: float,
    ) -> None:
        known = self._patches.get((id(layer), id(region)))
        if known is None:
            known = (region, _patch(layer, region, colour, style, affine, size, ratio))
            self._patches[id(layer), id(region)] = known
        if known[1] is not None:
            painter.drawImage(known[1].position(ratio), known[1].image)

    def _paint_lines(
        self,
        painter: QPainter,
        lines: Sequence[Outline],
        colours: dict[int, tuple[int, int, int]],
        style: OverlayStyle,
        affine: Affine2,
        ratio: float,
    ) -> None:
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        # Lines stay readable while fills are faint, and go with them at 0.
        painter.setOpacity(min(1.0, style.opacity * 2.5))
        for outline in lines:
            known = self._paths.get(id(outline))
            if known is None:
                known = self._paths[id(outline)] = (outline, _path(outline, affine, ratio))
            for pen_colour, width in ((_RIM, _LINE + 1.6), (QColor(*colours[outline.part]), _LINE)):
                pen = QPen(pen_colour, width)
                # Rounding joins that are finer than the line costs a quarter of the time and is not seen.
                pen.setJoinStyle(Qt.PenJoinStyle.BevelJoin)
                painter.strokePath(known[1], pen)
        painter.restore()


def shows(layer: Layer, part: Label, style: OverlayStyle) -> bool:
    """Whether the reader wants to see ``part``."""
    return (layer.uid, part.value) not in style.hidden_labels


def legend(layer: Layer, index: int, style: OverlayStyle) -> tuple[Label, ...]:
    """The parts that are seen on frame ``index``, in the object's order."""
    here = {region.part for region in layer.regions.get(index, ())}
    here |= {outline.part for outline in layer.outlines.get(index, ())}
    return tuple(part for part in layer.parts if part.value in here and shows(layer, part, style))


def _patch(
    layer: Layer,
    region: Region,
    colour: tuple[int, int, int],
    style: OverlayStyle,
    affine: Affine2,
    size: tuple[int, int],
    ratio: float,
) -> Patch | None:
    """The region as a coloured piece of the screen; ``None`` where it lies outside."""
    height, width = region.shape
    shifted = affine.copy()
    shifted[:, 2] += affine[:, 0] * region.top + affine[:, 1] * region.left
    line_width = 0 if layer.is_fractional else max(1, round(1.5 * ratio))
    sampled = sample(region.cover, (0, height - 1, 0, width - 1), shifted, size, margin=line_width)
    if sampled is None:
        return None
    cover, x, y = sampled
    is_hollow = region.part in layer.hollow
    pixels = np.zeros(cover.shape, np.uint32) if is_hollow else _shades(colour, style.opacity)[cover]
    if line_width:
        pixels[boundary(cover, line_width)] = premultiplied(colour, min(1.0, style.opacity * 2.5))
    rows, columns = pixels.shape
    image = QImage(pixels.data, columns, rows, 4 * columns, QImage.Format.Format_ARGB32_Premultiplied)
    image.setDevicePixelRatio(ratio)
    return Patch(image, pixels, x, y)


@lru_cache(maxsize=256)
def _shades(colour: tuple[int, int, int], opacity: float) -> npt.NDArray[np.uint32]:
    """For each share of a pixel that is covered, 0 to 255, the colour that translucent."""
    return np.array([premultiplied(colour, opacity * share / 255) for share in range(256)], dtype=np.uint32)


def _path(outline: Outline, affine: Affine2, ratio: float) -> QPainterPath:
    """The outline in logical pixels."""
    path = QPainterPath()
    for points, closed in outline.strokes:
        screen = (points @ affine[:, :2].T + affine[:, 2]) / ratio
        if len(screen) == 1:
            path.addEllipse(QPointF(*screen[0]), _POINT, _POINT)
            continue
        path.addPolygon(QPolygonF([QPointF(x, y) for x, y in screen.tolist()]))
        if closed:
            path.closeSubpath()
    return path
