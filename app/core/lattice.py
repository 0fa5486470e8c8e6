"""Parallel planes in the patient, and what of them lies on a slice of another stack. All in LPS millimetres."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from app.dicom.model import Series

FloatArray = npt.NDArray[np.float64]

PARALLEL = 0.9995
"""Cosine above which two normals are one direction (1.8°)."""


def normal_of(orientation: FloatArray) -> FloatArray:
    """The normal of a plane with these six cosines."""
    return np.asarray(np.cross(orientation[:3], orientation[3:]), dtype=np.float64)


@dataclass(frozen=True, eq=False)
class Lattice:
    """Planes of ``shape`` (rows, columns), all with one orientation and one spacing.

    ``origin``: (3,) the centre of the first pixel of a plane at offset 0. ``orientation``: six cosines, of the row and
    of the column direction. ``spacing``: mm between rows, between columns. ``offsets``: (n,) ascending, mm along the
    normal. ``reach``: mm that a plane stands for on either side.
    """

    origin: FloatArray
    orientation: FloatArray
    spacing: tuple[float, float]
    shape: tuple[int, int]
    offsets: FloatArray
    reach: float

    @property
    def normal(self) -> FloatArray:
        """The direction in which ``offsets`` grow."""
        return normal_of(self.orientation)

    def coordinates(self, points: FloatArray) -> FloatArray:
        """Points (..., 3) in mm → (offset in mm, row, column), fractional."""
        away = points - self.origin
        axes = np.stack(
            [self.normal, self.orientation[3:] / self.spacing[0], self.orientation[:3] / self.spacing[1]], axis=-1
        )
        return np.asarray(away @ axes, dtype=np.float64)

    def nearest(self, offsets: FloatArray) -> npt.NDArray[np.intp]:
        """The plane nearest to each offset, −1 where none is within reach."""
        above = np.clip(np.searchsorted(self.offsets, offsets), 0, len(self.offsets) - 1)
        below = np.maximum(above - 1, 0)
        closer = np.abs(self.offsets[below] - offsets) < np.abs(self.offsets[above] - offsets)
        found = np.where(closer, below, above)
        far = np.abs(self.offsets[found] - offsets) > self.reach + 1e-6
        return np.where(far, -1, found)


def slice_plane(series: Series, index: int) -> tuple[FloatArray, FloatArray, FloatArray] | None:
    """(position of the first pixel's centre, step to the next row, step to the next column) of frame ``index`` in mm;
    ``None`` for a stack without a place in the patient."""
    if series.positions is None or series.orientation is None or series.pixel_spacing is None:
        return None
    rows, columns = series.pixel_spacing
    return series.positions[index], series.orientation[3:] * rows, series.orientation[:3] * columns


def half_gaps(along: FloatArray, thickness: float) -> FloatArray:
    """For each of ``along`` (mm along a normal, any order) how far it reaches: half the way to its nearest neighbour.

    ``thickness``: of a plane that is alone.
    """
    if len(along) < 2:
        return np.full(len(along), thickness / 2)
    order = np.argsort(along)
    steps = np.diff(along[order])
    steps = np.where(steps > 1e-3, steps, np.inf)
    nearest = np.minimum(np.concatenate([[np.inf], steps]), np.concatenate([steps, [np.inf]]))
    reach = np.empty(len(along))
    reach[order] = np.where(np.isfinite(nearest), nearest, thickness) / 2
    return reach


def gather(
    lattice: Lattice, planes: dict[int, npt.NDArray[np.uint8]], series: Series, index: int
) -> npt.NDArray[np.uint8] | None:
    """What ``planes`` (number in the lattice → (rows, columns)) hold at the pixels of frame ``index``, nearest voxel.

    ``None`` where the frame misses them.
    """
    plane = slice_plane(series, index)
    if plane is None or not planes:
        return None
    first, down, across = plane
    box = _box(lattice, planes, first, down, across, (series.rows, series.columns))
    if box is None:
        return None
    top, bottom, left, right = box
    rows, columns = np.arange(top, bottom), np.arange(left, right)
    points = first + rows[:, None, None] * down + columns[None, :, None] * across
    found = lattice.coordinates(points)
    number = lattice.nearest(found[..., 0])
    at = np.floor(found[..., 1:] + 0.5).astype(np.intp)
    inside = (number >= 0) & (at >= 0).all(axis=-1) & (at < np.array(lattice.shape)).all(axis=-1)
    whole = np.zeros((series.rows, series.columns), np.uint8)
    part = whole[top:bottom, left:right]
    for k, values in planes.items():
        here = inside & (number == k)
        part[here] = values[at[here][:, 0], at[here][:, 1]]
    return whole if whole.any() else None


def _box(
    lattice: Lattice,
    planes: dict[int, npt.NDArray[np.uint8]],
    first: FloatArray,
    down: FloatArray,
    across: FloatArray,
    shape: tuple[int, int],
) -> tuple[int, int, int, int] | None:
    """Rows and columns of the slice that the planes may lie on: the slice's part of the box around what they hold."""
    occupied = [(k, np.argwhere(values.any(axis=1)), np.argwhere(values.any(axis=0))) for k, values in planes.items()]
    occupied = [entry for entry in occupied if len(entry[1])]
    if not occupied:
        return None
    rows = min(int(r[0, 0]) for _, r, _ in occupied) - 1, max(int(r[-1, 0]) for _, r, _ in occupied) + 1
    columns = min(int(c[0, 0]) for _, _, c in occupied) - 1, max(int(c[-1, 0]) for _, _, c in occupied) + 1
    offsets = [float(lattice.offsets[k]) for k, _, _ in occupied]
    depth = min(offsets) - lattice.reach, max(offsets) + lattice.reach
    corners = np.array(
        [
            lattice.origin
            + lattice.normal * d
            + lattice.orientation[3:] * lattice.spacing[0] * r
            + lattice.orientation[:3] * lattice.spacing[1] * c
            for d in depth
            for r in rows
            for c in columns
        ]
    )
    away = corners - first
    normal = np.cross(across, down)
    heights = away @ (normal / np.linalg.norm(normal))
    if heights.min() > 1e-6 or heights.max() < -1e-6:
        return None
    at_rows, at_columns = away @ down / (down @ down), away @ across / (across @ across)
    top, bottom = max(int(np.floor(at_rows.min())), 0), min(int(np.ceil(at_rows.max())) + 1, shape[0])
    left, right = max(int(np.floor(at_columns.min())), 0), min(int(np.ceil(at_columns.max())) + 1, shape[1])
    return (top, bottom, left, right) if top < bottom and left < right else None
