"""A series in colour over the views that share its frame of reference: chosen, prepared in the background, kept on."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QMenu, QWidget

from app.core.fusion import FusionStyle, default_style, refusal
from app.core.mpr import source
from app.errors import UserError
from app.ui import message
from app.ui.fusion_layer import FusionLayer
from app.ui.jobs import Lane, Reporter
from app.ui.language import shown, tr

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.core.mpr import Source
    from app.core.session import Session
    from app.dicom.model import Series
    from app.ui.cells import Cell
    from app.ui.dispatch import Dispatcher
    from app.ui.loading import Loader
    from app.ui.view_bar import ViewBar
    from app.ui.views import Views


@dataclass(frozen=True, eq=False)
class Fused:
    """``over`` in colour over the series whose keys are ``under``, and their planes."""

    over: Source
    look: FusionStyle
    under: frozenset[tuple[str, int]]


class Fusing(QObject):
    """The fusion of one window's views. ``fused``: what is laid on, or ``None``. ``load_next``: goes on with what is on
    screen once the fused series is there."""

    changed = Signal()
    """Colours are on other views, or look otherwise."""

    def __init__(
        self,
        session: Session,
        views: Views,
        loader: Loader,
        dispatcher: Dispatcher,
        bar: ViewBar,
        load_next: Callable[[], None],
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        self._session, self._views, self._loader, self._dispatcher = session, views, loader, dispatcher
        self._bar, self._load_next, self._parent = bar, load_next, parent
        self._layers: dict[int, FusionLayer] = {}
        self._fusing: Series | None = None
        self.fused: Fused | None = None
        self.wanted_look: FusionStyle | None = None
        """How the next fusion shall look, where an earlier session left it so."""
        self.menu = QMenu(tr("&Fuse with"))
        self.menu.aboutToShow.connect(self._fill)
        bar.fusionChanged.connect(self._look)
        bar.closeFusion.connect(self.close)

    def _fill(self) -> None:
        self.menu.clear()
        under = self._views.active.series
        none = self.menu.addAction(tr("None"))
        none.setEnabled(bool(self._layers))
        none.triggered.connect(lambda _=False: self.close())
        active = self._views.active_cell.series
        for series in self._session.index.series():
            if under is None or active is None or series.key == active.key or series.positions is None:
                continue
            why = refusal(under, series)
            action = self.menu.addAction(f"{series.modality}  {series.description}".replace("&", "&&"))
            action.setEnabled(not why)
            action.setToolTip(shown(why))
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
        try:
            pixels = self._loader.prepare(over)
        except UserError:
            self._fusing = None
            return
        if pixels.is_complete:
            self._start()
        else:
            self._loader.load(over, len(over.frames) // 2)

    def loaded(self, series: Series) -> None:
        """All of ``series`` is there."""
        if self._fusing is series:
            self._start()

    def _start(self) -> None:
        over = self._fusing
        pixels = None if over is None else self._loader.pixels(over)
        if over is None or pixels is None:
            return
        self._fusing = None

        def work(report: Reporter) -> tuple[Source, FusionStyle]:
            made = source(over, pixels, tick=report)
            return made, default_style(made)

        job = self._dispatcher.start(Lane.PLANES, tr("Preparing the fusion"), work)
        job.succeeded.connect(lambda made: self._show(*made))
        job.failed.connect(lambda fault: message.error(self._parent, tr("Fusing"), fault))
        self._load_next()

    def _show(self, over: Source, look: FusionStyle) -> None:
        self.close()
        under = {
            cell.series.key
            for cell in self._views.grid_cells
            if cell.series is not None and cell.viewport.series is not None and not refusal(cell.series, over.series)
        }
        self.fused = Fused(over, self.wanted_look or look, frozenset(under))
        self.wanted_look = None
        self.fit()

    def fit(self) -> None:
        """Colours on every view of what was fused, whatever the layout; on no other."""
        fused = self.fused
        for cell in self._views.cells:
            series, layer = cell.viewport.series, self._layers.get(id(cell))
            wanted = (
                fused is not None
                and cell in self._views.grid_cells
                and series is not None
                and cell.series is not None
                and cell.series.key in fused.under
                and not refusal(series, fused.over.series)
            )
            if not wanted:
                self._drop(cell)
            elif fused is not None and layer is None:
                layer = FusionLayer(fused.over, fused.look, self._dispatcher, self)
                layer.redraw.connect(cell.viewport.update)
                # Under lines and crosshair.
                cell.viewport.layers.insert(0, layer)
                self._layers[id(cell)] = layer
                cell.viewport.update()
        over = None if fused is None else fused.over.series
        if self._layers and fused is not None and over is not None:
            self._bar.show_fusion(fused.look, over.modality, over.unit)
        else:
            self._bar.show_fusion(None, "", "")
        self.changed.emit()

    def _look(self, look: FusionStyle) -> None:
        if self.fused is not None:
            self.fused = replace(self.fused, look=look)
        for cell in self._views.cells:
            layer = self._layers.get(id(cell))
            if layer is not None:
                layer.look = look
                cell.viewport.update()
        self.changed.emit()

    def _drop(self, cell: Cell) -> None:
        layer = self._layers.pop(id(cell), None)
        if layer is not None:
            cell.viewport.layers.remove(layer)
            cell.viewport.update()

    def close(self) -> None:
        """No colours any more."""
        self._fusing = self.fused = None
        self.fit()

    @property
    def layers(self) -> tuple[FusionLayer, ...]:
        """The layers of fusion that are on screen."""
        return tuple(self._layers.values())
