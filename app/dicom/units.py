"""The unit of modality values: what a probe may call them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.dicom import header
from app.dicom.frames import Groups

if TYPE_CHECKING:
    from pydicom import Dataset

    from app.dicom.frames import Frame

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
    rescaled = header.has(transform, "RescaleSlope")
    kind = header.code(transform, "RescaleType")
    lut = next(iter(header.items(dataset, "ModalityLUTSequence")), None)
    if lut is not None and not rescaled:
        kind = header.text(lut, "ModalityLUTType")
        return "" if kind.upper() in ("US", "") else kind
    if modality == "CT" and rescaled and kind.upper() in ("", "HU"):
        return "HU"
    return "" if not rescaled or kind.upper() in ("US", "") else kind


def pet_unit(dataset: Dataset) -> str:
    """The unit that a PET image's file gives its values (PS3.3 C.8.9.1.1.3); ``""`` where it gives none."""
    units = header.code(dataset, "Units").upper()
    if units == "GML":
        return _SUV_TYPES.get(header.code(dataset, "SUVType").upper(), "g/ml")
    return _PET.get(units, units)
