"""A window that files and folders may be dropped on."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QMimeData, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QDragEnterEvent, QDragLeaveEvent, QDropEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QLabel, QMainWindow, QWidget

from app.ui import theme
from app.ui.language import tr


class FileWindow(QMainWindow):
    """Tells what is dropped anywhere on it that does not take it itself."""

    filesHover = Signal(bool)
    """Files hang over the window, or went on."""
    filesDropped = Signal(list)
    """``Path``s, one at least."""

    def __init__(self) -> None:
        super().__init__()
        self.setAcceptDrops(True)

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Files of this machine are welcome."""
        if _files_in(event.mimeData()):
            event.acceptProposedAction()
            self.filesHover.emit(True)

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:
        """They went on."""
        self.filesHover.emit(False)

    def dropEvent(self, event: QDropEvent) -> None:
        """They were dropped."""
        self.filesHover.emit(False)
        paths = _files_in(event.mimeData())
        if paths:
            event.acceptProposedAction()
            self.filesDropped.emit(paths)


def _files_in(data: QMimeData) -> list[Path]:
    """The files and folders of this machine among what is dragged."""
    return [Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile()]


class DropMark(QLabel):
    """A veil over ``parent`` that says that files may be dropped. Hidden until it is asked for."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(tr("Drop to open"), parent)
        self._below = parent
        self.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.setProperty("role", "title")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.hide()

    def show_over_parent(self, *, shown: bool) -> None:
        """All of the parent, above everything in it."""
        self.setVisible(shown)
        self.setGeometry(self._below.rect())
        self.raise_()

    def paintEvent(self, event: QPaintEvent) -> None:
        """A veil and a frame."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(self.rect(), QColor(0, 0, 0, 170))
        pen = QPen(QColor(theme.ACCENT), 2)
        pen.setDashPattern([6, 5])
        painter.setPen(pen)
        # around the texts in the corners of a view, not through them
        inset = theme.SPACE / 2
        painter.drawRoundedRect(QRectF(self.rect()).adjusted(inset, inset, -inset, -inset), 12, 12)
        painter.end()
        super().paintEvent(event)
