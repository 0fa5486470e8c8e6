"""Label maps on the image: a translucent fill and a crisp contour, sampled at the screen's own pixels.

The label under the centre of each screen pixel decides its colour, so edges lie exactly where the label map says at
every zoom, flip and turn, and only what shows is touched. Where the image is minified, a screen pixel takes the highest
label inside it, so that a region of one pixel never vanishes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPointF
from PySide6.QtGui import QImage

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.core.document import Overlay
    from app.core.session import OverlayStyle
    from app.core.view import Affine2
    from inference.types import Label

Box = tuple[int, int, int, int]
"""First row, last row, first column, last column; all inside."""


@dataclass(frozen=True, eq=False)
class Extent:
    """What one plane of an overlay holds: the box around its labels, or ``None``, and which values occur."""

    box: Box | None
    values: frozenset[int]


@dataclass(frozen=True, eq=False)
class Patch:
    """A coloured piece of the screen: ``image`` goes to device pixel (``x``, ``y``); ``pixels`` is its memory."""

    image: QImage
    pixels: npt.NDArray[np.uint32]
    x: int
    y: int

    def position(self, ratio: float) -> QPointF:
        """Its top left corner in logical pixels."""
        return QPointF(self.x / ratio, self.y / ratio)


def shown(overlays: Sequence[Overlay], index: int, style: OverlayStyle) -> tuple[Overlay, ...]:
    """Those of ``overlays`` that are drawn on frame ``index``."""
    return tuple(overlay for overlay in overlays if style.visible and index in overlay.indices)


class OverlayLayer:
    """Colours overlays for the screen and keeps the last picture of each."""

    def __init__(self) -> None:
        self._patches: dict[str, tuple[tuple[object, ...], Overlay, Patch | None]] = {}
        self._extents: dict[tuple[str, int], tuple[Overlay, Extent]] = {}

    def extent(self, overlay: Overlay, index: int) -> Extent:
        """Box and values of the overlay on frame ``index``, found once."""
        known = self._extents.get((overlay.id, index))
        if known is not None and known[0] is overlay:
            return known[1]
        plane = overlay.plane(index)
        extent = _extent_of(plane) if plane is not None else Extent(None, frozenset())
        if len(self._extents) > 4096:
            self._extents.clear()
        self._extents[overlay.id, index] = (overlay, extent)
        return extent

    def legend(self, overlay: Overlay, index: int, style: OverlayStyle) -> tuple[Label, ...]:
        """The labels that are seen on frame ``index``, in the model's order."""
        values = self.extent(overlay, index).values
        return tuple(
            label
            for label in overlay.labels
            if label.value in values and (overlay.id, label.value) not in style.hidden_labels
        )

    def patches(
        self,
        overlays: Sequence[Overlay],
        index: int,
        style: OverlayStyle,
        affine: Affine2,
        size: tuple[int, int],
        ratio: float,
    ) -> list[Patch]:
        """Pictures of ``overlays`` on frame ``index``. ``size``: the viewport's width and height in device pixels."""
        found = []
        for overlay in shown(overlays, index, style):
            key = (index, affine.tobytes(), size, ratio, style.opacity, style.hidden_labels)
            known = self._patches.get(overlay.id)
            if known is None or known[0] != key or known[1] is not overlay:
                known = (key, overlay, self._colour(overlay, index, style, affine, size, ratio))
                self._patches[overlay.id] = known
            if known[2] is not None:
                found.append(known[2])
        for gone in self._patches.keys() - {overlay.id for overlay in overlays}:
            del self._patches[gone]
        return found

    def _colour(
        self, overlay: Overlay, index: int, style: OverlayStyle, affine: Affine2, size: tuple[int, int], ratio: float
    ) -> Patch | None:
        plane, box = overlay.plane(index), self.extent(overlay, index).box
        if plane is None or box is None:
            return None
        line_width = max(1, round(1.5 * ratio))
        sampled = sample(plane, box, affine, size, margin=line_width)
        if sampled is None:
            return None
        labels, x, y = sampled
        edge = boundary(labels, line_width)
        # One table for both: fills at 0–255, contours at 256–511.
        fill, line = _tables(overlay, style)
        pixels = np.concatenate([fill, line])[labels + (edge.astype(np.uint16) << 8)]
        height, width = pixels.shape
        image = QImage(pixels.data, width, height, 4 * width, QImage.Format.Format_ARGB32_Premultiplied)
        image.setDevicePixelRatio(ratio)
        return Patch(image, pixels, x, y)


def _extent_of(plane: npt.NDArray[np.uint8]) -> Extent:
    rows = np.flatnonzero(plane.any(axis=1))
    if rows.size == 0:
        return Extent(None, frozenset())
    inside = plane[rows[0] : rows[-1] + 1]
    columns = np.flatnonzero(inside.any(axis=0))
    box = (int(rows[0]), int(rows[-1]), int(columns[0]), int(columns[-1]))
    # A comparison a value costs a hundredth of a histogram, and a label map holds few values.
    highest = int(inside.max())
    return Extent(box, frozenset(value for value in range(1, highest + 1) if (inside == value).any()))


def _tables(overlay: Overlay, style: OverlayStyle) -> tuple[npt.NDArray[np.uint32], npt.NDArray[np.uint32]]:
    """Premultiplied ARGB for each label value: fill and contour."""
    fill, line = np.zeros(256, dtype=np.uint32), np.zeros(256, dtype=np.uint32)
    for label in overlay.labels:
        if (overlay.id, label.value) not in style.hidden_labels and label.value:
            fill[label.value] = premultiplied(label.colour, style.opacity)
            # The contour stays readable while the fill is faint, and goes with it at 0.
            line[label.value] = premultiplied(label.colour, min(1.0, style.opacity * 2.5))
    return fill, line


def premultiplied(colour: tuple[int, int, int], opacity: float) -> int:
    """An 8-bit colour at an opacity (0–1) as one premultiplied ARGB word."""
    alpha = round(255 * opacity)
    red, green, blue = (round(part * alpha / 255) for part in colour)
    return alpha << 24 | red << 16 | green << 8 | blue


def sample(
    plane: npt.NDArray[np.uint8], box: Box, affine: Affine2, size: tuple[int, int], margin: int
) -> tuple[npt.NDArray[np.uint8], int, int] | None:
    """The labels of ``plane`` at the pixels of the screen, around ``box``: array (height, width) and the device pixel
    of its first element; ``None`` where the box lies outside the screen. ``margin``: pixels to add on each side."""
    turned = affine[0, 1] == 0
    # Which image axis runs along x, and which along y.
    (x_range, y_range) = (box[0:2], box[2:4]) if turned else (box[2:4], box[0:2])
    x_axis = _axis(affine[0, 0] if turned else affine[0, 1], affine[0, 2], x_range, size[0], margin)
    y_axis = _axis(affine[1, 1] if turned else affine[1, 0], affine[1, 2], y_range, size[1], margin)
    if x_axis is None or y_axis is None:
        return None
    (x, xs), (y, ys) = x_axis, y_axis
    source = plane.T if turned else plane
    return _gather(_gather(source, ys, 0), xs, 1), x, y


_Spans = tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]
"""For each screen pixel of an axis the first image pixel that it shows, and the one after the last."""


def _axis(scale: float, shift: float, inside: tuple[int, ...], length: int, margin: int) -> tuple[int, _Spans] | None:
    """First screen pixel and the spans of those that show image pixels ``inside`` (first, last)."""
    edges = sorted((scale * (inside[0] - 0.5) + shift, scale * (inside[1] + 0.5) + shift))
    start, stop = max(int(np.floor(edges[0])) - margin, 0), min(int(np.ceil(edges[1])) + margin, length)
    if start >= stop:
        return None
    at = np.arange(start, stop, dtype=np.float64)
    if abs(scale) >= 1:
        first = np.floor((at + 0.5 - shift) / scale + 0.5).astype(np.intp)
        return start, (first, first + 1)
    ends = np.sort(np.stack([(at - shift) / scale, (at + 1 - shift) / scale]) + 0.5, axis=0)
    first = np.floor(ends[0] + 1e-9).astype(np.intp)
    last = np.ceil(ends[1] - 1e-9).astype(np.intp)
    return start, (first, np.maximum(last, first + 1))


def _gather(plane: npt.NDArray[np.uint8], spans: _Spans, axis: int) -> npt.NDArray[np.uint8]:
    """The highest label of each span along ``axis``; 0 outside the plane."""
    length = plane.shape[axis]
    first, last = spans
    gathered = np.take(plane, np.clip(first, 0, length - 1), axis=axis)
    for step in range(1, int((last - first).max())):
        more = np.take(plane, np.clip(np.minimum(first + step, last - 1), 0, length - 1), axis=axis)
        np.maximum(gathered, more, out=gathered)
    outside = (last <= 0) | (first >= length)
    if outside.any():
        gathered[outside if axis == 0 else (slice(None), outside)] = 0
    return gathered


def boundary(labels: npt.NDArray[np.uint8], width: int) -> npt.NDArray[np.bool_]:
    """Labelled pixels within ``width`` pixels of a different label, along rows and columns."""
    edge = np.zeros(labels.shape, dtype=bool)
    for step in range(1, width + 1):
        if labels.shape[0] > step:
            differs = labels[step:] != labels[:-step]
            edge[step:] |= differs
            edge[:-step] |= differs
        if labels.shape[1] > step:
            differs = labels[:, step:] != labels[:, :-step]
            edge[:, step:] |= differs
            edge[:, :-step] |= differs
    edge &= labels != 0
    return edge
