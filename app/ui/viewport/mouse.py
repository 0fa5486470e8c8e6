"""What mouse, wheel and touchpad do. Which button and which wheel does what is the viewport's ``bindings``."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, Qt

from app.core.view import panned
from app.dicom.voi import Lut, Voi, Window, WindowFunction
from app.ui.viewport.annotator import CLICK_REACH
from app.ui.viewport.bindings import Drag, Turn
from app.ui.viewport.tool import Tool

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtGui import QMouseEvent, QWheelEvent

    from app.ui.viewport.layer import ViewLayer
    from app.ui.viewport.widget import Viewport

NOTCH = 120
"""Wheel angle of one notch; touchpads send fractions of it."""
ZOOM_A_PIXEL = 0.006
ZOOM_A_NOTCH = 1.15


class Mouse:
    """Turns events into the viewport's verbs. One drag at a time: other buttons wait until it ends.

    A drag is called with the pointer's position and its way since the last call, in logical pixels.
    """

    def __init__(self, viewport: Viewport) -> None:
        self._view = viewport
        self._button = Qt.MouseButton.NoButton
        self._drag: Callable[[QPointF, QPointF], None] | None = None
        self._pressed = QPointF()
        self._last = QPointF()
        self._moved = False
        self._wheel = 0.0
        self._rest = 0.0
        self._taken: ViewLayer | None = None

    # -- buttons ---------------------------------------------------------------------------------------------------

    def press(self, event: QMouseEvent) -> None:
        """Starts what the button means at this place."""
        if self._drag is not None:
            return
        position = event.position()
        self._pressed = self._last = position
        self._moved, self._rest = False, 0.0
        self._button = event.button()
        if event.button() == Qt.MouseButton.LeftButton:
            self._drag = self._left(position, event.modifiers())
        elif event.button() == Qt.MouseButton.MiddleButton:
            self._drag = self._bound(self._view.bindings.middle, position)
        elif event.button() == Qt.MouseButton.RightButton:
            self._drag = self._bound(self._view.bindings.right, position)

    def _left(self, position: QPointF, modifiers: Qt.KeyboardModifier) -> Callable[[QPointF, QPointF], None] | None:
        view = self._view
        if view.slice_bar.hit(position, view.width(), view.height()) and not view.annotator.is_drawing:
            self._scrub(position, QPointF())
            return self._scrub
        if view.point_bar.hit(position, view.width(), view.height()) and not view.annotator.is_drawing:
            self._scrub_points(position, QPointF())
            return self._scrub_points
        scene = view.scene()
        if scene is None:
            return None
        if view.annotator.is_drawing:
            view.annotator.press_next(scene, position)
            return self._annotate
        # A brush goes over measurements and leaves them alone.
        hit = view.annotator.hit(scene, position) if view.is_ready and not view.tool().paints else None
        if hit is not None:
            view.annotator.grab(scene, hit, position)
            view.update()
            return self._annotate
        what = view.seen()
        for layer in reversed(view.layers):
            taken = layer.grab(position, modifiers, what) if what is not None else None
            if taken is not None:
                self._taken = layer
                return taken
        if view.annotator.selected:
            view.annotator.selected = ""
            view.update()
        return self._bound(view.bindings.left, position)

    def _bound(self, what: Drag, position: QPointF) -> Callable[[QPointF, QPointF], None] | None:
        """The drag that a button is bound to, begun at ``position``."""
        drags = {
            Drag.WINDOW: self._window,
            Drag.PAN: self._pan,
            Drag.ZOOM: self._zoom,
            Drag.SCROLL: self._scroll,
            Drag.PROBE: self._probe,
            Drag.NOTHING: self._nothing,
        }
        return drags[what] if what in drags else self._use_tool(position)

    def _use_tool(self, position: QPointF) -> Callable[[QPointF, QPointF], None] | None:
        view, tool = self._view, self._view.tool()
        scene = view.scene()
        if scene is None:
            return None
        if view.annotator.is_drawing:
            view.annotator.press_next(scene, position)
            return self._annotate
        if tool.kind is not None:
            if view.is_ready:
                view.annotator.begin(scene, tool.kind, position, commits=tool is not Tool.CALIBRATE)
                return self._annotate
            return None
        drags = {Tool.WINDOW: self._window, Tool.PAN: self._pan, Tool.ZOOM: self._zoom, Tool.SCROLL: self._scroll}
        return drags.get(tool, self._probe)

    def move(self, event: QMouseEvent) -> None:
        """The pointer moved, with or without a button."""
        position = event.position()
        way = position - self._last
        self._last = position
        view, scene = self._view, self._view.scene()
        if self._drag is not None:
            held = position - self._pressed
            self._moved = self._moved or max(abs(held.x()), abs(held.y())) >= CLICK_REACH
            self._drag(position, way)
        elif scene is not None and view.annotator.is_drawing:
            view.annotator.move(scene, position)
            view.update()
        else:
            self._hover(position)
        view.probe_at(position)

    def _hover(self, position: QPointF) -> None:
        view, scene = self._view, self._view.scene()
        over_bar = view.slice_bar.hit(position, view.width(), view.height())
        over_points = not over_bar and view.point_bar.hit(position, view.width(), view.height())
        over_any = over_bar or over_points
        free = view.is_ready and not over_any and not view.tool().paints
        hit = view.annotator.hit(scene, position) if scene is not None and free else None
        hovered = hit.measurement.id if hit is not None else ""
        before = view.annotator.hovered, view.slice_bar.hovered, view.point_bar.hovered
        if before != (hovered, over_bar, over_points):
            view.annotator.hovered, view.slice_bar.hovered, view.point_bar.hovered = hovered, over_bar, over_points
            view.update()
        if over_any:
            view.setCursor(Qt.CursorShape.ArrowCursor)
        elif hit is not None:
            body = hit.handle is None
            view.setCursor(Qt.CursorShape.SizeAllCursor if body else Qt.CursorShape.PointingHandCursor)
        else:
            what = view.seen()
            shapes = [layer.cursor(position, what) for layer in reversed(view.layers)] if what is not None else []
            view.setCursor(next((shape for shape in shapes if shape is not None), view.tool().cursor))

    def release(self, event: QMouseEvent) -> None:
        """Ends the drag; a right button that did not move asks for the menu."""
        if event.button() != self._button:
            return
        view, scene = self._view, self._view.scene()
        drag, self._drag, self._button = self._drag, None, Qt.MouseButton.NoButton
        self._let_go()
        if drag == self._annotate and scene is not None:
            finished = view.annotator.release(scene, event.position())
            view.update()
            if finished is not None:
                view.ask_about(finished)
        elif event.button() == Qt.MouseButton.RightButton and not self._moved:
            view.contextMenuRequested.emit(event.position().toPoint())

    def leave(self) -> None:
        """The pointer left the viewport."""
        view = self._view
        if view.annotator.hovered or view.slice_bar.hovered or view.point_bar.hovered:
            view.annotator.hovered, view.slice_bar.hovered, view.point_bar.hovered = "", False, False
            view.update()

    def cancel(self) -> None:
        """Ends the drag without its last effect."""
        self._drag, self._button = None, Qt.MouseButton.NoButton
        self._let_go()

    def _let_go(self) -> None:
        layer, self._taken = self._taken, None
        if layer is not None:
            layer.release()

    # -- drags -----------------------------------------------------------------------------------------------------

    def _annotate(self, position: QPointF, way: QPointF) -> None:
        scene = self._view.scene()
        if scene is not None:
            self._view.annotator.move(scene, position)
            self._view.update()

    def _window(self, position: QPointF, way: QPointF) -> None:
        voi = self._view.voi
        if voi is not None and self._view.series is not None and not self._view.series.is_colour:
            low, high = self._view.value_range()
            self._view.set_voi(dragged_window(voi, way.x(), way.y(), high - low))

    def _pan(self, position: QPointF, way: QPointF) -> None:
        canvas, ratio = self._view.canvas(), self._view.devicePixelRatioF()
        if canvas is not None:
            self._view.set_view(panned(self._view.view, canvas, way.x() * ratio, way.y() * ratio))

    def _zoom(self, position: QPointF, way: QPointF) -> None:
        # A right click that trembles opens the menu and leaves the zoom alone.
        if self._moved:
            self._view.zoom_by(math.exp(-way.y() * ZOOM_A_PIXEL), self._pressed)

    def _scroll(self, position: QPointF, way: QPointF) -> None:
        count = max(self._view.slice_count, 1)
        pixels_a_step = min(max(0.8 * self._view.height() / count, 2.0), 24.0)
        self._rest += way.y() / pixels_a_step
        steps = int(self._rest)
        self._rest -= steps
        if steps:
            self._view.step(steps)

    def _probe(self, position: QPointF, way: QPointF) -> None:
        self._view.probe_at(position)

    def _nothing(self, position: QPointF, way: QPointF) -> None:
        """A button that the reader wants to do nothing."""

    def _scrub(self, position: QPointF, way: QPointF) -> None:
        self._view.set_slice(self._view.slice_bar.index_at(position, self._view.width(), self._view.height()))

    def _scrub_points(self, position: QPointF, way: QPointF) -> None:
        self._view.set_point(self._view.point_bar.index_at(position, self._view.width(), self._view.height()))

    # -- wheel -----------------------------------------------------------------------------------------------------

    def wheel(self, event: QWheelEvent) -> None:
        """Scrolls, goes along the fourth axis or zooms at the pointer, as it is bound. Fractions of a notch add up."""
        bindings, held = self._view.bindings, event.modifiers()
        if held & Qt.KeyboardModifier.AltModifier and self._view.tool().paints:
            # Alt turns a wheel into a horizontal one.
            turned = event.angleDelta().y() or event.angleDelta().x()
            self._view.brushSized.emit(turned / NOTCH)
            return
        turn = bindings.wheel
        if held & Qt.KeyboardModifier.ControlModifier:
            turn = bindings.ctrl_wheel
        elif held & Qt.KeyboardModifier.ShiftModifier:
            turn = bindings.shift_wheel
        if turn is Turn.NOTHING:
            return
        # Some platforms turn a wheel with Shift into a horizontal one.
        delta = event.angleDelta().y() or event.angleDelta().x()
        if turn is Turn.ZOOM:
            self._view.zoom_by(ZOOM_A_NOTCH ** (delta / NOTCH), event.position())
            return
        if self._wheel * delta < 0:
            # Turning back answers at once.
            self._wheel = 0.0
        self._wheel += delta
        notches = int(self._wheel / NOTCH)
        self._wheel -= notches * NOTCH
        if notches:
            along = self._view.step_point if turn is Turn.POINTS else self._view.step
            along(-notches)
            self._view.probe_at(event.position())


def dragged_window(voi: Voi, dx: float, dy: float, value_range: float) -> Window:
    """The window after a drag by (dx, dy) logical pixels: right widens, down raises the centre and darkens.

    A pixel is a four-hundredth of the width, so that a brain window is tuned finely and a bone window coarsely; at
    least a four-thousandth of the data's range, so that a narrow window can be opened again.
    """
    window = voi if isinstance(voi, Window) else window_of(voi)
    value_range = value_range if value_range > 0 else max(window.width, 1.0)
    step = max(window.width / 400, value_range / 4000)
    function = window.function
    if value_range < 64 and function is WindowFunction.LINEAR:
        # LINEAR cannot be narrower than 1 (PS3.3 C.11.2.1.2), which is coarse for SUV and useless for fractions.
        function = WindowFunction.LINEAR_EXACT
    least = 1.0 if function is WindowFunction.LINEAR else value_range / 2000
    width = max(window.width + dx * step, least)
    reach = 2 * max(value_range, window.width)
    center = min(max(window.center + dy * step, window.center - reach), window.center + reach)
    return replace(window, center=center, width=width, function=function, explanation="")


def window_of(lut: Lut) -> Window:
    """A window over the inputs of a lookup table: where a drag begins that leaves the table."""
    return Window(lut.first + len(lut.table) / 2, float(max(len(lut.table), 1)))
