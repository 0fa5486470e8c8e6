"""The tool bar and the menus, put together from the commands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QMenu, QMenuBar, QToolBar, QToolButton, QWidget

from app.ui import icons
from app.ui.actions import TOOLS, Actions
from app.ui.viewport import Tool

if TYPE_CHECKING:
    from collections.abc import Sequence

_TOOL_GROUPS = (
    (Tool.WINDOW, Tool.PAN, Tool.ZOOM, Tool.SCROLL),
    (Tool.PROBE, Tool.DISTANCE, Tool.ANGLE, Tool.BIDIRECTIONAL, Tool.RECTANGLE, Tool.ELLIPSE),
)
_MORE_TOOLS = (Tool.FREEHAND, Tool.POLYGON, Tool.COBB, Tool.POINT, Tool.ARROW, Tool.TEXT, Tool.CALIBRATE)
"""Measuring tools that share a button: a bar with all of them would not fit a laptop's screen."""


def make_tool_bar(actions: Actions, presets: QMenu, presentations: QMenu, parent: QWidget) -> QToolBar:
    """The bar: open, tools, view, presets, AI, export."""
    bar = QToolBar("Tools", parent)
    bar.setObjectName("tools")
    bar.setMovable(False)
    bar.setIconSize(QSize(icons.SIZE, icons.SIZE))
    bar.setContextMenuPolicy(Qt.ContextMenuPolicy.PreventContextMenu)
    bar.addAction(actions["open_folder"])
    bar.addSeparator()
    for group in _TOOL_GROUPS:
        for tool in group:
            bar.addAction(actions.for_tool(tool))
        if Tool.DISTANCE in group:
            bar.addWidget(_more_tools_button(actions, bar))
        bar.addSeparator()
    bar.addWidget(_menu_button(presets, "swatches", "Presets", "Window presets (1 to 9)", "Window presets"))
    tip = "Presentation states of this series"
    chooser = bar.addWidget(_menu_button(presentations, "presentation", "Presentation", tip, tip))
    # Most series have none: the bar has no room for what does nothing.
    chooser.setVisible(False)
    presentations.setProperty("chooser", chooser)
    for name in ("auto_window", "invert"):
        bar.addAction(actions[name])
    bar.addSeparator()
    for name in ("fit", "one_to_one", "flip_horizontal", "flip_vertical", "rotate_right", "reset", "toggle_cine"):
        bar.addAction(actions[name])
    bar.addSeparator()
    for name in ("undo", "redo"):
        bar.addAction(actions[name])
    bar.addSeparator()
    for name in ("run_model", "toggle_overlays", "export"):
        bar.addAction(actions[name])
    for action in bar.actions():
        button = bar.widgetForAction(action)
        if isinstance(button, QToolButton):
            button.setAccessibleName(action.iconText() or button.accessibleName())
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    return bar


def _more_tools_button(actions: Actions, bar: QToolBar) -> QToolButton:
    """Opens the other tools; shows the one of them that is active."""
    button = QToolButton()
    menu = QMenu(bar)
    for tool in _MORE_TOOLS:
        menu.addAction(actions.for_tool(tool))
    button.setMenu(menu)
    button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
    button.setObjectName("moreTools")
    button.setCheckable(True)
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)

    def arrange() -> None:
        active = next((tool for tool in _MORE_TOOLS if actions.for_tool(tool).isChecked()), None)
        shown = Tool.FREEHAND if active is None else active
        button.setIcon(actions.for_tool(shown).icon())
        button.setChecked(active is not None)
        button.setToolTip("More measuring tools" if active is None else actions.for_tool(active).toolTip())
        button.setAccessibleName("More measuring tools")

    for tool in _MORE_TOOLS:
        actions.for_tool(tool).toggled.connect(arrange)
    # A press toggles a checkable button; which tool is active is not for it to say.
    button.clicked.connect(arrange)
    menu.aboutToHide.connect(arrange)
    arrange()
    return button


def _menu_button(menu: QMenu, icon: str, text: str, tip: str, name: str) -> QToolButton:
    button = QToolButton()
    button.setObjectName("labelled")
    button.setIcon(icons.icon(icon))
    button.setText(text)
    button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
    button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
    button.setMenu(menu)
    button.setToolTip(tip)
    button.setAccessibleName(name)
    return button


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
    file = bar.addMenu("&File")
    file.addAction(actions["open_folder"])
    file.addAction(actions["open_files"])
    recent = file.addMenu("Open &recent")
    file.addAction(actions["open_demo"])
    file.addSeparator()
    file.addAction(actions["export"])
    file.addAction(actions["export_pictures"])
    file.addAction(actions["skipped"])
    file.addAction(actions["close_studies"])
    file.addSeparator()
    file.addAction(actions["quit"])

    edit = bar.addMenu("&Edit")
    edit.addAction(actions["undo"])
    edit.addAction(actions["redo"])
    edit.addSeparator()
    _add(edit, actions, "copy_view", "")
    _add(edit, actions, "clear_measurements", "clear_calibration", "")
    edit.addAction(actions["settings"])

    view = bar.addMenu("&View")
    presets.setTitle("Window &presets")
    view.addMenu(presets)
    view.addMenu(presentations)
    view.addMenu(colours)
    _add(view, actions, "auto_window", "full_range", "region_window", "invert", "next_palette", "")
    _add(view, actions, "fit", "one_to_one", "true_size", "zoom_in", "zoom_out", "toggle_interpolation", "")
    _add(view, actions, "flip_horizontal", "flip_vertical", "rotate_left", "rotate_right", "reset", "")
    _add(view, actions, "toggle_text", "toggle_graphics", "toggle_cine", "toggle_sweep", "time_curve", "")
    _add(view, actions, "previous_series", "next_series", "previous_key_image", "next_key_image", "")
    panels.setTitle("Pa&nels")
    view.addMenu(panels)
    view.addAction(actions["measure_monitor"])
    view.addAction(actions["full_screen"])

    layout = bar.addMenu("&Layout")
    _add(layout, actions, *(f"grid_{rows}x{columns}" for rows in (1, 2, 3) for columns in (1, 2, 3)), "")
    _add(layout, actions, "planes", "")
    _add(layout, actions, "link_scroll", "link_zoom", "link_window", "link_pointer", "reference_lines", "")
    for menu in layouts:
        layout.addMenu(menu)
    layout.addAction(actions["save_layout"])

    tools = bar.addMenu("&Tools")
    for tool in TOOLS:
        if tool is Tool.PROBE:
            tools.addSeparator()
        tools.addAction(actions.for_tool(tool))

    ai = bar.addMenu("&AI")
    _add(ai, actions, "run_model", "toggle_overlays")

    help_menu = bar.addMenu("&Help")
    _add(help_menu, actions, "shortcuts", "test_pattern", "about")
    return recent


def _add(menu: QMenu, actions: Actions, *names: str) -> None:
    for name in names:
        if name:
            menu.addAction(actions[name])
        else:
            menu.addSeparator()
