"""The one image type that crosses from viewing into inference."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

import numpy as np
import numpy.typing as npt

from inference import geometry


class Calibration(Enum):
    """What the in-plane spacing means (PS3.3 10.7.1.3)."""

    PATIENT = "mm"
    """Millimetres in the patient: lengths and areas may be reported."""
    DETECTOR = "mm at detector"
    """Imager Pixel Spacing only: magnified by the projection, so no patient areas."""
    NONE = "px"
    """No usable spacing: lengths in pixels, areas in pixels."""


@dataclass(frozen=True, eq=False)
class Volume:
    """Voxels on a regular grid, checked on construction and read-only.

    ``voxels``: shape (slices, rows, columns), any real dtype, in the units named by ``unit`` (after the Modality LUT or
    rescale). A single image has one slice. ``affine``: 4×4, index (k, row, column) → LPS mm, or ``None`` where the
    image has no position in the patient (projections). ``pixel_spacing``: (between rows, between columns) in
    ``calibration``'s unit, or ``None``. ``unit``: ``"HU"``, ``"SUVbw"``, ``"presentation"`` (0–1, bright means dense;
    what radiograph models read), or ``""`` for unitless.

    Raises ``ValueError`` for a wrong number of dimensions, an empty array, a complex or object dtype, a singular or
    non-finite affine, or a spacing that is not positive and finite.
    """

    voxels: npt.NDArray[np.generic]
    affine: npt.NDArray[np.float64] | None
    pixel_spacing: tuple[float, float] | None
    calibration: Calibration
    unit: str = ""

    def __post_init__(self) -> None:
        voxels = np.asarray(self.voxels)
        if voxels.ndim != 3 or 0 in voxels.shape:
            raise ValueError(f"voxels must have shape (slices, rows, columns), none of them 0; got {voxels.shape}")
        if voxels.dtype.kind not in "biuf":
            raise ValueError(f"voxels must be real numbers; got {voxels.dtype}")
        view = voxels.view()
        view.flags.writeable = False
        object.__setattr__(self, "voxels", view)
        if self.affine is not None:
            affine = np.array(self.affine, dtype=np.float64)
            if affine.shape != (4, 4) or not np.isfinite(affine).all() or not np.array_equal(affine[3], [0, 0, 0, 1]):
                raise ValueError("affine must be a finite 4×4 matrix whose last row is 0 0 0 1")
            if geometry.is_singular(affine):
                raise ValueError("affine is singular: two axes are parallel or a spacing is zero")
            affine.flags.writeable = False
            object.__setattr__(self, "affine", affine)
        if self.calibration is Calibration.NONE:
            if self.pixel_spacing is not None:
                raise ValueError("an uncalibrated image has no pixel_spacing")
        elif self.pixel_spacing is None or not all(np.isfinite(s) and s > 0 for s in self.pixel_spacing):
            raise ValueError(f"pixel_spacing must be two positive numbers; got {self.pixel_spacing}")

    @property
    def shape(self) -> tuple[int, int, int]:
        """(slices, rows, columns)."""
        slices, rows, columns = self.voxels.shape
        return slices, rows, columns

    @property
    def spacing(self) -> tuple[float, float, float] | None:
        """(between slices, rows, columns) in mm of the patient, or ``None`` without an affine."""
        return None if self.affine is None else geometry.spacing(self.affine)
