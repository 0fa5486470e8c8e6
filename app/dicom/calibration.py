"""What one pixel measures: patient millimetres, millimetres at the detector, or nothing (PS3.3 10.7.1)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.dicom import header
from inference.volume import Calibration

if TYPE_CHECKING:
    from pydicom import Dataset

PROJECTIONS = frozenset({"CR", "DX", "MG", "RG", "IO", "PX", "RF", "XA"})
_CENTIMETRES = 3
_TWO_DIMENSIONAL = 1


@dataclass(frozen=True)
class Spacing:
    """(between rows, between columns) in ``calibration``'s unit, and what the reader must know about it."""

    pixel: tuple[float, float] | None
    calibration: Calibration
    warnings: tuple[str, ...] = ()


def spacing_of(dataset: Dataset, measures: Dataset | None = None) -> Spacing:
    """The in-plane spacing of an image; ``measures`` is a frame's Pixel Measures where it has them."""
    modality = header.code(dataset, "Modality").upper()
    spacing = header.positive_pair(measures if measures is not None else dataset, "PixelSpacing")
    imager = header.positive_pair(dataset, "ImagerPixelSpacing")
    if modality in PROJECTIONS or (imager is not None and not header.has(dataset, "ImageOrientationPatient")):
        return _projection(dataset, spacing, imager)
    if header.items(dataset, "SequenceOfUltrasoundRegions"):
        # Regions know what a pixel is where they lie; a Pixel Spacing beside them may be that of any one.
        return _ultrasound(dataset)
    if spacing is not None:
        return Spacing(spacing, Calibration.PATIENT)
    return Spacing(None, Calibration.NONE)


def _projection(dataset: Dataset, spacing: tuple[float, float] | None, imager: tuple[float, float] | None) -> Spacing:
    """Projections magnify: only a calibrated spacing is the patient's (PS3.3 10.7.1.3)."""
    kind = header.code(dataset, "PixelSpacingCalibrationType").upper()
    if spacing is not None and kind in ("GEOMETRY", "FIDUCIAL"):
        how = {"GEOMETRY": "the assumed geometry", "FIDUCIAL": "an object of known size"}[kind]
        return Spacing(spacing, Calibration.PATIENT, (f"Lengths are calibrated by {how}.",))
    if spacing is not None and imager is not None and not _same(spacing, imager):
        return Spacing(spacing, Calibration.PATIENT, ("Lengths are calibrated; the file does not say how.",))
    magnification = header.number(dataset, "EstimatedRadiographicMagnificationFactor")
    if imager is not None and spacing is None and magnification is not None and magnification >= 1:
        patient = imager[0] / magnification, imager[1] / magnification
        factor = f"Lengths are corrected by the estimated magnification factor of {magnification:g}."
        return Spacing(patient, Calibration.PATIENT, (factor,))
    if imager is not None:
        return Spacing(imager, Calibration.DETECTOR)
    if spacing is not None:
        # Pixel Spacing is the patient's by definition; older systems wrote the detector's there.
        return Spacing(spacing, Calibration.PATIENT, ("The file does not say how its lengths were calibrated.",))
    return Spacing(None, Calibration.NONE)


def _same(a: tuple[float, float], b: tuple[float, float]) -> bool:
    return all(abs(x - y) <= 1e-4 * max(x, y) for x, y in zip(a, b, strict=True))


def _ultrasound(dataset: Dataset) -> Spacing:
    """Region calibration (PS3.3 C.8.5.5): one scale for the image only where all regions agree on it."""
    scales = set()
    for region in header.items(dataset, "SequenceOfUltrasoundRegions"):
        units = header.integer(region, "PhysicalUnitsXDirection"), header.integer(region, "PhysicalUnitsYDirection")
        x, y = header.number(region, "PhysicalDeltaX"), header.number(region, "PhysicalDeltaY")
        flat = (header.integer(region, "RegionSpatialFormat") or _TWO_DIMENSIONAL) == _TWO_DIMENSIONAL
        if units == (_CENTIMETRES, _CENTIMETRES) and flat and x and y:
            scales.add((round(abs(y) * 10, 6), round(abs(x) * 10, 6)))
        else:
            scales.add((0.0, 0.0))
    if len(scales) == 1 and (0.0, 0.0) not in scales:
        return Spacing(scales.pop(), Calibration.PATIENT)
    if len(scales) > 1:
        why = "The image has regions of different scale: lengths are in pixels."
    else:
        why = "The ultrasound region is not calibrated in centimetres: lengths are in pixels."
    return Spacing(None, Calibration.NONE, (why,))
