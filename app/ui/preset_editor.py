"""The editor of window presets: by modality, in the order of the keys 1–9."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QHBoxLayout,
    QHeaderView,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from app.core.preset_book import BUILT_IN, MOST, PresetBook, made
from app.ui import theme
from app.ui.language import shown, tr
from app.ui.widgets import button, label
from inference.words import said_by, say

if TYPE_CHECKING:
    from app.core.presets import Preset
    from app.dicom.voi import Window

_COLUMNS = (say("Name"), say("Width"), say("Centre"))


_SAID = Qt.ItemDataRole.UserRole
"""The name before it was translated: a row that was left alone keeps it."""


def _written(item: QTableWidgetItem) -> str:
    said = item.data(_SAID)
    return said if isinstance(said, str) and item.text() == shown(said) else item.text()


class PresetEditor(QDialog):
    """Changes nothing before Save."""

    saved = Signal(object)
    """The ``PresetBook``."""

    def __init__(
        self, book: PresetBook, group: str = "CT", now: Window | None = None, parent: QWidget | None = None
    ) -> None:
        """``group``: shown first. ``now``: the window in the view, which a new preset begins with."""
        super().__init__(parent)
        self.setWindowTitle(tr("Window presets"))
        self.resize(520, 460)
        self._book, self._now = book, now
        self.group = QComboBox()
        self.group.setAccessibleName(tr("Modality"))
        self.group.addItems(list(dict.fromkeys((*book.groups(), group or "CT"))))
        self.group.setCurrentText(group or "CT")
        self._shown = self.group.currentText()
        self.table = QTableWidget(0, len(_COLUMNS))
        self.table.setHorizontalHeaderLabels([shown(name) for name in _COLUMNS])
        self.table.setAccessibleName(tr("Presets"))
        # Tab leaves the table; arrows move in it.
        self.table.setTabKeyNavigation(False)
        self.table.setSelectionBehavior(QTableWidget.SelectionBehavior.SelectRows)
        self.table.setSelectionMode(QTableWidget.SelectionMode.SingleSelection)
        self.table.horizontalHeader().setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        self.table.verticalHeader().setDefaultAlignment(Qt.AlignmentFlag.AlignCenter)
        self.fault = label("", "error", wrap=True)
        self.fault.hide()
        self.add = button(tr("Add"))
        self.remove = button(tr("Remove"), "trash")
        self.up, self.down = button(tr("Up"), "caret-up"), button(tr("Down"), "caret-down")
        defaults = button(tr("Defaults"), quiet=True)
        cancel, save = button(tr("Cancel")), button(tr("Save"), primary=True)
        save.setDefault(True)
        head = QHBoxLayout()
        head.setSpacing(theme.SPACE)
        head.addWidget(label(tr("Modality")))
        head.addWidget(self.group, 1)
        tools = QHBoxLayout()
        tools.setSpacing(theme.SPACE)
        for made_button in (self.add, self.remove, self.up, self.down):
            tools.addWidget(made_button)
        tools.addStretch(1)
        foot = QHBoxLayout()
        foot.setSpacing(theme.SPACE)
        foot.addWidget(defaults)
        foot.addStretch(1)
        foot.addWidget(cancel)
        foot.addWidget(save)
        column = QVBoxLayout(self)
        column.setContentsMargins(*[theme.SPACE * 2] * 4)
        column.setSpacing(theme.SPACE)
        column.addLayout(head)
        column.addWidget(self.table, 1)
        column.addLayout(tools)
        told = tr("The first nine have the keys 1–9. Those of CT are for Hounsfield units, those of PT for SUV.")
        column.addWidget(label(told, "small", wrap=True))
        column.addWidget(self.fault)
        column.addLayout(foot)
        self.group.currentTextChanged.connect(self._change_group)
        self.add.clicked.connect(self._add)
        self.remove.clicked.connect(self._remove)
        self.up.clicked.connect(lambda: self._move(-1))
        self.down.clicked.connect(lambda: self._move(1))
        defaults.clicked.connect(lambda: self._fill(BUILT_IN.get(self._shown, ())))
        cancel.clicked.connect(self.reject)
        save.clicked.connect(self._save)
        self.table.itemSelectionChanged.connect(self._arrange)
        self._fill(book.of_group(self._shown))

    # -- the table -------------------------------------------------------------------------------------------------

    def _fill(self, presets: tuple[Preset, ...]) -> None:
        self.table.setRowCount(0)
        for preset in presets:
            self._insert((preset.name, f"{preset.window.width:g}", f"{preset.window.center:g}"))
        self._arrange()

    def _insert(self, texts: tuple[str, ...]) -> None:
        row = self.table.rowCount()
        self.table.insertRow(row)
        for column, text in enumerate(texts):
            item = QTableWidgetItem(shown(text))
            item.setData(_SAID, text)
            if column:
                item.setTextAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
            self.table.setItem(row, column, item)

    def rows(self) -> list[tuple[str, ...]]:
        """What the table says: (name, width, centre) as text."""
        found = []
        for row in range(self.table.rowCount()):
            items = [self.table.item(row, column) for column in range(len(_COLUMNS))]
            found.append(tuple(_written(item) if item is not None else "" for item in items))
        return found

    def _presets(self) -> tuple[Preset, ...]:
        """Raises ``ValueError`` with a sentence, and selects the row that it is about."""
        presets = []
        for row, (name, width, centre) in enumerate(self.rows()):
            try:
                numbers = [float(text.replace("\u2212", "-").replace(",", ".")) for text in (width, centre)]
            except ValueError:
                self.table.selectRow(row)
                raise ValueError(say("“{name}”: width and centre must be numbers.", name=name)) from None
            try:
                presets.append(made(name, *numbers))
            except ValueError:
                self.table.selectRow(row)
                raise
        # Those that were left as they are stay the built-in ones, with their identifiers.
        known = {(p.name, p.window.width, p.window.center): p for p in self._book.of_group(self._shown)}
        known |= {(p.name, p.window.width, p.window.center): p for p in BUILT_IN.get(self._shown, ())}
        return tuple(known.get((p.name, p.window.width, p.window.center), p) for p in presets)

    # -- what the reader does --------------------------------------------------------------------------------------

    def _arrange(self) -> None:
        row, count = self.table.currentRow(), self.table.rowCount()
        chosen = bool(self.table.selectedItems())
        self.remove.setEnabled(chosen)
        self.up.setEnabled(chosen and row > 0)
        self.down.setEnabled(chosen and row < count - 1)
        self.add.setEnabled(count < MOST)
        self.table.setVerticalHeaderLabels([str(n + 1) if n < 9 else "" for n in range(count)])

    def _add(self) -> None:
        width, centre = (self._now.width, self._now.center) if self._now is not None else (400.0, 40.0)
        self._insert((tr("New preset"), f"{width:g}", f"{centre:g}"))
        row = self.table.rowCount() - 1
        self.table.selectRow(row)
        self._arrange()
        item = self.table.item(row, 0)
        if item is not None:
            self.table.editItem(item)

    def _remove(self) -> None:
        self.table.removeRow(self.table.currentRow())
        self._arrange()

    def _move(self, rows: int) -> None:
        here = self.table.currentRow()
        for column in range(len(_COLUMNS)):
            a, b = self.table.takeItem(here, column), self.table.takeItem(here + rows, column)
            self.table.setItem(here + rows, column, a)
            self.table.setItem(here, column, b)
        self.table.selectRow(here + rows)

    def _keep(self) -> bool:
        """Takes the table over into the book; says why not where a row does not serve."""
        self.fault.hide()
        try:
            self._book = self._book.with_group(self._shown, self._presets())
        except ValueError as error:
            self.fault.setText(shown(said_by(error)))
            self.fault.show()
            return False
        return True

    def _change_group(self, group: str) -> None:
        if self._keep():
            self._shown = group
            self._fill(self._book.of_group(group))
        else:
            self.group.blockSignals(True)
            self.group.setCurrentText(self._shown)
            self.group.blockSignals(False)

    def _save(self) -> None:
        if self._keep():
            self.saved.emit(self._book)
            self.accept()
