from __future__ import annotations

from collections import deque

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from inference.postprocess import LUNG, areas, clean, fill_holes, label_sides, main_parts, name_sides
from inference.types import Code, Label, Measure
from inference.volume import Calibration, Volume

LABELS = (
    Label(1, "Right lung", Code("3341006", "Right lung"), (1, 2, 3)),
    Label(2, "Left lung", Code("44029006", "Left lung"), (4, 5, 6)),
)
masks = hnp.arrays(np.bool_, st.tuples(st.integers(1, 9), st.integers(1, 9)))


def parts_of(mask: np.ndarray) -> list[set[tuple[int, int]]]:
    """Connected parts by walking, one pixel at a time."""
    left = {tuple(place) for place in np.argwhere(mask).tolist()}
    parts = []
    while left:
        part, queue = set(), deque([left.pop()])
        while queue:
            row, column = queue.popleft()
            part.add((row, column))
            for step in ((row + 1, column), (row - 1, column), (row, column + 1), (row, column - 1)):
                if step in left:
                    left.remove(step)
                    queue.append(step)
        parts.append(part)
    return parts


@given(masks, st.floats(0.01, 1))
def test_main_parts_against_a_walk(mask: np.ndarray, share: float) -> None:
    parts = parts_of(mask)
    largest = max((len(part) for part in parts), default=0)
    expected = np.zeros_like(mask)
    for part in parts:
        if len(part) >= share * largest:
            for place in part:
                expected[place] = True
    np.testing.assert_array_equal(main_parts(mask, share), expected)


@given(masks)
def test_fill_holes_against_a_walk(mask: np.ndarray) -> None:
    expected = mask.copy()
    for part in parts_of(~mask):
        rows, columns = zip(*part, strict=True)
        if min(rows) > 0 and min(columns) > 0 and max(rows) < mask.shape[0] - 1 and max(columns) < mask.shape[1] - 1:
            expected[list(rows), list(columns)] = True
    np.testing.assert_array_equal(fill_holes(mask), expected)


def two_lungs(size: int = 64) -> np.ndarray:
    probabilities = np.zeros((2, size, size), np.float32)
    probabilities[0, 16:48, 8:24] = 0.9
    probabilities[1, 16:48, 40:56] = 0.9
    return probabilities


def test_islands_go_holes_close_and_the_rest_keeps_its_value() -> None:
    probabilities = two_lungs()
    whole = probabilities.copy()
    probabilities[0, 60:62, 60:62] = 0.9
    probabilities[0, 30:33, 14:17] = 0.2
    cleaned = clean(probabilities)
    assert (cleaned[0, 60:62, 60:62] == 0).all()
    assert (cleaned[0, 30:33, 14:17] == 1).all()
    elsewhere = np.ones((64, 64), bool)
    elsewhere[60:62, 60:62] = elsewhere[30:33, 14:17] = False
    np.testing.assert_array_equal(cleaned[:, elsewhere], whole[:, elsewhere])
    np.testing.assert_array_equal(clean(whole), whole)


def test_a_pixel_that_both_lungs_claim_goes_to_the_likelier() -> None:
    probabilities = two_lungs()
    probabilities[1, 16:48, 20:56] = 0.8
    sides = label_sides(clean(probabilities), (64, 64))
    assert (sides[16:48, 8:24] == 1).all()
    assert (sides[16:48, 24:56] == 2).all()


def test_nothing_found_stays_nothing() -> None:
    nothing = np.zeros((2, 32, 32), np.float32)
    assert not clean(nothing).any()
    assert not label_sides(nothing, (50, 40)).any()


@pytest.mark.parametrize("shape", [(64, 64), (640, 640), (333, 517), (1, 1), (70, 40), (2000, 1500)])
def test_the_label_map_has_the_images_shape_and_the_lungs_their_place(shape: tuple[int, int]) -> None:
    sides = label_sides(two_lungs(), shape)
    assert (sides.shape, sides.dtype) == (shape, np.uint8)
    if min(shape) > 32:
        for value, centre in ((1, 0.25), (2, 0.75)):
            rows, columns = np.nonzero(sides == value)
            assert (rows.mean() + 0.5) / shape[0] == pytest.approx(0.5, abs=0.01)
            assert (columns.mean() + 0.5) / shape[1] == pytest.approx(centre, abs=0.01)
            assert rows.size / sides.size == pytest.approx(0.125, rel=0.05)


def test_sides_follow_the_header_and_are_never_guessed() -> None:
    sides = np.array([[0, 1, 2]], np.uint8)
    usual, usual_labels, notes = name_sides(sides, LABELS, "L")
    assert usual.tolist() == [[0, 1, 2]]
    assert (usual_labels, notes) == (LABELS, ())
    mirrored, mirrored_labels, notes = name_sides(sides, LABELS, "RF")
    assert mirrored.tolist() == [[0, 2, 1]]
    assert (mirrored_labels, notes) == (LABELS, ())
    for silent in ("", "H", "A"):
        unknown, labels, notes = name_sides(sides, LABELS, silent)
        assert unknown.tolist() == [[0, 1, 2]]
        assert [(label.name, label.code) for label in labels] == [
            ("Lung (image left)", LUNG),
            ("Lung (image right)", LUNG),
        ]
        assert notes[0].startswith("Side unknown")


def test_areas_in_square_centimetres_only_where_the_spacing_is_the_patients() -> None:
    label_map = np.zeros((100, 50), np.uint8)
    label_map[:10, :10], label_map[:10, 20:25] = 1, 2
    image = np.zeros((1, 100, 50), np.float32)
    patient = areas(label_map, LABELS, Volume(image, None, (2.0, 0.5), Calibration.PATIENT))
    assert patient["Right lung: area"] == Measure(1.0, "cm2")
    assert patient["Left lung: area"] == Measure(0.5, "cm2")
    assert patient["Lungs: area"] == Measure(1.5, "cm2")
    assert patient["Lungs: share of image"] == Measure(3.0, "%")
    for other in (
        Volume(image, None, (2.0, 0.5), Calibration.DETECTOR),
        Volume(image, None, None, Calibration.NONE),
    ):
        assert areas(label_map, LABELS, other)["Right lung: area"] == Measure(100.0, "px2")
