"""Frames of nuclear medicine: vectors say which detector, energy window, slice or time slot each belongs to.

# PS3.3 C.8.4.8 (NM Multi-frame), C.8.4.9 (vectors), C.8.4.15 (reconstruction)
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from app.dicom import header, plane

if TYPE_CHECKING:
    from pydicom import Dataset

_VECTORS = (
    "EnergyWindow",
    "Detector",
    "Phase",
    "Rotation",
    "RRInterval",
    "TimeSlot",
    "AngularView",
    "Slice",
    "TimeSlice",
)
"""Vectors without the word at their end; each holds a number from 1 for every frame."""

_FREE = ("Phase", "Rotation", "AngularView", "TimeSlice", "RRInterval", "TimeSlot", "Slice")
"""What makes another picture of a planar acquisition, in the order in which a reader goes through it."""


@dataclass(frozen=True, eq=False)
class Slices:
    """Where the frames of a reconstruction lie. ``numbers``: each frame's slice, from 1."""

    first: npt.NDArray[np.float64]
    step: npt.NDArray[np.float64]
    orientation: npt.NDArray[np.float64]
    numbers: tuple[float, ...]

    def position(self, frame: int) -> npt.NDArray[np.float64] | None:
        """LPS mm of the centre of the first voxel of ``frame`` (from 0)."""
        return self.first + (self.numbers[frame] - 1) * self.step if frame < len(self.numbers) else None


def is_nuclear(dataset: Dataset) -> bool:
    """Whether frames are told apart by vectors."""
    return header.code(dataset, "Modality").upper() == "NM"


def indices(dataset: Dataset, frame: int) -> dict[str, float]:
    """What the vectors say of ``frame`` (from 0), by vector without the word at its end."""
    if not is_nuclear(dataset):
        return {}
    found = {}
    for name in _VECTORS:
        vector = header.numbers(dataset, f"{name}Vector")
        if frame < len(vector):
            found[name] = vector[frame]
    return found


def place(indices: dict[str, float]) -> tuple[float, ...]:
    """What two frames of different detectors or energy windows share when they show the same moment and slice."""
    return tuple(indices.get(name, 0.0) for name in _FREE)


def names(dataset: Dataset, indices: dict[str, float]) -> dict[str, str]:
    """What the file calls the energy window and the detector (its view) of a frame."""
    found = {}
    windows = header.items(dataset, "EnergyWindowInformationSequence")
    window = int(indices.get("EnergyWindow", 0))
    if 1 <= window <= len(windows):
        found["EnergyWindow"] = header.text(windows[window - 1], "EnergyWindowName") or _range(windows[window - 1])
    detectors = header.items(dataset, "DetectorInformationSequence")
    detector = int(indices.get("Detector", 0))
    if 1 <= detector <= len(detectors):
        views = header.items(detectors[detector - 1], "ViewCodeSequence")
        found["Detector"] = header.text(views[0], "CodeMeaning") if views else ""
    return {name: text for name, text in found.items() if text}


def _range(window: Dataset) -> str:
    ranges = header.items(window, "EnergyWindowRangeSequence")
    low = header.number(ranges[0], "EnergyWindowLowerLimit") if ranges else None
    high = header.number(ranges[0], "EnergyWindowUpperLimit") if ranges else None
    return "" if low is None or high is None else f"{low:g}–{high:g} keV"


def reconstructed(dataset: Dataset) -> Slices | None:
    """Where the slices of a reconstruction lie; ``None`` for planar images, and where the file does not say.

    The first slice's plane stands with the detector; a negative Spacing Between Slices runs against the normal.
    # PS3.3 C.8.4.15.1.1
    """
    if not is_nuclear(dataset):
        return None
    numbers = header.numbers(dataset, "SliceVector")
    detectors = header.items(dataset, "DetectorInformationSequence")
    spacing = header.number(dataset, "SpacingBetweenSlices")
    if not numbers or not detectors or not spacing:
        return None
    first = plane.numbers_array(detectors[0], "ImagePositionPatient", 3)
    orientation = plane.orientation_of(detectors[0])
    if first is None or orientation is None:
        return None
    normal = np.cross(orientation[:3], orientation[3:])
    return Slices(first, normal * spacing, orientation, numbers)
