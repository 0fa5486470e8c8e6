"""The unit of modality values: what a probe may call them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.dicom import header
from app.dicom.frames import Groups
from inference.words import say

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pydicom import Dataset

    from app.dicom.frames import Frame
    from app.dicom.model import Instance

_PET = {"BQML": "Bq/ml", "CNTS": "counts", "NONE": "", "CM2ML": "cm2/ml", "PROPCNTS": "prop. counts", "PCNT": "%"}
_SUV_TYPES = {"": "SUVbw", "BW": "SUVbw", "LBM": "SUVlbm", "BSA": "SUVbsa", "IBW": "SUVibw", "LBMJAMES128": "SUVlbm"}


def unit_of(frame: Frame) -> str:
    """``"HU"`` for CT with a rescale that says HU or nothing, PET's Units, else Rescale Type; ``""`` where unitless.

    It is the file's own unit: ``suv`` says which PET values become SUV.

    # PS3.3 C.8.2.1 (CT), C.8.9.1 (PET), C.11.1.1.2 (Rescale Type)
    """
    dataset = frame.instance.header
    modality = header.code(dataset, "Modality").upper()
    transform = Groups(dataset).holder(frame.index, "PixelValueTransformationSequence")
    if modality == "PT":
        return pet_unit(dataset)
    rescaled = rescale(transform)[0] is not None
    kind = header.code(transform, "RescaleType")
    lut = next(iter(header.items(dataset, "ModalityLUTSequence")), None)
    if lut is not None and not rescaled:
        kind = header.text(lut, "ModalityLUTType")
        return "" if kind.upper() in ("US", "") else kind
    if modality == "CT" and rescaled and kind.upper() in ("", "HU"):
        return "HU"
    return "" if not rescaled or kind.upper() in ("US", "") else kind


def rescale(transform: Dataset) -> tuple[float | None, float]:
    """Rescale Slope, ``None`` where it is absent, zero or no usable number, and Rescale Intercept (PS3.3 C.11.1.1.2).

    Without a slope values are as stored, plus the intercept, and have no unit.
    """
    return header.number(transform, "RescaleSlope") or None, header.number(transform, "RescaleIntercept") or 0.0


def rescale_warnings(instances: Sequence[Instance]) -> list[str]:
    """What the reader must know where an image has a Rescale Slope that cannot be used."""
    for instance in instances:
        groups = Groups(instance.header)
        for index in range(max(min(instance.number_of_frames, len(groups.per_frame)), 1)):
            transform = groups.holder(index, "PixelValueTransformationSequence")
            if rescale(transform)[0] is None and header.has(transform, "RescaleSlope"):
                name = instance.path.name
                return [
                    say(
                        "The Rescale Slope of {name} is no usable number: its values are as stored, without unit.",
                        name=name,
                    )
                ]
    return []


def pet_unit(dataset: Dataset) -> str:
    """The unit that a PET image's file gives its values (PS3.3 C.8.9.1.1.3); ``""`` where it gives none."""
    units = header.code(dataset, "Units").upper()
    if units == "GML":
        return _SUV_TYPES.get(header.code(dataset, "SUVType").upper(), "g/ml")
    return _PET.get(units, units)
