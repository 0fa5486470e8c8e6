"""Menus, keys and tool bar: every command does something, and single keys act only while the image has the focus."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QAction, QContextMenuEvent, QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QDialog, QLineEdit, QMenu, QTableWidget, QToolButton

from app.core.document import Measurement, MeasurementKind, Place
from app.settings import Settings
from app.ui.actions import COMMANDS, TOOLS, Actions, Where
from app.ui.measurement_rows import VALUES, WHERE
from app.ui.viewport import Tool
from app.ui.window import Window
from tests import phantoms


@pytest.fixture
def opened(window: Window, settle, ct_folder: Path) -> Window:
    """The window with a CT on screen and the focus on it."""
    window.open([ct_folder])
    settle(window)
    window.activateWindow()
    window.viewport.setFocus()
    QTest.qWaitForWindowActive(window)
    return window


def measure(window: Window) -> None:
    """Adds a distance, as the viewport would."""
    place = Place.of(window.session.active, window.viewport.index)
    one = Measurement("m1", MeasurementKind.DISTANCE, place, ((2.0, 2.0), (2.0, 12.0)))
    window.session.commit("Add distance", window.session.document.with_measurement(one))


def test_names_and_keys_are_unique() -> None:
    every = (*COMMANDS, *TOOLS.values())
    names = [command.name for command in every]
    keys = [key for command in every for key in command.keys]
    assert len(set(names)) == len(names)
    assert len(set(keys)) == len(keys)
    assert set(TOOLS) == set(Tool)


def test_every_command_stands_in_a_menu(window: Window) -> None:
    found: set[QAction] = set()

    def walk(menu: QMenu) -> None:
        for action in menu.actions():
            found.add(action)
            # Not ``action.menu()``, which takes the menu from the window: see the README of app/ui.
            inner = QMenu.menuInAction(action)
            if isinstance(inner, QMenu):
                walk(inner)

    for action in window.menuBar().actions():
        walk(QMenu.menuInAction(action))
    missing = [c.name for c in (*COMMANDS, *TOOLS.values()) if window.actions_[c.name] not in found]
    # Presets stand in their menu when the image has them.
    assert missing == [f"preset_{n}" for n in range(1, 10)]


def test_a_command_without_a_verb_is_refused(window: Window) -> None:
    with pytest.raises(KeyError, match="undo"):
        Actions(window).connect_all({command.name: lambda: None for command in COMMANDS if command.name != "undo"})


def test_tool_tips_name_the_key(window: Window) -> None:
    for command in (*COMMANDS, *TOOLS.values()):
        if command.key:
            native = QKeySequence(command.key).toString(QKeySequence.SequenceFormat.NativeText)
            assert native in window.actions_[command.name].toolTip()


def test_every_tool_bar_button_has_an_icon_and_a_name(window: Window) -> None:
    buttons = [window.tool_bar.widgetForAction(action) for action in window.tool_bar.actions()]
    buttons = [button for button in buttons if isinstance(button, QToolButton)]
    assert len(buttons) >= 18
    for button in buttons:
        assert not button.icon().isNull()
        assert button.accessibleName()
        assert button.toolTip()


@pytest.mark.parametrize(
    ("key", "tool"),
    [
        (Qt.Key.Key_P, Tool.PAN),
        (Qt.Key.Key_Z, Tool.ZOOM),
        (Qt.Key.Key_S, Tool.SCROLL),
        (Qt.Key.Key_X, Tool.PROBE),
        (Qt.Key.Key_D, Tool.DISTANCE),
        (Qt.Key.Key_A, Tool.ANGLE),
        (Qt.Key.Key_B, Tool.RECTANGLE),
        (Qt.Key.Key_E, Tool.ELLIPSE),
    ],
)
def test_keys_choose_tools_on_the_image(opened: Window, key: Qt.Key, tool: Tool) -> None:
    QTest.keyClick(opened.viewport, key)
    assert opened.viewport.tool() is tool
    assert opened.actions_.for_tool(tool).isChecked()
    QTest.keyClick(opened.viewport, Qt.Key.Key_W)
    assert opened.viewport.tool() is Tool.WINDOW


def test_single_keys_leave_the_list_alone(opened: Window) -> None:
    tree = opened.browser.tree
    tree.setFocus()
    assert tree.hasFocus()
    for key in (Qt.Key.Key_D, Qt.Key.Key_P, Qt.Key.Key_I, Qt.Key.Key_F):
        QTest.keyClick(tree, key)
    assert opened.viewport.tool() is Tool.WINDOW
    assert not opened.viewport.view.invert


def test_enter_in_the_list_shows_the_series(opened: Window) -> None:
    asked: list[object] = []
    opened.browser.chosen.connect(asked.append)
    opened.browser.tree.setFocus()
    QTest.keyClick(opened.browser.tree, Qt.Key.Key_Return)
    assert asked == [opened.session.active]


def test_view_commands_reach_the_image(opened: Window) -> None:
    view = opened.viewport
    opened.actions_["invert"].trigger()
    assert view.view.invert
    opened.actions_["flip_horizontal"].trigger()
    assert view.view.flip_horizontal
    opened.actions_["rotate_right"].trigger()
    assert view.view.rotation == 1
    opened.actions_["rotate_left"].trigger()
    assert view.view.rotation == 0
    opened.actions_["one_to_one"].trigger()
    assert view.view.zoom == 1.0
    opened.actions_["zoom_in"].trigger()
    assert view.view.zoom == pytest.approx(1.25)
    opened.actions_["fit"].trigger()
    assert view.view.zoom is None
    opened.actions_["reset"].trigger()
    assert not view.view.invert
    assert not view.view.flip_horizontal


def test_presets_are_offered_for_hounsfield_units(opened: Window) -> None:
    names = [action.text() for action in opened.presets.actions()]
    assert names[0].startswith("Lung")
    opened.presets.actions()[0].trigger()
    assert (opened.viewport.voi.center, opened.viewport.voi.width) == (-600, 1500)


def test_presets_say_why_there_are_none_on_a_radiograph(window: Window, settle, radiograph: Path) -> None:
    window.open([radiograph])
    settle(window)
    action, _, _ = window.presets.actions()
    assert not action.isEnabled()


def test_page_keys_go_through_the_series(opened: Window, settle, radiograph: Path) -> None:
    opened.open([radiograph])
    settle(opened)
    every = opened.session.index.series()
    opened.show_series(every[0])
    QTest.keyClick(opened.viewport, Qt.Key.Key_PageDown)
    assert opened.session.active is every[1]
    QTest.keyClick(opened.viewport, Qt.Key.Key_PageDown)
    assert opened.session.active is every[1]
    QTest.keyClick(opened.viewport, Qt.Key.Key_PageUp)
    assert opened.session.active is every[0]


def test_undo_and_redo_say_what_they_do(opened: Window) -> None:
    undo, redo = opened.actions_["undo"], opened.actions_["redo"]
    assert not undo.isEnabled()
    measure(opened)
    assert undo.isEnabled()
    assert "add distance" in undo.text()
    QTest.keySequence(opened, QKeySequence("Ctrl+Z"))
    assert opened.session.document.measurements == ()
    assert not undo.isEnabled()
    assert "add distance" in redo.text()
    QTest.keySequence(opened, QKeySequence("Ctrl+Y"))
    assert len(opened.session.document.measurements) == 1


def test_full_screen_and_back(opened: Window) -> None:
    opened.actions_["full_screen"].trigger()
    assert opened.isFullScreen()
    assert opened.actions_["full_screen"].isChecked()
    opened.actions_["full_screen"].trigger()
    assert not opened.isFullScreen()
    assert not opened.actions_["full_screen"].isChecked()


def test_a_double_click_gives_the_image_the_whole_window_and_back(opened: Window) -> None:
    opened.right.hide()
    QTest.mouseDClick(opened.viewport, Qt.MouseButton.LeftButton, pos=QPoint(60, 60))
    assert not opened.left.isVisible()
    QTest.mouseDClick(opened.viewport, Qt.MouseButton.LeftButton, pos=QPoint(60, 60))
    assert opened.left.isVisible()
    assert not opened.right.isVisible()


def test_a_right_click_opens_the_menu(opened: Window, monkeypatch: pytest.MonkeyPatch) -> None:
    # Not shown: the offscreen platform warns that it cannot hold the keyboard for a menu.
    popped: list[QMenu] = []
    monkeypatch.setattr(QMenu, "popup", lambda menu, _: popped.append(menu))
    QTest.mouseClick(opened.viewport, Qt.MouseButton.RightButton, pos=QPoint(80, 80))
    (menu,) = popped
    assert opened.actions_["invert"] in menu.actions()
    inner = [QMenu.menuInAction(action) for action in menu.actions()]
    assert any(opened.actions_.for_tool(Tool.DISTANCE) in one.actions() for one in inner if isinstance(one, QMenu))
    menu.deleteLater()


def test_the_menu_of_a_measurement_names_and_deletes_it(opened: Window, monkeypatch: pytest.MonkeyPatch) -> None:
    popped: list[QMenu] = []
    monkeypatch.setattr(QMenu, "popup", lambda menu, _: popped.append(menu))
    measure(opened)
    scene = opened.viewport.scene()
    assert scene is not None
    QTest.mouseClick(opened.viewport, Qt.MouseButton.RightButton, pos=scene.mapping.to_widget((2.0, 7.0)).toPoint())
    (menu,) = popped
    name, delete, *_ = menu.actions()
    assert name.text() == "&Name the measurement…"
    name.trigger()
    assert opened.viewport.name_field is not None
    opened.viewport._close_field()
    delete.trigger()
    assert not opened.session.document.measurements
    menu.deleteLater()


def test_the_menu_key_opens_the_menu_too(opened: Window, monkeypatch: pytest.MonkeyPatch) -> None:
    popped: list[QMenu] = []
    monkeypatch.setattr(QMenu, "popup", lambda menu, _: popped.append(menu))
    asked = QContextMenuEvent(QContextMenuEvent.Reason.Keyboard, QPoint(1, 1), QPoint(1, 1))
    QApplication.sendEvent(opened.viewport, asked)
    assert asked.isAccepted()
    # The mouse says by itself whether it clicked or dragged.
    QApplication.sendEvent(
        opened.viewport, QContextMenuEvent(QContextMenuEvent.Reason.Mouse, QPoint(1, 1), QPoint(1, 1))
    )
    (menu,) = popped
    menu.deleteLater()


def test_buttons_have_the_tool_tip_of_their_command_with_the_key_that_it_has_now(window: Window) -> None:
    eye, folder = window.ai_panel.overlays_shown, window.area.empty.folder
    assert eye.toolTip() == window.objects_panel.shown.toolTip() == "Show overlays (Space)"
    assert folder.toolTip() == "Open a folder of images (Ctrl+O)"
    assert window.care.cine_bar.stop.toolTip() == "Play or stop cine (C)"
    window.arranging.set_grid(1, 2)
    presets = window.window_panel.presets
    assert "1–9" in presets.toolTip()
    window.actions_.rebind({"toggle_overlays": ["F7"], "toggle_cine": [], "preset_1": ["F8"]}, window.actions_.bindings)
    assert presets.toolTip() == "Window preset"
    assert eye.toolTip() == window.objects_panel.shown.toolTip() == "Show overlays (F7)"
    for view in window.views.each():
        assert window.care.cine_bar_of(view).stop.toolTip() == "Play or stop cine"


def test_grid_and_moving_together_are_back_after_a_restart(window: Window, qtbot, no_models: Path) -> None:
    window.actions_["grid_2x3"].trigger()
    window.actions_["link_zoom"].trigger()
    window.actions_["link_scroll"].trigger()
    together = window.views.together
    window.left.hide()
    window.tabs.setCurrentIndex(2)
    window.close()
    again = Window(Settings())
    qtbot.addWidget(again)
    assert (again.views.layout_.rows, again.views.layout_.columns) == (2, 3)
    assert again.views.together == together
    assert again.left.isHidden()
    assert not again.right.isHidden()
    assert again.tabs.currentIndex() == 2
    assert again.views.together.zoom
    assert not again.views.together.scroll
    assert again.actions_["grid_2x3"].isChecked()
    assert again.actions_["link_zoom"].isChecked()
    assert not again.actions_["link_scroll"].isChecked()
    again.dispatcher.close()


def test_fields_in_the_view_keep_their_keys(window: Window, tmp_path: Path, settle) -> None:
    window.open(phantoms.cine(tmp_path / "us.dcm"))
    settle(window)
    window.activateWindow()
    window.viewport.toggle_cine()
    rate = window.care.cine_bar.rate
    rate.setFocus()
    rate.selectAll()
    for key in (Qt.Key.Key_1, Qt.Key.Key_2, Qt.Key.Key_P, Qt.Key.Key_D, Qt.Key.Key_Tab):
        QTest.keyClick(QApplication.focusWidget(), key)
    assert rate.value() == 12
    assert window.viewport.tool() is Tool.WINDOW
    window.viewport.toggle_cine()


def test_without_an_image_its_commands_are_off(window: Window) -> None:
    for command in (*COMMANDS, *TOOLS.values()):
        if command.where is not Where.WINDOW:
            assert not window.actions_[command.name].isEnabled(), command.name


def test_the_list_of_keys_holds_every_key(opened: Window, monkeypatch: pytest.MonkeyPatch) -> None:
    shown: list[str] = []

    def look(dialog: QDialog) -> int:
        table = dialog.findChild(QTableWidget)
        shown.extend(table.item(row, 1).text() for row in range(table.rowCount()))
        dialog.deleteLater()
        return 0

    monkeypatch.setattr(QDialog, "exec", look)
    opened.actions_["shortcuts"].trigger()
    told = {key for keys in shown for key in keys.split(", ")} | set(shown)
    for command in (*COMMANDS, *TOOLS.values()):
        for key in command.keys:
            assert QKeySequence(key).toString(QKeySequence.SequenceFormat.NativeText) in told
    assert sum(len(entries) for _, entries in opened.actions_.key_groups()) < len(shown)


def test_the_value_under_the_pointer_is_in_the_status_bar(opened: Window) -> None:
    opened.viewport.probed.emit("x 1  y 2   40 HU")
    assert opened.status.probe.text() == "x 1  y 2   40 HU"


def test_the_research_use_line_is_always_there(opened: Window) -> None:
    from PySide6.QtWidgets import QLabel

    lines = [part for part in opened.status.findChildren(QLabel) if "Not for diagnosis" in part.text()]
    assert lines
    assert all(line.isVisible() for line in lines)
    opened.toggle_panels()
    assert all(line.isVisible() for line in lines)


# -- measurements ------------------------------------------------------------------------------------------------------


def test_measurements_are_listed_with_value_and_place(opened: Window) -> None:
    measure(opened)
    item = opened.measurements.list.item(0)
    # Ten columns of 0.4 mm.
    assert (item.text(), item.data(VALUES)) == ("Distance", ("4.00 mm",))
    assert item.data(WHERE) == f"Image {opened.viewport.index + 1}"


def test_a_click_on_a_measurement_goes_to_its_image(opened: Window) -> None:
    measure(opened)
    here = opened.viewport.index
    opened.viewport.set_index(0)
    opened.measurements.list.itemClicked.emit(opened.measurements.list.item(0))
    assert opened.viewport.index == here != 0


def test_renaming_and_deleting_can_be_undone(opened: Window) -> None:
    measure(opened)
    panel = opened.measurements
    opened.tabs.setCurrentWidget(panel)
    panel.list.setCurrentRow(0)
    panel.rename.click()
    field = panel.list.findChild(QLineEdit)
    assert field.text() == "Distance"
    field.setText("Nodule")
    QTest.keyClick(field, Qt.Key.Key_Return)
    # Let Qt take the field away before the test goes on.
    QApplication.processEvents()
    assert opened.session.document.measurements[0].name == "Nodule"
    panel.list.setCurrentRow(0)
    panel.list.setFocus()
    QTest.keyClick(panel.list, Qt.Key.Key_Delete)
    assert opened.session.document.measurements == ()
    assert panel.list.count() == 0
    opened.session.undo()
    assert panel.list.item(0).text() == "Nodule"
    opened.session.undo()
    assert panel.list.item(0).text() == "Distance"


def test_closing_asks_before_measurements_are_lost(opened: Window, ear) -> None:
    opened.keeping.switch(on=False)
    measure(opened)
    opened.actions_["close_studies"].trigger()
    assert "lost" in ear.heard[0].why
    assert opened.session.document.measurements
    ear.answer = "Close studies"
    opened.actions_["close_studies"].trigger()
    assert opened.session.index.studies == ()


def test_quitting_asks_too(opened: Window, ear) -> None:
    opened.keeping.switch(on=False)
    measure(opened)
    opened.close()
    assert opened.isVisible()
    ear.answer = "Quit"
    opened.close()
    assert not opened.isVisible()


def test_size_and_panels_are_kept_for_the_next_start(window: Window, qtbot, dressed, no_models: Path) -> None:
    # The offscreen screen is 800 × 800: a larger window would be cut to it.
    window.resize(790, 522)
    window.right.hide()
    window.close()
    from app.settings import Settings

    again = Window(Settings())
    qtbot.addWidget(again)
    again.show()
    assert (again.width(), again.height()) == (790, 522)
    assert not again.right.isVisible()
    again.close()
