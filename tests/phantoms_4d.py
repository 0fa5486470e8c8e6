"""Known-answer studies whose images share places: phases, echoes, b-values, time points, and nuclear medicine."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from pydicom import Dataset
from pydicom.tag import Tag
from pydicom.uid import ExplicitVRLittleEndian, NuclearMedicineImageStorage

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
