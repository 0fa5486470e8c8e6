"""A series in colour over the image of another, with its legend."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QObject, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QImage, QPainter, QPen, QTransform

from app.core.colour_maps import colour_map
from app.core.fusion import FusedPlane, FusionStyle, coloured, fused_plane
from app.core.linking import place_of
from app.core.view import to_screen
from app.ui.jobs import Lane, Reporter
from app.ui.language import tr
from app.ui.viewport import style as looks

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    import numpy.typing as npt

    from app.core.mpr import Source
    from app.ui.dispatch import Dispatcher
    from app.ui.viewport.layer import Drag
    from app.ui.viewport.picture import Shown

_Key = tuple[tuple[object, ...], tuple[float, ...]]
"""The plane, and the part of it that is on screen."""

_LEGEND = (10.0, 110.0)
"""Width and height of the legend's bar, logical pixels."""


class FusionLayer(QObject):
    """Lays ``over`` on one view. Values are sampled off the window's thread; the last ones stay until new ones come."""

    redraw = Signal()
    """New values have come."""

    def __init__(self, over: Source, look: FusionStyle, dispatcher: Dispatcher, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.over = over
        self._look = look
        self._dispatcher = dispatcher
        self._wanted: tuple[_Key, Callable[[Reporter], FusedPlane]] | None = None
        self._running = False
        self._values: tuple[_Key, FusedPlane] | None = None
        self._image: tuple[object, QImage, npt.NDArray[np.uint32]] | None = None

    @property
    def look(self) -> FusionStyle:
        """Map, opacity and range."""
        return self._look

    @look.setter
    def look(self, look: FusionStyle) -> None:
        self._look = look
        self._image = None

    @property
    def is_busy(self) -> bool:
        """Whether values are being sampled."""
        return self._running

    # -- painting --------------------------------------------------------------------------------------------------

    def paint(self, painter: QPainter, what: Shown) -> None:
        """The colours of this very plane, or none: never those of another."""
        place = place_of(what.series, what.view.index)
        if place is None or not what.pixels.is_loaded(what.view.index):
            return
        plane = (what.series.key, place.origin.tobytes(), place.right.tobytes(), place.down.tobytes())
        corners = [to_screen(what.mapping.back, (x, y)) for x in (0.0, what.width) for y in (0.0, what.height)]
        rows, columns = zip(*corners, strict=True)
        part = (min(rows), min(columns), max(rows), max(columns))
        finest = (part[2] - part[0]) * place.spacing[0] / max(what.height, 1)
        if what.view.rotation % 2:
            finest = (part[2] - part[0]) * place.spacing[0] / max(what.width, 1)
        key = (plane, tuple(round(edge, 2) for edge in part))
        if self._values is None or self._values[0] != key:
            self._ask(key, lambda report: fused_plane(self.over, place, part, finest, tick=report))
        if self._values is not None and self._values[0][0] == plane:
            self._paint_plane(painter, what, self._values[1])

    def _paint_plane(self, painter: QPainter, what: Shown, fused: FusedPlane) -> None:
        if self._image is None or self._image[0] is not fused:
            words = np.ascontiguousarray(coloured(fused.values, self._look))
            height, width = words.shape
            form = QImage.Format.Format_ARGB32_Premultiplied
            self._image = (fused, QImage(words.data, width, height, 4 * width, form), words)
        image = self._image[1]
        # The picture's pixel centres lie at half; the first value's at image point (top, left).
        device = what.mapping.device
        step = np.array(fused.step)
        linear = device[:, :2] * step
        start = device[:, :2] @ (np.array([fused.top, fused.left]) - 0.5 * step) + device[:, 2]
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        ratio = what.ratio
        transform = QTransform(
            linear[0, 1] / ratio,
            linear[1, 1] / ratio,
            linear[0, 0] / ratio,
            linear[1, 0] / ratio,
            start[0] / ratio,
            start[1] / ratio,
        )
        painter.setTransform(transform, True)
        painter.drawImage(QPointF(0, 0), image)
        painter.restore()

    def paint_legend(self, painter: QPainter, what: Shown, taken: Sequence[QRectF]) -> list[QRectF]:
        """Which colour is which value: over the letter in the middle of the edge, under the study's lines and what
        they list."""
        width, height = what.size
        place = place_of(what.series, what.view.index)
        if height < 260 or place is None or not what.pixels.is_loaded(what.view.index):
            return []
        pixels = looks.text_height(round(width), round(height)) - 1
        bottom = height / 2 - 26
        across = QRectF(width - looks.EDGE_RIGHT - _LEGEND[0] - 132, 0, _LEGEND[0] + 130, bottom)
        above = max(
            (block.bottom() for block in taken if block.intersects(across) and block.top() < bottom), default=0.0
        )
        # The upper number stands half its height over the bar.
        tall = min(_LEGEND[1], bottom - (above + pixels + 4))
        if tall < 40:
            return []
        bar = QRectF(width - looks.EDGE_RIGHT - _LEGEND[0] - 2, bottom - tall, _LEGEND[0], tall)
        table = colour_map(self._look.map).table[::-1].astype(np.uint32)
        words = np.ascontiguousarray((0xFF << 24 | table[:, 0] << 16 | table[:, 1] << 8 | table[:, 2])[:, np.newaxis])
        image = QImage(words.data, 1, 256, 4, QImage.Format.Format_RGB32)
        painter.save()
        painter.drawImage(bar, image)
        painter.setPen(QPen(QColor(255, 255, 255, 150), 1))
        painter.drawRect(bar)
        painter.setFont(looks.font(pixels))
        unit = self.over.series.unit
        for value, y in ((self._look.high, bar.top()), (self._look.low, bar.bottom())):
            text = f"{value:.4g} {unit}".strip()
            box = QRectF(bar.left() - 130, y - pixels, 124, 2 * pixels)
            for colour, shift in ((looks.HALO, 1.0), (looks.TEXT, 0.0)):
                painter.setPen(colour)
                flags = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
                painter.drawText(box.translated(shift, shift), flags, text)
        painter.restore()
        return [bar.adjusted(-130, -pixels, 2, pixels)]

    # -- sampling --------------------------------------------------------------------------------------------------

    def _ask(self, key: _Key, sample: Callable[[Reporter], FusedPlane]) -> None:
        self._wanted = (key, sample)
        if not self._running:
            self._next()

    def _next(self) -> None:
        if self._wanted is None or self._dispatcher.is_closed:
            return
        (key, sample), self._wanted = self._wanted, None
        self._running = True
        job = self._dispatcher.start(Lane.PLANES, tr("Fusing"), sample)
        job.succeeded.connect(lambda fused: self._sampled(key, fused))
        job.ended.connect(self._ended)

    def _sampled(self, key: _Key, fused: FusedPlane) -> None:
        self._values = (key, fused)
        self.redraw.emit()

    def _ended(self) -> None:
        self._running = False
        self._next()

    # -- the rest of a layer ---------------------------------------------------------------------------------------

    def grab(self, position: QPointF, modifiers: Qt.KeyboardModifier, what: Shown) -> Drag | None:
        """Nothing here can be taken."""
        return None

    def release(self) -> None:
        """Nothing was taken."""

    def cursor(self, position: QPointF, what: Shown) -> Qt.CursorShape | None:
        """The tool's own."""
        return None
