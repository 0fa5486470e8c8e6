"""From stored values to the screen: the grayscale and colour pipelines of one frame (PS3.3 C.11, PS3.4 N.2).

stored value → padding test → Modality LUT or rescale → VOI LUT or window → inversion, once. Colour goes round all of
it.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from app.dicom import header, luts
from app.dicom.frames import Groups
from app.dicom.real_world import RealWorldMap, real_world_maps
from app.dicom.units import rescale
from app.dicom.voi import Lut, Voi, Window, WindowFunction

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pydicom import Dataset

    from app.dicom.codecs import FrameSpec
    from app.dicom.load import SeriesPixels
    from app.dicom.model import Series

Array = npt.NDArray[Any]
Float32 = npt.NDArray[np.float32]
UInt8 = npt.NDArray[np.uint8]

LOW_PERCENTILE, HIGH_PERCENTILE = 0.5, 99.5
SAMPLED_SLICES = 16


@dataclass(frozen=True, eq=False)
class DisplayLut:
    """8-bit grey by stored value: ``table[stored - first]``, for stored integers of up to 16 bits."""

    table: UInt8
    first: int

    @cached_property
    def _by_bits(self) -> UInt8:
        # Signed values indexed by their bit pattern: no subtraction, no temporary array.
        return np.roll(self.table, self.first)

    def apply(self, stored: Array) -> UInt8:
        """Grey values 0–255 of ``stored``, any shape, of the dtype that the table was made for."""
        if self.first == 0:
            return np.take(self.table, stored)
        return np.take(self._by_bits, stored.view(f"u{stored.dtype.itemsize}"))


@dataclass(frozen=True, eq=False)
class Pipeline:
    """How one frame's stored values become modality values and pixels on a screen.

    ``modality_lut`` replaces ``slope`` and ``intercept``. ``padding``: inclusive range of stored values that are no
    image. ``inverse``: MONOCHROME1 or Presentation LUT Shape INVERSE. ``palette``: shape (values, 3), for PALETTE
    COLOR, from stored value ``palette_first`` on. ``is_colour``: frames are RGB or have a palette; then nothing before
    ``palette`` applies. ``unit``: of modality values. ``real_world``: what else the file says that stored values mean,
    where that is more than the modality values say. ``presentation_lut``: of a presentation state, after the window,
    instead of ``inverse``; its first entry is for black.
    """

    slope: float
    intercept: float
    modality_lut: Lut | None
    padding: tuple[float, float] | None
    windows: tuple[Window, ...]
    voi_luts: tuple[Lut, ...]
    inverse: bool
    unit: str
    is_colour: bool
    palette: UInt8 | None
    bits_stored: int
    stored_dtype: np.dtype[np.generic]
    palette_first: int = 0
    real_world: tuple[RealWorldMap, ...] = ()
    presentation_lut: Lut | None = None

    def modality(self, stored: Array) -> Float32:
        """Modality values in ``unit``, float32, shape of ``stored`` (PS3.3 C.11.1)."""
        if self.modality_lut is not None:
            return self.modality_lut.entries(stored).astype(np.float32)
        # Float32 from the start where that is exact anyway: half the memory of the way through float64.
        reach = abs(self.slope) * 2**16 + abs(self.intercept)
        whole = self.slope == int(self.slope) and self.intercept == int(self.intercept)
        if stored.dtype.kind in "iu" and stored.dtype.itemsize <= 2 and whole and reach < 2**24:
            values = stored.astype(np.float32)
            values *= np.float32(self.slope)
            values += np.float32(self.intercept)
            return values
        with np.errstate(over="ignore"):
            return self._exact(stored).astype(np.float32)

    def _exact(self, stored: Array) -> npt.NDArray[np.float64]:
        if self.modality_lut is not None:
            return self.modality_lut.entries(stored).astype(np.float64)
        values = stored.astype(np.float64)
        if self.slope != 1.0:
            values *= self.slope
        if self.intercept != 0.0:
            values += self.intercept
        return values

    def padding_mask(self, stored: Array) -> npt.NDArray[np.bool_] | None:
        """Where ``stored`` is padding, not image (PS3.3 C.7.5.1.1.2); ``None`` where the image has none."""
        if self.padding is None or self.is_colour:
            return None
        low, high = self.padding
        return np.asarray((stored >= low) & (stored <= high))

    def default_window(self) -> Voi | None:
        """The file's first window, else its first VOI LUT, else ``None``."""
        if self.windows:
            return self.windows[0]
        return self.voi_luts[0] if self.voi_luts else None

    def lookup_table(self, voi: Voi, *, invert: bool = False) -> DisplayLut:
        """The whole pipeline as one table over the stored type. Raises ``ValueError`` for more than 16 bits or
        colour.
        """
        dtype = self.stored_dtype
        if dtype.kind not in "iu" or dtype.itemsize > 2 or self.is_colour:
            raise ValueError(f"no lookup table for {dtype}{' colour' if self.is_colour else ''}")
        count = 2 ** (8 * dtype.itemsize)
        first = -count // 2 if dtype.kind == "i" else 0
        stored = np.arange(first, first + count, dtype=np.int32).astype(dtype)
        return DisplayLut(self._grey(stored, voi, invert), first)

    def display(self, stored: Array, voi: Voi, *, invert: bool = False) -> UInt8:
        """What the screen shows of one frame: grey (rows, columns), or RGB (rows, columns, 3) for colour.

        Grey = floor(255·y + 0.5). ``invert``: on the reader's wish, on top of the image's own inversion. Padding is
        black either way. ``voi`` does not touch colour.
        """
        if self.is_colour:
            rgb = self._colour(stored)
            return np.asarray(255 - rgb, dtype=np.uint8) if invert else rgb
        has_table = stored.dtype == self.stored_dtype and stored.dtype.kind in "iu" and stored.dtype.itemsize <= 2
        # A table costs as much as 65,536 pixels: small pictures are faster without.
        if has_table and stored.size > 2 ** (8 * stored.dtype.itemsize):
            return self._shared_table(voi, invert).apply(stored)
        return self._grey(stored, voi, invert)

    def _shared_table(self, voi: Voi, invert: bool) -> DisplayLut:
        """``lookup_table``, made once for all frames that are shown alike."""
        look = (self.slope, self.intercept, self.modality_lut, self.padding, self.inverse, self.presentation_lut)
        return _table(*look, self.stored_dtype, voi, invert)

    def presentation(self, stored: Array, voi: Voi, *, invert: bool = False) -> npt.NDArray[np.float64]:
        """Presentation values 0–1 of a grey frame, shape of ``stored``: after VOI and inversion; padding and NaN are
        0.
        """
        values = self._exact(stored)
        unknown = np.isnan(values) if stored.dtype.kind == "f" else None
        if unknown is not None:
            values[unknown] = 0.0
        # Numbers of floating point may be too large to count with: they lie beyond any window all the same.
        with np.errstate(over="ignore"):
            y = voi.apply(values)
        if self.presentation_lut is not None:
            table = self.presentation_lut
            # The range of the window is that of the table's input, from 0 on (PS3.3 C.11.6.1.1).
            y = table.apply(np.floor(y * (len(table.table) - 1) + 0.5))
            y = 1.0 - y if invert else y
        elif self.inverse != invert:
            y = 1.0 - y
        padding = self.padding_mask(stored)
        if padding is not None:
            y[padding] = 0.0
        if unknown is not None:
            y[unknown] = 0.0
        return y

    def _grey(self, stored: Array, voi: Voi, invert: bool) -> UInt8:
        return np.asarray(np.floor(255.0 * self.presentation(stored, voi, invert=invert) + 0.5), dtype=np.uint8)

    def _colour(self, stored: Array) -> UInt8:
        if self.palette is not None:
            index = stored.astype(np.int32) - self.palette_first if self.palette_first else stored
            return np.asarray(self.palette[np.clip(index, 0, len(self.palette) - 1)])
        if stored.dtype == np.uint8 and self.bits_stored == 8:
            return np.asarray(stored, dtype=np.uint8)
        if self.bits_stored < 8:
            return np.asarray(stored.astype(np.uint16) * 255 // (2**self.bits_stored - 1), dtype=np.uint8)
        return np.asarray(stored.astype(np.uint32) >> (self.bits_stored - 8), dtype=np.uint8)


@lru_cache(maxsize=32)
def _table(
    slope: float,
    intercept: float,
    modality_lut: Lut | None,
    padding: tuple[float, float] | None,
    inverse: bool,
    presentation_lut: Lut | None,
    stored_dtype: np.dtype[np.generic],
    voi: Voi,
    invert: bool,
) -> DisplayLut:
    """The table of every frame with these stages: scrolling through a stack asks for the same one each time."""
    stages = Pipeline(
        slope=slope,
        intercept=intercept,
        modality_lut=modality_lut,
        padding=padding,
        windows=(),
        voi_luts=(),
        inverse=inverse,
        unit="",
        is_colour=False,
        palette=None,
        bits_stored=8 * stored_dtype.itemsize,
        stored_dtype=stored_dtype,
        presentation_lut=presentation_lut,
    )
    return stages.lookup_table(voi, invert=invert)


def pipeline(series: Series, index: int) -> Pipeline:
    """The pipeline of frame ``index`` (in sorted order), with its own rescale and window where it has them."""
    key = series.frames[index]
    instance = series.instances[key.instance]
    dataset = instance.header
    spec = instance.spec
    groups = Groups(dataset)
    transform = groups.holder(key.frame, "PixelValueTransformationSequence")
    slope, intercept = rescale(transform)
    table = None if slope is not None else luts.modality_lut(dataset, signed=spec.signed)
    factor = series.value_factors[key.instance] if series.value_factors else 1.0
    slope = (1.0 if slope is None else slope) * factor
    intercept *= factor
    ends = np.array([-(2.0 ** (spec.bits_stored - 1)), 2.0 ** (spec.bits_stored - 1) - 1])
    ends = slope * (ends if spec.signed else ends - ends[0]) + intercept
    is_palette = series.photometric == "PALETTE COLOR"
    is_colour = spec.samples == 3 or is_palette
    shape = header.code(dataset, "PresentationLUTShape").upper()
    maps = () if is_colour else real_world_maps(groups, key.frame, signed=spec.signed)
    return Pipeline(
        slope=slope,
        intercept=intercept,
        modality_lut=table,
        padding=_padding(dataset, spec),
        windows=_windows(groups.holder(key.frame, "FrameVOILUTSequence"), factor),
        # The first value mapped is signed where what comes in can be (PS3.3 C.11.2.1.1). Tables are for the file's own
        # unit, and their steps of one cannot be scaled.
        voi_luts=luts.voi_luts(dataset, signed=table is None and bool(ends.min() < 0)) if factor == 1.0 else (),
        inverse=not is_colour and (series.photometric == "MONOCHROME1" or shape == "INVERSE"),
        unit=series.unit,
        is_colour=is_colour,
        palette=luts.palette(dataset, spec.bits_allocated, signed=spec.signed) if is_palette else None,
        bits_stored=spec.bits_stored,
        stored_dtype=spec.dtype,
        palette_first=-(2 ** (spec.bits_allocated - 1)) if is_palette and spec.signed else 0,
        real_world=tuple(
            one for one in maps if table is not None or not one.says_no_more_than(slope, intercept, series.unit)
        ),
    )


def _padding(dataset: Dataset, spec: FrameSpec) -> tuple[float, float] | None:
    """Pixel Padding Value, with Pixel Padding Range Limit where there is one, in either order (PS3.3 C.7.5.1.1.2).

    Pixels of floating point have attributes of their own (PS3.3 C.7.6.24, C.7.6.25).
    """
    if spec.kind != "int":
        prefix = "Float" if spec.kind == "float" else "DoubleFloat"
        # Often the largest number of its type.
        one = header.number(dataset, f"{prefix}PixelPaddingValue", limit=math.inf)
        other = header.number(dataset, f"{prefix}PixelPaddingRangeLimit", limit=math.inf)
        if one is None:
            return None
        other = one if other is None else other
        return min(one, other), max(one, other)
    values = header.words(dataset, "PixelPaddingValue")
    if len(values) != 1:
        return None
    limits = header.words(dataset, "PixelPaddingRangeLimit") or values
    both = [value - 0x10000 if spec.signed and value >= 0x8000 else value for value in (values[0], limits[0])]
    return min(both), max(both)


def _windows(dataset: Dataset, factor: float) -> tuple[Window, ...]:
    """All usable windows; widths that their function does not allow are left out (PS3.3 C.11.2.1.2).

    ``factor``: from the file's own unit, in which its windows are, to that of the pipeline.
    """
    centers, widths = header.numbers(dataset, "WindowCenter"), header.numbers(dataset, "WindowWidth")
    names = header.text(dataset, "WindowCenterWidthExplanation").split("\\")
    try:
        function = WindowFunction(header.code(dataset, "VOILUTFunction").upper() or "LINEAR")
    except ValueError:
        function = WindowFunction.LINEAR
    windows = []
    for number, (center, width) in enumerate(zip(centers, widths, strict=False)):
        try:
            window = Window(center, width, function, names[number] if number < len(names) else "")
            windows.append(window if factor == 1.0 else _scaled(window, factor))
        except ValueError:
            continue
    return tuple(windows)


def _scaled(window: Window, factor: float) -> Window:
    """The window that shows values times ``factor`` as ``window`` shows them. Raises ``ValueError`` for a LINEAR
    threshold of width 1, which no other function has.
    """
    if window.function is WindowFunction.LINEAR:
        # Its half a value and its one are steps of whole numbers (PS3.3 C.11.2.1.2.1); scaled, they are not.
        center, width, function = window.center - 0.5, window.width - 1.0, WindowFunction.LINEAR_EXACT
    else:
        center, width, function = window.center, window.width, window.function
    return Window(center * factor, width * factor, function, window.explanation)


def default_voi(series: Series, pixels: SeriesPixels) -> Voi:
    """What a series opens with: the file's first window or VOI LUT, else the percentiles of what is loaded.

    The percentiles (0.5 and 99.5) are those of the non-padding pixels of 16 evenly spaced loaded slices, of the frame
    for a single image. The caller keeps the answer, so that it never jumps while scrolling.
    """
    for index in (0, len(series.frames) // 2):
        own = pixels.pipeline(index).default_window()
        if own is not None:
            return own
    loaded = pixels.loaded
    if not loaded:
        return Window(0.5, 1.0)
    chosen = np.unique(np.linspace(0, len(loaded) - 1, min(SAMPLED_SLICES, len(loaded))).round().astype(int))
    return _percentile_window([(pixels.pipeline(loaded[i]), pixels.stored[loaded[i]]) for i in chosen])


def auto_window(pixels: SeriesPixels, index: int) -> Window:
    """The window from the 0.5 to the 99.5 percentile of frame ``index``'s non-padding pixels."""
    return frame_window(pixels.pipeline(index), pixels.stored[index])


def frame_window(one: Pipeline, stored: Array) -> Window:
    """The same for one frame's stored values, shape (rows, columns)."""
    return _percentile_window([(one, stored)])


def _percentile_window(frames: Sequence[tuple[Pipeline, Array]]) -> Window:
    first = frames[0][0]
    if first.is_colour:
        return Window(128.0, 256.0)
    alike = all(p.modality_lut is None and (p.slope, p.intercept) == (first.slope, first.intercept) for p, _ in frames)
    parts = []
    for one, stored in frames:
        mask = one.padding_mask(stored)
        kept = stored.ravel() if mask is None else stored[~mask]
        # Percentiles of stored integers are those of modality values, and cheaper, where one rescale serves all.
        kept = kept if alike else one.modality(kept)
        parts.append(kept[np.abs(kept) <= header.LARGEST] if kept.dtype.kind == "f" else kept)
    values = np.concatenate(parts)
    if values.size == 0:
        return Window(0.5, 1.0)
    ends = np.percentile(values, [LOW_PERCENTILE, HIGH_PERCENTILE])
    if alike:
        ends = ends * first.slope + first.intercept
    whole = first.modality_lut is not None or (frames[0][1].dtype.kind in "iu" and first.slope == int(first.slope))
    return window_between(float(ends.min()), float(ends.max()), whole=whole)


def window_between(low: float, high: float, *, whole: bool = True) -> Window:
    """The window that maps ``low`` to black and ``high`` to white; width 1 where they are equal.

    ``whole``: values are whole numbers, so a LINEAR window serves; others (SUV, fractions) get LINEAR_EXACT.
    """
    if high <= low:
        return Window(low + 0.5, 1.0)
    if whole and high - low >= 1:
        return Window((low + high) / 2 + 0.5, high - low + 1)
    return Window((low + high) / 2, high - low, WindowFunction.LINEAR_EXACT)
