"""Known-answer studies whose images share places: phases, echoes, b-values, time points, and nuclear medicine."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from pydicom import Dataset
from pydicom.tag import Tag
from pydicom.uid import (
    EnhancedPETImageStorage,
    EnhancedXAImageStorage,
    ExplicitVRLittleEndian,
    NuclearMedicineImageStorage,
)

from tests import phantoms
from tests.phantoms import _ds, _image, _save, _set, uid

SHAPE = (3, 23, 38)


def value(point: int, k: int) -> int:
    """Stored value of the first pixel of slice ``k`` at ``point``; the rest is as in ``phantoms.ct_values``."""
    return 1000 + 100 * point + 10 * k


def series(
    folder: Path,
    points: int = 4,
    *,
    shape: tuple[int, int, int] = SHAPE,
    missing: Sequence[tuple[int, int]] = (),
    number: Callable[[int, int], int] | None = None,
    **attributes: Any,
) -> list[Path]:
    """Slices × ``points`` in one MR series. Attributes are values, or functions of (point, k).

    ``missing``: pairs (point, k) that are left out. ``number``: Instance Number of (point, k); by default points run
    backwards, so that no test passes by it.
    """
    numbers = number or (lambda p, k: (points - p) * 100 + k)
    paths = []
    for point in range(points):
        voxels = phantoms.ct_values(shape)
        voxels[:, 0, 0] = [value(point, k) for k in range(shape[0])]
        given = {
            keyword: (lambda k, p=point, what=what: what(p, k)) if callable(what) else what
            for keyword, what in attributes.items()
        }
        made = phantoms.ct(
            folder / f"{(point * 7 + 3) % 11:02d}-{point}",
            shape=shape,
            voxels=voxels,
            **{
                "SOPInstanceUID": lambda k, p=point: uid("4d", p, k),
                "InstanceNumber": lambda k, p=point: numbers(p, k),
                "Modality": "MR",
                "RescaleType": None,
                "KVP": None,
                **given,
            },
        )
        for k, path in enumerate(made):
            if (point, k) in missing:
                path.unlink()
            else:
                paths.append(path)
    return paths


def nuclear(
    path: Path,
    *,
    vectors: dict[str, Sequence[int]],
    detectors: Sequence[str] = (),
    windows: Sequence[str] = (),
    spacing: float | None = None,
    orientation: Sequence[float] = phantoms.AXIAL,
    origin: Sequence[float] = (-10.0, -20.0, 30.0),
    **attributes: Any,
) -> list[Path]:
    """An NM object of 12 × 17 pixels of 4 × 3 mm; the first pixel of frame f (from 0) holds 500 + f.

    ``vectors``: by keyword without "Vector", one number from 1 for each frame. ``detectors``: names of views.
    ``windows``: names of energy windows. ``spacing``: between slices, signed, for a reconstruction.
    """
    (frames,) = {len(vector) for vector in vectors.values()}
    values = np.zeros((frames, 12, 17), np.uint16)
    values[:] = np.arange(12)[:, None] + np.arange(17)
    values[:, 0, 0] = 500 + np.arange(frames)
    dataset = _image(NuclearMedicineImageStorage, "NM", values[0], str(path), 1, "PHANTOM")
    dataset.NumberOfFrames = frames
    dataset.PixelSpacing = ["4", "3"]
    dataset.ImageType = ["ORIGINAL", "PRIMARY", "STATIC" if spacing is None else "RECON TOMO", "EMISSION"]
    dataset.FrameIncrementPointer = [Tag(f"{name}Vector") for name in vectors]
    for name, vector in vectors.items():
        setattr(dataset, f"{name}Vector", list(vector))
    dataset.DetectorInformationSequence = []
    for name in detectors or ("",):
        detector, view = Dataset(), Dataset()
        if name:
            view.CodeValue, view.CodingSchemeDesignator, view.CodeMeaning = "1", "99TEST", name
            detector.ViewCodeSequence = [view]
        if spacing is not None:
            detector.ImagePositionPatient = [_ds(p) for p in origin]
            detector.ImageOrientationPatient = [_ds(c) for c in orientation]
        dataset.DetectorInformationSequence.append(detector)
    dataset.EnergyWindowInformationSequence = []
    for name in windows:
        window = Dataset()
        window.EnergyWindowName = name
        dataset.EnergyWindowInformationSequence.append(window)
    if spacing is not None:
        dataset.SpacingBetweenSlices = _ds(spacing)
        dataset.FrameOfReferenceUID = uid(str(path), "frame of reference")
    dataset.PixelData = values.tobytes()
    _set(dataset, attributes, 0)
    return [_save(dataset, path, ExplicitVRLittleEndian)]


def enhanced_pet(path: Path, *, points: int = 2, order: Sequence[int] | None = None) -> list[Path]:
    """An enhanced PET of 3 slices × ``points`` time points of 30 s; the first pixel as in ``value``, slope 2 + frame.

    ``order``: the frame numbers (point · 3 + slice) in the order in which the file holds them.
    """
    numbers = list(range(3 * points)) if order is None else list(order)
    voxels = np.array([phantoms.ct_values(SHAPE)[number % 3] for number in numbers]).astype(np.uint16)
    voxels[:, 0, 0] = [value(number // 3, number % 3) for number in numbers]
    dataset = _image(EnhancedPETImageStorage, "PT", voxels[0], str(path), 1, "PHANTOM")
    dataset.NumberOfFrames, dataset.ImageType = len(numbers), ["ORIGINAL", "PRIMARY", "DYNAMIC", "NONE"]
    dataset.FrameOfReferenceUID = uid(str(path), "frame of reference")
    shared, measures, plane, kind = Dataset(), Dataset(), Dataset(), Dataset()
    measures.PixelSpacing, measures.SliceThickness = ["0.7", "0.4"], "2.5"
    plane.ImageOrientationPatient = [_ds(c) for c in phantoms.AXIAL]
    kind.FrameType = ["ORIGINAL", "PRIMARY", "DYNAMIC", "NONE"]
    shared.PixelMeasuresSequence, shared.PlaneOrientationSequence, shared.PETFrameTypeSequence = (
        [measures],
        [plane],
        [kind],
    )
    dataset.SharedFunctionalGroupsSequence = [shared]
    dataset.PerFrameFunctionalGroupsSequence = []
    for number in numbers:
        frame, position, transform, content = Dataset(), Dataset(), Dataset(), Dataset()
        position.ImagePositionPatient = ["-10", "-20", _ds(30 + 2.5 * (number % 3))]
        transform.RescaleSlope, transform.RescaleIntercept, transform.RescaleType = _ds(2.0 + number), "0", "BQML"
        content.TemporalPositionIndex = number // 3 + 1
        content.FrameReferenceDateTime = f"202401311200{30 * (number // 3):02d}"
        frame.PlanePositionSequence, frame.FrameContentSequence = [position], [content]
        frame.PixelValueTransformationSequence = [transform]
        dataset.PerFrameFunctionalGroupsSequence.append(frame)
    dataset.PixelData = voxels.tobytes()
    return [_save(dataset, path, ExplicitVRLittleEndian)]


def enhanced_xa(path: Path, *, frames: int = 4, beam_mm: float | None = None) -> list[Path]:
    """An enhanced XA run of 20 × 30 pixels, 0.2 mm at the detector; the first pixel of frame f (from 0) is 500 + f."""
    values = np.zeros((frames, 20, 30), np.uint16)
    values[:] = 10 * np.arange(20)[:, None] + np.arange(30)
    values[:, 0, 0] = 500 + np.arange(frames)
    dataset = _image(EnhancedXAImageStorage, "XA", values[0], str(path), 1, "PHANTOM")
    dataset.NumberOfFrames, dataset.ImageType = frames, ["ORIGINAL", "PRIMARY", "SINGLE PLANE", "NONE"]
    dataset.ImagerPixelSpacing, dataset.PatientOrientation = ["0.2", "0.2"], ["L", "F"]
    dataset.CineRate = "15"
    shared, transform, voi = Dataset(), Dataset(), Dataset()
    transform.RescaleSlope, transform.RescaleIntercept, transform.RescaleType = "1", "0", "US"
    voi.WindowCenter, voi.WindowWidth = "128", "256"
    shared.PixelValueTransformationSequence, shared.FrameVOILUTSequence = [transform], [voi]
    if beam_mm is not None:
        calibration = Dataset()
        calibration.ObjectPixelSpacingInCenterOfBeam = [beam_mm, beam_mm]
        shared.ProjectionPixelCalibrationSequence = [calibration]
    dataset.SharedFunctionalGroupsSequence = [shared]
    dataset.PerFrameFunctionalGroupsSequence = []
    for number in range(frames):
        frame, content, own = Dataset(), Dataset(), Dataset()
        content.FrameAcquisitionDateTime = f"20240131120000.{66 * number:03d}"
        own.FrameType = ["ORIGINAL", "PRIMARY", "SINGLE PLANE", "NONE"]
        frame.FrameContentSequence, frame.XAXRFFrameCharacteristicsSequence = [content], [own]
        dataset.PerFrameFunctionalGroupsSequence.append(frame)
    dataset.PixelData = values.tobytes()
    return [_save(dataset, path, ExplicitVRLittleEndian)]
