"""What one pixel measures: patient millimetres, millimetres at the detector, or nothing (PS3.3 10.7.1)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.dicom import header
from app.dicom.regions import regions_of
from inference.volume import Calibration
from inference.words import say

if TYPE_CHECKING:
    from pydicom import Dataset

PROJECTIONS = frozenset({"CR", "DX", "MG", "RG", "IO", "PX", "RF", "XA"})


@dataclass(frozen=True)
class Spacing:
    """(between rows, between columns) in ``calibration``'s unit, and what the reader must know about it."""

    pixel: tuple[float, float] | None
    calibration: Calibration
    warnings: tuple[str, ...] = ()


def spacing_of(dataset: Dataset, measures: Dataset | None = None) -> Spacing:
    """The in-plane spacing of an image; ``measures`` is a frame's Pixel Measures, or its Projection Pixel
    Calibration, where it has them."""
    modality = header.code(dataset, "Modality").upper()
    spacing = header.positive_pair(measures if measures is not None else dataset, "PixelSpacing")
    imager = header.positive_pair(dataset, "ImagerPixelSpacing")
    if modality in PROJECTIONS or (imager is not None and not header.has(dataset, "ImageOrientationPatient")):
        return _projection(dataset, measures, spacing, imager)
    if header.items(dataset, "SequenceOfUltrasoundRegions"):
        # Regions know what a pixel is where they lie; a Pixel Spacing beside them may be that of any one.
        return _ultrasound(dataset)
    if spacing is not None:
        return Spacing(spacing, Calibration.PATIENT)
    return Spacing(None, Calibration.NONE)


def _projection(
    dataset: Dataset,
    measures: Dataset | None,
    spacing: tuple[float, float] | None,
    imager: tuple[float, float] | None,
) -> Spacing:
    """Projections magnify: only a calibrated spacing is the patient's (PS3.3 10.7.1.3)."""
    if spacing is None and measures is not None:
        # PS3.3 C.8.19.6.9 (Projection Pixel Calibration of enhanced XA and XRF)
        beam = header.positive_pair(measures, "ObjectPixelSpacingInCenterOfBeam")
        if beam is not None:
            where = say("Lengths hold in the centre of the beam, at the distance that the file assumes.")
            return Spacing(beam, Calibration.PATIENT, (where,))
    kind = header.code(dataset, "PixelSpacingCalibrationType").upper()
    if spacing is not None and kind in ("GEOMETRY", "FIDUCIAL"):
        how = {"GEOMETRY": say("the assumed geometry"), "FIDUCIAL": say("an object of known size")}[kind]
        return Spacing(spacing, Calibration.PATIENT, (say("Lengths are calibrated by {how}.", how=how),))
    if spacing is not None and imager is not None and not _same(spacing, imager):
        return Spacing(spacing, Calibration.PATIENT, (say("Lengths are calibrated; the file does not say how."),))
    magnification = header.number(dataset, "EstimatedRadiographicMagnificationFactor")
    if imager is not None and spacing is None and magnification is not None and magnification >= 1:
        patient = imager[0] / magnification, imager[1] / magnification
        factor = say(
            "Lengths are corrected by the estimated magnification factor of {factor:g}.",
            factor=magnification,
        )
        return Spacing(patient, Calibration.PATIENT, (factor,))
    if imager is not None:
        return Spacing(imager, Calibration.DETECTOR)
    if spacing is not None:
        # Pixel Spacing is the patient's by definition; older systems wrote the detector's there.
        return Spacing(spacing, Calibration.PATIENT, (say("The file does not say how its lengths were calibrated."),))
    return Spacing(None, Calibration.NONE)


def _same(a: tuple[float, float], b: tuple[float, float]) -> bool:
    return all(abs(x - y) <= 1e-4 * max(x, y) for x, y in zip(a, b, strict=True))


def _ultrasound(dataset: Dataset) -> Spacing:
    """Region calibration (PS3.3 C.8.5.5): one scale for the image only where all regions agree on it; where they do
    not, each measurement asks ``regions``.
    """
    regions = regions_of(dataset)
    scales = {None if region.spacing_mm is None else _rounded(region.spacing_mm) for region in regions}
    (only,) = scales if len(scales) == 1 else (None,)
    if only is not None:
        return Spacing(only, Calibration.PATIENT)
    if any(region.is_calibrated for region in regions):
        placed = sorted(regions, key=lambda region: (region.top, region.left))
        units = ", ".join(dict.fromkeys(" × ".join(unit or "px" for unit in region.units) for region in placed))
        if len(regions) == 1:
            why = say(
                "The ultrasound region is calibrated in {units}: a measurement says both directions.", units=units
            )
        else:
            why = say(
                "Regions of different scale ({units}): a measurement takes that of the region in which it lies.",
                units=units,
            )
    else:
        why = say("The ultrasound region is not calibrated: lengths are in pixels.")
    return Spacing(None, Calibration.NONE, (why,))


def _rounded(spacing: tuple[float, float]) -> tuple[float, float]:
    return round(spacing[0], 6), round(spacing[1], 6)
