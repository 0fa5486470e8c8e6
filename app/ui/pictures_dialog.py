"""Which pictures to write, how, and where to; then progress, and what was written."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QUrl, Signal
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QFileDialog,
    QFormLayout,
    QHBoxLayout,
    QLineEdit,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from app.report.moving import why_no_mp4
from app.report.stills import STILLS
from app.ui import icons, theme
from app.ui.language import shown, tr, tr_n
from app.ui.viewport.still import StillOptions
from app.ui.widgets import ProgressBar, button, label
from inference.words import say

if TYPE_CHECKING:
    from collections.abc import Sequence

THIS, ALL, MOVING, LAYOUT = "this", "all", "moving", "layout"

_MOVING = {"mp4": say("MP4 film (AV1)"), "gif": "GIF"}


@dataclass(frozen=True)
class Wanted:
    """What the reader chose. ``scope``: ``THIS``, ``ALL``, ``MOVING`` or ``LAYOUT``. ``kind``: of
    ``report.stills.SUFFIXES``."""

    scope: str
    kind: str
    folder: Path
    options: StillOptions


class PicturesDialog(QDialog):
    """Three pages: choose, progress, done. It writes nothing itself: ``requested`` asks for it."""

    requested = Signal(object)
    """A ``Wanted``."""
    cancelled = Signal()

    def __init__(
        self,
        title: str,
        folder: Path,
        counts: dict[str, int],
        unavailable: dict[str, str],
        *,
        rate: float,
        burned_in: bool,
        parent: QWidget | None = None,
    ) -> None:
        """``counts``: scope → how many images, or views; without ``LAYOUT`` where there is one view. ``unavailable``:
        scope → why not now. ``burned_in``: the file says that its pixels hold identity, or does not say that they do
        not."""
        super().__init__(parent)
        self.setWindowTitle(tr("Export pictures"))
        self.setMinimumWidth(500)
        self._running = False
        self._folder = folder
        self.scope = QComboBox()
        texts = {
            THIS: tr("This image"),
            ALL: tr("All {count} images, numbered", count=counts[ALL]),
            MOVING: tr("Moving picture of {count} images, {rate:.3g} a second", count=counts[MOVING], rate=rate),
        }
        if LAYOUT in counts:
            texts[LAYOUT] = tr("All {count} views, as they are arranged", count=counts[LAYOUT])
        for scope, text in texts.items():
            reason = unavailable.get(scope, "")
            self.scope.addItem(tr("{name}: {why}", name=text, why=reason) if reason else text, scope)
            item = self.scope.model().item(self.scope.count() - 1)  # type: ignore[attr-defined]
            item.setEnabled(not reason)
        self.kind = QComboBox()
        self.extent = QComboBox()
        self.extent.addItem(tr("As in the view: its zoom, its part of the image"), False)
        self.extent.addItem(tr("The whole image, pixel by pixel"), True)
        self.identity = QCheckBox(tr("Patient and study in the corners"))
        self.annotations = QCheckBox(tr("Text, scale and measurements"))
        self.annotations.setChecked(True)
        self.folder = QLineEdit(str(folder))
        self.start = button(tr("Export"), "export", primary=True)
        self.start.setDefault(True)
        self.progress = ProgressBar()
        self.progress.setRange(0, 1000)
        self.progress.setTextVisible(False)
        self._summary = label("", "heading", wrap=True)
        self._files = label("", "quiet", wrap=True, selectable=True)
        for widget, name in (
            (self.scope, tr("Which images")),
            (self.kind, tr("File format")),
            (self.extent, tr("Size")),
            (self.folder, tr("Folder to write to")),
            (self.progress, tr("Progress")),
        ):
            widget.setAccessibleName(name)
        self._pages = QStackedWidget()
        for page in (self._choosing(title, burned_in=burned_in), self._working(), self._done()):
            self._pages.addWidget(page)
        column = QVBoxLayout(self)
        column.setContentsMargins(*[theme.SPACE * 2] * 4)
        column.addWidget(self._pages)
        self.scope.currentIndexChanged.connect(self._arrange)
        self.folder.textChanged.connect(lambda: self.start.setEnabled(bool(self.folder.text().strip())))
        self.start.clicked.connect(self._request)
        self._arrange()

    # -- pages -----------------------------------------------------------------------------------------------------

    def _choosing(self, title: str, *, burned_in: bool) -> QWidget:
        page, column = _page()
        column.addWidget(label(title, "heading", wrap=True))
        form = QFormLayout()
        form.setHorizontalSpacing(theme.SPACE * 2)
        form.setVerticalSpacing(theme.SPACE)
        form.setFieldGrowthPolicy(QFormLayout.FieldGrowthPolicy.AllNonFixedFieldsGrow)
        form.addRow(tr("Images"), self.scope)
        form.addRow(tr("Format"), self.kind)
        form.addRow(tr("Size"), self.extent)
        form.addRow(tr("Drawn in"), self.annotations)
        form.addRow("", self.identity)
        line = QHBoxLayout()
        line.setSpacing(theme.SPACE)
        line.addWidget(self.folder, 1)
        choose = button(tr("Choose…"), "folder-open")
        choose.clicked.connect(self._choose_folder)
        line.addWidget(choose)
        form.addRow(tr("Folder"), line)
        column.addLayout(form)
        column.addWidget(
            label(
                tr(
                    "AI overlays that show are drawn in, always with their mark; fusion and lines of other views "
                    "only in what is on screen. File names never hold identity; files of the same names are "
                    "replaced."
                ),
                "small",
                wrap=True,
            )
        )
        if burned_in:
            told = tr("The file says that identity may be burned into the pixels: look before you pass pictures on.")
            column.addWidget(label(told, "warning", wrap=True))
        column.addStretch(1)
        close = button(tr("Cancel"))
        close.clicked.connect(self.reject)
        column.addLayout(_foot(close, self.start))
        return page

    def _working(self) -> QWidget:
        page, column = _page()
        column.addStretch(1)
        column.addWidget(label(tr("Writing…"), "heading"))
        column.addWidget(self.progress)
        stop = button(tr("Cancel"))
        stop.clicked.connect(self.cancelled)
        column.addLayout(_foot(stop))
        column.addStretch(1)
        return page

    def _done(self) -> QWidget:
        page, column = _page()
        head = QHBoxLayout()
        head.setSpacing(theme.SPACE)
        mark = label()
        mark.setPixmap(icons.pixmap("check-circle", 24, theme.SUCCESS))
        head.addWidget(mark)
        head.addWidget(self._summary, 1)
        column.addLayout(head)
        column.addWidget(self._files)
        column.addStretch(1)
        look = button(tr("Open folder"), "folder-open")
        look.clicked.connect(lambda: QDesktopServices.openUrl(QUrl.fromLocalFile(str(self._folder))))
        close = button(tr("Close"), primary=True)
        close.clicked.connect(self.accept)
        column.addLayout(_foot(look, close))
        return page

    # -- what it is told -------------------------------------------------------------------------------------------

    @property
    def page(self) -> str:
        """Which page is shown."""
        return ("choosing", "working", "done")[self._pages.currentIndex()]

    def show_progress(self, fraction: float) -> None:
        """The pictures are being made."""
        self._running = True
        self.progress.setValue(round(fraction * 1000))
        self._pages.setCurrentIndex(1)

    def show_choices(self) -> None:
        """Back to the first page: cancelled or failed."""
        self._running = False
        self._pages.setCurrentIndex(0)

    def show_done(self, files: Sequence[Path]) -> None:
        """What was written."""
        self._running = False
        self._folder = files[0].parent
        self._summary.setText(tr_n("%n file written", "%n files written", len(files)))
        ends = [str(files[0])] if len(files) == 1 else [str(files[0]), f"… {files[-1].name}"]
        self._files.setText("\n".join(ends))
        self._pages.setCurrentIndex(2)

    # -- what the reader does --------------------------------------------------------------------------------------

    def _arrange(self) -> None:
        self.extent.setEnabled(self.scope.currentData() != LAYOUT)
        moving = self.scope.currentData() == MOVING
        kinds = {k: v for k, v in _MOVING.items() if k != "mp4" or not why_no_mp4()} if moving else STILLS
        if [self.kind.itemData(at) for at in range(self.kind.count())] != list(kinds):
            self.kind.clear()
            for kind, name in kinds.items():
                self.kind.addItem(shown(name), kind)

    def _request(self) -> None:
        options = StillOptions(self.identity.isChecked(), self.annotations.isChecked(), bool(self.extent.currentData()))
        folder = Path(self.folder.text().strip()).expanduser()
        self.requested.emit(Wanted(self.scope.currentData(), self.kind.currentData(), folder, options))

    def _choose_folder(self) -> None:
        chosen = QFileDialog.getExistingDirectory(self, tr("Folder to write to"), self.folder.text())
        if chosen:
            self.folder.setText(chosen)

    def reject(self) -> None:
        """Escape or closing while pictures are made cancels that, and only that."""
        if self._running:
            self.cancelled.emit()
        else:
            super().reject()


def _page() -> tuple[QWidget, QVBoxLayout]:
    page = QWidget()
    column = QVBoxLayout(page)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(theme.SPACE)
    return page, column


def _foot(*buttons: QWidget) -> QHBoxLayout:
    foot = QHBoxLayout()
    foot.setSpacing(theme.SPACE)
    foot.setAlignment(Qt.AlignmentFlag.AlignRight)
    foot.addStretch(1)
    for made in buttons:
        foot.addWidget(made)
    return foot
