"""Pictures in another size (app/report/resample.py)."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.report.resample import fitted_size, letterbox, resize, resize_bytes


def averaged_plainly(values: np.ndarray, size: int) -> np.ndarray:
    """Every input repeated ``size`` times, then means of ``len(values)`` neighbours: exact for any ratio."""
    return np.repeat(values, size, axis=0).reshape(size, len(values), *values.shape[1:]).mean(axis=1)


@given(st.integers(1, 30), st.integers(1, 30), st.integers(1, 30), st.integers(1, 30), st.integers(0, 2**32 - 1))
def test_shrinking_is_the_mean_of_the_area(rows: int, columns: int, new_rows: int, new_columns: int, seed: int) -> None:
    new_rows, new_columns = min(rows, new_rows), min(columns, new_columns)
    image = np.random.default_rng(seed).integers(0, 256, (rows, columns)).astype(np.float64)
    expected = averaged_plainly(averaged_plainly(image, new_rows).T, new_columns).T
    np.testing.assert_allclose(resize(image, new_rows, new_columns), expected, rtol=0, atol=1e-9)


def test_one_bright_pixel_survives_every_size() -> None:
    image = np.zeros((300, 400))
    image[123, 321] = 255.0
    for rows, columns in ((299, 399), (150, 200), (71, 83), (10, 10), (1, 1)):
        small = resize(image, rows, columns)
        assert small.max() > 0
        assert small.sum() * (300 / rows) * (400 / columns) == pytest.approx(255.0)


def test_growing_interpolates_between_centres() -> None:
    row = np.array([[0.0, 100.0]])
    np.testing.assert_allclose(resize(row, 1, 4)[0], [0, 25, 75, 100])


def test_colour_keeps_its_samples() -> None:
    image = np.zeros((4, 6, 3), np.uint8)
    image[..., 1] = 200
    assert np.array_equal(resize_bytes(image, 2, 9)[..., 1], np.full((2, 9), 200))


def test_the_same_size_is_the_same_picture() -> None:
    image = np.arange(12, dtype=np.uint8).reshape(3, 4)
    assert resize_bytes(image, 3, 4) is image


def test_a_letterbox_is_centred_on_black_and_true_to_shape() -> None:
    image = np.full((10, 20), 255, np.uint8)
    boxed = letterbox(image, (1.0, 1.0), 40, 40)
    assert boxed.shape == (40, 40)
    assert np.array_equal(np.flatnonzero(boxed.any(axis=1)), np.arange(10, 30))
    assert boxed[10:30].min() == 255
    tall = letterbox(image, (2.0, 1.0), 40, 40)
    assert tall.min() == 255


@pytest.mark.parametrize(("rows", "columns"), [(1, 5000), (5000, 1)])
def test_extreme_shapes_keep_at_least_a_pixel(rows: int, columns: int) -> None:
    assert min(fitted_size(rows, columns, (1.0, 1.0), 100, 100)) == 1


def test_no_size_below_one() -> None:
    with pytest.raises(ValueError, match="at least one pixel"):
        resize(np.zeros((2, 2)), 0, 1)
