"""Where the image lies in the widget: image (row, column) ↔ widget (x, y) in logical pixels."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF

from app.core import view as views

if TYPE_CHECKING:
    from app.core.document import Point
    from app.core.view import Affine2, Canvas, View


@dataclass(frozen=True, eq=False)
class Mapping:
    """``device``: image → device pixels, the core's own transform. ``ratio``: device pixels a logical pixel."""

    device: Affine2
    back: Affine2
    ratio: float

    @staticmethod
    def of(view: View, canvas: Canvas, ratio: float) -> Mapping:
        """The mapping of a view on a canvas measured in device pixels."""
        affine = views.transform(view, canvas)
        return Mapping(affine, views.inverse(affine), ratio)

    def to_widget(self, point: Point) -> QPointF:
        """An image point in the widget."""
        x, y = views.to_screen(self.device, point)
        return QPointF(x / self.ratio, y / self.ratio)

    def to_image(self, position: QPointF) -> Point:
        """The image point (row, column) under a position in the widget; (0, 0) is the centre of the first pixel."""
        return views.to_screen(self.back, (position.x() * self.ratio, position.y() * self.ratio))
