"""Keys act while the viewport has focus, and only then."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QAction, QKeyEvent, QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from app.dicom.voi import Window
from app.ui.viewport import Tool
from app.ui.viewport.corners import TextLevel
from tests.app.ui.viewport.reading import Reading

Key = Qt.Key
SHIFT = Qt.KeyboardModifier.ShiftModifier


def press(reading: Reading, key: Qt.Key, modifiers: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    QTest.keyClick(reading.viewport, key, modifiers)


def test_arrows_home_and_end_walk_through_the_stack(long_ct: Reading) -> None:
    steps: list[tuple[Qt.Key, Qt.KeyboardModifier, int]] = [
        (Key.Key_Home, Qt.KeyboardModifier.NoModifier, 0),
        (Key.Key_Up, Qt.KeyboardModifier.NoModifier, 0),
        (Key.Key_Down, Qt.KeyboardModifier.NoModifier, 1),
        (Key.Key_Down, SHIFT, 11),
        (Key.Key_Up, SHIFT, 1),
        (Key.Key_End, Qt.KeyboardModifier.NoModifier, 39),
        (Key.Key_Down, SHIFT, 39),
        (Key.Key_Up, Qt.KeyboardModifier.NoModifier, 38),
    ]
    for key, modifiers, expected in steps:
        press(long_ct, key, modifiers)
        assert long_ct.viewport.index == expected


@pytest.mark.parametrize(
    ("key", "window"),
    [
        (Key.Key_1, (1500, -600)),
        (Key.Key_2, (350, 50)),
        (Key.Key_3, (400, 40)),
        (Key.Key_4, (150, 30)),
        (Key.Key_5, (2000, 350)),
        (Key.Key_6, (80, 40)),
        (Key.Key_7, (40, 40)),
        (Key.Key_8, (200, 75)),
        (Key.Key_9, (600, 300)),
    ],
)
def test_digits_are_the_presets_of_ct(ct: Reading, key: Qt.Key, window: tuple[float, float]) -> None:
    press(ct, key)
    assert isinstance(ct.viewport.voi, Window)
    assert (ct.viewport.voi.width, ct.viewport.voi.center) == window


def test_presets_of_ct_are_no_presets_of_others(cine: Reading) -> None:
    before = cine.viewport.snapshot()
    press(cine, Key.Key_1)
    assert cine.viewport.voi is None
    assert cine.viewport.snapshot() == before


def test_zero_is_a_window_from_the_frame(ct: Reading) -> None:
    from app.dicom.pixels import auto_window

    ct.viewport.set_index(2)
    press(ct, Key.Key_0)
    assert ct.viewport.voi == auto_window(ct.pixels, 2)


def test_letters(ct: Reading) -> None:
    view = ct.viewport
    press(ct, Key.Key_D)
    assert view.tool() is Tool.DISTANCE
    press(ct, Key.Key_A)
    assert view.tool() is Tool.ANGLE
    press(ct, Key.Key_Escape)
    assert view.tool() is Tool.WINDOW
    press(ct, Key.Key_I)
    assert view.view.invert
    press(ct, Key.Key_H)
    assert view.view.flip_horizontal
    press(ct, Key.Key_V)
    assert view.view.flip_vertical
    view.rotate(1)
    view.zoom_by(2)
    view.set_voi(Window(0, 10))
    press(ct, Key.Key_R)
    assert view.view == type(view.view)(index=view.index, voi=Window(40, 400))


def test_t_goes_round_all_less_none(ct: Reading) -> None:
    seen = []
    pictures = []
    for _ in range(4):
        seen.append(ct.viewport.text_level)
        pictures.append(ct.viewport.snapshot())
        press(ct, Key.Key_T)
    assert seen == [TextLevel.ALL, TextLevel.LESS, TextLevel.NONE, TextLevel.ALL]
    assert pictures[0] == pictures[3]
    assert pictures[0] != pictures[1] != pictures[2] != pictures[0]


@pytest.mark.parametrize("key", [Key.Key_PageDown, Key.Key_Left, Key.Key_F11, Key.Key_Tab, Key.Key_Z])
def test_other_keys_go_to_the_window(ct: Reading, key: Qt.Key) -> None:
    event = QKeyEvent(QKeyEvent.Type.KeyPress, key, Qt.KeyboardModifier.NoModifier)
    ct.viewport.keyPressEvent(event)
    assert not event.isAccepted()


@pytest.mark.parametrize("modifier", [Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.AltModifier])
def test_letters_with_a_modifier_are_the_window_s(ct: Reading, modifier: Qt.KeyboardModifier) -> None:
    event = QKeyEvent(QKeyEvent.Type.KeyPress, Key.Key_I, modifier, "i")
    ct.viewport.keyPressEvent(event)
    assert not event.isAccepted()
    assert not ct.viewport.view.invert


def test_escape_with_nothing_to_leave_goes_to_the_window(ct: Reading) -> None:
    event = QKeyEvent(QKeyEvent.Type.KeyPress, Key.Key_Escape, Qt.KeyboardModifier.NoModifier)
    ct.viewport.keyPressEvent(event)
    assert not event.isAccepted()


@pytest.fixture
def window(qtbot: QtBot, ct: Reading) -> tuple[QWidget, QLineEdit, list[str]]:
    """A window with a field, a viewport, and a shortcut of its own on D."""
    made, field, heard = QWidget(), QLineEdit(), []
    layout = QVBoxLayout(made)
    layout.addWidget(field)
    layout.addWidget(ct.viewport)
    action = QAction(made)
    action.setShortcut(QKeySequence("D"))
    action.triggered.connect(lambda: heard.append("D"))
    made.addAction(action)
    qtbot.addWidget(made)
    made.resize(600, 500)
    made.show()
    made.activateWindow()
    qtbot.waitUntil(made.isActiveWindow, timeout=20_000)
    return made, field, heard


def test_the_viewport_s_keys_go_before_the_window_s_shortcuts(
    ct: Reading, window: tuple[QWidget, QLineEdit, list[str]]
) -> None:
    ct.viewport.setFocus()
    QTest.keyClick(QApplication.focusWidget(), Key.Key_D)
    assert ct.viewport.tool() is Tool.DISTANCE
    assert window[2] == []


def test_a_field_keeps_its_keys(ct: Reading, window: tuple[QWidget, QLineEdit, list[str]]) -> None:
    window[1].setFocus()
    for key in (Key.Key_I, Key.Key_1, Key.Key_Space):
        QTest.keyClick(QApplication.focusWidget(), key)
    assert window[1].text() == "i1 "
    assert not ct.viewport.view.invert
    assert ct.session.style.visible


def test_a_click_gives_focus_and_says_so(
    ct: Reading, window: tuple[QWidget, QLineEdit, list[str]], qtbot: QtBot
) -> None:
    window[1].setFocus()
    with qtbot.waitSignal(ct.viewport.activated, timeout=20_000):
        QTest.mouseClick(ct.viewport, Qt.MouseButton.LeftButton, pos=QPointF(50, 50).toPoint())
    assert ct.viewport.hasFocus()


def test_c_plays_and_stops(cine: Reading, qtbot: QtBot) -> None:
    with qtbot.waitSignal(cine.viewport.playingChanged, timeout=20_000) as told:
        press(cine, Key.Key_C)
    assert told.args == [True]
    with qtbot.waitSignals([cine.viewport.indexChanged] * 8, timeout=10_000):
        pass
    with qtbot.waitSignal(cine.viewport.playingChanged, timeout=20_000) as told:
        press(cine, Key.Key_Escape)
    assert told.args == [False]
    assert not cine.viewport.playing


def test_a_single_image_does_not_play(show: Callable[..., Reading], tmp_path: object) -> None:
    from pathlib import Path

    from tests import phantoms

    reading = show(phantoms.radiograph(Path(str(tmp_path)) / "one.dcm"))
    press(reading, Key.Key_C)
    assert not reading.viewport.playing
