"""What others lay over a viewport's image: lines of other views, a fused series. They paint, and may take drags."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import QPointF, QRectF, Qt

if TYPE_CHECKING:
    from PySide6.QtGui import QPainter

    from app.ui.viewport.picture import Shown

Drag = Callable[[QPointF, QPointF], None]
"""Called with the pointer's position and its way since the last call, in logical pixels."""


class ViewLayer(Protocol):
    """Lies between the image with its overlays and the measurements with the text."""

    def paint(self, painter: QPainter, what: Shown) -> None:
        """Draws over the image, in logical pixels."""

    def paint_legend(self, painter: QPainter, what: Shown, taken: Sequence[QRectF]) -> list[QRectF]:
        """Draws over the text what the layer says of itself, off the rectangles that are ``taken``; returns where."""

    def grab(self, position: QPointF, modifiers: Qt.KeyboardModifier, what: Shown) -> Drag | None:
        """The drag that begins where the left button goes down; ``None`` where there is nothing to take."""

    def release(self) -> None:
        """The drag ended."""

    def cursor(self, position: QPointF, what: Shown) -> Qt.CursorShape | None:
        """The pointer's shape over something that can be taken."""
