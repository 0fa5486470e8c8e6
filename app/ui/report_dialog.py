"""A structured report beside the images that it is about: the dialog stays open while its links lead to them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QUrl, Signal
from PySide6.QtWidgets import QApplication, QCheckBox, QDialog, QHBoxLayout, QTextBrowser, QVBoxLayout, QWidget

from app.ui import theme
from app.ui.language import tr
from app.ui.report_html import page_of
from app.ui.widgets import button

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.dicom.structured_report import ImageReference, Report


class ReportDialog(QDialog):
    """Shows one report. ``is_open``: what an image is called, or ``""`` where it is not open."""

    followed = Signal(object, object)
    """(``ImageReference``, ``ContentItem``) of a link that was clicked."""

    def __init__(
        self, title: str, report: Report, is_open: Callable[[ImageReference], str], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.resize(680, 720)
        self.report = report
        self._is_open = is_open
        column = QVBoxLayout(self)
        column.setContentsMargins(*[theme.SPACE * 2] * 4)
        column.setSpacing(theme.SPACE)
        self.text = QTextBrowser()
        self.text.setOpenLinks(False)
        self.text.document().setDocumentMargin(theme.SPACE * 2)
        self.text.setAccessibleName(tr("Report: {title}", title=title))
        self.text.anchorClicked.connect(self._follow)
        column.addWidget(self.text, 1)
        foot = QHBoxLayout()
        self.codes = QCheckBox(tr("Show codes"))
        self.codes.toggled.connect(lambda _: self.refresh())
        foot.addWidget(self.codes)
        copy = button(tr("Copy text"), "copy")
        copy.clicked.connect(lambda: QApplication.clipboard().setText(self.text.toPlainText()))
        foot.addWidget(copy)
        foot.addStretch(1)
        close = button(tr("Close"))
        close.clicked.connect(self.close)
        foot.addWidget(close)
        column.addLayout(foot)
        self.refresh()

    def refresh(self) -> None:
        """Lays the report out anew: codes, and which images are open, may have changed."""
        place = self.text.verticalScrollBar().value()
        page = page_of(self.report, self._is_open, codes=self.codes.isChecked())
        self._links = page.links
        self.text.setHtml(page.html)
        self.text.verticalScrollBar().setValue(place)

    def _follow(self, link: QUrl) -> None:
        kind, _, number = link.toString().partition(":")
        if kind == "image" and number.isdigit() and int(number) < len(self._links):
            self.followed.emit(*self._links[int(number)])
