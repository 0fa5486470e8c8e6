"""Planes through a volume in three views, with a crosshair that moves and turns them."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QObject, Signal

from app.core import crosshair as crosshairs
from app.core.linking import place_of
from app.core.mpr import Planes, frames_at, orientation_of, planes, source
from app.core.planes import PlaneName, turned_title
from app.core.sampling import Projection, Slab
from app.core.view import View, zoom_of
from app.dicom.pixels import default_voi
from app.ui.crosshair_layer import CrosshairLayer
from app.ui.cutting import Cutter
from app.ui.jobs import Lane, Reporter
from app.ui.language import tr
from app.ui.views import alike

if TYPE_CHECKING:
    import numpy.typing as npt

    from app.core.crosshair import Crosshair
    from app.core.document import Place
    from app.core.mpr import Source
    from app.dicom.load import SeriesPixels
    from app.dicom.model import Series
    from app.ui.cells import Cell
    from app.ui.dispatch import Dispatcher, Job
    from app.ui.plane_objects import PlaneObjects
    from app.ui.views import Views


def _is_plane_of(one: crosshairs.Axes, other: crosshairs.Axes) -> bool:
    return bool(np.allclose(one, other, atol=1e-6))


class Reformatting(QObject):
    """Three views of one volume. ``cross`` is ``None`` while there are none."""

    ready = Signal(object)
    """The ``Series``: its planes are on screen."""
    failed = Signal(object)
    """The exception: no planes can be cut."""
    started = Signal(object)
    """The ``Job`` that prepares a volume."""
    changed = Signal()
    """The crosshair moved or turned, or the slab is another one; or there are no planes any more."""

    def __init__(
        self,
        views: Views,
        dispatcher: Dispatcher,
        parent: QObject | None = None,
        *,
        objects: PlaneObjects | None = None,
    ) -> None:
        """``objects``: what lies over the volume, cut beside its planes."""
        super().__init__(parent)
        self._objects = objects
        self._views = views
        self._dispatcher = dispatcher
        self._origin: Source | None = None
        self._job: Job | None = None
        self._planes: dict[PlaneName, Planes] = {}
        self._cells: dict[PlaneName, Cell] = {}
        self._layers: dict[PlaneName, CrosshairLayer] = {}
        self._cutters = {name: Cutter(dispatcher, self) for name in PlaneName}
        self._look: View | None = None
        self._dragging = False
        self._moving = False
        self._followed: set[int] = set()
        self.cross: Crosshair | None = None

    @property
    def is_on(self) -> bool:
        """Whether planes are on screen."""
        return self.cross is not None

    @property
    def is_busy(self) -> bool:
        """Whether planes are being prepared or cut."""
        return self._job is not None or any(cutter.is_busy for cutter in self._cutters.values())

    @property
    def series(self) -> Series | None:
        """The series whose planes are shown."""
        return None if self._origin is None else self._origin.series

    # -- beginning and end -----------------------------------------------------------------------------------------

    def start(
        self,
        series: Series,
        pixels: SeriesPixels,
        index: int,
        cells: dict[PlaneName, Cell],
        *,
        slab: Slab | None = None,
    ) -> None:
        """Prepares the volume in the background, and shows its planes in ``cells``; the crosshair begins on image
        ``index``."""
        self.stop()

        look = self._views.look_of(series) or View()

        def work(report: Reporter) -> tuple[Source, View]:
            origin = source(series, pixels, frames_at(series, index), tick=report)
            return origin, look if look.voi is not None else replace(look, voi=default_voi(series, pixels))

        job = self._dispatcher.start(Lane.PLANES, tr("Preparing planes"), work)
        self._job = job
        job.succeeded.connect(lambda found: self._show(found[0], cells, found[1], at=index, slab=slab))
        job.failed.connect(self.failed)
        job.ended.connect(lambda: self._prepared(job))
        self.started.emit(job)

    def _prepared(self, job: Job) -> None:
        if self._job is job:
            self._job = None

    def _show(
        self,
        origin: Source,
        cells: dict[PlaneName, Cell],
        look: View | None = None,
        *,
        at: int | None = None,
        slab: Slab | None = None,
    ) -> None:
        """``at``: the image that the reader was at, which the crosshair begins on; the middle without one."""
        self._origin = origin
        self._look = look or self._views.look_of(origin.series)
        self._cells = dict(cells)
        self.cross = crosshairs.crosshair(origin, slab)
        place = None if at is None else place_of(origin.series, at)
        if place is not None:
            point = self.cross.point - place.normal * place.distance(self.cross.point)
            self.cross = crosshairs.moved(self.cross, point, origin.stack_grid)
        for name, cell in cells.items():
            layer = CrosshairLayer(name, self)
            layer.moved.connect(self.move_to)
            layer.turned.connect(lambda angle, name=name: self.turn(name, angle))
            layer.released.connect(self._released)
            self._layers[name] = layer
            cell.viewport.layers.append(layer)
            if id(cell) not in self._followed:
                self._followed.add(id(cell))
                cell.viewport.indexChanged.connect(lambda index, cell=cell: self._scrolled(cell, index))
        self._cut_all(fresh=True)
        self.ready.emit(origin.series)

    def stop(self) -> None:
        """No planes any more; the cells keep what they show until something else is shown in them."""
        if self._job is not None:
            self._job.cancel()
            self._job = None
        for cutter in self._cutters.values():
            cutter.stop()
        for name, layer in self._layers.items():
            cell = self._cells[name]
            if layer in cell.viewport.layers:
                cell.viewport.layers.remove(layer)
            cell.viewport.update()
            layer.deleteLater()
        was_on = self.is_on
        if self._origin is not None:
            origin = self._origin.series
            shown = [cell for cell in self._cells.values() if cell.plane is not None and cell.series is origin]
            if shown:
                self._views.keep_look(self._origin.series, shown[0].viewport.view)
        self._layers, self._cells, self._planes = {}, {}, {}
        self._origin = self.cross = None
        if self._objects is not None:
            self._objects.forget()
        if was_on:
            self.changed.emit()

    # -- moving ----------------------------------------------------------------------------------------------------

    def move_to(self, point: npt.NDArray[np.float64]) -> None:
        """The crosshair goes to an LPS point."""
        if self.cross is None or self._origin is None:
            return
        self.cross = crosshairs.moved(self.cross, point, self._origin.stack_grid)
        self._dragging = True
        self._moving = True
        for name, held in self._planes.items():
            self._go(name, held, held.pixels.stack.index_of(self.cross.point))
        self._moving = False
        self._redraw()

    def turn(self, about: PlaneName, angle: float) -> None:
        """The other planes turn about the normal of plane ``about``."""
        if self.cross is None:
            return
        self.cross = crosshairs.turned(self.cross, about, angle)
        self._dragging = True
        self._cut_all(but=about)

    def straighten(self) -> None:
        """The planes along the volume again, through the same point."""
        if self.cross is not None and self._origin is not None:
            point, slab = self.cross.point, self.cross.slab
            self.cross = replace(crosshairs.crosshair(self._origin, slab), point=point)
            self._cut_all()

    def show_plane(self, place: Place, at: npt.NDArray[np.float64] | None) -> Cell | None:
        """Brings back a plane that was cut before: its direction, its slab, and the crosshair at ``at`` (LPS mm) on it.
        Returns the view that shows it; ``None`` where there are no planes."""
        wanted = place.plane
        if self.cross is None or self._origin is None or wanted is None:
            return None
        lies = self._origin.stack_grid
        axes = (np.array(wanted.advance), np.array(wanted.down), np.array(wanted.right))
        named = (one for one in PlaneName if wanted.name in (one.title, turned_title(one)))
        name = next(named, None) or max(PlaneName, key=lambda one: abs(float(orientation_of(lies, one)[0] @ axes[0])))
        slab = Slab(wanted.thickness, Projection(wanted.projection))
        point = self.cross.point if at is None else at
        point = point - axes[0] * float((point - np.array(wanted.origin)) @ axes[0])
        if not _is_plane_of(self.cross.axes[name], axes):
            self.cross = crosshairs.facing(self.cross, lies, name, axes)
        self.cross = crosshairs.moved(replace(self.cross, slab=slab), point, lies)
        self._dragging = False
        self._cut_all()
        return self._cells.get(name)

    def settle(self) -> None:
        """The crosshair is where it shall stay: planes at full resolution."""
        self._dragging = False
        self._cut_all()

    def set_slab(self, slab: Slab) -> None:
        """Another thickness or projection."""
        if self.cross is not None and slab != self.cross.slab:
            self.cross = replace(self.cross, slab=slab)
            self._dragging = False
            self._cut_all()

    def _released(self) -> None:
        self._dragging = False
        for cutter in self._cutters.values():
            cutter.hurry()

    def _scrolled(self, cell: Cell, index: int) -> None:
        """The reader scrolled one of the planes: the crosshair goes with it."""
        name = next((name for name, other in self._cells.items() if other is cell), None)
        held = self._planes.get(name) if name is not None else None
        if self._moving or name is None or held is None or self.cross is None or self._origin is None:
            return
        if cell.viewport.series is not held.series:
            return
        stack = held.pixels.stack
        away = stack.grid(index).origin - self.cross.point
        point = self.cross.point + stack.advance * float(away @ stack.advance)
        self.cross = crosshairs.moved(self.cross, point, self._origin.stack_grid)
        self._go(name, held, index)
        self._redraw()

    # -- cutting ---------------------------------------------------------------------------------------------------

    def _cut_all(self, but: PlaneName | None = None, *, fresh: bool = False) -> None:
        if self.cross is None or self._origin is None:
            return
        for name in self._cells:
            if name is not but:
                stack = self.cross.stack(self._origin.stack_grid, name)
                held = planes(self._origin, stack, self.cross.title(name), self.cross.slab)
                self._planes[name] = held
                self._go(name, held, stack.index_of(self.cross.point), fresh=fresh)
        self._redraw()

    def _go(self, name: PlaneName, held: Planes, index: int, *, fresh: bool = False) -> None:
        also = {} if self._objects is None else {"also": self._objects.work_for(held, index)}
        self._cutters[name].ask(
            held, index, lambda: self._arrived(name, held, index, fresh), coarse=self._dragging, **also
        )

    def _arrived(self, name: PlaneName, held: Planes, index: int, fresh: bool) -> None:
        cell = self._cells.get(name)
        stale = self._planes.get(name) is not held
        # Turned on since: while the drag lasts this plane is a picture all the same.
        if cell is None or (stale and not self._dragging):
            return
        view = cell.viewport
        self._moving = True
        if view.series is held.series:
            view.set_index(index)
            view.frame_loaded(index)
        elif fresh or cell.series is not held.pixels.source.series or cell.plane is None:
            number = self._views.cells.index(cell)
            self._views.show_in(
                number, held.pixels.source.series, held.pixels, shown=held.series, plane=name, index=index
            )
            if fresh and self._look is not None:
                # One picture has one window: that of its series.
                view.set_view(alike(view.view, self._look))
                view.set_voi(self._look.voi)
        else:
            view.replace_stack(held.series, held.pixels, self._carried(cell, held, index))
        self._moving = False
        view.update()

    def _carried(self, cell: Cell, held: Planes, index: int) -> View:
        """The view of the planes before, on those that take their place: the crosshair stays where it is on screen,
        and the picture as large as it was."""
        view, series, canvas = cell.viewport.view, cell.viewport.series, cell.viewport.canvas()
        before = None if series is None else place_of(series, view.index)
        after = place_of(held.series, index)
        if series is None or before is None or after is None or canvas is None or self.cross is None:
            return replace(view, index=index)
        if view.zoom is None and view.centre is None and not self.cross.is_turned:
            return replace(view, index=index)
        zoom = zoom_of(view, canvas) / min(before.spacing) * min(after.spacing)
        centre = view.centre or ((series.rows - 1) / 2, (series.columns - 1) / 2)
        old, new = before.image(self.cross.point), after.image(self.cross.point)
        at = tuple(
            new[axis] + (centre[axis] - old[axis]) * before.spacing[axis] / after.spacing[axis] for axis in (0, 1)
        )
        return replace(view, index=index, zoom=zoom, centre=(at[0], at[1]))

    def _redraw(self) -> None:
        for name, layer in self._layers.items():
            layer.cross = self.cross
            self._cells[name].viewport.update()
        self.changed.emit()
