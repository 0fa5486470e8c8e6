"""The loupe: what lies under the pointer, enlarged, while a key is held."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, QPointF, QRectF, Qt
from PySide6.QtGui import QCursor, QImage, QKeyEvent, QMouseEvent, QPainter, QPainterPath, QPen
from PySide6.QtWidgets import QWidget

from app.core import view as views
from app.core.render import Renderer
from app.core.view import MAX_ZOOM
from app.ui.language import tr
from app.ui.viewport import style
from app.ui.viewport.mapping import Mapping

if TYPE_CHECKING:
    from PySide6.QtGui import QPaintEvent

    from app.dicom.load import SeriesPixels
    from app.ui.viewport.widget import Viewport

KEY = Qt.Key.Key_M
TIMES = 3.0
DIAMETER = 260
"""In logical pixels."""


class Loupe(QWidget):
    """Lies over a viewport and lets the mouse through. It shows pixels alone, in the view's own window and colours; at
    three times the view's zoom, with flat pixels once one takes eight of the screen's, so that what is interpolated
    never looks like detail."""

    def __init__(self, viewport: Viewport) -> None:
        super().__init__(viewport)
        self._view = viewport
        self._renderer: Renderer | None = None
        self._pixels: SeriesPixels | None = None
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAccessibleName(tr("Magnifier"))
        self.setFixedSize(DIAMETER, DIAMETER)
        self.hide()
        viewport.installEventFilter(self)
        viewport.voiChanged.connect(self.update)
        viewport.viewChanged.connect(self.update)
        viewport.indexChanged.connect(self.update)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The key shows and hides it; the pointer takes it along. Everything else goes on as it was."""
        kind = event.type()
        if isinstance(event, QKeyEvent) and event.key() == KEY and not event.modifiers():
            if kind == QEvent.Type.ShortcutOverride:
                event.accept()
                return True
            if kind == QEvent.Type.KeyPress:
                if not event.isAutoRepeat():
                    self.show_at(QPointF(self._view.mapFromGlobal(QCursor.pos())))
                return True
            if kind == QEvent.Type.KeyRelease:
                if not event.isAutoRepeat():
                    self.hide()
                return True
        elif kind == QEvent.Type.MouseMove and isinstance(event, QMouseEvent) and self.isVisible():
            self.show_at(event.position())
        elif kind in (QEvent.Type.FocusOut, QEvent.Type.Leave):
            # The release of the key goes to somebody else.
            self.hide()
        return False

    def show_at(self, position: QPointF) -> None:
        """Shows what lies under a position in the viewport."""
        if self._view.series is None or not self._view.is_ready:
            self.hide()
            return
        self.move(round(position.x()) - DIAMETER // 2, round(position.y()) - DIAMETER // 2)
        self.show()
        self.raise_()
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """A round piece of the picture with a thin rim."""
        series, pixels, canvas = self._view.series, self._view.pixels, self._view.canvas()
        if series is None or pixels is None or canvas is None:
            return
        if self._renderer is None or self._pixels is not pixels:
            self._renderer, self._pixels = Renderer(series, pixels), pixels
        ratio = self._view.devicePixelRatioF()
        mapping = Mapping.of(self._view.view, canvas, ratio)
        middle = QPointF(self.x() + DIAMETER / 2, self.y() + DIAMETER / 2)
        zoom = min(views.zoom_of(self._view.view, canvas) * TIMES, MAX_ZOOM)
        smooth = self._view.view.interpolate and zoom < 8
        view = replace(self._view.view, zoom=zoom, centre=mapping.to_image(middle), interpolate=smooth)
        side = round(DIAMETER * ratio)
        memory = self._renderer.image(view, side, side)
        if memory is None:
            return
        form = QImage.Format.Format_Grayscale8 if memory.ndim == 2 else QImage.Format.Format_RGB888
        image = QImage(memory.data, side, side, memory.strides[0], form)
        image.setDevicePixelRatio(ratio)
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        rim = QPainterPath()
        rim.addEllipse(QRectF(1.5, 1.5, DIAMETER - 3, DIAMETER - 3))
        painter.setClipPath(rim)
        painter.drawImage(QPointF(0, 0), image)
        painter.setClipping(False)
        painter.setPen(QPen(style.HALO, 3))
        painter.drawPath(rim)
        painter.setPen(QPen(style.TEXT, 1))
        painter.drawPath(rim)
        text = f"{100 * zoom:.0f} %"
        painter.setFont(style.font(11))
        painter.setPen(style.TEXT)
        painter.drawText(QRectF(0, DIAMETER - 34, DIAMETER, 18), Qt.AlignmentFlag.AlignHCenter, text)
        painter.end()
