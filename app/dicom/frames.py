"""What each frame says about itself, from flat attributes or functional groups (PS3.3 C.7.6.16)."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from app.dicom import header
from app.dicom.calibration import Spacing, spacing_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pydicom import Dataset

    from app.dicom.model import Instance

FloatArray = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Frame:
    """One frame of one instance, before it joins a stack.

    ``position``: LPS mm of the first voxel's centre, ``orientation``: six cosines; both ``None`` where the file is
    silent. ``times``: what may tell frames at one position apart, by attribute keyword.
    """

    instance: Instance
    index: int
    position: FloatArray | None
    orientation: FloatArray | None
    spacing: Spacing
    image_type: tuple[str, ...]
    frame_of_reference: str
    number: int | None
    times: dict[str, float]
    thickness: float | None


class Groups:
    """Functional groups of a multi-frame object: a frame's own macro, else the shared one, else the data set itself."""

    def __init__(self, dataset: Dataset) -> None:
        self.dataset = dataset
        self.shared = next(iter(header.items(dataset, "SharedFunctionalGroupsSequence")), None)
        self.per_frame = header.items(dataset, "PerFrameFunctionalGroupsSequence")

    def macro(self, frame: int, sequence: str) -> Dataset | None:
        """The item of ``sequence`` that applies to ``frame`` (from 0), or ``None``."""
        for group in (self.per_frame[frame] if frame < len(self.per_frame) else None, self.shared):
            if group is not None:
                found = header.items(group, sequence)
                if found:
                    return found[0]
        return None

    def holder(self, frame: int, sequence: str) -> Dataset:
        """Where to look for a macro's attributes: the macro, or the data set of a classic object."""
        return self.macro(frame, sequence) or self.dataset


def frames_of(instance: Instance) -> list[Frame]:
    """All frames that ``instance`` holds."""
    dataset = instance.header
    groups = Groups(dataset)
    number = header.integer(dataset, "InstanceNumber")
    reference = header.code(dataset, "FrameOfReferenceUID")
    whole_spacing = spacing_of(dataset)
    whole_type = tuple(value.upper() for value in header.codes(dataset, "ImageType"))
    frames = []
    for index in range(instance.number_of_frames):
        position = numbers_array(groups.holder(index, "PlanePositionSequence"), "ImagePositionPatient", 3)
        orientation = orientation_of(groups.holder(index, "PlaneOrientationSequence"))
        measures = groups.macro(index, "PixelMeasuresSequence")
        frames.append(
            Frame(
                instance=instance,
                index=index,
                position=position if orientation is not None else None,
                orientation=orientation,
                spacing=whole_spacing if measures is None else spacing_of(dataset, measures),
                image_type=_frame_type(groups, index) or whole_type,
                frame_of_reference=reference,
                number=number,
                times=_times(groups, index),
                thickness=header.number(measures or dataset, "SliceThickness"),
            )
        )
    return frames


def numbers_array(dataset: Dataset, keyword: str, count: int) -> FloatArray | None:
    """``count`` finite numbers as an array, or ``None``."""
    values = header.numbers(dataset, keyword)
    return np.array(values) if len(values) == count else None


def orientation_of(dataset: Dataset) -> FloatArray | None:
    """Image Orientation (Patient) with unit cosines, or ``None`` where absent or not two perpendicular directions."""
    cosines = numbers_array(dataset, "ImageOrientationPatient", 6)
    if cosines is None:
        return None
    row, column = cosines[:3], cosines[3:]
    lengths = np.linalg.norm(row), np.linalg.norm(column)
    if min(lengths) < 0.9 or max(lengths) > 1.1 or abs(row @ column) > 0.02:
        return None
    return np.concatenate([row / lengths[0], column / lengths[1]])


_FRAME_TYPES = ("MRImageFrameTypeSequence", "CTImageFrameTypeSequence", "PETFrameTypeSequence")


def _frame_type(groups: Groups, index: int) -> tuple[str, ...]:
    for sequence in _FRAME_TYPES:
        macro = groups.macro(index, sequence)
        if macro is not None:
            return tuple(value.upper() for value in header.codes(macro, "FrameType"))
    return ()


SPLITS = ("EchoTime", "EchoNumbers", "DiffusionBValue", "InversionTime", "FlipAngle", "AcquisitionNumber")
"""Attributes that make separate volumes of frames at one position."""
PHASES = (
    "TemporalPositionIndex",
    "TemporalPositionIdentifier",
    "TriggerTime",
    "FrameReferenceDateTime",
    "AcquisitionTime",
    "ContentTime",
)
"""Attributes that make time points of frames at one position."""


def _times(groups: Groups, index: int) -> dict[str, float]:
    dataset = groups.dataset
    times: dict[str, float] = {}

    def note(name: str, holder: Dataset | None, keyword: str) -> None:
        if holder is not None and name not in times:
            value = _clock(header.code(holder, keyword)) if "Time" in keyword and _is_clock(keyword) else None
            value = header.number(holder, keyword) if value is None else value
            if value is not None:
                times[name] = value

    echo = groups.macro(index, "MREchoSequence")
    note("EchoTime", echo, "EffectiveEchoTime")
    diffusion = groups.macro(index, "MRDiffusionSequence")
    note("DiffusionBValue", diffusion, "DiffusionBValue")
    timing = groups.macro(index, "MRTimingAndRelatedParametersSequence")
    note("FlipAngle", timing, "FlipAngle")
    content = groups.macro(index, "FrameContentSequence")
    note("TemporalPositionIndex", content, "TemporalPositionIndex")
    note("AcquisitionNumber", content, "FrameAcquisitionNumber")
    note("TriggerTime", groups.macro(index, "CardiacSynchronizationSequence"), "NominalCardiacTriggerDelayTime")
    for keyword in (*SPLITS, *PHASES):
        note(keyword, dataset, keyword)
    return times


def _is_clock(keyword: str) -> bool:
    return keyword in ("AcquisitionTime", "ContentTime", "FrameReferenceDateTime")


def _clock(value: str) -> float | None:
    """HHMMSS.FFFFFF, or the time part of a date-time, in seconds of the day (PS3.5 6.2)."""
    digits = value.split("+")[0].split("-")[0]
    whole, _, fraction = digits.partition(".")
    whole = whole[8:] if len(whole) > 8 else whole
    if not whole.isdigit():
        return None
    whole = whole.ljust(6, "0")
    seconds = int(whole[:2]) * 3600 + int(whole[2:4]) * 60 + int(whole[4:6])
    return seconds + (float(f"0.{fraction}") if fraction.isdigit() else 0.0)


def distances(frames: Sequence[Frame]) -> FloatArray:
    """Each frame's distance in mm along the normal of the first; all must have positions (PS3.3 C.7.6.2.1.1)."""
    first = frames[0].orientation
    assert first is not None
    normal = np.cross(first[:3], first[3:])
    positions = [frame.position for frame in frames]
    assert all(position is not None for position in positions)
    return np.asarray(np.array(positions) @ normal, dtype=np.float64)


def angle_degrees(a: FloatArray, b: FloatArray) -> float:
    """The angle between two directions."""
    cosine = float(a @ b / (np.linalg.norm(a) * np.linalg.norm(b)))
    return math.degrees(math.acos(max(-1.0, min(1.0, cosine))))
