"""An object of a study laid over the frames of one stack, ready to be drawn: what lies where on each of them.

Sparse: a frame that nothing lies on costs nothing, and a region is kept as the box around it. Frozen once made, so it
may be made on one thread and drawn on another.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from app.core import raster

if TYPE_CHECKING:
    from collections.abc import Mapping

    from inference.types import Label

FloatArray = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Region:
    """What one part covers of one frame: a box of ``shape`` (rows, columns) whose first pixel is (``top``, ``left``).

    ``part``: ``Label.value``. Made by ``of``, which keeps masks as bits: a body of organs is gigabytes otherwise.
    """

    part: int
    top: int
    left: int
    shape: tuple[int, int]
    _data: npt.NDArray[np.uint8]
    _is_packed: bool

    @staticmethod
    def of(part: int, cover: npt.NDArray[np.uint8]) -> Region | None:
        """The region of a whole frame's cover (rows, columns), 0 to 255; ``None`` where it covers nothing."""
        rows = np.flatnonzero(cover.any(axis=1))
        if rows.size == 0:
            return None
        columns = np.flatnonzero(cover[rows[0] : rows[-1] + 1].any(axis=0))
        box = np.ascontiguousarray(cover[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1])
        is_mask = bool(((box == 0) | (box == 255)).all())
        data = np.packbits(box != 0) if is_mask else box
        return Region(part, int(rows[0]), int(columns[0]), (box.shape[0], box.shape[1]), data, is_mask)

    @property
    def cover(self) -> npt.NDArray[np.uint8]:
        """uint8, ``shape``: how much of each pixel is covered, 0 to 255."""
        if not self._is_packed:
            return self._data
        bits = np.unpackbits(self._data, count=self.shape[0] * self.shape[1])
        return bits.reshape(self.shape) * np.uint8(255)

    @property
    def nbytes(self) -> int:
        """Memory that it takes."""
        return self._data.nbytes


@dataclass(frozen=True, eq=False)
class Outline:
    """A contour on one frame. ``points``: (n, 2), row and column in pixels, (0, 0) the centre of the first pixel.

    ``is_closed``: an area, whose last point joins the first; a line or, of one point, a mark otherwise.
    """

    part: int
    points: FloatArray
    is_closed: bool = True

    @cached_property
    def strokes(self) -> list[tuple[FloatArray, bool]]:
        """What to draw of it, each (points, whether it is closed): without the channels to its holes."""
        return raster.without_channels(self.points) if self.is_closed else [(self.points, False)]


@dataclass(frozen=True, eq=False)
class Layer:
    """``uid``: of the object that it shows; ``title``: its kind and label. ``parts``: segments or structures.
    ``regions``, ``outlines``: by sorted frame index. ``is_fractional``: cover is a share or a probability, drawn as
    translucency. ``hollow``: parts whose regions are drawn as their edge alone. ``notes``: sentences that the reader
    must see."""

    uid: str
    title: str
    series_key: tuple[str, int]
    shape: tuple[int, int]
    parts: tuple[Label, ...]
    regions: Mapping[int, tuple[Region, ...]] = field(default_factory=dict)
    outlines: Mapping[int, tuple[Outline, ...]] = field(default_factory=dict)
    is_fractional: bool = False
    notes: tuple[str, ...] = ()
    hollow: frozenset[int] = frozenset()

    def covers(self, index: int) -> list[tuple[npt.NDArray[np.uint8], Label]]:
        """What each part covers of frame ``index``: (uint8 (rows, columns), 0 to 255; part), in the order of parts.

        Closed contours of a part are joined by exclusive or, so that one within another is a hole (PS3.3 C.8.8.6.3).
        """
        found: dict[int, npt.NDArray[np.uint8]] = {}
        for region in self.regions.get(index, ()):
            whole = found.setdefault(region.part, np.zeros(self.shape, np.uint8))
            height, width = region.shape
            box = whole[region.top : region.top + height, region.left : region.left + width]
            np.maximum(box, region.cover, out=box)
        closed: dict[int, list[FloatArray]] = {}
        for outline in self.outlines.get(index, ()):
            if outline.is_closed:
                closed.setdefault(outline.part, []).append(outline.points)
        for part, rings in closed.items():
            whole = found.setdefault(part, np.zeros(self.shape, np.uint8))
            np.maximum(whole, raster.fill(rings, self.shape).astype(np.uint8) * np.uint8(255), out=whole)
        return [(found[part.value], part) for part in self.parts if part.value in found]

    def masks(self, index: int) -> list[tuple[Mask, Label]]:
        """The same as masks: at least half covered."""
        return [(cover >= 128, part) for cover, part in self.covers(index)]

    def frames_of_parts(self) -> dict[int, tuple[int, ...]]:
        """Value of a part → the sorted frame indices that it lies on."""
        found: dict[int, list[int]] = {}
        for index in self.frames:
            here: set[int] = {region.part for region in self.regions.get(index, ())}
            here |= {outline.part for outline in self.outlines.get(index, ())}
            for part in here:
                found.setdefault(part, []).append(index)
        return {part: tuple(indices) for part, indices in found.items()}

    @property
    def frames(self) -> tuple[int, ...]:
        """Sorted frame indices that anything lies on."""
        return tuple(sorted({*self.regions, *self.outlines}))
