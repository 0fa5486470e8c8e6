"""Segments, contours and washes lie where their object says (app/ui/viewport/layers.py, wash.py)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from app.core.layers import Layer, Outline, Region
from app.core.wash import values_on
from app.dicom.value_grid import read_values
from app.dicom.voi import Window
from inference.types import Code, Label
from tests.app.ui.viewport.reading import Reading, rgb
from tests.app.ui.viewport.test_overlay import VIEWS, coloured, corner_text, labels_on_screen, plane_of
from tests.made_objects import dose

RED, BLUE = (255, 0, 0), (0, 0, 255)
PARTS = (Label(1, "Red", Code("", "", ""), RED), Label(2, "Blue", Code("", "", ""), BLUE))


def lay(reading: Reading, regions: tuple[Region, ...] = (), lines: tuple[Outline, ...] = (), **words: object) -> Layer:
    """A layer on the frame that is shown; everything under it is white."""
    index = reading.viewport.index
    layer = Layer("o", "SEG  ·  made", reading.series.key, (23, 38), PARTS, {index: regions}, {index: lines}, **words)  # type: ignore[arg-type]
    reading.viewport.set_voi(Window(-3000, 1, explanation="all white"))
    reading.session.lay(layer, reading.series)
    return layer


def region(part: int, mask: np.ndarray) -> Region:
    made = Region.of(part, mask.astype(np.uint8) * 255)
    assert made is not None
    return made


def screen(reading: Reading) -> np.ndarray:
    return rgb(reading.viewport.snapshot()).astype(int)


@pytest.mark.parametrize("change", [change for _, change in VIEWS], ids=[name for name, _ in VIEWS])
def test_segments_lie_where_the_mask_says(ct: Reading, change: Callable[[object], object]) -> None:
    plane = plane_of()
    lay(ct, (region(1, plane == 1), region(2, plane == 2)))
    change(ct.viewport)
    red, blue = coloured(ct)
    expected = labels_on_screen(ct, plane)
    expected[corner_text(expected)] = 0
    assert np.array_equal(red, expected == 1)
    assert np.array_equal(blue, expected == 2)


def test_segments_that_overlap_both_show(ct: Reading) -> None:
    first, second = np.zeros((23, 38), bool), np.zeros((23, 38), bool)
    first[4:16, 4:24] = second[8:20, 12:34] = True
    lay(ct, (region(1, first), region(2, second)))

    def pixel(row: float, column: float) -> np.ndarray:
        at = ct.at(row, column)
        return screen(ct)[int(at.y()), int(at.x())]

    both, one, other = pixel(12, 18), pixel(6, 8), pixel(18, 30)
    assert one[0] == 255
    assert one[1] == one[2] < 255
    assert other[2] == 255
    assert other[0] == other[1] < 255
    # Red under blue: less green than either alone, and both colours are there.
    assert both[1] < min(one[1], other[1])
    assert both[0] < 255
    assert both[2] > both[1]


def test_a_fraction_is_a_translucency(ct: Reading) -> None:
    cover = np.zeros((23, 38), np.uint8)
    cover[5:10, 5:10], cover[5:10, 20:25] = 255, 64
    part = Region.of(1, cover)
    assert part is not None
    lay(ct, (part,), is_fractional=True)
    full, quarter = ct.at(7, 7), ct.at(7, 22)
    shown = screen(ct)
    greens = [shown[int(at.y()), int(at.x())][1] for at in (full, quarter)]
    opacity = ct.session.style.opacity
    assert greens[0] == pytest.approx(255 * (1 - opacity), abs=2)
    assert greens[1] == pytest.approx(255 * (1 - opacity * 64 / 255), abs=2)


def test_contours_are_lines_and_leave_their_inside_alone(ct: Reading) -> None:
    square = np.array([(4.5, 6.5), (4.5, 26.5), (16.5, 26.5), (16.5, 6.5)])
    lay(ct, lines=(Outline(1, square),))
    shown = screen(ct)
    reddish = shown[..., 0] - shown[..., 1] > 60
    for row, column, expected in ((4.5, 15, True), (10, 6.5, True), (16.5, 20, True), (10, 15, False), (2, 2, False)):
        at = ct.at(row, column)
        x, y = int(at.x()), int(at.y())
        assert reddish[y - 1 : y + 2, x - 1 : x + 2].any() == expected, (row, column)


def test_a_keyhole_is_drawn_without_its_channel(ct: Reading) -> None:
    ring = [(3, 5), (3, 30), (19, 30), (19, 5), (9, 5), (9, 14), (13, 14), (13, 20), (9, 20), (9, 14), (9, 5)]
    lay(ct, lines=(Outline(1, np.array(ring, dtype=float)),))
    shown = screen(ct)
    reddish = shown[..., 0] - shown[..., 1] > 60
    for row, column, expected in ((9, 17, True), (11, 14, True), (6, 5, True), (9, 9.5, False)):
        at = ct.at(row, column)
        x, y = int(at.x()), int(at.y())
        assert reddish[y - 1 : y + 2, x - 1 : x + 2].any() == expected, (row, column)


def test_parts_and_all_can_be_hidden(ct: Reading) -> None:
    plane = plane_of()
    lay(ct, (region(1, plane == 1), region(2, plane == 2)))
    style = ct.session.style
    ct.session.set_style(replace(style, hidden_labels=frozenset({("o", 1)})))
    red, blue = coloured(ct)
    assert not red.any()
    assert blue.any()
    QTest.keyClick(ct.viewport, Qt.Key.Key_Space)
    assert not coloured(ct)[1].any()
    QTest.keyClick(ct.viewport, Qt.Key.Key_Space)
    assert coloured(ct)[1].any()


def test_other_frames_show_nothing_of_it(ct: Reading) -> None:
    lay(ct, (region(1, plane_of() == 1),), (Outline(2, np.array([(1.0, 1.0), (9.0, 1.0), (9.0, 30.0)])),))
    ct.viewport.set_index(0)
    red, blue = coloured(ct)
    assert not red.any()
    assert not blue.any()


def test_a_dose_is_a_wash_above_its_threshold_with_a_legend(ct: Reading, tmp_path: Path) -> None:
    stored = np.zeros((3, 23, 38), np.uint16)
    stored[:, 4:12, 6:20] = 50_000
    stored[:, 14:20, 6:20] = 20_000
    series = ct.series
    assert series.positions is not None
    path = dose(tmp_path / "dose", stored, np.arange(3) * 2.5, frame_of_reference=series.frame_of_reference_uid,
                origin=series.positions[0], spacing=(0.7, 0.4))  # fmt: skip
    ct.viewport.set_voi(Window(-3000, 1, explanation="all white"))
    before = screen(ct)
    ct.session.lay(values_on(read_values(path), series, "d", "RTDOSE", is_dose=True), series)
    changed = (screen(ct) != before).any(axis=2)
    for row, column, expected in ((8, 12, True), (17, 12, True), (8, 30, False), (21, 2, False)):
        at = ct.at(row, column)
        assert changed[int(at.y()), int(at.x())] == expected, (row, column)
    ct.session.set_style(ct.session.style.with_threshold("d", 30.0))
    changed = (screen(ct) != before).any(axis=2)
    high, low = ct.at(8, 12), ct.at(17, 12)
    assert changed[int(high.y()), int(high.x())]
    assert not changed[int(low.y()), int(low.x())]
    told: list[str] = []
    ct.viewport.probed.connect(told.append)
    ct.viewport.probe_at(high)
    ct.viewport.probe_at(ct.at(8, 30))
    assert told[0].endswith("Dose, plan 50 Gy")
    assert told[1].endswith("Dose, plan 0 Gy")
    # The legend: a bar of colours at the right edge.
    bar = screen(ct)[260:420, -30:-18]
    assert (bar.max(axis=2) - bar.min(axis=2) > 120).any()
