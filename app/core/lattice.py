"""Parallel planes in the patient, and what of them lies on a slice of another stack. All in LPS millimetres."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from app.core.layers import Region
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


class Planes:
    """What some planes of a lattice hold: plane number → the region on it, each kept as the box around it."""

    def __init__(self, lattice: Lattice, held: dict[int, Region]) -> None:
        self._lattice = lattice
        self._held = held
        self._corners = self._box() if held else None

    def _box(self) -> FloatArray:
        """The corners in mm of the box around all that is held, with a pixel to spare: (8, 3)."""
        lattice = self._lattice
        rows = [(region.top, region.top + region.shape[0]) for region in self._held.values()]
        columns = [(region.left, region.left + region.shape[1]) for region in self._held.values()]
        offsets = lattice.offsets[list(self._held)]
        spans = (
            (float(offsets.min()) - lattice.reach, float(offsets.max()) + lattice.reach),
            (min(first for first, _ in rows) - 1, max(last for _, last in rows)),
            (min(first for first, _ in columns) - 1, max(last for _, last in columns)),
        )
        down, across = lattice.orientation[3:] * lattice.spacing[0], lattice.orientation[:3] * lattice.spacing[1]
        return np.array(
            [
                lattice.origin + lattice.normal * d + down * r + across * c
                for d in spans[0]
                for r in spans[1]
                for c in spans[2]
            ]
        )

    def on(self, series: Series, index: int) -> npt.NDArray[np.uint8] | None:
        """What is held at the pixels of frame ``index``, nearest voxel, (rows, columns); ``None`` where the frame
        misses it all."""
        plane = slice_plane(series, index)
        if plane is None or self._corners is None:
            return None
        first, down, across = plane
        box = _reached(self._corners - first, down, across, (series.rows, series.columns))
        if box is None:
            return None
        top, bottom, left, right = box
        rows, columns = np.arange(top, bottom), np.arange(left, right)
        points = first + rows[:, None, None] * down + columns[None, :, None] * across
        found = self._lattice.coordinates(points).reshape(-1, 3)
        number = self._lattice.nearest(found[:, 0])
        at = np.floor(found[:, 1:] + 0.5).astype(np.intp)
        inside = np.flatnonzero((number >= 0) & np.isin(number, list(self._held)))
        # One plane after the other.
        inside = inside[np.argsort(number[inside], kind="stable")]
        numbers, starts = np.unique(number[inside], return_index=True)
        part = np.zeros((bottom - top) * (right - left), np.uint8)
        for n, k in enumerate(numbers.tolist()):
            pixels = inside[starts[n] : starts[n + 1] if n + 1 < len(starts) else None]
            region = self._held[k]
            within = at[pixels] - (region.top, region.left)
            hit = (within >= 0).all(axis=1) & (within < region.shape).all(axis=1)
            part[pixels[hit]] = region.cover[within[hit, 0], within[hit, 1]]
        if not part.any():
            return None
        whole = np.zeros((series.rows, series.columns), np.uint8)
        whole[top:bottom, left:right] = part.reshape(bottom - top, right - left)
        return whole


def _reached(
    corners: FloatArray, down: FloatArray, across: FloatArray, shape: tuple[int, int]
) -> tuple[int, int, int, int] | None:
    """Rows and columns of a slice (first, one past the last, of each) that a box may lie on. ``corners``: relative to
    the slice's first pixel."""
    normal = np.cross(across, down)
    heights = corners @ (normal / np.linalg.norm(normal))
    if heights.min() > 1e-6 or heights.max() < -1e-6:
        return None
    rows, columns = corners @ down / (down @ down), corners @ across / (across @ across)
    top, bottom = max(int(np.floor(rows.min())), 0), min(int(np.ceil(rows.max())) + 1, shape[0])
    left, right = max(int(np.floor(columns.min())), 0), min(int(np.ceil(columns.max())) + 1, shape[1])
    return (top, bottom, left, right) if top < bottom and left < right else None
