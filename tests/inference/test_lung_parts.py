"""Whole parts of two lungs (inference/lung_parts.py)."""

from __future__ import annotations

import numpy as np

from inference.lung_parts import LEFT, RIGHT, lungs, outlined


def empty(shape: tuple[int, int, int] = (6, 60, 80)) -> tuple[np.ndarray, np.ndarray]:
    return np.zeros(shape, np.float16), np.zeros(shape, np.float16)


def test_the_likelier_side_wins_and_doubt_is_background() -> None:
    right, left = empty()
    right[:, 10:50, 5:35], left[:, 10:50, 30:70] = 0.9, 0.8
    left[:, 10:50, 70:78] = 0.4
    label = lungs(right, left, 2.0)
    assert (label[:, 10:50, 5:35] == RIGHT).all()
    assert (label[:, 10:50, 35:70] == LEFT).all()
    assert (label[:, :, 70:] == 0).all()


def test_gas_in_the_bowel_goes_but_a_second_part_of_a_lung_stays() -> None:
    right, left = empty()
    right[:, 10:50, 5:35] = 0.9
    right[:, 52:58, 5:35] = 0.9
    left[2:4, 50:54, 60:64] = 0.9
    label = lungs(right, left, 2.0)
    assert (label[:, 52:58, 5:35] == RIGHT).all()
    assert (label[:, :, 50:] == 0).all()


def test_the_tip_of_a_lung_alone_stays() -> None:
    right, left = empty((1, 60, 80))
    left[0, 30:34, 60:66] = 0.9
    assert (lungs(right, left, 1.0) == LEFT).sum() == 24


def test_a_crumb_of_one_side_on_the_other_changes_sides() -> None:
    right, left = empty()
    right[:, 10:50, 5:35], left[:, 10:50, 40:75] = 0.9, 0.9
    left[2:4, 20:23, 5:8], right[2:4, 20:23, 5:8] = 0.95, 0.6
    label = lungs(right, left, 2.0)
    assert (label[:, 10:50, 5:35] == RIGHT).all()


def test_a_vessel_is_filled_and_the_mediastinum_is_not() -> None:
    right, left = empty((3, 120, 120))
    right[:, 10:110, 10:110] = 0.9
    right[:, 20:24, 20:24] = 0
    right[:, 40:90, 40:90] = 0
    label = lungs(right, left, 2.0)
    assert (label[:, 20:24, 20:24] == RIGHT).all()
    assert (label[:, 40:90, 40:90] == 0).all()


def test_nothing_is_nothing() -> None:
    assert not lungs(*empty(), 1.0).any()


def ball(radius: float, size: int = 64) -> np.ndarray:
    y, x = np.mgrid[:size, :size] - size / 2
    return np.hypot(y, x) <= radius


def test_hu_settle_an_outline_that_is_a_little_off() -> None:
    """Two pixels too large or too small: the outline comes back to where lung ends."""
    truth = ball(20)
    hu = np.where(truth, -850, 40).astype(np.float32)
    nobody = np.zeros_like(truth)
    for radius in (18, 22):
        found = ball(radius)
        values = np.where(found, 0.7, 0.1).astype(np.float32)
        result = outlined(values, found, nobody, hu) >= 0.5
        assert (result ^ truth).sum() < 0.1 * (found ^ truth).sum()


def test_sure_soft_tissue_and_vessels_stay_and_a_neighbours_lung_is_not_taken() -> None:
    lung = ball(20)
    hu = np.where(lung, -850, 40).astype(np.float32)
    tumour = ball(24) & ~lung & (np.arange(64) < 20)
    sure = np.where(lung | tumour, 0.95, 0.05).astype(np.float32)
    assert (outlined(sure, lung | tumour, np.zeros_like(lung), hu)[tumour] >= 0.5).all()
    vessel = np.zeros_like(lung)
    vessel[31:33, 48:52] = True
    hu[vessel] = 40
    unsure = np.where(lung, 0.7, 0.05).astype(np.float32)
    assert (outlined(unsure, lung, np.zeros_like(lung), hu)[vessel & lung] >= 0.5).all()
    other = np.zeros_like(lung)
    other[:, 53:] = True
    hu[:, 53:] = -850
    assert not (outlined(unsure, lung, other, hu)[other] >= 0.5).any()


def test_the_lumen_of_a_bronchus_at_the_outline_stays_out() -> None:
    lung = ball(20)
    hu = np.where(lung, -850, 40).astype(np.float32)
    lumen = np.zeros_like(lung)
    lumen[30:34, 52:60] = True
    hu[lumen] = -980
    values = np.where(lung, 0.9, 0.02).astype(np.float32)
    assert not (outlined(values, lung, np.zeros_like(lung), hu)[lumen & ~lung] >= 0.5).any()
