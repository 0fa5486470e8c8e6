from __future__ import annotations

import numpy as np
import pytest

from training.metrics import dice
from training.robustness import CHANGES, Sample


def sample() -> Sample:
    rows, columns = 120, 100
    y, x = np.mgrid[0:rows, 0:columns]
    lung = ((x - 45) / 25) ** 2 + ((y - 66) / 36) ** 2 <= 1
    counted = np.ones((rows, columns), bool)
    counted[100:110, 70:80] = False
    return Sample(np.where(lung, 0.9, 0.2).astype(np.float32), lung, counted)


@pytest.mark.parametrize("name", CHANGES)
def test_the_reference_follows_the_image(name: str) -> None:
    before = sample()
    after = CHANGES[name](before)
    assert after.image.shape == after.lung.shape == after.counted.shape
    assert after.image.dtype == np.float32
    assert np.isfinite(after.image).all()
    middle = (after.image[after.lung].mean() + after.image[~after.lung].mean()) / 2
    assert dice(after.image > middle, after.lung) > 0.93
    assert not after.counted.all()
    assert not np.array_equal(after.image, before.image)


def test_turning_turns_one_way_and_back() -> None:
    there, back = CHANGES["rotation +10°"](sample()), CHANGES["rotation −10°"](sample())
    assert dice(there.lung, back.lung) < 0.99
    both = CHANGES["rotation −10°"](there)
    assert dice(both.lung, sample().lung) > 0.97
