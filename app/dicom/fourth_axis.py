"""The fourth axis of a stack that holds several images at each place: phases, time points, echoes, b-values, ..."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from inference.words import joined, say

MISSING = -1


@dataclass(frozen=True, eq=False)
class FourthAxis:
    """Which frame lies where in slices × points.

    ``name``: what a point is, in the singular ("phase"). ``table``: shape (slices, points), sorted frame index, or
    ``MISSING`` where the product lacks an image; each frame once. ``values``: for each sorted frame its value with its
    unit ("312 ms"), or empty. ``affine``: 4×4, index (slice, row, column) → LPS mm where the slices lie on one regular
    grid. ``step_ms``: milliseconds between points where they are those of a movement (a beating heart). ``is_time``:
    points follow each other in time. Raises ``ValueError`` for a table that does not hold each frame once.
    """

    name: str
    table: npt.NDArray[np.int64]
    values: tuple[str, ...]
    affine: npt.NDArray[np.float64] | None = None
    step_ms: float | None = None
    is_time: bool = False
    _places: npt.NDArray[np.int64] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        slices, points = np.nonzero(self.table != MISSING)
        indices = self.table[slices, points]
        if sorted(indices.tolist()) != list(range(len(self.values))):
            raise ValueError("a fourth axis must hold each frame once")
        places = np.empty((len(self.values), 2), np.int64)
        places[indices] = np.stack([slices, points], axis=1)
        object.__setattr__(self, "_places", places)
        self.table.setflags(write=False)

    @property
    def slices(self) -> int:
        """How many places there are."""
        return int(self.table.shape[0])

    @property
    def points(self) -> int:
        """How many images the fullest place has."""
        return int(self.table.shape[1])

    @property
    def missing(self) -> int:
        """How many images a complete product would have more."""
        return int((self.table == MISSING).sum())

    def place(self, index: int) -> tuple[int, int]:
        """(slice, point) of sorted frame ``index``."""
        slice_, point = self._places[index]
        return int(slice_), int(point)

    def at(self, slice_: int, point: int) -> int | None:
        """The sorted frame at a place, or ``None`` where it is missing. Both are held within the table."""
        found = int(self.table[min(max(slice_, 0), self.slices - 1), min(max(point, 0), self.points - 1)])
        return None if found == MISSING else found

    def nearest(self, slice_: int, point: int) -> int:
        """The sorted frame of a slice whose point is nearest to ``point``: that one, unless it is missing."""
        row = self.table[min(max(slice_, 0), self.slices - 1)]
        there = np.flatnonzero(row != MISSING)
        return int(row[there[np.argmin(np.abs(there - point))]])

    def along(self, index: int, steps: int, *, around: bool = False) -> int:
        """The sorted frame ``steps`` further along the axis in the slice of ``index``, past missing ones; held at the
        ends, or going ``around``."""
        slice_, point = self.place(index)
        row = self.table[slice_]
        there = row[row != MISSING]
        at = int(np.flatnonzero(there == self.table[slice_, point])[0]) + steps
        return int(there[at % len(there)] if around else there[min(max(at, 0), len(there) - 1)])

    def label(self, index: int) -> str:
        """What the reader is told of sorted frame ``index``: ``"phase 7/20, 312 ms"``."""
        value = self.values[index]
        at = say("{axis} {number}/{points}", axis=self.name, number=self.place(index)[1] + 1, points=self.points)
        return joined(", ", (at, value)) if value else at

    @property
    def plural(self) -> str:
        """``name`` for several of them."""
        return _PLURALS.get(self.name, f"{self.name}s")


_PLURALS = {
    "acquisition": say("acquisitions"),
    "b-value": say("b-values"),
    "detector": say("detectors"),
    "echo": say("echoes"),
    "echo and time": say("echoes and time points"),
    "energy window": say("energy windows"),
    "flip angle": say("flip angles"),
    "image": say("images"),
    "inversion time": say("inversion times"),
    "phase": say("phases"),
    "time": say("time points"),
    "tube voltage": say("tube voltages"),
}
