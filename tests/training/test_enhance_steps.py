from __future__ import annotations

import numpy as np
import pytest
import torch

from tests.training import made_low_dose
from training import evaluate_ct_enhance
from training.enhance_steps import (
    DRAWN_FROM,
    MARGIN,
    Batch,
    Patches,
    kernel_change,
    pixel_loss,
    refilter,
    texture,
)
from training.losses import discriminator_hinge, generator_hinge, structural_dissimilarity

TARGETS = [made_low_dose.target(seed, f"p{seed}") for seed in range(3)]


def test_a_batch_depends_on_seed_and_step_alone() -> None:
    first, second = Patches(TARGETS, 32, 0), Patches(TARGETS, 32, 0)
    first.draw(3, 4)
    torch.testing.assert_close(first.draw(7, 4).low, second.draw(7, 4).low, rtol=0, atol=0)
    assert not torch.equal(first.draw(7, 4).low, first.draw(8, 4).low)
    assert not torch.equal(first.draw(7, 4).low, Patches(TARGETS, 32, 1).draw(7, 4).low)


def test_noise_is_as_strong_as_its_dose_says() -> None:
    patches = Patches(TARGETS, 32, 0)
    added = torch.cat([patches.draw(step, 8).added for step in range(40)])
    # a unit has 10 HU, so the doses from 7 % to 70 % give 6.5 to 36 HU, kernels changed apart
    assert float(added.quantile(0.02)) > 3
    assert float(added.median()) == pytest.approx(10 * np.sqrt(3), rel=0.15)


def test_patient_with_many_slices_does_not_rule() -> None:
    many = [made_low_dose.target(seed, "many") for seed in range(9)] + [made_low_dose.target(9, "one")]
    assert Patches(many, 32, 0).weights[-1] == pytest.approx(3 * Patches(many, 32, 0).weights[0])


def test_a_kernel_change_of_zero_changes_nothing() -> None:
    image = TARGETS[0].hu[:64, :64]
    np.testing.assert_allclose(refilter(image, kernel_change(64, 0.0)), image, atol=1e-3)
    sharper = refilter(image, kernel_change(64, 1.0))
    assert sharper.mean() == pytest.approx(image.mean(), abs=0.01)
    assert np.diff(sharper).std() > 1.5 * np.diff(image).std()


def test_pixel_loss_counts_errors_in_units_of_the_noise() -> None:
    clean = torch.zeros(2, 1, 8, 8)
    batch = Batch(clean, clean, torch.tensor([0.0, 12.0]))
    assert float(pixel_loss(clean + 5, batch)) == pytest.approx((1 + 25 / 169) / 2)


def test_structure() -> None:
    image = torch.from_numpy(TARGETS[0].hu)[None, None]
    assert float(structural_dissimilarity(image, image, 400)) == pytest.approx(0, abs=1e-6)
    # two flat images: only luminance is left, and that by the formula
    first, second = torch.full((1, 1, 20, 20), 100.0), torch.full((1, 1, 20, 20), 200.0)
    wanted = (2 * 100 * 200 + 16) / (100**2 + 200**2 + 16)
    assert float(structural_dissimilarity(first, second, 400)) == pytest.approx(1 - wanted, rel=1e-3)


def test_hinges() -> None:
    real, fake = torch.tensor([2.0, 0.5]), torch.tensor([-2.0, 0.0])
    assert float(discriminator_hinge(real, fake)) == pytest.approx(0.25 + 0.5)
    assert float(generator_hinge(fake)) == pytest.approx(1.0)


def test_drawn_patches_have_all_the_noise_of_their_dose_and_none_in_their_truth() -> None:
    patches = Patches(TARGETS, 32, 0)
    rng = np.random.default_rng(5)
    drawn = [patches._drawn(rng) for _ in range(40)]
    assert all(patch.shape == (32 + 2 * MARGIN,) * 2 for patch in drawn)
    # about half are flat but for edges: most neighbours are equal
    flat = [float((np.diff(patch, axis=1) == 0).mean()) > 0.3 for patch in drawn]
    assert 8 <= sum(flat) <= 32


def test_drawn_bodies_to_learn_from_are_not_those_that_are_scored() -> None:
    assert DRAWN_FROM > evaluate_ct_enhance.PHANTOMS


def test_texture_has_unit_spread_and_no_fine_detail() -> None:
    field = texture(64, 0.05, np.random.default_rng(0))
    assert field.std() == pytest.approx(1, abs=1e-5)
    assert abs(field.mean()) < 1e-5
    power = np.abs(np.fft.fft2(field)) ** 2
    radius = np.hypot(np.fft.fftfreq(64)[:, None], np.fft.fftfreq(64)[None, :])
    assert power[radius > 0.2].sum() < 1e-6 * power.sum()
