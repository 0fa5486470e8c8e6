"""The menu of a view: what is under the pointer first, then tools, looks and what lies over the image."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtWidgets import QMenu, QWidget

from app.ui.language import tr
from app.ui.viewport import Tool

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.ui.actions import Actions
    from app.ui.viewport import Viewport


def view_menu(view: Viewport, position: QPoint, actions: Actions, submenus: Sequence[QMenu], parent: QWidget) -> QMenu:
    """The menu for ``position`` in ``view``; it goes when it is closed. ``submenus``: after the tools."""
    menu = QMenu(parent)
    scene = view.scene()
    hit = view.annotator.hit(scene, QPointF(position)) if scene is not None and view.is_ready else None
    if hit is not None:
        measurement = hit.measurement
        view.select(measurement.id)
        menu.addAction(tr("&Name the measurement…")).triggered.connect(lambda: view.rename(measurement))
        menu.addAction(actions["delete_selected"])
        menu.addSeparator()
    for tool in Tool:
        if tool.kind is None:
            menu.addAction(actions.for_tool(tool))
    measuring = menu.addMenu(tr("&Measure"))
    for tool in Tool:
        if tool.kind is not None:
            measuring.addAction(actions.for_tool(tool))
    menu.addSeparator()
    for submenu in submenus:
        menu.addMenu(submenu)
    menu.addSeparator()
    for name in ("auto_window", "invert", "fit", "one_to_one", "reset", "magnifier", "planes"):
        menu.addAction(actions[name])
    menu.addSeparator()
    for name in ("toggle_text", "toggle_graphics", "toggle_overlays", "copy_view"):
        menu.addAction(actions[name])
    menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    return menu
