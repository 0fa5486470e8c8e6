"""Angles and axes that are made of two lines: Cobb's angle, and the two diameters of RECIST.

Everything is reckoned in the scale's unit, so that pixels that are not square give true angles.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.core.document import Point
    from app.core.scale import Scale

_ALONG = np.cos(np.radians(30))
"""Two lines that both lie within 30° of the way between their middles follow one another, as the bones of a toe do."""


def angle_between(first: Sequence[float], second: Sequence[float]) -> float:
    """Angle in degrees, 0–180, between two directions; NaN where one has no length."""
    if not (np.any(first) and np.any(second)):
        return float("nan")
    # atan2 of cross and dot keeps its precision near 0° and 180°, where arccos loses half the digits.
    cross = abs(first[0] * second[1] - first[1] * second[0])
    return float(np.degrees(np.arctan2(cross, first[0] * second[0] + first[1] * second[1])))


def cobb(scale: Scale, points: Sequence[Point]) -> float:
    """Cobb's angle in degrees between line 0–1 and line 2–3; NaN where one has no length.

    Which way each line was drawn does not matter: both are taken to point to the same side of the way from one to the
    other, as end plates do beside a spine. So curves of more than 90° keep their angle, and lines that are nearly
    parallel give nearly 0°, whichever way the image is turned.
    """
    a, b, c, d = points
    first, second = np.array(scale.way(a, b)), np.array(scale.way(c, d))
    lengths = np.hypot(*first), np.hypot(*second)
    if 0 in lengths:
        return float("nan")
    first, second = first / lengths[0], second / lengths[1]
    middles = [((p[0] + q[0]) / 2, (p[1] + q[1]) / 2) for p, q in ((a, b), (c, d))]
    spine = np.array(scale.way(*middles))
    apart = np.hypot(*spine)
    if apart == 0:
        smaller = angle_between(first, second)
        return min(smaller, 180 - smaller)
    spine = spine / apart
    across = [spine[0] * line[1] - spine[1] * line[0] for line in (first, second)]
    along = [float(spine @ line) for line in (first, second)]
    sides = along if min(abs(along[0]), abs(along[1])) >= _ALONG else across
    if sides[0] * sides[1] < 0:
        second = -second
    return angle_between(first, second)


def axes(scale: Scale, points: Sequence[Point]) -> tuple[float, float]:
    """(longest, perpendicular) diameter of a bidirectional measurement, in the scale's unit; the longer one first."""
    a, b, c, d = points
    first, second = scale.distance(a, b), scale.distance(c, d)
    return max(first, second), min(first, second)


def perpendicular(scale: Scale, a: Point, b: Point, through: Point, towards: Point) -> Point:
    """The point beside ``towards`` at which a line through ``through`` stands at right angles on a–b."""
    along = np.array(scale.way(a, b))
    length = float(np.hypot(*along))
    if length == 0:
        return towards
    across = np.array([-along[1], along[0]]) / length
    reach = float(np.array(scale.way(through, towards)) @ across)
    return _moved(scale, through, across * reach)


def with_axis_end(scale: Scale, points: Sequence[Point], end: int, to: Point) -> tuple[Point, ...]:
    """A bidirectional measurement after one of its four ends was dragged; the axes stay at right angles.

    An end of the long axis takes the short one along: it keeps its share of the way and its reach to either side. An
    end of the short axis slides the whole of it along the long one, and changes the reach on its own side.
    """
    a, b, c, d = points
    if end < 2:
        foot, left, right = _standing(scale, a, b, c, d)
        a, b = (to, b) if end == 0 else (a, to)
        along = np.array(scale.way(a, b))
        length = float(np.hypot(*along))
        if length == 0:
            return tuple(points)
        across = np.array([-along[1], along[0]]) / length
        base = (a[0] + (b[0] - a[0]) * foot, a[1] + (b[1] - a[1]) * foot)
        return a, b, _moved(scale, base, across * left), _moved(scale, base, across * right)
    along = np.array(scale.way(a, b))
    length = float(np.hypot(*along))
    if length == 0:
        return tuple(points)
    foot, left, right = _standing(scale, a, b, c, d)
    across = np.array([-along[1], along[0]]) / length
    held = np.array(scale.way(a, to))
    foot = float(np.clip(held @ along / length**2, 0.0, 1.0))
    reach = float(held @ across)
    left, right = (reach, right) if end == 2 else (left, reach)
    base = (a[0] + (b[0] - a[0]) * foot, a[1] + (b[1] - a[1]) * foot)
    return a, b, _moved(scale, base, across * left), _moved(scale, base, across * right)


def _standing(scale: Scale, a: Point, b: Point, c: Point, d: Point) -> tuple[float, float, float]:
    """Where the short axis stands on the long one, as a share of it, and how far it reaches to either side."""
    along = np.array(scale.way(a, b))
    length = float(np.hypot(*along))
    if length == 0:
        return 0.5, 0.0, 0.0
    across = np.array([-along[1], along[0]]) / length
    first, second = np.array(scale.way(a, c)), np.array(scale.way(a, d))
    foot = float((first + second) @ along / 2 / length**2)
    return foot, float(first @ across), float(second @ across)


def _moved(scale: Scale, point: Point, way: npt.NDArray[np.float64]) -> Point:
    return point[0] + float(way[0]) / scale.spacing[0], point[1] + float(way[1]) / scale.spacing[1]
