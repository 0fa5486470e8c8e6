"""Every warning that reading images can give, each with a study that gives it: for tests and for pictures of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from tests import phantoms, phantoms_4d
from tests.app.dicom.test_suv import injection, pet

Make = Callable[[Path], object]


@dataclass(frozen=True)
class Case:
    """``make``: writes the study into a folder. ``words``: a part of the warning that it must give."""

    name: str
    make: Make
    words: str


def _head(folder: Path, **options: object) -> list[Path]:
    """A CT of 12 slices whose picture is a bright ring, so that text over it can be judged."""
    row, column = np.indices((128, 128))
    radius = np.hypot(row - 64, column - 64)
    slice_ = np.where(radius < 52, 1064, 24) + np.where((radius > 46) & (radius < 52), 800, 0)
    voxels = np.repeat(slice_[None].astype(np.int16), 12, axis=0)
    return phantoms.ct(folder, shape=voxels.shape, voxels=voxels, spacing=(2.5, 1.5, 1.5), **options)  # type: ignore[arg-type]


def _truncated(folder: Path) -> None:
    (path,) = phantoms.cine(folder / "cine.dcm", frames=6)
    path.write_bytes(path.read_bytes()[: -2 * 40 * 52 * 3 - 10])


def _radial(folder: Path) -> None:
    planes = [phantoms.AXIAL, phantoms.CORONAL, phantoms.SAGITTAL]
    _head(folder, SeriesDescription="3-plane loc", ImageOrientationPatient=lambda k: list(planes[k % 3]))


def _ultrasound(*regions: tuple[Any, ...]) -> Make:
    made = [phantoms.us_region(*region) for region in regions]
    return lambda folder: phantoms.cine(folder / "us.dcm", shape=(120, 110), SequenceOfUltrasoundRegions=made)


def _radiograph(**options: object) -> Make:
    return lambda folder: phantoms.radiograph(folder / "dx.dcm", shape=(480, 400), **options)  # type: ignore[arg-type]


def _irregular(k: int) -> list[float]:
    return [-90, -90, float(np.cumsum([0, 2, 2, 2, 3.5, 3.5, 5, 5, 5, 5, 5, 5])[k])]


TISSUE = ((0, 0, 99, 59), (3, 3), (0.03, 0.02), 1)
SPECTRUM = ((0, 60, 99, 99), (4, 7), (0.004, -1.5), 3)

CASES = (
    Case(
        "frames-of-reference", lambda f: _head(f, FrameOfReferenceUID=lambda k: f"1.2.3.{k}"), "own frame of reference"
    ),
    Case("orientations", _radial, "3 different orientations"),
    Case("no-positions", lambda f: _head(f, ImagePositionPatient=None), "no position in the patient"),
    Case("gantry-tilt", lambda f: _head(f, tilt_degrees=18.5), "Gantry tilt of 18.5°"),
    Case("missing-slices", lambda f: _head(f, gaps=[4, 5, 8]), "Slices are missing: 7.50 mm between"),
    Case("uneven-slices", lambda f: _head(f, ImagePositionPatient=_irregular), "Slice distances vary"),
    Case(
        "missing-phases",
        lambda f: phantoms_4d.series(f, missing=[(1, 0), (2, 2)], TriggerTime=lambda p, k: str(52 * p)),
        "2 images are missing of 3 slices × 4 phases",
    ),
    Case(
        "no-fourth-attribute",
        lambda f: phantoms_4d.series(f, number=lambda p, k: p * 10 + k),
        "nothing in the files tells them apart",
    ),
    Case(
        "diffusion-directions",
        lambda f: phantoms_4d.series(
            f, DiffusionBValue=lambda p, k: 0.0 if p == 0 else 1000.0, number=lambda p, k: p * 10 + k
        ),
        "only their b-value is known",
    ),
    Case(
        "calibrated-by-geometry",
        _radiograph(pixel_spacing=(0.2, 0.15), PixelSpacingCalibrationType="GEOMETRY"),
        "calibrated by the assumed geometry",
    ),
    Case(
        "calibrated-by-an-object",
        _radiograph(pixel_spacing=(0.2, 0.15), PixelSpacingCalibrationType="FIDUCIAL"),
        "calibrated by an object of known size",
    ),
    Case("calibrated-somehow", _radiograph(pixel_spacing=(0.18, 0.13)), "the file does not say how"),
    Case("magnification", _radiograph(EstimatedRadiographicMagnificationFactor="1.25"), "factor of 1.25"),
    Case(
        "spacing-of-unknown-origin",
        _radiograph(pixel_spacing=(0.2, 0.15), imager_pixel_spacing=None),
        "does not say how its lengths were calibrated",
    ),
    Case("centre-of-the-beam", lambda f: phantoms_4d.enhanced_xa(f / "xa.dcm", beam_mm=0.15), "centre of the beam"),
    Case("ultrasound-regions", _ultrasound(TISSUE, SPECTRUM), "Regions of different scale"),
    Case("ultrasound-spectrum", _ultrasound(SPECTRUM), "a measurement says both directions"),
    Case("ultrasound-uncalibrated", _ultrasound(((0, 0, 99, 99), (0, 0), (0, 0), 1)), "region is not calibrated"),
    Case("pet-units", lambda f: pet(f, Units=lambda k: ["BQML", "CNTS", "BQML"][k]), "different units"),
    Case("pet-without-dose", lambda f: pet(f, injection(RadionuclideTotalDose=None)), "SUV is not computed"),
    Case(
        "pet-injection-date",
        lambda f: pet(f, injection(RadiopharmaceuticalStartDateTime="19000101105000")),
        "date of the injection does not fit",
    ),
    Case("truncated", _truncated, "is truncated: 3 of 6 frames can be read"),
)
