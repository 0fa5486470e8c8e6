"""The test pattern, pixel by pixel where a monitor is judged."""

import numpy as np
import pytest

from app.core.test_pattern import FIVE, GROUND, LEVELS, NINETY_FIVE, plan, test_pattern

SIZES = [(1280, 800), (1920, 1080), (801, 601), (900, 1600), (240, 180)]


@pytest.mark.parametrize("size", SIZES)
def test_steps_are_even_and_in_order(size: tuple[int, int]) -> None:
    shown, parts = test_pattern(*size), plan(*size)
    assert shown.shape == size[::-1]
    assert [int(shown[box.centre]) for box in parts.steps] == list(LEVELS)
    assert LEVELS[0] == 0
    assert LEVELS[-1] == 255
    assert set(np.diff(LEVELS)) == {15}


@pytest.mark.parametrize("size", SIZES)
def test_each_step_has_a_darker_and_a_brighter_patch(size: tuple[int, int]) -> None:
    shown = test_pattern(*size)
    for level, box in zip(LEVELS, plan(*size).steps, strict=True):
        around = {int(value) - level for value in np.unique(shown[box.slices()])} - {0}
        assert around == ({6} if level == 0 else {-6} if level == 255 else {-6, 6})


@pytest.mark.parametrize("size", SIZES)
def test_five_per_cent_on_black_and_ninety_five_on_white(size: tuple[int, int]) -> None:
    shown, parts = test_pattern(*size), plan(*size)
    assert set(np.unique(shown[parts.dark.slices()])) == {0, FIVE}
    assert set(np.unique(shown[parts.bright.slices()])) == {255, NINETY_FIVE}
    assert (FIVE, NINETY_FIVE) == (13, 242)


@pytest.mark.parametrize("size", SIZES)
def test_line_pairs_of_one_pixel_alternate_pixel_by_pixel(size: tuple[int, int]) -> None:
    shown, parts = test_pattern(*size), plan(*size)
    for box in (parts.centre_lines, *parts.corner_lines):
        rows, columns = box.slices()
        upright = shown[rows.start, columns.start : columns.start + box.width // 4]
        assert upright.tolist() == [0, 255] * (len(upright) // 2) + [0] * (len(upright) % 2)
        lying = shown[rows.start : rows.start + box.height // 2, columns.start + box.width // 4]
        assert lying.tolist() == [0, 255] * (len(lying) // 2) + [0] * (len(lying) % 2)


@pytest.mark.parametrize("size", SIZES)
def test_nothing_lies_over_anything_and_the_frame_is_on_the_edge(size: tuple[int, int]) -> None:
    shown, parts = test_pattern(*size), plan(*size)
    taken = np.zeros(shown.shape, int)
    for box in (*parts.steps, parts.dark, parts.bright, parts.centre_lines, *parts.corner_lines, parts.ramp):
        assert box.x > 0
        assert box.y > 0
        assert box.x + box.width < size[0]
        assert box.y + box.height < size[1]
        taken[box.slices()] += 1
    assert taken.max() == 1
    for edge in (shown[0], shown[-1], shown[:, 0], shown[:, -1]):
        assert (edge == 255).all()
    assert (shown == GROUND).sum() > 0.1 * shown.size


def test_the_ramp_holds_every_grey() -> None:
    parts = plan(1920, 1080)
    row, _ = parts.ramp.centre
    ramp = test_pattern(1920, 1080)[row, parts.ramp.x : parts.ramp.x + parts.ramp.width].astype(int)
    assert sorted(set(ramp.tolist())) == list(range(256))
    assert (np.diff(ramp) >= 0).all()


def test_too_small_a_window_is_refused() -> None:
    with pytest.raises(ValueError, match="240"):
        test_pattern(200, 400)
