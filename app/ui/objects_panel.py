"""The objects panel: what a study holds to lay over images, what of it lies over the series on screen, what not."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QScrollArea, QSizePolicy, QSlider, QVBoxLayout, QWidget

from app.core.attachments import attached_to
from app.core.objects import DRAWN
from app.core.session import Change
from app.ui import theme
from app.ui.language import shown, tr
from app.ui.later import Later
from app.ui.object_card import ObjectCard, UnattachedRow
from app.ui.widgets import icon_button, label
from inference.words import say

if TYPE_CHECKING:
    from app.core.session import Session
    from app.dicom.objects import StoredObject
    from app.ui.attaching import Attaching

NOTHING = say(
    "Segmentations, structure sets, doses and parametric maps are listed here with the images they belong to."
)


class ObjectsPanel(QWidget):
    """Draws from the session; it asks for objects to be laid over the images, and never reads one itself."""

    jump = Signal(int)
    """The image of the active series to show."""

    def __init__(self, session: Session, attaching: Attaching, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._attaching = attaching
        self._cards: list[ObjectCard] = []
        self._other_rows: list[UnattachedRow] = []
        self._filling = Later(self._fill, self)
        content = QWidget()
        self._column = QVBoxLayout(content)
        self._column.setContentsMargins(12, 12, 12, 12)
        self._column.setSpacing(theme.SPACE)
        self._head = self._heading()
        self._column.addWidget(self._head)
        self.nothing = label("", "quiet", wrap=True)
        self._column.addWidget(self.nothing)
        self._list = QVBoxLayout()
        self._list.setSpacing(theme.SPACE)
        self._column.addLayout(self._list)
        self._others_head = label(tr("Not on this series"), "section")
        self._others_head.setContentsMargins(0, theme.SPACE, 0, 0)
        self._column.addWidget(self._others_head)
        self._others = QVBoxLayout()
        self._others.setSpacing(theme.SPACE)
        self._column.addLayout(self._others)
        self._column.addStretch(1)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        content.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        area.setWidget(content)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(area, 1)
        attaching.changed.connect(self._show_state)
        attaching.progressed.connect(self._show_progress)
        session.subscribe(self._changed)
        self._fill()

    def _heading(self) -> QWidget:
        box = QWidget()
        column = QVBoxLayout(box)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        line = QHBoxLayout()
        line.addWidget(label(tr("On this series"), "section"), 1)
        self.shown = icon_button("eye", tr("Show overlays"), checkable=True)
        self.shown.clicked.connect(lambda on: self._session.set_style(replace(self._session.style, visible=on)))
        line.addWidget(self.shown)
        column.addLayout(line)
        fade = QHBoxLayout()
        fade.setSpacing(theme.SPACE)
        fade.addWidget(label(tr("Opacity"), "quiet"))
        self.opacity = QSlider(Qt.Orientation.Horizontal)
        self.opacity.setRange(0, 100)
        self.opacity.setAccessibleName(tr("Opacity of overlays"))
        self.opacity.valueChanged.connect(
            lambda value: self._session.set_style(replace(self._session.style, opacity=value / 100))
        )
        fade.addWidget(self.opacity, 1)
        self._percent = label("", "quiet")
        self._percent.setMinimumWidth(40)
        self._percent.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        fade.addWidget(self._percent)
        column.addLayout(fade)
        return box

    def _changed(self, change: Change) -> None:
        if change & (Change.STUDIES | Change.ACTIVE_SERIES):
            for row in (*self._cards, *self._other_rows):
                # What they speak of may be closed: until they are made anew no click may reach them.
                row.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
            self._filling.ask()
        elif change & (Change.LAYERS | Change.OVERLAY_STYLE):
            self._show_style()

    @property
    def cards(self) -> list[ObjectCard]:
        """What belongs to the active series, a card an object."""
        self._filling.settle()
        return self._cards

    @property
    def others(self) -> list[UnattachedRow]:
        """What the patient's studies hold for other series."""
        self._filling.settle()
        return self._other_rows

    def _fill(self) -> None:
        for row in (*self._cards, *self._other_rows):
            row.hide()
            row.deleteLater()
        self._cards.clear()
        self._other_rows.clear()
        series, study = self._session.active, self._session.active_study()
        known = self._session.attachments
        # What is read rather than drawn (reports, documents) has its place among the studies.
        known = tuple(attachment for attachment in known if attachment.object.kind in DRAWN)
        here = attached_to(known, series) if series is not None else ()
        for stored in here:
            card = ObjectCard(stored)
            card.shown.connect(self._toggle)
            card.part_shown.connect(self._show_part)
            card.jump.connect(self.jump)
            card.threshold_chosen.connect(self._choose_threshold)
            self._cards.append(card)
            self._list.addWidget(card)
        for attachment in known:
            stored = attachment.object
            theirs = study is not None and stored.patient_id == study.patient.id
            if theirs and not any(stored is other for other in here):
                row = UnattachedRow(attachment)
                self._other_rows.append(row)
                self._others.addWidget(row)
        self._head.setVisible(bool(self._cards))
        self._others_head.setVisible(bool(self._other_rows))
        self.nothing.setText(
            shown(NOTHING) if not (self._cards or self._other_rows) else tr("Nothing lies over this series.")
        )
        self.nothing.setVisible(not self._cards)
        self._show_style()

    def _show_style(self) -> None:
        style = self._session.style
        self.shown.setChecked(style.visible)
        self.opacity.blockSignals(True)
        self.opacity.setValue(round(style.opacity * 100))
        self.opacity.blockSignals(False)
        self.opacity.setEnabled(style.visible)
        self._percent.setText(f"{round(style.opacity * 100)} %")
        for card in self._cards:
            self._arrange(card)

    def _arrange(self, card: ObjectCard) -> None:
        series = self._session.active
        if series is None:
            return
        layers = self._session.laid_on(series)
        layer = next((layer for layer in layers if layer.uid == card.stored.uid), None)
        busy = self._attaching.is_busy(card.stored, series)
        card.arrange(layer, self._session.style, busy=busy, fault=self._attaching.fault(card.stored, series))

    def _show_state(self, stored: StoredObject) -> None:
        for card in self._cards:
            if card.stored.uid == stored.uid:
                self._arrange(card)

    def _show_progress(self, stored: StoredObject, fraction: float) -> None:
        for card in self._cards:
            if card.stored.uid == stored.uid:
                card.show_progress(fraction)

    def _toggle(self, stored: StoredObject, on: bool) -> None:
        series = self._session.active
        if series is None:
            return
        if on:
            self._attaching.show(stored, series)
        else:
            self._attaching.hide(stored, series)

    def _choose_threshold(self, uid: str, value: float) -> None:
        self._session.set_style(self._session.style.with_threshold(uid, value))

    def _show_part(self, uid: str, value: int, on: bool) -> None:
        style = self._session.style
        hidden = style.hidden_labels - {(uid, value)} if on else style.hidden_labels | {(uid, value)}
        self._session.set_style(replace(style, hidden_labels=hidden))
