"""What the mouse's buttons and wheel do on an image, which the reader may change."""

from __future__ import annotations

from dataclasses import dataclass, fields
from enum import Enum
from typing import TYPE_CHECKING, Any

from inference.words import say

if TYPE_CHECKING:
    from collections.abc import Mapping


class Drag(Enum):
    """What a drag does; the value is its name on screen."""

    TOOL = say("The active tool")
    WINDOW = say("Window")
    PAN = say("Pan")
    ZOOM = say("Zoom")
    SCROLL = say("Scroll through the images")
    PROBE = say("Probe values")
    NOTHING = say("Nothing")


class Turn(Enum):
    """What turning the wheel does; the value is its name on screen."""

    SCROLL = say("Scroll through the images")
    POINTS = say("Through phases, time points, echoes or b-values")
    ZOOM = say("Zoom")
    NOTHING = say("Nothing")


@dataclass(frozen=True)
class Bindings:
    """The usual ones, unless the reader chose others. A right click without a drag is always the menu, and what lies
    under the pointer (a measurement, the bar of slices) is always the left button's."""

    left: Drag = Drag.TOOL
    middle: Drag = Drag.PAN
    right: Drag = Drag.ZOOM
    wheel: Turn = Turn.SCROLL
    shift_wheel: Turn = Turn.POINTS
    ctrl_wheel: Turn = Turn.ZOOM

    @staticmethod
    def of(names: Mapping[str, str]) -> Bindings:
        """From the names in the settings; what is not known there keeps its default."""
        chosen: dict[str, Any] = {}
        for field in fields(Bindings):
            kind = KINDS[field.name]
            if names.get(field.name) in kind.__members__:
                chosen[field.name] = kind[names[field.name]]
        return Bindings(**chosen)

    def changed(self) -> dict[str, str]:
        """What differs from the usual, by name, for the settings."""
        found = {}
        for field in fields(self):
            value = getattr(self, field.name)
            if value is not field.default:
                found[field.name] = value.name
        return found

    def reaches_the_tool(self) -> bool:
        """Whether any button is the active tool: without one, nothing can be measured."""
        return Drag.TOOL in (self.left, self.middle, self.right)


TITLES = {
    "left": say("Left drag"),
    "middle": say("Middle drag"),
    "right": say("Right drag"),
    "wheel": say("Wheel"),
    "shift_wheel": say("Shift + wheel"),
    "ctrl_wheel": say("Ctrl + wheel"),
}
"""How each is called on screen."""
KINDS: dict[str, type[Drag | Turn]] = {name: Turn if "wheel" in name else Drag for name in TITLES}
"""What each may be bound to."""
