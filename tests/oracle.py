"""A second display pipeline, deliberately plain: what ``render --size native`` must show, pixel for pixel.

It imports pydicom's data set (and pydicom's decoders, for compressed frames) and numpy, and nothing of the program
that it judges. One short function a step, in the order in which PS3.4 N.2 names them:

    stored value → padding → Modality LUT or rescale → VOI LUT or window → inversion, once → 8 bits

Colour goes round all of it. Nothing is cached, and nothing is fast.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
from pydicom import Dataset
from pydicom.pixels import pixel_array
from pydicom.uid import (
    DeflatedExplicitVRLittleEndian,
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
)

Array = npt.NDArray[Any]
Float = npt.NDArray[np.float64]
Bytes = npt.NDArray[np.uint8]

NATIVE = (ImplicitVRLittleEndian, ExplicitVRLittleEndian, ExplicitVRBigEndian, DeflatedExplicitVRLittleEndian)
PERCENTILES = (0.5, 99.5)
SAMPLED_FRAMES = 16

Window = tuple[float, float] | tuple[float, float, str]
"""(centre, width), with a function other than LINEAR as third."""


def picture(dataset: Dataset, frame: int = 0, window: Window | Dataset | None = None) -> Bytes:
    """One frame (from 0) as the screen shows it: (rows, columns), or (rows, columns, 3) for colour.

    ``window``: on modality values, or an item of a VOI LUT Sequence; else the frame's own first window, its first VOI
    LUT, or the percentiles of the object's frames.
    """
    return shown(dataset, stored(dataset, frame), frame, window or opening_window(dataset, frame))


def shown(dataset: Dataset, values: Array, frame: int, window: Window | Dataset | None) -> Bytes:
    """The same for stored values that another decoder read. ``window`` may be absent for colour alone."""
    if is_colour(dataset):
        return rgb(dataset, values)
    assert window is not None
    x = modality(dataset, values, frame)
    y = voi_lut(dataset, x, window) if isinstance(window, Dataset) else windowed(x, *window)
    if is_inverse(dataset):
        y = 1.0 - y
    y = np.where(is_padding(dataset, values), 0.0, y)
    return np.floor(255.0 * y + 0.5).astype(np.uint8)


# --- stored values -------------------------------------------------------------------------------------------------


def stored(dataset: Dataset, frame: int = 0) -> Array:
    """Stored values of one frame (PS3.5 8.1.1), colour as (rows, columns, 3) in the file's own colour space."""
    if dataset.file_meta.TransferSyntaxUID not in NATIVE:
        return np.asarray(pixel_array(dataset, index=frame, raw=True))
    rows, columns, samples = dataset.Rows, dataset.Columns, dataset.SamplesPerPixel
    order = ">" if dataset.file_meta.TransferSyntaxUID == ExplicitVRBigEndian else "<"
    count = rows * columns * samples
    for keyword, kind in (("FloatPixelData", "f4"), ("DoubleFloatPixelData", "f8")):
        if keyword in dataset:
            flat = np.frombuffer(dataset[keyword].value, order + kind)
            return flat[frame * count : (frame + 1) * count].reshape(rows, columns).astype(kind)
    data, allocated = dataset.PixelData, dataset.BitsAllocated
    if order == ">" and allocated == 8 and dataset["PixelData"].VR == "OW":
        data = np.frombuffer(data, ">u2").astype("<u2").tobytes()
    if allocated == 1:
        # Frames follow each other without a gap, the first pixel in the lowest bit of a byte (PS3.5 8.1.1, 8.2).
        bits = [data[at // 8] >> (at % 8) & 1 for at in range(frame * count, (frame + 1) * count)]
        return np.array(bits, np.uint8).reshape(rows, columns)
    flat = np.frombuffer(data, f"{order}u{allocated // 8}")
    if dataset.PhotometricInterpretation == "YBR_FULL_422" and len(flat) < count * int(
        dataset.get("NumberOfFrames", 1)
    ):
        return _chroma_of_pairs(flat[frame * count * 2 // 3 : (frame + 1) * count * 2 // 3]).reshape(rows, columns, 3)
    flat = integers(dataset, flat[frame * count : (frame + 1) * count])
    if samples == 1:
        return flat.reshape(rows, columns)
    if dataset.get("PlanarConfiguration", 0) == 1:
        red, green, blue = flat.reshape(3, rows, columns)
        return np.stack([red, green, blue], axis=-1)
    return flat.reshape(rows, columns, 3)


def integers(dataset: Dataset, cells: Array) -> Array:
    """Cells as allocated → sample values: Bits Stored bits below High Bit, as two's complement where signed."""
    bits = int(dataset.BitsStored)
    unused = int(dataset.HighBit) + 1 - bits
    values = (cells.astype(np.int64) >> unused) % 2**bits
    if dataset.PixelRepresentation == 1:
        values = np.where(values >= 2 ** (bits - 1), values - 2**bits, values)
    return values


def _chroma_of_pairs(flat: Array) -> Array:
    """Y Y Cb Cr for each two pixels (PS3.3 C.7.6.3.1.2, YBR_FULL_422)."""
    pixels = []
    for first, second, blue, red in flat.reshape(-1, 4).tolist():
        pixels += [(first, blue, red), (second, blue, red)]
    return np.array(pixels, flat.dtype)


# --- grey ----------------------------------------------------------------------------------------------------------


def is_padding(dataset: Dataset, values: Array) -> npt.NDArray[np.bool_]:
    """Pixel Padding Value, to Pixel Padding Range Limit where there is one, in either order (PS3.3 C.7.5.1.1.2)."""
    prefix = {"f4": "Float", "f8": "DoubleFloat"}.get(values.dtype.str[1:], "")
    one = dataset.get(f"{prefix}PixelPaddingValue")
    if one is None:
        return np.zeros(values.shape, bool)
    other = dataset.get(f"{prefix}PixelPaddingRangeLimit", one)
    if not prefix and dataset.PixelRepresentation == 1:
        one, other = (value - 65536 if value > 32767 else value for value in (one, other))
    return np.asarray((values >= min(one, other)) & (values <= max(one, other)))


def group(dataset: Dataset, frame: int, sequence: str) -> Dataset:
    """The functional group of a frame: its own, else the shared one, else the data set (PS3.3 C.7.6.16)."""
    own = list(dataset.get("PerFrameFunctionalGroupsSequence", []))[frame : frame + 1]
    for item in [*own, *dataset.get("SharedFunctionalGroupsSequence", [])]:
        if item.get(sequence):
            return item[sequence].value[0]
    return dataset


def modality(dataset: Dataset, values: Array, frame: int = 0) -> Float:
    """Rescale, else Modality LUT, else the stored values (PS3.3 C.11.1)."""
    transform = group(dataset, frame, "PixelValueTransformationSequence")
    if transform.get("RescaleSlope") is not None:
        return values.astype(np.float64) * float(transform.RescaleSlope) + float(transform.get("RescaleIntercept") or 0)
    if dataset.get("ModalityLUTSequence"):
        table, first, _ = lut(dataset.ModalityLUTSequence[0], signed=dataset.PixelRepresentation == 1)
        return table[np.clip(values.astype(np.int64) - first, 0, len(table) - 1)].astype(np.float64)
    return values.astype(np.float64)


def windowed(x: Float, centre: float, width: float, function: str = "LINEAR") -> Float:
    """The pseudo-code of PS3.3 C.11.2.1.2.1 and C.11.2.1.3, with y from 0 to 1."""
    if function == "SIGMOID":
        with np.errstate(over="ignore"):
            # Far below the centre the exponential is infinite, and the quotient 0.
            return np.asarray(1 / (1 + np.exp(-4 * (x - centre) / width)))
    if function == "LINEAR_EXACT":
        between = (x - centre) / width + 0.5
        return np.select([x <= centre - width / 2, x > centre + width / 2], [0.0, 1.0], between)
    assert function == "LINEAR"
    between = (x - (centre - 0.5)) / (width - 1) + 0.5 if width > 1 else np.zeros(x.shape)
    return np.select([x <= centre - 0.5 - (width - 1) / 2, x > centre - 0.5 + (width - 1) / 2], [0.0, 1.0], between)


def voi_lut(dataset: Dataset, x: Float, item: Dataset) -> Float:
    """PS3.3 C.11.2.1.1. The first value mapped is signed where the values that come in can be."""
    table, first, bits = lut(item, signed=modality_can_be_negative(dataset))
    return np.asarray(table[np.clip(x.astype(np.int64) - first, 0, len(table) - 1)] / (2**bits - 1))


def modality_can_be_negative(dataset: Dataset) -> bool:
    """Whether any stored value that the file allows has a negative modality value."""
    signed, bits = dataset.PixelRepresentation == 1, int(dataset.BitsStored)
    ends = np.array([-(2 ** (bits - 1)), 2 ** (bits - 1) - 1] if signed else [0, 2**bits - 1])
    return bool(modality(dataset, ends).min() < 0)


def lut(item: Dataset, *, signed: bool, prefix: str = "LUT") -> tuple[npt.NDArray[np.int64], int, int]:
    """(entries, first value mapped, bits an entry) of a table (PS3.3 C.11.1.1, C.7.6.3.1.5)."""
    count, first, bits = (int(value) for value in item[f"{prefix}Descriptor"].value)
    count = count or 65536
    if signed and first > 32767:
        first -= 65536
    if not signed and first < 0:
        first += 65536
    data = item[f"{prefix}Data"].value
    if not isinstance(data, bytes):
        words = np.atleast_1d(data)
    elif len(data) < 2 * count:
        # Two entries a word, the first in its low byte.
        words = np.frombuffer(data, np.uint8)
        if item.original_encoding[1] is False:
            words = words.reshape(-1, 2)[:, ::-1].ravel()
    else:
        words = np.frombuffer(data, ">u2" if item.original_encoding[1] is False else "<u2")
    return words[:count].astype(np.int64), first, bits


def is_inverse(dataset: Dataset) -> bool:
    """MONOCHROME1 and INVERSE say the same thing; together they say it once (PS3.3 C.7.6.3.1.2, C.11.6)."""
    return dataset.PhotometricInterpretation == "MONOCHROME1" or dataset.get("PresentationLUTShape") == "INVERSE"


# --- presentation states --------------------------------------------------------------------------------------------


def presented(dataset: Dataset, state: Dataset, frame: int = 0) -> Bytes:
    """One frame as a grayscale presentation state has it (PS3.4 N.2): its steps instead of the image's own, and where
    it is silent, none. Without displayed area and graphics.
    """
    values = stored(dataset, frame)
    if "PixelRepresentation" not in state:
        # A state has no pixels; whether its tables begin with a signed value hangs on those of the image.
        state.PixelRepresentation = dataset.PixelRepresentation
    x = modality(state, values)
    item = softcopy_voi(dataset, state, frame)
    ends = np.array([-(2 ** (int(dataset.BitsStored) - 1)), 2 ** (int(dataset.BitsStored) - 1) - 1])
    low, high = modality_range(state, ends if dataset.PixelRepresentation == 1 else ends - ends[0])
    if item is None:
        y = windowed(x, (low + high) / 2 + 0.5, high - low + 1)
    elif item.get("VOILUTSequence"):
        table, first, bits = lut(item.VOILUTSequence[0], signed=low < 0)
        y = table[np.clip(x.astype(np.int64) - first, 0, len(table) - 1)] / (2**bits - 1)
    else:
        y = windowed(x, values_of(item, "WindowCenter")[0], values_of(item, "WindowWidth")[0], function_of(item))
    if state.get("PresentationLUTSequence"):
        table, _, bits = lut(state.PresentationLUTSequence[0], signed=False)
        y = table[np.floor(y * (len(table) - 1) + 0.5).astype(int)] / (2**bits - 1)
    elif state.get("PresentationLUTShape") == "INVERSE":
        y = 1.0 - y
    y = np.where(is_padding(dataset, values), 0.0, y)
    shown_ = np.floor(255.0 * y + 0.5).astype(np.uint8)
    if state.get("ShutterShape") == "RECTANGULAR":
        grey = np.floor(255.0 * state.get("ShutterPresentationValue", 0) / 65535 + 0.5)
        row, column = np.indices(shown_.shape) + 1
        inside = (row >= state.ShutterUpperHorizontalEdge) & (row <= state.ShutterLowerHorizontalEdge)
        inside &= (column >= state.ShutterLeftVerticalEdge) & (column <= state.ShutterRightVerticalEdge)
        shown_ = np.where(inside, shown_, grey).astype(np.uint8)
    for _ in range(int(state.get("ImageRotation", 0)) // 90):
        # Clockwise: the left column becomes the top row, read from below.
        shown_ = shown_[::-1].T
    return shown_[:, ::-1] if state.get("ImageHorizontalFlip") == "Y" else shown_


def modality_range(state: Dataset, ends: Array) -> list[float]:
    """The least and the greatest that a state's modality step can make of ``ends``."""
    if state.get("ModalityLUTSequence"):
        return [0.0, 2.0 ** int(state.ModalityLUTSequence[0].LUTDescriptor[2]) - 1]
    return sorted(modality(state, ends).tolist())


def softcopy_voi(dataset: Dataset, state: Dataset, frame: int) -> Dataset | None:
    """The item of the Softcopy VOI LUT Sequence for a frame; one that names no images is for all."""
    for item in state.get("SoftcopyVOILUTSequence", []):
        named = item.get("ReferencedImageSequence")
        if not named:
            return item
        for image in named:
            frames = values_of(image, "ReferencedFrameNumber")
            if image.ReferencedSOPInstanceUID == dataset.SOPInstanceUID and (not frames or frame + 1 in frames):
                return item
    return None


def function_of(item: Dataset) -> str:
    """VOI LUT Function; absent means LINEAR."""
    return item.get("VOILUTFunction") or "LINEAR"


# --- which window --------------------------------------------------------------------------------------------------


def windows(dataset: Dataset, frame: int = 0) -> list[Window]:
    """All windows that a frame states and the standard allows, then its VOI LUTs."""
    holder = group(dataset, frame, "FrameVOILUTSequence")
    function = holder.get("VOILUTFunction") or "LINEAR"
    pairs = zip(values_of(holder, "WindowCenter"), values_of(holder, "WindowWidth"), strict=True)
    return [(centre, width, function) for centre, width in pairs if width >= 1 or (width > 0 and function != "LINEAR")]


def values_of(dataset: Dataset, keyword: str) -> list[float]:
    """One value, several or none, as a list."""
    value = dataset.get(keyword)
    return [] if value is None else [float(number) for number in np.atleast_1d(value)]


def opening_window(dataset: Dataset, frame: int = 0) -> Window | Dataset | None:
    """What a frame opens with: its first window, its first VOI LUT, or percentiles; ``None`` for colour."""
    if is_colour(dataset):
        return None
    if windows(dataset, frame):
        return windows(dataset, frame)[0]
    if dataset.get("VOILUTSequence"):
        return dataset.VOILUTSequence[0]
    count = int(dataset.get("NumberOfFrames", 1))
    chosen = sorted({round(at) for at in np.linspace(0, count - 1, min(count, SAMPLED_FRAMES))})
    return percentile_window([(dataset, stored(dataset, at), at) for at in chosen])


def percentile_window(frames: Sequence[tuple[Dataset, Array, int]]) -> Window:
    """From the 0.5 to the 99.5 percentile of all modality values that are no padding.

    Whole numbers get a LINEAR window whose ends are black and white, others a LINEAR_EXACT one.
    """
    parts = []
    for dataset, values, frame in frames:
        kept = np.isfinite(values.astype(np.float64)) & ~is_padding(dataset, values)
        parts.append(modality(dataset, values, frame)[kept])
    everything = np.concatenate(parts)
    low, high = np.percentile(everything, PERCENTILES)
    if low == high:
        return low + 0.5, 1.0
    if (everything == np.round(everything)).all() and high - low >= 1:
        return (low + high) / 2 + 0.5, high - low + 1
    return (low + high) / 2, high - low, "LINEAR_EXACT"


# --- colour --------------------------------------------------------------------------------------------------------


def is_colour(dataset: Dataset) -> bool:
    """Colour is never windowed as grey."""
    return dataset.SamplesPerPixel == 3 or dataset.PhotometricInterpretation == "PALETTE COLOR"


def rgb(dataset: Dataset, values: Array) -> Bytes:
    """Colour in 8 bits: of deeper samples the high byte."""
    if dataset.PhotometricInterpretation == "PALETTE COLOR":
        return palette_colours(dataset, values)
    bits = int(dataset.BitsStored)
    if dataset.PhotometricInterpretation.startswith("YBR_FULL"):
        values = ybr_to_rgb(values, bits)
    return (values >> (bits - 8)).astype(np.uint8)


def ybr_to_rgb(values: Array, bits: int) -> Array:
    """YBR_FULL to RGB: the equations of PS3.3 C.7.6.3.1.2 solved for R, G and B (ITU-R BT.601), rounded."""
    half = 2 ** (bits - 1)
    y, blue, red = (values[..., i].astype(np.int64) - offset for i, offset in enumerate((0, half, half)))
    # Whole numbers, since halves do occur: all in units of a thousandth, and of 587 millionths.
    r, b = 1000 * y + 1402 * red, 1000 * y + 1772 * blue
    g = 1000000 * y - 299 * r - 114 * b
    rounded = [(2 * r + 1000) // 2000, (2 * g + 587000) // 1174000, (2 * b + 1000) // 2000]
    return np.clip(np.stack(rounded, axis=-1), 0, 2**bits - 1)


def palette_colours(dataset: Dataset, values: Array) -> Bytes:
    """PALETTE COLOR through its three tables (PS3.3 C.7.6.3.1.5), segmented ones expanded (C.7.9.2)."""
    channels = []
    for colour in ("Red", "Green", "Blue"):
        prefix = f"{colour}PaletteColorLookupTable"
        signed = dataset.PixelRepresentation == 1
        if f"{prefix}Data" in dataset:
            table, first, _ = lut(dataset, signed=signed, prefix=prefix)
        else:
            table, first = segmented_table(dataset, colour), int(dataset[f"{prefix}Descriptor"].value[1])
        channels.append(table[np.clip(values.astype(np.int64) - first, 0, len(table) - 1)])
    whole = np.stack(channels, axis=-1)
    # Many writers call 8-bit tables 16 bits deep: no entry above 255 means that these are they.
    is_deep = int(dataset.RedPaletteColorLookupTableDescriptor[2]) == 16 and whole_table_max(dataset) > 255
    return (whole >> 8 if is_deep else whole).astype(np.uint8)


def whole_table_max(dataset: Dataset) -> int:
    """The greatest entry of the three tables."""
    tables = []
    for colour in ("Red", "Green", "Blue"):
        prefix = f"{colour}PaletteColorLookupTable"
        has_plain = f"{prefix}Data" in dataset
        tables.append(lut(dataset, signed=False, prefix=prefix)[0] if has_plain else segmented_table(dataset, colour))
    return max(int(table.max()) for table in tables)


def segmented_table(dataset: Dataset, colour: str) -> npt.NDArray[np.int64]:
    """PS3.3 C.7.9.2: discrete (0), linear (1) and indirect (2) segments one after another."""
    depth = int(dataset[f"{colour}PaletteColorLookupTableDescriptor"].value[2])
    data = dataset[f"Segmented{colour}PaletteColorLookupTableData"].value
    order = ">" if dataset.original_encoding[1] is False else "<"
    codes = np.frombuffer(data, np.uint8 if depth == 8 else f"{order}u2").tolist()
    return np.array(_expanded(codes, 0, None, []), np.int64)


def _expanded(codes: list[int], at: int, segments: int | None, table: list[int]) -> list[int]:
    """``segments`` segments from ``codes[at]`` on (all: ``None``), appended to ``table``."""
    done = 0
    while at + 1 < len(codes) if segments is None else done < segments:
        kind, length = codes[at], codes[at + 1]
        if kind == 0:
            table += codes[at + 2 : at + 2 + length]
            at += 2 + length
        elif kind == 1:
            start, end = table[-1], codes[at + 2]
            # The standard leaves open where halves go; here, as in pydicom, to the even neighbour.
            table += [round(start + (end - start) * step / length) for step in range(1, length + 1)]
            at += 3
        else:
            _expanded(codes, codes[at + 2] + codes[at + 3] * 65536, length, table)
            at += 4
        done += 1
    return table
