from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from training import class_metrics as m


def test_auc_by_hand_and_with_ties() -> None:
    assert m.auc([0.1, 0.4, 0.35, 0.8], [0, 0, 1, 1]) == 0.75
    assert m.auc([0.5, 0.5, 0.5], [0, 1, 1]) == 0.5
    assert np.isnan(m.auc([0.1, 0.2], [1, 1]))


@given(st.lists(st.tuples(st.integers(0, 6), st.booleans()), min_size=2, max_size=40))
def test_auc_is_the_share_of_pairs_in_the_right_order(pairs: list[tuple[int, bool]]) -> None:
    ill = [score for score, positive in pairs if positive]
    well = [score for score, positive in pairs if not positive]
    found = m.auc([float(score) for score, _ in pairs], [positive for _, positive in pairs])
    if not ill or not well:
        assert np.isnan(found)
        return
    wanted = np.mean([(a > b) + 0.5 * (a == b) for a in ill for b in well])
    assert found == pytest.approx(wanted)
    false, hits = m.roc(np.array([float(s) for s, _ in pairs]), np.array([p for _, p in pairs]))
    assert np.trapezoid(hits, false) == pytest.approx(wanted)


def test_rates_by_hand() -> None:
    found = m.rates(np.array([0.9, 0.5, 0.2, 0.7, 0.1]), np.array([True, True, True, False, False]))
    assert found == pytest.approx(
        {"accuracy": 0.6, "balanced_accuracy": 7 / 12, "sensitivity": 2 / 3, "specificity": 0.5, "f1": 2 / 3}
    )


def test_ece_of_known_bins() -> None:
    scores = np.repeat([0.2, 0.8], 10)
    right = np.array([1, 1] + [0] * 8 + [1] * 8 + [0, 0], bool)
    assert m.ece(scores, right, bins=2) == pytest.approx(0)
    assert m.ece(scores, ~right, bins=2) == pytest.approx(0.6)


def test_the_range_of_a_perfect_model_holds_a_perfect_model_and_no_overconfident_one() -> None:
    rng = np.random.default_rng(1)
    scores = rng.beta(0.5, 0.5, 600)
    labels = rng.random(600) < scores
    low, high = m.ece_of_perfect(scores)
    assert 0 < low < m.ece(scores, labels) < high
    sharper = 1 / (1 + (1 / scores - 1) ** 3)
    assert m.ece(sharper, labels) > m.ece_of_perfect(sharper)[1]


def test_confusion_and_f1() -> None:
    classes, predicted = np.array([0, 0, 1, 2, 2]), np.array([0, 1, 1, 2, 0])
    assert m.confusion(predicted, classes, 3) == [[1, 1, 0], [0, 1, 0], [1, 0, 1]]
    assert m.macro_f1(predicted, classes, 3) == pytest.approx((0.5 + 2 / 3 + 2 / 3) / 3)


def test_risk_falls_where_doubt_knows_the_errors() -> None:
    wrong = np.array([False] * 8 + [True] * 2)
    knowing, useless = np.arange(10.0), np.zeros(10)
    coverage, risk = m.risk_coverage(knowing, wrong)
    assert coverage[7] == 0.8
    assert risk[7] == 0
    assert risk[-1] == pytest.approx(0.2)
    assert m.area_under_risk(knowing, wrong) < 0.05
    assert m.area_under_risk(useless, wrong) == pytest.approx(0.2)


def test_the_bootstrap_draws_patients() -> None:
    values = np.array([0.0, 0, 0, 0, 1])
    found = m.bootstrap_of(lambda chosen: float(values[chosen].mean()), ["a", "a", "a", "a", "b"])
    assert (found["mean"], found["images"], found["patients"]) == (0.2, 5, 2)
    assert found["low"] == 0
    assert found["high"] == 1
