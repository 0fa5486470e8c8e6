"""Outlines of masks and masks of outlines (app/core/raster.py)."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from app.core.raster import fill, outlines

MASKS = hnp.arrays(bool, hnp.array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=14))


@given(MASKS)
def test_the_outline_of_any_mask_fills_to_that_mask(mask: np.ndarray) -> None:
    np.testing.assert_array_equal(fill(outlines(mask), mask.shape), mask)


@given(MASKS, st.integers(0, 2**32 - 1))
def test_a_hundredth_of_a_pixel_of_rounding_changes_nothing(mask: np.ndarray, seed: int) -> None:
    random = np.random.default_rng(seed)
    shifts = random.uniform(-0.01, 0.01, 2)
    np.testing.assert_array_equal(fill([ring + shifts for ring in outlines(mask)], mask.shape), mask)


def test_one_ring_for_each_region_holes_included() -> None:
    mask = np.zeros((12, 14), bool)
    mask[1:8, 1:9] = True
    mask[3:5, 3:5] = mask[3:6, 6:7] = False
    mask[8, 9] = mask[10, 12] = True
    assert len(outlines(mask)) == 3


def test_rings_within_rings_are_holes() -> None:
    def square(first: float, last: float) -> np.ndarray:
        return np.array([(first, first), (first, last), (last, last), (last, first)])

    expected = np.zeros((11, 11), bool)
    expected[1:10, 1:10] = True
    expected[3:8, 3:8] = False
    expected[5, 5] = True
    rings = [square(0.5, 9.5), square(2.5, 7.5), square(4.5, 5.5)]
    np.testing.assert_array_equal(fill(rings, (11, 11)), expected)


def test_a_slanted_edge_takes_the_pixels_whose_centre_is_inside() -> None:
    triangle = np.array([(-0.5, -0.5), (-0.5, 7.5), (7.5, -0.5)])
    rows, columns = np.indices((8, 8))
    np.testing.assert_array_equal(fill([triangle], (8, 8)), rows + columns < 7)


@pytest.mark.parametrize("ring", [np.zeros((0, 2)), np.array([(1.0, 1.0)]), np.array([(1.0, 1.0), (5.0, 5.0)])])
def test_points_and_lines_enclose_nothing(ring: np.ndarray) -> None:
    assert not fill([ring], (8, 8)).any()


def test_what_lies_outside_the_picture_is_cut_off() -> None:
    ring = np.array([(-100.0, -100.0), (-100.0, 3.5), (100.0, 3.5), (100.0, -100.0)])
    expected = np.zeros((5, 9), bool)
    expected[:, :4] = True
    np.testing.assert_array_equal(fill([ring], (5, 9)), expected)
