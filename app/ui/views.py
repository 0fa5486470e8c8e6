"""The views: a grid of viewports, one of them active. Those that belong together move together."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QPoint, QPointF, Signal

from app.core.document import Place
from app.core.layout import Layout, activated, maximised, set_apart, sized, stepped
from app.core.linking import Anchor, is_aligned, linked_index, linked_view, patient_of, place_of, shares_window
from app.ui.cells import Cell, CellGrid
from app.ui.language import tr
from app.ui.reference_lines import Pointed
from app.ui.viewport import Viewport

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from PySide6.QtWidgets import QWidget

    from app.core.planes import PlaneName
    from app.core.session import Session
    from app.core.view import View
    from app.dicom.load import SeriesPixels
    from app.dicom.model import Series
    from app.ui.viewport.corners import TextLevel

_PASSED_ON = (
    "indexChanged",
    "voiChanged",
    "viewChanged",
    "probed",
    "contextMenuRequested",
    "playingChanged",
    "marked",
    "calibrationDrawn",
)


@dataclass(frozen=True)
class Together:
    """What views do together. ``series``: views of one series, its planes too, share one window."""

    series: bool = True
    scroll: bool = True
    zoom: bool = False
    window: bool = False
    lines: bool = True
    pointer: bool = True


class Current(QObject):
    """The viewport that the reader is at, whichever that is: its signals, its properties, its verbs.

    Methods that are taken from it are looked up when they are called, so a connection made once serves all views.
    """

    indexChanged = Signal(int)
    voiChanged = Signal()
    viewChanged = Signal()
    toolChanged = Signal(object)
    probed = Signal(str)
    contextMenuRequested = Signal(QPoint)
    maximiseRequested = Signal()
    playingChanged = Signal(bool)
    marked = Signal(object)
    calibrationDrawn = Signal(object)

    def __init__(self, views: Views) -> None:
        super().__init__(views)
        self._views = views

    def __getattr__(self, name: str) -> Any:
        if name.startswith("__"):
            raise AttributeError(name)
        found = getattr(self._views.active, name)
        if not callable(found):
            return found

        def later(*arguments: Any, **keywords: Any) -> Any:
            return getattr(self._views.active, name)(*arguments, **keywords)

        return later


class Views(CellGrid):
    """All cells: in the grid that it is itself, and in one on a second screen (``show_apart``), known by their numbers
    in ``layout_``. They are one set: one of them is active, and they move together across screens."""

    activated = Signal()
    """Another cell is the active one."""
    shown = Signal()
    """Cells show something else than before, or there are more or fewer of them."""
    maximise = Signal()
    """A double click where there is one view only."""
    maximise_apart = Signal()
    """A double click on a view of the second screen."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._apart: CellGrid | None = None
        self.layout_ = Layout()
        self.together = Together()
        self._busy = False
        self._anchors: dict[tuple[int, int], Anchor] = {}
        self._prepare: list[Callable[[Viewport], object]] = []
        self.hovered.connect(self._dress)
        self.current = Current(self)
        self.cells: list[Cell] = []
        self._add_cell()
        self._arrange()

    # -- cells -----------------------------------------------------------------------------------------------------

    @property
    def active(self) -> Viewport:
        """The viewport that tools and models act on."""
        return self.active_cell.viewport

    @property
    def active_cell(self) -> Cell:
        """The cell that the reader is at."""
        return self.cells[self.layout_.active]

    @property
    def frame(self) -> int:
        """The sorted frame of the active series that the reader is at: of a plane the image nearest to its middle."""
        cell, viewport = self.active_cell, self.active
        if cell.series is None or viewport.series is None or cell.plane is None:
            return viewport.index
        nearest = replace(Place.of(viewport.series, viewport.index), plane=None)
        return nearest.index_in(cell.series) or 0

    @property
    def visible(self) -> list[Cell]:
        """The cells on screen."""
        return [self.cells[cell] for cell in self.layout_.visible]

    @property
    def grid_cells(self) -> list[Cell]:
        """The cells of the grid, whether one is maximised or not, and those of the second screen."""
        return [self.cells[cell] for cell in self.layout_.numbers]

    @property
    def main_cells(self) -> list[Cell]:
        """The cells of the grid alone."""
        return self.cells[: self.layout_.count]

    def each(self) -> Iterator[Viewport]:
        """Every viewport there is."""
        for cell in self.cells:
            yield cell.viewport

    def redraw(self) -> None:
        """Draws every view anew."""
        for viewport in self.each():
            viewport.update()

    def prepare_each(self, prepare: Callable[[Viewport], object]) -> None:
        """Calls ``prepare`` with each viewport, now and as it is made."""
        self._prepare.append(prepare)
        for viewport in self.each():
            prepare(viewport)

    def _add_cell(self) -> None:
        viewport = Viewport(self._session)
        cell = Cell(viewport, self)
        first = not self.cells
        self.cells.append(cell)
        # Cells change places, so each is known by itself and not by its number.
        viewport.activated.connect(lambda: self.activate(self.cells.index(cell)))
        viewport.neighbourRequested.connect(self.step)
        viewport.maximiseRequested.connect(self._maximise)
        for name in _PASSED_ON:
            getattr(viewport, name).connect(lambda *value, name=name: self._pass_on(cell, name, value))
        viewport.toolChanged.connect(self._tool_changed)
        viewport.textLevelChanged.connect(self._text_level_changed)
        viewport.indexChanged.connect(lambda _: self._scrolled(cell))
        viewport.viewChanged.connect(lambda: self._moved(cell))
        viewport.voiChanged.connect(lambda: self._windowed(cell))
        viewport.pointed.connect(lambda position: self._pointed(cell, position))
        if not first:
            viewport.share_memory(self.cells[0].viewport)
            viewport.set_tool(self.cells[0].viewport.tool())
            viewport.set_text_level(self.cells[0].viewport.text_level)
        for prepare in self._prepare:
            prepare(viewport)

    def _pass_on(self, cell: Cell, name: str, value: tuple[Any, ...]) -> None:
        if cell is self.active_cell:
            getattr(self.current, name).emit(*value)

    def _tool_changed(self, tool: Any) -> None:
        if not self._busy:
            self._busy = True
            for viewport in self.each():
                viewport.set_tool(tool)
            self._busy = False
            self.current.toolChanged.emit(tool)

    def _text_level_changed(self, level: TextLevel) -> None:
        """Views that say different amounts are harder to compare than any of them is to read."""
        if not self._busy:
            self._busy = True
            for viewport in self.each():
                viewport.set_text_level(level)
            self._busy = False

    # -- layout ----------------------------------------------------------------------------------------------------

    def set_grid(self, rows: int, columns: int) -> None:
        """Another grid; what the active view shows stays on screen."""
        before = self.layout_
        layout = sized(replace(before, cells=tuple(cell.content for cell in self.cells)), rows, columns)
        self._swap(before.held, layout.held)
        self._set(layout)

    def show_apart(self, grid: CellGrid, rows: int, columns: int) -> None:
        """A grid of further cells in ``grid``, on a second screen."""
        if self._apart is not grid:
            grid.dropped.connect(self.dropped)
            grid.hovered.connect(self._dress)
        self._apart = grid
        before = self.layout_
        layout = set_apart(replace(before, cells=tuple(cell.content for cell in self.cells)), rows, columns)
        if layout.is_apart:
            self._swap(before.active, layout.active)
        self._set(layout)

    def close_apart(self) -> None:
        """No cells on a second screen any more. What they showed stays with them until they are needed again."""
        if self._apart is None:
            return
        was_there = self.layout_.is_apart
        self._set(set_apart(self.layout_, 0, 0))
        self._apart = None
        if was_there:
            self._turned()

    def _swap(self, one: int, two: int) -> None:
        # The active cell moves to the last place; cells are swapped, so that nothing is loaded anew.
        self.cells[one], self.cells[two] = self.cells[two], self.cells[one]

    def activate(self, number: int) -> None:
        """Makes a cell the active one."""
        if number != self.layout_.active and number in self.layout_.numbers:
            self._set(activated(self.layout_, number))
            self._turned()

    def _turned(self) -> None:
        """Another view is the active one."""
        for name in ("indexChanged", "probed", "playingChanged"):
            value = {"indexChanged": self.active.index, "probed": "", "playingChanged": self.active.playing}[name]
            getattr(self.current, name).emit(value)
        for name in ("voiChanged", "viewChanged"):
            getattr(self.current, name).emit()
        self.activated.emit()

    def step(self, steps: int) -> None:
        """The next view, or the one before."""
        full = tuple(cell.content for cell in self.cells)
        self.activate(stepped(replace(self.layout_, cells=full), steps).active)
        self.focus()

    def focus(self) -> None:
        """Keys go to the active view, in whichever window it is."""
        self.active.window().activateWindow()
        self.active.setFocus()

    def _maximise(self) -> None:
        if self.layout_.is_apart:
            self.maximise_apart.emit()
        elif self.layout_.count == 1:
            self.maximise.emit()
        else:
            self._set(maximised(self.layout_, not self.layout_.maximised))
            self.active.setFocus()

    def _set(self, layout: Layout) -> None:
        arranged = (layout.rows, layout.columns, layout.visible) != (
            self.layout_.rows,
            self.layout_.columns,
            self.layout_.visible,
        )
        arranged = arranged or layout.apart != self.layout_.apart
        while len(self.cells) < (layout.numbers[-1] + 1):
            self._add_cell()
        self.layout_ = layout
        if arranged:
            self._arrange()
        self._dress()
        self._refresh_lines()
        if arranged:
            self.shown.emit()

    def _arrange(self) -> None:
        layout = self.layout_
        apart = {number: self.cells[number] for number in layout.numbers_apart}
        here = {number: self.cells[number] for number in layout.visible if number not in apart}
        if self._apart is not None:
            self._apart.place(apart, max(layout.apart[1], 1))
        self.place(here, 1 if layout.maximised else layout.columns)
        for number, cell in enumerate(self.cells):
            if number not in here and number not in apart:
                cell.hide()
                if not self.isAncestorOf(cell):
                    # Not left in a window that may be closed.
                    cell.setParent(self)

    def _dress(self, dropping: int = -1) -> None:
        framed = len(self.layout_.numbers) > 1
        for number, cell in enumerate(self.cells):
            cell.viewport.has_neighbours = framed
            cell.dress(framed=framed, active=number == self.layout_.active, dropping=number == dropping)

    # -- what is shown ---------------------------------------------------------------------------------------------

    def show_in(
        self,
        number: int,
        series: Series,
        pixels: SeriesPixels,
        *,
        shown: Series | None = None,
        plane: PlaneName | None = None,
        index: int | None = None,
    ) -> None:
        """Shows ``series`` in a cell; ``shown``: the planes that are cut from it, where it is not shown itself."""
        cell = self.cells[number]
        cell.series, cell.plane = series, plane
        self._busy = True
        cell.viewport.display(shown if shown is not None else series, pixels, index)
        self._busy = False
        self._changed_cells()

    def clear_cell(self, number: int) -> None:
        """Shows nothing in a cell."""
        cell = self.cells[number]
        cell.series, cell.plane = None, None
        cell.viewport.clear()
        self._changed_cells()

    def _changed_cells(self) -> None:
        self.layout_ = replace(self.layout_, cells=tuple(cell.content for cell in self.cells))
        self._anchors.clear()
        self._caution()
        self._dress()
        self._refresh_lines()
        self.shown.emit()

    def showing(self, series: Series) -> list[Cell]:
        """The cells of the grid that show ``series`` or planes of it."""
        return [cell for cell in self.grid_cells if cell.series is series]

    def _caution(self) -> None:
        """Two patients on one screen are said on every view that is not of the active one's."""
        shown = [cell for cell in self.grid_cells if cell.series is not None]
        patients = {patient_of(cell.series) for cell in shown if cell.series is not None}
        for cell in shown:
            cell.viewport.set_cautions((tr("Views show different patients"),) if len(patients) > 1 else ())

    # -- moving together -------------------------------------------------------------------------------------------

    def set_together(self, together: Together) -> None:
        """Which of it views do together from now on."""
        self.together = together
        self._anchors.clear()
        for cell in self.cells:
            cell.lines.pointed = None
        self._refresh_lines()

    def _others(self, cell: Cell) -> Iterator[tuple[Cell, Series]]:
        for other in self.visible:
            series = other.viewport.series
            if other is not cell and series is not None:
                yield other, series

    def _anchor(self, source: Cell, target: Cell) -> Anchor:
        """How two views stood to each other before one of them first scrolled."""
        key = (id(source), id(target))
        if key not in self._anchors:
            self._anchors[key] = Anchor(source.last, target.last)
            self._anchors[key[1], key[0]] = Anchor(target.last, source.last)
        return self._anchors[key]

    def _scrolled(self, cell: Cell) -> None:
        series = cell.viewport.series
        if not self._busy and self.together.scroll and series is not None and cell in self.visible:
            self._busy = True
            for other, target in self._others(cell):
                # Planes of a volume are moved by the crosshair.
                if cell.plane is None and other.plane is None:
                    found = linked_index(series, cell.viewport.index, target, self._anchor(cell, other))
                    if found is not None:
                        other.viewport.set_index(found.index)
                        other.last = other.viewport.index
            self._busy = False
        cell.last = cell.viewport.index
        self._refresh_lines()

    def _moved(self, cell: Cell) -> None:
        series, canvas = cell.viewport.series, cell.viewport.canvas()
        if self._busy or series is None or canvas is None:
            return
        if self.together.series and cell.plane is not None:
            self._look_alike(cell)
        if not self.together.zoom:
            return
        self._busy = True
        for other, target in self._others(cell):
            on = other.viewport.canvas()
            if on is not None:
                view = linked_view(series, cell.viewport.view, canvas, target, other.viewport.view, on)
                other.viewport.set_view(view)
        self._busy = False

    def _look_alike(self, cell: Cell) -> None:
        """Planes of one volume are one picture: inverted, coloured and smoothed together."""
        self._busy = True
        here = cell.viewport.view
        for other, _ in self._others(cell):
            if other.plane is not None and other.series is cell.series:
                other.viewport.set_view(alike(other.viewport.view, here))
        self._busy = False

    def _windowed(self, cell: Cell) -> None:
        series, voi = cell.viewport.series, cell.viewport.voi
        if self._busy or series is None or voi is None:
            return
        self._busy = True
        for other, target in self._others(cell):
            same = self.together.series and cell.series is other.series
            if same or (self.together.window and shares_window(series, target)):
                other.viewport.set_voi(voi)
        self._busy = False

    def look_of(self, series: Series) -> View | None:
        """How ``series`` is shown, or was when it was left; ``None`` where it never was."""
        shown = self.showing(series)
        return shown[0].viewport.view if shown else self.cells[0].viewport.remembered(series.key)

    def keep_look(self, series: Series, view: View) -> None:
        """``series`` comes back in the window, the colours and the inversion of ``view``."""
        before = self.cells[0].viewport.remembered(series.key)
        if before is not None:
            self.cells[0].viewport.remember_anew(series.key, alike(before, view))

    # -- lines and the pointer -------------------------------------------------------------------------------------

    def _refresh_lines(self) -> None:
        for cell in self.visible:
            series = cell.viewport.series
            planes = []
            if series is not None and self.together.lines and len(self.visible) > 1:
                for other, theirs in self._others(cell):
                    place = place_of(theirs, other.viewport.index)
                    both = cell.plane is not None and other.plane is not None
                    if place is not None and not both and is_aligned(series, theirs):
                        planes.append((place, other is self.active_cell))
            if cell.lines.set_planes(tuple(planes)):
                cell.viewport.update()

    def _pointed(self, cell: Cell, position: object) -> None:
        series = cell.viewport.series
        place = None if series is None else place_of(series, cell.viewport.index)
        for other in self.visible:
            found = None
            theirs = other.viewport.series
            if (
                self.together.pointer
                and isinstance(position, QPointF)
                and other is not cell
                and place is not None
                and series is not None
                and theirs is not None
                and is_aligned(series, theirs)
            ):
                here = place_of(theirs, other.viewport.index)
                point = place.point(position.x(), position.y())
                if here is not None:
                    row, column = here.image(point)
                    if here.contains(row, column):
                        found = Pointed(row, column, abs(here.distance(point)))
            if found != other.lines.pointed:
                other.lines.pointed = found
                other.viewport.update()


def alike(view: View, other: View) -> View:
    """``view`` with the window, the colours and the inversion of ``other``."""
    return replace(view, voi=other.voi, invert=other.invert, palette=other.palette, interpolate=other.interpolate)
