"""One model in the AI panel: what it does, whether it fits, Run, progress and Cancel."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QVBoxLayout, QWidget

from app.ui import theme
from app.ui.language import shown, tr
from app.ui.widgets import ProgressBar, button, icon_button, label
from app.ui.wording import percent, sentence
from inference.words import said_by

if TYPE_CHECKING:
    from inference.bundle import BrokenBundle, Bundle
    from inference.types import Refused


class ModelRow(QFrame):
    """A card. ``fit`` and ``progress`` change what it offers."""

    run = Signal(object, bool)
    """(``Bundle``, insist)"""
    cancel = Signal(object)
    explain = Signal(object)

    def __init__(self, bundle: Bundle, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("card")
        self.bundle = bundle
        self.setAccessibleName(shown(bundle.title))
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 10, 12, 12)
        column.setSpacing(6)
        head = QHBoxLayout()
        head.setSpacing(theme.SPACE)
        head.addWidget(label(bundle.title, "heading", wrap=True), 1)
        about = icon_button("info", tr("About {title}: data, numbers and limits", title=bundle.title))
        about.clicked.connect(lambda: self.explain.emit(self.bundle))
        head.addWidget(about)
        column.addLayout(head)
        self._about = label(bundle.description, "small", wrap=True)
        column.addWidget(self._about)
        self._reason = label("", "small", wrap=True)
        column.addWidget(self._reason)
        foot = QHBoxLayout()
        foot.setSpacing(theme.SPACE)
        self.run_button = button(tr("Run"), "play", primary=True)
        self.run_button.clicked.connect(lambda: self.run.emit(self.bundle, False))
        self.insist_button = button(tr("Run anyway"))
        self.insist_button.setToolTip(tr("The file's header may be wrong: you decide"))
        self.insist_button.clicked.connect(lambda: self.run.emit(self.bundle, True))
        self.progress = ProgressBar()
        self.progress.setRange(0, 1000)
        self.progress.setTextVisible(False)
        self.progress.setAccessibleName(tr("Progress of {title}", title=bundle.title))
        self.cancel_button = button(tr("Cancel"))
        self.cancel_button.clicked.connect(lambda: self.cancel.emit(self.bundle))
        self._version = label(f"{bundle.id} {bundle.version}", "small")
        foot.addWidget(self.run_button)
        foot.addWidget(self.insist_button)
        foot.addWidget(self.progress, 1)
        self._percent = label("", "small")
        foot.addWidget(self._percent)
        foot.addWidget(self.cancel_button)
        foot.addStretch(0)
        foot.addWidget(self._version)
        column.addLayout(foot)
        self._fits = False
        self._overridable = False
        self._running = False
        self._refusal = ""
        self._arranged: tuple[bool, bool, bool, str] | None = None

    def fit(self, refusal: Refused | None) -> None:
        """Whether the model fits what is shown, and why not."""
        self._fits = refusal is None
        self._overridable = refusal is not None and refusal.overridable
        self._refusal = "" if refusal is None else sentence(said_by(refusal))
        self._arrange()

    def unusable(self, reason: str) -> None:
        """There is nothing it could run on."""
        self._fits = self._overridable = False
        self._refusal = reason
        self._arrange()

    def show_progress(self, fraction: float | None) -> None:
        """Fraction done while it runs; ``None`` when it does not."""
        self._running = fraction is not None
        if fraction is not None:
            self.progress.setValue(round(fraction * 1000))
            # The first run loads the network before it can tell how far it is.
            self._percent.setText(percent(fraction) if fraction else tr("Starting"))
        self._arrange()

    @property
    def fits(self) -> bool:
        """Whether Run is offered."""
        return self._fits

    def _arrange(self) -> None:
        state = self._fits, self._overridable, self._running, self._refusal
        if state == self._arranged:
            return
        self._arranged = state
        self.run_button.setVisible(self._fits and not self._running)
        self.insist_button.setVisible(self._overridable and not self._running)
        self.progress.setVisible(self._running)
        self._percent.setVisible(self._running)
        self.cancel_button.setVisible(self._running)
        self._version.setVisible(not self._running)
        self._about.setVisible(self._fits or self._running)
        self._reason.setText(self._refusal)
        self._reason.setVisible(bool(self._refusal))


class BrokenModelRow(QFrame):
    """A folder among the models that cannot be used, and why: a failed download must not vanish silently."""

    def __init__(self, broken: BrokenBundle, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("card")
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 10, 12, 12)
        column.addWidget(label(tr("{name} cannot be used", name=broken.root.name), "warning", wrap=True))
        column.addWidget(label(broken.reason, "small", wrap=True))
