"""Dialogs that show a text or a table: model card, skipped files, shortcuts, about."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QTextCursor
from PySide6.QtWidgets import (
    QAbstractItemView,
    QApplication,
    QDialog,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QTableWidget,
    QTableWidgetItem,
    QTextBrowser,
    QVBoxLayout,
    QWidget,
)

from app.ui import icons, theme
from app.ui.ai_panel import RESEARCH_USE
from app.ui.language import tr
from app.ui.widgets import button, label
from app.ui.wording import sentence
from inference.words import say_n

if TYPE_CHECKING:
    from collections.abc import Sequence

    from PySide6.QtGui import QTextDocument

    from app.dicom.model import Skipped


_FACELESS = re.compile(r"^\|[ |]*\|\n(\|[-:| ]+\|)\n(\|.*\|)\n", re.MULTILINE)
"""A table whose head is empty, as cards have them: its first row becomes the head, instead of a blank line."""


def _space_headings(document: QTextDocument) -> None:
    """Room above each heading, which Qt's Markdown has not."""
    block = document.begin()
    while block.isValid():
        form = block.blockFormat()
        if form.headingLevel() > 1:
            form.setTopMargin(theme.SPACE * 2)
            QTextCursor(block).setBlockFormat(form)
        block = block.next()


def _frame(parent: QWidget | None, title: str, width: int, height: int) -> tuple[QDialog, QVBoxLayout, QHBoxLayout]:
    dialog = QDialog(parent)
    dialog.setWindowTitle(title)
    dialog.resize(width, height)
    column = QVBoxLayout(dialog)
    column.setContentsMargins(*[theme.SPACE * 2] * 4)
    column.setSpacing(theme.SPACE)
    foot = QHBoxLayout()
    foot.addStretch(1)
    close = button(tr("Close"))
    close.clicked.connect(dialog.accept)
    foot.addWidget(close)
    return dialog, column, foot


def model_card(parent: QWidget | None, title: str, markdown: str) -> QDialog:
    """A model's card, as its authors wrote it."""
    dialog, column, foot = _frame(parent, tr("{title}: model card", title=title), 760, 640)
    browser = QTextBrowser()
    browser.setOpenLinks(False)
    browser.document().setDocumentMargin(theme.SPACE * 2)
    browser.setMarkdown(_FACELESS.sub(r"\2\n\1\n", markdown))
    _space_headings(browser.document())
    browser.setAccessibleName(tr("Model card of {title}", title=title))
    column.addWidget(browser, 1)
    column.addWidget(label(RESEARCH_USE, "warning"))
    column.addLayout(foot)
    return dialog


def skipped_files(parent: QWidget | None, skipped: Sequence[Skipped]) -> QDialog:
    """Which files were not opened, and why. DICOM files come first: those are the ones that somebody misses."""
    dialog, column, foot = _frame(parent, tr("Skipped files"), 820, 520)
    faulty = [entry for entry in skipped if entry.is_dicom]
    others = [entry for entry in skipped if not entry.is_dicom]
    column.addWidget(label(_how_many(len(faulty), len(others)), "quiet", wrap=True))
    table = _table(
        tr("Skipped files"),
        (tr("File"), tr("Reason")),
        [(str(entry.file), sentence(entry.reason)) for entry in (*faulty, *others)],
    )
    table.setTextElideMode(Qt.TextElideMode.ElideLeft)
    copy = button(tr("Copy list"), "copy")
    copy.clicked.connect(lambda: QApplication.clipboard().setText(_tabbed(table)))
    foot.insertWidget(0, copy)
    column.addWidget(table, 1)
    column.addLayout(foot)
    return dialog


def _how_many(faulty: int, others: int) -> str:
    """A sentence that leaves out the kind of which there is none."""
    unread = say_n("%n DICOM file could not be opened", "%n DICOM files could not be opened", faulty)
    foreign = say_n("%n other file is not DICOM", "%n other files are not DICOM", others)
    if faulty and others:
        return tr("{faulty}; {others}.", faulty=unread, others=foreign)
    return tr("{what}.", what=unread if faulty else foreign)


def shortcuts(parent: QWidget | None, groups: Sequence[tuple[str, Sequence[tuple[str, str]]]]) -> QDialog:
    """Keys and mouse, by group: (group, ((keys, what they do), …))."""
    dialog, column, foot = _frame(parent, tr("Keyboard and mouse"), 700, 640)
    column.addWidget(label(tr("Single keys act while an image has the focus: click on it first."), "quiet", wrap=True))
    rows: list[tuple[str, str]] = []
    headings: list[int] = []
    for group, entries in groups:
        headings.append(len(rows))
        rows.append((group, ""))
        rows.extend((what, keys) for keys, what in entries)
    table = _table(tr("Keys and mouse"), (tr("Does"), tr("Keys")), rows)
    for row in headings:
        item = table.item(row, 0)
        if item is not None:
            item.setFont(theme.font(13, item.font().Weight.DemiBold))
        table.setSpan(row, 0, 1, 2)
    # Keys are short, and what they do is said in a sentence.
    table.horizontalHeader().setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
    column.addWidget(table, 1)
    column.addLayout(foot)
    return dialog


def about(parent: QWidget | None, version: str) -> QDialog:
    """What the program is, and what it is not."""
    dialog, column, foot = _frame(parent, tr("About Scoutview"), 440, 300)
    head = QHBoxLayout()
    mark = QLabel()
    mark.setPixmap(icons.application_icon().pixmap(64, 64))
    head.addWidget(mark)
    names = QVBoxLayout()
    names.setSpacing(0)
    names.addStretch(1)
    names.addWidget(label("Scoutview", "title"))
    names.addWidget(label(tr("Version {version}", version=version), "quiet"))
    names.addStretch(1)
    head.addSpacing(theme.SPACE)
    head.addLayout(names, 1)
    column.addLayout(head)
    column.addSpacing(theme.SPACE)
    column.addWidget(label(tr("A viewer for medical images with AI models built in. Apache-2.0."), wrap=True))
    column.addWidget(
        label(tr("{research_use} It is not a medical device.", research_use=RESEARCH_USE), "warning", wrap=True)
    )
    column.addWidget(
        label(
            tr(
                "Icons: Phosphor (MIT). Typefaces: Inter (SIL Open Font License 1.1), Droid Sans Fallback (Apache-2.0)."
            ),
            "small",
            wrap=True,
        )
    )
    column.addStretch(1)
    column.addLayout(foot)
    return dialog


def _table(title: str, headings: tuple[str, str], rows: Sequence[tuple[str, str]]) -> QTableWidget:
    table = QTableWidget(len(rows), 2)
    table.setHorizontalHeaderLabels(headings)
    table.setAccessibleName(title)
    table.setTabKeyNavigation(False)
    table.verticalHeader().hide()
    table.setShowGrid(False)
    table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
    table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Stretch)
    table.horizontalHeader().setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
    for row, texts in enumerate(rows):
        for place, text in enumerate(texts):
            item = QTableWidgetItem(text)
            item.setToolTip(text)
            table.setItem(row, place, item)
    return table


def _tabbed(table: QTableWidget) -> str:
    lines = []
    for row in range(table.rowCount()):
        items = [table.item(row, column) for column in range(table.columnCount())]
        lines.append("\t".join(item.text() for item in items if item is not None))
    return "\n".join(lines)
