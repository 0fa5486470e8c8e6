"""The list of measurements: what was measured, on which image; a click goes there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QBrush, QColor, QKeyEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from app.core.document import Measurement, MeasurementKind
from app.core.session import Change
from app.ui import icons, theme
from app.ui.browser_rows import series_name
from app.ui.widgets import button, label

if TYPE_CHECKING:
    from app.core.session import Session

ICONS = {
    MeasurementKind.DISTANCE: "ruler",
    MeasurementKind.ANGLE: "angle",
    MeasurementKind.RECTANGLE: "rectangle",
    MeasurementKind.ELLIPSE: "ellipse",
}
_ID = Qt.ItemDataRole.UserRole

Values = Callable[[Measurement], tuple[str, ...]]
"""Lines that say what a measurement measures; empty while its pixels are not in memory."""


class MeasurementsPanel(QWidget):
    """Draws from the session; renaming and deleting are commits that undo takes back."""

    jump = Signal(object)
    """A ``Place`` to show."""

    def __init__(self, session: Session, values: Values, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._values = values
        self._filling = False
        self.tree = _Tree()
        self.tree.itemClicked.connect(lambda item: self._jump(item))
        self.tree.itemActivated.connect(lambda item: self._jump(item))
        self.tree.itemChanged.connect(self._renamed)
        self.tree.delete_pressed.connect(self.delete_current)
        self.tree.itemSelectionChanged.connect(self._arrange)
        self.nothing = label(
            "Nothing is measured yet. Choose Distance, Angle, Rectangle or Ellipse and draw on the image.",
            "quiet",
            wrap=True,
        )
        self.rename = button("Rename", "pencil-simple", quiet=True)
        self.rename.clicked.connect(self.rename_current)
        self.delete = button("Delete", "trash", quiet=True)
        self.delete.clicked.connect(self.delete_current)
        foot = QHBoxLayout()
        foot.setContentsMargins(8, 4, 8, 8)
        foot.addWidget(self.rename)
        foot.addWidget(self.delete)
        foot.addStretch(1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self.nothing.setContentsMargins(12, 12, 12, 12)
        column.addWidget(self.nothing)
        column.addWidget(self.tree, 1)
        column.addLayout(foot)
        column.addStretch(0)
        session.subscribe(self._changed)
        self.refresh()

    def _changed(self, change: Change) -> None:
        if change & (Change.MEASUREMENTS | Change.STUDIES | Change.ACTIVE_SERIES):
            self.refresh()

    def refresh(self) -> None:
        """Fills the list again, because measurements changed or because more pixels are in memory."""
        kept = self._current_id()
        self._filling = True
        self.tree.clear()
        series_of = {series.key: series for series in self._session.index.series()}
        for measurement in self._session.document.measurements:
            place = measurement.place
            series = series_of.get((place.series_uid, place.stack))
            index = place.index_in(series) if series is not None else None
            where = "" if index is None else f"Image {index + 1}"
            if series is not self._session.active and series is not None:
                where = f"{series_name(series)}, {where.lower()}"
            lines = self._values(measurement)
            item = QTreeWidgetItem([measurement.name or measurement.kind.value, lines[0] if lines else "…"])
            item.setData(0, _ID, measurement.id)
            item.setFlags(item.flags() | Qt.ItemFlag.ItemIsEditable)
            item.setIcon(0, icons.icon(ICONS[measurement.kind], theme.TEXT_QUIET))
            item.setToolTip(0, "\n".join((where, *lines)))
            item.setToolTip(1, "\n".join(lines))
            item.setTextAlignment(1, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            self.tree.addTopLevelItem(item)
            for line in (*lines[1:], where):
                if line:
                    child = QTreeWidgetItem(["", line])
                    child.setFlags(Qt.ItemFlag.ItemIsEnabled)
                    child.setForeground(1, QBrush(QColor(theme.TEXT_QUIET)))
                    child.setTextAlignment(1, Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
                    item.addChild(child)
            item.setExpanded(True)
            if measurement.id == kept:
                self.tree.setCurrentItem(item)
        self._filling = False
        some = self.tree.topLevelItemCount() > 0
        self.nothing.setVisible(not some)
        self.tree.setVisible(some)
        self._arrange()

    def _arrange(self) -> None:
        some = self.tree.topLevelItemCount() > 0
        for one in (self.rename, self.delete):
            one.setVisible(some)
            one.setEnabled(bool(self._current_id()))

    def _current_id(self) -> str:
        item = self._current_top()
        return "" if item is None else str(item.data(0, _ID) or "")

    def _current_top(self) -> QTreeWidgetItem | None:
        item = self.tree.currentItem()
        return item.parent() or item if item is not None else None

    def _measurement(self, measurement_id: str) -> Measurement | None:
        return next((m for m in self._session.document.measurements if m.id == measurement_id), None)

    def _jump(self, item: QTreeWidgetItem) -> None:
        top = item.parent() or item
        measurement = self._measurement(str(top.data(0, _ID)))
        if measurement is not None:
            self.jump.emit(measurement.place)

    def _renamed(self, item: QTreeWidgetItem, column: int) -> None:
        measurement = None if self._filling else self._measurement(str(item.data(0, _ID)))
        if measurement is None or column != 0:
            return
        name = item.text(0).strip()
        name = "" if name == measurement.kind.value else name
        if name != measurement.name:
            document = self._session.document.with_measurement(replace(measurement, name=name))
            self._session.commit("Rename measurement", document)
        else:
            self.refresh()

    def rename_current(self) -> None:
        """Opens the field to write a name into."""
        item = self._current_top()
        if item is not None:
            self.tree.editItem(item, 0)

    def delete_current(self) -> None:
        """Deletes the selected measurement."""
        chosen = self._current_id()
        if chosen:
            self._session.commit("Delete measurement", self._session.document.without_measurement(chosen))


class _Tree(QTreeWidget):
    """Two columns: name and value."""

    delete_pressed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setColumnCount(2)
        self.setHeaderHidden(True)
        self.setRootIsDecorated(False)
        self.setIndentation(0)
        self.setIconSize(QSize(16, 16))
        self.setAccessibleName("Measurements")
        self.setEditTriggers(QAbstractItemView.EditTrigger.EditKeyPressed | QAbstractItemView.EditTrigger.DoubleClicked)
        header = self.header()
        header.setStretchLastSection(False)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Delete deletes."""
        if event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.delete_pressed.emit()
            return
        super().keyPressEvent(event)
