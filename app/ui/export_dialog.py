"""What to export and where to; then progress, and what was written."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QFileDialog,
    QHBoxLayout,
    QLineEdit,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.report.export import FORMATS
from app.ui import icons, theme
from app.ui.ai_panel import RESEARCH_USE
from app.ui.language import shown, tr, tr_n
from app.ui.widgets import ProgressBar, button, label
from inference.words import raised, say

if TYPE_CHECKING:
    from collections.abc import Sequence

_HELP = {
    "pdf": say("Key images, measurements and AI results on pages to read or print"),
    "seg": say("The masks, for other DICOM programs; refers to the source images"),
    "nifti": say("The masks as a label map, for research tools"),
    "dicom": say("The series that a model made, marked as such; refers to the source images"),
    "png": say("The image on screen with overlay and measurements, without the patient's name"),
    "json": say("Scores, measures, model and version, for scripts"),
}
_ORDER = ("pdf", "seg", "nifti", "dicom", "png", "json")


class ExportDialog(QDialog):
    """Three pages: choose, progress, done. It writes nothing itself: ``requested`` asks for it."""

    requested = Signal(object, object)
    """(folder, tuple of formats)"""
    cancelled = Signal()

    def __init__(
        self,
        what: str,
        folder: Path,
        formats: Sequence[str],
        unavailable: dict[str, str],
        parent: QWidget | None = None,
    ) -> None:
        """``what``: the series in words. ``unavailable``: format → why it cannot be made now."""
        super().__init__(parent)
        self.setWindowTitle(tr("Export"))
        self.setMinimumWidth(520)
        self._running = False
        self._pages = QStackedWidget()
        self.boxes: dict[str, QCheckBox] = {}
        self.folder = QLineEdit(str(folder))
        self.folder.setAccessibleName(tr("Folder to write to"))
        self.folder.textChanged.connect(self._arrange)
        self.start = button(tr("Export"), "export", primary=True)
        self.start.setDefault(True)
        self.start.clicked.connect(self._request)
        self._pages.addWidget(self._choosing(what, formats, unavailable))
        self.progress = ProgressBar()
        self.progress.setRange(0, 1000)
        self.progress.setTextVisible(False)
        self.progress.setAccessibleName(tr("Export progress"))
        self._pages.addWidget(self._working())
        self._summary = label("", "heading", wrap=True)
        self._files = label("", "quiet", wrap=True, selectable=True)
        self._notes = label("", "warning", wrap=True)
        self.open_folder = button(tr("Open folder"), "folder-open")
        self.open_folder.clicked.connect(self._open_folder)
        self._pages.addWidget(self._done())
        column = QVBoxLayout(self)
        column.setContentsMargins(*[theme.SPACE * 2] * 4)
        column.addWidget(self._pages)
        self._arrange()

    # -- pages -----------------------------------------------------------------------------------------------------

    def _choosing(self, what: str, formats: Sequence[str], unavailable: dict[str, str]) -> QWidget:
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.SPACE)
        column.addWidget(label(what, "heading", wrap=True))
        for name in (*_ORDER, *(extra for extra in FORMATS if extra not in _ORDER)):
            title = shown(raised(FORMATS[name]))
            box = QCheckBox(title)
            reason = unavailable.get(name, "")
            box.setEnabled(not reason)
            box.setChecked(name in formats and not reason)
            box.toggled.connect(self._arrange)
            self.boxes[name] = box
            about = reason or shown(_HELP.get(name, ""))
            told = label(about, "small", wrap=True)
            told.setContentsMargins(24, 0, 0, 4)
            box.setAccessibleDescription(about)
            column.addWidget(box)
            column.addWidget(told)
        line = QHBoxLayout()
        line.setSpacing(theme.SPACE)
        line.addWidget(label(tr("Folder")))
        line.addWidget(self.folder, 1)
        choose = button(tr("Choose…"), "folder-open")
        choose.clicked.connect(self._choose_folder)
        line.addWidget(choose)
        column.addSpacing(theme.SPACE // 2)
        column.addLayout(line)
        column.addWidget(
            label(tr("Reports hold the patient's name. Files of the same names are replaced."), "small", wrap=True)
        )
        column.addWidget(label(RESEARCH_USE, "warning"))
        foot = QHBoxLayout()
        foot.setSpacing(theme.SPACE)
        foot.addStretch(1)
        close = button(tr("Cancel"))
        close.clicked.connect(self.reject)
        foot.addWidget(close)
        foot.addWidget(self.start)
        column.addSpacing(theme.SPACE)
        column.addLayout(foot)
        return page

    def _working(self) -> QWidget:
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.SPACE)
        column.addStretch(1)
        column.addWidget(label(tr("Writing…"), "heading"))
        column.addWidget(self.progress)
        stop = button(tr("Cancel"))
        stop.clicked.connect(self.cancelled)
        column.addSpacing(theme.SPACE)
        column.addWidget(stop, 0, Qt.AlignmentFlag.AlignRight)
        column.addStretch(1)
        return page

    def _done(self) -> QWidget:
        page = QWidget()
        column = QVBoxLayout(page)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.SPACE)
        head = QHBoxLayout()
        head.setSpacing(theme.SPACE)
        mark = label()
        mark.setPixmap(icons.pixmap("check-circle", 24, theme.SUCCESS))
        head.addWidget(mark)
        head.addWidget(self._summary, 1)
        column.addLayout(head)
        column.addWidget(self._files)
        column.addWidget(self._notes)
        column.addStretch(1)
        foot = QHBoxLayout()
        foot.setSpacing(theme.SPACE)
        foot.addStretch(1)
        foot.addWidget(self.open_folder)
        close = button(tr("Close"), primary=True)
        close.clicked.connect(self.accept)
        foot.addWidget(close)
        column.addLayout(foot)
        return page

    # -- what it is told -------------------------------------------------------------------------------------------

    def show_progress(self, fraction: float) -> None:
        """The files are being made."""
        self._running = True
        self.progress.setValue(round(fraction * 1000))
        self._pages.setCurrentIndex(1)

    def show_choices(self) -> None:
        """Back to the first page: cancelled or failed."""
        self._running = False
        self._pages.setCurrentIndex(0)

    def show_done(self, files: Sequence[Path], notes: Sequence[str] = ()) -> None:
        """What was written."""
        self._running = False
        self._written = Path(self.folder.text())
        self._summary.setText(tr_n("%n file written", "%n files written", len(files)))
        self._files.setText("\n".join(str(file) for file in files))
        self._notes.setText("\n".join(map(shown, notes)))
        self._notes.setVisible(bool(notes))
        self._pages.setCurrentIndex(2)

    @property
    def page(self) -> str:
        """Which page is shown."""
        return ("choosing", "working", "done")[self._pages.currentIndex()]

    @property
    def formats(self) -> tuple[str, ...]:
        """What is ticked."""
        return tuple(name for name, box in self.boxes.items() if box.isChecked())

    @property
    def told(self) -> str:
        """What the last page says."""
        return "\n".join(part.text() for part in (self._summary, self._files, self._notes) if part.text())

    # -- what the user does ----------------------------------------------------------------------------------------

    def _arrange(self) -> None:
        self.start.setEnabled(bool(self.formats) and bool(self.folder.text().strip()))

    def _request(self) -> None:
        self.requested.emit(Path(self.folder.text().strip()).expanduser(), self.formats)

    def _choose_folder(self) -> None:
        chosen = QFileDialog.getExistingDirectory(self, tr("Folder to write to"), self.folder.text())
        if chosen:
            self.folder.setText(chosen)

    def _open_folder(self) -> None:
        QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._written)))

    def reject(self) -> None:
        """Escape or closing while files are made cancels that, and only that."""
        if self._running:
            self.cancelled.emit()
        else:
            super().reject()
