"""What a model made of a CT stack, as a DICOM series that says so and refers to its source (PS3.3 A.3, C.7.6.1.1.3).

One CT image a slice, whatever the source was. Values are stored in eighths of an HU where they fit, so that voxels
that passed unchanged are stored exactly, and those that were computed lose no more than a sixteenth.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from pydicom import Dataset
from pydicom.uid import CTImageStorage
from pydicom.valuerep import format_number_as_ds

from app.core.enhanced import Made
from app.dicom import header as headers
from app.report.derived import MANUFACTURER, begin, code_item, copy_attributes, new_uid, to_bytes
from app.report.version import version
from inference.types import no_tick
from inference.words import say

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from app.dicom.model import Instance, Series
    from inference.types import ModelRef, Tick

FloatArray = npt.NDArray[np.float32]

STEPS = (0.125, 0.25, 0.5, 1.0, 2.0, 4.0)
"""HU of one stored unit: the finest at which the whole series fits 16 bits. All are exact in binary and in a DS."""
_ACQUISITION = (
    "PatientPosition",
    "AcquisitionDate",
    "AcquisitionTime",
    "AcquisitionNumber",
    "KVP",
    "ConvolutionKernel",
    "SliceThickness",
    "GantryDetectorTilt",
    "ReconstructionDiameter",
    "DataCollectionDiameter",
    "XRayTubeCurrent",
    "ExposureTime",
    "Exposure",
    "ContrastBolusAgent",
    "PositionReferenceIndicator",
    "SliceLocation",
)
_WINDOW = ("WindowCenter", "WindowWidth", "WindowCenterWidthExplanation", "VOILUTFunction")


@dataclass(frozen=True, eq=False)
class Derivation:
    """What was done. ``strength``: 0–1, part of the model's effect that is in the values. ``rms_hu``: RMS change."""

    made: Made
    model: ModelRef | None
    strength: float
    rms_hu: float
    made_of: str = ""
    """UID of the enhanced series that a difference was made with."""

    @property
    def sentence(self) -> str:
        """For Derivation Description and for people."""
        if self.made is Made.DIFFERENCE:
            return "AI-enhanced minus original. Research use only. Not for diagnosis."
        who = f"{self.model.id} {self.model.version}" if self.model is not None else "a model"
        return (
            f"AI-enhanced: noise reduced by {who}, strength {100 * self.strength:.0f} %. "
            "Research use only. Not for diagnosis."
        )


def why_not(series: Series) -> str:
    """Why no series can be derived from ``series``, as the rest of a sentence; empty where one can."""
    if series.positions is None or series.orientation is None or series.pixel_spacing is None:
        return say("its images do not lie in the patient")
    if not series.frame_of_reference_uid:
        return say("its images share no frame of reference")
    return ""


def enhanced_files(
    series: Series, values: FloatArray, derivation: Derivation, tick: Tick = no_tick
) -> Iterator[tuple[str, bytes]]:
    """(name, content) of one file a slice. ``values``: (frames, rows, columns) HU in the series' sorted order.

    Raises ``ValueError`` where the values do not belong to the series or the series has no place in the patient,
    ``Cancelled`` from ``tick``.
    """
    if values.shape != (len(series.frames), series.rows, series.columns):
        raise ValueError(f"values of shape {values.shape} do not fit {len(series.frames)} frames of the series")
    reason = why_not(series)
    if reason:
        raise ValueError(f"no series can be derived: {reason}")
    step = storage_step(values)
    series_uid = new_uid()
    now = begin(series.instances[0].header, study_uid=series.study_uid, sop_class_uid=CTImageStorage, modality="CT")
    for index in range(len(series.frames)):
        out = _image(series, index, values[index], step, derivation)
        out.SeriesInstanceUID = series_uid
        for keyword in ("SeriesDate", "SeriesTime"):
            setattr(out, keyword, getattr(now, keyword))
        yield f"{index + 1:06d}.dcm", to_bytes(out)
        tick((index + 1) / len(series.frames))


def storage_step(values: FloatArray) -> float:
    """The finest of ``STEPS`` at which all finite values fit a signed 16-bit number."""
    lowest, highest = math.inf, -math.inf
    for image in values:
        finite = image[np.isfinite(image)]
        if finite.size:
            lowest, highest = min(lowest, float(finite.min())), max(highest, float(finite.max()))
    return next((step for step in STEPS if -32767 * step <= lowest and highest <= 32767 * step), STEPS[-1])


def _image(series: Series, index: int, values: FloatArray, step: float, derivation: Derivation) -> Dataset:
    source = series.instance_of(index)
    out = begin(source.header, study_uid=series.study_uid, sop_class_uid=CTImageStorage, modality="CT")
    copy_attributes(source.header, out, _ACQUISITION)
    for keyword in ("KVP", "AcquisitionNumber", "PositionReferenceIndicator", "SliceThickness"):
        # Type 2 of the CT Image, Frame of Reference and Image Plane modules.
        if keyword not in out:
            setattr(out, keyword, None)
    if "PatientPosition" not in out:
        out.PatientPosition = None
    if "BodyPartExamined" not in out:
        # Required, if empty, unless the body part is known to be unpaired (C.7.3.1.1.1).
        out.Laterality = headers.text(source.header, "Laterality") or None
    difference = derivation.made is Made.DIFFERENCE
    # Beside its source when sorted by number.
    out.SeriesNumber = min(max(series.number or 0, 0) * 100 + (92 if difference else 91), 2**31 - 1)
    out.SeriesDescription = _description(series, derivation)
    out.InstanceNumber = index + 1
    out.FrameOfReferenceUID = series.frame_of_reference_uid
    assert series.positions is not None
    assert series.orientation is not None
    assert series.pixel_spacing is not None
    out.ImagePositionPatient = [_ds(value) for value in series.positions[index]]
    out.ImageOrientationPatient = [_ds(value) for value in series.orientation]
    out.PixelSpacing = [_ds(value) for value in series.pixel_spacing]
    _pixels(out, source, values, step, difference)
    _window(out, source, derivation)
    _derivation(out, source, series.frames[index].frame, derivation)
    return out


def _description(series: Series, derivation: Derivation) -> str:
    if derivation.made is Made.DIFFERENCE:
        return f"AI difference: {series.description}"[:64]
    strength = "" if derivation.strength == 1 else f" {100 * derivation.strength:.0f} %"
    return f"AI-enhanced{strength}: {series.description}"[:64]


def _pixels(out: Dataset, source: Instance, values: FloatArray, step: float, difference: bool) -> None:
    """Image Pixel and CT Image modules (C.7.6.3, C.8.2.1)."""
    finite = np.where(np.isfinite(values), values, np.float32(0))
    stored = np.clip(np.rint(finite / np.float32(step)), -32768, 32767).astype("<i2")
    out.SamplesPerPixel = 1
    out.PhotometricInterpretation = "MONOCHROME2"
    out.Rows, out.Columns = values.shape
    out.BitsAllocated, out.BitsStored, out.HighBit = 16, 16, 15
    out.PixelRepresentation = 1
    out.RescaleIntercept = "0"
    out.RescaleSlope = f"{step:g}"
    # A difference is no HU: a model that reads HU must not take it for an image.
    out.RescaleType = "HU difference" if difference else "HU"
    padding = None if difference else _padding(source, step)
    if padding is not None:
        out.add_new("PixelPaddingValue", "SS", padding)
    out.PixelData = stored.tobytes()
    out["PixelData"].VR = "OW"
    lossy = headers.code(source.header, "LossyImageCompression")
    if lossy == "01":
        copy_attributes(
            source.header,
            out,
            ("LossyImageCompression", "LossyImageCompressionRatio", "LossyImageCompressionMethod"),
        )


def _padding(source: Instance, step: float) -> int | None:
    """The source's padding value on the new scale; padding passes a model unchanged."""
    stated = headers.integer(source.header, "PixelPaddingValue")
    slope, intercept = (headers.number(source.header, name) for name in ("RescaleSlope", "RescaleIntercept"))
    if stated is None or slope is None or intercept is None:
        return None
    if headers.integer(source.header, "PixelRepresentation") == 1 and stated > 32767:
        stated -= 65536
    value = round((stated * slope + intercept) / step)
    return value if -32768 <= value <= 32767 else None


def _window(out: Dataset, source: Instance, derivation: Derivation) -> None:
    if derivation.made is Made.ENHANCED:
        copy_attributes(source.header, out, _WINDOW)
        return
    out.WindowCenter = "0"
    out.WindowWidth = f"{max(20.0, 8 * derivation.rms_hu):.0f}"


def _derivation(out: Dataset, source: Instance, frame: int, derivation: Derivation) -> None:
    """General Image, General Reference and SOP Common modules (C.7.6.1, C.12.4, C.12.1): what it was made of, by
    what."""
    kind = headers.codes(source.header, "ImageType")
    primary = kind[1] if len(kind) > 1 and kind[1] in ("PRIMARY", "SECONDARY") else "PRIMARY"
    out.ImageType = ["DERIVED", primary, kind[2] if len(kind) > 2 and kind[2] else "AXIAL", derivation.made.value]
    out.DerivationDescription = derivation.sentence
    smoothing = code_item("113087", "DCM", "Smoothing")
    subtraction = code_item("113062", "DCM", "Pixel by pixel subtraction")
    out.DerivationCodeSequence = [subtraction if derivation.made is Made.DIFFERENCE else smoothing]
    reference = Dataset()
    reference.ReferencedSOPClassUID = source.sop_class_uid
    reference.ReferencedSOPInstanceUID = source.sop_instance_uid
    if source.number_of_frames > 1:
        reference.ReferencedFrameNumber = frame + 1
    reference.PurposeOfReferenceCodeSequence = [
        code_item("121322", "DCM", "Source image for image processing operation")
    ]
    out.SourceImageSequence = [reference]
    if derivation.made_of:
        related = Dataset()
        related.StudyInstanceUID = out.StudyInstanceUID
        related.SeriesInstanceUID = derivation.made_of
        related.PurposeOfReferenceCodeSequence = []
        out.RelatedSeriesSequence = [related]
    out.ContributingEquipmentSequence = [*_acquired_by(source), _processed_by(derivation)]


def _acquired_by(source: Instance) -> Sequence[Dataset]:
    maker = headers.text(source.header, "Manufacturer")
    if not maker:
        return ()
    item = Dataset()
    item.PurposeOfReferenceCodeSequence = [code_item("109101", "DCM", "Acquisition Equipment")]
    item.Manufacturer = maker
    copy_attributes(source.header, item, ("InstitutionName", "StationName", "ManufacturerModelName"))
    return (item,)


def _processed_by(derivation: Derivation) -> Dataset:
    item = Dataset()
    item.PurposeOfReferenceCodeSequence = [code_item("109102", "DCM", "Processing Equipment")]
    item.Manufacturer = MANUFACTURER
    item.ManufacturerModelName = MANUFACTURER
    item.SoftwareVersions = version()
    model = derivation.model
    if model is not None:
        item.SoftwareVersions = [version(), f"{model.id} {model.version}"[:64]]
        item.ContributionDescription = (
            f"AI noise reduction: model {model.id} {model.version}, weights sha256:{model.sha256}, "
            f"strength {100 * derivation.strength:.0f} %"
        )
    return item


def _ds(value: float) -> str:
    return format_number_as_ds(float(value))
