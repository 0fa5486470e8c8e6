"""The registry: every command of the window once, with its words, icon, keys and when it can be used.

Menus, tool bar, context menu, command palette, tool tips, help and the editor of shortcuts all come from here. Keys of
a viewport (``VIEW``) act while it has the focus, so that lists and fields keep theirs; the viewport handles most itself
(``app.ui.viewport.keys``), the rest are shortcuts that belong to it. Keys of the window act everywhere.
"""

from __future__ import annotations

import weakref
from typing import TYPE_CHECKING

import shiboken6
from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QAction, QActionGroup, QKeySequence, QShortcut

from app.ui import icons
from app.ui.commands import COMMANDS, TOOLS, Command, Needs, Where, plain
from app.ui.language import shown, tr
from app.ui.shortcuts import Shortcuts, native
from app.ui.viewport import Tool, Viewport
from app.ui.viewport.bindings import TITLES, Bindings
from app.ui.viewport.keys import KeyTable
from inference.words import say

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterator, Mapping, Sequence

    from PySide6.QtWidgets import QWidget


class Actions(QObject):
    """All commands as QActions, by name. ``chosen``: keys that the reader gave to commands. ``bindings``: of the
    mouse."""

    rebound = Signal()
    """Commands have other keys."""

    def __init__(
        self,
        parent: QWidget,
        chosen: Mapping[str, Sequence[str]] | None = None,
        bindings: Bindings = Bindings(),  # noqa: B008 - frozen
    ) -> None:
        super().__init__(parent)
        self._commands = {command.name: command for command in (*COMMANDS, *TOOLS.values())}
        self._actions: dict[str, QAction] = {}
        self._reasons: dict[str, str] = {}
        self._titles: dict[str, str] = {}
        self._views: list[weakref.ref[QWidget]] = []
        self._explained: dict[str, list[weakref.ref[QWidget]]] = {}
        self.bindings = bindings
        self.shortcuts = Shortcuts(self._commands.values(), chosen)
        self.tools = QActionGroup(self)
        for command in COMMANDS:
            self._add(command)
        for tool, command in TOOLS.items():
            action = self._add(command)
            action.setData(tool)
            self.tools.addAction(action)
        for action in self._actions.values():
            parent.addAction(action)

    def _add(self, command: Command) -> QAction:
        action = QAction(shown(command.text), self)
        action.setObjectName(command.name)
        if command.icon:
            action.setIcon(icons.icon(command.icon))
        action.setIconText(command.plain)
        action.setStatusTip("")
        action.setCheckable(command.checkable)
        self._actions[command.name] = action
        self._titles[command.name] = shown(command.text)
        self._dress(command.name)
        return action

    def _dress(self, name: str) -> None:
        """Key, text and tool tip of an action as they must be now."""
        command, action = self._commands[name], self._actions[name]
        text, keys = self._titles[name], self.shortcuts.keys(name)
        if command.where is Where.WINDOW:
            action.setShortcuts([QKeySequence(key) for key in keys])
        elif keys:
            # Shown in the menu, but not taken from lists and fields: the key belongs to the viewport.
            text = f"{text}\t{native(keys[0])}"
        action.setText(text)
        tip = shown(command.help) or plain(self._titles[name])
        told = self.shortcuts.text(name)
        tip = f"{tip} ({told})" if told else tip
        reason = self._reasons.get(name, "")
        action.setToolTip(f"{tip}\n{reason}" if reason else tip)
        self._explained[name] = [ref for ref in self._explained.get(name, []) if _is_there(ref())]
        for ref in self._explained[name]:
            widget = ref()
            if widget is not None:
                widget.setToolTip(tip)

    def explain(self, name: str, *widgets: QWidget) -> None:
        """Gives widgets that do what the command ``name`` does its tool tip, with the key that it has now."""
        self._explained.setdefault(name, []).extend(weakref.ref(widget) for widget in widgets)
        self._dress(name)

    def __getitem__(self, name: str) -> QAction:
        return self._actions[name]

    def __contains__(self, name: object) -> bool:
        return name in self._actions

    def __iter__(self) -> Iterator[Command]:
        return iter(self._commands.values())

    def connect_all(self, *groups: Mapping[str, Callable[[], object]]) -> None:
        """Gives each command its verb. Raises ``KeyError`` for a command without one, or a verb without command."""
        verbs = {name: verb for group in groups for name, verb in group.items()}
        missing = {command.name for command in COMMANDS} ^ set(verbs)
        if missing:
            raise KeyError(f"commands and verbs do not match: {sorted(missing)}")
        for name, verb in verbs.items():
            self._actions[name].triggered.connect(lambda _=False, verb=verb: verb())

    # -- when a command can be used --------------------------------------------------------------------------------

    def meet(self, facts: Collection[Needs]) -> None:
        """Turns commands on whose needs are among ``facts``, and the others off. Those that need nothing stay."""
        for name, command in self._commands.items():
            if command.requires is not Needs.NOTHING:
                self.allow(name, "" if command.requires in facts else shown(command.requires.value))

    def allow(self, name: str, why_not: str = "") -> None:
        """Turns ``name`` on, or off for a reason that tool tip and palette give."""
        action = self._actions[name]
        if self._reasons.get(name, "") == why_not and action.isEnabled() == (not why_not):
            # Most are asked about with every series that comes on screen, and stay as they are.
            return
        self._reasons[name] = why_not
        action.setEnabled(not why_not)
        self._dress(name)

    def why_not(self, name: str) -> str:
        """Why ``name`` cannot be used now; empty where it can."""
        if self._actions[name].isEnabled():
            return ""
        return self._reasons.get(name) or tr("There is nothing that it could act on now.")

    def set_title(self, name: str, text: str) -> None:
        """Other words for a command, such as what would be undone. Its key stays beside it."""
        if self._titles[name] == text:
            return
        self._titles[name] = text
        self._actions[name].setIconText(plain(text))
        self._dress(name)

    # -- keys ------------------------------------------------------------------------------------------------------

    def give_keys_to(self, viewport: QWidget) -> None:
        """Makes the shortcuts that act while ``viewport`` has the focus, now and when keys change."""
        self._views = [view for view in self._views if view() is not None]
        self._views.append(weakref.ref(viewport))
        self._bind(viewport)

    def _bind(self, viewport: QWidget) -> None:
        if isinstance(viewport, Viewport):
            viewport.bindings = self.bindings
            viewport.keys = KeyTable({name: self.shortcuts.keys(name) for name in self._commands})
        for old in viewport.findChildren(QShortcut, _VIEW_KEY, Qt.FindChildOption.FindDirectChildrenOnly):
            old.setEnabled(False)
            old.deleteLater()
        for command in self._commands.values():
            for key in self.shortcuts.keys(command.name) if command.where is Where.VIEW else ():
                shortcut = QShortcut(QKeySequence(key), viewport)
                shortcut.setObjectName(_VIEW_KEY)
                shortcut.setContext(Qt.ShortcutContext.WidgetWithChildrenShortcut)
                shortcut.activated.connect(self._actions[command.name].trigger)

    def rebind(self, chosen: Mapping[str, Sequence[str]], bindings: Bindings) -> None:
        """Other keys and buttons, at once and everywhere: menus, tool tips, viewports."""
        self.bindings = bindings
        self.shortcuts = Shortcuts(self._commands.values(), chosen)
        for name in self._actions:
            self._dress(name)
        for view in self._views:
            alive = view()
            if alive is not None and _is_there(alive):
                self._bind(alive)
        self.rebound.emit()

    def for_tool(self, tool: Tool) -> QAction:
        """The action that chooses ``tool``."""
        return self._actions[TOOLS[tool].name]

    def key_groups(self) -> tuple[tuple[str, tuple[tuple[str, str], ...]], ...]:
        """All keys for the help: (group, ((keys, what they do), …))."""

        def listed(commands: Sequence[Command]) -> tuple[tuple[str, str], ...]:
            return tuple(
                (self.shortcuts.text(c.name), shown(c.help) or c.plain) for c in commands if self.shortcuts.keys(c.name)
            )

        bound = tuple((shown(title), shown(getattr(self.bindings, name).value)) for name, title in TITLES.items())
        always = tuple((shown(how), shown(what)) for how, what in _ALWAYS)
        window = [c for c in COMMANDS if c.where is Where.WINDOW]
        view = [c for c in COMMANDS if c.where is not Where.WINDOW]
        return (
            (tr("Tools"), listed(tuple(TOOLS.values()))),
            (tr("View"), listed(view)),
            (tr("Mouse"), (*bound, *always)),
            (tr("Program"), listed(window)),
        )


def _is_there(widget: QWidget | None) -> bool:
    return widget is not None and shiboken6.isValid(widget)


_ALWAYS = (
    (say("Right click"), say("Menu")),
    (say("Pinch"), say("Zoom")),
    (say("Double click"), say("Hide or show the panels; on a measurement, name it")),
)
_VIEW_KEY = "commandKey"
