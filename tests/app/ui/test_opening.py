"""From paths to an image on screen, and what is said where there is none."""

from __future__ import annotations

import os
import sys
import threading
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QDialog, QTableWidget

from app import settings as options
from app.ui import loading, opening, thumbnails
from app.ui.browser_rows import KIND, LINES, SERIES, THUMBNAIL, WARNED, Row
from app.ui.window import Window
from inference.types import Cancelled
from tests import phantoms


def rows(window: Window) -> list[tuple[Row, tuple[str, ...]]]:
    """The browser's rows from top to bottom."""
    model, found = window.browser.model, []

    def walk(parent) -> None:
        for row in range(model.rowCount(parent)):
            index = model.index(row, 0, parent)
            found.append((index.data(KIND), index.data(LINES)))
            walk(index)

    walk(window.browser.tree.rootIndex())
    return found


def series_items(window: Window) -> list:
    """The browser's series rows."""
    return list(window.browser._items.values())


def test_nothing_open_says_what_to_do(window: Window) -> None:
    empty = window.area.empty
    assert not window.area.shows_image
    assert empty.face == "welcome"
    assert not window.actions_["export"].isEnabled()
    assert not window.actions_["close_studies"].isEnabled()


def test_a_folder_opens_and_its_image_shows(window: Window, settle, ct_folder: Path) -> None:
    window.open([ct_folder])
    settle(window)
    assert window.area.shows_image
    assert window.session.active is not None
    assert window.viewport.series is window.session.active
    assert window.viewport.is_ready
    assert window.viewport.pixels.is_complete
    levels = [kind for kind, _ in rows(window)]
    assert levels == [Row.PATIENT, Row.STUDY, Row.SERIES]
    assert "3 images" in rows(window)[2][1][2]
    assert "1 study, 1 series" in window.status.noted
    assert window.actions_["export"].isEnabled()


def test_patient_study_and_series_are_levels(window: Window, settle, tmp_path: Path) -> None:
    phantoms.ct(tmp_path / "a", series="one", patient_id="P1")
    phantoms.ct(tmp_path / "b", series="two", patient_id="P2")
    phantoms.cine(tmp_path / "c" / "cine.dcm")
    window.open([tmp_path])
    settle(window)
    kinds = [kind for kind, _ in rows(window)]
    assert kinds.count(Row.SERIES) == 3
    assert kinds.count(Row.PATIENT) >= 2
    assert window.session.active is window.session.index.series()[0]


def test_thumbnails_arrive(window: Window, settle, ct_folder: Path) -> None:
    window.open([ct_folder])
    settle(window)
    (item,) = series_items(window)
    picture = item.data(THUMBNAIL)
    assert not picture.isNull()
    assert max(picture.width(), picture.height()) == thumbnails.SIDE


def test_a_series_that_cannot_be_drawn_has_no_picture_and_stays_listed(
    window: Window, settle, ct_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(*_: object) -> None:
        raise ValueError("no pixels")

    monkeypatch.setattr(thumbnails, "read_frame", broken)
    window.open([ct_folder])
    settle(window)
    (item,) = series_items(window)
    assert item.data(THUMBNAIL).isNull()


def test_warnings_are_marked_in_the_list(window: Window, settle, tmp_path: Path) -> None:
    phantoms.ct(tmp_path, shape=(6, 20, 20), gaps=(2,))
    window.open([tmp_path])
    settle(window)
    series = window.session.active
    assert series.warnings
    (item,) = series_items(window)
    assert item.data(WARNED)
    assert series.warnings[0] in item.toolTip()


def test_a_missing_path_is_named(window: Window, settle, ear, tmp_path: Path) -> None:
    window.open([tmp_path / "gone"])
    settle(window)
    (spoken,) = ear.heard
    assert "gone" in spoken.what
    assert spoken.why
    assert spoken.what_now
    assert window.area.empty.face == "welcome"
    assert window.settings.get(options.RECENT) == []


def test_an_empty_folder_says_so(window: Window, settle, ear, tmp_path: Path) -> None:
    window.open([tmp_path])
    settle(window)
    assert window.area.empty.face == "trouble"
    assert ear.heard == []


def test_files_that_are_no_images_are_counted_and_listed(
    window: Window, settle, ct_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (ct_folder / "notes.txt").write_text("not an image", encoding="utf-8")
    hostile = phantoms.hostile(ct_folder / "hostile")
    window.open([ct_folder])
    settle(window)
    count = len(window.session.index.skipped)
    assert count >= len(hostile)
    assert f"{count} files skipped" in window.status.noted
    shown: list[str] = []

    def look(dialog: QDialog) -> int:
        table = dialog.findChild(QTableWidget)
        shown.extend(table.item(row, column).text() for row in range(table.rowCount()) for column in (0, 1))
        dialog.deleteLater()
        return 0

    monkeypatch.setattr(QDialog, "exec", look)
    assert window.actions_["skipped"].isEnabled()
    window.actions_["skipped"].trigger()
    assert any(text.endswith("notes.txt") for text in shown)
    assert len(shown) == 2 * count
    assert all(shown)


def test_only_unreadable_files_lead_to_the_list(window: Window, settle, tmp_path: Path) -> None:
    for name in ("a.txt", "b.txt"):
        (tmp_path / name).write_text("no", encoding="utf-8")
    window.open([tmp_path])
    settle(window)
    assert window.area.empty.face == "trouble"
    assert window.area.empty._skipped_link.isVisible()
    assert window.actions_["skipped"].isEnabled()


def test_with_an_image_open_what_cannot_be_opened_is_said_in_a_dialog(
    window: Window, settle, ear, ct_folder: Path, tmp_path: Path
) -> None:
    window.open([ct_folder])
    settle(window)
    other = tmp_path / "text.txt"
    other.write_text("no", encoding="utf-8")
    window.open([other])
    settle(window)
    assert window.area.shows_image
    assert "text.txt" in ear.heard[0].what


def test_reading_can_be_cancelled(window: Window, qtbot, settle, ct_folder: Path, monkeypatch) -> None:
    reading = threading.Event()

    def endless(paths: object, tick) -> None:
        reading.set()
        while True:
            tick(0.5)

    monkeypatch.setattr(opening, "scan", endless)
    window.open([ct_folder])
    qtbot.waitUntil(reading.is_set)
    assert window.area.empty.face == "reading"
    window.area.empty.cancel.emit()
    settle(window)
    assert window.area.empty.face == "welcome"
    assert window.session.index.studies == ()


def test_the_visible_image_comes_first(window: Window, settle, tmp_path: Path) -> None:
    phantoms.ct(tmp_path, shape=(9, 12, 12))
    arrived: list[int] = []
    window.loader.framesLoaded.connect(lambda _, indices: arrived.extend(indices))
    window.open([tmp_path])
    settle(window)
    assert arrived[0] == window.viewport.index == 4
    assert sorted(arrived) == list(range(9))


def test_leaving_a_series_stops_its_loading_and_coming_back_resumes_it(
    window: Window, qtbot, settle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    phantoms.ct(tmp_path / "a", shape=(30, 8, 8), series="a")
    phantoms.ct(tmp_path / "b", series="b")
    held, begun, cancelled = threading.Event(), threading.Event(), threading.Event()
    real = loading.load

    def slow(series, *, tick, **rest):
        def waiting(fraction: float) -> None:
            if len(series.frames) == 30 and not held.is_set():
                begun.set()
                while True:
                    try:
                        tick(fraction)
                    except Cancelled:
                        cancelled.set()
                        raise
            tick(fraction)

        return real(series, tick=waiting, **rest)

    monkeypatch.setattr(loading, "load", slow)
    window.open([tmp_path])
    qtbot.waitUntil(lambda: len(window.session.index.series()) == 2)
    long, short = sorted(window.session.index.series(), key=lambda series: -len(series.frames))
    window.show_series(long)
    qtbot.waitUntil(begun.is_set)
    window.show_series(short)
    qtbot.waitUntil(cancelled.is_set)
    settle(window)
    assert window.loader.pixels(short).is_complete
    assert not window.loader.pixels(long).is_complete
    held.set()
    window.show_series(long)
    settle(window)
    assert window.loader.pixels(long).is_complete


def test_the_series_left_longest_ago_goes_first(window: Window, settle, tmp_path: Path) -> None:
    for name in "abc":
        phantoms.ct(tmp_path / name, series=name)
    window.open([tmp_path])
    settle(window)
    first, second, third = window.session.index.series()
    # Room for two of them.
    window.loader.limit_bytes = int(window.loader.pixels(first).stored.nbytes * 2.5)
    window.show_series(second)
    settle(window)
    window.show_series(first)
    settle(window)
    window.show_series(third)
    settle(window)
    assert window.loader.pixels(second) is None
    assert window.loader.pixels(first) is not None
    assert window.loader.pixels(third) is not None
    # A lower limit acts at once, but never on what is shown.
    window.loader.limit_bytes = 1
    assert window.loader.pixels(first) is None
    assert window.loader.pixels(third) is not None


def test_a_series_that_does_not_fit_into_memory_says_so(
    window: Window, settle, ct_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from app.dicom import load

    monkeypatch.setattr(load, "available_memory", lambda: 100)
    window.open([ct_folder])
    settle(window)
    assert window.area.empty.face == "trouble"
    assert "memory" in window.area.empty._trouble_what.text()


def test_dropped_files_open(window: Window, settle, ct_folder: Path) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(ct_folder))])
    copy, left, none = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    enter = QDragEnterEvent(QPoint(5, 5), copy, data, left, none)
    window.dragEnterEvent(enter)
    assert enter.isAccepted()
    window.dropEvent(QDropEvent(QPointF(5, 5), copy, data, left, none))
    settle(window)
    assert window.area.shows_image


def test_dropped_text_is_left_alone(window: Window) -> None:
    data = QMimeData()
    data.setText("words")
    event = QDragEnterEvent(
        QPoint(5, 5), Qt.DropAction.CopyAction, data, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    )
    event.ignore()
    window.dragEnterEvent(event)
    assert not event.isAccepted()


def test_what_was_opened_is_offered_again(window: Window, settle, ct_folder: Path) -> None:
    window.open([ct_folder])
    settle(window)
    window.recent.aboutToShow.emit()
    window.close_studies()
    assert window.settings.get(options.RECENT) == [str(ct_folder)]
    window.recent.actions()[0].trigger()
    settle(window)
    assert window.area.shows_image


def test_opening_the_same_folder_again_doubles_nothing(window: Window, settle, ct_folder: Path) -> None:
    for _ in range(2):
        window.open([ct_folder])
        settle(window)
    assert len(window.session.index.series()) == 1
    assert len(series_items(window)) == 1
    assert window.viewport.series is window.session.active


def test_closing_the_studies_leaves_an_empty_window(window: Window, settle, ct_folder: Path) -> None:
    window.open([ct_folder])
    settle(window)
    window.actions_["close_studies"].trigger()
    assert window.session.index.studies == ()
    assert rows(window) == []
    assert not window.area.shows_image
    assert window.viewport.series is None
    assert window.loader.bytes_kept == 0
    assert window.windowTitle() == "Scoutview"


def test_a_click_on_a_series_shows_it(window: Window, settle, tmp_path: Path) -> None:
    for name in "ab":
        phantoms.ct(tmp_path / name, series=name)
    window.open([tmp_path])
    settle(window)
    item = series_items(window)[1]
    window.browser.tree.clicked.emit(item.index())
    assert window.session.active is item.data(SERIES)
    assert window.browser.tree.currentIndex() == item.index()


@pytest.mark.skipif(sys.platform != "linux", reason="other systems refuse such names themselves")
def test_names_that_are_no_text_are_listed(window: Window, settle, ct_folder: Path, monkeypatch) -> None:
    (image,) = phantoms.ct(ct_folder.parent / "one", shape=(1, 23, 38))
    for name in (b"not\xff\xfeutf8", b"line\nbreak\x1b[2J", "\u202egnp.mcd".encode(), b"x" * 255):
        (ct_folder / os.fsdecode(name)).write_bytes(image.read_bytes()[:-100])
    window.open([ct_folder])
    settle(window)
    assert window.viewport.is_ready
    assert "4 files skipped" in window.status.noted
    rows_shown: list[int] = []

    def look(dialog: QDialog) -> int:
        rows_shown.append(dialog.findChild(QTableWidget).rowCount())
        dialog.grab()
        dialog.deleteLater()
        return 0

    monkeypatch.setattr(QDialog, "exec", look)
    window.actions_["skipped"].trigger()
    assert rows_shown == [4]
