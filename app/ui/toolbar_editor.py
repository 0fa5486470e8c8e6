"""The page of the settings where the tool bar is arranged: what stands on it, and in which order."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QGridLayout, QListWidget, QListWidgetItem, QVBoxLayout, QWidget

from app.ui import icons, theme
from app.ui.language import tr
from app.ui.toolbar import DEFAULT_BAR, SEPARATOR
from app.ui.widgets import button, label

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from PySide6.QtGui import QIcon

    from app.ui.actions import Actions
    from app.ui.toolbar import Part

_NAME = Qt.ItemDataRole.UserRole


class ToolBarEditor(QWidget):
    """Two lists: what could stand on the bar, and what does. Commands without an icon cannot."""

    def __init__(
        self, actions: Actions, parts: Mapping[str, Part], names: Sequence[str], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._known: dict[str, tuple[str, QIcon]] = {SEPARATOR: (tr("Gap"), icons.icon("minus"))}
        for name, part in parts.items():
            self._known[name] = (part.title, icons.icon(part.icon))
        for command in actions:
            if command.icon:
                self._known[command.name] = (command.plain, icons.icon(command.icon))
        self.offered, self.shown = QListWidget(), QListWidget()
        self.offered.setAccessibleName(tr("Not on the tool bar"))
        self.shown.setAccessibleName(tr("On the tool bar"))
        self.shown.setDragDropMode(QListWidget.DragDropMode.InternalMove)
        self.add, self.remove = button(tr("Add")), button(tr("Remove"))
        self.up, self.down = button(tr("Up"), "caret-up"), button(tr("Down"), "caret-down")
        self.add.clicked.connect(self._add)
        self.remove.clicked.connect(self._remove)
        self.up.clicked.connect(lambda: self._move(-1))
        self.down.clicked.connect(lambda: self._move(1))
        self.offered.itemDoubleClicked.connect(lambda _: self._add())
        self.shown.itemDoubleClicked.connect(lambda _: self._remove())
        for box in (self.offered, self.shown):
            box.setIconSize(QSize(16, 16))
            box.setUniformItemSizes(True)
            box.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
            box.currentRowChanged.connect(lambda _: self._arrange())
        middle = QVBoxLayout()
        middle.setSpacing(theme.SPACE)
        middle.addStretch(1)
        for each in (self.add, self.remove, self.up, self.down):
            middle.addWidget(each)
        middle.addStretch(1)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, theme.SPACE, 0, 0)
        grid.setSpacing(theme.SPACE)
        grid.addWidget(label(tr("Not on the tool bar"), "section"), 0, 0)
        grid.addWidget(label(tr("On the tool bar"), "section"), 0, 2)
        grid.addWidget(self.offered, 1, 0)
        grid.addLayout(middle, 1, 1)
        grid.addWidget(self.shown, 1, 2)
        grid.setColumnStretch(0, 1)
        grid.setColumnStretch(2, 1)
        self.show_names(names)

    def show_names(self, names: Sequence[str]) -> None:
        """Shows a bar of ``names``."""
        self.offered.clear()
        self.shown.clear()
        for name in names:
            if name in self._known:
                self.shown.addItem(self._item(name))
        self._fill_offered()
        self.shown.setCurrentRow(0)

    def names(self) -> tuple[str, ...]:
        """What stands on the bar."""
        return tuple(str(self.shown.item(row).data(_NAME)) for row in range(self.shown.count()))

    def chosen(self) -> list[str]:
        """For the settings: empty where it is the usual bar."""
        names = list(self.names())
        return [] if tuple(names) == tuple(DEFAULT_BAR) else names

    def _item(self, name: str) -> QListWidgetItem:
        title, icon = self._known[name]
        item = QListWidgetItem(icon, title)
        item.setToolTip(title)
        item.setData(_NAME, name)
        return item

    def _fill_offered(self) -> None:
        here = set(self.names()) - {SEPARATOR}
        current = self.offered.currentRow()
        self.offered.clear()
        for name in self._known:
            if name not in here:
                self.offered.addItem(self._item(name))
        self.offered.setCurrentRow(min(max(current, 0), self.offered.count() - 1))
        self._arrange()

    def _add(self) -> None:
        item = self.offered.currentItem()
        if item is not None:
            row = self.shown.currentRow() + 1
            self.shown.insertItem(row, self._item(str(item.data(_NAME))))
            self.shown.setCurrentRow(row)
            self._fill_offered()

    def _remove(self) -> None:
        row = self.shown.currentRow()
        if row >= 0:
            self.shown.takeItem(row)
            self._fill_offered()

    def _move(self, steps: int) -> None:
        row = self.shown.currentRow()
        if 0 <= row + steps < self.shown.count() and row >= 0:
            self.shown.insertItem(row + steps, self.shown.takeItem(row))
            self.shown.setCurrentRow(row + steps)

    def _arrange(self) -> None:
        row = self.shown.currentRow()
        self.add.setEnabled(self.offered.currentRow() >= 0)
        self.remove.setEnabled(row >= 0)
        self.up.setEnabled(row > 0)
        self.down.setEnabled(0 <= row < self.shown.count() - 1)
