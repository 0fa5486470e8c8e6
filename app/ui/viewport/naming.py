"""A field on the image to write a measurement's name or a note's text into."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, Qt
from PySide6.QtWidgets import QLineEdit

from app.ui.language import tr

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtGui import QFocusEvent, QKeyEvent
    from PySide6.QtWidgets import QWidget

WIDTH = 220


class NameField(QLineEdit):
    """Lies over the viewport while a name is written. Enter and leaving it take the text; Esc takes nothing."""

    def __init__(self, parent: QWidget, place: QRectF, text: str, done: Callable[[str | None], None]) -> None:
        """``place``: what the field belongs to, in the widget; ``done``: called once, with the text or ``None``."""
        super().__init__(text, parent)
        self._done: Callable[[str | None], None] | None = done
        self.setAccessibleName(tr("Text on the image"))
        self.setPlaceholderText(tr("Text, then Enter"))
        self.setMaxLength(200)
        height = self.sizeHint().height()
        left = min(max(place.right() + 8, 4), max(parent.width() - WIDTH - 4, 4))
        top = min(max(place.center().y() - height / 2, 4), max(parent.height() - height - 4, 4))
        self.setGeometry(round(left), round(top), min(WIDTH, max(parent.width() - 8, 40)), height)
        self.selectAll()
        self.show()
        self.setFocus()

    def close_with(self, text: str | None, *, stay: bool = True) -> None:
        """Closes the field with ``text``. ``stay``: the viewport has the keys again."""
        done, self._done = self._done, None
        if done is None:
            return
        parent = self.parentWidget()
        self.hide()
        self.deleteLater()
        done(text)
        if parent is not None and stay:
            parent.setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter and Esc end it."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.close_with(self.text().strip())
        elif event.key() == Qt.Key.Key_Escape:
            self.close_with(None)
        else:
            super().keyPressEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """The reader went on: what was written counts."""
        super().focusOutEvent(event)
        if event.reason() != Qt.FocusReason.PopupFocusReason:
            self.close_with(self.text().strip(), stay=False)
