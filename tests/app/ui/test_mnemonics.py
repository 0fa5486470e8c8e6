from __future__ import annotations

import re

from PySide6.QtWidgets import QMenu

from app.ui.mnemonics import told_apart
from app.ui.window import Window


def letters(menu: QMenu) -> list[str]:
    found = [re.search(r"&(\w)", action.text().replace("&&", "")) for action in menu.actions()]
    return [one[1].lower() for one in found if one]


def test_the_first_keeps_its_letter_and_the_next_gets_another_of_its_own() -> None:
    assert told_apart(["&Copy", "&Clear all", "No letter"]) == ["&Copy", "Clear &all", "No letter"]


def test_an_entry_without_a_free_letter_keeps_none() -> None:
    assert told_apart(["&Ab", "&Bc", "B&a"]) == ["&Ab", "&Bc", "Ba"]


def test_letters_behind_chinese_text_may_be_any() -> None:
    assert told_apart(["打开(&O)…", "叠加(&O)"]) == ["打开(&O)…", "叠加(&A)"]


def test_an_ampersand_of_the_text_stays_one() -> None:
    assert told_apart(["&Zoom && pan", "&Zip && send"]) == ["&Zoom && pan", "Zip && &send"]


def test_no_menu_of_the_window_uses_a_letter_twice(window: Window) -> None:
    # not action.menu(): the menus that it hands out die with what asked for them
    menus = [menu for menu in window.findChildren(QMenu) if len(letters(menu)) > 1]
    checked = [letters(menu) for menu in menus]
    assert sum(map(len, checked)) > 60
    assert [one for one in checked if len(set(one)) != len(one)] == []
