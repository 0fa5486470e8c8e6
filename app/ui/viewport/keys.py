"""Keys of a viewport that has focus. Those that are not here go on to the window."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt

from app.ui.viewport.tool import Tool

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtGui import QKeyEvent

    from app.ui.viewport.widget import Viewport

Key = Qt.Key

_LAST = 1 << 30
"""Further than any stack is long."""

_PLAIN: dict[Qt.Key, Callable[[Viewport], object]] = {
    Key.Key_Up: lambda view: view.step(-1),
    Key.Key_Down: lambda view: view.step(1),
    Key.Key_Left: lambda view: view.go_beside(-1),
    Key.Key_Right: lambda view: view.go_beside(1),
    Key.Key_Comma: lambda view: view.step_point(-1),
    Key.Key_Period: lambda view: view.step_point(1),
    Key.Key_Home: lambda view: view.step(-_LAST),
    Key.Key_End: lambda view: view.step(_LAST),
    Key.Key_0: lambda view: view.auto_window(),
    Key.Key_D: lambda view: view.set_tool(Tool.DISTANCE),
    Key.Key_A: lambda view: view.set_tool(Tool.ANGLE),
    Key.Key_I: lambda view: view.invert(),
    Key.Key_H: lambda view: view.flip_horizontal(),
    Key.Key_V: lambda view: view.flip_vertical(),
    Key.Key_R: lambda view: view.reset(),
    Key.Key_T: lambda view: view.toggle_text(),
    Key.Key_C: lambda view: view.toggle_cine(),
    Key.Key_Space: lambda view: view.toggle_overlays(),
    Key.Key_G: lambda view: view.toggle_graphics(),
    Key.Key_Escape: lambda view: view.escape(),
    Key.Key_Delete: lambda view: view.delete_selected(),
    Key.Key_Backspace: lambda view: view.delete_selected(),
    Key.Key_Return: lambda view: view.finish_drawing(),
    Key.Key_Enter: lambda view: view.finish_drawing(),
}
_SHIFTED: dict[Qt.Key, Callable[[Viewport], object]] = {
    Key.Key_Up: lambda view: view.step(-10),
    Key.Key_Down: lambda view: view.step(10),
}


def action_of(event: QKeyEvent) -> Callable[[Viewport], object] | None:
    """What the key does in a viewport, or ``None`` for one that is not its business."""
    modifiers = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
    try:
        key = Qt.Key(event.key())
    except ValueError:
        # A key of a foreign keyboard that Qt has no name for.
        return None
    if modifiers == Qt.KeyboardModifier.ShiftModifier:
        return _SHIFTED.get(key)
    if modifiers != Qt.KeyboardModifier.NoModifier:
        return None
    number = key.value - Key.Key_1.value
    if 0 <= number < 9:
        return lambda view: view.set_preset(number + 1)
    return _PLAIN.get(key)
