"""View state of a viewport: which stack, which frame of it, which window, how it lies. Nothing of it is undone."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QPointF, Signal
from PySide6.QtWidgets import QWidget

from app.core import presenting
from app.core import view as views
from app.core.preset_book import presets_of
from app.core.view import Canvas, View, first_index
from app.dicom.load import Status
from app.dicom.pixels import auto_window, default_voi, window_between

if TYPE_CHECKING:
    import numpy.typing as npt

    from app.dicom.fourth_axis import FourthAxis
    from app.dicom.load import SeriesPixels
    from app.dicom.model import Series
    from app.dicom.presentation import PresentationState
    from app.dicom.voi import Voi


class Display(QWidget):
    """A widget with a view state and the verbs that change it. Each verb that changes something asks for a redraw."""

    indexChanged = Signal(int)
    """Another frame of the stack is shown."""
    voiChanged = Signal()
    """The window is another one."""
    viewChanged = Signal()
    """Zoom, pan, flips or rotation changed."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._series: Series | None = None
        self._pixels: SeriesPixels | None = None
        self._view = View()
        self._remembered: dict[tuple[str, int], View] = {}
        self._range: tuple[float, float] | None = None
        self._loaded: npt.NDArray[np.bool_] = np.zeros(0, dtype=bool)
        self._settled: npt.NDArray[np.bool_] = np.zeros(0, dtype=bool)
        self._provisional: Voi | None = None
        self._owns: dict[tuple[str, int], Voi] = {}
        """The window that each series was given before the reader chose another."""
        self._point = 0
        self._own_voi: Voi | None = None

    # -- what is shown ---------------------------------------------------------------------------------------------

    @property
    def series(self) -> Series | None:
        """The stack that is shown."""
        return self._series

    @property
    def pixels(self) -> SeriesPixels | None:
        """Its pixels, as far as they have arrived."""
        return self._pixels

    @property
    def view(self) -> View:
        """How it is shown."""
        return self._view

    @property
    def index(self) -> int:
        """Which frame of the stack, counted from 0."""
        return self._view.index

    @property
    def count(self) -> int:
        """Frames of the stack; 0 with nothing shown."""
        return int(self._loaded.size)

    @property
    def axis(self) -> FourthAxis | None:
        """The fourth axis of a stack of several slices; with one slice the axis is what scrolls, like any stack."""
        axis = None if self._series is None else self._series.axis
        return axis if axis is not None and axis.slices > 1 else None

    @property
    def slice_index(self) -> int:
        """Which slice, counted from 0; the frame where there is no fourth axis."""
        return self.index if self.axis is None else self.axis.place(self.index)[0]

    @property
    def slice_count(self) -> int:
        """Slices of the stack; frames where there is no fourth axis."""
        return self.count if self.axis is None else self.axis.slices

    @property
    def point(self) -> int:
        """Which point of the fourth axis, counted from 0; 0 without one."""
        return 0 if self.axis is None else self.axis.place(self.index)[1]

    def loaded_slices(self) -> npt.NDArray[np.bool_]:
        """For each slice whether its image at this point has arrived."""
        if self.axis is None:
            return self._loaded
        return self._loaded[[self.axis.nearest(slice_, self._point) for slice_ in range(self.axis.slices)]]

    def loaded_points(self) -> npt.NDArray[np.bool_]:
        """For each point of the fourth axis whether its image of this slice is there and has arrived."""
        if self.axis is None:
            return self._loaded[:0]
        row = self.axis.table[self.slice_index]
        return (row >= 0) & self._loaded[row]

    @property
    def voi(self) -> Voi | None:
        """The window; ``None`` until the first frame has arrived, and for colour."""
        return self._view.voi

    @property
    def is_ready(self) -> bool:
        """The pixels of the frame are there."""
        return self._pixels is not None and self._pixels.is_loaded(self.index)

    def canvas(self) -> Canvas | None:
        """The image and the viewport in device pixels, or ``None`` with nothing shown."""
        return None if self._series is None else Canvas.of(self._series, *self.device_size(), self._view)

    def device_size(self) -> tuple[int, int]:
        """Width and height in device pixels."""
        ratio = self.devicePixelRatioF()
        return max(round(self.width() * ratio), 1), max(round(self.height() * ratio), 1)

    def frame_range(self) -> tuple[float, float] | None:
        """Smallest and largest modality value of the frame, padding left out; ``None`` where there is none."""
        if self._pixels is None or not self.is_ready:
            return None
        stored, stages = self._pixels.stored[self.index], self._pixels.pipeline(self.index)
        padding = stages.padding_mask(stored)
        values = stages.modality(stored if padding is None else stored[~padding])
        values = values[np.isfinite(values)]
        return (float(values.min()), float(values.max())) if values.size else None

    def value_range(self) -> tuple[float, float]:
        """The range of the first frame that could be asked; stays for the series, so that drags always feel alike."""
        if self._range is None:
            self._range = self.frame_range()
        return self._range or (0.0, 0.0)

    # -- opening ---------------------------------------------------------------------------------------------------

    def display(self, series: Series, pixels: SeriesPixels, index: int | None = None) -> None:
        """Shows a stack, at ``index`` or where the reader left it, else at its middle (a cine at its start)."""
        self.leave()
        self._series, self._pixels = series, pixels
        count = len(series.frames)
        self._loaded = np.array([pixels.is_loaded(i) for i in range(count)], dtype=bool)
        self._settled = np.array([pixels.state(i).status is not Status.WAITING for i in range(count)], dtype=bool)
        view = self._remembered.get(series.key) or View(index=first_index(series))
        wanted = view.index if index is None else index
        self._view = replace(view, index=min(max(wanted, 0), count - 1))
        self._point = self.point
        self.opened()
        self._find_window()
        self.indexChanged.emit(self.index)
        self.voiChanged.emit()
        self.viewChanged.emit()
        self.update()

    def share_memory(self, other: Display) -> None:
        """Series are shown as the reader left them in either of the two."""
        self._remembered = other._remembered

    def replace_stack(self, series: Series, pixels: SeriesPixels, view: View) -> None:
        """Shows a stack in place of another that is the same to the reader, such as planes that were turned: the window
        stays, and what the reader is at goes on."""
        self._series, self._pixels = series, pixels
        count = len(series.frames)
        self._loaded = np.array([pixels.is_loaded(i) for i in range(count)], dtype=bool)
        self._settled = self._loaded.copy()
        self._view = replace(view, voi=self._view.voi, index=min(max(view.index, 0), count - 1))
        self.opened()
        self.indexChanged.emit(self.index)
        self.viewChanged.emit()
        self.update()

    def clear(self) -> None:
        """Shows nothing."""
        self.leave()
        self._series = self._pixels = None
        self._view = View()
        self._loaded = np.zeros(0, dtype=bool)
        self.opened()
        self.voiChanged.emit()
        self.update()

    def leave(self) -> None:
        """The stack is about to go: its view is kept for when it comes back."""
        if self._series is not None:
            self._remembered[self._series.key] = self._view
        self._provisional = None
        self._range = None
        self._own_voi = None

    def remember(self, key: tuple[str, int], view: View) -> None:
        """How a stack is to be shown when it comes; one that was shown since the start stays as it was left."""
        self._remembered.setdefault(key, view)

    def remembered(self, key: tuple[str, int]) -> View | None:
        """How a stack was left; ``None`` where it was not shown."""
        return self._remembered.get(key)

    def remember_anew(self, key: tuple[str, int], view: View) -> None:
        """A stack comes back in another view than it was left in."""
        self._remembered[key] = view

    def view_to_keep(self) -> View:
        """The view without what the reader has not chosen: a window of the series' own is found anew each time."""
        own = None if self._series is None else self._owns.get(self._series.key)
        return replace(self._view, voi=None) if self._view.voi == own else self._view

    def opened(self) -> None:
        """Another stack, or none, has come."""

    def frame_loaded(self, index: int) -> None:
        """Frame ``index`` has arrived, or has failed."""
        if self._pixels is None or not 0 <= index < self.count:
            return
        self._loaded[index] = self._pixels.is_loaded(index)
        self._settled[index] = True
        self._find_window()
        if index == self.index and self._view.presentation is not None and self._view.voi == self._own_voi:
            # The series' own window stood in until the frame came.
            self.set_voi(self._wanted_voi(index))
        self.arrived(index)

    def arrived(self, index: int) -> None:
        """What to draw anew for a frame that came."""

    def _find_window(self) -> None:
        """The series' own window, once there is a frame to find it from.

        Where the file names none, the first frame gives it, and the whole stack once all of it is there: so it does not
        hang on the order of loading. What the reader has set stays.
        """
        if self._series is None or self._pixels is None or self._series.is_colour or not self._loaded.any():
            return
        if self._view.voi is None:
            self._set_own()
            own = self._pixels.pipeline(self.index).default_window() is not None
            self._provisional = None if own or self._settled.all() else self._view.voi
        elif self._settled.all() and self._provisional is not None:
            if self._view.voi is self._provisional:
                self._set_own()
            self._provisional = None

    def _set_own(self) -> None:
        if self._series is not None and self._pixels is not None:
            own = default_voi(self._series, self._pixels)
            self._owns[self._series.key] = own
            self.set_voi(own)

    # -- verbs -----------------------------------------------------------------------------------------------------

    def set_index(self, index: int) -> None:
        """Shows frame ``index``, held within the stack."""
        index = min(max(index, 0), max(self.count - 1, 0))
        if index != self.index:
            before, self._view = self._view, replace(self._view, index=index)
            self._follow_state(before)
            self._point = self.point
            self.indexChanged.emit(index)
            self.update()

    def set_slice(self, slice_: int) -> None:
        """Shows a slice at the point of the fourth axis that the reader chose, or at the nearest that it has."""
        if self.axis is None:
            self.set_index(slice_)
            return
        wanted = self._point
        self.set_index(self.axis.nearest(slice_, wanted))
        # A slice that lacks the point does not change what the next one is asked for.
        self._point = wanted

    def step(self, slices: int) -> None:
        """Goes on by ``slices``; stops at either end."""
        self.set_slice(self.slice_index + slices)

    def set_point(self, point: int) -> None:
        """Shows a point of the fourth axis, or the nearest that the slice has; the slice stays."""
        if self.axis is not None:
            self.set_index(self.axis.nearest(self.slice_index, point))

    def step_point(self, points: int) -> None:
        """Goes on along the fourth axis; stops at either end. Without one it goes through the stack."""
        if self.axis is None:
            self.step(points)
        else:
            self.set_index(self.axis.along(self.index, points))

    def set_presentation(self, state: PresentationState | None) -> None:
        """Shows images as a presentation state wants them: its window, turns, flips and area. ``None``: as they are."""
        if self._series is None or self._pixels is None or state is self._view.presentation:
            return
        self._view = replace(View(index=self.index), presentation=state, voi=self._view.voi)
        self._own_voi = None
        if state is not None and state.covers(self._series, self.index):
            self._lay_out(state)
        self.set_voi(self._wanted_voi(self.index) or self._view.voi)
        self.viewChanged.emit()
        self.update()

    def _wanted_voi(self, index: int) -> Voi | None:
        """The state's window for a frame, or the series' own where the state is not about it; ``None`` until there are
        pixels to find it from."""
        assert self._series is not None
        assert self._pixels is not None
        state, voi = self._view.presentation, None
        if state is not None and self._pixels.is_loaded(index):
            voi = presenting.voi_for(self._pixels, index, state)
        if voi is None and self._loaded.any():
            if self._own_voi is None:
                self._own_voi = default_voi(self._series, self._pixels)
            voi = self._own_voi
        return voi

    def _lay_out(self, state: PresentationState) -> None:
        canvas = self.canvas()
        if canvas is not None and self._series is not None:
            dots = self.physicalDpiX() * self.devicePixelRatioF() / 25.4
            self._view = presenting.laid_out(self._view, canvas, state, self._series, dots)

    def _follow_state(self, before: View) -> None:
        """Another frame of a state: its own window and area, unless the reader has chosen another window since."""
        state, series = self._view.presentation, self._series
        if state is None or series is None:
            return
        if before.voi is None or before.voi == self._wanted_voi(before.index):
            self.set_voi(self._wanted_voi(self.index) or self._view.voi)
        areas = [state.area_of(series, view.index) for view in (before, self._view)]
        if state.covers(series, self.index) and not presenting.is_laid_out_alike(areas[0], areas[1]):
            self._lay_out(state)
            self.viewChanged.emit()

    def set_view(self, view: View) -> None:
        """Zoom, pan, flips, rotation and inversion as in ``view``; index and window stay."""
        view = replace(view, index=self.index, voi=self.voi)
        if view != self._view:
            self._view = view
            self.viewChanged.emit()
            self.update()

    def set_voi(self, voi: Voi | None) -> None:
        """Another window. Colour has none."""
        if self._series is None or self._series.is_colour or voi == self._view.voi:
            return
        self._view = replace(self._view, voi=voi)
        self.voiChanged.emit()
        self.update()

    def auto_window(self) -> None:
        """A window from the values of the frame that is shown."""
        if self._series is not None and self._pixels is not None and self.is_ready and not self._series.is_colour:
            self.set_voi(auto_window(self._pixels, self.index))

    def set_preset(self, number: int) -> None:
        """Preset ``number``, from 1, of those that mean something for this series."""
        presets = presets_of(self._series) if self._series is not None else ()
        if 1 <= number <= len(presets):
            self.set_voi(presets[number - 1].window)

    def full_range(self) -> None:
        """A window from the smallest to the largest value of the frame."""
        ends = self.frame_range()
        if ends is not None and self._series is not None and not self._series.is_colour:
            whole = all(end == round(end) for end in ends)
            self.set_voi(window_between(*ends, whole=whole))

    def set_palette(self, palette_id: str) -> None:
        """The colours that greys are shown in; empty is grey. Colour images have none."""
        if self._series is not None and not self._series.is_colour:
            self.set_view(replace(self._view, palette=palette_id))

    def toggle_interpolation(self) -> None:
        """Greys between pixels when magnified, or flat pixels."""
        self.set_view(replace(self._view, interpolate=not self._view.interpolate))

    def invert(self) -> None:
        """Black becomes white."""
        self.set_view(replace(self._view, invert=not self._view.invert))

    def flip_horizontal(self) -> None:
        """Mirrors left and right."""
        self.set_view(views.flipped(self._view, horizontal=True))

    def flip_vertical(self) -> None:
        """Mirrors top and bottom."""
        self.set_view(views.flipped(self._view, horizontal=False))

    def rotate(self, quarter_turns: int) -> None:
        """Turns clockwise."""
        self.set_view(views.rotated(self._view, quarter_turns))

    def fit(self) -> None:
        """The whole image, and so it stays when the viewport is resized."""
        self.set_view(views.fitted(self._view))

    def one_to_one(self) -> None:
        """One device pixel a pixel of the image."""
        self.set_view(replace(self._view, zoom=1.0))

    def zoom_by(self, factor: float, anchor: QPointF | None = None) -> None:
        """Zooms about ``anchor``, in the widget; about the middle without one."""
        canvas = self.canvas()
        if canvas is None:
            return
        ratio = self.devicePixelRatioF()
        at = (canvas.width / 2, canvas.height / 2) if anchor is None else (anchor.x() * ratio, anchor.y() * ratio)
        self.set_view(views.zoomed(self._view, canvas, factor, at))

    def reset(self) -> None:
        """Fitted, upright, not inverted, in the series' own window."""
        self.set_view(View())
        if self._loaded.any():
            self._set_own()
