"""What a header says that a model's input contract asks about."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from app.dicom import header
from inference.types import Attributes

if TYPE_CHECKING:
    from app.dicom.model import Series

_AGE = re.compile(r"^(\d{1,3})([DWMY])$")
_YEARS = {"D": 1 / 365.25, "W": 7 / 365.25, "M": 1 / 12, "Y": 1.0}


def attributes(series: Series, index: int) -> Attributes:
    """The attributes of the image that holds frame ``index``; empty where the file is silent."""
    instance = series.instance_of(index)
    dataset = instance.header
    orientation = header.codes(dataset, "PatientOrientation")
    return Attributes(
        modality=series.modality,
        body_part=header.code(dataset, "BodyPartExamined").upper(),
        view_position=header.code(dataset, "ViewPosition").upper(),
        patient_orientation=(orientation[0], orientation[1]) if len(orientation) == 2 else ("", ""),
        patient_age_years=_age_years(header.code(dataset, "PatientAge").upper()),
        photometric=series.photometric,
        series_description=series.description,
        kernel="\\".join(header.codes(dataset, "ConvolutionKernel")),
        slice_thickness_mm=header.number(dataset, "SliceThickness"),
        is_colour=series.is_colour,
        number_of_frames=instance.number_of_frames,
    )


def _age_years(age: str) -> float | None:
    """Years of an age string such as 018M (PS3.5 6.2)."""
    match = _AGE.match(age)
    return None if match is None else int(match[1]) * _YEARS[match[2]]
