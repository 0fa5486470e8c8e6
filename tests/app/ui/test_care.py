"""Window, monitor and time: what the commands do in the real window."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QTest

from app import settings as options
from app.core import preset_book
from app.core.document import Measurement, MeasurementKind, Place
from app.core.preset_book import PresetBook
from app.core.region_window import region_window
from app.core.test_pattern import test_pattern
from app.dicom.voi import Window as Voi
from app.ui.monitor import TestPattern, dpi_of, screen_key
from app.ui.viewport import Tool
from app.ui.viewport.cine import swept
from app.ui.viewport.loupe import DIAMETER
from app.ui.viewport.palette_legend import ends_of
from app.ui.window import Window
from tests import phantoms, phantoms_4d
from tests.app.ui.conftest import Settle

Key = Qt.Key
SHIFT = Qt.KeyboardModifier.ShiftModifier


@pytest.fixture(autouse=True)
def _own_presets():
    before = preset_book.book()
    yield
    preset_book.use(before)


@pytest.fixture
def ct(window: Window, ct_folder: Path, settle: Settle) -> Window:
    window.open([ct_folder])
    settle(window)
    window.viewport.setFocus()
    window.viewport.auto_window()
    return window


@pytest.fixture
def beating(window: Window, tmp_path: Path, settle: Settle) -> Window:
    window.open(phantoms_4d.series(tmp_path / "mr", TriggerTime=lambda p, k: 50.0 * p))
    settle(window)
    return window


def draw(window: Window, *points: tuple[float, float], name: str = "") -> Measurement:
    series = window.viewport.series
    assert series is not None
    place = Place.of(series, window.viewport.index)
    drawn = Measurement("roi", MeasurementKind.RECTANGLE, place, points, name=name)
    window.session.commit("Add", window.session.document.with_measurement(drawn))
    return drawn


# -- the window --------------------------------------------------------------------------------------------------------


def test_the_window_is_fitted_to_the_region(ct: Window) -> None:
    view = ct.viewport
    QTest.keyClick(view, Key.Key_W, SHIFT)
    assert "Draw a region" in ct.status.noted
    drawn = draw(ct, (3, 4), (12, 20))
    QTest.keyClick(view, Key.Key_W, SHIFT)
    assert view.series is not None
    assert view.pixels is not None
    assert view.voi == region_window(drawn, view.series, view.index, view.pixels)


def test_full_range_runs_from_the_smallest_to_the_largest(ct: Window) -> None:
    QTest.keyClick(ct.viewport, Key.Key_0, SHIFT)
    ends = ct.viewport.frame_range()
    assert ends_of(ct.viewport.voi) == ends


def test_a_preset_of_ones_own_has_its_key_and_survives(ct: Window) -> None:
    editor = ct.care.edit_presets()
    assert editor.group.currentText() == "CT"
    editor.add.click()
    row = editor.table.rowCount() - 1
    for column, text in enumerate(("My lung", "1400", "\u2212500")):
        editor.table.item(row, column).setText(text)
    for _ in range(row):
        editor.up.click()
    assert editor.rows()[0] == ("My lung", "1400", "\u2212500")
    editor.table.selectRow(1)
    editor.remove.click()
    editor._save()
    QTest.keyClick(ct.viewport, Key.Key_1)
    assert isinstance(ct.viewport.voi, Voi)
    assert (ct.viewport.voi.width, ct.viewport.voi.center) == (1400, -500)
    QTest.keyClick(ct.viewport, Key.Key_2)
    assert (ct.viewport.voi.width, ct.viewport.voi.center) == (350, 50)
    assert any("My lung" in action.text() for action in ct.presets.actions())
    assert not any(action.text().startswith("Lung ") for action in ct.presets.actions())
    again = preset_book.from_stored(ct.settings.get(options.PRESETS))
    assert [preset.name for preset in again.of_group("CT")][:2] == ["My lung", "Mediastinum"]


def test_a_preset_that_does_not_serve_is_not_saved(ct: Window) -> None:
    editor = ct.care.edit_presets()
    editor.table.item(0, 1).setText("wide")
    editor._save()
    assert "must be numbers" in editor.fault.text()
    assert editor.isVisible()
    assert preset_book.book() == PresetBook({})
    editor.reject()


def test_colours_and_their_legend(ct: Window) -> None:
    grey = ct.viewport.snapshot()
    QTest.keyClick(ct.viewport, Key.Key_C, SHIFT)
    assert ct.viewport.view.palette == "hot-iron"
    assert ct.viewport.snapshot() != grey
    ct.viewport.set_palette("")
    assert ct.viewport.snapshot() == grey
    assert ends_of(Voi(40, 400)) == (-160, 239)


def test_colour_images_keep_their_colours(window: Window, tmp_path: Path, settle: Settle) -> None:
    window.open(phantoms.cine(tmp_path / "us.dcm"))
    settle(window)
    before = window.viewport.snapshot()
    window.viewport.set_palette("hot-iron")
    assert window.viewport.view.palette == ""
    assert window.viewport.snapshot() == before
    assert not window.actions_["next_palette"].isEnabled()


# -- the monitor -------------------------------------------------------------------------------------------------------


def test_true_size_follows_the_measured_monitor(ct: Window) -> None:
    view = ct.viewport
    dialog = ct.care.measure_monitor()
    dialog.length.setValue(399 / 120 * 25.4)
    dialog._save()
    dpi, measured = dpi_of(view.screen(), ct.settings)
    assert measured
    assert dpi == pytest.approx(120, abs=0.1)
    assert screen_key(view.screen()) in ct.settings.get(options.MONITORS)
    QTest.keyClick(view, Key.Key_N, SHIFT)
    # 0.4 mm a pixel, 120 pixels an inch.
    assert view.view.zoom == pytest.approx(0.4 * 120 / 25.4, rel=1e-3)
    assert "as measured" in ct.status.noted


def test_a_bar_that_no_screen_could_show_is_refused(ct: Window) -> None:
    dialog = ct.care.measure_monitor()
    dialog.length.setValue(1)
    dialog._save()
    assert "No screen" in dialog.fault.text()
    assert not ct.settings.get(options.MONITORS)
    dialog.reject()


def test_without_pixel_size_true_size_says_why(window: Window, tmp_path: Path, settle: Settle) -> None:
    window.open(phantoms.cine(tmp_path / "us.dcm", region_mm=None))
    settle(window)
    before = window.viewport.view
    window.care.true_size()
    assert window.viewport.view == before
    assert "no true size" in window.status.noted


def test_flat_pixels_and_back(ct: Window) -> None:
    smooth = ct.viewport.snapshot()
    QTest.keyClick(ct.viewport, Key.Key_I, SHIFT)
    assert ct.viewport.snapshot() != smooth
    QTest.keyClick(ct.viewport, Key.Key_I, SHIFT)
    assert ct.viewport.snapshot() == smooth


def test_the_pattern_lies_on_the_screens_own_pixels(qtbot) -> None:
    shown = TestPattern()
    qtbot.addWidget(shown)
    shown.resize(640, 480)
    shown.told = False
    with qtbot.waitExposed(shown):
        shown.show()
    grabbed = shown.grab().toImage().convertToFormat(QImage.Format.Format_Grayscale8)
    size = shown.device_size()
    raw = np.frombuffer(grabbed.constBits(), np.uint8).reshape(size[1], grabbed.bytesPerLine())[:, : size[0]]
    assert np.array_equal(raw, test_pattern(*size))
    shown.told = True
    assert shown.grab().toImage() != grabbed


def test_the_loupe_shows_what_is_under_it_while_m_is_held(ct: Window) -> None:
    view = ct.viewport
    loupe = ct.care.loupe
    QTest.keyPress(view, Key.Key_M)
    assert loupe.isVisible()
    loupe.show_at(QPointF(200, 150))
    assert loupe.geometry().center().x() == pytest.approx(200, abs=1)
    shown = loupe.grab().toImage()
    # The middle of the loupe is the pixel under it; flat pixels, so it has the picture's own grey.
    middle = shown.pixelColor(DIAMETER // 2, DIAMETER // 2).red()
    what = view.scene()
    assert what is not None
    row, column = what.mapping.to_image(QPointF(200, 150))
    assert view.pixels is not None
    assert view.voi is not None
    grey = view.pixels.pipeline(view.index).display(view.pixels.stored[view.index], view.voi)
    expected = grey[round(row), round(column)] if 0 <= row < 22.5 and 0 <= column < 37.5 else 0
    assert abs(int(middle) - int(expected)) <= 1
    QTest.keyRelease(view, Key.Key_M)
    assert not loupe.isVisible()


def test_m_is_the_magnifiers_alone_and_may_be_another_key(ct: Window) -> None:
    view, loupe = ct.viewport, ct.care.loupe
    QTest.keyClick(view, Key.Key_M)
    assert view.tool() is Tool.WINDOW
    QTest.keyClick(view, Key.Key_A, SHIFT)
    assert view.tool() is Tool.ARROW
    ct.actions_.rebind({"magnifier": ["Shift+F9"]}, ct.actions_.bindings)
    QTest.keyPress(view, Key.Key_M)
    assert not loupe.isVisible()
    QTest.keyPress(view, Key.Key_F9, SHIFT)
    assert loupe.isVisible()
    # Whichever finger goes up first.
    QTest.keyRelease(view, Key.Key_F9)
    assert not loupe.isVisible()


def test_from_a_menu_the_loupe_follows_the_pointer_until_esc(ct: Window) -> None:
    view, loupe = ct.viewport, ct.care.loupe
    ct.actions_["magnifier"].trigger()
    assert loupe.isVisible()
    QTest.mouseMove(view, QPoint(120, 90))
    assert loupe.geometry().center().x() == pytest.approx(120, abs=1)
    view.setFocus()
    QTest.keyClick(view, Key.Key_Escape)
    assert not loupe.isVisible()
    QTest.mouseMove(view, QPoint(60, 90))
    assert not loupe.isVisible()
    ct.actions_["magnifier"].trigger()
    ct.actions_["magnifier"].trigger()
    assert not loupe.isVisible()


# -- time --------------------------------------------------------------------------------------------------------------


def test_a_sweep_turns_at_both_ends() -> None:
    at, back, seen = 0, False, []
    for _ in range(9):
        seen.append(at)
        at, back = swept(at, 1, 4, back=back)
    assert seen == [0, 1, 2, 3, 2, 1, 0, 1, 2]
    # Dropped frames land where they would have been.
    assert swept(2, 3, 4, back=False) == (1, True)
    assert swept(1, 2, 4, back=True) == (1, False)
    assert swept(0, 5, 1, back=False) == (0, False)


def test_the_bar_shows_and_sets_the_speed(window: Window, tmp_path: Path, settle: Settle) -> None:
    window.open(phantoms.cine(tmp_path / "us.dcm"))
    settle(window)
    view, bar = window.viewport, window.care.cine_bar
    assert not bar.isVisible()
    view.toggle_cine()
    assert bar.isVisible()
    assert bar.rate.value() == 25
    bar.rate.setValue(50)
    assert view.cine.frame_ms == pytest.approx(20)
    bar.own.click()
    assert view.cine.frame_ms == pytest.approx(40)
    bar.sweep.click()
    assert view.cine.sweeps
    view.set_index(5)
    view._play(1)
    assert view.index == 4
    bar.stop.click()
    assert not bar.isVisible()


def test_a_region_is_followed_and_a_click_goes_there(beating: Window, settle: Settle, tmp_path: Path) -> None:
    view = beating.viewport
    beating.care.show_curve()
    assert "Draw a region" in beating.status.noted
    draw(beating, (0, 0), (0, 0), name="Ventricle")
    beating.care.show_curve()
    settle(beating)
    shown = beating.care.curve_window
    assert shown is not None
    assert shown.curve is not None
    k = view.slice_index
    x, y = shown.line.getData()
    assert y.tolist() == [phantoms_4d.value(p, k) - 1024 for p in range(4)]
    assert x == pytest.approx([0, 0.05, 0.1, 0.15])
    box = shown.plot.getPlotItem().getViewBox()
    shown.choose_at(box.mapViewToScene(QPointF(0.11, float(y[2]))))
    assert view.point == 2
    assert view.slice_index == k
    written = tmp_path / "curve.csv"
    shown.exported.emit(str(written), b"")
    assert written.exists()
    shown.accept()


def test_the_table_of_the_window_is_that_of_the_curve(beating: Window, settle: Settle) -> None:
    from app.core.time_curve import csv_bytes

    draw(beating, (0, 0), (3, 3))
    beating.care.show_curve()
    settle(beating)
    assert beating.care.curve_window is not None
    curve = beating.care.curve_window.curve
    assert curve is not None
    rows = list(csv.reader(io.StringIO(csv_bytes(curve).decode("utf-8-sig"))))
    assert len(rows) == 5
    beating.care.curve_window.accept()


def test_a_series_without_time_says_so(ct: Window) -> None:
    draw(ct, (0, 0), (3, 3))
    ct.care.show_curve()
    assert "one image at each place" in ct.status.noted
    assert ct.care.curve_window is None
