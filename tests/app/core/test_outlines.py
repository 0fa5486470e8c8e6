"""Closed outlines against shapes of known area, and against plain loops over pixels and levels."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from app.core import outlines

SQUARE = np.array([(0.0, 0.0), (0, 4), (4, 4), (4, 0)])
BOW_TIE = np.array([(0.0, 0.0), (4, 4), (4, 0), (0, 4)])
STAR = np.array([(10 + 8 * np.cos(t), 10 + 8 * np.sin(t)) for t in np.radians(90 + 144 * np.arange(5))])

coordinates = st.floats(-3, 20).map(lambda value: round(value, 3))
polygons = st.lists(st.tuples(coordinates, coordinates), min_size=3, max_size=9, unique=True)


def plainly_inside(points, row: float, column: float) -> bool:
    """Even-odd count of the sides left of a point, one by one."""
    count = 0
    for (r0, c0), (r1, c1) in zip(points, [*points[1:], points[0]], strict=True):
        if (r0 <= row) != (r1 <= row):
            count += c0 + (row - r0) / (r1 - r0) * (c1 - c0) <= column
    return count % 2 == 1


@given(polygons)
def test_the_mask_is_the_pixels_whose_centre_is_inside(points) -> None:
    # The box of the outline within an image of 12 × 17, as the caller cuts it.
    corners = np.array(points)
    low, high = np.ceil(corners.min(axis=0)).astype(int), np.floor(corners.max(axis=0)).astype(int) + 1
    rows = slice(max(low[0], 0), max(min(high[0], 12), 0))
    columns = slice(max(low[1], 0), max(min(high[1], 17), 0))
    mask = outlines.inside(points, rows, columns)
    whole = np.zeros((12, 17), bool)
    whole[rows, columns] = mask
    for row in range(12):
        for column in range(17):
            on_edge = any(
                abs((r1 - r0) * (column - c0) - (c1 - c0) * (row - r0)) < 1e-9
                for (r0, c0), (r1, c1) in zip(points, [*points[1:], points[0]], strict=True)
            )
            assert on_edge or whole[row, column] == plainly_inside(points, row, column)


@given(st.integers(3, 40), st.floats(0.5, 30), st.floats(0, 6), st.floats(0.2, 3), st.floats(0.2, 3))
def test_a_regular_polygon_has_its_textbook_area(corners: int, radius: float, turn: float, rows, columns) -> None:
    angles = turn + 2 * np.pi * np.arange(corners) / corners
    drawn = np.column_stack([100 + radius * np.cos(angles) / rows, 50 + radius * np.sin(angles) / columns])
    assert not outlines.crosses_itself(drawn)
    expected = corners / 2 * radius**2 * np.sin(2 * np.pi / corners)
    assert outlines.area(drawn * (rows, columns)) == pytest.approx(expected)


@given(polygons)
def test_area_is_what_fine_pixels_count(points) -> None:
    corners = np.array(points)
    fine = 24
    mask = outlines.inside([tuple(p) for p in (corners + 3) * fine], slice(0, 23 * fine + 1), slice(0, 23 * fine + 1))
    around = float(np.hypot(*(np.roll(corners, -1, axis=0) - corners).T).sum())
    # Each side may wrong the pixels that it passes through, half of them either way on the average.
    assert outlines.area(corners) == pytest.approx(mask.sum() / fine**2, abs=1.5 * around / fine + 0.01)


@given(polygons)
def test_a_simple_outline_has_the_area_of_the_shoelace(points) -> None:
    corners = np.array(points)
    assume(not outlines.crosses_itself(corners))
    assert outlines.area(corners) == pytest.approx(outlines.shoelace(corners), abs=1e-6)


def test_crossed_outlines_count_what_lies_inside() -> None:
    assert outlines.shoelace(BOW_TIE) == 0, "the shoelace takes one half from the other"
    assert outlines.area(BOW_TIE) == pytest.approx(8)
    assert outlines.crosses_itself(BOW_TIE)
    # A pentagram without its middle: ten halves of its five points.
    inner = 8 * np.cos(np.radians(72)) / np.cos(np.radians(36))
    whole = 10 * 0.5 * 8 * inner * np.sin(np.radians(36))
    middle = 2.5 * inner**2 * np.sin(np.radians(72))
    assert outlines.area(STAR) == pytest.approx(whole - middle)


def test_a_crossing_on_a_corner_is_a_crossing_and_a_touch_is_none() -> None:
    through = np.array([(0.0, 0.0), (2, 2), (4, 4), (4, 0), (0, 4)])
    assert outlines.crosses_itself(through)
    assert outlines.area(through) == pytest.approx(8)
    # Two squares that share a corner, one drawn after the other in the same sense.
    touching = np.array([(0.0, 0.0), (0, 2), (2, 2), (2, 4), (4, 4), (4, 2), (2, 2), (2, 0)])
    assert not outlines.crosses_itself(touching)
    assert outlines.area(touching) == pytest.approx(8)
    assert not outlines.crosses_itself(SQUARE)
    assert outlines.area(SQUARE) == 16


@given(st.lists(st.tuples(coordinates, coordinates), min_size=2, max_size=40), st.floats(0.05, 3))
def test_simplifying_moves_no_point_further_than_told(points, tolerance: float) -> None:
    kept = outlines.simplified(points, tolerance)
    assert (kept[0], kept[-1]) == (points[0], points[-1])
    assert set(kept) <= set(points)
    for point in points:
        distances = []
        for a, b in pairwise(kept):
            way, off = np.subtract(b, a), np.subtract(point, a)
            share = np.clip(way @ off / max(way @ way, 1e-12), 0, 1)
            distances.append(float(np.hypot(*(off - share * way))))
        assert min(distances) <= tolerance + 1e-6
