"""What the middle of the window shows while no image is there: what to do, that files are read, or what went wrong."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QHBoxLayout, QLabel, QStackedLayout, QVBoxLayout, QWidget

from app.ui import icons, theme
from app.ui.language import shown, tr
from app.ui.widgets import ProgressBar, button, elided, label
from app.ui.wording import sentence

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.errors import UserError

_WIDTH = 420
_RECENT_SHOWN = 4


class EmptyState(QWidget):
    """Three faces: ``welcome``, ``reading`` and ``trouble``. Emits what the user asks for."""

    open_folder = Signal()
    open_files = Signal()
    open_demo = Signal()
    open_recent = Signal(object)
    """A ``Path``."""
    cancel = Signal()
    show_skipped = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("emptyState")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._dropping = False
        self._faces = QStackedLayout(self)
        self._recent = QVBoxLayout()
        self._recent.setSpacing(0)
        self._recent_heading = label(tr("Recent"), "section")
        self._faces.addWidget(self._welcome())
        self._progress = ProgressBar()
        self._progress.setTextVisible(False)
        self._progress.setRange(0, 1000)
        self._progress.setAccessibleName(tr("Reading files"))
        self._activity = label(tr("Reading files"), "heading")
        self._faces.addWidget(self._reading())
        self._trouble_what = label("", "title", wrap=True)
        self._trouble_why = label("", "quiet", wrap=True)
        self._trouble_now = label("", wrap=True)
        self._skipped_link = button(tr("Which files were skipped?"), link=True)
        self._skipped_link.clicked.connect(self.show_skipped)
        self._faces.addWidget(self._trouble())

    # -- faces ---------------------------------------------------------------------------------------------------

    def welcome(self, recent: Sequence[str] = ()) -> None:
        """Nothing is open: says how to begin. ``recent``: paths opened lately."""
        while self._recent.count():
            item = self._recent.takeAt(0)
            widget = item.widget() if item is not None else None
            if widget is not None:
                widget.deleteLater()
        shown = [text for text in recent if text][:_RECENT_SHOWN]
        self._recent_heading.setVisible(bool(shown))
        for text in shown:
            entry = button(elided(text, 52), "clock-counter-clockwise", link=True)
            entry.setToolTip(text)
            entry.clicked.connect(lambda _=False, path=Path(text): self.open_recent.emit(path))
            self._recent.addWidget(entry, 0, Qt.AlignmentFlag.AlignLeft)
        self._faces.setCurrentIndex(0)

    def reading(self, activity: str, fraction: float = 0.0) -> None:
        """Files are being read, ``fraction`` of them done."""
        self._activity.setText(shown(activity))
        self._progress.setValue(round(fraction * 1000))
        self._faces.setCurrentIndex(1)

    def trouble(self, fault: UserError, *, skipped: bool = False) -> None:
        """Nothing can be shown, and why. ``skipped``: a list of files tells more."""
        self._trouble_what.setText(shown(fault.what))
        self._trouble_why.setText(sentence(fault.why))
        self._trouble_why.setVisible(bool(fault.why))
        self._trouble_now.setText(shown(fault.what_now))
        self._trouble_now.setVisible(bool(fault.what_now))
        self._skipped_link.setVisible(skipped)
        self._faces.setCurrentIndex(2)

    @property
    def face(self) -> str:
        """Which face is shown."""
        return ("welcome", "reading", "trouble")[self._faces.currentIndex()]

    def set_dropping(self, dropping: bool) -> None:
        """Files hang over the window: mark where they would land."""
        if dropping != self._dropping:
            self._dropping = dropping
            self.update()

    # -- how they are built --------------------------------------------------------------------------------------

    @staticmethod
    def _column() -> tuple[QWidget, QVBoxLayout]:
        page = QWidget()
        outer = QHBoxLayout(page)
        outer.setContentsMargins(theme.SPACE * 3, theme.SPACE * 3, theme.SPACE * 3, theme.SPACE * 3)
        column = QVBoxLayout()
        column.setSpacing(theme.SPACE)
        holder = QWidget()
        holder.setMaximumWidth(_WIDTH)
        holder.setLayout(column)
        outer.addStretch(1)
        outer.addWidget(holder, 10)
        outer.addStretch(1)
        column.setContentsMargins(0, 0, 0, 0)
        return page, column

    def _welcome(self) -> QWidget:
        page, column = self._column()
        mark = QLabel()
        mark.setPixmap(icons.application_icon().pixmap(72, 72))
        mark.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        title = label(tr("Open a study"), "title")
        title.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        how = label(tr("Drop DICOM files or folders here, or choose them."), "quiet")
        how.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self.folder = folder = button(tr("Open folder…"), "folder-open", primary=True)
        folder.clicked.connect(self.open_folder)
        self.files = files = button(tr("Open files…"), "files")
        files.clicked.connect(self.open_files)
        buttons = QHBoxLayout()
        buttons.setSpacing(theme.SPACE)
        buttons.addStretch(1)
        buttons.addWidget(folder)
        buttons.addWidget(files)
        buttons.addStretch(1)
        demo = button(tr("Try the demo"), "play-circle", link=True)
        demo.clicked.connect(self.open_demo)
        told = label(
            tr("A chest radiograph, CT, MR and an ultrasound cine, with the lung fields marked by AI."), "small"
        )
        told.setWordWrap(True)
        told.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(3)
        column.addWidget(mark)
        column.addSpacing(theme.SPACE)
        column.addWidget(title)
        column.addWidget(how)
        column.addSpacing(theme.SPACE)
        column.addLayout(buttons)
        column.addSpacing(theme.SPACE * 2)
        column.addWidget(demo, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addWidget(told)
        column.addSpacing(theme.SPACE * 2)
        column.addWidget(self._recent_heading)
        column.addLayout(self._recent)
        column.addStretch(4)
        return page

    def _reading(self) -> QWidget:
        page, column = self._column()
        stop = button(tr("Cancel"))
        stop.clicked.connect(self.cancel)
        self._activity.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(3)
        column.addWidget(self._activity)
        column.addWidget(self._progress)
        column.addSpacing(theme.SPACE)
        column.addWidget(stop, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(4)
        return page

    def _trouble(self) -> QWidget:
        page, column = self._column()
        mark = QLabel()
        mark.setPixmap(icons.pixmap("warning-circle", 48, theme.WARNING))
        self.other = other = button(tr("Open another folder…"), "folder-open")
        other.clicked.connect(self.open_folder)
        column.addStretch(3)
        column.addWidget(mark)
        column.addSpacing(theme.SPACE // 2)
        column.addWidget(self._trouble_what)
        column.addWidget(self._trouble_why)
        column.addWidget(self._trouble_now)
        column.addSpacing(theme.SPACE)
        row = QHBoxLayout()
        row.addWidget(other)
        row.addWidget(self._skipped_link)
        row.addStretch(1)
        column.addLayout(row)
        column.addStretch(4)
        return page

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draws the place to drop files on: a dashed frame, in the accent while they hang over it."""
        super().paintEvent(event)
        if self._faces.currentIndex() != 0:
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        pen = QPen(QColor(theme.ACCENT if self._dropping else theme.LINE), 2 if self._dropping else 1)
        pen.setDashPattern([6, 5])
        painter.setPen(pen)
        inset = float(theme.SPACE * 3)
        frame = QRectF(self.rect()).adjusted(inset, inset, -inset, -inset)
        painter.drawRoundedRect(frame.translated(QPointF(0.5, 0.5)), 12, 12)
        painter.end()
