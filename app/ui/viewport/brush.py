"""Brush and eraser on the mask of a model: the circle under the pointer, and strokes that commit once they end."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from app.core.mask_editing import LEAST_RADIUS, MOST_RADIUS, Brush, Stroke, Target, edited, label_of
from app.core.view import zoom_of
from app.ui.viewport import style
from app.ui.viewport.tool import Tool
from inference.words import say

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from app.core.document import Overlay
    from app.core.session import Session
    from app.dicom.model import Series
    from app.ui.viewport.layer import Drag
    from app.ui.viewport.picture import Shown
    from app.ui.viewport.widget import Viewport
    from inference.types import Label

_STEP = 1.2


@dataclass
class Hand:
    """What all views share: which label is edited (``None``: the first that shows), and how large the brush is, in
    pixels of the image."""

    target: Target | None = None
    radius: float = 6.0

    def resized(self, steps: float) -> float:
        """The radius after ``steps`` of a fifth each, and makes it so."""
        self.radius = min(max(self.radius * _STEP**steps, LEAST_RADIUS), MOST_RADIUS)
        return self.radius


@dataclass
class _Held:
    """A stroke that is not over."""

    overlay: Overlay
    label: Label
    series: Series
    index: int
    stroke: Stroke
    erases: bool


class BrushLayer:
    """On one viewport. ``told``: called with a sentence where there is nothing to edit."""

    def __init__(self, viewport: Viewport, session: Session, hand: Hand, told: Callable[[str], None]) -> None:
        self._view, self._session, self._hand, self._told = viewport, session, hand, told
        self._at: QPointF | None = None
        self._held: _Held | None = None

    @property
    def is_busy(self) -> bool:
        """A stroke is being drawn."""
        return self._held is not None

    def point_at(self, at: QPointF | None) -> None:
        """The image point (row, column) under the pointer, or ``None``."""
        self._at = at
        if self._view.tool().paints:
            self._view.update()

    def found(self, what: Shown) -> tuple[Overlay, Label] | None:
        """What a stroke on this frame would edit."""
        looks = self._session.style
        here = [
            overlay
            for overlay in self._session.document.overlays_on(what.series)
            if looks.visible and what.view.index in overlay.indices
        ]
        wanted = self._hand.target
        for overlay in here:
            if wanted is not None and overlay.id == wanted.overlay_id:
                label = label_of(overlay, wanted.label)
                if label is not None:
                    return overlay, label
        for overlay in here:
            for label in overlay.labels:
                if (overlay.id, label.value) not in looks.hidden_labels:
                    return overlay, label
        return None

    # -- strokes ---------------------------------------------------------------------------------------------------

    def grab(self, position: QPointF, modifiers: Qt.KeyboardModifier, what: Shown) -> Drag | None:
        """Begins a stroke. Shift paints with the eraser, and erases with the brush."""
        tool = self._view.tool()
        if not tool.paints or not self._view.is_ready:
            return None
        found = self.found(what)
        if found is None:
            self._told(say("There is no mask of a model on this image. Run a model first; planes show masks only."))
            return _nothing
        overlay, label = found
        plane = overlay.plane(what.view.index)
        if plane is None:
            return _nothing
        erases = (tool is Tool.ERASER) != bool(modifiers & Qt.KeyboardModifier.ShiftModifier)
        stroke = Stroke(plane, label.value, Brush(self._hand.radius, what.canvas.aspect), erases=erases)
        self._held = _Held(overlay, label, what.series, what.view.index, stroke, erases)
        self._draw_to(position, QPointF())
        return self._draw_to

    def _draw_to(self, position: QPointF, way: QPointF) -> None:
        what, held = self._view.seen(), self._held
        if what is None or held is None or (what.series, what.view.index) != (held.series, held.index):
            return
        held.stroke.to(what.mapping.to_image(position))
        edits = {**held.overlay.edits, held.index: held.stroke.plane}
        # Another object each time: what it looked like before is kept by whose it was.
        self._view.picture.draft = replace(held.overlay, edits=edits)
        self._view.update()

    def release(self) -> None:
        """The button went up: what was drawn is one step, that undo takes back."""
        held, self._held = self._held, None
        self._view.picture.draft = None
        self._view.update()
        if held is None or not held.stroke.changed:
            return
        document = self._session.document
        if not any(overlay is held.overlay for overlay in document.overlays):
            # Undo, or a new run, has taken it away meanwhile.
            return
        verb = say("Erase {name}", name=held.label.name) if held.erases else say("Paint {name}", name=held.label.name)
        plane = held.stroke.plane
        self._session.commit(verb, edited(document, held.series, held.overlay, held.index, plane))

    def cancel(self) -> bool:
        """Drops the stroke. False where none is drawn."""
        had = self._held is not None
        self._held = None
        self._view.picture.draft = None
        if had:
            self._view.update()
        return had

    # -- looks -----------------------------------------------------------------------------------------------------

    def cursor(self, position: QPointF, what: Shown) -> Qt.CursorShape | None:
        """The tool's own."""
        return None

    def paint_legend(self, painter: QPainter, what: Shown, taken: Sequence[QRectF]) -> list[QRectF]:
        """The mask's own legend says what the colour is."""
        return []

    def paint(self, painter: QPainter, what: Shown) -> None:
        """The circle: as large as the brush, in the colour of the label, dashed for the eraser."""
        if not self._view.tool().paints or self._at is None:
            return
        found = self.found(what)
        colour = QColor(*found[1].colour) if found is not None else style.QUIET
        centre = what.mapping.to_widget((self._at.x(), self._at.y()))
        reach = max(self._hand.radius * zoom_of(what.view, what.canvas) / what.ratio, 2.0)
        erases = self._view.tool() is Tool.ERASER
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        line = Qt.PenStyle.DashLine if erases else Qt.PenStyle.SolidLine
        for shade, wide, dashes in ((style.HALO, 3.2, Qt.PenStyle.SolidLine), (colour, 1.4, line)):
            painter.setPen(QPen(shade, wide, dashes))
            painter.drawEllipse(centre, reach, reach)
        painter.restore()


def _nothing(position: QPointF, way: QPointF) -> None:
    """A drag that does nothing: the image must not be windowed instead."""
