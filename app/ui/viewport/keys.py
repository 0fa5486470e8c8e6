"""Keys of a viewport that has focus. Those that are not here go on to the window.

What a viewport does without the window is in ``VERBS``, by the name of its command, with the keys that it has unless
the reader chose others. A `KeyTable` is what is in force; all viewports share the window's.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QKeyCombination, Qt
from PySide6.QtGui import QKeySequence

from app.ui.viewport.tool import Tool

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from PySide6.QtGui import QKeyEvent

    from app.ui.viewport.widget import Viewport

    Act = Callable[[Viewport], object]

_LAST = 1 << 30
"""Further than any stack is long."""


@dataclass(frozen=True)
class Verb:
    """``keys``: in Qt's portable notation. ``act`` returns False where there was nothing to do: the key goes on."""

    keys: tuple[str, ...]
    act: Act


VERBS: dict[str, Verb] = {
    "previous_image": Verb(("Up",), lambda view: view.step(-1)),
    "next_image": Verb(("Down",), lambda view: view.step(1)),
    "ten_back": Verb(("Shift+Up",), lambda view: view.step(-10)),
    "ten_on": Verb(("Shift+Down",), lambda view: view.step(10)),
    "first_image": Verb(("Home",), lambda view: view.step(-_LAST)),
    "last_image": Verb(("End",), lambda view: view.step(_LAST)),
    "previous_view": Verb(("Left",), lambda view: view.go_beside(-1)),
    "next_view": Verb(("Right",), lambda view: view.go_beside(1)),
    "previous_point": Verb((",",), lambda view: view.step_point(-1)),
    "next_point": Verb((".",), lambda view: view.step_point(1)),
    "auto_window": Verb(("0",), lambda view: view.auto_window()),
    "tool_distance": Verb(("D",), lambda view: view.set_tool(Tool.DISTANCE)),
    "tool_angle": Verb(("A",), lambda view: view.set_tool(Tool.ANGLE)),
    "invert": Verb(("I",), lambda view: view.invert()),
    "flip_horizontal": Verb(("H",), lambda view: view.flip_horizontal()),
    "flip_vertical": Verb(("V",), lambda view: view.flip_vertical()),
    "magnifier": Verb(("M",), lambda view: view.magnify()),
    "reset": Verb(("R",), lambda view: view.reset()),
    "toggle_text": Verb(("T",), lambda view: view.toggle_text()),
    "toggle_cine": Verb(("C",), lambda view: view.toggle_cine()),
    "toggle_overlays": Verb(("Space",), lambda view: view.toggle_overlays()),
    "toggle_graphics": Verb(("G",), lambda view: view.toggle_graphics()),
    "finish_drawing": Verb(("Return", "Enter"), lambda view: view.finish_drawing()),
    "escape": Verb(("Esc",), lambda view: view.escape()),
    "delete_selected": Verb(("Del", "Backspace"), lambda view: view.delete_selected()),
    **{f"preset_{n}": Verb((str(n),), lambda view, n=n: view.set_preset(n)) for n in range(1, 10)},  # type: ignore[misc]
}


class KeyTable:
    """Which key does what. ``keys``: command → keys in Qt's portable notation; of commands that it does not name, those
    of ``VERBS`` hold."""

    def __init__(self, keys: Mapping[str, Sequence[str]] | None = None) -> None:
        self._acts: dict[int, Act] = {}
        for name, verb in VERBS.items():
            for key in (keys or {}).get(name, verb.keys):
                self._acts[_code(key)] = verb.act

    def act_of(self, event: QKeyEvent) -> Act | None:
        """What the key does in a viewport, or ``None`` for one that is not its business."""
        modifiers = event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier
        act = self._acts.get(modifiers.value | event.key())
        if act is None and modifiers == Qt.KeyboardModifier.ShiftModifier and _is_sign(event.text()):
            # A sign that this keyboard has on the upper half of a key.
            act = self._acts.get(event.key())
        return act


def _code(key: str) -> int:
    """Modifiers and key of a combination, as one number."""
    # The stubs leave out that a sequence has items.
    combination: QKeyCombination = QKeySequence(key)[0]  # type: ignore[index]
    return combination.toCombined()


def _is_sign(text: str) -> bool:
    return len(text) == 1 and text.isprintable() and not text.isalnum() and not text.isspace()
