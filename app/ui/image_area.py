"""The middle of the window: the image, or the empty state."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from app.ui.empty_state import EmptyState
from app.ui.file_window import DropMark

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
        self._drop = DropMark(self)

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
        self._drop.show_over_parent(shown=dropping and self.shows_image)
