"""Stacks with a fourth axis: two bars, two ways to walk, and text that says where."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from app.core.view import place_text
from app.dicom.load import SeriesPixels
from app.ui.viewport.corners import Now, TextLevel, state_lines
from app.ui.viewport.slice_bar import REACH
from tests import phantoms, phantoms_4d
from tests.app.ui.viewport.reading import Reading, first_series, rgb

Show = Callable[..., Reading]
SHIFT = Qt.KeyboardModifier.ShiftModifier


@pytest.fixture
def beating(show: Show, tmp_path: Path) -> Reading:
    """Five slices × six phases, 52 ms apart."""
    return show(phantoms_4d.series(tmp_path, 6, shape=(5, 23, 38), TriggerTime=lambda p, k: str(52 * p)))


@pytest.fixture
def lacking(show: Show, tmp_path: Path) -> Reading:
    """Three slices × four phases; the middle slice lacks its third."""
    return show(phantoms_4d.series(tmp_path, missing=[(2, 1)], TriggerTime=lambda p, k: str(52 * p)))


def where(reading: Reading) -> tuple[int, int]:
    """(slice, point), from the value that the phantom put there."""
    return_value = int(reading.pixels.stored[reading.viewport.index, 0, 0])
    assert reading.viewport.slice_index == return_value % 100 // 10
    return return_value % 100 // 10, (return_value - 1000) // 100


def says(reading: Reading) -> list[str]:
    view = reading.viewport
    canvas = view.canvas()
    assert canvas is not None
    return [line.text for line in state_lines(reading.series, Now(view.view, canvas))]


def test_it_opens_at_the_middle_slice_and_the_first_phase(beating: Reading) -> None:
    assert where(beating) == (2, 0)
    assert (beating.viewport.slice_count, beating.viewport.count) == (5, 30)


def test_slices_and_phases_are_walked_apart(beating: Reading) -> None:
    view = beating.viewport
    for key, place in (
        (Qt.Key.Key_Period, (2, 1)),
        (Qt.Key.Key_Period, (2, 2)),
        (Qt.Key.Key_Down, (3, 2)),
        (Qt.Key.Key_Comma, (3, 1)),
        (Qt.Key.Key_Home, (0, 1)),
        (Qt.Key.Key_Up, (0, 1)),
        (Qt.Key.Key_End, (4, 1)),
        (Qt.Key.Key_Down, (4, 1)),
        (Qt.Key.Key_Comma, (4, 0)),
        (Qt.Key.Key_Comma, (4, 0)),
    ):
        QTest.keyClick(view, key)
        assert where(beating) == place


def test_the_wheel_walks_slices_and_with_shift_phases(beating: Reading) -> None:
    beating.wheel(-240)
    assert where(beating) == (4, 0)
    beating.wheel(-360, modifiers=SHIFT)
    assert where(beating) == (4, 3)
    beating.wheel(120, modifiers=SHIFT)
    assert where(beating) == (4, 2)


def test_each_bar_goes_where_it_is_pressed_and_keeps_the_other(beating: Reading) -> None:
    view = beating.viewport
    width, height = float(view.width()), float(view.height())
    beating.drag(QPointF(11, height - 4), QPointF((width - REACH) * 0.6, height - 4), QPointF(width - 26, height - 4))
    assert where(beating) == (2, 5)
    beating.click(QPointF(width - 4, 12))
    assert where(beating) == (0, 5)
    beating.click(QPointF(width * 0.25, height - 4))
    assert where(beating) == (0, 1)


def test_bars_show_place_and_what_has_arrived(show: Show, tmp_path: Path) -> None:
    paths = phantoms_4d.series(tmp_path, 6, shape=(5, 23, 38), TriggerTime=lambda p, k: str(52 * p))
    reading = show(paths)
    view = reading.viewport
    empty = SeriesPixels(reading.series)
    view.display(reading.series, empty, 2 * 6 + 1)
    from app.dicom.load import FrameState, Status

    for index in (13, 14, 3 * 6 + 1, 0):
        empty.mark(index, FrameState(Status.LOADED))
        view.frame_loaded(index)
    view.snapshot()
    assert np.flatnonzero(view.loaded_slices()).tolist() == [2, 3]
    assert np.flatnonzero(view.loaded_points()).tolist() == [1, 2]
    picture = rgb(view.grab().toImage()).astype(int)
    row = picture[view.height() - 7, 10 : view.width() - 10 - int(REACH)].sum(axis=1)
    parts = [part.mean() for part in np.array_split(row, 6)]
    # The thumb (point 1) is brightest, what has arrived (point 2) comes next.
    assert sorted(range(6), key=lambda n: -parts[n])[:2] in ([1, 2], [2, 1])


def test_both_places_are_said(beating: Reading) -> None:
    beating.viewport.set_slice(4)
    beating.viewport.set_point(3)
    assert says(beating)[:2] == ["Slice 5 / 5", "Phase 4 / 6  ·  156 ms"]
    assert place_text(beating.series, beating.viewport.index) == "Slice 5, phase 4/6, 156 ms"


def test_text_stands_above_the_bar(beating: Reading) -> None:
    view = beating.viewport
    view.set_text_level(TextLevel.ALL)
    view.snapshot()
    lowest = max(block.bottom() for block in view._picture.furniture.blocks)
    assert lowest <= view.height() - REACH


def test_a_missing_phase_is_passed_by_and_said(lacking: Reading) -> None:
    view = lacking.viewport
    view.set_slice(0)
    view.set_point(2)
    QTest.keyClick(view, Qt.Key.Key_Down)
    # The nearest that there is, under its own name.
    assert where(lacking) == (1, 1)
    assert says(lacking)[:3] == ["Slice 2 / 3", "Phase 2 / 4  ·  52 ms", "1 missing here"]
    QTest.keyClick(view, Qt.Key.Key_Down)
    assert where(lacking) == (2, 2)
    QTest.keyClick(view, Qt.Key.Key_Up)
    QTest.keyClick(view, Qt.Key.Key_Period)
    assert where(lacking) == (1, 3)
    assert "1 image is missing" in " ".join(lacking.series.warnings)


def test_the_cine_plays_phases_of_one_slice_at_the_pace_of_the_heart(beating: Reading, qtbot: QtBot) -> None:
    view = beating.viewport
    seen: list[tuple[int, int]] = []
    view.indexChanged.connect(lambda _: seen.append(where(beating)))
    view.toggle_cine()
    assert view._cine.frame_ms == 52
    qtbot.waitUntil(lambda: len({point for _, point in seen}) == 6, timeout=20_000)
    view.toggle_cine()
    assert {slice_ for slice_, _ in seen} == {2}


def test_the_cine_of_what_is_no_time_plays_slices(show: Show, tmp_path: Path, qtbot: QtBot) -> None:
    reading = show(phantoms_4d.series(tmp_path, EchoTime=lambda p, k: str(10 + p)))
    reading.viewport.set_point(2)
    seen: list[tuple[int, int]] = []
    reading.viewport.indexChanged.connect(lambda _: seen.append(where(reading)))
    reading.viewport.toggle_cine()
    qtbot.waitUntil(lambda: len({slice_ for slice_, _ in seen}) == 3, timeout=20_000)
    reading.viewport.toggle_cine()
    assert {point for _, point in seen} == {2}


def test_time_at_a_single_place_scrolls_like_any_stack(show: Show, tmp_path: Path) -> None:
    reading = show(
        phantoms_4d.series(tmp_path, 5, shape=(1, 23, 38), FrameReferenceTime=lambda p, k: str(2500 + 5000 * p))
    )
    view = reading.viewport
    assert (view.axis, view.slice_count) == (None, 5)
    QTest.keyClick(view, Qt.Key.Key_Down)
    QTest.keyClick(view, Qt.Key.Key_Period)
    assert says(reading)[0] == "Time 3 / 5  ·  12.5 s"


def test_without_a_fourth_axis_its_keys_scroll(ct: Reading) -> None:
    ct.viewport.set_index(0)
    QTest.keyClick(ct.viewport, Qt.Key.Key_Period)
    ct.wheel(-120, modifiers=SHIFT)
    assert ct.viewport.index == 2
    assert not ct.viewport.point_bar.hit(QPointF(30, ct.viewport.height() - 2), 640, 480)


def test_a_stack_comes_back_at_its_place(beating: Reading, tmp_path: Path) -> None:
    view = beating.viewport
    view.set_slice(3)
    view.set_point(4)
    _, other = first_series(phantoms.ct(tmp_path / "other", series="other"))
    view.display(other, SeriesPixels(other))
    view.display(beating.series, beating.pixels)
    assert where(beating) == (3, 4)
    QTest.keyClick(view, Qt.Key.Key_Up)
    assert where(beating) == (2, 4)
