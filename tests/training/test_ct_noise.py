from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.training import made_low_dose
from training import ct_noise


def test_box_mean_is_the_mean_of_the_square() -> None:
    values = np.random.default_rng(0).normal(size=(20, 25))
    found = ct_noise.box_mean(values, 5)
    assert found[10, 12] == pytest.approx(values[8:13, 10:15].mean())
    sums = ct_noise.box_sums(values > 0, 4)
    assert sums[3, 7] == (values[3:7, 7:11] > 0).sum()
    assert sums.shape == (17, 22)


@pytest.mark.parametrize("level", [4.0, 12.0, 40.0])
def test_the_level_of_known_noise_is_found_beside_edges_and_organs(level: float) -> None:
    hu = made_low_dose.cylinder(256, 1.2, 130.0)
    hu[hu > -500] += 40
    hu[60:90, 60:90] += 60
    hu[100:160:4] += 300  # stripes: no flat tissue here
    noisy = hu + made_low_dose.coloured(hu.shape, level, 3)
    assert ct_noise.noise_level(noisy, 1.2) == pytest.approx(level, rel=0.12)
    flat = ct_noise.flat_regions(noisy, 1.2)
    assert flat.sum() > 2000
    assert not flat[104:156, 100:150].any()


def test_too_little_soft_tissue_has_no_level() -> None:
    assert np.isnan(ct_noise.noise_level(np.full((64, 64), -1000.0, np.float32), 1.0))


def test_the_spectrum_of_known_noise() -> None:
    images = [made_low_dose.coloured((256, 256), 10.0, seed) for seed in range(3)]
    mask = np.ones((256, 256), bool)
    found = ct_noise.spectrum(images, [mask] * 3, edge=32, bins=16)
    wanted = made_low_dose.power(found.frequency)
    strong = wanted > 0.2 * wanted.max()
    ratio = (found.shape / (wanted / (wanted * found.frequency).sum()))[strong]
    np.testing.assert_allclose(ratio, 1, atol=0.15)


@given(st.floats(0.5, 20))
def test_the_power_is_that_of_white_noise(level: float) -> None:
    image = np.random.default_rng(1).normal(0, level, (128, 128))
    found = ct_noise.spectrum([image], [np.ones(image.shape, bool)], edge=16)
    assert found.power[3:].mean() == pytest.approx(level**2, rel=0.1)


def test_no_flat_square_is_an_error() -> None:
    with pytest.raises(ValueError, match="no flat square"):
        ct_noise.spectrum([np.zeros((32, 32))], [np.zeros((32, 32), bool)])
