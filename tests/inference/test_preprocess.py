from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from inference.preprocess import normalise, prepare, resize
from tests.inference.made_models import chest


def test_resize_by_a_whole_factor_keeps_edges_and_mean() -> None:
    image = np.zeros((64, 64), np.float32)
    image[:, 32:] = 1
    small = resize(image, (16, 16))
    assert small.dtype == np.float32
    assert small.mean() == pytest.approx(0.5)
    np.testing.assert_allclose(small[:, :7], 0)
    np.testing.assert_allclose(small[:, 9:], 1)


def test_resize_to_the_same_shape_is_a_copy() -> None:
    image = np.arange(12, dtype=np.float32).reshape(3, 4)
    same = resize(image, (3, 4))
    np.testing.assert_array_equal(same, image)
    same[0, 0] = 9
    assert image[0, 0] == 0


@given(st.integers(1, 90), st.integers(1, 90), st.integers(1, 90), st.integers(1, 90))
def test_resize_gives_the_shape_asked_for_and_stays_within_the_range(a: int, b: int, c: int, d: int) -> None:
    image = np.random.default_rng(a * 91 + b).random((a, b))
    result = resize(image, (c, d))
    assert result.shape == (c, d)
    assert image.min() - 1e-5 <= result.min() <= result.max() <= image.max() + 1e-5


@given(st.floats(0.01, 1000), st.floats(-20, 20))
def test_window_and_depth_do_not_matter(scale: float, offset: float) -> None:
    image = chest(90, 80)
    np.testing.assert_allclose(prepare((image + offset) * scale, 64), prepare(image, 64), atol=1e-3)


@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.int16, np.int32, np.float64])
def test_any_dtype(dtype: type) -> None:
    image = np.round(chest(90, 80) * 200).astype(dtype)
    prepared = prepare(image, 64)
    assert prepared.dtype == np.float32
    assert (prepared.shape, prepared.min(), prepared.max()) == ((64, 64), 0, 1)


def test_a_few_extreme_pixels_do_not_squeeze_the_rest() -> None:
    image = chest(256, 256)
    marked = image.copy()
    marked[:4, :8] = 1e6
    assert np.abs(prepare(marked, 256)[10:] - prepare(image, 256)[10:]).max() < 0.05


def test_a_constant_image_becomes_zero() -> None:
    assert not prepare(np.full((50, 60), 7, np.int16), 32).any()
    assert not normalise(np.full((8, 8), -3, np.float32)).any()


def test_pixels_that_are_not_finite_become_the_extremes() -> None:
    image = chest(100, 100)
    broken = image.copy()
    broken[0, 0], broken[0, 1], broken[0, 2] = np.nan, np.inf, -np.inf
    np.testing.assert_allclose(prepare(broken, 32)[2:], prepare(image, 32)[2:], atol=0.02)
    assert np.isfinite(prepare(broken, 32)).all()
    assert not prepare(np.full((40, 40), np.nan), 32).any()
