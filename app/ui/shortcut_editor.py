"""The page of the settings where keys are given to commands: conflicts show beside the commands that have them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QKeySequence
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QKeySequenceEdit,
    QLineEdit,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from app.ui import theme
from app.ui.language import tr
from app.ui.shortcuts import native, portable
from app.ui.widgets import button, label
from inference.words import joined

if TYPE_CHECKING:
    from app.ui.palette import Entry
    from app.ui.shortcuts import Shortcuts

_NAME = Qt.ItemDataRole.UserRole


class ShortcutEditor(QWidget):
    """Works on a copy of the keys: ``shortcuts``. ``entries``: the commands in the order of the menus, each action with
    its command's name as object name."""

    def __init__(self, shortcuts: Shortcuts, entries: list[Entry], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.shortcuts = shortcuts
        self._rows: dict[str, QTreeWidgetItem] = {}
        self.search = QLineEdit()
        self.search.setPlaceholderText(tr("Find a command or a key"))
        self.search.setAccessibleName(tr("Find a command or a key"))
        self.search.setClearButtonEnabled(True)
        self.search.textChanged.connect(self._filter)
        self.tree = QTreeWidget()
        self.tree.setAccessibleName(tr("Commands and their keys"))
        self.tree.setHeaderLabels([tr("Command"), tr("Keys"), ""])
        self.tree.setRootIsDecorated(False)
        self.tree.setUniformRowHeights(True)
        self.tree.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        # Tab leaves the list; arrows move in it.
        self.tree.setTabKeyNavigation(False)
        head = self.tree.header()
        head.setStretchLastSection(False)
        head.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)
        head.setSectionResizeMode(1, QHeaderView.ResizeMode.ResizeToContents)
        head.setSectionResizeMode(2, QHeaderView.ResizeMode.ResizeToContents)
        for entry in entries:
            name = entry.action.objectName()
            if name in shortcuts:
                row = QTreeWidgetItem([entry.own_title or entry.title, "", ""])
                row.setToolTip(0, entry.path)
                row.setData(0, _NAME, name)
                self.tree.addTopLevelItem(row)
                self._rows[name] = row
        self.tree.currentItemChanged.connect(lambda *_: self._show_chosen())
        self.field = QKeySequenceEdit()
        self.field.setMaximumSequenceLength(1)
        self.field.setClearButtonEnabled(True)
        self.field.setAccessibleName(tr("Key for the chosen command: press it"))
        inner = self.field.findChild(QLineEdit)
        if inner is not None:
            inner.setPlaceholderText(tr("Press a key"))
            inner.setAccessibleName(tr("Key for the chosen command: press it"))
        self.field.keySequenceChanged.connect(self._choose)
        self.default = button(tr("Default"), quiet=True)
        self.default.setAccessibleName(tr("Default key of the chosen command"))
        self.default.clicked.connect(self._reset_chosen)
        self.conflict = label("", "warning", wrap=True)
        line = QHBoxLayout()
        line.setSpacing(theme.SPACE)
        line.addWidget(self.field, 1)
        line.addWidget(self.default)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, theme.SPACE, 0, 0)
        column.setSpacing(theme.SPACE)
        column.addWidget(self.search)
        column.addWidget(self.tree, 1)
        column.addLayout(line)
        column.addWidget(self.conflict)
        column.addWidget(label(tr("Single keys act while an image has the focus."), "small"))
        first = self.tree.topLevelItem(0)
        if first is not None:
            self.tree.setCurrentItem(first)
        self._refresh()

    def chosen(self) -> str:
        """The command that the field belongs to; empty for none."""
        item = self.tree.currentItem()
        return "" if item is None else str(item.data(0, _NAME))

    def choose(self, name: str) -> None:
        """Goes to a command."""
        self.tree.setCurrentItem(self._rows[name])
        self.tree.scrollToItem(self._rows[name], QAbstractItemView.ScrollHint.PositionAtCenter)

    def reset_all(self) -> None:
        """All defaults again."""
        self.shortcuts.reset_all()
        self._refresh()

    def _reset_chosen(self) -> None:
        if self.chosen():
            self.shortcuts.reset(self.chosen())
            self._refresh()

    def _choose(self, sequence: QKeySequence) -> None:
        name = self.chosen()
        key = portable(sequence.toString(QKeySequence.SequenceFormat.PortableText))
        if name and key != (self.shortcuts.keys(name) or ("",))[0]:
            self.shortcuts.set(name, [key] if key else [])
            self._refresh()

    def _show_chosen(self) -> None:
        name = self.chosen()
        keys = self.shortcuts.keys(name) if name else ()
        wanted = QKeySequence(keys[0] if keys else "")
        if self.field.keySequence() != wanted:
            self.field.blockSignals(True)
            self.field.setKeySequence(wanted)
            self.field.blockSignals(False)
        self.field.setEnabled(bool(name))
        self.default.setEnabled(bool(name) and self.shortcuts.is_changed(name))

    def _refresh(self) -> None:
        """Keys and conflicts as they are now."""
        conflicts = self.shortcuts.conflicts()
        titles = {name: row.text(0) for name, row in self._rows.items()}
        troubled = {name for names in conflicts.values() for name in names}
        for name, row in self._rows.items():
            row.setText(1, self.shortcuts.text(name))
            trouble = name in troubled
            others = sorted(
                {titles.get(o, o) for names in conflicts.values() if name in names for o in names if o != name}
            )
            changed = tr("changed") if self.shortcuts.is_changed(name) else ""
            row.setText(2, tr("conflict") if trouble else changed)
            row.setForeground(2, QColor(theme.WARNING if trouble else theme.TEXT_QUIET))
            row.setToolTip(1, tr("Also: {keys}", keys=joined(", ", others)) if others else "")
        self.conflict.setText(
            "\n".join(
                tr(
                    "{key} belongs to several commands: {commands}",
                    key=native(key),
                    commands=joined(", ", (titles.get(name, name) for name in names)),
                )
                for key, names in conflicts.items()
            )
        )
        self.conflict.setVisible(bool(conflicts))
        self._show_chosen()

    def _filter(self, wanted: str) -> None:
        words = wanted.casefold().split()
        for row in self._rows.values():
            text = f"{row.text(0)} {row.toolTip(0)} {row.text(1)} {row.text(2)}".casefold()
            row.setHidden(not all(word in text for word in words))
