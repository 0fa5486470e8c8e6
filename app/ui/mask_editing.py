"""Editing the masks of models: which label, how large the brush, and who hears of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from app.core.mask_editing import Target
from app.ui import language
from app.ui.language import tr
from app.ui.viewport import Tool
from app.ui.viewport.brush import BrushLayer, Hand

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.core.session import Session
    from app.ui.viewport import Viewport
    from app.ui.views import Views


class MaskEditing(QObject):
    """One for the window; every viewport has a brush of it."""

    told = Signal(str)
    """A sentence for the status bar."""
    changed = Signal()
    """Another label is edited, or none."""

    def __init__(self, session: Session, views: Views, parent: QObject) -> None:
        super().__init__(parent)
        self._session, self._views = session, views
        self.hand = Hand()
        views.prepare_each(self._equip)
        views.current.toolChanged.connect(self._tool_changed)

    def _equip(self, viewport: Viewport) -> None:
        brush = BrushLayer(viewport, self._session, self.hand, self._tell)
        viewport.brush = brush
        viewport.layers.append(brush)
        viewport.pointed.connect(brush.point_at)
        viewport.brushSized.connect(self.resize)

    def _tell(self, sentence: str) -> None:
        self.told.emit(language.shown(sentence))

    def verbs(self) -> dict[str, Callable[[], object]]:
        """Name of a command → what it does."""
        return {"brush_larger": lambda: self.resize(1), "brush_smaller": lambda: self.resize(-1)}

    @property
    def target(self) -> Target | None:
        """The label that strokes edit now; ``None`` while another tool is active."""
        return self.hand.target if self._views.active.tool().paints else None

    def edit(self, overlay_id: str, label: int) -> None:
        """Takes the brush to a label; once more, and it is put down."""
        wanted = Target(overlay_id, label)
        view = self._views.active
        if self.target == wanted:
            view.set_tool(Tool.WINDOW)
        else:
            self.hand.target = wanted
            view.set_tool(Tool.BRUSH)
            view.setFocus()
            self._explain()
        self.changed.emit()

    def _tool_changed(self, tool: Tool) -> None:
        if tool.paints:
            self._explain()
        self.changed.emit()

    def _explain(self) -> None:
        self._tell(tr("Alt + wheel sizes the brush; Shift changes between painting and erasing."))

    def resize(self, steps: float) -> None:
        """A larger or smaller brush."""
        radius = self.hand.resized(steps)
        self._tell(tr("Brush of {size:.3g} pixels", size=2 * radius))
        self._views.redraw()
