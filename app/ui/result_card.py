"""What a model said about the series on screen: its labels to show and hide, its findings to accept or reject."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QCheckBox, QFrame, QHBoxLayout, QVBoxLayout, QWidget

from app.core.document import Finding, FindingStatus, Overlay
from app.report.wording import measure as measure_text
from app.ui import icons, theme
from app.ui.heat_chooser import HeatChooser
from app.ui.language import tr
from app.ui.widgets import button, icon_button, label, rule
from app.ui.wording import capital, score_text
from inference.words import joined, known, say

if TYPE_CHECKING:
    from inference.types import ModelRef, Result

_STATUS = {
    FindingStatus.PROPOSED: (say("Proposed"), "small"),
    FindingStatus.ACCEPTED: (say("Accepted"), "success"),
    FindingStatus.REJECTED: (say("Rejected"), "error"),
}


class Swatch(QWidget):
    """A label's colour, as it lies over the image."""

    def __init__(self, colour: tuple[int, int, int]) -> None:
        super().__init__()
        self._colour = QColor(*colour)
        self.setFixedSize(12, 12)

    def paintEvent(self, _: QPaintEvent) -> None:
        """A small filled square."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QColor(theme.LINE))
        painter.setBrush(self._colour)
        painter.drawRoundedRect(self.rect().adjusted(0, 0, -1, -1), 3, 3)
        painter.end()


class FindingRow(QWidget):
    """One finding: what, how much, and the reader's verdict."""

    judged = Signal(str, object)
    """(finding id, ``FindingStatus``)"""
    shown = Signal(str, int, bool)
    """(overlay id, label value, visible)"""
    edit = Signal(str, int)
    """(overlay id, label value): the reader wants to change the mask."""

    def __init__(self, finding: Finding, colour: tuple[int, int, int] | None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.finding = finding
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 4, 0, 4)
        column.setSpacing(2)
        head = QHBoxLayout()
        head.setSpacing(theme.SPACE)
        self.visible = QCheckBox()
        self.visible.setAccessibleName(tr("Show {kind}", kind=finding.kind))
        self.visible.setToolTip(tr("Show or hide {kind}", kind=finding.kind))
        self.visible.toggled.connect(lambda on: self.shown.emit(finding.overlay_id, finding.label_value, on))
        # Never shown here: what has no parent yet would be a window of its own for a moment.
        if colour is None:
            self.visible.hide()
        head.addWidget(self.visible)
        if colour is not None:
            head.addWidget(Swatch(colour))
        # One under the other: a long name keeps its words whole beside the buttons.
        titles = QVBoxLayout()
        titles.setSpacing(0)
        titles.addWidget(label(finding.kind, "heading", wrap=True))
        text, role = _STATUS[finding.status]
        titles.addWidget(label(text, role))
        head.addLayout(titles, 1)
        self.accept = icon_button("check", tr("Accept {kind}", kind=finding.kind), checkable=True, colour=theme.SUCCESS)
        self.reject = icon_button("x", tr("Reject {kind}", kind=finding.kind), checkable=True, colour=theme.ERROR)
        self.accept.setChecked(finding.status is FindingStatus.ACCEPTED)
        self.reject.setChecked(finding.status is FindingStatus.REJECTED)
        self.accept.clicked.connect(lambda: self._judge(FindingStatus.ACCEPTED))
        self.reject.clicked.connect(lambda: self._judge(FindingStatus.REJECTED))
        head.addWidget(self.accept)
        head.addWidget(self.reject)
        column.addLayout(head)
        facts = [(capital(name), measure_text(measure)) for name, measure in finding.measures]
        if finding.score is not None:
            facts.insert(0, (tr("Probability"), score_text(finding.score, finding.interval)))
        for name, value in facts:
            column.addLayout(_fact(name, value, 44 if colour is not None else 0))
        foot = QHBoxLayout()
        foot.setContentsMargins(36 if colour is not None else 0, 0, 6, 0)
        self.brush = button(tr("Edit mask"), "paint-brush", quiet=True)
        self.brush.setCheckable(True)
        self.brush.setAccessibleName(tr("Edit the mask of {kind}", kind=finding.kind))
        self.brush.setToolTip(tr("Edit the mask of {kind}", kind=finding.kind))
        self.brush.clicked.connect(lambda: self.edit.emit(finding.overlay_id, finding.label_value))
        if colour is None:
            self.brush.hide()
        foot.addWidget(self.brush)
        foot.addStretch(1)
        if finding.edited:
            foot.addWidget(label(tr("Edited by the reader"), "small"))
        column.addLayout(foot)

    def _judge(self, status: FindingStatus) -> None:
        # A second click on the same verdict takes it back.
        wanted = FindingStatus.PROPOSED if self.finding.status is status else status
        self.judged.emit(self.finding.id, wanted)


def _fact(name: str, value: str, indent: int = 0) -> QHBoxLayout:
    """A name on the left, its value on the right."""
    line = QHBoxLayout()
    line.setContentsMargins(indent, 0, 6, 0)
    line.addWidget(label(name, "quiet", wrap=True), 1)
    line.addWidget(label(value))
    return line


@dataclass(frozen=True)
class Answer:
    """What a card tells: equal answers make equal cards.

    ``title``: the model's. ``where``: which image of the series it is about, for series of several. ``result``: of the
    run, where it was in this session.
    """

    model: ModelRef
    title: str
    overlay: Overlay | None
    findings: tuple[Finding, ...]
    where: str = ""
    result: Result | None = None

    @property
    def is_edited(self) -> bool:
        """Whether masks are other than the model made them, so that measures over several are no longer true."""
        return self.overlay is not None and bool(self.overlay.by_hand)


class ResultCard(QFrame):
    """One model's answer."""

    judged = Signal(str, object)
    shown = Signal(str, int, bool)
    edit = Signal(str, int)
    removed = Signal(str)
    """Overlay id."""
    withdrawn = Signal(object)
    """The findings to remove, of an answer without an overlay."""
    explained = Signal(str)
    """Id of the model whose card is wanted."""
    jump = Signal(object)
    """The finding whose frame should be shown."""

    def __init__(self, answer: Answer, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("card")
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 10, 12, 10)
        column.setSpacing(4)
        head = QHBoxLayout()
        self.answer = answer
        model, title, overlay, findings = answer.model, answer.title, answer.overlay, answer.findings
        head.addWidget(label(title, "heading", wrap=True), 1)
        explain = icon_button("info", tr("Explain {title}: how it was made and how far it can be trusted", title=title))
        explain.clicked.connect(lambda: self.explained.emit(model.id))
        head.addWidget(explain)
        remove = icon_button("trash", tr("Remove the result of {title}", title=title))
        remove.clicked.connect(self._remove)
        head.addWidget(remove)
        column.addLayout(head)
        self.rows: list[FindingRow] = []
        colours = {} if overlay is None else {item.value: item.colour for item in overlay.labels}
        for finding in findings:
            row = FindingRow(finding, colours.get(finding.label_value))
            row.judged.connect(self.judged)
            row.shown.connect(self.shown)
            row.edit.connect(self.edit)
            self.rows.append(row)
            column.addWidget(row)
        self.heat = HeatChooser()
        self.heat.hide()
        column.addWidget(self.heat)
        self._whole = QVBoxLayout()
        self._whole.setSpacing(2)
        column.addLayout(self._whole)
        notes = tuple(dict.fromkeys(note for finding in findings for note in finding.notes))
        if notes:
            column.addWidget(rule())
        for note in notes:
            line = QHBoxLayout()
            line.setSpacing(6)
            mark = label()
            mark.setPixmap(icons.pixmap("info", 14, theme.WARNING, self.devicePixelRatioF()))
            mark.setFixedWidth(16)
            line.addWidget(mark)
            line.addWidget(label(note, "small", wrap=True), 1)
            column.addLayout(line)
        origin = label(
            f"{model.id} {model.version}  ·  sha256 {model.sha256[:12]}",
            "small",
            selectable=True,
            wrap=True,
        )
        self._run = label("", "small", wrap=True)
        self._run.hide()
        origin.setToolTip(tr("SHA-256 of the weights: {sha256}", sha256=model.sha256))
        column.addWidget(rule())
        column.addWidget(origin)
        column.addWidget(self._run)
        if answer.where and findings:
            jump = button(answer.where, "image", link=True)
            jump.setToolTip(tr("Show this image"))
            jump.clicked.connect(lambda: self.jump.emit(findings[0]))
            column.addWidget(jump)
        if answer.result is not None:
            self._tell_run(answer.result)

    def _remove(self) -> None:
        if self.answer.overlay is not None:
            self.removed.emit(self.answer.overlay.id)
        else:
            self.withdrawn.emit(self.answer.findings)

    def _tell_run(self, result: Result) -> None:
        """What the answer tells besides its findings: measures of no single label, where and how long it ran."""
        self._run.show()
        self.heat.offer(result.maps)
        where = tr("the processor") if result.device == "cpu" else result.device
        loading = result.timings_s.get("load", 0.0)
        text = tr("Ran on {where} in {seconds:.1f} s", where=where, seconds=sum(result.timings_s.values()) - loading)
        # The first run loads the network; later ones do not, and this says why they are faster.
        self._run.setText(
            tr("{text}, after {loading:.1f} s of loading", text=text, loading=loading) if loading >= 0.1 else text
        )
        labels = tuple(f"{item.name}: " for item in result.labels)
        for name, measure in () if self.answer.is_edited else result.measures.items():
            if not name.startswith(labels or ("\0",)):
                self._whole.addLayout(_fact(capital(joined(": ", map(known, name.split(": ")))), measure_text(measure)))
