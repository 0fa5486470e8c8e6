from __future__ import annotations

from itertools import pairwise

import pytest
import torch
from torch import nn

from training.recipes import Stage
from training.steps import draw, learning_rate, update_average


def test_an_epoch_shows_each_child_once_and_each_epoch_its_own_order() -> None:
    orders = []
    for epoch in range(2):
        seen: list[int] = []
        for step in range(epoch * 10, epoch * 10 + 10):
            children, adults = draw(40, 0, 0.5, 4, None, step, seed=0)
            assert adults == []
            seen += children
        assert sorted(seen) == list(range(40))
        orders.append(seen)
    assert orders[0] != orders[1]


def test_batches_do_not_depend_on_what_was_drawn_before() -> None:
    forwards = [draw(17, 3, 0.25, 8, None, step, seed=5) for step in range(20)]
    backwards = [draw(17, 3, 0.25, 8, None, step, seed=5) for step in reversed(range(20))]
    assert forwards == backwards[::-1]


def test_the_share_of_adults_and_the_children_kept() -> None:
    for step in range(10):
        children, adults = draw(40, 5, 0.4, 16, [3, 4, 5], step, seed=0)
        assert (len(children), len(adults)) == (10, 6)
        assert set(children) <= {3, 4, 5}
        assert set(adults) <= set(range(5))


def test_learning_rate_rises_then_falls_to_nothing() -> None:
    stage = Stage("s", steps=100, learning_rate=1.0, warm_up=10)
    rates = [learning_rate(stage, step) for step in range(101)]
    assert rates[0] == pytest.approx(0.1)
    assert rates[9] == rates[10] == 1.0
    assert all(a > b for a, b in pairwise(rates[10:]))
    assert rates[55] == pytest.approx(0.5)
    assert rates[100] == pytest.approx(0)


def test_the_average_follows_weights_and_statistics_and_copies_counters() -> None:
    average, model = nn.BatchNorm1d(2), nn.BatchNorm1d(2)
    with torch.no_grad():
        model.weight.fill_(3)
        model.running_mean.fill_(2)  # type: ignore[union-attr]
        model.num_batches_tracked.fill_(7)  # type: ignore[union-attr]
    update_average(average, model, 0.75)
    assert average.weight.tolist() == [1.5, 1.5]
    assert average.running_mean.tolist() == [0.5, 0.5]  # type: ignore[union-attr]
    assert average.num_batches_tracked.item() == 7  # type: ignore[union-attr]
