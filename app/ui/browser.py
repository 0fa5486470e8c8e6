"""The study browser: patient, study, series with a picture, the way a reader looks for them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QModelIndex, QSize, Qt, Signal
from PySide6.QtGui import QDrag, QKeyEvent, QPixmap, QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QAbstractItemView, QTreeView, QVBoxLayout, QWidget

from app.core.session import Change
from app.ui.browser_rows import (
    KEYED,
    KIND,
    LINES,
    OBJECT,
    OBJECT_ICONS,
    SERIES,
    THUMBNAIL,
    WARNED,
    BrowserDelegate,
    Row,
    object_lines,
    patient_lines,
    series_lines,
    study_lines,
)
from app.ui.cells import mime_of
from app.ui.language import shown, tr
from app.ui.widgets import label
from inference.words import joined

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.core.session import Session
    from app.dicom.model import Series, Study
    from app.dicom.objects import StoredObject
    from app.ui.thumbnails import Thumbnails


class Browser(QWidget):
    """Shows what is open. A click or Enter on a series asks for it; moving through the list alone does not."""

    chosen = Signal(object)
    """The ``Series`` that the user wants to see."""
    objectChosen = Signal(object)
    """The ``StoredObject`` that the user wants to open."""

    def __init__(self, session: Session, thumbnails: Thumbnails, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._thumbnails = thumbnails
        self._items: dict[tuple[str, int], QStandardItem] = {}
        self.model = QStandardItemModel(self)
        self.tree = _Tree()
        self.tree.setModel(self.model)
        self.tree.setItemDelegate(BrowserDelegate(self.tree))
        self.tree.setAccessibleName(tr("Studies"))
        self._nothing = label(tr("Studies that you open are listed here."), "quiet", wrap=True)
        self._nothing.setContentsMargins(12, 12, 12, 12)
        self._nothing.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self._nothing)
        column.addWidget(self.tree, 1)
        self.tree.clicked.connect(self._choose)
        self.tree.entered_row.connect(self._choose)
        thumbnails.ready.connect(self._show_thumbnail)
        session.subscribe(self._changed)
        self._fill()

    def sizeHint(self) -> QSize:
        """Wide enough for a picture and two lines of text."""
        return QSize(272, 600)

    def _changed(self, change: Change) -> None:
        if change & Change.STUDIES:
            self._fill()
        elif change & Change.ACTIVE_SERIES:
            self._mark_active()

    def _fill(self) -> None:
        scrolled = self.tree.verticalScrollBar().value()
        self.model.clear()
        self._items.clear()
        patients: dict[tuple[str, str], QStandardItem] = {}
        for study in self._session.index.studies:
            identity = (study.patient.id, study.patient.name)
            if identity not in patients:
                patients[identity] = _item(Row.PATIENT, patient_lines(study.patient))
                self.model.appendRow(patients[identity])
            study_item = _item(Row.STUDY, study_lines(study))
            patients[identity].appendRow(study_item)
            for series in study.series:
                study_item.appendRow(self._series_item(series, study))
            for stored in study.objects:
                if stored.kind in OBJECT_ICONS:
                    study_item.appendRow(self._object_item(stored))
        self.tree.expandAll()
        self.tree.verticalScrollBar().setValue(scrolled)
        self._nothing.setVisible(not patients)
        self.tree.setVisible(bool(patients))
        self._mark_active()

    def _series_item(self, series: Series, study: Study) -> QStandardItem:
        stacks = sum(other.uid == series.uid for other in study.series)
        lines = series_lines(series, stacks)
        item = _item(Row.SERIES, lines)
        item.setData(series, SERIES)
        item.setData(bool(series.warnings), WARNED)
        item.setToolTip("\n".join((*lines, *map(shown, series.warnings))))
        if series.warnings:
            item.setData(
                tr("{lines}. Warning: {warnings}", lines=", ".join(lines), warnings=joined(" ", series.warnings)),
                Qt.ItemDataRole.AccessibleTextRole,
            )
        self._items[series.key] = item
        image = self._thumbnails.get(series)
        if image is not None:
            item.setData(QPixmap.fromImage(image), THUMBNAIL)
        return item

    def _object_item(self, stored: StoredObject) -> QStandardItem:
        lines = object_lines(stored)
        item = _item(Row.OBJECT, lines)
        item.setData(stored, OBJECT)
        attached = next((one for one in self._session.attachments if one.object is stored), None)
        names = tuple(series.description for series in attached.series if series.description) if attached else ()
        why = attached.why_not if attached else ""
        item.setToolTip("\n".join(part for part in (*lines, *names[:5], shown(why)) if part))
        return item

    def mark_key_images(self, has_any: Callable[[Series], bool]) -> None:
        """Stars at series that hold key images."""
        for item in self._items.values():
            item.setData(has_any(item.data(SERIES)), KEYED)

    def _show_thumbnail(self, key: tuple[str, int]) -> None:
        item = self._items.get(key)
        if item is not None:
            image = self._thumbnails.get(item.data(SERIES))
            # A null pixmap says that there will be none; an absent one that it is still being made.
            item.setData(QPixmap() if image is None else QPixmap.fromImage(image), THUMBNAIL)

    def _mark_active(self) -> None:
        active = self._session.active
        item = self._items.get(active.key) if active is not None else None
        if item is None:
            self.tree.selectionModel().clear()
            return
        self.tree.setCurrentIndex(item.index())
        self.tree.scrollTo(item.index())

    def _choose(self, index: QModelIndex) -> None:
        series, stored = index.data(SERIES), index.data(OBJECT)
        if series is not None:
            self.chosen.emit(series)
        elif stored is not None:
            self.objectChosen.emit(stored)
        else:
            self.tree.setExpanded(index, not self.tree.isExpanded(index))


class _Tree(QTreeView):
    """A tree without branches: the rows themselves show the levels."""

    entered_row = Signal(QModelIndex)
    """Enter or Space was pressed on a row."""

    def __init__(self) -> None:
        super().__init__()
        self.setHeaderHidden(True)
        self.setIndentation(0)
        self.setRootIsDecorated(False)
        self.setUniformRowHeights(False)
        self.setExpandsOnDoubleClick(False)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setMouseTracking(True)
        self.setDragEnabled(True)

    def startDrag(self, supported: Qt.DropAction) -> None:
        """A series is dragged to a view, with its picture."""
        series = self.currentIndex().data(SERIES)
        if series is None:
            return
        drag = QDrag(self)
        drag.setMimeData(mime_of(series))
        picture = self.currentIndex().data(THUMBNAIL)
        if isinstance(picture, QPixmap) and not picture.isNull():
            drag.setPixmap(picture)
        drag.exec(Qt.DropAction.CopyAction)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter and Space open; the arrows only move."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space) and self.currentIndex().isValid():
            self.entered_row.emit(self.currentIndex())
            return
        super().keyPressEvent(event)


def _item(kind: Row, lines: tuple[str, ...]) -> QStandardItem:
    item = QStandardItem(lines[0])
    item.setData(kind, KIND)
    item.setData(lines, LINES)
    item.setData(", ".join(line for line in lines if line), Qt.ItemDataRole.AccessibleTextRole)
    item.setSelectable(kind is Row.SERIES)
    return item
