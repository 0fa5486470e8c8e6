"""The list of measurements: what was measured, on which image; a click goes there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QListWidget,
    QListWidgetItem,
    QVBoxLayout,
    QWidget,
)

from app.core.document import Measurement, MeasurementKind
from app.core.session import Change
from app.core.view import place_text
from app.core.volumes import PartVolume
from app.report.wording import measure as measure_text
from app.ui.browser_rows import series_name
from app.ui.language import shown, tr
from app.ui.measurement_rows import ICON, ID, VALUES, WHERE, MeasurementDelegate
from app.ui.region_histogram import RegionHistogram
from app.ui.widgets import button, label
from inference.words import joined, lowered, say

if TYPE_CHECKING:
    from PySide6.QtGui import QKeyEvent

    from app.core.document import Place
    from app.core.session import Session

ICONS = {
    MeasurementKind.DISTANCE: "ruler",
    MeasurementKind.ANGLE: "angle",
    MeasurementKind.COBB: "cobb",
    MeasurementKind.BIDIRECTIONAL: "bidirectional",
    MeasurementKind.RECTANGLE: "rectangle",
    MeasurementKind.ELLIPSE: "ellipse",
    MeasurementKind.POLYGON: "polygon",
    MeasurementKind.FREEHAND: "freehand",
    MeasurementKind.POINT: "point",
    MeasurementKind.ARROW: "arrow",
    MeasurementKind.TEXT: "note",
}
VOLUME = "volume:"
"""Begins the id of a row that is no measurement but the volume of something that lies over the images."""
Listed = Callable[[], tuple[tuple[str, PartVolume], ...]]
"""What it is a part of, and the volume."""
Values = Callable[[Measurement], tuple[str, ...]]
"""Lines that say what a measurement measures; empty while its pixels are not in memory."""


class MeasurementsPanel(QWidget):
    """Draws from the session; renaming and deleting are commits that undo takes back."""

    jump = Signal(object)
    """A ``Place`` to show."""
    chosen = Signal(str)
    """Id of the measurement that the reader went to."""

    def __init__(
        self, session: Session, values: Values, volumes: Listed | None = None, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._session = session
        self._values = values
        self._volumes: Listed = volumes or (lambda: ())
        self._places: dict[str, Place] = {}
        self._filling = False
        self._wanted = ""
        self.list = _List()
        self.list.itemClicked.connect(self._jump)
        self.list.itemActivated.connect(self._jump)
        self.list.itemChanged.connect(self._renamed)
        self.list.delete_pressed.connect(self.delete_current)
        self.list.itemSelectionChanged.connect(self._arrange)
        self.nothing = label(
            tr("Nothing is measured yet. Choose a measuring tool, such as Distance, and draw on the image."),
            "quiet",
            wrap=True,
        )
        self.rename = button(tr("Rename"), "pencil-simple", quiet=True)
        self.rename.clicked.connect(self.rename_current)
        self.delete = button(tr("Delete"), "trash", quiet=True)
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
        column.addWidget(self.list, 1)
        self.histogram = RegionHistogram()
        column.addWidget(self.histogram)
        column.addLayout(foot)
        column.addStretch(0)
        session.subscribe(self._changed)
        self.refresh()

    def _changed(self, change: Change) -> None:
        if change & (Change.MEASUREMENTS | Change.STUDIES | Change.ACTIVE_SERIES):
            self.refresh()

    def refresh(self) -> None:
        """Fills the list again, because measurements changed or because more pixels are in memory."""
        kept = self._wanted or self._current_id()
        self._filling = True
        self.list.clear()
        series_of = {series.key: series for series in self._session.index.series()}
        for measurement in self._session.document.measurements:
            place = measurement.place
            series = series_of.get((place.series_uid, place.stack))
            index = place.index_in(series) if series is not None else None
            where = "" if series is None or index is None else place_text(series, index)
            if place.plane is not None:
                where = place.plane.text
            if series is not None and series is not self._session.active:
                where = joined(", ", (series_name(series), lowered(where)))
            where = shown(where)
            lines = tuple(map(shown, self._values(measurement))) or (("",) if measurement.kind.is_note else ("…",))
            item = QListWidgetItem(measurement.name or shown(measurement.kind.value))
            item.setFlags(item.flags() | Qt.ItemFlag.ItemIsEditable)
            for role, value in ((ID, measurement.id), (ICON, ICONS[measurement.kind]), (WHERE, where), (VALUES, lines)):
                item.setData(role, value)
            said = ", ".join(part for part in (item.text(), *lines, where) if part)
            item.setData(Qt.ItemDataRole.AccessibleTextRole, said)
            item.setToolTip(tr("{where}. Click to go there, double click to rename.", where=where))
            self.list.addItem(item)
            if measurement.id == kept:
                self.list.setCurrentItem(item)
        self._add_volumes(kept)
        self._filling = False
        some = self.list.count() > 0
        self.nothing.setVisible(not some)
        self.list.setVisible(some)
        self._arrange()

    def _add_volumes(self, kept: str) -> None:
        """Rows that the reader can go to and not change: they are what a model or another program drew."""
        self._places = {}
        for number, (title, part) in enumerate(self._volumes()):
            name = shown(part.name)
            item = QListWidgetItem(name)
            identifier, value = f"{VOLUME}{number}", measure_text(part.volume)
            self._places[identifier] = part.place
            for role, data in ((ID, identifier), (ICON, "cube"), (WHERE, title), (VALUES, (value,))):
                item.setData(role, data)
            item.setData(Qt.ItemDataRole.AccessibleTextRole, f"{name}, {value}, {title}")
            item.setToolTip(tr("{title}. Click to go where it is largest.", title=title))
            self.list.addItem(item)
            if identifier == kept:
                self.list.setCurrentItem(item)

    def _arrange(self) -> None:
        some, current = self.list.count() > 0, self._current_id()
        if not self._filling and current:
            self._wanted = current
        for one in (self.rename, self.delete):
            one.setVisible(some)
            one.setEnabled(bool(current) and not current.startswith(VOLUME))

    def _current_id(self) -> str:
        item = self.list.currentItem()
        return "" if item is None else str(item.data(ID))

    def _measurement(self, measurement_id: str) -> Measurement | None:
        return next((m for m in self._session.document.measurements if m.id == measurement_id), None)

    def _jump(self, item: QListWidgetItem) -> None:
        identifier = str(item.data(ID))
        if identifier in self._places:
            self.jump.emit(self._places[identifier])
        measurement = self._measurement(identifier)
        if measurement is not None:
            self.jump.emit(measurement.place)
            self.chosen.emit(measurement.id)

    def select(self, measurement_id: str) -> None:
        """Marks the row of a measurement that was selected on the image; none where the list lacks it."""
        self._wanted = measurement_id
        if measurement_id == self._current_id():
            return
        rows = range(self.list.count())
        row = next((row for row in rows if self.list.item(row).data(ID) == measurement_id), -1)
        self.list.setCurrentRow(row)

    def _renamed(self, item: QListWidgetItem) -> None:
        measurement = None if self._filling else self._measurement(str(item.data(ID)))
        if measurement is None:
            return
        name = item.text().strip()
        name = "" if name == shown(measurement.kind.value) else name
        if not name and measurement.kind is MeasurementKind.TEXT:
            # A text without words would be nothing.
            name = measurement.name
        if name != measurement.name:
            document = self._session.document.with_measurement(replace(measurement, name=name))
            self._session.commit(say("Rename measurement"), document)
        elif item.text() != (measurement.name or shown(measurement.kind.value)):
            self.refresh()

    def rename_current(self) -> None:
        """Opens the field to write a name into."""
        item = self.list.currentItem()
        if item is not None and item.flags() & Qt.ItemFlag.ItemIsEditable:
            self.list.editItem(item)

    def delete_current(self) -> None:
        """Deletes the selected measurement."""
        chosen = self._current_id()
        if chosen and not chosen.startswith(VOLUME):
            self._session.commit(say("Delete measurement"), self._session.document.without_measurement(chosen))


class _List(QListWidget):
    """Rows of several lines."""

    delete_pressed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setItemDelegate(MeasurementDelegate(self))
        self.setAccessibleName(tr("Measurements"))
        self.setMouseTracking(True)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setEditTriggers(QAbstractItemView.EditTrigger.EditKeyPressed | QAbstractItemView.EditTrigger.DoubleClicked)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Delete deletes."""
        if event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.delete_pressed.emit()
            return
        super().keyPressEvent(event)
