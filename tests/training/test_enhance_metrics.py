from __future__ import annotations

import math

import numpy as np
import pytest

from tests.training import made_low_dose
from training import ct_noise
from training.enhance_metrics import (
    DATA_RANGE,
    anatomy_in,
    best_blend,
    kept_contrast,
    psnr,
    spectrum_distance,
    ssim,
)

RNG = np.random.default_rng(0)
TRUTH = made_low_dose.target(1, "p").hu
ALL = np.ones(TRUTH.shape, bool)


def test_psnr_of_a_known_error() -> None:
    assert psnr(TRUTH + 14, TRUTH, ALL) == pytest.approx(20 * math.log10(DATA_RANGE / 14), abs=1e-3)
    part = np.zeros_like(ALL)
    part[:10] = True
    elsewhere = TRUTH.copy()
    elsewhere[50:] += 500
    assert psnr(elsewhere, TRUTH, part) > 100


def test_ssim_is_one_for_the_same_and_falls_with_noise() -> None:
    assert ssim(TRUTH, TRUTH) == pytest.approx(1)
    little, much = (ssim(TRUTH + made_low_dose.coloured(TRUTH.shape, sd, 1), TRUTH) for sd in (10, 60))
    assert 1 > little > much > 0


def test_textures_far_apart_have_a_large_distance() -> None:
    def measured(width: float, level: float, seed: int) -> ct_noise.Spectrum:
        return ct_noise.spectrum([made_low_dose.coloured((256, 256), level, seed, width)], [np.ones((256, 256), bool)])

    fine, again, coarse = measured(0.3, 10, 1), measured(0.3, 40, 2), measured(0.1, 10, 3)
    assert spectrum_distance(fine, again) < 0.15
    assert spectrum_distance(fine, coarse) > 0.8


def test_a_faded_lesion_is_measured_as_such() -> None:
    lesion = np.zeros((32, 32), np.float32)
    lesion[12:20, 12:20] = 100
    without = RNG.normal(0, 5, (32, 32)).astype(np.float32)
    assert kept_contrast(without + lesion, without, lesion) == pytest.approx(1)
    assert kept_contrast(without + 0.7 * lesion, without, lesion) == pytest.approx(0.7)


def test_a_difference_of_noise_has_no_anatomy_and_one_of_edges_has() -> None:
    noise = made_low_dose.coloured(TRUTH.shape, 10, 5)
    assert max(abs(value) for value in anatomy_in(noise, TRUTH, ALL).values()) < 0.1
    down, across = np.gradient(TRUTH)
    brightened = anatomy_in(np.hypot(down, across).astype(np.float32), TRUTH, ALL)
    assert brightened["signed"] > 0.9
    shifted = anatomy_in((np.roll(TRUTH, 1, 1) - TRUTH).astype(np.float32), TRUTH, ALL)
    assert abs(shifted["across"]) > 0.5
    assert shifted["size"] > 0.5


def test_the_best_blend_of_known_shares() -> None:
    noise = made_low_dose.coloured(TRUTH.shape, 20, 7)
    low = TRUTH + noise
    # a result that took away twice the noise is best at one half, one that did nothing has no share
    assert best_blend([low], [TRUTH - noise], [TRUTH]) == pytest.approx(0.5, abs=1e-3)
    assert best_blend([low], [low], [TRUTH]) == 0
    assert best_blend([low], [low - 0.1 * noise], [TRUTH]) == 1
