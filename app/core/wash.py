"""Values laid over the frames of a stack as colours: a dose, a parametric map.

The grid stays as it is in the file, one copy in its stored type; each slice takes its values from it by linear
interpolation, and nothing where it lies outside.
"""

from __future__ import annotations

import threading
from abc import ABC, abstractmethod
from collections import OrderedDict
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from app.core.lattice import Lattice, normal_of, slice_plane
from app.core.sampling import Grid, sample
from app.core.stack_grid import StackGrid
from inference.words import say

if TYPE_CHECKING:
    from app.dicom.model import Series
    from app.dicom.value_grid import ValueGrid

Float32 = npt.NDArray[np.float32]
FloatArray = npt.NDArray[np.float64]
Colour = tuple[int, int, int]

_KEPT = 24
"""Slices whose values are kept, for going back and forth."""
_REACH = 0.5
"""Beyond its outermost planes a grid goes on for half a step, as a pixel does."""

DOSE_COLOURS: tuple[tuple[float, Colour], ...] = (
    (0.0, (45, 70, 210)),
    (0.25, (0, 185, 215)),
    (0.5, (60, 200, 70)),
    (0.75, (250, 215, 40)),
    (1.0, (235, 40, 35)),
)
MAP_COLOURS: tuple[tuple[float, Colour], ...] = (
    (0.0, (40, 15, 95)),
    (0.35, (140, 40, 130)),
    (0.7, (240, 105, 70)),
    (1.0, (253, 242, 160)),
)


@dataclass(frozen=True, eq=False)
class Wash(ABC):
    """``low``, ``high``: the values that the first and the last colour stand for, in ``unit``. ``threshold``: values
    below it are not drawn unless the reader chooses another. Where the values come from is for subclasses to say."""

    uid: str
    title: str
    series_key: tuple[str, int]
    quantity: str
    unit: str
    low: float
    high: float
    threshold: float
    colours: tuple[tuple[float, Colour], ...]
    notes: tuple[str, ...]

    @property
    @abstractmethod
    def is_quick(self) -> bool:
        """Whether a slice's values take a few milliseconds."""

    @abstractmethod
    def over(self, series: Series) -> Wash:
        """The same values over the frames of another stack in the same space, such as planes cut through this one."""

    @abstractmethod
    def is_ready(self, index: int) -> bool:
        """Whether ``plane`` answers at once."""

    @abstractmethod
    def plane(self, index: int) -> Float32 | None:
        """Values at the pixels of frame ``index``, NaN where there are none; ``None`` for a frame without any."""

    def shades(self, index: int, threshold: float) -> npt.NDArray[np.uint8] | None:
        """Colour numbers of frame ``index``: 1 to 255 from ``low`` to ``high``, 0 where nothing is drawn."""
        values = self.plane(index)
        if values is None:
            return None
        span = self.high - self.low or 1.0
        with np.errstate(invalid="ignore"):
            numbers = np.clip((values - self.low) * np.float32(254 / span), 0, 254) + 1
            shown = values >= threshold
        return np.where(shown, numbers, 0).astype(np.uint8)

    def value_at(self, index: int, row: float, column: float) -> float | None:
        """The value at a point of frame ``index``, in ``unit``; ``None`` outside, or while it is not ready."""
        if not self.is_quick and not self.is_ready(index):
            return None
        values = self.plane(index)
        r, c = int(np.floor(row + 0.5)), int(np.floor(column + 0.5))
        if values is None or not (0 <= r < values.shape[0] and 0 <= c < values.shape[1]):
            return None
        value = float(values[r, c])
        return value if np.isfinite(value) else None

    def colour_of(self, share: float) -> Colour:
        """The colour at ``share`` (0 to 1) of the range."""
        at = [place for place, _ in self.colours]
        red, green, blue = (
            round(float(np.interp(share, at, [colour[n] for _, colour in self.colours]))) for n in range(3)
        )
        return red, green, blue


@dataclass(frozen=True, eq=False)
class GridWash(Wash):
    """Values on a grid of their own in the patient: a dose, a parametric map."""

    _grid: ValueGrid
    _lattice: Lattice
    _series: Series
    _planes: OrderedDict[int, Float32 | None] = field(default_factory=OrderedDict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    @cached_property
    def is_quick(self) -> bool:
        """Whether the slices lie as the grid does, so that a slice's values take a few milliseconds."""
        plane = slice_plane(self._series, 0)
        if plane is None:
            return True
        _, down, across = plane
        steps = self._lattice.coordinates(np.stack([down, across]) + self._lattice.origin)
        return bool(np.abs(steps[0, [0, 2]]).max() < 1e-4 and np.abs(steps[1, [0, 1]]).max() < 1e-4)

    def over(self, series: Series) -> GridWash:
        """See ``Wash``."""
        return replace(self, series_key=series.key, _series=series, _planes=OrderedDict(), _lock=threading.Lock())

    def is_ready(self, index: int) -> bool:
        """Whether ``plane`` answers at once."""
        with self._lock:
            return index in self._planes

    def plane(self, index: int) -> Float32 | None:
        """Values at the pixels of frame ``index``, NaN outside the grid; ``None`` where the frame misses it."""
        with self._lock:
            if index in self._planes:
                self._planes.move_to_end(index)
                return self._planes[index]
        made = self._made(index)
        with self._lock:
            self._planes[index] = made
            while len(self._planes) > _KEPT:
                self._planes.popitem(last=False)
        return made

    def _made(self, index: int) -> Float32 | None:
        plane = slice_plane(self._series, index)
        if plane is None:
            return None
        first, down, across = plane
        at = self._lattice.coordinates(np.stack([first, first + down, first + across]))
        start, by_row, by_column = at[0], at[1] - at[0], at[2] - at[0]
        rows, columns = np.arange(self._series.rows), np.arange(self._series.columns)
        if self.is_quick:
            return self._sampled_apart(start, start[1] + rows * by_row[1], start[2] + columns * by_column[2])
        if self._even is not None:
            return self._interpolated(self._even, first, down, across)
        found = start + rows[:, None, None] * by_row + columns[None, :, None] * by_column
        return self._sampled(found)

    @cached_property
    def _even(self) -> StackGrid | None:
        """The grid as planes are cut through volumes, where one scale serves all of it."""
        grid, lattice = self._grid, self._lattice
        uneven = len(set(grid.slopes.tolist())) > 1 or len(set(grid.intercepts.tolist())) > 1
        if uneven or len(lattice.offsets) < 2 or min(lattice.shape) < 2:
            return None
        right, down = lattice.orientation[:3], lattice.orientation[3:]
        steps = np.diff(lattice.offsets)
        return StackGrid(
            right,
            down,
            lattice.normal,
            lattice.spacing,
            (len(lattice.offsets), *lattice.shape),
            lattice.offsets + lattice.origin @ lattice.normal,
            np.tile([lattice.origin @ down, lattice.origin @ right], (len(lattice.offsets), 1)),
            np.zeros(len(steps), dtype=bool),
            float(steps.min()) / 2,
            bool(np.ptp(steps) < 1e-6),
        )

    def _interpolated(self, lies: StackGrid, first: FloatArray, down: FloatArray, across: FloatArray) -> Float32 | None:
        """A slice at any angle, a block of rows at a time."""
        tall, wide = float(np.linalg.norm(down)), float(np.linalg.norm(across))
        plane = Grid(first, across / wide, down / tall, (tall, wide), self._series.rows, self._series.columns)
        found = sample(np.ascontiguousarray(self._grid.stored), lies, plane)
        if np.isnan(found).all():
            return None
        return found * np.float32(self._grid.slopes[0]) + np.float32(self._grid.intercepts[0])

    def _sampled_apart(self, start: FloatArray, rows: FloatArray, columns: FloatArray) -> Float32 | None:
        """A slice parallel to the grid: between two planes, then along rows, then along columns."""
        shape = self._lattice.shape
        k, weight, inside = _between(np.array([start[0]]), self._lattice.offsets)
        if not inside[0]:
            return None
        near = self._grid.values(int(k[0]))
        if weight[0] > 0:
            near = near + (self._grid.values(int(k[0]) + 1) - near) * np.float32(weight[0])
        r, row_weight, row_inside = _between(rows, np.arange(shape[0], dtype=np.float64))
        c, column_weight, column_inside = _between(columns, np.arange(shape[1], dtype=np.float64))
        if not row_inside.any() or not column_inside.any():
            return None
        lower = np.minimum(r + 1, shape[0] - 1)
        tall = near[r] + (near[lower] - near[r]) * row_weight[:, None].astype(np.float32)
        right = np.minimum(c + 1, shape[1] - 1)
        wide = tall[:, c] + (tall[:, right] - tall[:, c]) * column_weight[None, :].astype(np.float32)
        wide[~row_inside] = np.nan
        wide[:, ~column_inside] = np.nan
        return np.asarray(wide, dtype=np.float32)

    def _sampled(self, at: FloatArray) -> Float32 | None:
        """A slice at any angle: the eight neighbours of each pixel."""
        shape = self._lattice.shape
        k, kw, inside = _between(at[..., 0], self._lattice.offsets)
        r, rw, row_inside = _between(at[..., 1], np.arange(shape[0], dtype=np.float64))
        c, cw, column_inside = _between(at[..., 2], np.arange(shape[1], dtype=np.float64))
        inside = inside & row_inside & column_inside
        if not inside.any():
            return None
        k, r, c = k[inside], r[inside], c[inside]
        kw, rw, cw = kw[inside], rw[inside], cw[inside]
        total = np.zeros(len(k))
        grid = self._grid
        for dk, dr, dc in np.ndindex(2, 2, 2):
            weight = (kw if dk else 1 - kw) * (rw if dr else 1 - rw) * (cw if dc else 1 - cw)
            kk = np.minimum(k + dk, len(self._lattice.offsets) - 1)
            rr, cc = np.minimum(r + dr, shape[0] - 1), np.minimum(c + dc, shape[1] - 1)
            total += weight * (grid.stored[kk, rr, cc] * grid.slopes[kk] + grid.intercepts[kk])
        whole = np.full(at.shape[:-1], np.nan, dtype=np.float32)
        whole[inside] = total
        return whole


def _between(at: FloatArray, places: FloatArray) -> tuple[npt.NDArray[np.intp], FloatArray, npt.NDArray[np.bool_]]:
    """For each of ``at`` the place before it, how far it is on to the next (0 to 1), and whether it lies within the
    places, half a step beyond the outermost included."""
    if len(places) == 1:
        return np.zeros(at.shape, np.intp), np.zeros(at.shape), np.abs(at - places[0]) <= _REACH
    before = np.clip(np.searchsorted(places, at, side="right") - 1, 0, len(places) - 2)
    step = places[before + 1] - places[before]
    weight = (at - places[before]) / step
    inside = (weight >= -_REACH - 1e-6) & (weight <= 1 + _REACH + 1e-6)
    return before, np.clip(weight, 0.0, 1.0), inside


def values_on(grid: ValueGrid, series: Series, uid: str, title: str, *, is_dose: bool) -> GridWash:
    """``grid`` over ``series``. Where they do not share a frame of reference nothing is drawn, and a note says so."""
    normal = normal_of(grid.orientation)
    offsets = (grid.positions - grid.positions[0]) @ normal
    shape = (int(grid.stored.shape[1]), int(grid.stored.shape[2]))
    lattice = Lattice(grid.positions[0], grid.orientation, grid.spacing, shape, offsets, 0.0)
    notes = list(grid.notes)
    # Planes of a tilted stack shift against each other: their grid is none that this could interpolate in.
    shift = grid.positions - grid.positions[0] - offsets[:, None] * normal
    shared = bool(grid.frame_of_reference_uid) and grid.frame_of_reference_uid == series.frame_of_reference_uid
    if not shared or float(np.abs(shift).max()) > min(grid.spacing) / 4 or slice_plane(series, 0) is None:
        notes.append(
            say("Its planes are shifted against each other, so it cannot be laid over these images.")
            if shared and slice_plane(series, 0) is not None
            else say("It does not lie in the frame of reference of these images.")
        )
        lattice = Lattice(lattice.origin + 1e9, grid.orientation, grid.spacing, shape, offsets, 0.0)
    low, high = _range(grid, is_dose=is_dose)
    return GridWash(
        uid=uid,
        title=title,
        series_key=series.key,
        quantity=grid.quantity,
        unit=grid.unit,
        low=low,
        high=high,
        threshold=0.1 * high if is_dose else low,
        colours=DOSE_COLOURS if is_dose else MAP_COLOURS,
        notes=tuple(notes),
        _grid=grid,
        _lattice=lattice,
        _series=series,
    )


def _range(grid: ValueGrid, *, is_dose: bool) -> tuple[float, float]:
    """0 to the largest dose; of a map, the 0.5 and 99.5 percentiles of what is not background."""
    if is_dose:
        return 0.0, max(float(grid.values(k).max()) for k in range(len(grid.stored)))
    step = max(len(grid.stored) // 16, 1)
    sample = np.concatenate([grid.values(k).ravel() for k in range(0, len(grid.stored), step)])
    sample = sample[np.isfinite(sample) & (sample != 0)]
    if not sample.size:
        return 0.0, 1.0
    low, high = np.percentile(sample, (0.5, 99.5))
    return float(low), float(high) if high > low else float(low) + 1.0
