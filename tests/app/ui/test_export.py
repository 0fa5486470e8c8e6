"""The export dialog: what can be made, what was written, and nothing left behind where it fails."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from PySide6.QtGui import QDesktopServices

from app import settings as options
from app.errors import OutputError
from app.ui import exporting
from app.ui.export_dialog import ExportDialog
from app.ui.window import Window
from tests.app.ui import models


@pytest.fixture
def film(window: Window, settle, radiograph: Path) -> Window:
    """A radiograph on screen with a model's answer."""
    window.open([radiograph])
    settle(window)
    series = window.session.active
    model = models.bundle("lungs")
    window.session.accept(models.answer(model, series), series, (0,))
    return window


def ask(window: Window, folder: Path, *formats: str) -> ExportDialog:
    """Opens the dialog and fills it in."""
    window.actions_["export"].trigger()
    dialog = window.exporter.dialog
    assert dialog is not None
    dialog.folder.setText(str(folder))
    for name, box in dialog.boxes.items():
        box.setChecked(name in formats)
    return dialog


def test_masks_are_not_offered_where_there_are_none(window: Window, settle, radiograph: Path) -> None:
    window.open([radiograph])
    settle(window)
    dialog = ask(window, Path("out"))
    assert not dialog.boxes["seg"].isEnabled()
    assert not dialog.boxes["nifti"].isEnabled()
    assert dialog.boxes["pdf"].isEnabled()
    assert "no mask" in dialog.boxes["seg"].accessibleDescription()


def test_nothing_chosen_cannot_be_exported(film: Window, tmp_path: Path) -> None:
    dialog = ask(film, tmp_path)
    assert not dialog.start.isEnabled()
    dialog.boxes["png"].setChecked(True)
    assert dialog.start.isEnabled()
    dialog.folder.setText("  ")
    assert not dialog.start.isEnabled()


def test_files_are_written_and_named(film: Window, settle, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "out"
    dialog = ask(film, folder, "pdf", "seg", "png")
    dialog.start.click()
    settle(film)
    assert dialog.page == "done"
    assert sorted(path.name for path in folder.iterdir()) == ["picture.png", "report.pdf", "seg.dcm"]
    assert "3 files written" in dialog.told
    assert str(folder / "report.pdf") in dialog.told
    opened: list[str] = []
    monkeypatch.setattr(QDesktopServices, "openUrl", lambda url: opened.append(url.toLocalFile()))
    dialog.open_folder.click()
    assert opened == [str(folder)]
    assert film.settings.get(options.EXPORT_FOLDER) == str(folder)
    assert film.settings.get(options.EXPORT_FORMATS) == ["pdf", "seg", "png"]


def test_after_an_export_closing_does_not_ask(film: Window, settle, ear, tmp_path: Path) -> None:
    from app.core.document import FindingStatus

    film.session.judge(film.session.document.findings[0].id, FindingStatus.ACCEPTED)
    dialog = ask(film, tmp_path / "out", "png")
    dialog.start.click()
    settle(film)
    dialog.accept()
    film.actions_["close_studies"].trigger()
    assert ear.heard == []
    assert film.session.index.studies == ()


def test_a_folder_that_cannot_be_made_is_told_and_can_be_changed(film: Window, settle, ear, tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("in the way", encoding="utf-8")
    dialog = ask(film, blocked / "out", "png")
    dialog.start.click()
    settle(film)
    (spoken,) = ear.heard
    assert spoken.what
    assert spoken.why
    assert spoken.details == ""
    assert dialog.page == "choosing"


def test_a_full_disk_is_told_and_leaves_nothing(
    film: Window, settle, ear, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OutputError("Cannot write report.pdf", "no space is left", "Free some space.")

    monkeypatch.setattr("app.report.atomic.write_all", full)
    dialog = ask(film, tmp_path / "out", "pdf")
    dialog.start.click()
    settle(film)
    assert ear.heard[0].why == "no space is left"
    assert dialog.page == "choosing"
    assert not (tmp_path / "out").exists()


@pytest.fixture
def stuck(monkeypatch: pytest.MonkeyPatch) -> threading.Event:
    """Exports that never end by themselves; the event says that one has begun."""
    begun = threading.Event()

    def endless(*arguments) -> None:
        begun.set()
        while True:
            arguments[-1](0.5)

    monkeypatch.setattr(exporting, "export", endless)
    return begun


def test_an_export_can_be_cancelled(film: Window, qtbot, settle, tmp_path: Path, stuck: threading.Event) -> None:
    dialog = ask(film, tmp_path / "out", "pdf")
    dialog.start.click()
    qtbot.waitUntil(lambda: dialog.progress.value() == 500)
    assert dialog.page == "working"
    dialog.reject()
    settle(film)
    assert dialog.page == "choosing"
    assert dialog.isVisible()
    assert not (tmp_path / "out").exists()


def test_closing_the_dialog_cancels_too(film: Window, qtbot, settle, tmp_path: Path, stuck: threading.Event) -> None:
    dialog = ask(film, tmp_path / "out", "pdf")
    dialog.start.click()
    qtbot.waitUntil(stuck.is_set)
    dialog.close()
    settle(film)
    assert dialog.page == "choosing"
    dialog.close()
    assert film.exporter.dialog is None


def test_json_is_offered_after_a_run(film: Window) -> None:
    series = film.session.active
    assert "json" in film.exporter.unavailable(series, film.loader.pixels(series))
    model = models.bundle("lungs")
    result = models.answer(model, series)
    film.analyses._results[series.key, (0,), model.id] = result
    assert "json" not in film.exporter.unavailable(series, film.loader.pixels(series))
