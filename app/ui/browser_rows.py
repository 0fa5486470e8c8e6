"""How the rows of the study browser read and how they are drawn."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPoint, QRect, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPainterPath, QPixmap
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem, QTreeView

from app.dicom.objects import ObjectKind
from app.report.wording import date, sex
from app.ui import icons, theme
from app.ui.language import shown, tr, tr_n
from app.ui.painting import draw_text
from inference.words import say

if TYPE_CHECKING:
    from app.dicom.model import Patient, Series, Study
    from app.dicom.objects import StoredObject

KIND = Qt.ItemDataRole.UserRole + 1
LINES = Qt.ItemDataRole.UserRole + 2
SERIES = Qt.ItemDataRole.UserRole + 3
THUMBNAIL = Qt.ItemDataRole.UserRole + 4
WARNED = Qt.ItemDataRole.UserRole + 5
OBJECT = Qt.ItemDataRole.UserRole + 6
KEYED = Qt.ItemDataRole.UserRole + 7

_PICTURE = 56
KEY_IMAGE = "#ffd84a"
"""The star of key images."""


class Row(Enum):
    """The three levels, and what a study holds besides images."""

    PATIENT = "patient"
    STUDY = "study"
    SERIES = "series"
    OBJECT = "object"


OBJECT_ICONS = {
    ObjectKind.REPORT: "file-text",
    ObjectKind.KEY_OBJECTS: "star",
    ObjectKind.DOCUMENT: "file-pdf",
    ObjectKind.PRESENTATION_STATE: "presentation",
}
"""Kinds of objects that have a row."""

_OBJECT_NAMES = {
    ObjectKind.REPORT: say("Report"),
    ObjectKind.KEY_OBJECTS: say("Key images"),
    ObjectKind.DOCUMENT: say("Document"),
    ObjectKind.PRESENTATION_STATE: say("Presentation"),
}


def date_text(value: str) -> str:
    """A date as people write it. Parts that anonymisation left as zeros are left out."""
    text = date(value)
    year, *rest = text.split("-")
    if len(rest) != 2 or ("00" not in rest and year != "0000"):
        return text
    return "" if year == "0000" else year if rest[0] == "00" else f"{year}-{rest[0]}"


def patient_lines(patient: Patient) -> tuple[str, ...]:
    """Name; then ID, birth date and sex, as far as the file tells them."""
    born = tr("born {date}", date=date_text(patient.birth_date)) if date_text(patient.birth_date) else ""
    identity = patient.id if patient.id != patient.name else ""
    facts = [part for part in (identity, born, shown(sex(patient.sex))) if part]
    return patient.name or tr("No patient name"), "  ·  ".join(facts)


def study_lines(study: Study) -> tuple[str, ...]:
    """Date and description."""
    parts = [part for part in (date_text(study.date), study.description) if part]
    return ("  ·  ".join(parts) or tr("Study without a date"),)


def series_name(series: Series) -> str:
    """What the file calls the series: its description, else the protocol or the body part, else its modality."""
    header = series.instances[0].header
    stated = (series.description, header.get("ProtocolName"), header.get("BodyPartExamined"))
    return next((str(text).strip() for text in stated if text and str(text).strip()), series.modality or tr("Series"))


def series_title(series: Series) -> str:
    """A series in words, with its number where it has one."""
    name = series_name(series)
    return name if series.number is None else tr("{name}, series {number}", name=name, number=series.number)


def series_lines(series: Series, stacks: int = 1) -> tuple[str, ...]:
    """Description; modality and number; how many images. ``stacks``: how many the DICOM series was split into."""
    number = tr("Series") if series.number is None else tr("Series {number}", number=series.number)
    if stacks > 1:
        number = tr("{series}, stack {stack} of {stacks}", series=number, stack=series.stack + 1, stacks=stacks)
    count = len(series.frames)
    cine = series.frame_time_ms is not None
    what = tr_n("%n frame", "%n frames", count) if cine else tr_n("%n image", "%n images", count)
    several = f"{what}  ·  {series.columns} × {series.rows}"
    if series.axis is not None and series.axis.slices > 1:
        # The matrix would not fit beside it.
        slices = series.axis.slices
        places = tr_n("%n slice", "%n slices", slices)
        if series.positions is None:
            places = tr_n("%n view", "%n views", slices, note="of the heart or the patient")
        several = f"{places} × {series.axis.points} {shown(series.axis.plural)}"
    return series_name(series), f"{series.modality}  ·  {number}", several


def object_lines(stored: StoredObject) -> tuple[str, ...]:
    """What it is called; what it is and from when."""
    facts = [part for part in (shown(_OBJECT_NAMES.get(stored.kind, "")), date_text(stored.date)) if part]
    name = stored.label if stored.label != stored.kind.title else facts[0]
    return name, "  ·  ".join(facts)


class BrowserDelegate(QStyledItemDelegate):
    """Draws the rows."""

    def __init__(self, tree: QTreeView) -> None:
        super().__init__(tree)
        self._tree = tree

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        """Height by level; the width is the view's."""
        line = QFontMetrics(option.font).height()
        kind = index.data(KIND)
        if kind is Row.SERIES:
            return QSize(200, max(_PICTURE, 3 * line) + theme.SPACE * 2)
        if kind is Row.OBJECT:
            return QSize(200, 2 * line + theme.SPACE)
        if kind is Row.STUDY:
            return QSize(200, line + theme.SPACE + 4)
        return QSize(200, line * (2 if index.data(LINES)[1] else 1) + theme.SPACE * 2)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Draws one row."""
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        rect = QRect(option.rect)
        state = option.state
        if index.data(KIND) is Row.SERIES:
            self._paint_series(painter, rect, option.font, index, state)
        elif index.data(KIND) is Row.OBJECT:
            self._paint_object(painter, rect, option.font, index, state)
        else:
            self._paint_heading(painter, rect, option.font, index)
        if state & QStyle.StateFlag.State_HasFocus and self._tree.hasFocus():
            painter.setPen(QColor(theme.ACCENT))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRoundedRect(rect.adjusted(1, 1, -2, -2), 3, 3)
        painter.restore()

    def _paint_heading(
        self, painter: QPainter, rect: QRect, font: QFont, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        lines = index.data(LINES)
        patient = index.data(KIND) is Row.PATIENT
        painter.fillRect(rect, QColor(theme.GROUND if patient else theme.PANEL))
        expanded = self._tree.isExpanded(index)
        caret = "caret-down" if expanded else "caret-right"
        ratio = self._tree.devicePixelRatioF()
        side = 12
        line = QFontMetrics(font).height()
        left = rect.left() + theme.SPACE
        top = rect.top() + theme.SPACE if patient else rect.top() + (rect.height() - line) // 2
        mark = icons.pixmap(caret, side, theme.TEXT_QUIET, ratio)
        painter.drawPixmap(QPoint(left, top + (line - side) // 2), mark)
        text = QRect(left + side + 6, top, rect.right() - left - side - 6 - theme.SPACE, line)
        bold = QFont(font)
        bold.setWeight(QFont.Weight.DemiBold)
        draw_text(painter, text, lines[0], bold if patient else font, theme.TEXT if patient else theme.TEXT_QUIET)
        if patient and lines[1]:
            draw_text(painter, text.translated(0, line), lines[1], font, theme.TEXT_QUIET)

    def _paint_object(
        self,
        painter: QPainter,
        rect: QRect,
        font: QFont,
        index: QModelIndex | QPersistentModelIndex,
        state: QStyle.StateFlag,
    ) -> None:
        """An icon under the pictures, and two lines."""
        if state & (QStyle.StateFlag.State_MouseOver | QStyle.StateFlag.State_Selected):
            painter.fillRect(rect, QColor(theme.HOVER))
        stored, side = index.data(OBJECT), 24
        mark = icons.pixmap(OBJECT_ICONS[stored.kind], side, theme.TEXT_QUIET, self._tree.devicePixelRatioF())
        left = rect.left() + 12
        painter.drawPixmap(QPoint(left + (_PICTURE - side) // 2, rect.center().y() - side // 2), mark)
        line = QFontMetrics(font).height()
        left += _PICTURE + 12
        top = rect.top() + (rect.height() - 2 * line) // 2
        text = QRect(left, top, rect.right() - left - theme.SPACE, line)
        draw_text(painter, text, index.data(LINES)[0], font, theme.TEXT)
        draw_text(painter, text.translated(0, line), index.data(LINES)[1], font, theme.TEXT_QUIET)

    def _paint_series(
        self,
        painter: QPainter,
        rect: QRect,
        font: QFont,
        index: QModelIndex | QPersistentModelIndex,
        state: QStyle.StateFlag,
    ) -> None:
        selected = bool(state & QStyle.StateFlag.State_Selected)
        hovered = bool(state & QStyle.StateFlag.State_MouseOver)
        if selected or hovered:
            painter.fillRect(rect, QColor(theme.ACCENT_QUIET if selected else theme.HOVER))
        if selected:
            painter.fillRect(QRect(rect.left(), rect.top(), 3, rect.height()), QColor(theme.ACCENT))
        frame = QRect(rect.left() + 12, rect.top() + (rect.height() - _PICTURE) // 2, _PICTURE, _PICTURE)
        self._paint_picture(painter, frame, index)
        if index.data(KEYED):
            mark = icons.pixmap("star-filled", 16, KEY_IMAGE, self._tree.devicePixelRatioF())
            painter.drawPixmap(QPoint(frame.right() - 17, frame.top() + 2), mark)
        line = QFontMetrics(font).height()
        lines = index.data(LINES)
        left = frame.right() + 12
        text = QRect(left, rect.top() + (rect.height() - 3 * line) // 2, rect.right() - left - theme.SPACE, line)
        medium = QFont(font)
        medium.setWeight(QFont.Weight.Medium)
        draw_text(painter, text, lines[0], medium, theme.TEXT)
        draw_text(painter, text.translated(0, line), lines[1], font, theme.TEXT_QUIET)
        last = text.translated(0, 2 * line)
        if index.data(WARNED):
            mark = icons.pixmap("warning", 14, theme.WARNING, self._tree.devicePixelRatioF())
            painter.drawPixmap(QPoint(last.right() - 14, last.top() + (line - 14) // 2), mark)
            last.adjust(0, 0, -20, 0)
        draw_text(painter, last, lines[2], font, theme.TEXT_QUIET)

    def _paint_picture(self, painter: QPainter, frame: QRect, index: QModelIndex | QPersistentModelIndex) -> None:
        path = QPainterPath()
        path.addRoundedRect(frame, 4, 4)
        painter.fillPath(path, QColor(theme.CANVAS))
        picture = index.data(THUMBNAIL)
        if isinstance(picture, QPixmap) and not picture.isNull():
            painter.setClipPath(path)
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.drawPixmap(frame, picture)
            painter.setClipping(False)
        else:
            # Nothing yet, or nothing that can be drawn: the slash tells them apart.
            name = "image-square" if picture is None else "eye-slash"
            side = 20
            mark = icons.pixmap(name, side, theme.TEXT_DISABLED, self._tree.devicePixelRatioF())
            painter.drawPixmap(frame.center() - QPoint(side // 2, side // 2), mark)
        painter.setPen(QColor(theme.LINE))
        painter.drawPath(path)
