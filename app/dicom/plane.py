"""Where an image plane lies, from the attributes of the Image Plane Module (PS3.3 C.7.6.2)."""

from __future__ import annotations

from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from app.dicom import header

if TYPE_CHECKING:
    from pydicom import Dataset

FloatArray = npt.NDArray[np.float64]


def numbers_array(dataset: Dataset, keyword: str, count: int) -> FloatArray | None:
    """``count`` finite numbers as an array, or ``None``."""
    values = header.numbers(dataset, keyword)
    return np.array(values) if len(values) == count else None


def orientation_of(dataset: Dataset) -> FloatArray | None:
    """Image Orientation (Patient) with unit cosines, or ``None`` where absent or not two perpendicular directions."""
    cosines = header.numbers(dataset, "ImageOrientationPatient")
    return _unit(cosines) if len(cosines) == 6 else None


@lru_cache(64)
def _unit(values: tuple[float, ...]) -> FloatArray | None:
    # The slices of a volume share their cosines: checked once, and told equal by being the same array.
    cosines = np.array(values)
    row, column = cosines[:3], cosines[3:]
    lengths = np.linalg.norm(row), np.linalg.norm(column)
    if min(lengths) < 0.9 or max(lengths) > 1.1 or abs(row @ column) > 0.02:
        return None
    unit: FloatArray = np.concatenate([row / lengths[0], column / lengths[1]])
    unit.flags.writeable = False
    return unit
