"""The command palette: every command by its words, with its keys, and why it cannot be used where it cannot."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPersistentModelIndex, QRect, QSize, Qt
from PySide6.QtGui import QAction, QColor, QFontMetrics, QKeyEvent, QKeySequence, QPainter
from PySide6.QtWidgets import (
    QDialog,
    QLineEdit,
    QListWidget,
    QListWidgetItem,
    QMenu,
    QMenuBar,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QVBoxLayout,
    QWidget,
)

from app.ui import theme
from app.ui.commands import plain
from app.ui.language import shown, tr
from app.ui.painting import draw_text
from app.ui.widgets import label

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from app.ui.actions import Actions

_WIDTH = 620
_ROWS = 11
_ENTRY = Qt.ItemDataRole.UserRole
_INSET = 12
_BETWEEN = 10
"""Above and below the two lines of a row together."""


@dataclass(frozen=True)
class Entry:
    """One row. ``path``: the menus that lead to it. ``why_not``: empty where it can be used."""

    action: QAction
    title: str
    path: str = ""
    keys: str = ""
    why_not: str = ""
    words: str = ""
    """Further words that find it."""
    own_title: str = ""
    """The command's title whatever is open, where ``title`` says what it would act on now."""


def entries(actions: Actions, bar: QMenuBar) -> list[Entry]:
    """All commands of the registry, then what else stands in the menus, such as panels and recent files."""
    leaves = dict(_leaves(bar))
    found = []
    known: set[QAction] = set()
    for command in actions:
        action = actions[command.name]
        known.add(action)
        found.append(
            Entry(
                action,
                plain(action.text()),
                leaves.get(action, ""),
                actions.shortcuts.text(command.name),
                actions.why_not(command.name),
                f"{shown(command.help)} {command.help} {plain(command.text)}",
                command.plain,
            )
        )
    for action, path in leaves.items():
        if action not in known and action.text() and action.isVisible():
            keys = action.shortcut().toString(QKeySequence.SequenceFormat.NativeText)
            why_not = "" if action.isEnabled() else tr("There is nothing that it could act on now.")
            found.append(Entry(action, plain(action.text()), path, keys, why_not))
    return found


def _leaves(bar: QMenuBar) -> Iterator[tuple[QAction, str]]:
    """Every action of the menus that does something, with the menus that lead to it."""

    def walk(actions: Sequence[QAction], path: str) -> Iterator[tuple[QAction, str]]:
        for action in actions:
            # Not ``action.menu()``: PySide then takes the menu for a child of the action's Python object, and every
            # other hold on the menu goes with it.
            menu = QMenu.menuInAction(action)
            if isinstance(menu, QMenu):
                title = plain(menu.title())
                yield from walk(menu.actions(), f"{path} > {title}" if path else title)
            elif not action.isSeparator():
                yield action, path

    yield from walk(bar.actions(), "")


def found(every: Sequence[Entry], wanted: str) -> list[Entry]:
    """The entries that hold all words of ``wanted``, in any order: best are titles that begin with them, then words
    that do, then the rest. What can be used comes before what cannot, where they fit equally well."""
    words = wanted.casefold().split()
    ranked = []
    for place, entry in enumerate(every):
        title = entry.title.casefold()
        other = f"{title} {entry.path} {entry.words} {entry.keys}".casefold()
        if not all(word in other for word in words):
            continue
        parts = title.split()
        at_word = sum(any(part.startswith(word) for part in parts) for word in words)
        in_title = sum(word in title for word in words)
        begins = bool(words) and title.startswith(words[0])
        ranked.append((-at_word, -in_title, not begins, bool(entry.why_not), place, entry))
    # Places differ, so entries are never compared.
    return [row[-1] for row in sorted(ranked)]


class Palette(QDialog):
    """A field and the commands that fit what is written in it. Enter or a click does one; Esc leaves."""

    def __init__(self, actions: Actions, bar: QMenuBar, parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Dialog | Qt.WindowType.FramelessWindowHint)
        self.setWindowTitle(tr("Find a command"))
        self.setObjectName("palette")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._entries = entries(actions, bar)
        self._chosen: QAction | None = None
        self.field = QLineEdit()
        self.field.setPlaceholderText(tr("Find a command by any of its words"))
        self.field.setAccessibleName(tr("Find a command"))
        self.field.setClearButtonEnabled(True)
        self.field.textChanged.connect(self._fill)
        self.field.installEventFilter(self)
        self.list = QListWidget()
        self.list.setAccessibleName(tr("Commands"))
        self.list.setItemDelegate(_Row(self.list))
        self.list.setUniformItemSizes(True)
        self.list.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.list.setMouseTracking(True)
        self.list.itemClicked.connect(self._do)
        self.list.itemActivated.connect(self._do)
        self.none = label(tr("No command has all of these words."), "quiet")
        self.none.setAlignment(Qt.AlignmentFlag.AlignCenter)
        column = QVBoxLayout(self)
        column.setContentsMargins(*[theme.SPACE] * 4)
        column.setSpacing(theme.SPACE)
        column.addWidget(self.field)
        column.addWidget(self.list, 1)
        column.addWidget(self.none, 1)
        self._fill("")
        self._place(parent)
        self.finished.connect(self._trigger)

    def _place(self, parent: QWidget | None) -> None:
        row = 2 * self.list.fontMetrics().height() + _BETWEEN
        size = QSize(_WIDTH, self.field.sizeHint().height() + row * _ROWS + theme.SPACE * 4)
        if parent is not None:
            size = size.boundedTo(parent.size() - QSize(theme.SPACE * 4, theme.SPACE * 12))
            corner = parent.mapToGlobal(parent.rect().topLeft())
            self.move(corner.x() + (parent.width() - size.width()) // 2, corner.y() + theme.SPACE * 10)
        self.resize(size)

    def _fill(self, wanted: str) -> None:
        self.list.clear()
        for entry in found(self._entries, wanted):
            item = QListWidgetItem(entry.title)
            item.setData(_ENTRY, entry)
            told = (entry.title, entry.path, entry.keys, entry.why_not)
            item.setData(Qt.ItemDataRole.AccessibleTextRole, ", ".join(text for text in told if text))
            item.setToolTip(entry.why_not)
            self.list.addItem(item)
        some = self.list.count() > 0
        self.list.setVisible(some)
        self.none.setVisible(not some)
        if some:
            self.list.setCurrentRow(0)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """While words are typed, arrows and pages move in the list, and Enter does what is chosen there."""
        if watched is self.field and isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            step = {
                Qt.Key.Key_Down: 1,
                Qt.Key.Key_Up: -1,
                Qt.Key.Key_PageDown: _ROWS - 1,
                Qt.Key.Key_PageUp: 1 - _ROWS,
            }.get(Qt.Key(event.key()))
            if step is not None:
                row = min(max(self.list.currentRow() + step, 0), self.list.count() - 1)
                self.list.setCurrentRow(row)
                return True
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                item = self.list.currentItem()
                if item is not None:
                    self._do(item)
                return True
        return super().eventFilter(watched, event)

    def _do(self, item: QListWidgetItem) -> None:
        entry: Entry = item.data(_ENTRY)
        if not entry.why_not:
            self._chosen = entry.action
            self.accept()

    def _trigger(self) -> None:
        # After the palette has gone: a command may open a dialog of its own, or need the focus of the image.
        if self._chosen is not None:
            chosen, self._chosen = self._chosen, None
            parent = self.parentWidget()
            if parent is not None:
                parent.activateWindow()
            chosen.trigger()


class _Row(QStyledItemDelegate):
    """Title and, below it, where it stands or why it cannot be used; keys on the right."""

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(100, 2 * QFontMetrics(option.font).height() + _BETWEEN)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        """Draws a row."""
        painter.save()
        entry: Entry = index.data(_ENTRY)
        rect = QRect(option.rect)
        if option.state & QStyle.StateFlag.State_Selected:
            painter.fillRect(rect, QColor(theme.ACCENT_QUIET))
        elif option.state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(rect, QColor(theme.HOVER))
        metrics = QFontMetrics(option.font)
        height = metrics.height()
        room = metrics.horizontalAdvance(entry.keys) + _INSET if entry.keys else 0
        line = QRect(rect.left() + _INSET, rect.top() + _BETWEEN // 2, rect.width() - 2 * _INSET, height)
        title = line.adjusted(0, 0, -room, 0)
        draw_text(painter, title, entry.title, option.font, theme.TEXT_QUIET if entry.why_not else theme.TEXT)
        draw_text(painter, line.translated(0, height), entry.why_not or entry.path, option.font, theme.TEXT_QUIET)
        draw_text(painter, line, entry.keys, option.font, theme.TEXT_QUIET, right=True)
        painter.restore()
