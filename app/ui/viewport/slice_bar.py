"""The slim bars: at the right edge which slice is shown, at the bottom which point of the fourth axis; and how much
has been loaded."""

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
    """Position and loaded fraction of ``count`` frames. Nothing to draw for one frame.

    ``horizontal``: along the bottom edge; positions are then turned, so that everything below thinks upright.
    """

    def __init__(self, *, horizontal: bool = False) -> None:
        self._horizontal = horizontal
        self.loaded: npt.NDArray[np.bool_] = np.zeros(0, dtype=bool)
        self.hovered = False
        self.key_images: tuple[int, ...] = ()

    @property
    def count(self) -> int:
        """Frames of the stack."""
        return int(self.loaded.size)

    def rect(self, width: float, height: float) -> QRectF:
        """The track in a viewport of this size, logical pixels."""
        if self._horizontal:
            # Clear of the upright one in the corner.
            return QRectF(TOP, height - RIGHT - WIDTH, max(width - 2 * TOP - REACH, 1.0), WIDTH)
        return QRectF(width - RIGHT - WIDTH, TOP, WIDTH, max(height - 2 * TOP, 1.0))

    def hit(self, position: QPointF, width: float, height: float) -> bool:
        """Whether the pointer is over the bar."""
        if self._horizontal:
            return self.count > 1 and position.y() >= height - REACH and 0 <= position.x() < width - REACH
        return self.count > 1 and position.x() >= width - REACH and 0 <= position.y() < height

    def index_at(self, position: QPointF, width: float, height: float) -> int:
        """The frame at the pointer, held within the stack."""
        track = self.rect(width, height)
        if self._horizontal:
            part = (position.x() - track.left()) / track.width()
        else:
            part = (position.y() - track.top()) / track.height()
        return int(min(max(part, 0.0), 0.999999) * self.count)

    def _part(self, track: QRectF, start: float, length: float) -> QRectF:
        """The part of the track from ``start`` for ``length`` logical pixels."""
        if self._horizontal:
            return QRectF(track.left() + start, track.top(), length, track.height())
        return QRectF(track.left(), track.top() + start, track.width(), length)

    def _thumb(self, track: QRectF, index: int) -> QRectF:
        # Long enough to see, however many frames there are.
        whole = max(track.width(), track.height())
        long = max(whole / self.count, 18.0)
        thumb = self._part(track, (whole - long) * (index / max(self.count - 1, 1)), long)
        wider = 2.0 if self.hovered else 1.0
        across = (0.0, -wider, 0.0, wider) if self._horizontal else (-wider, 0.0, wider, 0.0)
        return thumb.adjusted(*across)

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
            step = max(track.width(), track.height()) / self.count
            painter.fillRect(self._part(track, first * step, (last - first) * step), style.TRACK_LOADED)
        for chosen in self.key_images:
            if chosen < self.count:
                middle = self._thumb(track, chosen).center()
                mark = QRectF(middle.x() - 5, middle.y() - 1.5, 10, 3)
                painter.fillRect(mark, style.MEASUREMENT)
        painter.setBrush(style.ACCENT)
        painter.drawRoundedRect(self._thumb(track, index), 3, 3)
