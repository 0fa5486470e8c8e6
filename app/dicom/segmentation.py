"""What a DICOM Segmentation holds: its segments, and where each of its frames lies (PS3.3 A.51, C.8.20).

Binary, fractional and label map. Frames may leave gaps, leave out what is empty, and overlap. Pixels are read frame by
frame when they are asked for, with the same readers and decoders as images.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pydicom

from app.dicom import cielab, parse
from app.dicom import header as headers
from app.dicom.header import PARSE_ERRORS
from app.dicom.objects import ObjectKind, kind_of
from app.dicom.reading import FrameSource
from app.errors import UnreadableFile
from inference.types import Code, Label, Tick, no_tick
from inference.words import say

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from pydicom import Dataset

    from app.dicom.model import Instance

Cover = npt.NDArray[np.uint8]
"""How much of each pixel a segment covers: 0 to 255."""

FULL = 255

# Where a file names no colour: a few that are far apart, in turn.
PALETTE = ((230, 85, 70), (70, 150, 235), (85, 190, 110), (240, 180, 50), (170, 110, 220), (60, 190, 190))


@dataclass(frozen=True)
class SegFrame:
    """``number``: from 0. ``segment``: its number, 0 for a label map, which holds all. ``sources``: (SOP Instance UID,
    frame from 1, or 0 for a whole instance). ``position``, ``orientation``: LPS mm and cosines, empty where the file is
    silent; ``spacing``: mm between rows and between columns."""

    number: int
    segment: int
    sources: tuple[tuple[str, int], ...]
    position: tuple[float, ...]
    orientation: tuple[float, ...]
    spacing: tuple[float, float] | None


@dataclass(frozen=True, eq=False)
class Segmentation:
    """A segmentation in memory, without its pixels. ``labels``: one a segment, ``Label.value`` is its number.

    ``thickness``: mm that a frame stands for along its normal, or ``None``.
    """

    path: Path
    rows: int
    columns: int
    labels: tuple[Label, ...]
    frame_of_reference_uid: str
    frames: tuple[SegFrame, ...]
    is_fractional: bool
    thickness: float | None
    _instance: Instance
    _maximum: int

    @property
    def is_label_map(self) -> bool:
        """Whether each pixel holds a segment's number."""
        return headers.code(self._instance.header, "SegmentationType") == "LABELMAP"

    def reader(self) -> SegReader:
        """Its pixels: a context manager."""
        return SegReader(self)


class SegReader:
    """The pixels of a segmentation, while its file is open."""

    def __init__(self, segmentation: Segmentation) -> None:
        self._segmentation = segmentation
        self._source = FrameSource(segmentation._instance)

    def __enter__(self) -> SegReader:
        return self

    def __exit__(self, *_: object) -> None:
        self._source.close()

    def covers(self, frame: SegFrame) -> list[tuple[Label, Cover]]:
        """What each segment covers of ``frame``, in the order of segments; those that cover nothing are left out.

        Fractions are scaled to Maximum Fractional Value (C.8.20.2.3.2). Raises ``UnreadableFile`` with the reason.
        """
        segmentation = self._segmentation
        stored = np.empty((segmentation.rows, segmentation.columns), self._source.spec.dtype)
        try:
            self._source.read_into(frame.number, stored)
        except UnreadableFile as error:
            raise _unreadable(segmentation.path, error.why or say("its pixel data is damaged")) from error
        except PARSE_ERRORS as error:
            raise _unreadable(segmentation.path, say("its pixel data is damaged")) from error
        if frame.segment == 0:
            present = frozenset(np.unique(stored).tolist())
            return [(label, _cover(stored == label.value)) for label in segmentation.labels if label.value in present]
        if not stored.any():
            return []
        if segmentation.is_fractional:
            share = np.minimum(stored.astype(np.float32) * (FULL / segmentation._maximum), FULL)
            cover = np.rint(share).astype(np.uint8)
        else:
            cover = _cover(stored != 0)
        return [(label, cover) for label in segmentation.labels if label.value == frame.segment]


def _cover(mask: npt.NDArray[np.bool_]) -> Cover:
    return mask.astype(np.uint8) * np.uint8(FULL)


def read_seg(path: Path, tick: Tick = no_tick) -> Segmentation:
    """Opens a DICOM SEG: binary, fractional or label map. Raises ``UnreadableFile`` with the reason, ``Cancelled`` from
    ``tick``."""
    try:
        instance = parse.read_pixels(path, lambda _: tick(0.0))
    except UnreadableFile as error:
        raise _unreadable(path, error.why or say("it is damaged")) from error
    if kind_of(instance.header) is not ObjectKind.SEG:
        raise _unreadable(path, say("it is not a DICOM Segmentation"))
    try:
        return _segmentation(path, instance, tick)
    except PARSE_ERRORS as error:
        raise _unreadable(path, say("it is damaged")) from error


def _unreadable(path: Path, why: str) -> UnreadableFile:
    return UnreadableFile(say("cannot read the segmentation {path}", path=path), why, say("Name a DICOM SEG file."))


def _segmentation(path: Path, instance: Instance, tick: Tick) -> Segmentation:
    dataset = instance.header
    count = headers.integer(dataset, "NumberOfFrames") or 0
    if instance.number_of_frames != count:
        raise ValueError("fewer pixels than the header promises")
    groups = headers.items(dataset, "PerFrameFunctionalGroupsSequence")
    shared = next(iter(headers.items(dataset, "SharedFunctionalGroupsSequence")), pydicom.Dataset())
    if len(groups) != count:
        raise ValueError("functional groups do not match the frames")
    is_map = headers.code(dataset, "SegmentationType") == "LABELMAP"
    frames = []
    for number, group in enumerate(groups):
        tick(number / count)
        frames.append(_frame(number, group, shared, is_map=is_map))
    background = headers.integer(dataset, "PixelPaddingValue") or 0
    labels = _named_apart(headers.items(dataset, "SegmentSequence"))
    measures = _group(groups[0], shared, "PixelMeasuresSequence")
    thickness = headers.number(measures, "SpacingBetweenSlices") or headers.number(measures, "SliceThickness")
    return Segmentation(
        path=path,
        rows=headers.integer(dataset, "Rows") or 0,
        columns=headers.integer(dataset, "Columns") or 0,
        labels=tuple(label for label in labels if not (is_map and label.value == background)),
        frame_of_reference_uid=headers.code(dataset, "FrameOfReferenceUID"),
        frames=tuple(frames),
        is_fractional=headers.code(dataset, "SegmentationType") == "FRACTIONAL",
        thickness=thickness if thickness and thickness > 0 else None,
        _instance=instance,
        _maximum=max(headers.integer(dataset, "MaximumFractionalValue") or FULL, 1),
    )


def _frame(number: int, group: Dataset, shared: Dataset, *, is_map: bool) -> SegFrame:
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
    placed = len(position) == 3 and len(orientation) == 6
    spacing = headers.positive_pair(_group(group, shared, "PixelMeasuresSequence"), "PixelSpacing")
    return SegFrame(number, segment, sources, position if placed else (), orientation if placed else (), spacing)


def _groups(group: Dataset, shared: Dataset, keyword: str) -> Sequence[Dataset]:
    return headers.items(group, keyword) or headers.items(shared, keyword)


def _group(group: Dataset, shared: Dataset, keyword: str) -> Dataset:
    return next(iter(_groups(group, shared, keyword)), pydicom.Dataset())


def _named_apart(items: Sequence[Dataset]) -> tuple[Label, ...]:
    """The segments' labels; where several have one name, each with its description too."""
    labels = [_label(item, n) for n, item in enumerate(items)]
    names = [label.name for label in labels]
    for n, (item, label) in enumerate(zip(items, labels, strict=True)):
        description = headers.text(item, "SegmentDescription")
        if names.count(label.name) > 1 and description and description != label.name:
            labels[n] = replace(label, name=f"{label.name} ({description})")
    return tuple(labels)


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
    shown = cielab.from_cielab((lab[0], lab[1], lab[2])) if len(lab) == 3 else PALETTE[order % len(PALETTE)]
    return Label(number, headers.text(item, "SegmentLabel") or say("Segment {number}", number=number), code, shown)
