from __future__ import annotations

import numpy as np
import pytest
from torch import nn

from training import attention as a


def test_entropy_of_even_and_single_maps() -> None:
    assert a.entropy(np.ones((4, 4))) == pytest.approx(np.log(16))
    assert a.entropy(np.eye(4)[:1]) == 0


@pytest.mark.parametrize("share", [0.3, 0.6, 0.95])
def test_a_power_gives_the_wanted_entropy(share: float) -> None:
    rng = np.random.default_rng(0)
    weights = rng.random((12, 12)) + 0.01
    wanted = share * np.log(144)
    found = a.as_spread(weights, wanted)
    assert found.sum() == pytest.approx(1)
    assert a.entropy(found) == pytest.approx(wanted, abs=1e-3)
    assert a.rank_correlation(found, weights) == pytest.approx(1)


def test_share_inside_leaves_ignored_pixels_out() -> None:
    weights = np.array([[1.0, 1, 2, 4]])
    lung, counted = np.array([[True, False, True, False]]), np.array([[True, True, True, False]])
    assert a.share_inside(weights, lung, counted) == pytest.approx(0.75)


def test_deletion_and_insertion_tell_a_right_map_from_a_wrong_one() -> None:
    """The answer is the contrast in one corner: who names that corner first deletes it at once."""
    rng = np.random.default_rng(0)
    image = rng.random((32, 32)).astype(np.float32)

    def probability(images: object) -> np.ndarray:
        return np.array([min(1.0, float(one[:16, :16].std()) / float(image[:16, :16].std())) for one in images])  # type: ignore[attr-defined]

    rest = np.setdiff1d(np.arange(16), [0, 1, 4, 5])
    right = np.concatenate([[0, 1, 4, 5], rest]).astype(np.intp)
    wrong = right[::-1].copy()
    good, bad = a.perturbation(image, right, 4, probability), a.perturbation(image, wrong, 4, probability)
    assert good[0] < bad[0] - 0.3
    assert good[1] > bad[1] + 0.3


def test_rank_correlation() -> None:
    assert a.rank_correlation([1, 2, 3], [10, 20, 90]) == pytest.approx(1)
    assert a.rank_correlation([1, 2, 3], [3, 2, 1]) == pytest.approx(-1)
    assert a.rank_correlation([1, 2, 3], [5, 5, 5]) == 0


def test_randomising_changes_every_layer_the_same_way_each_time() -> None:
    network = nn.Sequential(nn.Linear(4, 4), nn.BatchNorm1d(4))
    before = network[0].weight.detach().clone()
    a.randomise(network, 1)
    first = network[0].weight.detach().clone()
    a.randomise(network, 1)
    assert not (first == before).any()
    assert (first == network[0].weight).all()


def test_the_mean_mask_is_how_often_a_place_is_lung() -> None:
    one, none = np.ones((8, 8), bool), np.zeros((8, 8), bool)
    assert a.mean_mask([one, one, one, none], (4, 4)) == pytest.approx(np.full((4, 4), 0.75))
