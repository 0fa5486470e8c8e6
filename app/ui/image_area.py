"""The middle of the window: the image, or the empty state."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QLabel, QStackedWidget, QWidget

from app.ui import theme
from app.ui.empty_state import EmptyState

if TYPE_CHECKING:
    from app.ui.viewport import Viewport


class ImageArea(QStackedWidget):
    """Holds the viewport and the empty state."""

    def __init__(self, viewport: Viewport, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.viewport = viewport
        self.empty = EmptyState()
        self.addWidget(self.empty)
        self.addWidget(viewport)
        self._drop = _DropMark(self)
        self._drop.hide()

    def show_image(self) -> None:
        """The viewport."""
        self.setCurrentWidget(self.viewport)

    def show_empty(self) -> None:
        """The empty state, in whichever face it has."""
        self.setCurrentWidget(self.empty)

    @property
    def shows_image(self) -> bool:
        """Whether the viewport is in front."""
        return self.currentWidget() is self.viewport

    def set_dropping(self, dropping: bool) -> None:
        """Files hang over the window."""
        self.empty.set_dropping(dropping)
        self._drop.setVisible(dropping and self.shows_image)
        self._drop.setGeometry(self.rect())
        self._drop.raise_()


class _DropMark(QLabel):
    """Says over an image that files may be dropped."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__("Drop to open", parent)
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.setProperty("role", "title")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)

    def paintEvent(self, event: QPaintEvent) -> None:
        """A veil and a frame."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(self.rect(), QColor(0, 0, 0, 170))
        pen = QPen(QColor(theme.ACCENT), 2)
        pen.setDashPattern([6, 5])
        painter.setPen(pen)
        inset = float(theme.SPACE * 3)
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(inset, inset, -inset, -inset), 12, 12)
        painter.end()
        super().paintEvent(event)
