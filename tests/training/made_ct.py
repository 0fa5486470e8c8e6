"""Small CT chests on disk and in memory, with lungs where ``tests.inference.made_chests`` puts them."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from tests import phantoms
from tests.inference.made_chests import LUNG_HU, affine, chest
from training.ct_scans import Scan

STEP = (4.0, 4.0, 4.0)


def scan(name: str = "made", patient: str = "P1", voxels: np.ndarray | None = None) -> Scan:
    values = chest() if voxels is None else voxels
    return Scan(name, patient, np.ascontiguousarray(values, dtype=np.int16), affine(), "B30f", 4.0, "MADE")


def label(voxels: np.ndarray | None = None) -> np.ndarray:
    """1 right, 2 left, as ``chest`` has them."""
    values = chest() if voxels is None else voxels
    sides = np.where(np.arange(values.shape[2]) < values.shape[2] / 2, np.uint8(1), np.uint8(2))
    return np.where(values == LUNG_HU, sides, np.uint8(0)).astype(np.uint8)


def write(folder: Path, patient: str, voxels: np.ndarray | None = None) -> None:
    """A stack as DICOM files, stored head-wards."""
    values = chest() if voxels is None else voxels
    phantoms.ct(
        folder,
        voxels=(values + 1024).astype(np.int16),
        spacing=STEP,
        patient_id=patient,
        series=folder.name,
        ConvolutionKernel="B30f",
        SliceThickness=4.0,
    )
