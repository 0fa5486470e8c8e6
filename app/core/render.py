"""One frame as the screen shows it: windowed, resampled to device pixels, touching only what is visible.

Minified pictures are averaged over the area that each screen pixel covers, in stored values and before windowing, so a
single bright pixel dims but never vanishes and a window drag only maps the pixels on screen. Magnified pictures are
windowed first and interpolated bilinearly after, so that the greys between two pixels are greys of the display.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from PIL import Image

from app.core import presenting
from app.core.palettes import table_of
from app.core.stretch import Stretch
from app.core.view import Canvas, View, transform
from app.dicom.voi import Voi, Window

if TYPE_CHECKING:
    from app.dicom.load import SeriesPixels
    from app.dicom.model import Series
    from app.dicom.pixels import Pipeline

Bytes = npt.NDArray[np.uint8]

_STRIP = 32
"""Screen rows that are averaged at a time."""

_COLOUR = Window(128, 256)
"""Stands in for a window where there is none to choose: colour is never windowed."""


@dataclass(frozen=True)
class _Axis:
    """How one image axis lies on screen. ``start``/``stop``: screen pixels whose centre falls on the image.
    ``low``/``high``: the part of the image under them, in pixel edges (0 … n)."""

    start: int
    stop: int
    low: float
    high: float
    reverse: bool

    @property
    def count(self) -> int:
        return max(self.stop - self.start, 0)

    @property
    def minifies(self) -> bool:
        return self.high - self.low > self.count

    @staticmethod
    def of(size: int, scale: float, shift: float, screen: int) -> _Axis:
        """``screen coordinate = scale · image coordinate + shift``; the image covers −0.5 … size − 0.5."""
        ends = sorted((scale * -0.5 + shift, scale * (size - 0.5) + shift))
        start = max(0, int(np.ceil(ends[0] - 0.5)))
        stop = min(screen, int(np.floor(ends[1] - 0.5)) + 1)
        edges = sorted(((start - shift) / scale + 0.5, (stop - shift) / scale + 0.5))
        # The outermost screen pixels may hang over the image's edge by less than half of themselves.
        low, high = (float(np.clip(edge, 0, size)) for edge in edges)
        return _Axis(start, stop, low, high, scale < 0)


class Renderer:
    """Draws frames of one series. Not for use by several threads at once.

    ``interpolate``: bilinear when magnified; otherwise every image pixel is a flat rectangle.
    """

    def __init__(self, series: Series, pixels: SeriesPixels, *, interpolate: bool = True) -> None:
        self._series = series
        self._pixels = pixels
        self.interpolate = interpolate
        self._key: object = None
        self._stretch = Stretch()
        self._averaged: (
            tuple[npt.NDArray[np.generic], npt.NDArray[np.bool_] | None, npt.NDArray[np.bool_] | None] | None
        ) = None
        self._shutter: tuple[object, npt.NDArray[np.bool_] | None] = (None, None)
        self._fill = 0
        self._presented: tuple[object, Pipeline] | None = None

    def image(self, view: View, width: int, height: int) -> Bytes | None:
        """The viewport's pixels: uint8, C-contiguous, shape (height, width), or (height, width, 3) for colour and for
        greys shown through ``view.palette``; black around the image. ``None`` while the frame has not arrived, where it
        cannot be decoded, or while a grey series has no window yet (``view.voi``)."""
        voi = _COLOUR if self._series.is_colour else view.voi
        if voi is None or not self._pixels.is_loaded(view.index):
            return None
        affine = transform(view, Canvas.of(self._series, width, height, view))
        rows_go_down = affine[1, 0] != 0
        row_screen, column_screen = (height, width) if rows_go_down else (width, height)
        row_line, column_line = (1, 0) if rows_go_down else (0, 1)
        rows = _Axis.of(self._series.rows, affine[row_line, 0], affine[row_line, 2], row_screen)
        columns = _Axis.of(self._series.columns, affine[column_line, 1], affine[column_line, 2], column_screen)
        table = None if self._series.is_colour else table_of(view.palette)
        depth = (3,) if self._series.is_colour or table is not None else ()
        whole = (height, width, *depth)
        if not (rows.count and columns.count):
            return np.zeros(whole, dtype=np.uint8)
        picture = self._picture(view, voi, rows, columns)
        if table is not None:
            picture = self._coloured(picture, table, view, rows, columns)
        if rows.reverse:
            picture = picture[::-1]
        if columns.reverse:
            picture = picture[:, ::-1]
        if not rows_go_down:
            picture = picture.swapaxes(0, 1)
        if picture.shape == whole and picture.flags.c_contiguous and picture.flags.owndata:
            return picture
        canvas = np.zeros(whole, dtype=np.uint8)
        y, x = (rows, columns) if rows_go_down else (columns, rows)
        canvas[y.start : y.stop, x.start : x.stop] = picture
        return canvas

    def _picture(self, view: View, voi: Voi, rows: _Axis, columns: _Axis) -> Bytes:
        """The visible part, uint8, shape (rows.count, columns.count[, 3]), along the image's own axes."""
        stages = self._stages(view)
        interpolate = self.interpolate and view.interpolate
        minified = rows.minifies or columns.minifies
        if self._series.is_colour or not minified:
            # Two pixels of margin, so that the interpolation at the border of the crop is that of the whole image.
            crop, covered, box = self._crop(view, rows, columns, margin=2)
            shown = stages.display(crop, voi, invert=view.invert)
            if covered is not None:
                shown = shown.copy() if np.may_share_memory(shown, crop) else shown
                shown[covered] = self._fill
            method = _method(rows, columns, interpolate=interpolate)
            if shown.ndim == 2 and not minified and interpolate:
                return self._stretch(shown, box, (columns.count, rows.count))
            image = Image.fromarray(np.ascontiguousarray(shown))
            return np.asarray(image.resize((columns.count, rows.count), method, box), dtype=np.uint8)
        averaged, padding, under_shutter = self._average(view, rows, columns)
        shown = stages.display(averaged, voi, invert=view.invert)
        if padding is not None:
            shown = np.where(padding, np.uint8(0), shown)
        if under_shutter is not None:
            shown = np.where(under_shutter, np.uint8(self._fill), shown)
        return shown

    def _coloured(self, picture: Bytes, table: Bytes, view: View, rows: _Axis, columns: _Axis) -> Bytes:
        """Greys through a palette; what the shutter covers is no value and keeps its grey."""
        shown = table[picture]
        _, covered, box = self._crop(view, rows, columns, margin=0)
        if covered is not None:
            under = _resized(covered, (columns.count, rows.count), _method(rows, columns, interpolate=False), box)
            shown[under >= 0.5] = self._fill
        return shown

    def _stages(self, view: View) -> Pipeline:
        """The pipeline of the frame, as its presentation state has it."""
        if view.presentation is None:
            return self._pixels.pipeline(view.index)
        key = (view.index, view.presentation)
        if self._presented is None or self._presented[0] != key:
            self._presented = key, presenting.stages(self._pixels, view.index, view.presentation)
        return self._presented[1]

    def _crop(
        self, view: View, rows: _Axis, columns: _Axis, margin: int
    ) -> tuple[npt.NDArray[np.generic], npt.NDArray[np.bool_] | None, tuple[float, float, float, float]]:
        """The stored pixels under the screen, what the shutter covers of them (``None``: nothing), and the box (left,
        upper, right, lower) within them."""
        top = max(int(rows.low) - margin, 0)
        left = max(int(columns.low) - margin, 0)
        bottom, right = int(np.ceil(rows.high)) + margin, int(np.ceil(columns.high)) + margin
        crop = self._pixels.stored[view.index][top:bottom, left:right]
        key = (view.index, view.presentation)
        if self._shutter[0] != key:
            mask, self._fill = presenting.covered(self._series, view.index, view.presentation)
            self._shutter = key, mask
        covered = self._shutter[1]
        covered = None if covered is None else covered[top:bottom, left:right]
        return crop, covered, (columns.low - left, rows.low - top, columns.high - left, rows.high - top)

    def _average(
        self, view: View, rows: _Axis, columns: _Axis
    ) -> tuple[npt.NDArray[np.generic], npt.NDArray[np.bool_] | None, npt.NDArray[np.bool_] | None]:
        """Stored values averaged down to the screen, in the stored type; which screen pixels are mostly padding or
        covered by the shutter; which of them by a shutter that is not black.

        Kept until the frame or the geometry changes: a window drag maps it again and again.
        """
        key = (view.index, rows, columns, view.presentation)
        if self._averaged is None or key != self._key:
            crop, covered, box = self._crop(view, rows, columns, margin=0)
            size = (columns.count, rows.count)
            method = _method(rows, columns, interpolate=True)
            mask = self._pixels.pipeline(view.index).padding_mask(crop)
            if covered is not None:
                mask = covered if mask is None else mask | covered
            padding = None
            if mask is not None and mask.any():
                # Padding is no tissue: it must not bleed into the average of its neighbours.
                weight = _resized(~mask, size, method, box)
                padding = weight < 0.5
                total = _resized(np.where(mask, crop.dtype.type(0), crop), size, method, box)
                mean = np.asarray(total / np.where(padding, np.float32(1), weight), dtype=np.float32)
            else:
                mean = _resized(crop, size, method, box)
            if crop.dtype.kind in "iu":
                limits = np.iinfo(crop.dtype.name)
                mean = np.asarray(np.clip(np.rint(mean), limits.min, limits.max), dtype=np.float32)
            grey = covered is not None and self._fill > 0
            under = _resized(covered, size, method, box) >= 0.5 if covered is not None and grey else None
            self._averaged = mean.astype(crop.dtype), padding, under
            self._key = key
        return self._averaged


def _resized(
    values: npt.NDArray[np.generic],
    size: tuple[int, int],
    method: Image.Resampling,
    box: tuple[float, float, float, float],
) -> npt.NDArray[np.float32]:
    """``box`` (left, upper, right, lower) of ``values`` at ``size`` (columns, rows), float32."""
    left, upper, right, lower = box
    width, height = size
    # A box filter never looks beyond the rows of its own output, so a large picture goes through a few rows at a
    # time: fresh memory for all of it as float32, twice, would cost more than the averaging.
    strip = _STRIP if method is Image.Resampling.BOX else height
    step = (lower - upper) / height
    out = np.empty((height, width), np.float32)
    for start in range(0, height, strip):
        stop = min(start + strip, height)
        top, bottom = upper + start * step, min(upper + stop * step, lower)
        first = int(top)
        part = Image.fromarray(np.asarray(values[first : int(np.ceil(bottom))], dtype=np.float32))
        within = (left, top - first, right, bottom - first)
        out[start:stop] = np.asarray(part.resize((width, stop - start), method, within), dtype=np.float32)
    return out


def _method(rows: _Axis, columns: _Axis, *, interpolate: bool) -> Image.Resampling:
    if rows.minifies and columns.minifies:
        return Image.Resampling.BOX
    if rows.minifies or columns.minifies or interpolate:
        # Pillow widens the triangle along a minified axis, so it averages there and interpolates along the other.
        return Image.Resampling.BILINEAR
    return Image.Resampling.NEAREST
