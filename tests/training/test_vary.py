from __future__ import annotations

import numpy as np

from tests.training.made_chests import draw
from training.vary import vary


def test_it_keeps_to_the_network_s_input_and_to_its_seed() -> None:
    image, _ = draw(np.random.default_rng(0), (90, 120))
    for seed in range(40):
        first, again = (vary(image, 64, np.random.default_rng(seed)) for _ in range(2))
        assert first.shape == (64, 64)
        assert first.dtype == np.float32
        assert 0 <= first.min() < first.max() <= 1
        np.testing.assert_array_equal(first, again)
    assert (first != vary(image, 64, np.random.default_rng(99))).any()


def test_strength_scales_what_is_changed() -> None:
    image, _ = draw(np.random.default_rng(0))

    def change(strength: float) -> float:
        varied = [vary(image, 48, np.random.default_rng(seed), strength) for seed in range(30)]
        return float(np.std(varied, axis=0).mean())

    assert change(0.1) < 0.75 * change(1.0)


def test_the_image_s_own_bytes_are_left_alone() -> None:
    image, _ = draw(np.random.default_rng(0))
    before = image.copy()
    for seed in range(10):
        vary(image, 48, np.random.default_rng(seed))
    np.testing.assert_array_equal(image, before)
