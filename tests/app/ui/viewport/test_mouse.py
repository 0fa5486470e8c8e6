"""Hands on the viewport: window, pan, zoom, scroll."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QNativeGestureEvent, QPointingDevice
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.dicom.voi import Lut, Window, WindowFunction
from app.ui.viewport import Tool
from app.ui.viewport.mouse import dragged_window
from tests.app.ui.viewport.reading import CTRL, MIDDLE, RIGHT, Reading

CENTRE = QPointF(320, 240)


def numbers(reading: Reading) -> tuple[float, float]:
    """Centre and width of the window in force."""
    assert isinstance(reading.viewport.voi, Window)
    return reading.viewport.voi.center, reading.viewport.voi.width


# -- window ------------------------------------------------------------------------------------------------------------


def test_dragging_right_widens_and_down_raises_the_centre(ct: Reading) -> None:
    ct.viewport.set_voi(Window(40, 400))
    ct.drag(CENTRE, CENTRE + QPointF(10, 0))
    # A pixel is a four-hundredth of the width, or of the range 3000 − 0 a four-thousandth if that is more: 1, growing.
    assert numbers(ct) == pytest.approx((40, 410))
    ct.drag(CENTRE, CENTRE + QPointF(0, 5))
    assert numbers(ct) == pytest.approx((40 + 5 * 410 / 400, 410))


def test_a_drag_of_the_window_forgets_the_name_of_the_preset(ct: Reading) -> None:
    ct.viewport.set_preset(1)
    assert ct.viewport.voi == Window(-600, 1500, explanation="Lung")
    ct.drag(CENTRE, CENTRE + QPointF(1, 0))
    assert isinstance(ct.viewport.voi, Window)
    assert ct.viewport.voi.explanation == ""


def test_each_step_of_a_drag_tells_the_new_window(ct: Reading, qtbot: QtBot) -> None:
    with qtbot.waitSignals([ct.viewport.voiChanged] * 2, timeout=20_000):
        ct.drag(CENTRE, CENTRE + QPointF(3, 0), CENTRE + QPointF(6, 0))


def test_a_linear_window_never_gets_narrower_than_the_standard_allows() -> None:
    # PS3.3 C.11.2.1.2: LINEAR needs a width of 1 or more.
    assert dragged_window(Window(0, 5), -1000, 0, 4000).width == 1.0


def test_values_of_a_small_range_get_a_window_finer_than_one() -> None:
    fine = dragged_window(Window(2, 3), -500, 0, 10)
    assert fine.function is WindowFunction.LINEAR_EXACT
    assert 0 < fine.width < 1


def test_a_narrow_window_can_be_opened_again() -> None:
    assert dragged_window(Window(0, 1), 100, 0, 4000).width >= 100


def test_dragging_leaves_a_lookup_table_for_a_window_over_its_inputs() -> None:
    import numpy as np

    lut = Lut(np.arange(256, dtype=np.uint16), first=100, bits=8, explanation="HARDENED")
    window = dragged_window(lut, 0, 0, 4000)
    assert (window.center, window.width) == (228, 256)


def test_colour_is_never_windowed(cine: Reading) -> None:
    before = cine.viewport.snapshot()
    cine.drag(CENTRE, CENTRE + QPointF(60, 40))
    assert cine.viewport.voi is None
    assert cine.viewport.snapshot() == before


# -- pan and zoom ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("flip", "turns"), [(False, 0), (True, 0), (False, 1), (True, 3)])
def test_the_middle_button_moves_the_picture_with_the_pointer(ct: Reading, flip: bool, turns: int) -> None:
    if flip:
        ct.viewport.flip_horizontal()
    ct.viewport.rotate(turns)
    held = ct.under(CENTRE)
    ct.drag(CENTRE, CENTRE + QPointF(37, -21), button=MIDDLE)
    assert ct.under(CENTRE + QPointF(37, -21)) == pytest.approx(held)


@pytest.mark.parametrize(("flip", "turns"), [(False, 0), (True, 1)])
def test_ctrl_wheel_zooms_and_keeps_the_pixel_under_the_pointer(ct: Reading, flip: bool, turns: int) -> None:
    if flip:
        ct.viewport.flip_vertical()
    ct.viewport.rotate(turns)
    at = QPointF(410, 133)
    held = ct.under(at)
    before = ct.viewport.index
    ct.wheel(120, at, CTRL)
    ct.wheel(120, at, CTRL)
    assert ct.under(at) == pytest.approx(held)
    ct.wheel(-360, at, CTRL)
    assert ct.under(at) == pytest.approx(held)
    assert ct.viewport.index == before


def test_a_right_drag_upwards_magnifies_about_where_it_began(ct: Reading) -> None:
    ct.viewport.one_to_one()
    at = QPointF(300, 200)
    held = ct.under(at)
    ct.drag(at, at + QPointF(0, -30), at + QPointF(0, -60), button=RIGHT)
    assert ct.viewport.view.zoom is not None
    assert ct.viewport.view.zoom > 1.2
    assert ct.under(at) == pytest.approx(held)


def test_a_right_click_asks_for_the_menu_and_leaves_the_zoom_alone(ct: Reading, qtbot: QtBot) -> None:
    view = ct.viewport.view
    with qtbot.waitSignal(ct.viewport.contextMenuRequested, timeout=20_000) as asked:
        ct.drag(CENTRE, CENTRE + QPointF(2, -2), button=RIGHT)
    assert asked.args == [QPoint(322, 238)]
    assert ct.viewport.view == view


def test_a_right_drag_does_not_ask_for_the_menu(ct: Reading, qtbot: QtBot) -> None:
    with qtbot.assertNotEmitted(ct.viewport.contextMenuRequested):
        ct.drag(CENTRE, CENTRE + QPointF(0, 40), button=RIGHT)


def test_pan_and_zoom_tools_use_the_left_button(ct: Reading) -> None:
    ct.viewport.set_tool(Tool.PAN)
    held = ct.under(CENTRE)
    ct.drag(CENTRE, CENTRE + QPointF(20, 10))
    assert ct.under(CENTRE + QPointF(20, 10)) == pytest.approx(held)
    ct.viewport.set_tool(Tool.ZOOM)
    zoom = ct.viewport.view.zoom
    ct.drag(CENTRE, CENTRE + QPointF(0, -50))
    assert zoom is not None
    assert ct.viewport.view.zoom is not None
    assert ct.viewport.view.zoom > zoom


def test_a_double_click_asks_to_be_maximised(ct: Reading, qtbot: QtBot) -> None:
    with qtbot.waitSignal(ct.viewport.maximiseRequested, timeout=20_000):
        ct.double_click(CENTRE)


def test_a_second_button_does_not_disturb_a_drag(ct: Reading) -> None:
    ct.viewport.set_voi(Window(40, 400))
    ct.press(CENTRE)
    ct.press(CENTRE, MIDDLE)
    ct.release(CENTRE, MIDDLE)
    ct.move(CENTRE + QPointF(10, 0))
    assert numbers(ct) == pytest.approx((40, 410))


def test_a_pinch_on_the_touchpad_zooms_at_the_fingers(ct: Reading) -> None:
    at = QPointF(200, 300)
    held, before = ct.under(at), ct.at(0, 10).x() - ct.at(0, 0).x()
    pinch = QNativeGestureEvent(
        Qt.NativeGestureType.ZoomNativeGesture,
        QPointingDevice.primaryPointingDevice(),
        2,
        at,
        at,
        ct.viewport.mapToGlobal(at),
        0.25,
        QPointF(),
    )
    QApplication.sendEvent(ct.viewport, pinch)
    assert ct.under(at) == pytest.approx(held)
    assert ct.at(0, 10).x() - ct.at(0, 0).x() == pytest.approx(1.25 * before)


# -- scrolling ---------------------------------------------------------------------------------------------------------


def test_the_wheel_towards_the_reader_goes_on_and_stops_at_the_ends(ct: Reading) -> None:
    ct.viewport.set_index(0)
    ct.wheel(-120)
    assert ct.viewport.index == 1
    ct.wheel(-120)
    ct.wheel(-120)
    assert ct.viewport.index == 2
    ct.wheel(120)
    assert ct.viewport.index == 1


def test_fractions_of_a_notch_add_up(ct: Reading) -> None:
    ct.viewport.set_index(0)
    for _ in range(3):
        ct.wheel(-30)
    assert ct.viewport.index == 0
    ct.wheel(-30)
    assert ct.viewport.index == 1


def test_a_wheel_that_turns_back_starts_anew(ct: Reading) -> None:
    ct.viewport.set_index(1)
    ct.wheel(-90)
    ct.wheel(60)
    ct.wheel(60)
    assert ct.viewport.index == 0


def test_the_scroll_tool_walks_through_the_stack(long_ct: Reading) -> None:
    long_ct.viewport.set_tool(Tool.SCROLL)
    long_ct.viewport.set_index(0)
    # 480 px and 40 frames: 0.8 · 480 / 40 = 9.6 px a frame.
    long_ct.drag(CENTRE, *(CENTRE + QPointF(0, step) for step in (5, 10, 20, 49)))
    assert long_ct.viewport.index == 5


def test_the_slice_bar_goes_where_it_is_pressed_and_follows(long_ct: Reading, qtbot: QtBot) -> None:
    edge = long_ct.viewport.width() - 6
    with qtbot.waitSignal(long_ct.viewport.indexChanged, timeout=20_000):
        long_ct.press(QPointF(edge, 11))
    assert long_ct.viewport.index == 0
    long_ct.move(QPointF(edge - 200, 240))
    assert long_ct.viewport.index == 20
    long_ct.move(QPointF(edge, 5000))
    long_ct.release(QPointF(edge, 5000))
    assert long_ct.viewport.index == 39


def test_the_window_stays_while_scrolling(long_ct: Reading) -> None:
    long_ct.viewport.set_voi(Window(-900, 300))
    long_ct.wheel(-240)
    assert long_ct.viewport.voi == Window(-900, 300)


# -- probe -------------------------------------------------------------------------------------------------------------


def test_the_value_under_the_pointer_is_told_with_its_unit(ct: Reading, qtbot: QtBot) -> None:
    ct.viewport.set_index(2)
    with qtbot.waitSignal(ct.viewport.probed, timeout=20_000) as told:
        ct.hover(ct.at(7, 11))
    # 100·2 + 10·7 + 11 − 1024
    assert told.args == ["x 11  y 7   \u2212743 HU"]
    with qtbot.waitSignal(ct.viewport.probed, timeout=20_000) as told:
        ct.hover(QPointF(1, 1))
    assert told.args == [""]


def test_scrolling_under_a_resting_pointer_probes_the_new_frame(ct: Reading, qtbot: QtBot) -> None:
    ct.viewport.set_index(0)
    at = ct.at(7, 11)
    ct.hover(at)
    heard: list[str] = []
    ct.viewport.probed.connect(heard.append)
    ct.wheel(-120, at)
    assert heard[-1] == "x 11  y 7   \u2212843 HU"


@pytest.mark.parametrize("tool", list(Tool))
def test_each_tool_has_a_name_and_its_pointer(ct: Reading, tool: Tool, qtbot: QtBot) -> None:
    ct.viewport.set_tool(Tool.WINDOW if tool is not Tool.WINDOW else Tool.PAN)
    with qtbot.waitSignal(ct.viewport.toolChanged, timeout=20_000) as told:
        ct.viewport.set_tool(tool)
    assert told.args == [tool]
    moves = {Tool.WINDOW, Tool.PAN, Tool.ZOOM, Tool.SCROLL}
    assert (ct.viewport.cursor().shape() is Qt.CursorShape.CrossCursor) == (tool not in moves)
