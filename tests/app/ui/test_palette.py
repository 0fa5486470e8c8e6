"""The command palette: every command, found by its words in any order, with its keys and the reason it is off."""

from __future__ import annotations

import gc
from pathlib import Path

import pytest
import shiboken6
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from app.ui.actions import COMMANDS, TOOLS
from app.ui.palette import Entry, Palette, entries, found
from app.ui.window import Window


@pytest.fixture
def palette(window: Window) -> Palette:
    window.activateWindow()
    QTest.qWaitForWindowActive(window)
    QTest.keySequence(window, QKeySequence("Ctrl+K"))
    made = window.findChild(Palette)
    assert made is not None
    return made


def shown(palette: Palette) -> list[str]:
    return [palette.list.item(row).text() for row in range(palette.list.count())]


def test_it_lists_every_command_with_its_keys(window: Window) -> None:
    listed = {entry.action: entry for entry in entries(window.actions_, window.menuBar())}
    for command in (*COMMANDS, *TOOLS.values()):
        entry = listed[window.actions_[command.name]]
        assert entry.title
        assert entry.keys == window.actions_.shortcuts.text(command.name)
        assert bool(entry.why_not) == (not entry.action.isEnabled())


def test_what_is_only_in_a_menu_is_found_too(window: Window) -> None:
    listed = {entry.action for entry in entries(window.actions_, window.menuBar())}
    assert set(window.panels.actions()) <= listed


def test_looking_through_the_menus_leaves_them_to_the_window(window: Window) -> None:
    entries(window.actions_, window.menuBar())
    gc.collect()
    for menu in (window.recent, window.panels, window.presets, *window.arranging.menus):
        assert shiboken6.isValid(menu)
        assert menu.title()


def test_both_keys_open_it(window: Window) -> None:
    assert window.actions_.shortcuts.keys("palette") == ("Ctrl+K", "Ctrl+Shift+P")
    assert [key.toString() for key in window.actions_["palette"].shortcuts()] == ["Ctrl+K", "Ctrl+Shift+P"]


@pytest.mark.parametrize("words", ["horizontally flip", "FLIP hor", "hor fli"])
def test_words_in_any_order_find_a_command(palette: Palette, words: str) -> None:
    palette.field.setText(words)
    assert shown(palette)[0] == "Flip horizontally"


def test_titles_come_before_menus_and_help(window: Window) -> None:
    every = entries(window.actions_, window.menuBar())
    assert found(every, "undo")[0].title == "Undo"
    assert found(every, "zoom")[0].title.startswith("Zoom")
    # Only its help says so.
    assert "Rectangle" in [entry.title for entry in found(every, "measure area")]
    assert found(every, "no such command") == []


def test_what_cannot_be_used_says_why_and_does_nothing(window: Window, palette: Palette) -> None:
    palette.field.setText("flip horizontally")
    entry: Entry = palette.list.currentItem().data(Qt.ItemDataRole.UserRole)
    assert entry.why_not == "No image is open."
    done: list[bool] = []
    window.actions_["flip_horizontal"].triggered.connect(done.append)
    QTest.keyClick(palette.field, Qt.Key.Key_Return)
    assert palette.isVisible()
    assert not done


def test_arrows_choose_and_enter_does_it(window: Window, settle, ct_folder: Path) -> None:
    window.open([ct_folder])
    settle(window)
    window.find_command()
    palette = window.findChild(Palette)
    palette.field.setText("flip")
    assert shown(palette)[:2] == ["Flip horizontally", "Flip vertically"]
    QTest.keyClick(palette.field, Qt.Key.Key_Down)
    QTest.keyClick(palette.field, Qt.Key.Key_Return)
    QApplication.processEvents()
    assert window.viewport.view.flip_vertical
    assert not window.viewport.view.flip_horizontal


def test_presets_have_the_names_of_the_series_on_screen(window: Window, settle, ct_folder: Path) -> None:
    window.open([ct_folder])
    settle(window)
    titles = {entry.title: entry for entry in entries(window.actions_, window.menuBar())}
    lung = next(entry for title, entry in titles.items() if title.startswith("Lung"))
    assert (lung.keys, lung.why_not) == ("1", "")


def test_nothing_found_is_said(palette: Palette) -> None:
    palette.field.setText("qqqq")
    assert palette.none.isVisible()
    assert not palette.list.isVisible()
    palette.field.setText("")
    assert palette.list.isVisible()
    QTest.keyClick(palette.field, Qt.Key.Key_Escape)
    assert not palette.isVisible()
