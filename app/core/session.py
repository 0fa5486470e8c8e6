"""The open studies and the reader's document. Lives on one thread; other threads hand it frozen answers."""

from __future__ import annotations

import uuid
from dataclasses import dataclass, replace
from enum import Flag, auto
from typing import TYPE_CHECKING

from app.core.attachments import Attachment, attachments
from app.core.document import Document, Finding, FindingStatus, Overlay, Place
from app.core.history import History
from app.core.layers import Layer
from app.core.wash import Wash
from app.dicom.model import Series, Study, StudyIndex
from inference.words import known, say

if TYPE_CHECKING:
    from collections.abc import Callable

    from inference.types import Measure, Result


class Change(Flag):
    """What changed; each widget judges for itself whether that concerns it."""

    STUDIES = auto()
    ACTIVE_SERIES = auto()
    MEASUREMENTS = auto()
    OVERLAYS = auto()
    OVERLAY_STYLE = auto()
    FINDINGS = auto()
    HISTORY = auto()
    LAYERS = auto()


DOCUMENT = Change.MEASUREMENTS | Change.OVERLAYS | Change.FINDINGS | Change.HISTORY


@dataclass(frozen=True)
class OverlayStyle:
    """How overlays are drawn: view state, not undone. ``opacity``: 0–1. ``hidden_labels``: (id of an overlay or an
    object, label value). ``thresholds``: (object's uid, value), where the reader chose from which value on a wash of
    colours is drawn. ``graphics``: whether the files' own graphics show, overlay planes and annotations."""

    visible: bool = True
    opacity: float = 0.35
    hidden_labels: frozenset[tuple[str, int]] = frozenset()
    thresholds: tuple[tuple[str, float], ...] = ()
    graphics: bool = True

    def threshold_of(self, wash: Wash) -> float:
        """Below which value of ``wash`` nothing is drawn: the reader's choice, else its own."""
        return dict(self.thresholds).get(wash.uid, wash.threshold)

    def with_threshold(self, uid: str, value: float) -> OverlayStyle:
        """Another threshold for the object ``uid``."""
        return replace(self, thresholds=tuple({**dict(self.thresholds), uid: value}.items()))


def new_id() -> str:
    """A fresh identifier for a measurement, overlay, finding or request."""
    return uuid.uuid4().hex


class Session:
    """One-way flow: verbs below change the state, then every subscriber is told what changed."""

    def __init__(self) -> None:
        self.index = StudyIndex()
        self.attachments: tuple[Attachment, ...] = ()
        """What is open besides images, and which series it belongs to."""
        self.active: Series | None = None
        self.style = OverlayStyle()
        self._layers: dict[tuple[str, tuple[str, int]], tuple[Layer | Wash, Series]] = {}
        self._history = History()
        self._subscribers: list[Callable[[Change], None]] = []

    @property
    def document(self) -> Document:
        """The reader's work now."""
        return self._history.document

    @property
    def undo_name(self) -> str:
        """What undo would take back, or empty."""
        return self._history.undo_name

    @property
    def redo_name(self) -> str:
        """What redo would bring back, or empty."""
        return self._history.redo_name

    def subscribe(self, callback: Callable[[Change], None]) -> Callable[[], None]:
        """Calls ``callback(change)`` after each change, in order of subscription. Returns a function that
        unsubscribes."""
        self._subscribers.append(callback)

        def unsubscribe() -> None:
            if callback in self._subscribers:
                self._subscribers.remove(callback)

        return unsubscribe

    def _tell(self, change: Change) -> None:
        for callback in tuple(self._subscribers):
            callback(change)

    # -- studies ---------------------------------------------------------------------------------------------------

    def open(self, index: StudyIndex) -> None:
        """Adds studies to what is open. A stack that is open already is replaced by the newer reading, never
        doubled."""
        # Patients are never mixed, whatever UIDs their files share.
        studies = {(study.patient.id, study.uid): study for study in self.index.studies}
        for study in index.studies:
            known = studies.get((study.patient.id, study.uid))
            if known is not None:
                fresh = {series.key for series in study.series}
                kept = tuple(series for series in known.series if series.key not in fresh)
                merged = sorted((*kept, *study.series), key=lambda s: (s.number is None, s.number or 0, s.uid, s.stack))
                again = {found.uid for found in study.objects}
                objects = (*(found for found in known.objects if found.uid not in again), *study.objects)
                study = replace(study, series=tuple(merged), objects=objects)
            studies[study.patient.id, study.uid] = study
        self.index = StudyIndex(tuple(studies.values()), (*self.index.skipped, *index.skipped))
        self.attachments = attachments(self.index)
        # A stack that was read again may have other frames: what lay over it is laid again.
        here = {id(series) for series in self.index.series()}
        kept_layers = {key: laid for key, laid in self._layers.items() if id(laid[1]) in here}
        lifted = Change.LAYERS if len(kept_layers) < len(self._layers) else Change(0)
        self._layers = kept_layers
        if self.active is not None:
            self.active = next((s for s in self.index.series() if s.key == self.active.key), None)
        self._tell(Change.STUDIES | lifted)

    def drop(self, series: Series) -> None:
        """Takes one stack out of what is open, such as one that was made anew. Its study stays open; files stay."""
        studies = tuple(
            replace(study, series=tuple(one for one in study.series if one is not series))
            for study in self.index.studies
        )
        self.index = StudyIndex(studies, self.index.skipped)
        self.attachments = attachments(self.index)
        self._layers = {key: laid for key, laid in self._layers.items() if laid[1] is not series}
        gone = self.active is series
        if gone:
            self.active = None
        self._tell(Change.STUDIES | Change.LAYERS | (Change.ACTIVE_SERIES if gone else Change(0)))

    def close_all(self) -> None:
        """Closes every study and forgets the document."""
        self.index = StudyIndex()
        self.attachments = ()
        self._layers.clear()
        self.active = None
        self._history = History()
        self._tell(Change.STUDIES | Change.ACTIVE_SERIES | Change.LAYERS | DOCUMENT)

    def activate(self, series: Series | None) -> None:
        """Makes ``series`` the one that tools and models act on."""
        if series is not self.active:
            self.active = series
            self._tell(Change.ACTIVE_SERIES)

    def active_study(self) -> Study | None:
        """The study of the active series."""
        return None if self.active is None else self.index.study_of(self.active)

    # -- layers: objects of the study over its images; not undone ----------------------------------------------

    def lay(self, layer: Layer | Wash, series: Series) -> None:
        """Shows an object of the study over ``series``; the same object laid again takes its own place."""
        self._layers[layer.uid, series.key] = layer, series
        self._tell(Change.LAYERS)

    def lift(self, uid: str, series_key: tuple[str, int]) -> None:
        """Takes an object's layer off a stack; nothing happens where there is none."""
        if self._layers.pop((uid, series_key), None) is not None:
            self._tell(Change.LAYERS)

    def laid_on(self, series: Series) -> tuple[Layer | Wash, ...]:
        """What lies over ``series``, the first laid first."""
        # The very series: files of two patients may carry the same UIDs.
        return tuple(layer for layer, over in self._layers.values() if over is series)

    def layers_on(self, series: Series) -> tuple[Layer, ...]:
        """Segments and structures over ``series``."""
        return tuple(layer for layer in self.laid_on(series) if isinstance(layer, Layer))

    def washes_on(self, series: Series) -> tuple[Wash, ...]:
        """Values shown as colours over ``series``."""
        return tuple(layer for layer in self.laid_on(series) if isinstance(layer, Wash))

    def reveal(self) -> None:
        """Something that lies over images has become ready to draw."""
        self._tell(Change.LAYERS)

    # -- the document ----------------------------------------------------------------------------------------------

    def commit(self, name: str, document: Document) -> None:
        """Makes ``document`` the present one, under the name that undo shows."""
        self._history.commit(name, document)
        self._tell(DOCUMENT)

    def undo(self) -> None:
        """One step back; nothing happens at the beginning."""
        if self._history.undo():
            self._tell(DOCUMENT)

    def redo(self) -> None:
        """One step forward again."""
        if self._history.redo():
            self._tell(DOCUMENT)

    def restore(self, kept: Document) -> None:
        """Adds what an earlier session kept about the studies that have just been opened. It is no step to undo, and
        what this session knows already, be it deleted, stays as this session has it."""
        more = kept.without(self._history.knows())
        if more.ids():
            self._history.found(more)
            self._tell(DOCUMENT)

    def set_style(self, style: OverlayStyle) -> None:
        """Visibility and opacity of overlays."""
        if style != self.style:
            self.style = style
            self._tell(Change.OVERLAY_STYLE)

    def accept(self, result: Result, series: Series, indices: tuple[int, ...]) -> Overlay | None:
        """Takes a model's answer on frames ``indices`` of ``series`` into the document: an overlay and *proposed*
        findings.

        A second run of the same model on the same frames replaces the first. Returns the overlay, or ``None`` for a
        result without masks.
        """
        document = self.document
        for old in document.overlays_on(series):
            if old.model.id == result.model.id and old.indices == indices:
                document = document.without_overlay(old.id)
        document = document.without_scores(result.model.id, Place.of(series, indices[0]))
        overlay = None
        if result.label_map is not None:
            overlay = Overlay(new_id(), series.key, indices, result.label_map, result.labels, result.model)
            document = document.with_overlay(overlay)
        for finding in _findings(result, series, indices, overlay):
            document = document.with_finding(finding)
        self.commit(say("AI: {model}", model=result.model.id), document)
        return overlay

    def judge(self, finding_id: str, status: FindingStatus) -> None:
        """The reader's verdict on a finding. Raises ``KeyError`` for an unknown id."""
        for finding in self.document.findings:
            if finding.id == finding_id:
                names = {
                    "accepted": say("Accept finding"),
                    "rejected": say("Reject finding"),
                    "proposed": say("Reopen finding"),
                }
                self.commit(names[status.value], self.document.with_finding(replace(finding, status=status)))
                return
        raise KeyError(finding_id)


def _findings(result: Result, series: Series, indices: tuple[int, ...], overlay: Overlay | None) -> tuple[Finding, ...]:
    """One finding a label, with the measures whose name begins with the label's; one for each score."""
    place = Place.of(series, indices[0])
    findings = []
    named = {label.name: label.code for label in result.labels}
    for label in result.labels if overlay is not None else ():
        prefix = f"{label.name}: "
        measures: tuple[tuple[str, Measure], ...] = tuple(
            (known(name.removeprefix(prefix)), measure)
            for name, measure in result.measures.items()
            if name.startswith(prefix)
        )
        findings.append(
            Finding(
                id=new_id(),
                kind=label.name,
                place=place,
                measures=measures,
                origin=result.model,
                overlay_id=overlay.id if overlay is not None else "",
                label_value=label.value,
                code=label.code,
                notes=result.notes,
            )
        )
    findings.extend(
        Finding(
            id=new_id(),
            kind=known(named[name].meaning) if name in named else known(name),
            place=place,
            score=score,
            origin=result.model,
            code=named.get(name),
            notes=result.notes,
            interval=result.intervals.get(name),
        )
        for name, score in result.scores.items()
    )
    return tuple(findings)
