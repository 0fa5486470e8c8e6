"""What several views are for: layouts, comparing, planes, fusion, hanging protocols. The window passes wishes on."""

from __future__ import annotations

from dataclasses import asdict, replace
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QInputDialog, QMenu, QWidget

from app import settings as options
from app.core import hanging, hanging_file
from app.core.fusion import FusionStyle, default_style, refusal
from app.core.linking import patient_of
from app.core.mpr import source
from app.core.planes import PlaneName
from app.core.session import Change
from app.errors import UserError
from app.paths import assets_dir
from app.ui import message
from app.ui.fusion_layer import FusionLayer
from app.ui.jobs import Lane, Reporter
from app.ui.language import tr
from app.ui.plane_objects import PlaneObjects
from app.ui.reformatting import Reformatting
from app.ui.view_bar import ViewBar

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from app.core.hanging import Hanging, Protocol
    from app.core.mpr import Source
    from app.core.session import Session
    from app.dicom.load import SeriesPixels
    from app.dicom.model import Series
    from app.ui.actions import Actions
    from app.ui.dispatch import Dispatcher
    from app.ui.loading import Loader
    from app.ui.viewport import Viewport
    from app.ui.views import Cell, Views

PLANE_CELLS = {PlaneName.AXIAL: 0, PlaneName.SAGITTAL: 1, PlaneName.CORONAL: 2}
"""Where the planes stand in a grid of two by two."""

_TOGETHER = {
    "link_scroll": "scroll",
    "link_zoom": "zoom",
    "link_window": "window",
    "reference_lines": "lines",
    "link_pointer": "pointer",
}


class Arranging(QObject):
    """Arranges the views of one window."""

    def __init__(self, session: Session, views: Views, loader: Loader, dispatcher: Dispatcher, parent: QWidget) -> None:
        super().__init__(parent)
        self._parent = parent
        self._session = session
        self._views = views
        self._loader = loader
        self._dispatcher = dispatcher
        self._actions: Actions | None = None
        self._allowed: set[frozenset[tuple[str, str]]] = set()
        self._planes_of: Series | None = None
        self._fusion: dict[int, FusionLayer] = {}
        self._fusing: Series | None = None
        self._protocols: tuple[Protocol, ...] = ()
        self.objects = PlaneObjects(session, dispatcher, self)
        self.objects.ready.connect(views.redraw)
        views.prepare_each(self._give_objects)
        self.reformatting = Reformatting(views, dispatcher, self, objects=self.objects)
        self.bar = ViewBar()
        self.fuse_menu, self.hang_menu = QMenu(tr("&Fuse with")), QMenu(tr("&Hanging protocols"))
        self.menus = (self.fuse_menu, self.hang_menu)
        self.fuse_menu.aboutToShow.connect(self._fill_fusion)
        self.hang_menu.aboutToShow.connect(self._fill_hanging)
        session.subscribe(self._changed)
        views.dropped.connect(self._dropped)
        views.shown.connect(self._shown)
        loader.finished.connect(self._loaded)
        self.reformatting.failed.connect(self._no_planes)
        self.reformatting.changed.connect(self._planes_changed)
        self.bar.slabChanged.connect(self.reformatting.set_slab)
        self.bar.straighten.connect(self.reformatting.straighten)
        self.bar.closePlanes.connect(self.close_planes)
        self.bar.fusionChanged.connect(self._look_fused)
        self.bar.closeFusion.connect(self.close_fusion)

    def _give_objects(self, viewport: Viewport) -> None:
        viewport.picture.objects_of = self.objects.of

    # -- commands --------------------------------------------------------------------------------------------------

    @property
    def verbs(self) -> dict[str, Callable[[], object]]:
        """What the commands of this part do, by name."""
        found: dict[str, Callable[[], object]] = {
            f"grid_{rows}x{columns}": partial(self.set_grid, rows, columns)
            for rows in (1, 2, 3)
            for columns in (1, 2, 3)
        }
        found |= {name: partial(self._toggle, name) for name in _TOGETHER}
        return found | {"planes": self.toggle_planes, "save_layout": self.save_layout}

    def connect_actions(self, actions: Actions) -> None:
        """The actions to mark."""
        self._actions = actions
        self._mark()

    def _mark(self) -> None:
        if self._actions is None:
            return
        layout, together = self._views.layout_, self._views.together
        for rows in (1, 2, 3):
            for columns in (1, 2, 3):
                here = (rows, columns) == (layout.rows, layout.columns)
                self._actions[f"grid_{rows}x{columns}"].setChecked(here)
        for name, field in _TOGETHER.items():
            self._actions[name].setChecked(getattr(together, field))
        some = self._views.active_cell.series is not None
        self._actions["planes"].setChecked(self.reformatting.is_on or self._planes_of is not None)
        for name in ("planes", "save_layout"):
            self._actions.allow(name, "" if some else tr("No image is open."))

    def _toggle(self, name: str) -> None:
        field = _TOGETHER[name]
        together = self._views.together
        self._views.set_together(replace(together, **{field: not getattr(together, field)}))
        self._mark()

    def _changed(self, change: Change) -> None:
        """A study that was opened again replaces its series; one that was closed leaves its views empty."""
        if not change & Change.STUDIES:
            return
        known = {series.key: series for series in self._session.index.series()}
        every = {id(series) for series in known.values()}
        stale = [cell for cell in self._views.cells if cell.series is not None and id(cell.series) not in every]
        if self.reformatting.series is not None and id(self.reformatting.series) not in every:
            self.leave_planes()
        for cell in stale:
            if cell.series is None or cell is self._views.active_cell:
                # The window shows the active series anew by itself.
                continue
            again = known.get(cell.series.key)
            number = self._views.cells.index(cell)
            pixels = self._pixels(again) if again is not None else None
            if again is None or pixels is None:
                self._views.clear_cell(number)
            else:
                self._views.show_in(number, again, pixels, index=cell.viewport.index)

    def as_kept(self) -> tuple[str, dict[str, bool]]:
        """The grid, ``"2x3"``, and what views do together, for the next start. Planes go with their series."""
        layout = self._views.layout_
        grid = "1x1" if self.reformatting.is_on else f"{layout.rows}x{layout.columns}"
        return grid, asdict(self._views.together)

    def bring_back(self, grid: str, together: Mapping[str, bool]) -> None:
        """The grid and what views do together, as they were kept; names that are not known are left out."""
        rows, columns = map(int, grid.split("x"))
        self._views.set_grid(rows, columns)
        known = asdict(self._views.together)
        self._views.set_together(replace(self._views.together, **{k: v for k, v in together.items() if k in known}))
        self._mark()

    # -- what is shown where ---------------------------------------------------------------------------------------

    def set_grid(self, rows: int, columns: int) -> None:
        """Another grid of views."""
        if self.reformatting.is_on and rows * columns < 3:
            self.close_planes()
        self._views.set_grid(rows, columns)
        self._mark()
        self.load_next()

    def may_show(self, series: Series, number: int) -> bool:
        """Whether ``series`` may be shown beside the others; the reader is asked before two patients are compared."""
        others = {
            patient_of(cell.series)
            for place, cell in enumerate(self._views.grid_cells)
            if place != number and cell.series is not None
        }
        for other in sorted(others - {patient_of(series)}):
            both = frozenset((other, patient_of(series)))
            if both in self._allowed:
                continue
            one, two = (name or ident or tr("a patient without a name") for ident, name in (other, patient_of(series)))
            why = tr("{two} would be shown beside {one}.", two=two, one=one)
            if not message.confirm(self._parent, tr("Compare two patients?"), why, tr("Compare")):
                return False
            self._allowed.add(both)
        return True

    def show(self, series: Series, number: int) -> None:
        """Shows ``series`` in a cell, which becomes the active one."""
        if not self.may_show(series, number):
            return
        if self._views.cells[number].plane is not None:
            self.leave_planes()
        try:
            pixels = self._loader.prepare(series)
        except UserError as fault:
            message.error(self._parent, tr("Showing a series"), fault)
            return
        self._views.show_in(number, series, pixels)
        self._views.activate(number)
        self._session.activate(series)
        self.load_next()

    def _dropped(self, number: int, key: tuple[str, int]) -> None:
        series = next((one for one in self._session.index.series() if one.key == key), None)
        if series is not None:
            self.show(series, number)
            self._views.active.setFocus()

    def clear(self) -> None:
        """Nothing is open any more."""
        self.close_fusion()
        self.reformatting.stop()
        self._planes_of = None
        self._allowed.clear()
        for number, cell in enumerate(self._views.cells):
            if cell.series is not None or number == self._views.layout_.active:
                self._views.clear_cell(number)

    def load_next(self) -> None:
        """Loads what is on screen: the active view first, then the others."""
        cells = [self._views.active_cell, *self._views.grid_cells]
        for cell in cells:
            series = cell.series
            if series is None:
                continue
            pixels = self._pixels(series)
            if pixels is not None and not pixels.is_complete:
                self._loader.load(series, cell.viewport.index if cell.plane is None else len(series.frames) // 2)
                return
        active = self._views.active_cell.series
        if active is not None:
            self._loader.load(active, self._views.active.index)

    def _pixels(self, series: Series) -> SeriesPixels | None:
        try:
            return self._loader.prepare(series)
        except UserError:
            return None

    def _loaded(self, series: Series) -> None:
        waiting = [
            cell
            for cell in self._views.grid_cells
            if cell.series is not None
            and (held := self._loader.pixels(cell.series)) is not None
            and not held.is_complete
        ]
        if waiting and waiting[0].series is not None:
            self._loader.load(waiting[0].series, waiting[0].viewport.index)
        if self._planes_of is series:
            self._start_planes()
        if self._fusing is series:
            self._start_fusion()

    def _shown(self) -> None:
        for cell in self._views.grid_cells:
            layer = self._fusion.get(id(cell))
            series = cell.viewport.series
            if layer is not None and (series is None or refusal(series, layer.over.series)):
                self._drop_fusion(cell)
        self._mark()

    # -- planes ----------------------------------------------------------------------------------------------------

    def toggle_planes(self) -> None:
        """Planes through the active series, or none."""
        if self.reformatting.is_on or self._planes_of is not None:
            self.close_planes()
            return
        series = self._views.active_cell.series
        if series is not None:
            self.show_planes(series)

    def show_planes(self, series: Series) -> None:
        """Axial, coronal and sagittal planes of ``series``, once all of it is there."""
        self._planes_of = series
        pixels = self._pixels(series)
        if pixels is not None and pixels.is_complete:
            self._start_planes()
        else:
            self.load_next()
        self._mark()

    def _start_planes(self) -> None:
        series = self._planes_of
        pixels = None if series is None else self._loader.pixels(series)
        if series is None or pixels is None:
            return
        self._views.set_grid(2, 2)
        cells = {name: self._views.cells[number] for name, number in PLANE_CELLS.items()}
        index = next((cell.viewport.index for cell in self._views.showing(series) if cell.plane is None), 0)
        self.reformatting.start(series, pixels, index, cells)

    def _no_planes(self, fault: Exception) -> None:
        self._planes_of = None
        self._mark()
        message.error(self._parent, tr("Cutting planes"), fault)

    def _planes_changed(self) -> None:
        cross = self.reformatting.cross
        if cross is not None:
            self._planes_of = None
        self.bar.show_planes(cross.slab if cross is not None else None, turned=cross is not None and cross.is_turned)
        self._mark()

    def leave_planes(self) -> None:
        """Another series is wanted where a plane is: the planes go."""
        self._planes_of = None
        if self.reformatting.is_on:
            series = self.reformatting.series
            self.reformatting.stop()
            for number, cell in enumerate(self._views.cells):
                if cell.plane is not None and cell.series is series:
                    self._views.clear_cell(number)

    def close_planes(self) -> None:
        """The series as it was acquired, in one view."""
        series = self.reformatting.series or self._planes_of
        self.leave_planes()
        if series is not None:
            self._views.set_grid(1, 1)
            pixels = self._pixels(series)
            if pixels is not None:
                self._views.show_in(0, series, pixels)
        self._mark()

    # -- fusion ----------------------------------------------------------------------------------------------------

    def _fill_fusion(self) -> None:
        self.fuse_menu.clear()
        under = self._views.active.series
        none = self.fuse_menu.addAction(tr("None"))
        none.setEnabled(bool(self._fusion))
        none.triggered.connect(lambda _=False: self.close_fusion())
        active = self._views.active_cell.series
        for series in self._session.index.series():
            if under is None or active is None or series.key == active.key or series.positions is None:
                continue
            why = refusal(under, series)
            action = self.fuse_menu.addAction(f"{series.modality}  {series.description}".replace("&", "&&"))
            action.setEnabled(not why)
            action.setToolTip(why)
            action.triggered.connect(lambda _=False, series=series: self.fuse(series))

    def fuse(self, over: Series) -> None:
        """Lays ``over`` on all views that share its frame of reference, once all of it is there."""
        under = self._views.active.series
        why = refusal(under, over) if under is not None else tr("nothing is shown")
        if why:
            message.error(
                self._parent, tr("Fusing"), UserError(tr("Cannot fuse the series"), why, tr("Show them side by side."))
            )
            return
        self._fusing = over
        pixels = self._pixels(over)
        if pixels is None:
            self._fusing = None
        elif pixels.is_complete:
            self._start_fusion()
        else:
            self._loader.load(over, len(over.frames) // 2)

    def _start_fusion(self) -> None:
        over = self._fusing
        pixels = None if over is None else self._loader.pixels(over)
        if over is None or pixels is None:
            return
        self._fusing = None

        def work(report: Reporter) -> tuple[Source, FusionStyle]:
            made = source(over, pixels, tick=report)
            return made, default_style(made)

        job = self._dispatcher.start(Lane.PLANES, tr("Preparing the fusion"), work)
        job.succeeded.connect(lambda made: self._show_fusion(*made))
        job.failed.connect(lambda fault: message.error(self._parent, tr("Fusing"), fault))
        self.load_next()

    def _show_fusion(self, over: Source, look: FusionStyle) -> None:
        self.close_fusion()
        for cell in self._views.grid_cells:
            series = cell.viewport.series
            if series is not None and cell.series is not over.series and not refusal(series, over.series):
                layer = FusionLayer(over, look, self._dispatcher, self)
                layer.redraw.connect(cell.viewport.update)
                # Under lines and crosshair.
                cell.viewport.layers.insert(0, layer)
                self._fusion[id(cell)] = layer
                cell.viewport.update()
        if self._fusion:
            self.bar.show_fusion(look, over.series.modality, over.series.unit)

    def _look_fused(self, look: FusionStyle) -> None:
        for cell in self._views.cells:
            layer = self._fusion.get(id(cell))
            if layer is not None:
                layer.look = look
                cell.viewport.update()

    def _drop_fusion(self, cell: Cell) -> None:
        layer = self._fusion.pop(id(cell), None)
        if layer is not None:
            cell.viewport.layers.remove(layer)
            cell.viewport.update()
        if not self._fusion:
            self.bar.show_fusion(None, "", "")

    def close_fusion(self) -> None:
        """No colours any more."""
        self._fusing = None
        for cell in self._views.cells:
            self._drop_fusion(cell)

    @property
    def fusions(self) -> tuple[FusionLayer, ...]:
        """The layers of fusion that are on screen."""
        return tuple(self._fusion.values())

    # -- hanging protocols -----------------------------------------------------------------------------------------

    def _read_protocols(self) -> None:
        own, shipped = options.home() / "hanging", assets_dir() / "hanging"
        self._protocols, faults = hanging_file.read_all(own, shipped)
        for fault in faults:
            message.error(self._parent, tr("Reading hanging protocols"), fault)

    def _fill_hanging(self) -> None:
        self._read_protocols()
        self.hang_menu.clear()
        study = self._session.active_study()
        for protocol in self._protocols:
            action = self.hang_menu.addAction(protocol.name.replace("&", "&&"))
            prior = hanging.prior_of(study, self._session.index.studies) if study is not None else None
            hung = hanging.hang(protocol, study, prior) if study is not None else None
            action.setEnabled(hung is not None)
            if hung is not None:
                action.triggered.connect(lambda _=False, hung=hung: self.hang(hung))

    def hang_best(self) -> bool:
        """Hangs the active study by the protocol that fits best. False where none does."""
        study = self._session.active_study()
        if study is None:
            return False
        self._read_protocols()
        found = hanging.best(self._protocols, study, hanging.prior_of(study, self._session.index.studies))
        if found is not None:
            self.hang(found)
        return found is not None

    def hang(self, hung: Hanging) -> None:
        """Shows what a hanging protocol places."""
        placed = [view for view in hung.views if view is not None]
        planes = [view for view in placed if view.plane is not None]
        self.close_fusion()
        self.leave_planes()
        if planes:
            # Planes of a volume are three, with their crosshair.
            self.show(planes[0].series, 0)
            self.show_planes(planes[0].series)
            return
        self._views.set_grid(hung.protocol.rows, hung.protocol.columns)
        for number in range(self._views.layout_.count):
            view = hung.views[number] if number < len(hung.views) else None
            if view is None:
                self._views.clear_cell(number)
        for number, view in reversed(list(enumerate(hung.views))):
            if view is not None:
                self.show(view.series, number)
        self._mark()

    def save_layout(self) -> None:
        """Asks for a name, and keeps the layout on screen as a hanging protocol."""
        name, agreed = QInputDialog.getText(self._parent, tr("Save the layout"), tr("Name of the hanging protocol:"))
        if agreed and name.strip():
            self.save_layout_as(name.strip())

    def save_layout_as(self, name: str) -> None:
        """Keeps the layout on screen as a hanging protocol in the settings folder."""
        layout = self._views.layout_
        views = [
            hanging.Hung(cell.series, cell.plane) if cell.series is not None else None
            for cell in self._views.grid_cells
        ]
        protocol = hanging.from_views(name, layout.rows, layout.columns, views, self._session.index.studies)
        try:
            hanging_file.save(protocol, options.home() / "hanging")
        except UserError as fault:
            message.error(self._parent, tr("Saving the layout"), fault)
