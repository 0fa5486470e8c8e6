"""The views: a grid of viewports, one of them active. Those that belong together move together."""

from __future__ import annotations

import json
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QByteArray, QMimeData, QObject, QPoint, QPointF, QRect, Qt, Signal
from PySide6.QtGui import QColor, QDragEnterEvent, QDragMoveEvent, QDropEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from app.core.document import Place
from app.core.layout import Content, Layout, activated, maximised, sized, stepped
from app.core.linking import Anchor, is_aligned, linked_index, linked_view, patient_of, place_of, shares_window
from app.ui import theme
from app.ui.language import tr
from app.ui.reference_lines import Pointed, ReferenceLines
from app.ui.viewport import Viewport

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from app.core.planes import PlaneName
    from app.core.session import Session
    from app.core.view import View
    from app.dicom.load import SeriesPixels
    from app.dicom.model import Series
    from app.ui.viewport.corners import TextLevel

SERIES_MIME = "application/x-scoutview-series"
"""What a series is dragged as: its key, as JSON."""

GAP = 2

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


class Cell(QWidget):
    """A viewport in its frame. ``series``: what is shown, as it was opened; ``plane``: the plane that is cut from
    it, else ``None``."""

    def __init__(self, viewport: Viewport, parent: QWidget) -> None:
        super().__init__(parent)
        self.viewport = viewport
        self.series: Series | None = None
        self.plane: PlaneName | None = None
        self.lines = ReferenceLines()
        self.last = 0
        """The frame that was shown when views last moved together."""
        self._state = ""
        viewport.setParent(self)
        viewport.layers.append(self.lines)
        self._inset = 0
        self._hint = QLabel(tr("Drop a series here"), self)
        self._hint.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._hint.setProperty("role", "canvas")
        self._hint.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._hint.hide()

    @property
    def content(self) -> Content | None:
        """What the layout says of it."""
        return None if self.series is None else Content(self.series.key, self.plane)

    def dress(self, *, framed: bool, active: bool, dropping: bool = False) -> None:
        """``framed``: one of several. ``active``: the reader is here. ``dropping``: a series hangs over it."""
        inset = 2 if framed else 0
        self._hint.setVisible(framed and self.series is None)
        state = "drop" if dropping else "active" if framed and active else ""
        if (inset, state) != (self._inset, self._state):
            self._inset, self._state = inset, state
            self._place()
            self.update()

    def _place(self) -> None:
        inset = self._inset
        self.viewport.setGeometry(self.rect().adjusted(inset, inset, -inset, -inset))
        self._hint.setGeometry(self.viewport.geometry())

    def resizeEvent(self, event: object) -> None:
        """The viewport fills it."""
        self._place()

    def paintEvent(self, event: QPaintEvent) -> None:
        """The frame: accent where the reader is."""
        painter = QPainter(self)
        colour = {"active": theme.ACCENT, "drop": theme.ACCENT}.get(self._state, theme.CANVAS)
        painter.fillRect(self.rect(), QColor(colour))
        painter.end()


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


class Views(QWidget):
    """All cells. ``make``: called for each new viewport, to connect what every viewport needs."""

    activated = Signal()
    """Another cell is the active one."""
    shown = Signal()
    """Cells show something else than before, or there are more or fewer of them."""
    dropped = Signal(int, object)
    """(cell, series key): a series was dropped."""
    maximise = Signal()
    """A double click where there is one view only."""

    def __init__(self, session: Session, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.layout_ = Layout()
        self.together = Together()
        self._busy = False
        self._anchors: dict[tuple[int, int], Anchor] = {}
        self._prepare: list[Callable[[Viewport], object]] = []
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(GAP)
        self.setAcceptDrops(True)
        self.setObjectName("views")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
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
        """The cells of the grid, whether one is maximised or not."""
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
        if layout.active != before.active:
            # The active cell moves to the last place; cells are swapped, so that nothing is loaded anew.
            one, two = layout.active, before.active
            self.cells[one], self.cells[two] = self.cells[two], self.cells[one]
        while len(self.cells) < layout.count:
            self._add_cell()
        self._set(layout)

    def activate(self, number: int) -> None:
        """Makes a cell the active one."""
        if number != self.layout_.active and number < self.layout_.count:
            self._set(activated(self.layout_, number))
            for name in ("indexChanged", "probed", "playingChanged"):
                value = {"indexChanged": self.active.index, "probed": "", "playingChanged": self.active.playing}[name]
                getattr(self.current, name).emit(value)
            for name in ("voiChanged", "viewChanged"):
                getattr(self.current, name).emit()
            self.activated.emit()

    def step(self, steps: int) -> None:
        """The next view, or the one before."""
        full = tuple(cell.content for cell in self.grid_cells)
        self.activate(stepped(replace(self.layout_, cells=full), steps).active)
        self.active.setFocus()

    def _maximise(self) -> None:
        if self.layout_.count == 1:
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
        self.layout_ = layout
        if arranged:
            self._arrange()
        self._dress()
        self._refresh_lines()
        if arranged:
            self.shown.emit()

    def _arrange(self) -> None:
        for cell in self.cells:
            self._grid.removeWidget(cell)
        for line in range(3):
            self._grid.setRowStretch(line, 0)
            self._grid.setColumnStretch(line, 0)
        visible = self.layout_.visible
        for number, cell in enumerate(self.cells):
            if number in visible:
                row, column = (0, 0) if self.layout_.maximised else divmod(number, self.layout_.columns)
                self._grid.addWidget(cell, row, column)
                self._grid.setRowStretch(row, 1)
                self._grid.setColumnStretch(column, 1)
            cell.setVisible(number in visible)

    def _dress(self, dropping: int = -1) -> None:
        framed = self.layout_.count > 1
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

    # -- dropping --------------------------------------------------------------------------------------------------

    def _cell_at(self, position: QPoint) -> int:
        for number in self.layout_.visible:
            if QRect(self.cells[number].mapTo(self, QPoint(0, 0)), self.cells[number].size()).contains(position):
                return number
        return -1

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        """Series may be dropped on a view; files go on to the window."""
        if event.mimeData().hasFormat(SERIES_MIME):
            event.acceptProposedAction()
        else:
            event.ignore()

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:
        """Marks the view that it hangs over."""
        self._dress(self._cell_at(event.position().toPoint()))
        event.acceptProposedAction()

    def dragLeaveEvent(self, event: object) -> None:
        """It went on."""
        self._dress()

    def dropEvent(self, event: QDropEvent) -> None:
        """Asks to show the series where it was dropped."""
        self._dress()
        number, key = self._cell_at(event.position().toPoint()), series_key(event.mimeData())
        if key is not None and number >= 0:
            event.acceptProposedAction()
            self.dropped.emit(number, key)


def alike(view: View, other: View) -> View:
    """``view`` with the window, the colours and the inversion of ``other``."""
    return replace(view, voi=other.voi, invert=other.invert, palette=other.palette, interpolate=other.interpolate)


def mime_of(series: Series) -> QMimeData:
    """A series for dragging."""
    data = QMimeData()
    data.setData(SERIES_MIME, QByteArray(json.dumps(list(series.key)).encode()))
    return data


def series_key(data: QMimeData) -> tuple[str, int] | None:
    """The key of the series that is dragged; ``None`` where it is none."""
    try:
        uid, stack = json.loads(bytes(data.data(SERIES_MIME).data()))
    except ValueError:
        return None
    return str(uid), int(stack)
