"""A deliberately plain second implementation of the display pipeline: pydicom's data set and numpy, nothing of ours.

It is slow, takes one step at a time as PS3.4 N.2 names them, and supports only what its tests ask for.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
from pydicom import Dataset
from pydicom.pixels import apply_color_lut, convert_color_space

Float = npt.NDArray[np.float64]


def stored(dataset: Dataset, frame: int = 0) -> npt.NDArray[Any]:
    """Stored values of one frame as pydicom decodes them."""
    pixels = dataset.pixel_array
    frames = int(dataset.get("NumberOfFrames", 1) or 1)
    return np.asarray(pixels[frame] if frames > 1 else pixels)


def modality(dataset: Dataset, values: npt.NDArray[Any]) -> Float:
    """Modality LUT or rescale; identity where there is neither."""
    if "ModalityLUTSequence" in dataset and "RescaleSlope" not in dataset:
        table, first, _ = _table(dataset.ModalityLUTSequence[0], signed=dataset.PixelRepresentation == 1)
        out = np.zeros(values.shape)
        for at in np.ndindex(values.shape):
            out[at] = table[min(max(int(values[at]) - first, 0), len(table) - 1)]
        return out
    slope = float(dataset.get("RescaleSlope", 1) or 1)
    return values.astype(float) * slope + float(dataset.get("RescaleIntercept", 0) or 0)


def window(x: Float, center: float, width: float, function: str = "LINEAR") -> Float:
    """PS3.3 C.11.2.1.2.1, C.11.2.1.3: the pseudo-code of the standard, value by value where it branches."""
    if function == "SIGMOID":
        return np.asarray(1 / (1 + np.exp(-4 * (x - center) / width)))
    if function == "LINEAR_EXACT":
        low, high = center - width / 2, center + width / 2
        return np.asarray(np.where(x <= low, 0.0, np.where(x > high, 1.0, (x - center) / width + 0.5)))
    low, high = center - 0.5 - (width - 1) / 2, center - 0.5 + (width - 1) / 2
    with np.errstate(divide="ignore", invalid="ignore"):
        inside = (x - (center - 0.5)) / (width - 1) + 0.5
    return np.asarray(np.where(x <= low, 0.0, np.where(x > high, 1.0, inside)))


def voi_lut(x: Float, item: Dataset, *, signed: bool) -> Float:
    """PS3.3 C.11.2.1.1."""
    table, first, bits = _table(item, signed=signed)
    index = np.clip(x.astype(int) - first, 0, len(table) - 1)
    return np.asarray(table[index] / (2**bits - 1))


def grey(dataset: Dataset, y: Float, values: npt.NDArray[Any]) -> npt.NDArray[np.uint8]:
    """Inversion once, then padding black, then 8 bits."""
    if dataset.PhotometricInterpretation == "MONOCHROME1" or dataset.get("PresentationLUTShape") == "INVERSE":
        y = 1 - y
    out = np.floor(255 * y + 0.5).astype(np.uint8)
    if "PixelPaddingValue" in dataset:
        low = int(dataset.PixelPaddingValue)
        high = int(dataset.get("PixelPaddingRangeLimit", low))
        out[(values >= min(low, high)) & (values <= max(low, high))] = 0
    return out


def rgb(dataset: Dataset, values: npt.NDArray[Any]) -> npt.NDArray[np.uint8]:
    """Colour to 8-bit RGB; pydicom has decoded it, and converted YBR."""
    if dataset.PhotometricInterpretation == "PALETTE COLOR":
        colours = apply_color_lut(values, dataset)
        return (colours >> 8 if colours.dtype == np.uint16 else colours).astype(np.uint8)
    bits = int(dataset.BitsStored)
    return np.asarray(values >> (bits - 8) if bits > 8 else values).astype(np.uint8)


def ybr_to_rgb(values: npt.NDArray[Any]) -> npt.NDArray[np.uint8]:
    """YBR_FULL to RGB by pydicom."""
    return np.asarray(convert_color_space(values, "YBR_FULL", "RGB"), dtype=np.uint8)


def _table(item: Dataset, *, signed: bool) -> tuple[npt.NDArray[np.int64], int, int]:
    _, first, bits = (int(value) for value in item.LUTDescriptor)
    if signed and first > 32767:
        first -= 65536
    data = item.LUTData
    if isinstance(data, bytes):
        data = np.frombuffer(data, "<u2")
    return np.asarray(data, dtype=np.int64), first, bits
