from __future__ import annotations

import numpy as np
import pytest

from inference.plausibility import objection, shape


def lungs(
    left: tuple[slice, slice] | None = np.s_[20:80, 10:40],
    right: tuple[slice, slice] | None = np.s_[20:80, 60:88],
    value: float = 0.98,
) -> np.ndarray:
    probabilities = np.zeros((2, 100, 100), np.float32)
    for channel, where in enumerate((left, right)):
        if where is not None:
            probabilities[channel][where] = value
    return probabilities


def test_shape_of_two_boxes() -> None:
    found = shape(lungs(np.s_[20:80, 10:40], np.s_[40:100, 60:80]))
    assert found.areas == (0.18, 0.12)
    assert found.centres == ((0.245, 0.495), (0.695, 0.695))
    assert found.heights == (0.6, 0.6)
    assert found.overlap == pytest.approx(40 / 60)
    assert found.doubt == 0


def test_two_lungs_pass() -> None:
    assert objection(lungs()) is None


@pytest.mark.parametrize(
    ("probabilities", "words"),
    [
        (lungs(None, None), "no lung"),
        (lungs(None), "only one"),
        (lungs(right=np.s_[40:46, 60:66]), "only one"),
        (lungs(np.s_[40:52, 10:22], np.s_[40:52, 60:72]), "too small"),
        (lungs(np.s_[0:100, 0:50], np.s_[0:100, 50:100]), "too large"),
        (lungs(np.s_[20:80, 60:88], np.s_[20:80, 10:40]), "side by side"),
        (lungs(np.s_[0:40, 10:40], np.s_[50:90, 60:90]), "same height"),
        (lungs(value=0.6), "uncertain"),
    ],
)
def test_what_is_no_pair_of_lungs_is_named(probabilities: np.ndarray, words: str) -> None:
    found = objection(probabilities)
    assert found is not None
    assert words in found
