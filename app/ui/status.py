"""The status bar: the value under the pointer, what runs in the background, and the line that is always there."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QHBoxLayout, QLabel, QStatusBar, QWidget

from app.ui import theme
from app.ui.ai_panel import RESEARCH_USE
from app.ui.language import shown, tr
from app.ui.widgets import ProgressBar, button, elided, icon_button, label

if TYPE_CHECKING:
    from collections.abc import Callable

    from app.ui.dispatch import Job

NOTE_MS = 8000


class StatusBar(QStatusBar):
    """Left: probe and short notes. Middle: the newest job with progress and Cancel. Right: the research-use line."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setSizeGripEnabled(False)
        self.probe = label("")
        self.probe.setAccessibleName(tr("Value under the pointer"))
        self.probe.setFont(theme.font(12))
        self._note = label("")
        self.link = button("", link=True)
        self.link.hide()
        self._follow: Callable[[], object] | None = None
        self.link.clicked.connect(self._follow_link)
        self._forget = QTimer(self)
        self._forget.setSingleShot(True)
        self._forget.timeout.connect(self._clear)
        self._job: Job | None = None
        self._activity = label("")
        self._progress = ProgressBar()
        self._progress.setRange(0, 1000)
        self._progress.setTextVisible(False)
        self._progress.setFixedWidth(140)
        self._progress.setAccessibleName(tr("Progress"))
        self._cancel = icon_button("x", tr("Cancel"))
        self._cancel.clicked.connect(self._cancel_job)
        self._box = QWidget()
        line = QHBoxLayout(self._box)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(theme.SPACE // 2)
        for part in (self._activity, self._progress, self._cancel):
            line.addWidget(part)
        self._box.hide()
        research = QLabel(shown(RESEARCH_USE))
        research.setObjectName("researchUse")
        self.addWidget(self.probe)
        self.addWidget(self._note)
        self.addWidget(self.link)
        self.addPermanentWidget(self._box)
        self.addPermanentWidget(research)

    def note(self, text: str, link: str = "", follow: Callable[[], object] | None = None) -> None:
        """Says something in passing, gone after a few seconds. ``link``: a word that leads on to ``follow``."""
        told = shown(text)
        self._note.setText(elided(told, 110))
        self._note.setToolTip(told)
        self.link.setText(shown(link))
        self.link.setVisible(bool(link))
        self._follow = follow
        self._forget.start(NOTE_MS * 2 if link else NOTE_MS)

    def _clear(self) -> None:
        self._note.setText("")
        self.link.hide()

    def _follow_link(self) -> None:
        if self._follow is not None:
            self._follow()

    @property
    def noted(self) -> str:
        """What it says now."""
        return self._note.text()

    def watch(self, job: Job) -> None:
        """Shows the progress of ``job`` until it ends or another one is watched."""
        self._job = job
        self._activity.setText(shown(job.title))
        self._progress.setValue(0)
        self._box.show()
        job.progressed.connect(lambda fraction: self._show(job, fraction))
        job.ended.connect(lambda: self._end(job))

    def _show(self, job: Job, fraction: float) -> None:
        if job is self._job:
            self._progress.setValue(round(fraction * 1000))

    def _end(self, job: Job) -> None:
        if job is self._job:
            self._job = None
            self._box.hide()

    def _cancel_job(self) -> None:
        if self._job is not None:
            self._job.cancel()
            self._end(self._job)
