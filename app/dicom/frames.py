"""What each frame says about itself, from flat attributes or functional groups (PS3.3 C.7.6.16)."""

from __future__ import annotations

import datetime
import math
from dataclasses import dataclass, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from app.dicom import header, nuclear, plane
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
    silent.
    """

    instance: Instance
    index: int
    position: FloatArray | None
    orientation: FloatArray | None
    spacing: Spacing
    image_type: tuple[str, ...]
    frame_of_reference: str
    number: int | None
    thickness: float | None
    groups: Groups

    @cached_property
    def times(self) -> dict[str, float]:
        """What may tell frames at one position apart, by attribute keyword; clocks in seconds, other times in
        milliseconds. Read when first asked for: few series need it.
        """
        times = _times(self.groups, self.index) if self.groups.per_frame else self.groups.times
        return times | nuclear.indices(self.groups.dataset, self.index) if self.groups.is_nuclear else times

    @cached_property
    def names(self) -> dict[str, str]:
        """What the file calls some of them."""
        return nuclear.names(self.groups.dataset, self.times)


class Groups:
    """Functional groups of a multi-frame object: a frame's own macro, else the shared one, else the data set itself."""

    def __init__(self, dataset: Dataset) -> None:
        self.dataset = dataset
        self.shared = next(iter(header.items(dataset, "SharedFunctionalGroupsSequence")), None)
        self.per_frame = header.items(dataset, "PerFrameFunctionalGroupsSequence")

    @cached_property
    def is_nuclear(self) -> bool:
        """Whether vectors say what each frame is."""
        return nuclear.is_nuclear(self.dataset)

    @cached_property
    def times(self) -> dict[str, float]:
        """``Frame.times`` of any frame, where frames have no groups of their own: read once for all of them."""
        return _times(self, 0)

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
    slices = nuclear.reconstructed(dataset)
    frames: list[Frame] = []
    for index in range(instance.number_of_frames):
        if index and not groups.per_frame and slices is None:
            # All frames say the same, and a cine has thousands.
            frames.append(replace(frames[0], index=index))
            continue
        position = plane.numbers_array(groups.holder(index, "PlanePositionSequence"), "ImagePositionPatient", 3)
        orientation = plane.orientation_of(groups.holder(index, "PlaneOrientationSequence"))
        if orientation is None and slices is not None:
            position, orientation = slices.position(index), slices.orientation
        measures = groups.macro(index, "PixelMeasuresSequence")
        measures = measures or groups.macro(index, "ProjectionPixelCalibrationSequence")
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
                thickness=header.number(measures or dataset, "SliceThickness"),
                groups=groups,
            )
        )
    return frames


_FRAME_TYPES = ("MRImageFrameTypeSequence", "CTImageFrameTypeSequence", "PETFrameTypeSequence")


def _frame_type(groups: Groups, index: int) -> tuple[str, ...]:
    for sequence in _FRAME_TYPES:
        macro = groups.macro(index, sequence)
        if macro is not None:
            return tuple(value.upper() for value in header.codes(macro, "FrameType"))
    return ()


_FLAT = (
    "EchoTime",
    "EchoNumbers",
    "DiffusionBValue",
    "InversionTime",
    "FlipAngle",
    "KVP",
    "AcquisitionNumber",
    "TemporalPositionIndex",
    "TemporalPositionIdentifier",
    "TriggerTime",
    "NominalPercentageOfCardiacPhase",
    "NominalPercentageOfRespiratoryPhase",
    "FrameReferenceTime",
)
"""Numbers in a data set that may tell images at one position apart."""
_CLOCKS = (
    ("FrameReferenceDateTime", "", "FrameReferenceDateTime"),
    ("AcquisitionTime", "", "AcquisitionDateTime"),
    ("AcquisitionTime", "AcquisitionDate", "AcquisitionTime"),
    ("ContentTime", "ContentDate", "ContentTime"),
)
"""(name, attribute of the date, attribute of the time)."""


def _times(groups: Groups, index: int) -> dict[str, float]:
    dataset = groups.dataset
    times: dict[str, float] = {}

    def note(name: str, holder: Dataset | None, keyword: str) -> None:
        value = None if holder is None or name in times else header.number(holder, keyword)
        if value is not None:
            times[name] = value

    def note_clock(name: str, holder: Dataset | None, date: str, time: str) -> None:
        if holder is not None and name not in times:
            value = _moment(header.code(holder, date) if date else "", header.code(holder, time))
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
    cardiac = groups.macro(index, "CardiacSynchronizationSequence")
    note("TriggerTime", cardiac, "NominalCardiacTriggerDelayTime")
    note("NominalPercentageOfCardiacPhase", cardiac, "NominalPercentageOfCardiacPhase")
    respiratory = groups.macro(index, "RespiratorySynchronizationSequence")
    note("NominalPercentageOfRespiratoryPhase", respiratory, "NominalPercentageOfRespiratoryPhase")
    note_clock("FrameReferenceDateTime", content, "", "FrameReferenceDateTime")
    note_clock("AcquisitionTime", content, "", "FrameAcquisitionDateTime")
    for keyword in _FLAT:
        note(keyword, dataset, keyword)
    for name, date, time in _CLOCKS:
        note_clock(name, dataset, date, time)
    return times


def _moment(date: str, time: str) -> float | None:
    """A date and a time, or a date-time, in seconds; the date counts, so that a scan may pass midnight (PS3.5 6.2)."""
    digits = time.split("+")[0].split("-")[0].replace(":", "").strip()
    whole, _, fraction = digits.partition(".")
    if len(whole) > 8:
        date, whole = whole[:8], whole[8:]
    if not whole.isdecimal():
        return None
    whole = whole.ljust(6, "0")
    seconds = int(whole[:2]) * 3600 + int(whole[2:4]) * 60 + int(whole[4:6])
    return _day(date) * 86400.0 + seconds + (float(f"0.{fraction}") if fraction.isdecimal() else 0.0)


def _day(date: str) -> int:
    """A number for a date, 0 for none that is one."""
    digits = date.replace(".", "").strip()
    try:
        return datetime.date(int(digits[:4]), int(digits[4:6]), int(digits[6:8])).toordinal()
    except ValueError:
        return 0


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
