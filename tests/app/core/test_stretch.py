"""Magnified greys against plain linear interpolation (app/core/stretch.py)."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.stretch import Stretch


def plain(picture: np.ndarray, box: tuple[float, float, float, float], size: tuple[int, int]) -> np.ndarray:
    """Linear interpolation between pixel centres, one axis after the other, in float64."""
    left, upper, right, lower = box
    result = picture.astype(np.float64)
    for axis, low, high, count in ((0, upper, lower, size[1]), (1, left, right, size[0])):
        at = low + (np.arange(count) + 0.5) * (high - low) / count - 0.5
        result = np.apply_along_axis(lambda line, at=at: np.interp(at, np.arange(len(line)), line), axis, result)
    return result


@given(st.integers(0, 2**32 - 1), st.integers(1, 12), st.integers(1, 12), st.floats(1, 4), st.floats(1, 4))
def test_it_is_linear_interpolation_within_a_grey(seed: int, rows: int, columns: int, tall: float, wide: float) -> None:
    picture = np.random.default_rng(seed).integers(0, 256, (rows, columns), dtype=np.uint8)
    box = (0.25, 0.0, columns - 0.25, float(rows))
    size = (round(columns * wide), round(rows * tall))
    found = Stretch()(picture, box, size)
    assert found.shape == (size[1], size[0])
    # Two passes, each rounded; weights to 1/256.
    assert np.abs(found - plain(picture, box, size)).max() < 2.5


def test_memory_that_is_kept_leaves_no_trace_of_other_pictures() -> None:
    random, stretch = np.random.default_rng(1), Stretch()
    first = stretch(random.integers(0, 256, (9, 11), dtype=np.uint8), (0, 0, 11, 9), (40, 50))
    before = first.copy()
    for rows, columns in ((3, 4), (20, 6), (9, 11)):
        picture = random.integers(0, 256, (rows, columns), dtype=np.uint8)
        box, size = (0.0, 0.5, float(columns), float(rows)), (2 * columns, 3 * rows)
        np.testing.assert_array_equal(stretch(picture, box, size), Stretch()(picture, box, size))
    np.testing.assert_array_equal(first, before)


def test_blacks_and_whites_stay_what_they_are() -> None:
    for grey in (0, 255):
        flat = np.full((5, 7), grey, np.uint8)
        assert (Stretch()(flat, (0, 0, 7, 5), (23, 31)) == grey).all()
    edge = np.array([[0, 255]], np.uint8).repeat(2, axis=0)
    found = Stretch()(edge, (0, 0, 2, 2), (8, 2))[0].astype(int)
    assert found[0] == 0
    assert found[-1] == 255
    assert (np.diff(found) >= 0).all()


@pytest.mark.parametrize("size", [(3, 2), (4, 5)])
def test_the_same_size_or_shape_changes_nothing_where_pixels_meet(size: tuple[int, int]) -> None:
    picture = np.arange(size[0] * size[1], dtype=np.uint8).reshape(size[1], size[0])
    np.testing.assert_array_equal(Stretch()(picture, (0, 0, *size), size), picture)
