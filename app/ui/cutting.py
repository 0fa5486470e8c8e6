"""Planes that have to be computed, off the window's thread: the newest wish of each view wins."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, QTimer

from app.ui.jobs import Lane, Reporter
from app.ui.language import tr

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy.typing as npt

    from app.core.mpr import Planes
    from app.ui.dispatch import Dispatcher, Job
    from inference.types import Tick

REFINE_MS = 100
"""How long after the last coarse plane the fine one is begun."""


def _nothing(tick: Tick) -> None:
    """Nothing beside the plane."""


@dataclass(frozen=True, eq=False)
class _Wish:
    planes: Planes
    index: int
    coarse: bool
    done: Callable[[], None]
    also: Callable[[Tick], None]


class Cutter(QObject):
    """Cuts planes for one view. A wish waits while one is being cut, and takes the place of any that waits."""

    def __init__(self, dispatcher: Dispatcher, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._dispatcher = dispatcher
        self._waiting: _Wish | None = None
        self._running: _Wish | None = None
        self._refine: _Wish | None = None
        self._job: Job | None = None
        self._overtaken = False
        self._timer = QTimer(self)
        self._timer.setSingleShot(True)
        self._timer.setInterval(REFINE_MS)
        self._timer.timeout.connect(self._make_fine)

    @property
    def is_busy(self) -> bool:
        """Whether a plane is being cut, or a finer one is due."""
        return self._running is not None or self._refine is not None

    def ask(
        self,
        planes: Planes,
        index: int,
        done: Callable[[], None],
        *,
        coarse: bool = False,
        also: Callable[[Tick], None] = _nothing,
    ) -> None:
        """Cuts plane ``index``, hands it in, and calls ``done`` on the window's thread; at once where it is there.

        ``coarse``: a rough one first where it takes long, and the fine one when the reader stops. ``also``: what the
        same thread makes beside it, before it is handed in.
        """
        self._timer.stop()
        self._refine = None
        self._overtaken = False
        if planes.pixels.is_fine(index):
            # What is still being cut is kept, but must not take the place of this newer wish.
            self._waiting, self._overtaken = None, self._running is not None
            done()
            return
        self._waiting = _Wish(planes, index, coarse and planes.pixels.is_slow, done, also)
        self._next()

    def hurry(self) -> None:
        """The reader let go: the fine plane is begun at once, and a coarse one that is being cut is given up."""
        newest = self._waiting or self._running or self._refine
        if newest is None or not newest.coarse or self._overtaken:
            return
        self._timer.stop()
        self._refine, self._waiting = None, replace(newest, coarse=False)
        if self._running is not None and self._running.coarse and self._job is not None:
            self._job.cancel()
        self._next()

    def stop(self) -> None:
        """Nothing is wanted any more."""
        self._waiting = self._refine = None
        self._timer.stop()

    def _next(self) -> None:
        if self._running is not None or self._waiting is None or self._dispatcher.is_closed:
            return
        wish, self._waiting = self._waiting, None
        self._running = wish

        def work(report: Reporter) -> npt.NDArray[Any]:
            plane = wish.planes.pixels.cut(wish.index, coarse=wish.coarse, tick=report)
            wish.also(report)
            return plane

        job = self._job = self._dispatcher.start(Lane.PLANES, tr("Cutting planes"), work)
        job.succeeded.connect(lambda plane: self._cut(wish, plane))
        job.ended.connect(self._ended)

    def _cut(self, wish: _Wish, plane: npt.NDArray[Any]) -> None:
        wish.planes.pixels.put(wish.index, plane, fine=not wish.coarse)
        if self._overtaken:
            return
        wish.done()
        if wish.coarse and self._waiting is None:
            self._refine = wish
            self._timer.start()

    def _ended(self) -> None:
        self._running, self._job, self._overtaken = None, None, False
        self._next()

    def _make_fine(self) -> None:
        wish, self._refine = self._refine, None
        if wish is not None and self._waiting is None:
            self._waiting = replace(wish, coarse=False)
            self._next()
