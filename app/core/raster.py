"""Between outlines and pixels, both ways and without loss: the outline of a mask fills to that very mask.

Points are (row, column) in pixels; (0, 0) is the centre of the first pixel, whose corners lie at ±0.5.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from collections.abc import Sequence

FloatArray = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]


def fill(rings: Sequence[FloatArray], shape: tuple[int, int]) -> Mask:
    """Pixels whose centre lies inside an odd number of closed ``rings`` (each (n, 2)): rings within rings are holes.

    A channel that a ring runs along there and back (a keyhole) encloses nothing.
    """
    rows, columns = shape
    # Counted per pixel edge, then summed along the row: a centre is inside after an odd number of crossings.
    crossings = np.zeros((rows, columns + 1), dtype=np.int32)
    for ring in rings:
        start = np.asarray(ring, dtype=np.float64)
        if len(start) < 3:
            continue
        stop = np.roll(start, -1, axis=0)
        # Upwards or downwards the same arithmetic, so that both ways of a channel cross at the same place.
        swap = start[:, 0] > stop[:, 0]
        low, high = np.where(swap[:, None], stop, start), np.where(swap[:, None], start, stop)
        first = np.clip(np.ceil(low[:, 0]), 0, rows).astype(np.intp)
        last = np.clip(np.ceil(high[:, 0]), 0, rows).astype(np.intp)
        counts = np.maximum(last - first, 0)
        edges = np.repeat(np.arange(len(low)), counts)
        if not edges.size:
            continue
        at = np.arange(edges.size) - np.repeat(np.cumsum(counts) - counts, counts) + first[edges]
        share = (at - low[edges, 0]) / (high[edges, 0] - low[edges, 0])
        x = low[edges, 1] + share * (high[edges, 1] - low[edges, 1])
        np.add.at(crossings, (at, np.clip(np.ceil(x), 0, columns).astype(np.intp)), 1)
    inside: Mask = (np.cumsum(crossings[:, :columns], axis=1) & 1).astype(bool)
    return inside


def without_channels(ring: FloatArray) -> list[tuple[FloatArray, bool]]:
    """A closed ring as lines to draw, each (points (n, 2), whether it is closed): without the channels that it runs
    along there and back to reach its holes."""
    vertices = [(float(row), float(column)) for row, column in ring]
    if len(set(vertices)) == len(vertices):
        return [(ring, True)]
    following = [*vertices[1:], vertices[0]]
    there = set(zip(vertices, following, strict=True))
    pieces: list[list[tuple[float, float]]] = [[]]
    for start, stop in zip(vertices, following, strict=True):
        if (stop, start) in there:
            pieces.append([])
            continue
        if not pieces[-1]:
            pieces[-1].append(start)
        pieces[-1].append(stop)
    return [(np.array(piece), False) for piece in pieces if len(piece) > 1]


_Vertex = tuple[int, int]


def outlines(mask: Mask) -> list[FloatArray]:
    """Closed rings along the edges of ``mask``'s pixels, as (n, 2); ``fill`` of them gives ``mask`` back.

    One ring for each connected region (pixels that touch at a corner only are apart). A hole hangs on its region by a
    channel of no width: the keyhole of PS3.3 C.8.8.6.3.
    """
    rings = _rings(mask)
    outer = [ring for ring in rings if _area(ring) > 0]
    holes = sorted((ring for ring in rings if _area(ring) < 0), key=min)
    home = {vertex: ring for ring in outer for vertex in ring}
    for hole in holes:
        row, column = min(hole)
        start = hole.index((row, column))
        # To the left lies the region's edge, or a hole that hangs on it already: it has come first.
        reach = column - 1
        while (row, reach) not in home:
            reach -= 1
        ring = home[row, reach]
        place = ring.index((row, reach))
        turned = hole[start:] + hole[:start] + [(row, column)]
        ring[place:place] = [(row, reach), *turned]
        home.update(dict.fromkeys(hole, ring))
    return [np.array(_corners(ring), dtype=np.float64) - 0.5 for ring in outer]


def _rings(mask: Mask) -> list[list[_Vertex]]:
    """Rings over pixel corners, the region on their right when rows run down: outer ones have positive area."""
    padded = np.pad(mask, 1)
    follow: dict[_Vertex, list[_Vertex]] = {}

    def add(where: Mask, start: _Vertex, stop: _Vertex) -> None:
        for row, column in np.argwhere(where).tolist():
            follow.setdefault((row + start[0], column + start[1]), []).append((row + stop[0], column + stop[1]))

    inner = padded[1:-1, 1:-1]
    add(inner & ~padded[:-2, 1:-1], (0, 0), (0, 1))
    add(inner & ~padded[1:-1, 2:], (0, 1), (1, 1))
    add(inner & ~padded[2:, 1:-1], (1, 1), (1, 0))
    add(inner & ~padded[1:-1, :-2], (1, 0), (0, 0))
    rings = []
    while follow:
        start = next(iter(follow))
        ring, previous, here = [], start, start
        while True:
            ring.append(here)
            ways = follow[here]
            way = ways[0]
            if len(ways) == 2:
                # Where two pixels meet at a corner: turn right, and stay with the pixel that the ring is around.
                step = (here[0] - previous[0], here[1] - previous[1])
                way = next((w for w in ways if (w[0] - here[0], w[1] - here[1]) == (step[1], -step[0])), ways[0])
            ways.remove(way)
            if not ways:
                del follow[here]
            previous, here = here, way
            if here == start:
                break
        rings.append(ring)
    return rings


def _area(ring: list[_Vertex]) -> int:
    """Twice the signed area: positive where the ring turns right on screen."""
    following = (*ring[1:], ring[0])
    return sum(c0 * r1 - c1 * r0 for (r0, c0), (r1, c1) in zip(ring, following, strict=True))


def _corners(ring: list[_Vertex]) -> list[_Vertex]:
    """The ring without the points in the middle of its straight lines."""
    count = len(ring)
    kept = []
    for i, (row, column) in enumerate(ring):
        before, after = ring[i - 1], ring[(i + 1) % count]
        into, out = (row - before[0], column - before[1]), (after[0] - row, after[1] - column)
        if into[0] * out[1] != into[1] * out[0] or into[0] * out[0] + into[1] * out[1] < 0:
            kept.append((row, column))
    return kept
