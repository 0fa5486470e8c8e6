"""A series that never was a file, for tests of what needs no pixels."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from pydicom import Dataset

from app.dicom.model import FrameKey, Instance, Patient, Series, Study
from inference.volume import Calibration

IDENTITY = np.array([1.0, 0, 0, 0, 1, 0])


def series(
    uid: str = "1.2.3",
    *,
    slices: int = 3,
    rows: int = 23,
    columns: int = 38,
    spacing: tuple[float, float] | None = (0.5, 0.25),
    calibration: Calibration = Calibration.PATIENT,
    orientation: np.ndarray | None = IDENTITY,
    header: Dataset | None = None,
    number: int | None = 1,
    study_uid: str = "1.2",
) -> Series:
    """One stack of single-frame instances, 2 mm apart along the normal when it has an orientation."""
    instances = tuple(
        Instance(
            Path(f"{k}.dcm"), f"{uid}.{k}", "1.2.840.10008.5.1.4.1.1.2", "1.2.840.10008.1.2.1", 1, header or Dataset()
        )
        for k in range(slices)
    )
    positions = None
    if orientation is not None:
        normal = np.cross(orientation[:3], orientation[3:])
        positions = np.array([10.0, 20.0, 30.0]) + np.arange(slices)[:, None] * 2.0 * normal
    return Series(
        uid=uid,
        stack=0,
        study_uid=study_uid,
        number=number,
        modality="CT",
        description="made",
        rows=rows,
        columns=columns,
        samples_per_pixel=1,
        photometric="MONOCHROME2",
        instances=instances,
        frames=tuple(FrameKey(k, 0) for k in range(slices)),
        affine=None,
        positions=positions,
        orientation=orientation,
        pixel_spacing=spacing,
        calibration=calibration,
        frame_of_reference_uid="9.9" if orientation is not None else "",
        unit="HU",
        transfer_syntaxes=("1.2.840.10008.1.2.1",),
    )


def study(*stacks: Series, uid: str = "1.2") -> Study:
    """One study that holds ``stacks``."""
    return Study(uid, "20200101", "made", "", "", Patient("PHANTOM", "Phantom", "", ""), stacks)
