"""The tool bar, as the reader arranged it, and the menus, put together from the commands."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QSize, Qt, Signal
from PySide6.QtWidgets import QMenu, QMenuBar, QToolBar, QToolButton, QWidget

from app.ui import icons
from app.ui.commands import TOOLS
from app.ui.language import tr
from app.ui.mnemonics import told_apart
from app.ui.viewport import Tool

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from PySide6.QtGui import QAction

    from app.ui.actions import Actions

_MORE_TOOLS = (Tool.FREEHAND, Tool.POLYGON, Tool.COBB, Tool.POINT, Tool.ARROW, Tool.TEXT, Tool.CALIBRATE)
"""Measuring tools that share a button: a bar with all of them would not fit a laptop's screen."""
SEPARATOR = "|"
DEFAULT_BAR = (
    *("open_folder", SEPARATOR),
    *("tool_window", "tool_pan", "tool_zoom", "tool_scroll", SEPARATOR),
    *("tool_probe", "tool_distance", "tool_angle", "tool_bidirectional", "tool_rectangle", "tool_ellipse"),
    *("more_tools", SEPARATOR),
    *("presets", "presentations", "auto_window", "invert", SEPARATOR),
    *("fit", "one_to_one", "flip_horizontal", "flip_vertical", "rotate_right", "reset", "toggle_cine", SEPARATOR),
    *("undo", "redo", SEPARATOR),
    *("run_model", "toggle_overlays", "export"),
)
"""What stands on the bar, from left to right, until the reader arranges it: names of commands and of parts."""


@dataclass(frozen=True)
class Part:
    """A widget for the bar that is no command, such as a button that opens a menu. ``make`` is called each time that
    the bar is arranged; the bar owns what it returns."""

    name: str
    title: str
    icon: str
    make: Callable[[], QWidget]


class ToolBar(QToolBar):
    """Shows what it is told to, in that order; names that it does not know are left out."""

    arrangeRequested = Signal()
    """The reader wants to choose what stands on it."""

    def __init__(self, actions: Actions, parts: Sequence[Part], names: Sequence[str], parent: QWidget) -> None:
        super().__init__(tr("Tools"), parent)
        self.setObjectName("tools")
        self.setMovable(False)
        self.setIconSize(QSize(icons.SIZE, icons.SIZE))
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._menu)
        self._actions = actions
        self.parts = {part.name: part for part in parts}
        self._places: dict[str, QAction] = {}
        self._hidden: set[str] = set()
        self.arrange(names)

    def arrange(self, names: Sequence[str]) -> None:
        """Shows the commands and parts of these names."""
        self._places.clear()
        for action in self.actions():
            self.removeAction(action)
            if action.parent() is self:
                # A separator or a part; commands belong to the registry.
                action.deleteLater()
        for name in names:
            if name == SEPARATOR:
                self.addSeparator()
            elif name in self.parts:
                self._places[name] = self.addWidget(self.parts[name].make())
                self._places[name].setVisible(name not in self._hidden)
            elif name in self._actions:
                self.addAction(self._actions[name])
        for action in self.actions():
            button = self.widgetForAction(action)
            if isinstance(button, QToolButton):
                button.setAccessibleName(button.accessibleName() or action.iconText())
                button.setFocusPolicy(Qt.FocusPolicy.TabFocus)

    def show_part(self, name: str, *, shown: bool) -> None:
        """Shows or hides a part where the reader has it on the bar."""
        self._hidden = self._hidden - {name} if shown else self._hidden | {name}
        if name in self._places:
            self._places[name].setVisible(shown)

    def _menu(self, position: QPoint) -> None:
        menu = QMenu(self)
        menu.addAction(tr("Arrange the tool bar…")).triggered.connect(lambda: self.arrangeRequested.emit())
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(self.mapToGlobal(position))


class _MoreTools(QToolButton):
    """Opens the other tools; shows the one of them that is active."""

    def __init__(self, actions: Actions) -> None:
        super().__init__()
        self._tools = [actions.for_tool(tool) for tool in _MORE_TOOLS]
        menu = QMenu(self)
        menu.addActions(self._tools)
        self.setMenu(menu)
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.setObjectName("moreTools")
        self.setCheckable(True)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAccessibleName(tr("More measuring tools"))
        for tool in self._tools:
            tool.toggled.connect(self._arrange)
        # A press toggles a checkable button; which tool is active is not for it to say.
        self.clicked.connect(self._arrange)
        menu.aboutToHide.connect(self._arrange)
        self._arrange()

    def _arrange(self) -> None:
        active = next((tool for tool in self._tools if tool.isChecked()), None)
        self.setIcon((active or self._tools[0]).icon())
        self.setChecked(active is not None)
        self.setToolTip(tr("More measuring tools") if active is None else active.toolTip())


def more_tools_part(actions: Actions) -> Part:
    """The button of the measuring tools that have none of their own."""
    return Part("more_tools", tr("More measuring tools"), "polygon", lambda: _MoreTools(actions))


def menu_part(name: str, title: str, icon: str, tip: str, menu: QMenu) -> Part:
    """A labelled button that opens ``menu``."""

    def make() -> QWidget:
        button = QToolButton()
        button.setObjectName("labelled")
        button.setIcon(icons.icon(icon))
        button.setText(title)
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        button.setMenu(menu)
        button.setToolTip(tip)
        button.setAccessibleName(tip)
        return button

    return Part(name, title, icon, make)


def fill_menus(
    bar: QMenuBar,
    actions: Actions,
    presets: QMenu,
    presentations: QMenu,
    panels: QMenu,
    layouts: Sequence[QMenu],
    colours: QMenu,
) -> QMenu:
    """The menus; returns the one for what was opened lately."""
    file = bar.addMenu(tr("&File"))
    file.addAction(actions["open_folder"])
    file.addAction(actions["open_files"])
    recent = file.addMenu(tr("Open &recent"))
    file.addAction(actions["open_demo"])
    file.addSeparator()
    file.addAction(actions["export"])
    file.addAction(actions["export_pictures"])
    file.addAction(actions["skipped"])
    file.addAction(actions["close_studies"])
    file.addSeparator()
    file.addAction(actions["quit"])

    edit = bar.addMenu(tr("&Edit"))
    edit.addAction(actions["undo"])
    edit.addAction(actions["redo"])
    edit.addSeparator()
    _add(edit, actions, "copy_view", "")
    _add(edit, actions, "delete_selected", "clear_measurements", "clear_calibration", "")
    edit.addAction(actions["settings"])

    view = bar.addMenu(tr("&View"))
    presets.setTitle(tr("Window &presets"))
    view.addMenu(presets)
    view.addMenu(presentations)
    view.addMenu(colours)
    _add(view, actions, "auto_window", "full_range", "region_window", "invert", "next_palette", "")
    size = view.addMenu(tr("&Zoom"))
    _add(size, actions, "fit", "one_to_one", "true_size", "", "zoom_in", "zoom_out", "magnifier", "")
    size.addAction(actions["toggle_interpolation"])
    turn = view.addMenu(tr("Tu&rn and flip"))
    _add(turn, actions, "rotate_left", "rotate_right", "", "flip_horizontal", "flip_vertical")
    _add(view, actions, "reset", "")
    _add(view, actions, "toggle_text", "toggle_graphics", "toggle_cine", "toggle_sweep", "time_curve", "")
    go = view.addMenu(tr("&Go to"))
    _add(go, actions, "previous_image", "next_image", "ten_back", "ten_on", "first_image", "last_image", "")
    _add(go, actions, "previous_point", "next_point", "", "previous_view", "next_view", "")
    _add(go, actions, "previous_series", "next_series", "", "previous_key_image", "next_key_image")
    view.addSeparator()
    panels.setTitle(tr("Pa&nels"))
    view.addMenu(panels)
    view.addAction(actions["measure_monitor"])
    _add(view, actions, "second_window", "full_screen", "next_screen")

    layout = bar.addMenu(tr("&Layout"))
    _add(
        layout,
        actions,
        *(f"grid_{rows}x{columns}" for rows in (1, 2, 3) for columns in (1, 2, 3)),
        "",
    )
    _add(layout, actions, "planes", "")
    _add(
        layout, actions, "link_scroll", "link_zoom", "link_window", "link_series", "link_pointer", "reference_lines", ""
    )
    for menu in layouts:
        layout.addMenu(menu)
    _add(layout, actions, "hang_best", "save_layout", "", "single_view")

    tools = bar.addMenu(tr("&Tools"))
    for tool in TOOLS:
        if tool in (Tool.PROBE, Tool.BRUSH):
            tools.addSeparator()
        tools.addAction(actions.for_tool(tool))
    _add(tools, actions, "brush_larger", "brush_smaller", "", "finish_drawing", "escape")

    ai = bar.addMenu(tr("&AI"))
    _add(ai, actions, "run_model", "toggle_overlays", "", "toggle_enhanced", "toggle_difference")

    help_menu = bar.addMenu(tr("&Help"))
    _add(help_menu, actions, "palette", "shortcuts", "test_pattern", "", "about")
    for menu in (file, edit, view, size, turn, go, layout, tools, ai, help_menu):
        _tell_apart(menu, actions)
    return recent


def _tell_apart(menu: QMenu, actions: Actions) -> None:
    """A letter of its own for each entry; commands keep it when their words are set again."""
    entries = menu.actions()
    words = [entry.text().partition("\t")[0] for entry in entries]
    for entry, before, after in zip(entries, words, told_apart(words), strict=True):
        if before != after:
            name = entry.objectName()
            if name in actions:
                actions.set_title(name, after)
            else:
                entry.setText(after)


def _add(menu: QMenu, actions: Actions, *names: str) -> None:
    for name in names:
        if name:
            menu.addAction(actions[name])
        else:
            menu.addSeparator()
