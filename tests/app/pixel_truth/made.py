"""Files made for pixel-exact comparison, and what the tests around them share."""

from __future__ import annotations

import warnings
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pydicom
import pydicom.data
from pydicom import Dataset
from pydicom.uid import (
    ExplicitVRBigEndian,
    ExplicitVRLittleEndian,
    ImplicitVRLittleEndian,
    JPEGLSLossless,
    RLELossless,
)

from tests import oracle, phantoms

Array = npt.NDArray[Any]


Render = Callable[..., Array]


def read(path: Path) -> Dataset:
    """The data set with pydicom's complaints about odd files left out: they are no concern of a pixel."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        dataset = pydicom.dcmread(path, force=True)
        dataset.decode()
    if "TransferSyntaxUID" not in dataset.file_meta:
        dataset.file_meta.TransferSyntaxUID = ImplicitVRLittleEndian
    return dataset


def spelled(window: oracle.Window) -> str:
    """A window as the command line takes it: width before centre."""
    return f"{window[1]:.17g}/{window[0]:.17g}"


def explicit_window(dataset: Dataset, values: Array, frame: int) -> oracle.Window:
    """A window that cuts both ends of the frame off and does not fall on round numbers."""
    x = oracle.modality(dataset, values, frame)
    low, high = np.percentile(x, [20, 80])
    return round((low + high) / 2 + 0.3, 3), round(max(high - low, 1) * 0.9 + 1.0, 3)


def grey_file(
    path: Path,
    values: Array,
    *,
    bits: int | None = None,
    high_bit: int | None = None,
    junk: bool = False,
    syntax: str = ExplicitVRLittleEndian,
    **attributes: Any,
) -> Path:
    """A grey image of any stored type; ``values``: (rows, columns) or (frames, rows, columns).

    ``junk``: the bits beyond ``bits`` are all set, as an overlay in them would. Attributes that are ``None`` go.
    """
    words = np.asarray(values)
    size = words.dtype.itemsize * 8
    bits = bits or size
    high_bit = bits - 1 if high_bit is None else high_bit
    dataset = blank(path, words.shape[-2:])
    if words.dtype.kind == "f":
        del dataset.PixelData, dataset.PixelRepresentation, dataset.BitsStored, dataset.HighBit
        dataset.BitsAllocated = size
        data = words.tobytes() if syntax != ExplicitVRBigEndian else words.byteswap().tobytes()
        setattr(dataset, "FloatPixelData" if size == 32 else "DoubleFloatPixelData", data)
    else:
        dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit = size, bits, high_bit
        dataset.PixelRepresentation = int(words.dtype.kind == "i")
        mask = 2**bits - 1
        # In 64 bits, which hold all of 32.
        cells = (words.astype(np.int64) & mask) << (high_bit + 1 - bits)
        if junk:
            cells |= (2**size - 1) & ~(mask << (high_bit + 1 - bits))
        set_pixels(dataset, cells.astype(f"u{size // 8}"), syntax)
    if words.ndim == 3:
        dataset.NumberOfFrames = len(words)
    return save(dataset, path, syntax, attributes)


def colour_file(
    path: Path, values: Array, photometric: str, *, planar: int = 0, syntax: str = ExplicitVRLittleEndian, bits: int = 0
) -> Path:
    """A colour image of unsigned samples, (rows, columns, 3)."""
    dataset = blank(path, values.shape[:2])
    size = values.dtype.itemsize * 8
    dataset.SamplesPerPixel, dataset.PhotometricInterpretation, dataset.PlanarConfiguration = 3, photometric, planar
    dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit = size, bits or size, (bits or size) - 1
    set_pixels(dataset, values if planar == 0 else np.moveaxis(values, -1, 0), syntax)
    return save(dataset, path, syntax, {})


def blank(path: Path, shape: tuple[int, int]) -> Dataset:
    """The header of a radiograph without window and inversion, for other pixels."""
    phantoms.radiograph(path, shape=shape, PresentationLUTShape=None)
    dataset = pydicom.dcmread(path)
    dataset.Rows, dataset.Columns = shape
    return dataset


def set_pixels(dataset: Dataset, cells: Array, syntax: str) -> None:
    order = ">" if syntax == ExplicitVRBigEndian else "<"
    data = np.ascontiguousarray(cells).astype(cells.dtype.newbyteorder(order)).tobytes()
    dataset.PixelData = data + b"\0" * (len(data) % 2)
    dataset["PixelData"].VR = "OB" if cells.dtype.itemsize == 1 else "OW"


def save(dataset: Dataset, path: Path, syntax: str, attributes: dict[str, Any]) -> Path:
    for keyword, value in attributes.items():
        if value is None:
            dataset.pop(keyword, None)
        else:
            setattr(dataset, keyword, value)
    if syntax in (RLELossless, JPEGLSLossless):
        dataset.compress(syntax, generate_instance_uid=False)
        dataset.save_as(path)
        return path
    # A new data set, which remembers no encoding: pydicom refuses to turn one byte order into another.
    fresh = Dataset()
    fresh.update({element.tag: element for element in dataset})
    fresh.file_meta = dataset.file_meta
    fresh.file_meta.TransferSyntaxUID = syntax
    implicit, little = syntax == ImplicitVRLittleEndian, syntax != ExplicitVRBigEndian
    pydicom.dcmwrite(path, fresh, implicit_vr=implicit, little_endian=little, enforce_file_format=True)
    return path


def ramp(low: int, high: int, dtype: str, shape: tuple[int, int] = (23, 38)) -> Array:
    """Whole numbers from ``low`` to ``high``, no two rows alike."""
    return np.linspace(low, high, shape[0] * shape[1]).round().astype(dtype).reshape(shape)


def assert_true(render: Render, path: Path, window: oracle.Window | None = None, frame: int = 0) -> Array:
    """The file renders as the oracle shows it, with ``window`` (LINEAR) or what the file asks for; the picture."""
    words = () if window is None else ("--window", spelled(window))
    shown = render(path, "--frame", frame + 1, *words)
    np.testing.assert_array_equal(shown, oracle.picture(read(path), frame, window))
    return shown


def table(
    first: int, bits: int, entries: Array, *, packed: bool = False, vr: str = "US", syntax: str = ExplicitVRLittleEndian
) -> Dataset:
    """An item of a Modality or VOI LUT Sequence. ``packed``: two 8-bit entries a word, the first in its low byte."""
    item = Dataset()
    item.add_new("LUTDescriptor", vr, [len(entries) % 65536, first, bits])
    if packed:
        data = np.asarray(entries, "u1").tobytes()
        words = np.frombuffer(data + b"\0" * (len(data) % 2), "<u2")
    else:
        words = np.asarray(entries, "u2")
    item.add_new("LUTData", "OW", words.astype(">u2" if syntax == ExplicitVRBigEndian else "<u2").tobytes())
    item.ModalityLUTType = "OD"
    return item


def palette_file(path: Path, values: Array, tables: list[Array], first: int, bits: int, **options: Any) -> Path:
    """A PALETTE COLOR image; tables of 8 bits are packed, two entries a word."""
    syntax = options.get("syntax", ExplicitVRLittleEndian)
    signed = values.dtype.kind == "i"
    more: dict[str, Any] = {"PhotometricInterpretation": "PALETTE COLOR"}
    grey_file(path, values, **options)
    dataset = pydicom.dcmread(path)
    for name, entries in zip(("Red", "Green", "Blue"), tables, strict=True):
        prefix = f"{name}PaletteColorLookupTable"
        dataset.add_new(f"{prefix}Descriptor", "SS" if signed else "US", [len(entries) % 65536, first, bits])
        order = ">" if syntax == ExplicitVRBigEndian else "<"
        data = np.asarray(entries, "u1" if bits == 8 else f"{order}u2").tobytes()
        data += b"\0" * (len(data) % 2)
        if bits == 8 and order == ">":
            data = np.frombuffer(data, "<u2").astype(">u2").tobytes()
        dataset.add_new(f"{prefix}Data", "OW", data)
    return save(dataset, path, syntax, more)
