"""Pictures leave the window as they are seen, without identity unless it is asked for, whole or not at all."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication, QImage
from PySide6.QtTest import QTest

from app import settings as options
from app.core.document import Measurement, MeasurementKind, Place
from app.ui.pictures_dialog import ALL, MOVING, THIS, Wanted
from app.ui.picturing import may_hold_identity
from app.ui.viewport.corners import TextLevel
from app.ui.viewport.still import StillOptions, StillPainter, as_pillow
from app.ui.window import Window
from tests import phantoms
from tests.app.ui.conftest import Ear, Settle
from tests.app.ui.viewport.reading import Reading


@pytest.fixture
def ct(window: Window, ct_folder: Path, settle: Settle) -> Window:
    window.open([ct_folder])
    settle(window)
    window.viewport.auto_window()
    return window


def values(image: QImage) -> np.ndarray:
    return np.asarray(as_pillow(image).convert("RGB"))


def still(window: Window, **chosen: bool) -> np.ndarray:
    return values(StillPainter(window.viewport, window.session, StillOptions(**chosen)).paint(window.viewport.index))


def corner(shown: np.ndarray) -> np.ndarray:
    """Top left, where the patient stands."""
    return shown[:70, :200]


def test_with_identity_it_is_what_the_view_shows(ct: Window) -> None:
    assert np.array_equal(still(ct, identity=True), values(ct.viewport.snapshot()))


def test_without_identity_only_the_corners_differ(ct: Window) -> None:
    named, nameless = still(ct, identity=True), still(ct)
    assert not np.array_equal(corner(named), corner(nameless))
    # With nothing to tell apart, the corner is the picture alone.
    bare = still(ct, annotations=False)
    assert np.array_equal(corner(nameless), corner(bare))
    middle = slice(named.shape[0] // 3, named.shape[0] // 2), slice(named.shape[1] // 3, named.shape[1] // 2)
    assert np.array_equal(named[middle], nameless[middle])


def test_identity_is_there_when_asked_for_though_the_text_is_hidden(ct: Window) -> None:
    hidden = still(ct)
    ct.viewport.set_text_level(TextLevel.NONE)
    assert not np.array_equal(corner(still(ct, identity=True)), corner(hidden))


def test_without_annotations_no_measurement_is_drawn(ct: Window) -> None:
    before, drawn_before = still(ct, annotations=False), still(ct)
    series = ct.viewport.series
    assert series is not None
    place = Place.of(series, ct.viewport.index)
    drawn = Measurement("m", MeasurementKind.RECTANGLE, place, ((4, 4), (15, 30)))
    ct.session.commit("Add", ct.session.document.with_measurement(drawn))
    assert np.array_equal(still(ct, annotations=False), before)
    assert not np.array_equal(still(ct), drawn_before)


def test_the_whole_image_has_its_own_pixels(ct: Window) -> None:
    painter = StillPainter(ct.viewport, ct.session, StillOptions(annotations=False, whole=True))
    # 23 × 38 pixels of 0.7 × 0.4 mm: 40.25 × 38 in units of the finer side, enlarged by a whole number.
    wide, tall = painter.size
    assert min(wide, tall) >= 512
    assert wide % 38 == 0
    assert tall / wide == pytest.approx(23 * 0.7 / (38 * 0.4), rel=0.01)


def test_the_mark_of_ai_stays_whatever_is_left_out(ct: Window) -> None:
    bare = still(ct, annotations=False)
    series, pixels = ct.viewport.series, ct.viewport.pixels
    assert series is not None
    assert pixels is not None
    Reading(ct.session, ct.viewport, series, pixels).overlay(np.ones((series.rows, series.columns), np.uint8))
    marked = still(ct, annotations=False)
    right = slice(0, 60), slice(bare.shape[1] // 2, None)
    text = (marked[right].astype(int) - bare[right].astype(int)).max(axis=2)
    assert (text > 60).sum() > 100


def test_copy_puts_a_picture_without_identity_on_the_clipboard(ct: Window) -> None:
    ct.viewport.setFocus()
    QTest.keyClick(ct.viewport, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    copied = QGuiApplication.clipboard().image()
    assert np.array_equal(values(copied), still(ct))
    assert "without the patient" in ct.status.noted


def test_all_images_are_numbered_and_hold_no_name(ct: Window, settle: Settle, tmp_path: Path) -> None:
    job = ct.care.picturing.start(ct.viewport, Wanted(ALL, "png", tmp_path / "out", StillOptions()))
    written: list[tuple[Path, ...]] = []
    job.succeeded.connect(written.append)
    settle(ct)
    (files,) = written
    assert [path.name for path in files] == ["image-001.png", "image-002.png", "image-003.png"]
    for index, path in enumerate(files):
        painter = StillPainter(ct.viewport, ct.session, StillOptions())
        with Image.open(path) as opened:
            assert not opened.info.keys() & {"exif", "Comment", "Author"}
            assert np.array_equal(np.asarray(opened.convert("RGB")), values(painter.paint(index)))


def test_the_dialog_writes_a_film_at_the_speed_of_the_file(
    window: Window, settle: Settle, tmp_path: Path, qtbot
) -> None:
    window.open(phantoms.cine(tmp_path / "cine.dcm"))
    settle(window)
    dialog = window.care.picturing.ask(window, window.viewport)
    assert dialog is not None
    dialog.scope.setCurrentIndex(dialog.scope.findData(MOVING))
    assert "25 a second" in dialog.scope.currentText()
    dialog.kind.setCurrentIndex(dialog.kind.findData("gif"))
    dialog.folder.setText(str(tmp_path / "films"))
    dialog.start.click()
    qtbot.waitUntil(lambda: dialog.page == "done", timeout=20_000)
    with Image.open(tmp_path / "films" / "cine.gif") as opened:
        assert opened.n_frames == 6
        assert opened.info["duration"] == 40
    assert window.settings.get(options.EXPORT_FOLDER) == str(tmp_path / "films")
    dialog.accept()


def test_one_image_has_no_film(window: Window, radiograph: Path, settle: Settle) -> None:
    window.open([radiograph])
    settle(window)
    reasons = window.care.picturing.unavailable(window.viewport)
    assert set(reasons) == {ALL, MOVING}
    assert window.care.picturing.frames(window.viewport, THIS) == (0,)


def test_a_folder_that_cannot_be_is_told_by_name(ct: Window, ear: Ear, tmp_path: Path, qtbot) -> None:
    (tmp_path / "taken").write_bytes(b"")
    dialog = ct.care.picturing.ask(ct, ct.viewport)
    assert dialog is not None
    dialog.folder.setText(str(tmp_path / "taken"))
    dialog.start.click()
    qtbot.waitUntil(lambda: bool(ear.heard) and dialog.page == "choosing", timeout=20_000)
    assert "taken" in str(ear.heard[0])
    dialog.reject()


def test_cancelling_writes_nothing(ct: Window, settle: Settle, tmp_path: Path) -> None:
    job = ct.care.picturing.start(ct.viewport, Wanted(ALL, "png", tmp_path / "out", StillOptions()))
    job.cancel()
    settle(ct)
    assert not (tmp_path / "out").exists()


def test_pixels_that_may_hold_a_name_are_said(ct: Window, tmp_path: Path, settle: Settle) -> None:
    series = ct.viewport.series
    assert series is not None
    assert not may_hold_identity(series)
    ct.open(phantoms.cine(tmp_path / "us.dcm"))
    settle(ct)
    assert ct.viewport.series is not None
    assert may_hold_identity(ct.viewport.series)


def test_grey_pictures_stay_grey() -> None:
    image = QImage(5, 4, QImage.Format.Format_RGB32)
    image.fill(0xFF808080)
    assert as_pillow(image).mode == "L"
    image.setPixel(2, 1, 0xFF804020)
    assert as_pillow(image).getpixel((2, 1)) == (128, 64, 32)
