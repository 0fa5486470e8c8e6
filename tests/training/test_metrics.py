from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from training.metrics import area_error, bootstrap, dice, hd95, surface

pairs = hnp.array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=8).flatmap(
    lambda shape: st.tuples(hnp.arrays(np.bool_, shape), hnp.arrays(np.bool_, shape), hnp.arrays(np.bool_, shape))
)


@given(pairs)
def test_dice_and_area_against_sets(masks: tuple[np.ndarray, np.ndarray, np.ndarray]) -> None:
    predicted, reference, counted = masks
    a = {tuple(p) for p in np.argwhere(predicted & counted).tolist()}
    b = {tuple(p) for p in np.argwhere(reference & counted).tolist()}
    expected = 2 * len(a & b) / (len(a) + len(b)) if a or b else 1.0
    assert dice(predicted, reference, counted) == pytest.approx(expected)
    error = area_error(predicted, reference, counted)
    if b:
        assert error == pytest.approx(100 * (len(a) - len(b)) / len(b))
    else:
        assert math.isnan(error)


def neighbours_outside(mask: np.ndarray, row: int, column: int) -> bool:
    for r, c in ((row + 1, column), (row - 1, column), (row, column + 1), (row, column - 1)):
        if not (0 <= r < mask.shape[0] and 0 <= c < mask.shape[1]) or not mask[r, c]:
            return True
    return False


@given(pairs, st.floats(0.1, 5), st.floats(0.1, 5))
def test_hd95_against_all_pairs(masks: tuple[np.ndarray, np.ndarray, np.ndarray], down: float, across: float) -> None:
    predicted, reference, _ = masks
    outlines = []
    for mask in (predicted, reference):
        outline = [p for p in np.argwhere(mask).tolist() if neighbours_outside(mask, *p)]
        assert {tuple(p) for p in outline} == {tuple(p) for p in np.argwhere(surface(mask)).tolist()}
        outlines.append(np.array(outline).reshape(-1, 2) * (down, across))
    first, second = outlines
    found = hd95(predicted, reference, (down, across))
    if len(first) == 0 and len(second) == 0:
        assert found == 0
    elif len(first) == 0 or len(second) == 0:
        assert found == math.inf
    else:
        distances = np.linalg.norm(first[:, None] - second[None], axis=2)
        expected = max(np.percentile(distances.min(axis=1), 95), np.percentile(distances.min(axis=0), 95))
        assert found == pytest.approx(expected, rel=1e-4, abs=1e-4)


def test_a_shifted_square_is_as_far_as_its_shift() -> None:
    reference = np.zeros((40, 40), bool)
    reference[10:20, 10:20] = True
    predicted = np.roll(reference, 3, axis=1)
    assert hd95(predicted, reference, (1.0, 2.0)) == pytest.approx(6.0)
    assert dice(predicted, reference) == pytest.approx(0.7)
    assert area_error(predicted, reference) == 0


def test_bootstrap_of_equal_values_is_certain_and_of_few_patients_is_wide() -> None:
    same = bootstrap([0.5] * 10, [str(index) for index in range(10)])
    assert (same.mean, same.low, same.high, same.images, same.patients) == (0.5, 0.5, 0.5, 10, 10)
    values = [0.0, 1.0] * 50
    by_image = bootstrap(values, [str(index) for index in range(100)])
    by_patient = bootstrap(values, [str(index % 2) for index in range(100)])
    assert by_image.mean == by_patient.mean == 0.5
    assert by_patient.high - by_patient.low > 3 * (by_image.high - by_image.low)


def test_bootstrap_interval_holds_the_mean_about_as_often_as_it_says() -> None:
    rng = np.random.default_rng(1)
    held = 0
    for _ in range(200):
        sample = rng.normal(3.0, 1.0, 40)
        estimate = bootstrap(list(sample), [str(index) for index in range(40)], draws=400)
        held += estimate.low <= 3.0 <= estimate.high
    assert 0.88 <= held / 200 <= 0.99


def test_bootstrap_leaves_out_what_is_not_a_number_and_refuses_nothing_at_all() -> None:
    assert bootstrap([1.0, float("nan")], ["a", "b"]).images == 1
    with pytest.raises(ValueError, match="no values"):
        bootstrap([float("nan")], ["a"])
    with pytest.raises(ValueError, match="2 values but 1"):
        bootstrap([1.0, 2.0], ["a"])
