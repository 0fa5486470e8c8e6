"""The viewport: one stack of images under the reader's hands."""

from __future__ import annotations

import weakref
from dataclasses import replace
from typing import TYPE_CHECKING

import shiboken6
from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QContextMenuEvent, QHelpEvent, QImage, QKeyEvent, QNativeGestureEvent, QPainter
from PySide6.QtWidgets import QGestureEvent, QPinchGesture, QToolTip, QWidget

from app.core.document import MeasurementKind
from app.core.measure import probe
from app.core.session import Change
from app.ui.dispatch import window_first
from app.ui.language import tr
from app.ui.viewport import style
from app.ui.viewport.annotator import Annotator
from app.ui.viewport.bindings import Bindings
from app.ui.viewport.cine import Cine, swept
from app.ui.viewport.corners import TextLevel
from app.ui.viewport.display import Display
from app.ui.viewport.keys import KeyTable
from app.ui.viewport.mouse import Mouse
from app.ui.viewport.naming import NameField
from app.ui.viewport.picture import MarksOf, Picture, PlanesOf, Shown
from app.ui.viewport.slice_bar import REACH, SliceBar
from app.ui.viewport.tool import Tool

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtGui import QFocusEvent, QMouseEvent, QPaintEvent, QWheelEvent

    from app.core.document import Measurement
    from app.core.session import Session
    from app.ui.viewport.annotator import Scene
    from app.ui.viewport.brush import BrushLayer
    from app.ui.viewport.layer import ViewLayer

_REDRAWS = Change.MEASUREMENTS | Change.OVERLAYS | Change.OVERLAY_STYLE | Change.LAYERS


class Viewport(Display):
    """Shows one stack: windows, zooms, scrolls, measures. Holds view state only; the reader's work is the session's.

    Give it a series and its pixels with ``display``, and tell it of each frame that arrives with ``frame_loaded``.
    """

    toolChanged = Signal(object)
    """The active ``Tool``."""
    probed = Signal(str)
    """The value under the pointer, or an empty string."""
    contextMenuRequested = Signal(QPoint)
    """A right click, at a position in the widget."""
    activated = Signal()
    """The reader turned to this viewport."""
    maximiseRequested = Signal()
    """A double click."""
    textLevelChanged = Signal(object)
    """How much text lies on the image, a ``TextLevel``."""
    playingChanged = Signal(bool)
    """The cine started or stopped."""
    marked = Signal(object)
    """The ``Measurement`` that is drawn, moved or selected now, or ``None``."""
    calibrationDrawn = Signal(object)
    """A ``Measurement`` that is no part of the document: a line whose true length the reader knows."""
    neighbourRequested = Signal(int)
    """The reader goes to the next view (1) or to the one before (−1)."""
    magnifierRequested = Signal()
    """The reader wants the magnifier, or wants it gone, without holding a key."""
    brushSized = Signal(float)
    """The reader wants a larger brush (more than 0) or a smaller one, in notches of the wheel."""
    pointed = Signal(object)
    """The image point under the pointer, a ``QPointF`` (row, column), or ``None`` when it left."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setMinimumSize(160, 120)
        self.setAccessibleName(tr("Image"))
        self.grabGesture(Qt.GestureType.PinchGesture)
        self._session = session
        self._tool = Tool.WINDOW
        self._level = TextLevel.ALL
        self._probe = ""
        self.annotator = Annotator(session)
        self.name_field: NameField | None = None
        """Open while the reader writes on the image."""
        self._marked: Measurement | None = None
        self.keys = KeyTable()
        """Which keys do what; the window puts the reader's own in its place."""
        self.bindings = Bindings()
        """What buttons and wheel do, likewise."""
        self.slice_bar = SliceBar()
        self.point_bar = SliceBar(horizontal=True)
        self.has_neighbours = False
        """Whether there are other views to go to."""
        self.layers: list[ViewLayer] = []
        """What others lay over the image, from below."""
        self.brush: BrushLayer | None = None
        """Edits masks, where the window has given it."""
        self._picture = Picture(session)
        self._mouse = Mouse(self)
        self._cine = Cine(self._play, self)
        self._cine.playingChanged.connect(self._cine_changed)
        # The session outlives its viewports and must not keep them alive.
        told = weakref.WeakMethod(self._changed)
        self.destroyed.connect(session.subscribe(lambda change: _tell(told, change)))

    # -- what is shown ---------------------------------------------------------------------------------------------

    @property
    def text_level(self) -> TextLevel:
        """How much text lies on the image."""
        return self._level

    @property
    def playing(self) -> bool:
        """Whether the cine runs."""
        return self._cine.playing

    def leave(self) -> None:
        """Ends what the reader does with the stack that goes."""
        super().leave()
        if self.brush is not None:
            self.brush.cancel()
        self._cine.stop()
        self._mouse.cancel()
        self._close_field()
        self.annotator.drop()
        self._set_probe("")
        self._tell_marked()

    def opened(self) -> None:
        """Another stack, or none, has come."""
        series = self.series
        self._picture.open(series, self.pixels)
        self._fill_bars()
        self.setAccessibleDescription("" if series is None else series.description)

    def arrived(self, index: int) -> None:
        """Draws the frame that came, or the bar that counts it."""
        if index == self.index:
            self._picture.forget_frame()
            self.update()
        else:
            self.update(self.width() - int(REACH), 0, int(REACH), self.height())
            if self.axis is not None:
                self.update(0, self.height() - int(REACH), self.width(), int(REACH))

    def _fill_bars(self) -> None:
        self.slice_bar.loaded, self.point_bar.loaded = self.loaded_slices(), self.loaded_points()

    def scene(self) -> Scene | None:
        """What measuring needs to know of the frame that is shown."""
        what = self._shown()
        return None if what is None else what.scene

    def seen(self) -> Shown | None:
        """The picture as it lies in the widget now; ``None`` with nothing shown."""
        return self._shown()

    def _shown(self) -> Shown | None:
        if self.series is None or self.pixels is None:
            return None
        return Shown(self.series, self.pixels, self.view, *self.device_size(), self.devicePixelRatioF())

    def snapshot(self) -> QImage:
        """What is shown with its text and marks, at device pixels, without the slice bar."""
        image = QImage(*self.device_size(), QImage.Format.Format_RGB32)
        image.setDevicePixelRatio(self.devicePixelRatioF())
        painter = QPainter(image)
        self._paint(painter, exported=True)
        painter.end()
        return image

    # -- verbs -----------------------------------------------------------------------------------------------------

    def magnify(self) -> None:
        """Asks for the magnifier, or that it goes."""
        self.magnifierRequested.emit()

    def toggle_text(self) -> None:
        """All text, less, none."""
        self.set_text_level(TextLevel((self._level - 1) % len(TextLevel)))

    def set_text_level(self, level: TextLevel) -> None:
        """How much text lies on the image."""
        if level != self._level:
            self._level = level
            self.update()
            self.textLevelChanged.emit(level)

    def toggle_overlays(self) -> None:
        """Shows or hides the overlays, in all viewports."""
        style_now = self._session.style
        self._session.set_style(replace(style_now, visible=not style_now.visible))

    def toggle_graphics(self) -> None:
        """Shows or hides the files' own graphics, in all viewports."""
        style_now = self._session.style
        self._session.set_style(replace(style_now, graphics=not style_now.graphics))

    def take_planes_from(self, planes_of: PlanesOf) -> None:
        """Where the overlay planes of a frame are asked for."""
        self._picture.planes_of = planes_of

    def take_marks_from(self, marks_of: MarksOf) -> None:
        """Where the coordinates of open reports are asked for."""
        self._picture.marks_of = marks_of

    def set_states_offered(self, count: int) -> None:
        """How many presentation states there are for the series."""
        self._picture.states_offered = count
        self.update()

    def set_key_images(self, chosen: dict[int, str]) -> None:
        """Frames that key object selections chose, with the title of the selection."""
        self._picture.key_images = chosen
        axis = self.axis
        self.slice_bar.key_images = tuple(sorted({index if axis is None else axis.place(index)[0] for index in chosen}))
        self.update()

    @property
    def cine(self) -> Cine:
        """Speed and manner of playing."""
        return self._cine

    @property
    def picture(self) -> Picture:
        """Who paints; for pictures that look as this viewport does."""
        return self._picture

    def own_frame_ms(self) -> float | None:
        """The time between frames that the file asks for; ``None`` where it says nothing."""
        if self.series is None:
            return None
        # The axis of a single slice plays like any stack, at its own speed.
        return self.series.frame_time_ms or (None if self.series.axis is None else self.series.axis.step_ms)

    def toggle_cine(self) -> None:
        """Plays or stops."""
        if self._cine.playing:
            self._cine.stop()
        elif self.series is not None and self.count > 1:
            self._cine.start(self.own_frame_ms())

    def set_frame_rate(self, frames_a_second: float | None) -> None:
        """Plays at the reader's speed, this series and those after it; ``None``: at the file's."""
        self._cine.chosen_ms = 1000.0 / frames_a_second if frames_a_second else None
        if self._cine.playing:
            self._cine.start(self.own_frame_ms())
            self.playingChanged.emit(True)

    def _play(self, steps: int) -> None:
        axis, cine = self.axis, self._cine
        if axis is None:
            if cine.sweeps:
                following, cine.back = swept(self.index, steps, self.count, back=cine.back)
            else:
                following = (self.index + steps) % self.count
        elif axis.is_time:
            if cine.sweeps:
                frames = [int(frame) for frame in axis.table[self.slice_index] if frame >= 0]
                place, cine.back = swept(frames.index(self.index), steps, len(frames), back=cine.back)
                following = frames[place]
            else:
                following = axis.along(self.index, steps, around=True)
        elif cine.sweeps:
            slice_, cine.back = swept(self.slice_index, steps, axis.slices, back=cine.back)
            following = axis.nearest(slice_, self.point)
        else:
            following = axis.nearest((self.slice_index + steps) % axis.slices, self.point)
        # Waits for a frame that has not arrived rather than flicker.
        if self._loaded[following]:
            self.set_index(following)

    def _cine_changed(self, playing: bool) -> None:
        self.playingChanged.emit(playing)
        self.update()

    def tool(self) -> Tool:
        """What the left button does."""
        return self._tool

    def go_beside(self, steps: int) -> bool:
        """Asks for the next view, or the one before. False where this one is alone."""
        if self.has_neighbours:
            self.neighbourRequested.emit(steps)
        return self.has_neighbours

    def set_cautions(self, cautions: tuple[str, ...]) -> None:
        """Sentences to stand among the warnings that are not of the series itself."""
        if cautions != self._picture.cautions:
            self._picture.cautions = cautions
            self.update()

    def set_tool(self, tool: Tool) -> None:
        """Another active tool; what is being drawn is dropped."""
        if self.annotator.is_drawing:
            self.annotator.cancel()
            self.update()
        self.setCursor(tool.cursor)
        if tool is not self._tool:
            self._tool = tool
            self.toolChanged.emit(tool)

    def escape(self) -> bool:
        """Drops what is being drawn; with nothing drawn leaves selection, tool and cine. False where there is nothing
        to leave."""
        was_busy = self.annotator.is_busy
        if self.brush is not None and self.brush.cancel():
            self._mouse.cancel()
            return True
        if self.annotator.cancel():
            self._mouse.cancel()
            self.update()
            self._tell_marked()
        elif self._tool is Tool.WINDOW and not self._cine.playing:
            return False
        if not was_busy:
            self._cine.stop()
            self.set_tool(Tool.WINDOW)
        return True

    def delete_selected(self) -> bool:
        """Deletes the selected measurement, or the last corner of a polygon that is being drawn. False where there is
        neither."""
        scene = self.scene()
        if self.annotator.take_back_corner():
            self.update()
            return True
        return scene is not None and self.annotator.delete_selected(scene)

    def finish_drawing(self) -> bool:
        """Closes the polygon that is being drawn. False where there is none."""
        scene = self.scene()
        if scene is None or not self.annotator.finish_drawing(scene):
            return False
        self._mouse.cancel()
        self.update()
        return True

    def select(self, measurement_id: str) -> None:
        """Makes a measurement the selected one; empty for none."""
        if measurement_id != self.annotator.selected and not self.annotator.is_busy:
            self.annotator.selected = measurement_id
            self.update()
            self._tell_marked()

    def ask_about(self, drawn: Measurement) -> None:
        """What was drawn is no measurement yet: it needs its text, or its true length."""
        if not drawn.kind.is_note:
            self.calibrationDrawn.emit(drawn)
            return

        def done(text: str | None) -> None:
            if self.annotator.pending is not drawn:
                return
            self.annotator.pending = None
            # An arrow may point without words; a text without words is nothing.
            if text or (drawn.kind is MeasurementKind.ARROW):
                self.annotator.add(replace(drawn, name=text or ""))
            self.update()

        self._write(drawn, done)

    def rename(self, measurement: Measurement) -> None:
        """Opens the field to write the measurement's name into."""

        def done(text: str | None) -> None:
            if text is not None:
                self.annotator.rename(measurement.id, text)

        self._write(measurement, done)

    def _write(self, measurement: Measurement, done: Callable[[str | None], None]) -> None:
        scene = self.scene()
        if scene is None:
            return
        self._close_field()
        # Where the label is, or will be: at the end of an arrow that is not what it points at.
        at = scene.mapping.to_widget(measurement.points[-1])
        place = self.annotator.label_rects.get(measurement.id, QRectF(at, at))
        if not measurement.kind.is_note:
            place = QRectF(place.topLeft(), place.topLeft()).translated(-8, 8)
        self.name_field = NameField(self, place, measurement.name, done)

    def _close_field(self) -> None:
        field, self.name_field = self.name_field, None
        if field is not None and shiboken6.isValid(field):
            field.close_with(None, stay=False)

    def _tell_marked(self) -> None:
        scene = self.scene()
        now = None if scene is None else self.annotator.current(scene)
        if now != self._marked:
            self._marked = now
            self.marked.emit(now)

    def probe_at(self, position: QPointF) -> None:
        """Reads the value under a position in the widget."""
        what = self._shown()
        if what is not None:
            row, column = what.mapping.to_image(position)
            self.pointed.emit(QPointF(row, column))
            told = [probe(what.series, self.index, what.pixels, row, column)]
            washes = self._picture.objects(what).washes if self._session.style.visible else ()
            for wash in washes:
                value = wash.value_at(self.index, row, column)
                if value is not None:
                    told.append(f"{wash.quantity} {value:.4g} {wash.unit}".rstrip())
            self._set_probe("  ·  ".join(text for text in told if text))

    def _set_probe(self, text: str) -> None:
        if text != self._probe:
            self._probe = text
            self.probed.emit(text)
            if self._level > TextLevel.NONE:
                # Only its own corner: the pointer moves more often than anything else.
                self.update(0, self.height() // 2, self.width() // 2, self.height() - self.height() // 2)

    # -- events ----------------------------------------------------------------------------------------------------

    def _changed(self, change: Change) -> None:
        if change & Change.MEASUREMENTS:
            self.annotator.document_changed()
            self._tell_marked()
        if change & _REDRAWS:
            self.update()

    def _paint(self, painter: QPainter, *, exported: bool = False) -> None:
        what = self._shown()
        if what is None:
            painter.fillRect(self.rect(), style.CANVAS)
            return
        playing = self._cine.frame_ms if self._cine.playing else None
        self._fill_bars()
        self._picture.paint(
            painter,
            what,
            self._level,
            self.annotator,
            extras=self.layers,
            probe="" if exported else self._probe,
            playing_ms=playing,
            bars=() if exported else ((self.slice_bar, self.slice_index), (self.point_bar, self.point)),
        )

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draws the picture and all that lies on it."""
        painter = QPainter(self)
        self._paint(painter)
        painter.end()

    def event(self, event: QEvent) -> bool:
        """Keys before the window's shortcuts, gestures, and the tooltip of warnings."""
        window_first()
        kind = event.type()
        if (
            kind == QEvent.Type.ShortcutOverride
            and isinstance(event, QKeyEvent)
            and self.keys.act_of(event) is not None
        ):
            event.accept()
            return True
        if kind == QEvent.Type.NativeGesture and isinstance(event, QNativeGestureEvent):
            if event.gestureType() == Qt.NativeGestureType.ZoomNativeGesture:
                self.zoom_by(1 + event.value(), event.position())
                return True
        elif kind == QEvent.Type.Gesture and isinstance(event, QGestureEvent):
            pinch = event.gesture(Qt.GestureType.PinchGesture)
            if isinstance(pinch, QPinchGesture):
                self.zoom_by(pinch.scaleFactor(), QPointF(self.mapFromGlobal(pinch.centerPoint().toPoint())))
                return True
        elif kind == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            self._tooltip(event.pos(), event.globalPos())
            return True
        return super().event(event)

    def _tooltip(self, position: QPoint, where: QPoint) -> None:
        what = self._shown()
        if what is not None and self._picture.furniture.warning_rect.contains(QPointF(position)):
            QToolTip.showText(where, "\n".join(self._picture.warnings(what)), self)
        else:
            QToolTip.hideText()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Keys of the viewport; all others go to the window."""
        action = self.keys.act_of(event)
        if action is None or action(self) is False:
            event.ignore()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Starts a drag or a drawing."""
        self.activated.emit()
        self._mouse.press(event)
        self._tell_marked()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Goes on with it, or probes."""
        self._mouse.move(event)
        if self.annotator.is_busy:
            self._tell_marked()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """Ends it."""
        self._mouse.release(event)
        self._tell_marked()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """On a measurement it renames, beside one it asks to be maximised; while measuring it is a press like any
        other, but for the one that ends a polygon."""
        scene = self.scene()
        if event.button() != Qt.MouseButton.LeftButton or scene is None:
            self._mouse.press(event)
            return
        if self.annotator.is_drawing:
            if self.annotator.ends_at(scene, event.position()):
                self.update()
            else:
                self._mouse.press(event)
            self._tell_marked()
            return
        hit = self.annotator.hit(scene, event.position()) if self.is_ready else None
        if hit is not None:
            self.rename(hit.measurement)
        elif self._tool.kind is None:
            self.maximiseRequested.emit()
        else:
            self._mouse.press(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """The menu key asks for the menu too; a right button is the mouse's business, which may have dragged."""
        if event.reason() == QContextMenuEvent.Reason.Keyboard:
            self.activated.emit()
            self.contextMenuRequested.emit(self.rect().center())
        event.accept()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Scrolls or zooms."""
        self._mouse.wheel(event)
        event.accept()

    def leaveEvent(self, event: QEvent) -> None:
        """Nothing is under the pointer any more."""
        self._mouse.leave()
        self._set_probe("")
        self.pointed.emit(None)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """The reader turned to this viewport."""
        self.activated.emit()
        super().focusInEvent(event)


def _tell(told: weakref.WeakMethod, change: Change) -> None:
    changed = told()
    if changed is not None:
        changed(change)
