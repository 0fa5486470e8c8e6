"""The simulator against answers worked out by hand: path lengths, (1/d − 1)·σ², the spectrum asked for."""

from __future__ import annotations

import functools
import math

import numpy as np
import pytest
import torch

from tests.training import made_low_dose
from training import ct_noise, dose

SIZE, SPACING, LEVEL = 192, 1.6, 10.0
FREQUENCY = np.linspace(0.02, 0.48, 24)


@functools.cache
def scanned() -> tuple[dose.Simulator, np.ndarray, np.ndarray]:
    """A simulator of a water cylinder, the mask its level holds in, and noise at a quarter of the dose."""
    hu = made_low_dose.cylinder(SIZE, SPACING)
    axis = (np.arange(SIZE) - (SIZE - 1) / 2) * SPACING
    middle = np.hypot(axis[:, None], axis[None, :]) < 60
    rays = dose.sinogram(hu, np.ones(hu.shape, bool), SPACING)
    simulator = dose.Simulator(rays, hu.shape, SPACING, FREQUENCY, made_low_dose.power(FREQUENCY), LEVEL, middle)
    return simulator, middle, simulator.noise(0.25, 6, torch.Generator().manual_seed(1))


def test_at_least_720_views() -> None:
    assert dose.VIEWS >= 720
    assert len(scanned()[0].integrals) == dose.VIEWS


def test_line_integrals_are_path_lengths_from_every_side() -> None:
    hu = made_low_dose.cylinder(SIZE, SPACING, 110.0)
    rays = dose.at_rays(dose.sinogram(hu, np.ones(hu.shape, bool), SPACING), dose.ray_count(hu.shape))
    count = rays.shape[1]
    for offset_mm in (0.0, 40.0, 80.0):
        ray = round((count - 1) / 2 + offset_mm / SPACING)
        path = 2 * math.sqrt(110**2 - ((ray - (count - 1) / 2) * SPACING) ** 2)
        np.testing.assert_allclose(rays[:, ray], path * dose.WATER_PER_MM, rtol=0.02)


def test_a_point_comes_back_where_it_was() -> None:
    # an asymmetric mark: rows, columns and turns cannot be mixed up unseen
    hu = np.full((96, 96), -1000.0, np.float32)
    hu[20:23, 60:63] = 1000
    rays = dose.sinogram(hu, np.ones(hu.shape, bool), 1.0)
    count = dose.ray_count(hu.shape)
    ramp = torch.fft.rfftfreq(512).float()
    image = dose.back_project(dose.at_rays(rays, count)[None], ramp, hu.shape) * (math.pi / dose.VIEWS)
    found = image[:, 0].reshape(96, 96)
    assert divmod(int(found.argmax()), 96) == pytest.approx((21, 61), abs=1)
    # and with the strength that it had: 2 per 1000 HU of water's attenuation, blurred by the coarse rays
    assert float(found[19:24, 59:64].sum()) == pytest.approx(9 * 2 * dose.WATER_PER_MM, rel=0.25)


def test_the_added_variance_is_what_the_dose_takes_away() -> None:
    simulator, middle, noise = scanned()
    assert noise[:, middle].var() == pytest.approx((1 / 0.25 - 1) * LEVEL**2, rel=0.05)
    tenth = simulator.noise(0.1, 4, torch.Generator().manual_seed(2))
    assert tenth[:, middle].var() == pytest.approx((1 / 0.1 - 1) * LEVEL**2, rel=0.05)


def test_the_mean_stays() -> None:
    _, middle, noise = scanned()
    assert abs(noise[:, middle].mean()) < 0.3


def test_realisations_are_independent_and_repeatable() -> None:
    simulator, middle, noise = scanned()
    pairs = np.corrcoef(noise[:, middle])
    assert np.abs(pairs - np.eye(len(pairs))).max() < 0.1
    again = simulator.noise(0.25, 6, torch.Generator().manual_seed(1))
    np.testing.assert_array_equal(again, noise)


def test_the_spectrum_is_the_one_asked_for() -> None:
    _, middle, noise = scanned()
    found = ct_noise.spectrum(list(noise), [middle] * len(noise), edge=32, bins=16)
    wanted = made_low_dose.power(found.frequency)
    strong = wanted > 0.1 * wanted.max()
    ratio = found.shape / (wanted / (wanted * found.frequency).sum())
    np.testing.assert_allclose(ratio[strong], 1, atol=0.15)


def test_more_electronic_noise_keeps_the_total() -> None:
    simulator, middle, _ = scanned()
    rays = dose.Sinogram(simulator.integrals, 1.0)
    noisy = dose.Simulator(
        rays, (SIZE, SIZE), SPACING, FREQUENCY, made_low_dose.power(FREQUENCY), LEVEL, middle, electronic=60.0
    )
    assert noisy.photons(0.1).unattenuated > simulator.photons(0.1).unattenuated
    noise = noisy.noise(0.1, 4, torch.Generator().manual_seed(3))
    assert noise[:, middle].var() == pytest.approx(9 * LEVEL**2, rel=0.06)


def test_dark_rays_make_streaks_along_them() -> None:
    hu = made_low_dose.cylinder(SIZE, SPACING, 60.0)
    hu[90:102, 40:60] = 2500
    hu[90:102, 132:152] = 2500
    mask = hu == 0
    simulator = dose.Simulator(
        dose.sinogram(hu, np.ones(hu.shape, bool), SPACING),
        hu.shape,
        SPACING,
        FREQUENCY,
        made_low_dose.power(FREQUENCY),
        LEVEL,
        mask,
    )
    noise = simulator.noise(0.1, 4, torch.Generator().manual_seed(4))
    between = noise[:, 92:100, 70:122].var()
    above = noise[:, 64:72, 70:122].var()
    assert between > 1.5 * above


def test_truncated_bodies_go_on_beyond_the_field_of_view() -> None:
    whole = made_low_dose.cylinder(SIZE, SPACING, 140.0)
    axis = np.arange(SIZE) - (SIZE - 1) / 2
    valid = np.hypot(axis[:, None], axis[None, :]) < 70
    cut = np.where(valid, whole, -1024).astype(np.float32)
    wide = dose.extend(cut, valid, margin=40, reach=30)
    assert wide.shape == (SIZE + 80, SIZE + 80)
    np.testing.assert_array_equal(wide[40:-40, 40:-40][valid], cut[valid])
    middle = (SIZE + 80) // 2
    assert wide[middle, middle + 75] > -400
    assert wide[middle, middle + 110] == pytest.approx(-1000, abs=1)
    # so a ray through the middle has lost about what it really lost, and not a fifth less
    through = dose.at_rays(dose.sinogram(cut, valid, SPACING), dose.ray_count(cut.shape))
    length = float(through[0, through.shape[1] // 2]) / dose.WATER_PER_MM
    assert length > 2 * 70 * SPACING + 20


def test_a_dose_of_one_or_none_is_no_question() -> None:
    simulator = scanned()[0]
    for wrong in (0.0, 1.0, 2.0):
        with pytest.raises(ValueError, match="between 0 and 1"):
            simulator.noise(wrong, 1, torch.Generator())
