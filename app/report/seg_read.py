"""Reading a DICOM Segmentation back onto the images that it belongs to (PS3.3 A.51, C.8.20).

Frames find their image by the SOP instance and frame that they refer to; where a segmentation names no single source
for a frame, by the plane's place in the same frame of reference.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pydicom
from pydicom.pixels.utils import pixel_array
from pydicom.uid import UID

from app.dicom import header as headers
from app.dicom.header import PARSE_ERRORS
from app.errors import UnreadableFile, UsageError
from app.report import colour
from inference.types import Code, Label

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from pydicom import Dataset

    from app.dicom.model import Series

Mask = npt.NDArray[np.bool_]

_SEG_CLASSES = ("1.2.840.10008.5.1.4.1.1.66.4", "1.2.840.10008.5.1.4.1.1.66.7")
_MAX_FRAMES = 1_000_000
# Where a file names no colour: a few that are far apart, in turn.
_PALETTE = ((230, 85, 70), (70, 150, 235), (85, 190, 110), (240, 180, 50), (170, 110, 220), (60, 190, 190))
_PLACE_TOLERANCE_MM = 0.01


@dataclass(frozen=True)
class _SegFrame:
    """``segment``: number, 0 for a label map, which holds all. ``sources``: (SOP Instance UID, frame from 1 or 0)."""

    number: int
    segment: int
    sources: tuple[tuple[str, int], ...]
    position: tuple[float, ...]
    orientation: tuple[float, ...]


@dataclass(frozen=True, eq=False)
class Segmentation:
    """A segmentation in memory. ``labels``: one a segment, ``Label.value`` is its number."""

    path: Path
    rows: int
    columns: int
    labels: tuple[Label, ...]
    frame_of_reference_uid: str
    _frames: tuple[_SegFrame, ...]
    _dataset: Dataset

    def masks(self, series: Series, index: int) -> list[tuple[Mask, Label]]:
        """What the segments cover of sorted frame ``index``: (mask (rows, columns), label), in segment order.

        Segments may overlap. Empty where the segmentation has nothing on this image. Raises ``UsageError`` for another
        matrix size, ``UnreadableFile`` where the pixels cannot be decoded.
        """
        if (self.rows, self.columns) != (series.rows, series.columns):
            raise UsageError(
                f"cannot draw {self.path}",
                f"it is {self.columns}×{self.rows} pixels, the image {series.columns}×{series.rows}",
                "Choose the series that it was made from, with --series.",
            )
        found: dict[int, Mask] = {}
        for frame in self._on(series, index):
            pixels = self._decoded(frame.number)
            for label in self.labels:
                if frame.segment in (0, label.value):
                    mask = pixels == label.value if frame.segment == 0 else pixels.astype(bool)
                    known = found.get(label.value)
                    found[label.value] = mask if known is None else known | mask
        return [(found[label.value], label) for label in self.labels if label.value in found]

    def covers(self, series: Series) -> bool:
        """Whether any frame belongs to an image of ``series``."""
        return any(self._on(series, index) for index in range(len(series.frames)))

    @cached_property
    def _by_source(self) -> dict[str, list[_SegFrame]]:
        """Frames with a single source by its SOP Instance UID; under the empty one those that only have a place."""
        found: dict[str, list[_SegFrame]] = {}
        for frame in self._frames:
            found.setdefault(frame.sources[0][0] if len(frame.sources) == 1 else "", []).append(frame)
        return found

    def _on(self, series: Series, index: int) -> list[_SegFrame]:
        """Frames that belong to sorted frame ``index`` of ``series``."""
        number = series.frames[index].frame + 1
        referred = self._by_source.get(series.instance_of(index).sop_instance_uid, [])
        placed = self._by_source.get("", [])
        return [
            *(frame for frame in referred if frame.sources[0][1] in (0, number)),
            *(frame for frame in placed if self._lies_on(frame, series, index)),
        ]

    def _lies_on(self, frame: _SegFrame, series: Series, index: int) -> bool:
        if (
            series.positions is None
            or series.orientation is None
            or not self.frame_of_reference_uid
            or self.frame_of_reference_uid != series.frame_of_reference_uid
            or (len(frame.position), len(frame.orientation)) != (3, 6)
        ):
            return False
        near = np.allclose(series.positions[index], frame.position, rtol=0, atol=_PLACE_TOLERANCE_MM)
        return near and np.allclose(series.orientation, frame.orientation, rtol=0, atol=1e-4)

    def _decoded(self, number: int) -> npt.NDArray[np.generic]:
        """Frame ``number``, from 0: bool, a fractional one cut at half its maximum; segment numbers for a label map."""
        dataset, size = self._dataset, self.rows * self.columns
        try:
            if dataset.BitsAllocated == 1 and not UID(dataset.file_meta.TransferSyntaxUID).is_encapsulated:
                # Frames are not padded to whole bytes (PS3.5 8.1.1).
                start, stop = number * size, (number + 1) * size
                packed = np.frombuffer(dataset.PixelData, np.uint8)[start // 8 : -(-stop // 8)]
                bits = np.unpackbits(packed, bitorder="little")[start % 8 : start % 8 + size]
                return bits.reshape(self.rows, self.columns).astype(bool)
            frame = np.asarray(pixel_array(dataset, index=number)).reshape(self.rows, self.columns)
        except PARSE_ERRORS as error:
            raise _unreadable(self.path, "its pixel data is damaged, or its compression is not supported") from error
        if _is_label_map(dataset):
            return frame
        if headers.code(dataset, "SegmentationType") == "FRACTIONAL":
            return frame.astype(np.int64) * 2 >= (headers.integer(dataset, "MaximumFractionalValue") or 255)
        return frame != 0


def read_seg(path: Path) -> Segmentation:
    """Opens a DICOM SEG: binary, fractional or label map. Raises ``UnreadableFile`` with the reason."""
    try:
        dataset = pydicom.dcmread(path)
    except FileNotFoundError as error:
        raise _unreadable(path, "there is no such file") from error
    except PARSE_ERRORS as error:
        raise _unreadable(path, "it is not a readable DICOM file") from error
    if headers.code(dataset, "SOPClassUID") not in _SEG_CLASSES:
        raise _unreadable(path, "it is not a DICOM Segmentation")
    try:
        return _segmentation(path, dataset)
    except PARSE_ERRORS as error:
        raise _unreadable(path, "it is damaged") from error


def _unreadable(path: Path, why: str) -> UnreadableFile:
    return UnreadableFile(f"cannot read the segmentation {path}", why, "Name a DICOM SEG file.")


def _segmentation(path: Path, dataset: Dataset) -> Segmentation:
    rows, columns = int(dataset.Rows), int(dataset.Columns)
    count = headers.integer(dataset, "NumberOfFrames") or 0
    if rows < 1 or columns < 1 or not 0 < count <= _MAX_FRAMES:
        raise ValueError("no frames")
    if int(dataset.BitsAllocated) == 1 and len(dataset.PixelData) * 8 < rows * columns * count:
        raise ValueError("fewer pixels than the header promises")
    groups = headers.items(dataset, "PerFrameFunctionalGroupsSequence")
    shared = next(iter(headers.items(dataset, "SharedFunctionalGroupsSequence")), pydicom.Dataset())
    if len(groups) != count:
        raise ValueError("functional groups do not match the frames")
    is_map = _is_label_map(dataset)
    frames = tuple(_frame(number, group, shared, is_map=is_map) for number, group in enumerate(groups))
    labels = tuple(_label(item, n) for n, item in enumerate(headers.items(dataset, "SegmentSequence")))
    return Segmentation(path, rows, columns, labels, headers.code(dataset, "FrameOfReferenceUID"), frames, dataset)


def _is_label_map(dataset: Dataset) -> bool:
    return headers.code(dataset, "SegmentationType") == "LABELMAP"


def _frame(number: int, group: Dataset, shared: Dataset, *, is_map: bool) -> _SegFrame:
    segment = 0
    if not is_map:
        segment = (
            headers.integer(_group(group, shared, "SegmentIdentificationSequence"), "ReferencedSegmentNumber") or -1
        )
    sources = tuple(
        (headers.code(source, "ReferencedSOPInstanceUID"), headers.integer(source, "ReferencedFrameNumber") or 0)
        for derivation in _groups(group, shared, "DerivationImageSequence")
        for source in headers.items(derivation, "SourceImageSequence")
    )
    position = headers.numbers(_group(group, shared, "PlanePositionSequence"), "ImagePositionPatient")
    orientation = headers.numbers(_group(group, shared, "PlaneOrientationSequence"), "ImageOrientationPatient")
    return _SegFrame(number, segment, sources, position, orientation)


def _groups(group: Dataset, shared: Dataset, keyword: str) -> Sequence[Dataset]:
    return headers.items(group, keyword) or headers.items(shared, keyword)


def _group(group: Dataset, shared: Dataset, keyword: str) -> Dataset:
    return next(iter(_groups(group, shared, keyword)), pydicom.Dataset())


def _label(item: Dataset, order: int) -> Label:
    number = headers.integer(item, "SegmentNumber")
    if number is None:
        raise ValueError("a segment without a number")
    kind = next(iter(headers.items(item, "SegmentedPropertyTypeCodeSequence")), pydicom.Dataset())
    code = Code(
        headers.code(kind, "CodeValue") or headers.code(kind, "LongCodeValue"),
        headers.text(kind, "CodeMeaning"),
        headers.code(kind, "CodingSchemeDesignator"),
    )
    lab = [int(value) for value in headers.numbers(item, "RecommendedDisplayCIELabValue")]
    shown = colour.from_cielab((lab[0], lab[1], lab[2])) if len(lab) == 3 else _PALETTE[order % len(_PALETTE)]
    return Label(number, headers.text(item, "SegmentLabel") or f"Segment {number}", code, shown)
