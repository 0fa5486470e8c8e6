"""Closed outlines of straight sides: which pixels lie inside, how large they are, whether they cross themselves.

Points are (row, column) in pixels; the last is joined to the first. Inside is what an even-odd count says: a line from
there to the far distance crosses the outline an odd number of times. Where an outline crosses itself, the area follows
the same rule, so that area and statistics always speak of the same part of the image.
"""

from __future__ import annotations

from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.core.document import Point

Mask = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float64]


def shoelace(points: Floats) -> float:
    """Area of a plain outline by the shoelace formula. ``points``: (n, 2), in any unit; the area in its square."""
    # From the first point: large coordinates would cost digits of a small difference.
    row, column = (points - points[0]).T
    return float(abs(row @ np.roll(column, -1) - column @ np.roll(row, -1)) / 2)


def examined(points: Floats) -> tuple[float, bool]:
    """Area inside the outline, exactly, by the even-odd rule, and whether the outline passes through itself; one that
    only touches itself does not. ``points``: (n, 2) in any unit."""
    crossed, touched = _meetings(points)
    plain = shoelace(points)
    if not touched.any():
        return plain, False
    size = _even_odd(points, crossed)
    # A corner on another side may pass through it or turn back; parts that are counted twice or taken off tell.
    return size, bool(crossed.any()) or not np.isclose(size, plain, rtol=1e-9, atol=1e-9)


def area(points: Floats) -> float:
    """Area inside the outline, as ``examined`` finds it."""
    return examined(points)[0]


def crosses_itself(points: Floats) -> bool:
    """Whether the outline passes through itself, as ``examined`` finds it."""
    return examined(points)[1]


def _meetings(points: Floats) -> tuple[Mask, Mask]:
    """(n, n) each, above the diagonal: sides that cross, each from one side of the other to the other; and sides, no
    neighbours, that meet in any way."""
    start, end = points, np.roll(points, -1, axis=0)
    way = end - start
    # [i, j]: on which side of line i the ends of side j lie.
    to_start = start[np.newaxis] - start[:, np.newaxis]
    to_end = end[np.newaxis] - start[:, np.newaxis]
    first = way[:, np.newaxis, 0] * to_start[..., 1] - way[:, np.newaxis, 1] * to_start[..., 0]
    second = way[:, np.newaxis, 0] * to_end[..., 1] - way[:, np.newaxis, 1] * to_end[..., 0]
    product = first * second
    crossed = np.triu((product < 0) & (product.T < 0), k=1)
    touched = np.triu((product <= 0) & (product.T <= 0), k=2)
    touched[0, -1] = False
    return crossed, touched


def _even_odd(points: Floats, crossed: Mask) -> float:
    # Between two neighbouring levels of corners and crossings the sides are straight and keep their order, so what lies
    # between every second pair of them is a row of trapezia: their width halfway up, times the height.
    start, end = points, np.roll(points, -1, axis=0)
    levels = np.unique(np.concatenate([points[:, 0], _levels_of(start, end, np.argwhere(crossed))]))
    total = 0.0
    for low, high in pairwise(levels.tolist()):
        middle = (low + high) / 2
        at = np.sort(_columns_at(start, end, middle))
        total += float((high - low) * (at[1::2] - at[0::2]).sum())
    return total


def _levels_of(start: Floats, end: Floats, pairs: npt.NDArray[np.intp]) -> Floats:
    """The rows at which pairs of sides cross."""
    a, b = start[pairs[:, 0]], end[pairs[:, 0]] - start[pairs[:, 0]]
    c, d = start[pairs[:, 1]], end[pairs[:, 1]] - start[pairs[:, 1]]
    between = c - a
    share = (between[:, 0] * d[:, 1] - between[:, 1] * d[:, 0]) / (b[:, 0] * d[:, 1] - b[:, 1] * d[:, 0])
    return np.asarray(a[:, 0] + share * b[:, 0])


def _columns_at(start: Floats, end: Floats, row: float) -> Floats:
    """Where the sides pass through a row that no corner lies on."""
    passes = (start[:, 0] < row) != (end[:, 0] < row)
    a, b = start[passes], end[passes]
    return np.asarray(a[:, 1] + (row - a[:, 0]) / (b[:, 0] - a[:, 0]) * (b[:, 1] - a[:, 1]))


def inside(points: Sequence[Point], rows: slice, columns: slice) -> Mask:
    """Which pixels of a box have their centre inside the outline. The box must hold all of the outline's columns that
    are in the image; a centre on the outline counts as inside above and left of the shape, and not below and right."""
    height, width = max(rows.stop - rows.start, 0), max(columns.stop - columns.start, 0)
    passed = np.zeros((height, width + 1), dtype=np.int32)
    if not height or not width:
        return passed[:, :width].astype(bool)
    corners = np.asarray(points, dtype=np.float64)
    start, end = corners, np.roll(corners, -1, axis=0)
    centres = np.arange(rows.start, rows.stop, dtype=np.float64)[:, np.newaxis]
    passes = (start[:, 0] <= centres) != (end[:, 0] <= centres)
    level = np.where(end[:, 0] == start[:, 0], 1.0, end[:, 0] - start[:, 0])
    at = start[:, 1] + (centres - start[:, 0]) / level * (end[:, 1] - start[:, 1])
    # The first pixel whose centre is not left of the side; every pixel from there on has passed it.
    first = np.clip(np.ceil(at) - columns.start, 0, width).astype(np.intp)
    row, side = np.nonzero(passes)
    np.add.at(passed, (row, first[row, side]), 1)
    return np.asarray(np.cumsum(passed, axis=1)[:, :width] % 2 == 1)


def simplified(points: Sequence[Point], tolerance: float) -> tuple[Point, ...]:
    """The line through ``points`` with fewer of them, none left out that lies further than ``tolerance`` from it
    (Ramer, Douglas and Peucker)."""
    line = np.asarray(points, dtype=np.float64)
    kept = np.zeros(len(line), dtype=bool)
    kept[[0, -1]] = True
    waiting = [(0, len(line) - 1)]
    while waiting:
        first, last = waiting.pop()
        if last - first < 2:
            continue
        way = line[last] - line[first]
        off = line[first + 1 : last] - line[first]
        # To the piece and not to the line: a hand that turns back must not be cut short.
        share = np.clip(off @ way / max(float(way @ way), 1e-12), 0.0, 1.0)
        far = np.hypot(*(off - share[:, np.newaxis] * way).T)
        furthest = int(np.argmax(far))
        if far[furthest] > tolerance:
            middle = first + 1 + furthest
            kept[middle] = True
            waiting += [(first, middle), (middle, last)]
    return tuple((float(row), float(column)) for row, column in line[kept])
