"""The card of a series that a model made: how strong, the original, the difference."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QSlider, QVBoxLayout, QWidget

from app.core.enhanced import Made, made_by_model
from app.ui import theme
from app.ui.language import tr
from app.ui.widgets import button, label

if TYPE_CHECKING:
    from app.core.session import Session
    from app.ui.enhancing import Enhancing


class EnhancementCard(QFrame):
    """Shown where the active series is one of a family of original and enhanced. It asks; ``Enhancing`` does."""

    shownOrHidden = Signal()

    def __init__(self, session: Session, enhancing: Enhancing, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("card")
        self._session, self._enhancing = session, enhancing
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 10, 12, 12)
        column.setSpacing(6)
        self.title = label("", "heading", wrap=True)
        column.addWidget(self.title)
        self.told = label("", "small", wrap=True)
        column.addWidget(self.told)
        self._strength_row = QWidget()
        line = QHBoxLayout(self._strength_row)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(theme.SPACE)
        line.addWidget(label(tr("Strength"), "quiet"))
        self.strength = QSlider(Qt.Orientation.Horizontal)
        self.strength.setRange(5, 100)
        self.strength.setSingleStep(5)
        self.strength.setPageStep(25)
        # The series is made anew for each value, so only for those that the reader stops at.
        self.strength.setTracking(False)
        self.strength.setAccessibleName(tr("Strength of the enhancement in per cent"))
        self.strength.setToolTip(tr("How much of what the model did is in the images"))
        self.strength.sliderMoved.connect(self._say_strength)
        self.strength.valueChanged.connect(self._choose_strength)
        line.addWidget(self.strength, 1)
        self._strength_text = label("", "quiet")
        self._strength_text.setMinimumWidth(44)
        self._strength_text.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        line.addWidget(self._strength_text)
        column.addWidget(self._strength_row)
        foot = QHBoxLayout()
        foot.setSpacing(theme.SPACE)
        self.original = button(tr("Show original"))
        self.original.setToolTip(tr("The original, and what the model made of it (F2)"))
        self.original.clicked.connect(enhancing.toggle)
        self.difference = button(tr("Difference"))
        self.difference.setToolTip(tr("What the model changed: enhanced minus original (Shift+F2)"))
        self.difference.clicked.connect(enhancing.toggle_difference)
        foot.addWidget(self.original)
        foot.addWidget(self.difference)
        foot.addStretch(1)
        column.addLayout(foot)
        enhancing.changed.connect(self.refresh)
        self.refresh()

    def refresh(self) -> None:
        """Fits the card to the active series."""
        series, family, made = self._session.active, self._enhancing.family(), self._enhancing.of_family()
        here = series is not None and family.original is not None and family.enhanced is not None
        self.setVisible(here)
        self.shownOrHidden.emit()
        if series is None or not here:
            return
        kind = made_by_model(series)
        self.title.setText(
            {None: tr("Original"), Made.ENHANCED: tr("AI-enhanced"), Made.DIFFERENCE: tr("AI difference")}[kind]
        )
        self.told.setText(
            {
                None: tr("An AI-enhanced series of this one is open."),
                Made.ENHANCED: tr("Noise was reduced by a model. Compare with the original before you rely on it."),
                Made.DIFFERENCE: tr(
                    "What the model changed, in HU. Structures seen here were altered, not only noise."
                ),
            }[kind]
        )
        self.original.setText(tr("Show AI-enhanced") if kind is None else tr("Show original"))
        self.difference.setText(tr("Back to AI-enhanced") if kind is Made.DIFFERENCE else tr("Show difference"))
        self._strength_row.setVisible(made is not None)
        if made is not None:
            self.strength.blockSignals(True)
            self.strength.setValue(made.strength)
            self.strength.blockSignals(False)
            self._say_strength(made.strength)

    def _say_strength(self, percent: int) -> None:
        self._strength_text.setText(tr("{percent} %", percent=percent))

    def _choose_strength(self, percent: int) -> None:
        self._say_strength(percent)
        self._enhancing.set_strength(percent)
