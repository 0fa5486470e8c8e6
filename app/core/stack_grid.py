"""Where the voxels of a stack lie: regular, sheared by a tilted gantry, or with slices at uneven distances."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from app.dicom import header
from app.dicom.frames import Groups
from app.errors import UserError
from inference.volume import Calibration
from inference.words import say

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.dicom.model import Series

FloatArray = npt.NDArray[np.float64]

_HOLE = 1.5
"""Slices further apart than this many times what one covers have a hole between them."""
_SAME_MM = 1e-3
_SHEAR = 0.1
"""Slices shifted against each other by less than this part of a pixel, over the whole stack, are not."""


@dataclass(frozen=True, eq=False)
class StackGrid:
    """The voxel centres of one stack in LPS mm.

    ``right``, ``down``, ``normal``: unit vectors of increasing column, row and slice; mutually perpendicular.
    ``along``: (slices,) mm, where each slice lies along ``normal``, ascending. ``shift``: (slices, 2) mm, where its
    first voxel lies along ``down`` and ``right``. ``reach``: how far the tissue of a slice at the edge of a hole
    reaches into it, mm; ``holes``: (slices − 1,) whether there is one after each slice. ``is_regular``: all slices lie
    on one grid, be it sheared.
    """

    right: FloatArray
    down: FloatArray
    normal: FloatArray
    spacing: tuple[float, float]
    shape: tuple[int, int, int]
    along: FloatArray
    shift: FloatArray
    holes: npt.NDArray[np.bool_]
    reach: float
    is_regular: bool

    @property
    def step(self) -> float:
        """The distance between slices along the normal, mm: the least where they are uneven, so that none is missed."""
        least = float(np.diff(self.along).min())
        return least if self.is_regular else max(least, min(self.spacing))

    @property
    def is_sheared(self) -> bool:
        """Whether slices lie shifted against each other, as with a tilted gantry."""
        return bool(np.ptp(self.shift, axis=0).max() > _SHEAR * min(self.spacing))

    @property
    def basis(self) -> FloatArray:
        """(3, 3): rows are ``normal``, ``down`` and ``right``."""
        return np.stack([self.normal, self.down, self.right])

    def index(self, points: FloatArray) -> FloatArray:
        """LPS mm, shape (..., 3) → index (k, row, column), shape (..., 3); k is NaN within a hole."""
        placed = np.asarray(points) @ self.basis.T
        k = self.slice_at(placed[..., 0])
        origin = self.origin_at(placed[..., 0])
        row = (placed[..., 1] - origin[..., 0]) / self.spacing[0]
        column = (placed[..., 2] - origin[..., 1]) / self.spacing[1]
        return np.stack([k, row, column], axis=-1)

    def slice_at(self, along: FloatArray) -> FloatArray:
        """The slice, with its fraction, at ``along`` mm on the normal; beyond the ends it counts on. NaN in a hole."""
        steps = np.diff(self.along)
        k = np.asarray(np.interp(along, self.along, np.arange(len(self.along))))
        k = np.where(along < self.along[0], (along - self.along[0]) / steps[0], k)
        k = np.where(along > self.along[-1], len(steps) + (along - self.along[-1]) / steps[-1], k)
        if self.holes.any():
            below = np.clip(np.floor(k).astype(np.intp), 0, len(steps) - 1)
            up, down = along - self.along[below], self.along[below + 1] - along
            hole = self.holes[below] & (up >= 0) & (down >= 0)
            nearest = np.where(up <= self.reach, below, np.where(down <= self.reach, below + 1, np.nan))
            k = np.where(hole, nearest, k)
        return np.asarray(k)

    def origin_at(self, along: FloatArray) -> FloatArray:
        """Where voxel (row 0, column 0) lies at ``along`` mm on the normal: (..., 2), mm along ``down`` and
        ``right``."""
        return np.stack([_line(along, self.along, self.shift[:, axis]) for axis in (0, 1)], axis=-1)

    def corners(self) -> FloatArray:
        """LPS mm of the four corner voxel centres of every slice, shape (4 · slices, 3)."""
        rows, columns = (self.shape[1] - 1) * self.spacing[0], (self.shape[2] - 1) * self.spacing[1]
        found = [
            np.column_stack([self.along, self.shift[:, 0] + down, self.shift[:, 1] + right]) @ self.basis
            for down in (0.0, rows)
            for right in (0.0, columns)
        ]
        return np.concatenate(found)

    def placed(self, slices: FloatArray, rows: FloatArray, columns: FloatArray) -> FloatArray:
        """Index (k, row, column), fractions allowed, → LPS mm, shape (..., 3). Beyond the ends slices count on."""
        counted = np.arange(len(self.along), dtype=np.float64)
        along = _line(slices, counted, self.along)
        origin = self.origin_at(along)
        down, right = origin[..., 0] + rows * self.spacing[0], origin[..., 1] + columns * self.spacing[1]
        return np.stack(np.broadcast_arrays(along, down, right), axis=-1) @ self.basis

    def pitch(self, direction: FloatArray) -> float:
        """The distance between voxels along a unit vector, mm: those of the grid along its axes, between them else."""
        along, down, right = self.basis @ direction
        parts = (along / self.step, down / self.spacing[0], right / self.spacing[1])
        return 1.0 / float(np.linalg.norm(parts))


def _line(at: FloatArray, x: FloatArray, y: FloatArray) -> FloatArray:
    """Linear interpolation that goes on beyond the ends."""
    inside = np.interp(at, x, y)
    first, last = (y[1] - y[0]) / (x[1] - x[0]), (y[-1] - y[-2]) / (x[-1] - x[-2])
    inside = np.where(at < x[0], y[0] + (at - x[0]) * first, inside)
    return np.where(at > x[-1], y[-1] + (at - x[-1]) * last, inside)


def stack_grid(series: Series, frames: Sequence[int] | None = None) -> StackGrid:
    """The voxel grid of a stack, or of those of its ``frames`` that are one time point.

    Raises ``UserError`` with the reason where they are no volume in the patient.

    # PS3.3 C.7.6.2.1.1
    """
    if series.positions is None or series.orientation is None or series.pixel_spacing is None:
        raise _refused(say("its images do not all say where in the patient they lie"))
    if series.calibration is not Calibration.PATIENT:
        raise _refused(say("the size of its pixels in the patient is not known"))
    if frames is None and series.axis is not None:
        raise _refused(say("several of its images lie at the same position"))
    chosen = np.arange(len(series.frames)) if frames is None else np.asarray(frames)
    if len(chosen) < 3 or min(series.rows, series.columns) < 2:
        raise _refused(say("it has fewer than three slices"))
    right, down = (part / np.linalg.norm(part) for part in (series.orientation[:3], series.orientation[3:]))
    normal = np.cross(right, down)
    positions = series.positions[chosen]
    regular = series.affine if series.axis is None else series.axis.affine
    if regular is not None:
        positions = regular[:3, 3] + np.arange(len(chosen))[:, np.newaxis] * regular[:3, 0]
    along = positions @ normal
    steps = np.diff(along)
    if (steps <= _SAME_MM).any():
        raise _refused(say("several of its images lie at the same position"))
    shift = np.column_stack([positions @ down, positions @ right])
    usual = float(np.median(steps))
    holes = np.zeros(len(steps), dtype=bool)
    if regular is None:
        cover = np.maximum(_thicknesses(series, chosen), usual)
        holes = steps > _HOLE * np.maximum(cover[:-1], cover[1:])
    shape = (len(chosen), series.rows, series.columns)
    return StackGrid(
        right, down, normal, series.pixel_spacing, shape, along, shift, holes, usual / 2, regular is not None
    )


def _thicknesses(series: Series, frames: npt.NDArray[np.integer]) -> FloatArray:
    """Slice Thickness of each frame, mm; 0 where it is not stated."""
    found = []
    for index in frames:
        key = series.frames[index]
        groups = Groups(series.instances[key.instance].header)
        found.append(header.number(groups.holder(key.frame, "PixelMeasuresSequence"), "SliceThickness") or 0.0)
    return np.array(found)


def _refused(why: str) -> UserError:
    return UserError(say("Cannot cut planes through the series"), why, say("Read the images as they were acquired."))
