"""Overlay planes of group 60xx: graphics and regions that lie over an image, one bit a pixel (PS3.3 C.9.2, C.9.3).

Bits come packed in Overlay Data, or in bits of the pixel cells that no pixel value uses (retired, but in archives).
Pixel values never hold them: decoders clear what is not stored (``codecs.clean``).
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from app.dicom import header
from app.dicom.reading import FrameSource
from app.dicom.specs import embedded_overlays
from app.errors import UserError

if TYPE_CHECKING:
    from pydicom import Dataset

    from app.dicom.codecs import FrameSpec
    from app.dicom.model import Instance, Series

Bits = npt.NDArray[np.bool_]

_GROUPS = range(0x6000, 0x6020, 2)
_ROWS, _COLUMNS, _FRAMES, _DESCRIPTION, _TYPE = 0x0010, 0x0011, 0x0015, 0x0022, 0x0040
_ORIGIN, _FRAME_ORIGIN, _BITS, _LABEL, _DATA = 0x0050, 0x0051, 0x0100, 0x1500, 0x3000


@dataclass(frozen=True, eq=False)
class OverlayPlane:
    """``bits``: shape (rows, columns) of the image, true where the plane covers it. ``label``: what the file calls it,
    or ``""``. ``kind``: ``"G"`` graphics or ``"R"`` region of interest. ``group``: 0x6000, 0x6002, ...
    """

    bits: Bits
    label: str
    kind: str
    group: int


def has_planes(series: Series, index: int) -> bool:
    """Whether the header of frame ``index`` speaks of any overlay plane: a look that costs nothing."""
    if series.cut_from is not None:
        return False
    dataset = series.instance_of(index).header
    return any(_tag(group, _ROWS) in dataset or _tag(group, _DATA) in dataset for group in _GROUPS)


def overlay_planes(series: Series, index: int) -> tuple[OverlayPlane, ...]:
    """The overlay planes of frame ``index`` (in sorted order), by group; empty where it has none.

    A plane that the file does not hold completely, or that makes no sense, is left out. Embedded planes are read from
    the pixel data now. Never raises for what a file holds.
    """
    key = series.frames[index]
    instance = series.instances[key.instance]
    dataset, spec = instance.header, instance.spec
    embedded = embedded_overlays(dataset, spec)
    cells = _cells(instance, spec, key.frame) if embedded else None
    planes = []
    for group in _GROUPS:
        if group in embedded:
            bits = None if cells is None else (cells >> cells.dtype.type(embedded[group])) & cells.dtype.type(1) != 0
        else:
            bits = packed_plane(dataset, group, key.frame, (spec.rows, spec.columns))
        if bits is not None:
            planes.append(_plane(dataset, group, bits))
    return tuple(planes)


def planes_in(dataset: Dataset, shape: tuple[int, int]) -> tuple[OverlayPlane, ...]:
    """The planes that a data set without pixels (a presentation state) brings for images of ``shape``."""
    found = ((group, packed_plane(dataset, group, 0, shape)) for group in _GROUPS)
    return tuple(_plane(dataset, group, bits) for group, bits in found if bits is not None)


def _plane(dataset: Dataset, group: int, bits: npt.NDArray[Any]) -> OverlayPlane:
    kind = "R" if header.code(dataset, _tag(group, _TYPE)).upper() == "R" else "G"
    label = header.text(dataset, _tag(group, _LABEL)) or header.text(dataset, _tag(group, _DESCRIPTION))
    return OverlayPlane(np.asarray(bits, dtype=np.bool_), label, kind, group)


def _tag(group: int, element: int) -> int:
    return group << 16 | element


def _cells(instance: Instance, spec: FrameSpec, frame: int) -> npt.NDArray[np.unsignedinteger] | None:
    """The whole pixel cells of a frame, unused bits and all; ``None`` where they cannot be read (nor can the image)."""
    whole = replace(
        spec, bits_stored=spec.bits_allocated, high_bit=spec.bits_allocated - 1, signed=False, has_overlays=False
    )
    target = np.empty(whole.shape, whole.dtype)
    try:
        with FrameSource(instance, whole) as source:
            source.read_into(frame, target)
    except UserError:
        return None
    return target


def packed_plane(dataset: Dataset, group: int, frame: int, shape: tuple[int, int]) -> Bits | None:
    """The bits of Overlay Data on the image's own grid, ``shape`` (PS3.5 8.1.2); ``None`` where ``frame`` has none."""
    rows = header.integer(dataset, _tag(group, _ROWS))
    columns = header.integer(dataset, _tag(group, _COLUMNS))
    allocated = header.integer(dataset, _tag(group, _BITS))
    data, is_little_endian = header.raw_bytes(dataset, _tag(group, _DATA))
    if not rows or not columns or rows < 0 or columns < 0 or allocated not in (None, 1) or not data:
        return None
    if not is_little_endian and header.vr(dataset, _tag(group, _DATA)) == "OW":
        words = np.frombuffer(data[: len(data) // 2 * 2], np.uint8).reshape(-1, 2)
        data = words[:, ::-1].tobytes()
    number = _overlay_frame(dataset, group, frame)
    if number is None or (number + 1) * rows * columns > len(data) * 8:
        return None
    origin = header.numbers(dataset, _tag(group, _ORIGIN))
    top, left = (round(origin[0]) - 1, round(origin[1]) - 1) if len(origin) >= 2 else (0, 0)
    start = number * rows * columns
    bits = np.zeros(shape, np.bool_)
    first_column, last_column = max(left, 0), min(left + columns, shape[1])
    if first_column >= last_column:
        return bits
    packed = np.frombuffer(data, np.uint8)
    # A row at a time: what lies beside the image is never unpacked, however large the plane claims to be.
    for row in range(max(top, 0), min(top + rows, shape[0])):
        at = start + (row - top) * columns + first_column - left
        count = last_column - first_column
        unpacked = np.unpackbits(packed[at // 8 : (at + count + 7) // 8], bitorder="little")
        bits[row, first_column:last_column] = unpacked[at % 8 : at % 8 + count]
    return bits


def _overlay_frame(dataset: Dataset, group: int, frame: int) -> int | None:
    """Which frame of the overlay lies over frame ``frame`` of the image, both from 0 (PS3.3 C.9.3.1.1).

    An overlay that says nothing of frames lies over all of them.
    """
    count = header.integer(dataset, _tag(group, _FRAMES))
    origin = header.integer(dataset, _tag(group, _FRAME_ORIGIN))
    if count is None and origin is None:
        return 0
    number = frame - (max(origin or 1, 1) - 1)
    return number if 0 <= number < max(count or 1, 1) else None
