"""The slim bar at the right edge: where the shown frame is in its stack, and how much has been loaded."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt

from app.ui.viewport import style

if TYPE_CHECKING:
    import numpy.typing as npt
    from PySide6.QtGui import QPainter

WIDTH = 4.0
RIGHT = 5.0
TOP = 10.0
REACH = 14.0
"""The pointer grabs the bar within this distance of the right edge, logical pixels."""


class SliceBar:
    """Position and loaded fraction of ``count`` frames. Nothing to draw for one frame."""

    def __init__(self) -> None:
        self.loaded: npt.NDArray[np.bool_] = np.zeros(0, dtype=bool)
        self.hovered = False

    @property
    def count(self) -> int:
        """Frames of the stack."""
        return int(self.loaded.size)

    def rect(self, width: float, height: float) -> QRectF:
        """The track in a viewport of this size, logical pixels."""
        return QRectF(width - RIGHT - WIDTH, TOP, WIDTH, max(height - 2 * TOP, 1.0))

    def hit(self, position: QPointF, width: float, height: float) -> bool:
        """Whether the pointer is over the bar."""
        return self.count > 1 and position.x() >= width - REACH and 0 <= position.y() < height

    def index_at(self, position: QPointF, width: float, height: float) -> int:
        """The frame at the pointer's height, held within the stack."""
        track = self.rect(width, height)
        part = (position.y() - track.top()) / track.height()
        return int(min(max(part, 0.0), 0.999999) * self.count)

    def _thumb(self, track: QRectF, index: int) -> QRectF:
        # Tall enough to see, however many frames there are.
        tall = max(track.height() / self.count, 18.0)
        room = track.height() - tall
        top = track.top() + room * (index / max(self.count - 1, 1))
        return QRectF(track.left() - 1, top, track.width() + 2, tall)

    def paint(self, painter: QPainter, width: float, height: float, index: int) -> None:
        """Track, loaded part and thumb."""
        if self.count < 2:
            return
        track = self.rect(width, height)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.fillRect(track, style.TRACK)
        # Edges of the runs of loaded frames: each run is one rectangle.
        steps = np.flatnonzero(np.diff(np.concatenate([[0], self.loaded.view(np.int8), [0]])))
        for first, last in steps.reshape(-1, 2):
            top = track.top() + track.height() * first / self.count
            tall = track.height() * (last - first) / self.count
            painter.fillRect(QRectF(track.left(), top, track.width(), tall), style.TRACK_LOADED)
        painter.setBrush(style.ACCENT)
        thumb = self._thumb(track, index)
        if self.hovered:
            thumb.adjust(-1, 0, 1, 0)
        painter.drawRoundedRect(thumb, 3, 3)
