"""The AI panel: models that fit what is shown, their runs, and what they said about the active series."""

from __future__ import annotations

from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QScrollArea, QSizePolicy, QSlider, QVBoxLayout, QWidget

from app.core import analysis
from app.core.document import Place
from app.core.heat import HeatWash, heat_wash
from app.core.mask_editing import Target
from app.core.session import Change
from app.core.view import place_text
from app.ui import theme
from app.ui.language import shown, tr
from app.ui.later import Later
from app.ui.model_row import BrokenModelRow, ModelRow
from app.ui.result_card import Answer, ResultCard
from app.ui.widgets import icon_button, label
from inference.bundle import BrokenBundle, Bundle
from inference.types import Refused
from inference.words import say

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.core.document import Finding, FindingStatus, Overlay
    from app.core.session import Session
    from app.dicom.model import Series
    from app.ui.analysing import Analyses
    from app.ui.enhancement_card import EnhancementCard
    from inference.types import ModelRef, Result

_MOST_LEFT = 8
"""Cards of series that the reader left and may come back to."""

RESEARCH_USE = say("Research use only. Not for diagnosis.")
_DEVICES = ((say("Automatic"), "auto"), (say("Processor"), "cpu"), (say("Graphics card (CUDA)"), "cuda"))


class AiPanel(QWidget):
    """Models above, answers below. It asks the window to run; it never runs anything itself."""

    run = Signal(object, bool)
    """(``Bundle``, insist)"""
    edit = Signal(str, int)
    """(overlay id, label value): the mask to take the brush to."""
    cancel = Signal(object)
    explain = Signal(object)
    device_chosen = Signal(str)
    jump = Signal(object)
    """A ``Place`` to show."""

    def __init__(self, session: Session, analyses: Analyses, device: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._analyses = analyses
        self._index = 0
        self._target: Target | None = None
        self.rows: dict[str, ModelRow] = {}
        self._above: list[bool] | None = None
        self._cards: list[ResultCard] = []
        self._left: list[ResultCard] = []
        self._said_anew = False
        self._filling = Later(self._fill_results, self)
        self._enhancement: EnhancementCard | None = None
        self._refused: dict[tuple[str, tuple[str, int]], Refused] = {}

        content = QWidget()
        self._column = QVBoxLayout(content)
        self._column.setContentsMargins(12, 12, 12, 12)
        self._column.setSpacing(theme.SPACE)
        self._hint = label(tr("Verifying models…"), "quiet", wrap=True)
        self._column.addWidget(self._models_heading(device))
        self._column.addWidget(self._hint)
        self._models = QVBoxLayout()
        self._models.setSpacing(theme.SPACE)
        self._column.addLayout(self._models)
        self._results_head = self._results_heading()
        self._column.addWidget(self._results_head)
        self._results = QVBoxLayout()
        self._results.setSpacing(theme.SPACE)
        self._column.addLayout(self._results)
        self._research = label(tr("AI result. {research_use}", research_use=RESEARCH_USE), "warning", wrap=True)
        self._column.addWidget(self._research)
        self._others_head = label(tr("Models that do not fit this series"), "section")
        self._others_head.setContentsMargins(0, theme.SPACE, 0, 0)
        self._column.addWidget(self._others_head)
        self._others = QVBoxLayout()
        self._others.setSpacing(theme.SPACE)
        self._column.addLayout(self._others)
        self._column.addStretch(1)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        # As wide as the panel, whatever a text would like: there is nothing to scroll to sideways.
        content.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        area.setWidget(content)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.setSpacing(0)
        outer.addWidget(area, 1)

        analyses.listed.connect(self._list_models)
        analyses.started.connect(lambda bundle: self._show_progress(bundle, 0.0))
        analyses.progressed.connect(self._show_progress)
        analyses.ended.connect(lambda bundle: self._show_progress(bundle, None))
        analyses.failed.connect(self._keep_refusal)
        session.subscribe(self._changed)
        self._list_models()
        self._fill_results()

    def place_enhancement(self, card: EnhancementCard) -> None:
        """The card of series that models made stands below the results."""
        self._enhancement = card
        self._column.insertWidget(self._column.indexOf(self._research), card)
        card.shownOrHidden.connect(self._say_research)
        self._say_research()

    def _say_research(self) -> None:
        made = self._enhancement is not None and not self._enhancement.isHidden()
        self._research.setVisible(bool(self._cards) or made)

    # -- parts -----------------------------------------------------------------------------------------------------

    def _models_heading(self, device: str) -> QWidget:
        row = QWidget()
        line = QHBoxLayout(row)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(theme.SPACE)
        line.addWidget(label(tr("Models"), "section"), 1)
        line.addWidget(label(tr("Run on"), "small"))
        self.device = QComboBox()
        self.device.setAccessibleName(tr("Device that models run on"))
        self.device.setToolTip(tr("Where models run. Automatic takes a CUDA graphics card where there is one."))
        for name, value in _DEVICES:
            self.device.addItem(shown(name), value)
        if self.device.findData(device) < 0:
            self.device.addItem(device, device)
        self.device.setCurrentIndex(self.device.findData(device))
        self.device.currentIndexChanged.connect(lambda: self.device_chosen.emit(self.device.currentData()))
        line.addWidget(self.device)
        return row

    def _results_heading(self) -> QWidget:
        box = QWidget()
        column = QVBoxLayout(box)
        column.setContentsMargins(0, theme.SPACE, 0, 0)
        column.setSpacing(4)
        line = QHBoxLayout()
        line.addWidget(label(tr("Results on this series"), "section"), 1)
        self.overlays_shown = icon_button("eye", tr("Show overlays"), checkable=True)
        self.overlays_shown.clicked.connect(
            lambda on: self._session.set_style(replace(self._session.style, visible=on))
        )
        line.addWidget(self.overlays_shown)
        column.addLayout(line)
        fade = QHBoxLayout()
        fade.setSpacing(theme.SPACE)
        fade.addWidget(label(tr("Opacity"), "quiet"))
        self.opacity = QSlider(Qt.Orientation.Horizontal)
        self.opacity.setRange(0, 100)
        self.opacity.setAccessibleName(tr("Opacity of overlays"))
        self.opacity.valueChanged.connect(self._set_opacity)
        fade.addWidget(self.opacity, 1)
        self._opacity_text = label("", "quiet")
        self._opacity_text.setMinimumWidth(40)
        self._opacity_text.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        fade.addWidget(self._opacity_text)
        self._opacity_row = QWidget()
        self._opacity_row.setLayout(fade)
        fade.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._opacity_row)
        return box

    # -- models ----------------------------------------------------------------------------------------------------

    def _list_models(self) -> None:
        _empty(self._models)
        _empty(self._others)
        self.rows.clear()
        self._above = None
        for bundle in self._analyses.bundles:
            if isinstance(bundle, BrokenBundle):
                continue
            row = ModelRow(bundle)
            row.run.connect(self.run)
            row.cancel.connect(self.cancel)
            row.explain.connect(self.explain)
            self.rows[bundle.id] = row
        self._fit_models()

    def _fit_models(self) -> None:
        """Those that fit stand first; the others say why they do not, below the results."""
        series = self._session.active
        for row in self.rows.values():
            if series is None:
                row.unusable(tr("Open a series to run it."))
            else:
                kept = self._refused.get((row.bundle.id, series.key))
                row.fit(kept or analysis.refusal(row.bundle, series, self._index))
            row.show_progress(0.0 if self._analyses.is_running(row.bundle) else None)
        self._place_models([row.fits or series is None for row in self.rows.values()])
        self._others_head.setVisible(self._others.count() > 0)
        waiting = not self._analyses.is_listed
        hint = tr("Verifying models…") if waiting else "" if self._analyses.bundles else tr("No models are installed.")
        if not hint and series is not None and not self._models.count():
            hint = tr("No model fits this series.")
        self._hint.setText(hint)
        self._hint.setVisible(bool(hint))

    def _place_models(self, above: list[bool]) -> None:
        """``above``: which rows stand above the results."""
        if above == self._above:
            # Laying out again what stands where it stood costs more than fitting it.
            return
        self._above = above
        for row in self.rows.values():
            self._models.removeWidget(row)
            self._others.removeWidget(row)
        for row, stands_above in zip(self.rows.values(), above, strict=True):
            (self._models if stands_above else self._others).addWidget(row)
        _drop_broken(self._others)
        for bundle in self._analyses.bundles:
            if isinstance(bundle, BrokenBundle):
                self._others.addWidget(BrokenModelRow(bundle))

    def set_index(self, index: int) -> None:
        """Another image of the series is on screen: models may fit it or not."""
        if index != self._index:
            self._index = index
            series = self._session.active
            # Headers of one stack agree in what a contract asks for; projections are a view of their own each.
            if series is not None and series.is_projection:
                self._fit_models()

    def _show_progress(self, bundle: Bundle, fraction: float | None) -> None:
        row = self.rows.get(bundle.id)
        if row is not None:
            row.show_progress(fraction)

    def _keep_refusal(self, bundle: Bundle, fault: Exception) -> None:
        """A refusal is an answer: it stays beside the model, for this series."""
        series = self._session.active
        if isinstance(fault, Refused) and series is not None:
            self._refused[bundle.id, series.key] = fault
            self._fit_models()

    # -- results ---------------------------------------------------------------------------------------------------

    def _changed(self, change: Change) -> None:
        if change & Change.STUDIES:
            self._refused.clear()
        if change & (Change.ACTIVE_SERIES | Change.STUDIES):
            self._index = 0
            self._fit_models()
        said = Change.STUDIES | Change.OVERLAYS | Change.FINDINGS
        if change & (said | Change.ACTIVE_SERIES):
            self._said_anew |= bool(change & said)
            self._lift_orphans()
            for card in self._cards:
                # What they speak of may be gone: until they are made anew no click may reach them.
                card.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
            self._filling.ask()
        elif change & Change.OVERLAY_STYLE:
            self._show_style()

    @property
    def cards(self) -> list[ResultCard]:
        """What was said about the active series, a card an answer."""
        self._filling.settle()
        return self._cards

    def _fill_results(self) -> None:
        series, known = self._session.active, (*self._cards, *self._left)
        answers = [] if series is None else self._answers(series)
        self._cards = []
        for answer in answers:
            card = next((card for card in known if card.answer == answer), None) or self._card(answer)
            card.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents, False)
            self._cards.append(card)
        # What was said of other series stays as it is while nothing new is said: making it again takes longer than
        # drawing the image that the reader goes back to.
        left = [card for card in known if card not in self._cards]
        self._left = [] if self._said_anew else left[:_MOST_LEFT]
        self._said_anew = False
        for card in left:
            self._results.removeWidget(card)
            card.hide()
            if card not in self._left:
                card.deleteLater()
        for place, card in enumerate(self._cards):
            self._results.insertWidget(place, card)
            card.show()
        self._show_laid()
        self._results_head.setVisible(bool(self._cards))
        self._say_research()
        self._show_style()
        self.mark_edited(self._target)

    def _answers(self, series: Series) -> list[Answer]:
        """What models said about ``series``."""
        made = []
        for (model, _), (overlay, findings) in _said_of(self._session, series).items():
            title = next((row.bundle.title for row in self.rows.values() if row.bundle.id == model.id), model.id)
            run = self._run_of(series, model, overlay, findings)
            result = None if run is None else run[1]
            made.append(Answer(model, title, overlay, tuple(findings), _where(series, findings), result))
        return made

    def _card(self, answer: Answer) -> ResultCard:
        card = ResultCard(answer)
        card.edit.connect(self.edit)
        card.judged.connect(self._judge)
        card.shown.connect(self._show_label)
        card.removed.connect(self._remove)
        card.withdrawn.connect(self._withdraw)
        card.explained.connect(self._explain)
        card.heat.chosen.connect(partial(self._lay, answer))
        card.jump.connect(lambda finding: self.jump.emit(finding.place))
        return card

    def mark_edited(self, target: Target | None) -> None:
        """Which label strokes edit now."""
        self._target = target
        for card in self._cards:
            for row in card.rows:
                here = Target(row.finding.overlay_id, row.finding.label_value)
                row.brush.setChecked(target == here)

    def _show_style(self) -> None:
        style = self._session.style
        self.overlays_shown.setChecked(style.visible)
        self.opacity.blockSignals(True)
        self.opacity.setValue(round(style.opacity * 100))
        self.opacity.blockSignals(False)
        self.opacity.setEnabled(style.visible)
        self._opacity_text.setText(f"{round(style.opacity * 100)} %")
        for card in self._cards:
            for row in card.rows:
                key = (row.finding.overlay_id, row.finding.label_value)
                row.visible.blockSignals(True)
                row.visible.setChecked(key not in style.hidden_labels)
                row.visible.blockSignals(False)
                row.visible.setEnabled(style.visible)

    def _set_opacity(self, value: int) -> None:
        self._session.set_style(replace(self._session.style, opacity=value / 100))

    def _show_label(self, overlay_id: str, value: int, visible: bool) -> None:
        style = self._session.style
        changed = (
            style.hidden_labels - {(overlay_id, value)} if visible else style.hidden_labels | {(overlay_id, value)}
        )
        self._session.set_style(replace(style, hidden_labels=changed))

    def _judge(self, finding_id: str, status: FindingStatus) -> None:
        self._session.judge(finding_id, status)

    # -- heat maps -------------------------------------------------------------------------------------------------

    def _run_of(
        self, series: Series, model: ModelRef, overlay: Overlay | None, findings: Sequence[Finding]
    ) -> tuple[tuple[int, ...], Result] | None:
        """The run behind a card, with the frames that it was about."""
        index = overlay.indices[0] if overlay is not None and overlay.indices else None
        if index is None and findings:
            index = findings[0].place.index_in(series)
        for indices, result in self._analyses.answers(series):
            if result.model == model and (index is None or index in indices):
                return indices, result
        return None

    def _lay(self, answer: Answer, name: str) -> None:
        """One heat map at a time over a series: two would hide each other."""
        series = self._session.active
        found = None if series is None else self._run_of(series, answer.model, None, answer.findings)
        if series is None or found is None:
            return
        indices, result = found
        for wash in self._session.washes_on(series):
            if isinstance(wash, HeatWash):
                self._session.lift(wash.uid, series.key)
        for heat in result.maps:
            if heat.name == name:
                self._session.lay(heat_wash(heat, answer.model, series, indices), series)
        if name and not self._session.style.visible:
            self._session.set_style(replace(self._session.style, visible=True))
        if name:
            self.jump.emit(Place.of(series, indices[0]))

    def _lift_orphans(self) -> None:
        """A map goes with the answer that it belongs to, be it removed, undone or replaced by a new run's."""
        series = self._session.active
        if series is None:
            return
        kept = {id(heat.values) for _, result in self._analyses.answers(series) for heat in result.maps}
        for wash in self._session.washes_on(series):
            if isinstance(wash, HeatWash) and id(wash.values) not in kept:
                self._session.lift(wash.uid, series.key)

    def _show_laid(self) -> None:
        """Each card's list says what lies over the image."""
        series = self._session.active
        laid = [] if series is None else [w for w in self._session.washes_on(series) if isinstance(w, HeatWash)]
        for card in self._cards:
            prefix = f"heat:{card.answer.model.id}:"
            names = [wash.quantity for wash in laid if wash.uid.startswith(prefix)]
            card.heat.show_chosen(names[0] if names else "")

    def _explain(self, model_id: str) -> None:
        row = self.rows.get(model_id)
        if row is not None:
            self.explain.emit(row.bundle)

    def _withdraw(self, findings: tuple[Finding, ...]) -> None:
        ids = {finding.id for finding in findings}
        self._session.commit(say("Remove AI result"), self._session.document.without_findings(ids))

    def _remove(self, overlay_id: str) -> None:
        self._session.commit(say("Remove AI result"), self._session.document.without_overlay(overlay_id))


def _said_of(session: Session, series: Series) -> dict[tuple[ModelRef, object], tuple[Overlay | None, list[Finding]]]:
    """What models said about ``series``: by model, then by overlay or image."""
    document = session.document
    overlays = {overlay.id: overlay for overlay in document.overlays_on(series)}
    groups: dict[tuple[ModelRef, object], tuple[Overlay | None, list[Finding]]] = {}
    for overlay in overlays.values():
        groups[overlay.model, overlay.id] = (overlay, [])
    for finding in document.findings:
        if finding.origin is None or (finding.place.series_uid, finding.place.stack) != series.key:
            continue
        key = (finding.origin, finding.overlay_id or finding.place)
        groups.setdefault(key, (overlays.get(finding.overlay_id), []))[1].append(finding)
    return groups


def _where(series: Series | None, findings: list[Finding]) -> str:
    if series is None or not findings or len(series.frames) == 1:
        return ""
    index = findings[0].place.index_in(series)
    if index is None:
        return ""
    place = place_text(series, index)
    return shown(place) if series.axis is not None else tr("{place} of {count}", place=place, count=len(series.frames))


def _empty(layout: QVBoxLayout) -> None:
    while layout.count():
        item = layout.takeAt(0)
        widget = item.widget() if item is not None else None
        if widget is not None:
            widget.hide()
            widget.deleteLater()


def _drop_broken(layout: QVBoxLayout) -> None:
    for position in reversed(range(layout.count())):
        item = layout.itemAt(position)
        widget = item.widget() if item is not None else None
        if isinstance(widget, BrokenModelRow):
            layout.removeWidget(widget)
            widget.deleteLater()
