"""The bar above an image that says what the reader must know about the series."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from app.ui import icons, theme
from app.ui.widgets import button, icon_button, label

if TYPE_CHECKING:
    from collections.abc import Sequence


class Notice(QFrame):
    """One line and a way to the others; closed by the reader, and back with the next series."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("notice")
        self._texts: tuple[str, ...] = ()
        line = QHBoxLayout(self)
        line.setContentsMargins(12, 4, 6, 4)
        line.setSpacing(theme.SPACE)
        mark = QLabel()
        mark.setPixmap(icons.pixmap("warning", 16, theme.WARNING))
        line.addWidget(mark)
        self._column = QVBoxLayout()
        self._column.setSpacing(2)
        self._label = label("", wrap=True, selectable=True)
        self._column.addWidget(self._label)
        line.addLayout(self._column, 1)
        self.more = button("", link=True)
        self.more.clicked.connect(self._toggle)
        line.addWidget(self.more)
        close = icon_button("x", "Close this notice")
        close.clicked.connect(self.hide)
        line.addWidget(close)
        self._whole = False
        self.hide()

    def show_texts(self, texts: Sequence[str]) -> None:
        """Shows ``texts``, the first of them at once; hidden where there is none."""
        self._texts = tuple(texts)
        self._whole = False
        self._arrange()

    @property
    def text(self) -> str:
        """What it says now."""
        return self._label.text()

    def _toggle(self) -> None:
        self._whole = not self._whole
        self._arrange()

    def _arrange(self) -> None:
        self.setVisible(bool(self._texts))
        if not self._texts:
            return
        self._label.setText("\n".join(self._texts) if self._whole else self._texts[0])
        self.more.setVisible(len(self._texts) > 1)
        self.more.setText("Fewer" if self._whole else f"{len(self._texts) - 1} more")
