"""What lies over the images, on planes too: cut where that is quick, else in the background, and kept."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from app.core.layers import Layer
from app.core.mpr import Reformatted
from app.core.plane_objects import Labels, Objects, Solid, labels_of, layer_on, overlay_on, solid
from app.core.session import Change
from app.ui.jobs import Lane, Reporter
from app.ui.language import tr
from inference.types import no_tick

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.core.document import Overlay
    from app.core.mpr import Planes, Source
    from app.core.session import Session
    from app.core.wash import Wash
    from app.dicom.load import SeriesPixels
    from app.dicom.model import Series
    from app.ui.dispatch import Dispatcher
    from inference.types import Tick

_KEPT = 96
"""Cut objects that are kept for coming back, at the least."""
_PLANES = 8
"""Planes of each object that are kept, at the least: as many as can be on screen, and some."""


class _Cuts:
    """What has been cut, by what and where. Holds no Qt: worker threads put into it what they made."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        # The things themselves are kept beside what was made of them, so that their ids stay theirs.
        self._labels: dict[tuple[int, int], tuple[object, object, Labels | None]] = {}
        self._solids: dict[tuple[int, int], tuple[object, object, Solid]] = {}
        self._washes: OrderedDict[tuple[int, int], tuple[object, object, Wash]] = OrderedDict()
        self._made: OrderedDict[tuple[int, int, int], tuple[object, object, Overlay | Layer]] = OrderedDict()

    def labels(self, overlay: Overlay, origin: Source) -> Labels | None:
        key = (id(overlay), id(origin))
        with self._lock:
            if key not in self._labels:
                self._labels[key] = (overlay, origin, labels_of(overlay, origin))
            return self._labels[key][2]

    def solid(self, layer: Layer, origin: Source) -> Solid | None:
        with self._lock:
            found = self._solids.get((id(layer), id(origin)))
        return None if found is None else found[2]

    def make_solid(self, layer: Layer, origin: Source, tick: Tick) -> Solid:
        found = self.solid(layer, origin)
        if found is None:
            found = solid(layer, origin, tick)
            with self._lock:
                self._solids[id(layer), id(origin)] = (layer, origin, found)
        return found

    def wash(self, wash: Wash, series: Series) -> Wash:
        key = (id(wash), id(series))
        with self._lock:
            if key not in self._washes:
                self._washes[key] = (wash, series, wash.over(series))
                _trim(self._washes)
            return self._washes[key][2]

    def made(self, thing: Overlay | Layer, pixels: Reformatted, index: int) -> Overlay | Layer | None:
        with self._lock:
            found = self._made.get((id(thing), id(pixels), index))
        return None if found is None else found[2]

    def make(self, thing: Overlay | Layer, pixels: Reformatted, index: int, tick: Tick = no_tick) -> Overlay | Layer:
        """What ``thing`` has on a plane. Takes a while where its volume is not there yet, or the plane is oblique."""
        known = self.made(thing, pixels, index)
        if known is not None:
            return known
        series = pixels.series
        made: Overlay | Layer
        if isinstance(thing, Layer):
            made = layer_on(self.make_solid(thing, pixels.source, tick), series, pixels, index)
        else:
            made = overlay_on(thing, self.labels(thing, pixels.source), series, pixels, index)
        with self._lock:
            self._made[id(thing), id(pixels), index] = (thing, pixels, made)
            _trim(self._made)
        return made

    def keep_only(self, things: tuple[object, ...]) -> None:
        """Forgets what was made of anything else."""
        here = {id(thing) for thing in things}
        every: tuple[dict[Any, Any], ...] = (self._labels, self._solids, self._washes, self._made)
        with self._lock:
            for held in every:
                for key in [key for key in held if key[0] not in here]:
                    del held[key]


def _trim(held: OrderedDict[Any, Any]) -> None:
    """Lets go of the oldest, never of what may be on screen."""
    most = max(_KEPT, _PLANES * len({key[0] for key in held}))
    while len(held) > most:
        held.popitem(last=False)


class PlaneObjects(QObject):
    """Answers what is drawn over a frame of any view: of images what the session says, of planes what of it they cut.

    A plane never shows what lies on another: what is not cut yet is not there, and ``ready`` says when it is.
    """

    ready = Signal()
    """Something that a plane asked for has come."""

    def __init__(self, session: Session, dispatcher: Dispatcher, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._dispatcher = dispatcher
        self._cuts = _Cuts()
        self._waiting: dict[str, tuple[Reformatted, int]] = {}
        self._running: set[str] = set()
        session.subscribe(self._changed)

    @property
    def is_busy(self) -> bool:
        """Whether something is being cut."""
        return bool(self._running)

    def of(self, series: Series, pixels: SeriesPixels, index: int, *, wait: bool = False) -> Objects:
        """What lies over frame ``index`` of ``series``. ``wait``: all of it, however long it takes; otherwise what
        takes long comes later."""
        if not isinstance(pixels, Reformatted):
            over = self._session
            found = Objects(over.document.overlays_on(series), over.layers_on(series), over.washes_on(series))
            for wash in found.washes if wait else ():
                wash.plane(index)
            return found
        things = self._things(pixels)
        missing = [thing for thing in things if self._cuts.made(thing, pixels, index) is None]
        for thing in missing:
            if wait or self._is_quick(thing, pixels):
                self._cuts.make(thing, pixels, index)
        washes = tuple(self._cuts.wash(one, series) for one in self._session.washes_on(pixels.source.series))
        made = [self._cuts.made(thing, pixels, index) for thing in things]
        late = [wash for wash in washes if not wash.is_quick and not wash.is_ready(index)]
        if wait:
            for wash in late:
                wash.plane(index)
        elif late or None in made:
            self._ask(pixels, index)
        layers = tuple(one for one in made if isinstance(one, Layer))
        overlays = tuple(one for one in made if one is not None and not isinstance(one, Layer))
        return Objects(overlays, layers, washes)

    def _things(self, pixels: Reformatted) -> tuple[Overlay | Layer, ...]:
        series = pixels.source.series
        return (*self._session.document.overlays_on(series), *self._session.layers_on(series))

    def _is_quick(self, thing: Overlay | Layer, pixels: Reformatted) -> bool:
        """Whether a plane along the voxels goes through something that is at hand."""
        if not pixels.is_along_voxels or pixels.slab.thickness:
            return False
        return not isinstance(thing, Layer) or self._cuts.solid(thing, pixels.source) is not None

    def forget(self) -> None:
        """There are no planes any more: nothing keeps their volume in memory."""
        self._waiting.clear()
        self._cuts.keep_only(())

    def work_for(self, planes: Planes, index: int) -> Callable[[Tick], None]:
        """What cuts everything that lies over a plane, for the thread that cuts the plane itself: so both come
        together."""
        things, cuts = self._things(planes.pixels), self._cuts

        def work(tick: Tick) -> None:
            for thing in things:
                if not isinstance(thing, Layer) or cuts.solid(thing, planes.pixels.source) is not None:
                    cuts.make(thing, planes.pixels, index, tick)

        return work

    # -- in the background -----------------------------------------------------------------------------------------

    def _ask(self, pixels: Reformatted, index: int) -> None:
        """The newest wish of each orientation wins."""
        self._waiting[pixels.series.uid] = (pixels, index)
        self._next(pixels.series.uid)

    def _next(self, uid: str) -> None:
        if uid in self._running or uid not in self._waiting or self._dispatcher.is_closed:
            return
        pixels, index = self._waiting.pop(uid)
        things, cuts = self._things(pixels), self._cuts
        washes = [cuts.wash(one, pixels.series) for one in self._session.washes_on(pixels.source.series)]

        def work(report: Reporter) -> None:
            for thing in things:
                cuts.make(thing, pixels, index, report)
            for wash in washes:
                wash.plane(index)

        self._running.add(uid)
        job = self._dispatcher.start(Lane.PLANES, tr("Cutting overlays"), work)
        job.succeeded.connect(lambda _: self.ready.emit())
        job.ended.connect(lambda: self._ended(uid))

    def _ended(self, uid: str) -> None:
        self._running.discard(uid)
        self._next(uid)

    def _changed(self, change: Change) -> None:
        if change & (Change.STUDIES | Change.LAYERS | Change.OVERLAYS):
            every = self._session.index.series()
            things = [thing for one in every for thing in self._session.document.overlays_on(one)]
            laid = [layer for one in every for layer in self._session.laid_on(one)]
            self._cuts.keep_only((*things, *laid))
