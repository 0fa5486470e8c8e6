"""The middle of the window: the image, or the empty state."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QLabel, QStackedWidget, QVBoxLayout, QWidget

from app.ui import theme
from app.ui.empty_state import EmptyState
from app.ui.language import tr

if TYPE_CHECKING:
    from app.ui.views import Views


class ImageArea(QStackedWidget):
    """Holds the views, with a bar for what they show together, and the empty state."""

    def __init__(self, views: Views, bar: QWidget, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.empty = EmptyState()
        self._images = QWidget()
        column = QVBoxLayout(self._images)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(bar)
        column.addWidget(views, 1)
        self.addWidget(self.empty)
        self.addWidget(self._images)
        self._drop = _DropMark(self)
        self._drop.hide()

    def show_image(self) -> None:
        """The views."""
        self.setCurrentWidget(self._images)

    def show_empty(self) -> None:
        """The empty state, in whichever face it has."""
        self.setCurrentWidget(self.empty)

    @property
    def shows_image(self) -> bool:
        """Whether the views are in front."""
        return self.currentWidget() is self._images

    def set_dropping(self, dropping: bool) -> None:
        """Files hang over the window."""
        self.empty.set_dropping(dropping)
        self._drop.setVisible(dropping and self.shows_image)
        self._drop.setGeometry(self.rect())
        self._drop.raise_()


class _DropMark(QLabel):
    """Says over an image that files may be dropped."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(tr("Drop to open"), parent)
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
