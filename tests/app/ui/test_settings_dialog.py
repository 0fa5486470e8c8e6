"""The settings dialog: shows what is in force, changes nothing before Save, and then at once."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtTest import QTest

from app import settings as options
from app.settings import Settings
from app.ui import theme
from app.ui.settings_dialog import SettingsDialog
from app.ui.toolbar import DEFAULT_BAR
from app.ui.viewport.bindings import Bindings, Drag, Turn
from app.ui.window import Window


@pytest.fixture
def dialog(window: Window) -> SettingsDialog:
    window.actions_["settings"].trigger()
    return window.findChild(SettingsDialog)


def test_it_shows_what_is_in_force_within_its_limits(dialog: SettingsDialog) -> None:
    assert dialog.fields["text_size"].value() == 13
    assert dialog.fields["overlay_opacity"].value() == 35
    assert (dialog.fields["text_size"].minimum(), dialog.fields["text_size"].maximum()) == (10, 24)
    for field in dialog.fields.values():
        assert field.accessibleName()
        assert field.accessibleDescription()


def test_saving_takes_effect_at_once_and_is_kept(window: Window, dialog: SettingsDialog, qapp) -> None:
    dialog.fields["text_size"].setValue(17)
    dialog.fields["cache_megabytes"].setValue(512)
    dialog.fields["overlay_opacity"].setValue(60)
    dialog.save.click()
    assert qapp.font().pixelSize() == 17
    assert window.loader.limit_bytes == 512 * 2**20
    assert window.session.style.opacity == pytest.approx(0.6)
    assert Settings().get(options.TEXT_SIZE) == 17


def test_cancelling_changes_nothing(window: Window, dialog: SettingsDialog, qapp) -> None:
    dialog.fields["text_size"].setValue(17)
    dialog.reject()
    assert qapp.font().pixelSize() == 13
    assert window.settings.get(options.TEXT_SIZE) == 13


def test_defaults_come_back(dialog: SettingsDialog) -> None:
    dialog.fields["text_size"].setValue(20)
    dialog._show_defaults()
    assert dialog.fields["text_size"].value() == 13


def test_another_theme_is_put_on_at_once_and_kept(window: Window, dialog: SettingsDialog, qapp) -> None:
    dialog.theme.setCurrentIndex(dialog.theme.findData("light"))
    dialog.save.click()
    try:
        assert theme.colours() is theme.LIGHT
        assert Settings().get(options.THEME) == "light"
    finally:
        theme.apply(qapp, 13, "dark")


def test_a_changed_shortcut_acts_at_once_and_after_a_restart(
    window: Window, dialog: SettingsDialog, settle, ct_folder: Path, qtbot, no_models: Path
) -> None:
    editor = dialog.shortcuts
    editor.choose("invert")
    editor.field.setKeySequence(QKeySequence("F9"))
    editor.choose("fit")
    editor.field.setKeySequence(QKeySequence("Shift+F"))
    assert editor.shortcuts.conflicts() == {}
    assert not editor.conflict.isVisibleTo(editor)
    dialog.save.click()
    window.open([ct_folder])
    settle(window)
    window.activateWindow()
    window.viewport.setFocus()
    QTest.qWaitForWindowActive(window)
    QTest.keyClick(window.viewport, Qt.Key.Key_I)
    assert not window.viewport.view.invert
    QTest.keyClick(window.viewport, Qt.Key.Key_F9)
    assert window.viewport.view.invert
    window.viewport.zoom_by(2)
    QTest.keyClick(window.viewport, Qt.Key.Key_F)
    assert window.viewport.view.zoom is not None
    QTest.keyClick(window.viewport, Qt.Key.Key_F, Qt.KeyboardModifier.ShiftModifier)
    assert window.viewport.view.zoom is None
    assert "(F9)" in window.actions_["invert"].toolTip()
    window.close()
    again = Window(Settings())
    qtbot.addWidget(again)
    assert again.actions_.shortcuts.keys("invert") == ("F9",)
    assert "\tF9" in again.actions_["invert"].text()
    again.dispatcher.close()


def test_a_conflict_is_shown_at_both_commands_and_goes_with_the_default(dialog: SettingsDialog) -> None:
    editor = dialog.shortcuts
    editor.choose("invert")
    editor.field.setKeySequence(QKeySequence("R"))
    assert "Reset view" in editor.conflict.text()
    assert "Invert greys" in editor.conflict.text()
    assert [editor._rows[name].text(2) for name in ("invert", "reset", "fit")] == ["conflict", "conflict", ""]
    assert editor._rows["reset"].toolTip(1) == "Also: Invert greys"
    editor.default.click()
    assert editor.conflict.text() == ""
    assert editor._rows["invert"].text(1) == "I"


def test_a_shortcut_can_be_taken_away_and_all_come_back(window: Window, dialog: SettingsDialog) -> None:
    editor = dialog.shortcuts
    editor.choose("undo")
    editor.field.setKeySequence(QKeySequence())
    assert editor.shortcuts.keys("undo") == ()
    dialog.show_page("Shortcuts")
    dialog._show_defaults()
    assert editor.shortcuts.keys("undo") == ("Ctrl+Z",)
    assert set(editor._rows) == {command.name for command in window.actions_}


def test_commands_have_their_own_names_whatever_they_would_act_on_now(window: Window, settle, ct_folder: Path) -> None:
    window.open([ct_folder])
    settle(window)
    window.actions_.set_title("undo", "&Undo distance")
    window.change_settings("Shortcuts")
    editor = window.findChild(SettingsDialog).shortcuts
    assert editor._rows["undo"].text(0) == "Undo"
    assert editor._rows["preset_1"].text(0) == "Window preset 1"


def test_commands_are_found_by_key_too(dialog: SettingsDialog) -> None:
    dialog.shortcuts.search.setText("ctrl+z")
    shown = [name for name, row in dialog.shortcuts._rows.items() if not row.isHidden()]
    assert shown == ["undo"]


def test_the_mouse_is_bound_as_chosen(window: Window, dialog: SettingsDialog, settle, ct_folder: Path) -> None:
    page = dialog.mouse
    page.fields["middle"].setCurrentIndex(page.fields["middle"].findData(Drag.ZOOM))
    page.fields["right"].setCurrentIndex(page.fields["right"].findData(Drag.SCROLL))
    page.fields["wheel"].setCurrentIndex(page.fields["wheel"].findData(Turn.ZOOM))
    dialog.save.click()
    assert Settings().get(options.MOUSE) == {"middle": "ZOOM", "right": "SCROLL", "wheel": "ZOOM"}
    window.open([ct_folder])
    settle(window)
    view = window.viewport
    start = QPoint(100, 100)
    QTest.mousePress(view, Qt.MouseButton.MiddleButton, pos=start)
    QTest.mouseMove(view, start - QPoint(0, 40))
    QTest.mouseRelease(view, Qt.MouseButton.MiddleButton, pos=start - QPoint(0, 40))
    zoomed = view.view.zoom
    assert zoomed is not None
    index = view.index
    QTest.mousePress(view, Qt.MouseButton.RightButton, pos=start)
    QTest.mouseMove(view, start + QPoint(0, 60))
    QTest.mouseRelease(view, Qt.MouseButton.RightButton, pos=start + QPoint(0, 60))
    assert view.index > index
    assert view.view.zoom == zoomed
    assert ("Middle drag", "Zoom") in dict(window.actions_.key_groups())["Mouse"]


def test_a_mouse_without_the_tool_is_warned_of(dialog: SettingsDialog) -> None:
    page = dialog.mouse
    assert not page.warning.isVisibleTo(page)
    page.fields["left"].setCurrentIndex(page.fields["left"].findData(Drag.PAN))
    assert page.warning.isVisibleTo(page)
    page.fields["right"].setCurrentIndex(page.fields["right"].findData(Drag.TOOL))
    assert not page.warning.isVisibleTo(page)


def test_bindings_that_are_not_known_keep_their_default() -> None:
    assert Bindings.of({"left": "DANCE", "wheel": "PAN", "middle": "NOTHING", "other": "PAN"}) == Bindings(
        middle=Drag.NOTHING
    )
    assert Bindings().changed() == {}


def test_the_tool_bar_is_arranged_and_kept(window: Window, dialog: SettingsDialog) -> None:
    page = dialog.tool_bar
    assert page.names() == tuple(DEFAULT_BAR)
    page.shown.setCurrentRow(0)
    page.remove.click()
    assert "open_folder" not in page.names()
    offered = [page.offered.item(row).data(Qt.ItemDataRole.UserRole) for row in range(page.offered.count())]
    page.offered.setCurrentRow(offered.index("settings"))
    page.shown.setCurrentRow(page.shown.count() - 1)
    page.add.click()
    page.up.click()
    assert page.names()[-2] == "settings"
    dialog.save.click()
    shown = [action.objectName() for action in window.tool_bar.actions() if not action.isSeparator()]
    assert "settings" in shown
    assert "open_folder" not in shown
    assert Settings().get(options.TOOL_BAR) == list(page.names())
    window.change_settings("Tool bar")
    again = window.findChildren(SettingsDialog)[-1]
    assert again.pages.currentWidget() is again.tool_bar
    again._show_defaults()
    again.save.click()
    assert Settings().get(options.TOOL_BAR) == []
    assert window.actions_["open_folder"] in window.tool_bar.actions()


def test_settings_that_cannot_be_written_do_not_stop_the_window(
    window: Window, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def full(_: Settings) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Settings, "save", full)
    window.close()
    assert not window.isVisible()
    assert "No space left" in caplog.text
