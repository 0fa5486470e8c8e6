"""The loupe: what lies under the pointer, enlarged, while a key is held or until it is put away."""

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
from app.ui.viewport.keys import VERBS
from app.ui.viewport.mapping import Mapping

if TYPE_CHECKING:
    from PySide6.QtGui import QPaintEvent

    from app.dicom.load import SeriesPixels
    from app.ui.viewport.widget import Viewport

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
        self._key = 0
        """The key that holds it, while it is down."""
        self._stays = False
        """Asked for from a menu: until Esc, or until it is asked for again."""
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAccessibleName(tr("Magnifier"))
        self.setFixedSize(DIAMETER, DIAMETER)
        self.hide()
        viewport.installEventFilter(self)
        viewport.voiChanged.connect(self.update)
        viewport.viewChanged.connect(self.update)
        viewport.indexChanged.connect(self.update)
        viewport.magnifierRequested.connect(self.toggle)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The key shows and hides it; the pointer takes it along. Everything else goes on as it was."""
        kind = event.type()
        if isinstance(event, QKeyEvent):
            return self._key_event(event)
        if kind == QEvent.Type.MouseMove and isinstance(event, QMouseEvent) and (self._stays or self.isVisible()):
            self.show_at(event.position())
        elif kind in (QEvent.Type.FocusOut, QEvent.Type.Leave):
            # The release of the key goes to somebody else.
            self._key = 0
            self.hide()
        return False

    def _key_event(self, event: QKeyEvent) -> bool:
        kind = event.type()
        if kind == QEvent.Type.KeyRelease and event.key() == self._key:
            # Whatever became of Shift and Ctrl meanwhile.
            if not event.isAutoRepeat():
                self._key = 0
                self._stays = False
                self.hide()
            return True
        if kind == QEvent.Type.KeyPress and self._stays and event.key() == Qt.Key.Key_Escape:
            self.toggle()
            return True
        if kind == QEvent.Type.KeyPress and self._view.keys.act_of(event) is VERBS["magnifier"].act:
            if not event.isAutoRepeat():
                self._key = event.key()
                self._show_at_pointer()
            return True
        return False

    def toggle(self) -> None:
        """Shows it until it is asked for again, or until Esc."""
        self._stays = not self._stays
        if self._stays:
            self._show_at_pointer()
        else:
            self.hide()

    def _show_at_pointer(self) -> None:
        here = self._view.mapFromGlobal(QCursor.pos())
        # Chosen from a menu or a list, the pointer may be anywhere.
        self.show_at(QPointF(here if self._view.rect().contains(here) else self._view.rect().center()))

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
