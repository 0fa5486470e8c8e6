"""Whole parts of two lungs (inference/lung_parts.py)."""

from __future__ import annotations

import numpy as np

from inference.lung_parts import LEFT, RIGHT, lungs


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
