"""What several views are for: layouts, comparing, planes, fusion, hanging protocols. The window passes wishes on."""

from __future__ import annotations

from dataclasses import asdict, replace
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QInputDialog, QMenu, QWidget

from app import settings as options
from app.core import hanging, hanging_file
from app.core.arrangement import Arrangement
from app.core.linking import patient_of, place_of
from app.core.planes import PlaneName
from app.core.sampling import Slab
from app.core.session import Change
from app.errors import UserError
from app.paths import assets_dir
from app.ui import message
from app.ui.fusing import Fusing
from app.ui.language import shown, tr
from app.ui.plane_objects import PlaneObjects
from app.ui.reformatting import Reformatting
from app.ui.view_bar import ViewBar

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from app.core.document import Place
    from app.core.hanging import Hanging, Protocol
    from app.core.record import Kept
    from app.core.session import Session
    from app.dicom.load import SeriesPixels
    from app.dicom.model import Series, Study, StudyIndex
    from app.settings import Settings
    from app.ui.actions import Actions
    from app.ui.dispatch import Dispatcher
    from app.ui.fusion_layer import FusionLayer
    from app.ui.loading import Loader
    from app.ui.viewport import Viewport
    from app.ui.views import Views

PLANE_CELLS = {PlaneName.AXIAL: 0, PlaneName.SAGITTAL: 1, PlaneName.CORONAL: 2}
"""Where the planes stand in a grid of two by two."""

_TOGETHER = {
    "link_scroll": "scroll",
    "link_zoom": "zoom",
    "link_window": "window",
    "link_series": "series",
    "reference_lines": "lines",
    "link_pointer": "pointer",
}


class Arranging(QObject):
    """Arranges the views of one window."""

    arranged = Signal(object)
    """The ``Arrangement``: views show something else, or otherwise."""
    gridApart = Signal(int, int)
    """Another grid is wanted on the second screen."""
    told = Signal(str, str, object)
    """(sentence for the status bar, word that leads on, what that does)"""

    def __init__(
        self,
        session: Session,
        views: Views,
        loader: Loader,
        dispatcher: Dispatcher,
        settings: Settings,
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self._settings = settings
        self._parent = parent
        self._session = session
        self._views = views
        self._loader = loader
        self._dispatcher = dispatcher
        self._actions: Actions | None = None
        self._allowed: set[frozenset[tuple[str, str]]] = set()
        self._planes_of: Series | None = None
        self._kept: dict[tuple[str, str], Arrangement] = {}
        self._slab = Slab()
        self._grid = "1x1"
        self._going: Place | None = None
        self._protocols: tuple[Protocol, ...] = ()
        self.objects = PlaneObjects(session, dispatcher, self)
        self.objects.ready.connect(views.redraw)
        views.prepare_each(self._give_objects)
        self.reformatting = Reformatting(views, dispatcher, self, objects=self.objects)
        self.bar = ViewBar()
        self._fusing = Fusing(session, views, loader, dispatcher, self.bar, self.load_next, parent)
        self._fusing.changed.connect(self._tell_arranged)
        self.fuse_menu, self.hang_menu = self._fusing.menu, QMenu(tr("&Hanging protocols"))
        self.menus = (self.fuse_menu, self.hang_menu)
        self.hang_menu.aboutToShow.connect(self._fill_hanging)
        session.subscribe(self._changed)
        views.dropped.connect(self._dropped)
        views.shown.connect(self._shown)
        views.activated.connect(self._tell_arranged)
        views.activated.connect(self._mark)
        loader.finished.connect(self._loaded)
        self.reformatting.failed.connect(self._no_planes)
        self.reformatting.ready.connect(self._planes_ready)
        self.reformatting.changed.connect(self._planes_changed)
        self.bar.slabChanged.connect(self._choose_slab)
        self.bar.straighten.connect(self.reformatting.straighten)
        self.bar.closePlanes.connect(self.close_planes)

    def _give_objects(self, viewport: Viewport) -> None:
        viewport.picture.objects_of = self.objects.of

    # -- commands --------------------------------------------------------------------------------------------------

    @property
    def verbs(self) -> dict[str, Callable[[], object]]:
        """What the commands of this part do, by name."""
        found: dict[str, Callable[[], object]] = {
            f"grid_{rows}x{columns}": partial(self.choose_grid, rows, columns)
            for rows in (1, 2, 3)
            for columns in (1, 2, 3)
        }
        found |= {name: partial(self._toggle, name) for name in _TOGETHER}
        return found | {
            "planes": self.toggle_planes,
            "save_layout": self.save_layout,
            "single_view": self.single_view,
            "hang_best": self._hang_best,
        }

    def connect_actions(self, actions: Actions) -> None:
        """The actions to mark."""
        self._actions = actions
        self._mark()

    def _mark(self) -> None:
        if self._actions is None:
            return
        layout, together = self._views.layout_, self._views.together
        grid = layout.apart if layout.is_apart else (layout.rows, layout.columns)
        for rows in (1, 2, 3):
            for columns in (1, 2, 3):
                here = (rows, columns) == grid
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
        if self._fusing.fused is not None and id(self._fusing.fused.over.series) not in every:
            # It may be of other images by now.
            self.close_fusion()
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
        """The grid that the reader chose, ``"2x3"``, and what views do together, for the next start. Planes and what a
        protocol hung go with their study."""
        return self._grid, asdict(self._views.together)

    def bring_back(self, grid: str, together: Mapping[str, bool]) -> None:
        """The grid and what views do together, as they were kept; names that are not known are left out."""
        rows, columns = map(int, grid.split("x"))
        self._grid = grid
        self._views.set_grid(rows, columns)
        known = asdict(self._views.together)
        self._views.set_together(replace(self._views.together, **{k: v for k, v in together.items() if k in known}))
        self._mark()

    # -- what is shown where ---------------------------------------------------------------------------------------

    def choose_grid(self, rows: int, columns: int) -> None:
        """Another grid of views where the reader is, found again at the next start."""
        if self._views.layout_.is_apart:
            self.gridApart.emit(rows, columns)
            return
        self._grid = f"{rows}x{columns}"
        self.set_grid(rows, columns)

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
            for place, cell in zip(self._views.layout_.numbers, self._views.grid_cells, strict=True)
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
        # What is opened next belongs into the main window.
        self._views.activate(self._views.layout_.held)

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
        self._fusing.loaded(series)

    def _shown(self) -> None:
        self._fusing.fit()
        self._mark()

    def _tell_arranged(self) -> None:
        if self._views.active_cell.series is not None:
            self.arranged.emit(self.arrangement())

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
        slab, self._slab = self._slab, Slab()
        self.reformatting.start(series, pixels, index, cells, slab=slab)

    def _choose_slab(self, slab: Slab) -> None:
        self.reformatting.set_slab(slab)
        self._tell_arranged()

    def _no_planes(self, fault: Exception) -> None:
        self._planes_of = self._going = None
        self._mark()
        message.error(self._parent, tr("Cutting planes"), fault)

    def _planes_changed(self) -> None:
        cross = self.reformatting.cross
        if cross is not None:
            self._planes_of = None
        self.bar.show_planes(cross.slab if cross is not None else None, turned=cross is not None and cross.is_turned)
        self._mark()

    def go_to_plane(self, place: Place) -> None:
        """Shows the plane at ``place``, with the crosshair on what is measured there; planes are made where there are
        none yet."""
        series = next((one for one in self._session.index.series() if one.key == (place.series_uid, place.stack)), None)
        if series is None:
            return
        if self.reformatting.is_on and self.reformatting.series is series:
            self._show_plane(place)
            return
        self._going = place
        self.leave_planes()
        if self._views.active_cell.series is not series:
            self.show(series, self._views.layout_.active)
        nearest = replace(place, plane=None).index_in(series)
        if nearest is not None:
            # Of several time points the one that it was cut from.
            self._views.active.set_index(nearest)
        self.show_planes(series)

    def _show_plane(self, place: Place) -> None:
        drawn = [m.points_lps for m in self._session.document.measurements if m.place.is_same(place) and m.points_lps]
        at = np.mean(drawn[0], axis=0) if drawn else None
        cell = self.reformatting.show_plane(place, at)
        if cell is not None:
            self._views.activate(self._views.cells.index(cell))
            cell.viewport.setFocus()

    def _planes_ready(self) -> None:
        going, self._going = self._going, None
        if going is not None:
            self._show_plane(going)

    def go_to_image(self, index: int) -> None:
        """The image ``index`` of the active series; where planes of it are shown, the crosshair goes there."""
        cell, cross = self._views.active_cell, self.reformatting.cross
        if cell.plane is None or cross is None or cell.series is None:
            self._views.active.set_index(index)
            return
        place = place_of(cell.series, index)
        if place is not None:
            self.reformatting.move_to(cross.point - place.normal * place.distance(cross.point))
            self.reformatting.settle()

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

    def fuse(self, over: Series) -> None:
        """Lays ``over`` on all views that share its frame of reference, once all of it is there."""
        self._fusing.fuse(over)

    def close_fusion(self) -> None:
        """No colours any more."""
        self._fusing.close()

    @property
    def fusions(self) -> tuple[FusionLayer, ...]:
        """The layers of fusion that are on screen."""
        return self._fusing.layers

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
            action = self.hang_menu.addAction(shown(protocol.name).replace("&", "&&"))
            prior = hanging.prior_of(study, self._session.index.studies) if study is not None else None
            hung = hanging.hang(protocol, study, prior) if study is not None else None
            action.setEnabled(hung is not None)
            if hung is not None:
                action.triggered.connect(lambda _=False, hung=hung: self.hang(hung))

    def _hang_best(self) -> None:
        if not self.hang_best():
            self.told.emit(tr("No hanging protocol fits this study."), "", None)

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

    def opened(self, found: StudyIndex) -> None:
        """Arranges a study that has just been opened: as it was left, or by the protocol that surely fits. Nothing
        moves where the reader has other images beside each other."""
        active = self._views.active_cell
        beside = [cell for cell in self._views.grid_cells if cell is not active and cell.series is not None]
        studies = [study for study in found.studies if study.series]
        if not studies or beside or active.series is None or self._planes_of is not None:
            return
        who = patient_of(active.series)
        mine = [study for study in studies if patient_of(study.series[0]) == who]
        study = max(mine or studies[:1], key=lambda one: one.date)
        kept = self._kept.get((study.patient.id, study.uid))
        if kept is not None:
            if not kept.is_plain:
                self.arrange(kept)
                self.told.emit(tr("Shown as you left it"), tr("Single view"), self.single_view)
            return
        how = self._settings.get(options.HANGING)
        self._read_protocols()
        prior = hanging.prior_of(study, self._session.index.studies)
        hung = hanging.best(self._protocols, study, prior) if how != "off" else None
        if hung is not None and hanging.is_sure(hung, study, prior):
            if how == "automatic":
                self.hang(hung)
                said = tr("Hung by the protocol “{name}”", name=hung.protocol.name)
                self.told.emit(said, tr("Single view"), self.single_view)
            else:
                said = tr("The protocol “{name}” fits", name=hung.protocol.name)
                self.told.emit(said, tr("Hang"), partial(self.hang, hung))
        elif self._views.layout_.count > 1:
            self._fill(study)

    def _fill(self, study: Study) -> None:
        """The series after the one on screen in the empty views of the grid."""
        active = self._views.active_cell
        every = list(study.series)
        start = next((place for place, one in enumerate(every) if one is active.series), -1)
        following = every[start + 1 :]
        for number, cell in enumerate(self._views.main_cells):
            if cell.series is None and following:
                series = following.pop(0)
                pixels = self._pixels(series)
                if pixels is not None:
                    self._views.show_in(number, series, pixels)
        self.load_next()

    def series_to_add(self) -> Series | None:
        """What a further view would show: the next series of the study that is on no screen, or else the active one."""
        study, active = self._session.active_study(), self._session.active
        if study is None or active is None:
            return None
        every = list(study.series)
        start = next((place for place, one in enumerate(every) if one is active), 0)
        seen = [cell.series for cell in self._views.grid_cells]
        others = (one for one in (*every[start + 1 :], *every[:start]) if not any(one is other for other in seen))
        return next(others, active)

    def single_view(self) -> None:
        """The active series alone, as it was acquired: back from whatever was arranged in the main window."""
        self._views.activate(self._views.layout_.held)
        series = self._views.active_cell.series
        self.close_fusion()
        if self.reformatting.is_on or self._planes_of is not None:
            self.close_planes()
        self.set_grid(1, 1)
        if series is not None and self._views.active_cell.series is not series:
            self.show(series, 0)

    # -- as it was left --------------------------------------------------------------------------------------------

    def remember(self, kept: Kept) -> None:
        """How the studies that are being opened were left."""
        self._kept.update(kept.arrangements)

    def arrangement(self) -> Arrangement:
        """How the views are now."""
        layout, cross = self._views.layout_, self.reformatting.cross
        fused = self._fusing.fused if self._fusing.layers else None
        return Arrangement(
            layout.rows,
            layout.columns,
            layout.held,
            tuple(cell.content for cell in self._views.main_cells),
            cross.slab if cross is not None else Slab(),
            fused.over.series.key if fused is not None else None,
            fused.look if fused is not None else None,
        )

    def arrange(self, wanted: Arrangement) -> None:
        """Shows what an earlier session had on screen, as far as it is open."""
        known = {series.key: series for series in self._session.index.series()}
        self.close_fusion()
        self.leave_planes()
        cut = known.get(wanted.planes_of) if wanted.planes_of is not None else None
        if cut is not None:
            self.show(cut, self._views.layout_.held)
            self._slab = wanted.slab
            self.show_planes(cut)
        else:
            self._views.set_grid(wanted.rows, wanted.columns)
            places = [place for place, cell in enumerate(wanted.cells) if cell is not None and cell.series in known]
            for place in sorted(places, key=lambda place: place == wanted.active):
                content = wanted.cells[place]
                if content is not None:
                    self.show(known[content.series], place)
            for place in range(self._views.layout_.count) if places else ():
                if place not in places:
                    self._views.clear_cell(place)
        over = known.get(wanted.over) if wanted.over is not None else None
        if over is not None:
            self._fusing.wanted_look = wanted.look
            self.fuse(over)
        self._mark()

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
            for cell in self._views.main_cells
        ]
        protocol = hanging.from_views(name, layout.rows, layout.columns, views, self._session.index.studies)
        try:
            hanging_file.save(protocol, options.home() / "hanging")
        except UserError as fault:
            message.error(self._parent, tr("Saving the layout"), fault)
