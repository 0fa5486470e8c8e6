"""What is clipped, elided, overlapping or out of its place in a window: checks that hold on any machine's fonts.

Pictures are not compared: another rasteriser would fail them. Text must fit into what shows it, siblings must not cover
one another, and nothing may stick out of its parent.
"""

from __future__ import annotations

from itertools import combinations

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QFontMetrics, QTextDocument
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractScrollArea,
    QAbstractSpinBox,
    QCheckBox,
    QComboBox,
    QDialog,
    QLabel,
    QLineEdit,
    QListWidget,
    QPushButton,
    QScrollBar,
    QStackedWidget,
    QTabBar,
    QTableWidget,
    QToolButton,
    QWidget,
)

from app.ui.cells import Cell
from app.ui.viewport import Viewport

SLACK = 1
"""Logical pixels that a rounding may cost."""
_LAID_BY_THEMSELVES = (QAbstractScrollArea, QAbstractSpinBox, QComboBox, QLineEdit, QTabBar, Viewport, Cell)
"""Widgets that put their children where they belong, over one another where they mean to."""
_ARROW = 18
"""The least that the arrow of a combo box takes."""


def faults(root: QWidget) -> list[str]:
    """One line for each thing that is wrong with ``root`` as it is laid out now."""
    found = []
    for widget in (root, *root.findChildren(QWidget)):
        if not _counts(widget, root):
            continue
        lacks = _clipped(widget)
        if lacks:
            found.append(f"{_named(widget)}: {lacks}")
        if not isinstance(widget, _LAID_BY_THEMSELVES):
            found += _children(widget, root)
    return found


def _counts(widget: QWidget, root: QWidget) -> bool:
    """It is in sight, of this window, and no inner part of a control."""
    inner = isinstance(widget, QScrollBar) or widget.objectName().startswith("qt_spinbox")
    return widget.window() is root.window() and widget.isVisibleTo(root) and not inner and not widget.size().isEmpty()


def _named(widget: QWidget) -> str:
    said = widget.text() if isinstance(widget, QLabel | QAbstractButton) else widget.accessibleName()
    return f"{type(widget).__name__} {said or widget.objectName()!r} in {type(widget.parentWidget()).__name__}"


def _wide(widget: QWidget, text: str) -> int:
    return QFontMetrics(widget.font()).horizontalAdvance(text)


def _clipped(widget: QWidget) -> str:
    """What of its text does not fit, in words; empty where all of it does."""
    if widget.objectName() in ("qt_toolbar_ext_button", "qt_menubar_ext_button"):
        return "commands do not fit and are behind an arrow"
    if isinstance(widget, QLabel):
        return _label(widget)
    if isinstance(widget, QComboBox):
        room = widget.width() - _ARROW
        return "" if _wide(widget, widget.currentText()) <= room + SLACK else "its choice is cut off"
    if isinstance(widget, QAbstractSpinBox):
        room = widget.lineEdit().contentsRect().width()
        return "" if _wide(widget, widget.text()) <= room + SLACK else "its number is cut off"
    if isinstance(widget, QTabBar):
        room = sum(widget.tabRect(place).width() for place in range(widget.count()))
        wanted = sum(_wide(widget, widget.tabText(place)) for place in range(widget.count()))
        scrolls = any(button.isVisibleTo(widget) for button in widget.findChildren(QToolButton))
        return (
            f"{wanted} pixels of tabs in {room}{', which scroll' if scrolls else ''}"
            if wanted > room or scrolls
            else ""
        )
    if isinstance(widget, QListWidget | QTableWidget):
        return _rows(widget)
    if isinstance(widget, QPushButton | QCheckBox | QToolButton) and widget.text():
        if isinstance(widget, QToolButton) and widget.toolButtonStyle() == Qt.ToolButtonStyle.ToolButtonIconOnly:
            return ""
        wanted = QSize(widget.minimumSizeHint()).expandedTo(QSize(_wide(widget, widget.text().replace("&", "")), 0))
        fits = wanted.width() <= widget.width() + SLACK and wanted.height() <= widget.height() + SLACK
        return "" if fits else f"{wanted.toTuple()} do not fit into {widget.size().toTuple()}"
    return ""


def _rows(widget: QListWidget | QTableWidget) -> str:
    """A row may be cut off where a tool tip tells the rest."""
    if isinstance(widget, QListWidget):
        items = [widget.item(row) for row in range(widget.count())]
    else:
        places = [(row, column) for row in range(widget.rowCount()) for column in range(widget.columnCount())]
        items = [item for item in (widget.item(*place) for place in places) if item is not None]
    for item in items:
        place = widget.visualItemRect(item)
        room = min(place.width(), widget.maximumViewportSize().width() - place.left())
        if 0 < room + SLACK < widget.sizeHintForIndex(widget.indexFromItem(item)).width() and not item.toolTip():
            return f"{item.text()!r} is cut off and has no tool tip"
    return ""


def _label(widget: QLabel) -> str:
    room, text = widget.contentsRect(), widget.text()
    if not text:
        return ""
    if text.startswith("<"):
        document = QTextDocument()
        document.setDefaultFont(widget.font())
        document.setHtml(text)
        document.setTextWidth(room.width() if widget.wordWrap() else -1)
        document.setDocumentMargin(0)
        fits = document.size().height() <= room.height() + 2 * SLACK and document.idealWidth() <= room.width() + SLACK
        return "" if fits else "its text is cut off"
    if widget.wordWrap():
        flags = Qt.AlignmentFlag.AlignLeft | Qt.TextFlag.TextWordWrap
        needed = QFontMetrics(widget.font()).boundingRect(QRect(0, 0, room.width(), 9999), int(flags), text)
        fits = needed.height() <= room.height() + SLACK and needed.width() <= room.width() + SLACK
        return "" if fits else f"{needed.size().toTuple()} do not fit into {room.size().toTuple()}"
    longest = max(_wide(widget, line) for line in text.split("\n"))
    return "" if longest <= room.width() + SLACK else f"{longest} pixels of text in {room.width()}"


def _children(widget: QWidget, root: QWidget) -> list[str]:
    """Children that cover one another, or stick out."""
    found = []
    children = [
        child
        for child in widget.children()
        if isinstance(child, QWidget) and not child.isWindow() and not isinstance(child, QDialog)
        if _counts(child, root) and not child.objectName().startswith("qt_")
    ]
    for child in children:
        rect = child.geometry()
        # What lies in a scrolled area is longer than what shows of it.
        scrolled = isinstance(widget.parentWidget(), QAbstractScrollArea)
        if not scrolled and not widget.rect().adjusted(-SLACK, -SLACK, SLACK, SLACK).contains(rect):
            found.append(f"{_named(child)} at {rect.getRect()} sticks out of {widget.size().toTuple()}")
    if not isinstance(widget, QStackedWidget):
        for one, other in combinations(children, 2):
            common = one.geometry().intersected(other.geometry())
            if common.width() > SLACK and common.height() > SLACK:
                found.append(f"{_named(one)} and {_named(other)} overlap by {common.size().toTuple()}")
    return found
