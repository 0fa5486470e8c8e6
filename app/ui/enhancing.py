"""Series that models made of others: written beside the program, opened like any other, one key from their source."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QObject, Signal

from app.core.enhanced import Family, Made, family_of, made_by_model
from app.core.session import Change
from app.dicom.index import index
from app.dicom.load import SeriesPixels, load
from app.dicom.scan import scan
from app.dicom.volume import volume
from app.errors import UserError
from app.report import atomic
from app.report.enhanced_series import Derivation, enhanced_files, why_not
from app.ui.jobs import Lane, Reporter, Work
from app.ui.language import tr
from inference.words import say

if TYPE_CHECKING:
    from collections.abc import Callable

    import numpy.typing as npt

    from app.core.session import Session
    from app.dicom.model import Series, StudyIndex
    from app.ui.dispatch import Dispatcher, Job
    from app.ui.loading import Loader
    from app.ui.viewport import Viewport
    from inference.types import ModelRef, Result, Tick

FULL = 100
"""Per cent: all that the model did."""


@dataclass(frozen=True, eq=False)
class Made100:
    """What a model made of a series at full strength; weaker ones are blended from it. ``shown``: what is open."""

    original: Series
    full: Series
    model: ModelRef
    rms_hu: float
    shown: Series
    strength: int = FULL


class Home:
    """A folder for made series that goes with the program: nobody but the user may look into it."""

    def __init__(self) -> None:
        self._folder: tempfile.TemporaryDirectory[str] | None = None

    def new(self) -> Path:
        """An empty folder of its own. Any thread."""
        if self._folder is None:
            self._folder = tempfile.TemporaryDirectory(prefix="scoutview-made-", ignore_cleanup_errors=True)
        return Path(tempfile.mkdtemp(dir=self._folder.name))

    def clear(self) -> None:
        """Removes everything."""
        if self._folder is not None:
            self._folder.cleanup()
            self._folder = None


def write_series(
    folder: Path, series: Series, values: npt.NDArray[np.float32], derivation: Derivation, tick: Tick
) -> StudyIndex:
    """Writes what was made of ``series`` into ``folder`` and reads its headers. For a worker thread."""
    reason = why_not(series)
    if reason:
        raise UserError(
            say("No new series can be made"),
            say("Of this one, {reason}.", reason=reason),
            say("Choose another series."),
        )
    for name, content in enhanced_files(series, values, derivation, tick):
        atomic.write(folder / name, content)
    return index(scan([folder]))


def write_enhanced(home: Home, series: Series, result: Result, tick: Tick) -> StudyIndex:
    """The answer of a model that makes images, as a series of full strength."""
    assert result.enhanced is not None
    derivation = Derivation(Made.ENHANCED, result.model, 1.0, _rms(result))
    return write_series(home.new(), series, result.enhanced, derivation, tick)


def _rms(result: Result) -> float:
    change = result.measures.get("RMS change")
    return change.value if change is not None else 0.0


class Enhancing(QObject):
    """Shows what models made, beside and in place of what they made it of."""

    started = Signal(object)
    """A ``Job``."""
    failed = Signal(object)
    """The exception."""
    wanted = Signal(object)
    """A ``Series`` to show in the active view."""
    changed = Signal()
    """Another family, or another strength."""
    told = Signal(str)

    def __init__(
        self, session: Session, dispatcher: Dispatcher, loader: Loader, view: Viewport, home: Home, parent: QObject
    ) -> None:
        super().__init__(parent)
        self._session, self._dispatcher, self._loader, self._view = session, dispatcher, loader, view
        self._home = home
        self._made: dict[tuple[str, int], Made100] = {}
        session.subscribe(self._changed)

    # -- what there is ---------------------------------------------------------------------------------------------

    def family(self) -> Family:
        """The family of the active series."""
        series = self._session.active
        return Family(None, None, None) if series is None else family_of(series, self._session.index.series())

    def of_family(self) -> Made100 | None:
        """What this session made of the active series' original, whose strength can still be changed."""
        original = self.family().original
        return None if original is None else self._made.get(original.key)

    def _changed(self, change: Change) -> None:
        if not change & (Change.STUDIES | Change.ACTIVE_SERIES):
            return
        if not self._session.index.studies:
            self._made.clear()
            self._home.clear()
        self.changed.emit()

    # -- making ----------------------------------------------------------------------------------------------------

    def take(self, original: Series, result: Result, found: StudyIndex) -> None:
        """A model has made a series of ``original``: opens it, and shows it as the original is shown."""
        made = found.series()[0]
        before = self._made.get(original.key)
        self._made[original.key] = Made100(original, made, result.model, _rms(result), made)
        self._open(found, original, before.shown if before is not None else None)

    def _open(self, found: StudyIndex, original: Series, replaced: Series | None) -> None:
        active = self._session.active
        here = active is original or (active is not None and active is replaced)
        self._session.open(found)
        if here:
            self._swap(found.series()[0])
        if replaced is not None:
            # Its difference goes with it: it is not that of the new one.
            stale = family_of(replaced, self._session.index.series()).difference
            for gone in (replaced, stale):
                if gone is not None:
                    self._session.drop(gone)
        self.changed.emit()

    def set_strength(self, percent: int) -> None:
        """Makes the series anew, with ``percent`` of what the model did."""
        made = self.of_family()
        if made is None or made.strength == percent:
            return
        pixels = self._loader.pixels(made.original)
        strength = percent / FULL
        derivation = Derivation(Made.ENHANCED, made.model, strength, made.rms_hu * strength)

        def work(report: Reporter) -> StudyIndex:
            first = _values(made.original, pixels, lambda done: report(0.2 * done))
            full = _values(made.full, None, lambda done: report(0.2 + 0.3 * done))
            full -= first
            full *= np.float32(strength)
            full += first
            folder = self._home.new()
            return write_series(folder, made.original, full, derivation, lambda done: report(0.5 + 0.5 * done))

        def accept(found: StudyIndex) -> None:
            self._made[made.original.key] = Made100(
                made.original, made.full, made.model, made.rms_hu, found.series()[0], percent
            )
            self._open(found, made.original, made.shown)

        self._start(tr("Blending"), work, accept)

    # -- showing ---------------------------------------------------------------------------------------------------

    def toggle(self) -> None:
        """From the original to what was made of it, and back."""
        series, family = self._session.active, self.family()
        if series is None:
            return
        to = family.enhanced if made_by_model(series) is None else family.original
        if to is not None:
            self._swap(to)
        elif made_by_model(series) is None:
            self.told.emit(tr("There is no AI-enhanced series of this one yet: run the model in the AI panel."))
        else:
            self.told.emit(tr("The original of this series is not open."))

    def toggle_difference(self) -> None:
        """To what the model changed, made when it is first asked for, and back to the enhanced series."""
        series, family = self._session.active, self.family()
        if series is None:
            return
        if made_by_model(series) is Made.DIFFERENCE:
            back = family.enhanced or family.original
            if back is not None:
                self._swap(back)
        elif family.original is None or family.enhanced is None:
            self.told.emit(tr("A difference needs both the original and the AI-enhanced series."))
        elif family.difference is not None and _is_of(family.difference, family.enhanced):
            self._swap(family.difference)
        else:
            self._subtract(family.original, family.enhanced, family.difference)

    def _subtract(self, original: Series, enhanced: Series, stale: Series | None) -> None:
        first, second = self._loader.pixels(original), self._loader.pixels(enhanced)
        model = next((made.model for made in self._made.values() if made.shown is enhanced), None)

        def work(report: Reporter) -> StudyIndex:
            values = _values(enhanced, second, lambda done: report(0.25 * done))
            values -= _values(original, first, lambda done: report(0.25 + 0.25 * done))
            rms = float(np.sqrt(np.mean(np.square(values[:: max(1, len(values) // 16)], dtype=np.float64))))
            derivation = Derivation(Made.DIFFERENCE, model, 1.0, rms, made_of=enhanced.uid)
            folder = self._home.new()
            return write_series(folder, original, values, derivation, lambda done: report(0.5 + 0.5 * done))

        def accept(found: StudyIndex) -> None:
            self._session.open(found)
            self._swap(found.series()[0])
            if stale is not None:
                self._session.drop(stale)

        self._start(tr("Subtracting"), work, accept)

    def _swap(self, series: Series) -> None:
        """Shows ``series`` where the active one is, in the same place, and in the same window if that fits."""
        view = self._view.view
        before = self._session.active
        self.wanted.emit(series)
        if self._session.active is not series:
            return
        self._view.set_index(view.index)
        self._view.set_view(view)
        kinds = {made_by_model(one) for one in (before, series) if one is not None}
        if Made.DIFFERENCE not in kinds:
            self._view.set_voi(view.voi)

    def _start(self, title: str, work: Work, accept: Callable[[StudyIndex], None]) -> None:
        job: Job = self._dispatcher.start(Lane.FILES, title, work)
        job.succeeded.connect(accept)
        job.failed.connect(self.failed)
        self.started.emit(job)


def _values(series: Series, pixels: SeriesPixels | None, tick: Tick) -> npt.NDArray[np.float32]:
    """All values of a stack in HU, a copy of the caller's own; reads what is not in memory."""
    if pixels is None or not pixels.is_complete:
        pixels = load(series, tick=tick)
    values = np.array(volume(series, pixels).voxels, dtype=np.float32)
    tick(1.0)
    return values


def _is_of(difference: Series, enhanced: Series) -> bool:
    """Whether a difference was made with this very enhanced series, and not with one of another strength."""
    items = difference.instances[0].header.get("RelatedSeriesSequence") or ()
    return any(str(item.get("SeriesInstanceUID", "")) == enhanced.uid for item in items)
