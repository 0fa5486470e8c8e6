"""What the left mouse button does."""

from __future__ import annotations

from enum import Enum

from PySide6.QtCore import Qt

from app.core.document import MeasurementKind


class Tool(Enum):
    """The active tool; the value is its name on screen."""

    WINDOW = "Window"
    PAN = "Pan"
    ZOOM = "Zoom"
    SCROLL = "Scroll"
    PROBE = "Probe"
    DISTANCE = "Distance"
    ANGLE = "Angle"
    COBB = "Cobb angle"
    BIDIRECTIONAL = "Bidirectional"
    RECTANGLE = "Rectangle"
    ELLIPSE = "Ellipse"
    POLYGON = "Polygon"
    FREEHAND = "Freehand"
    POINT = "Point"
    ARROW = "Arrow"
    TEXT = "Text"
    CALIBRATE = "Calibrate"

    @property
    def kind(self) -> MeasurementKind | None:
        """The measurement that this tool draws, or ``None``. Calibrating draws a line too, and keeps none."""
        return _KINDS.get(self)

    @property
    def cursor(self) -> Qt.CursorShape:
        """The pointer's shape over an image while the tool waits."""
        if self.kind is not None or self is Tool.PROBE:
            return Qt.CursorShape.CrossCursor
        return _CURSORS.get(self, Qt.CursorShape.ArrowCursor)


_KINDS = {Tool(kind.value): kind for kind in MeasurementKind} | {Tool.CALIBRATE: MeasurementKind.DISTANCE}

_CURSORS = {
    Tool.PAN: Qt.CursorShape.OpenHandCursor,
    Tool.ZOOM: Qt.CursorShape.SizeFDiagCursor,
    Tool.SCROLL: Qt.CursorShape.SizeVerCursor,
}
