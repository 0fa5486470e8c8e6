"""Models and their runs: which are there, which fit, and the way of an order to the worker thread and back."""

from __future__ import annotations

import sys
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal

from app.core import analysis
from app.dicom.load import load, read_frame
from app.errors import UserError
from app.paths import models_dir
from app.ui.enhancing import Home, write_enhanced
from app.ui.garbage import keep_what_is_loaded
from app.ui.jobs import Lane, Reporter
from app.ui.language import tr
from inference.bundle import BrokenBundle, Bundle, BundleError, list_bundles
from inference.words import said_by

if TYPE_CHECKING:
    from app.core.session import Session
    from app.dicom.load import SeriesPixels
    from app.dicom.model import Series, StudyIndex
    from app.ui.dispatch import Dispatcher, Job
    from inference.types import Result, Tick

_LOADING = 0.3
"""Part of the progress that reading a stack takes, where it is not in memory yet."""


def _analyse(
    bundle: Bundle,
    series: Series,
    index: int,
    pixels: SeriesPixels | None,
    device: str,
    insist: bool,
    home: Home,
    report: Reporter,
) -> tuple[analysis.Order, Result, StudyIndex | None]:
    """Runs on the inference thread, which is the first to import torch."""
    from inference.engine import DeviceError

    tick: Tick = report
    if bundle.contract.takes == "volume":
        if pixels is None or not pixels.is_complete:
            pixels = load(series, tick=lambda done: report(_LOADING * done))
            tick = lambda done: report(_LOADING + (1 - _LOADING) * done)  # noqa: E731
        order = analysis.order_volume(bundle, series, pixels, device=device, insist=insist)
    else:
        here = pixels is not None and pixels.is_loaded(index)
        stored = pixels.stored[index] if pixels is not None and here else read_frame(series, index)
        order = analysis.order(bundle, series, index, stored, device=device, insist=insist)
    torch_was_there = "torch" in sys.modules
    try:
        answer = order.run(tick)
        if not torch_was_there:
            keep_what_is_loaded()
        if answer.enhanced is None:
            return order, answer, None
        made = write_enhanced(home, series, answer, lambda _: report(1.0))
        # It is on disk now; in memory it would be as large as the volume.
        return order, replace(answer, enhanced=None), made
    except DeviceError as error:
        raise UserError(
            tr("The model cannot run on the chosen device"),
            said_by(error),
            tr("Choose Automatic under Device, and run it again."),
        ) from error
    except BundleError as error:
        raise UserError(
            tr("{title} cannot be used", title=bundle.title), said_by(error), tr("Install the model again.")
        ) from error


class Analyses(QObject):
    """Holds the models and the runs under way. A second run of a model replaces the first."""

    listed = Signal()
    """``bundles`` is there."""
    started = Signal(object)
    """Bundle"""
    progressed = Signal(object, float)
    """(bundle, fraction)"""
    made = Signal(object, object, object)
    """(``Series``, ``Result``, ``StudyIndex``): a model made this of the series."""
    finished = Signal(object, object)
    """(bundle, ``Result``), accepted into the session already."""
    failed = Signal(object, object)
    """(bundle, exception)"""
    ended = Signal(object)
    """Bundle, however its run ended."""

    def __init__(self, session: Session, dispatcher: Dispatcher, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._dispatcher = dispatcher
        self._running: dict[str, Job] = {}
        self.home = Home()
        self._results: dict[tuple[tuple[str, int], tuple[int, ...], str], Result] = {}
        self.bundles: tuple[Bundle | BrokenBundle, ...] = ()
        self.is_listed = False

    def list_models(self) -> Job:
        """Reads the models' manifests and verifies their weights, off the window's thread."""
        folder = models_dir()
        job = self._dispatcher.start(Lane.FILES, tr("Verifying models"), lambda _: list_bundles(folder))
        job.succeeded.connect(self._keep)
        return job

    def _keep(self, bundles: tuple[Bundle | BrokenBundle, ...]) -> None:
        self.bundles = bundles
        self.is_listed = True
        self.listed.emit()

    def usable(self) -> tuple[Bundle, ...]:
        """The models that were verified."""
        return tuple(bundle for bundle in self.bundles if isinstance(bundle, Bundle))

    def is_running(self, bundle: Bundle) -> bool:
        """Whether a run of it is under way."""
        return bundle.id in self._running

    def run(
        self,
        bundle: Bundle,
        series: Series,
        index: int,
        pixels: SeriesPixels | None,
        *,
        device: str = "auto",
        insist: bool = False,
    ) -> Job:
        """Queues one run on frame ``index``, or on the stack where the model takes volumes.

        ``pixels``: what is in memory of the series; the worker reads what is missing.
        """
        self.cancel(bundle)

        def work(report: Reporter) -> Any:
            return _analyse(bundle, series, index, pixels, device, insist, self.home, report)

        job = self._dispatcher.start(Lane.INFERENCE, bundle.title, work)
        self._running[bundle.id] = job
        job.progressed.connect(lambda fraction: self.progressed.emit(bundle, fraction))
        job.succeeded.connect(lambda answer: self._accept(bundle, answer))
        job.failed.connect(lambda fault: self.failed.emit(bundle, fault))
        job.ended.connect(lambda: self._end(bundle, job))
        self.started.emit(bundle)
        return job

    def _accept(self, bundle: Bundle, answer: tuple[analysis.Order, Result, StudyIndex | None]) -> None:
        order, result, made = answer
        if made is not None:
            self.made.emit(order.series, result, made)
            self.finished.emit(bundle, result)
            return
        self._results[order.series.key, order.indices, result.model.id] = result
        self._session.accept(result, order.series, order.indices)
        self.finished.emit(bundle, result)

    def _end(self, bundle: Bundle, job: Job) -> None:
        # A run that was replaced ends after its successor began, which is the one to keep.
        if self._running.get(bundle.id) is job:
            del self._running[bundle.id]
            self.ended.emit(bundle)

    def answers(self, series: Series) -> tuple[tuple[tuple[int, ...], Result], ...]:
        """Whole answers behind what the document holds about ``series``, with the frames that each is about."""
        document = self._session.document
        models = {overlay.model for overlay in document.overlays_on(series)}
        models |= {
            finding.origin
            for finding in document.findings
            if finding.origin is not None and (finding.place.series_uid, finding.place.stack) == series.key
        }
        return tuple(
            (indices, result)
            for (key, indices, _), result in self._results.items()
            if key == series.key and result.model in models
        )

    def results(self, series: Series) -> tuple[Result, ...]:
        """The same for reports, without the frames."""
        return tuple(result for _, result in self.answers(series))

    def clear(self) -> None:
        """The studies are closed: no answer is wanted any more, and those that came are forgotten."""
        self.cancel_all()
        self._results.clear()

    def cancel(self, bundle: Bundle) -> None:
        """The answer is no longer wanted."""
        job = self._running.pop(bundle.id, None)
        if job is not None:
            job.cancel()
            self.ended.emit(bundle)

    def cancel_all(self) -> None:
        """No answer is wanted any more."""
        for bundle in self.usable():
            self.cancel(bundle)
