"""What the left mouse button does."""

from __future__ import annotations

from enum import Enum

from PySide6.QtCore import Qt

from app.core.document import MeasurementKind
from inference.words import say


class Tool(Enum):
    """The active tool; the value is its name on screen."""

    WINDOW = say("Window")
    PAN = say("Pan")
    ZOOM = say("Zoom")
    SCROLL = say("Scroll")
    PROBE = say("Probe")
    DISTANCE = say("Distance")
    ANGLE = say("Angle")
    COBB = say("Cobb angle")
    BIDIRECTIONAL = say("Bidirectional")
    RECTANGLE = say("Rectangle")
    ELLIPSE = say("Ellipse")
    POLYGON = say("Polygon")
    FREEHAND = say("Freehand")
    POINT = say("Point")
    ARROW = say("Arrow")
    TEXT = say("Text")
    CALIBRATE = say("Calibrate")
    BRUSH = say("Brush")
    ERASER = say("Eraser")

    @property
    def kind(self) -> MeasurementKind | None:
        """The measurement that this tool draws, or ``None``. Calibrating draws a line too, and keeps none."""
        return _KINDS.get(self)

    @property
    def paints(self) -> bool:
        """It edits masks."""
        return self in (Tool.BRUSH, Tool.ERASER)

    @property
    def cursor(self) -> Qt.CursorShape:
        """The pointer's shape over an image while the tool waits."""
        if self.kind is not None or self.paints or self is Tool.PROBE:
            return Qt.CursorShape.CrossCursor
        return _CURSORS.get(self, Qt.CursorShape.ArrowCursor)


_KINDS = {Tool(kind.value): kind for kind in MeasurementKind} | {Tool.CALIBRATE: MeasurementKind.DISTANCE}

_CURSORS = {
    Tool.PAN: Qt.CursorShape.OpenHandCursor,
    Tool.ZOOM: Qt.CursorShape.SizeFDiagCursor,
    Tool.SCROLL: Qt.CursorShape.SizeVerCursor,
}
