"""One object of the study in the objects panel: what it is, its parts to show and hide, what to know about it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QCheckBox, QFrame, QHBoxLayout, QSlider, QVBoxLayout, QWidget

from app.core.wash import Wash
from app.dicom.objects import ObjectKind
from app.errors import UserError
from app.report.wording import date
from app.ui import icons, theme
from app.ui.language import shown, tr, tr_n
from app.ui.result_card import Swatch
from app.ui.viewport.wash import value_text
from app.ui.widgets import ProgressBar, icon_button, label
from app.ui.wording import sentence
from inference.words import joined, say

if TYPE_CHECKING:
    from app.core.attachments import Attachment
    from app.core.layers import Layer
    from app.core.session import OverlayStyle
    from app.dicom.objects import StoredObject
    from inference.types import Label


def kind_name(kind: ObjectKind) -> str:
    """What a kind is called on screen."""
    return shown(_KINDS[kind])


_KINDS = {
    ObjectKind.SEG: say("Segmentation"),
    ObjectKind.RTSTRUCT: say("Radiotherapy structure set"),
    ObjectKind.RTDOSE: say("Radiotherapy dose"),
    ObjectKind.PARAMETRIC_MAP: say("Parametric map"),
    ObjectKind.PRESENTATION_STATE: say("Presentation state"),
    ObjectKind.KEY_OBJECTS: say("Key object selection"),
    ObjectKind.REPORT: say("Structured report"),
    ObjectKind.DOCUMENT: say("Encapsulated document"),
}


class PartRow(QWidget):
    """A segment or a structure: seen or not, and the way to it."""

    shown = Signal(int, bool)
    """(value, visible)"""
    jump = Signal(int)
    """An image that it is on."""

    def __init__(self, part: Label, frames: tuple[int, ...]) -> None:
        super().__init__()
        self.part = part
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 1, 0, 1)
        line.setSpacing(theme.SPACE)
        self.visible = QCheckBox()
        self.visible.setAccessibleName(tr("Show {name}", name=part.name))
        self.visible.setToolTip(tr("Show or hide {name}", name=part.name))
        self.visible.toggled.connect(lambda on: self.shown.emit(part.value, on))
        line.addWidget(self.visible)
        line.addWidget(Swatch(part.colour))
        line.addWidget(label(part.name, wrap=True), 1)
        self.go = icon_button("crosshair-simple", tr("Go to {name}", name=part.name))
        self.go.setEnabled(bool(frames))
        if frames:
            count = tr_n("%n image", "%n images", len(frames))
            self.go.setToolTip(tr("Go to {name} ({count})", name=part.name, count=count))
            self.go.clicked.connect(lambda: self.jump.emit(frames[len(frames) // 2]))
        else:
            self.go.setToolTip(tr("{name} is on no image of this series", name=part.name))
        line.addWidget(self.go)


class ThresholdRow(QWidget):
    """What a wash of colours shows, and from which value on."""

    chosen = Signal(float)

    _STEPS = 200

    def __init__(self, wash: Wash) -> None:
        super().__init__()
        self._wash = wash
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 4, 0, 0)
        column.setSpacing(2)
        span = wash.high - wash.low
        unit = f" {wash.unit}" if wash.unit else ""
        bounds = tr(
            "{low} to {high}{unit}", low=value_text(wash.low, span), high=value_text(wash.high, span), unit=unit
        )
        column.addWidget(label(f"{wash.quantity}: {bounds}", wrap=True))
        line = QHBoxLayout()
        line.setSpacing(theme.SPACE)
        line.addWidget(label(tr("From"), "quiet"))
        self.slider = QSlider(Qt.Orientation.Horizontal)
        self.slider.setRange(0, self._STEPS)
        self.slider.setAccessibleName(tr("Smallest value of {quantity} that is shown", quantity=wash.quantity))
        self.slider.valueChanged.connect(lambda at: self.chosen.emit(wash.low + at / self._STEPS * span))
        line.addWidget(self.slider, 1)
        self.value = label("", "quiet")
        self.value.setMinimumWidth(64)
        self.value.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        line.addWidget(self.value)
        column.addLayout(line)

    def show_value(self, value: float) -> None:
        """The threshold that holds now."""
        wash = self._wash
        span = wash.high - wash.low
        self.slider.blockSignals(True)
        self.slider.setValue(round((value - wash.low) / (span or 1.0) * self._STEPS))
        self.slider.blockSignals(False)
        unit = f" {wash.unit}" if wash.unit else ""
        self.value.setText(f"{value_text(value, span)}{unit}")


class ObjectCard(QFrame):
    """One object that belongs to the series on screen."""

    shown = Signal(object, bool)
    """(``StoredObject``, visible)"""
    threshold_chosen = Signal(str, float)
    """(object's uid, value)"""
    part_shown = Signal(str, int, bool)
    """(object's uid, value of the part, visible)"""
    jump = Signal(int)

    def __init__(self, stored: StoredObject) -> None:
        super().__init__()
        self.setObjectName("card")
        self.stored = stored
        self.rows: list[PartRow] = []
        self._layer: Layer | Wash | None = None
        self.threshold: ThresholdRow | None = None
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 10, 12, 10)
        column.setSpacing(4)
        head = QHBoxLayout()
        head.addWidget(label(stored.label, "heading", wrap=True), 1)
        self.eye = icon_button("eye", tr("Show {label}", label=stored.label), checkable=True)
        self.eye.clicked.connect(lambda on: self.shown.emit(stored, on))
        head.addWidget(self.eye)
        column.addLayout(head)
        facts = [kind_name(stored.kind), date(stored.date)]
        if stored.description and stored.description != stored.label:
            facts.append(stored.description)
        about = label("  ·  ".join(fact for fact in facts if fact), "small", wrap=True)
        about.setToolTip(stored.path.name)
        column.addWidget(about)
        self._progress = ProgressBar()
        self._progress.setRange(0, 100)
        self._progress.setTextVisible(False)
        self._progress.setAccessibleName(tr("Reading {label}", label=stored.label))
        self._progress.hide()
        column.addWidget(self._progress)
        self._parts = QVBoxLayout()
        self._parts.setSpacing(0)
        column.addLayout(self._parts)
        self._notes = QVBoxLayout()
        column.addLayout(self._notes)
        self._fault = label("", "error", wrap=True)
        self._fault.hide()
        column.addWidget(self._fault)

    def arrange(self, layer: Layer | Wash | None, style: OverlayStyle, *, busy: bool, fault: Exception | None) -> None:
        """``layer``: what lies over the series, if it does; ``fault``: why it cannot."""
        if layer is not self._layer:
            self._layer = layer
            self._fill(layer)
        self.eye.setChecked(layer is not None or busy)
        self.eye.setIcon(icons.icon("eye" if self.eye.isChecked() else "eye-slash", theme.TEXT_QUIET))
        self._progress.setVisible(busy)
        if not busy:
            self._progress.setValue(0)
        text = sentence(fault.why or fault.what) if isinstance(fault, UserError) else tr("It cannot be read.")
        text = text if fault is not None else ""
        self._fault.setText(text)
        self._fault.setVisible(bool(text))
        if self.threshold is not None and isinstance(layer, Wash):
            self.threshold.show_value(style.threshold_of(layer))
        for row in self.rows:
            row.visible.blockSignals(True)
            row.visible.setChecked((self.stored.uid, row.part.value) not in style.hidden_labels)
            row.visible.blockSignals(False)
            row.visible.setEnabled(style.visible)

    def show_progress(self, fraction: float) -> None:
        """How much of it has been read."""
        self._progress.setValue(round(fraction * 100))

    def _fill(self, layer: Layer | Wash | None) -> None:
        for layout in (self._parts, self._notes):
            while layout.count():
                item = layout.takeAt(0)
                widget = item.widget() if item is not None else None
                if widget is not None:
                    widget.hide()
                    widget.deleteLater()
        self.rows.clear()
        self.threshold = None
        if layer is None:
            return
        if isinstance(layer, Wash):
            self.threshold = ThresholdRow(layer)
            self.threshold.chosen.connect(lambda value: self.threshold_chosen.emit(self.stored.uid, value))
            self._parts.addWidget(self.threshold)
        else:
            self._fill_parts(layer)
        for note in layer.notes:
            self._notes.addWidget(self._note(note))

    def _fill_parts(self, layer: Layer) -> None:
        where = layer.frames_of_parts()
        for part in layer.parts:
            row = PartRow(part, where.get(part.value, ()))
            row.shown.connect(lambda value, on: self.part_shown.emit(self.stored.uid, value, on))
            row.jump.connect(self.jump)
            self.rows.append(row)
            self._parts.addWidget(row)

    def _note(self, text: str) -> QWidget:
        line = QWidget()
        inner = QHBoxLayout(line)
        inner.setContentsMargins(0, 4, 0, 0)
        inner.setSpacing(6)
        mark = label()
        mark.setPixmap(icons.pixmap("info", 14, theme.WARNING, self.devicePixelRatioF()))
        mark.setFixedWidth(16)
        inner.addWidget(mark)
        inner.addWidget(label(text, "small", wrap=True), 1)
        return line


class UnattachedRow(QFrame):
    """An object of the same patient that does not lie on the series on screen: where it does, or why nowhere."""

    def __init__(self, attachment: Attachment) -> None:
        super().__init__()
        self.setObjectName("card")
        stored = attachment.object
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 8, 12, 8)
        column.setSpacing(2)
        column.addWidget(label(stored.label, "heading", wrap=True))
        what = "  ·  ".join(part for part in (kind_name(stored.kind), date(stored.date)) if part)
        column.addWidget(label(what, "small", wrap=True))
        if attachment.series:
            names = [f"{s.modality} {s.description or s.number or ''}".strip() for s in attachment.series]
            self.why = label(tr("On {names}", names=joined(", ", dict.fromkeys(names))), "small", wrap=True)
        else:
            self.why = label(attachment.why_not, "warning" if stored.instance_uids else "small", wrap=True)
        column.addWidget(self.why)
