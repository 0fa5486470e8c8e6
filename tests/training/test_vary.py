from __future__ import annotations

import numpy as np

from tests.training.made_chests import draw
from training.vary import surrounded, vary


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


def test_surroundings_come_from_the_other_image_and_the_middle_stays() -> None:
    inner, outer = np.full((64, 64), 0.9, np.float32), np.full((64, 64), 0.1, np.float32)
    for seed in range(30):
        mixed = surrounded(inner, outer, np.random.default_rng(seed))
        assert mixed.dtype == np.float32
        assert 0.1 <= mixed.min() < mixed.max() <= 0.9
        # the middle fifth shows what the label says, the corners what it does not say
        assert mixed[26:38, 26:38].min() > 0.7
        assert max(mixed[0, 0], mixed[0, -1], mixed[-1, 0], mixed[-1, -1]) < 0.3
        # between a third and four fifths of the image is the inner one's
        assert 0.3 < float((mixed > 0.5).mean()) < 0.8
