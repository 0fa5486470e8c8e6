"""From paths to studies: a scan off the window's thread, and its answer into the session."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from app.core.record import Kept
from app.dicom.index import index
from app.dicom.scan import scan
from app.ui.jobs import Lane, Reporter
from app.ui.language import tr

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from app.core.session import Session
    from app.dicom.model import StudyIndex
    from app.ui.dispatch import Dispatcher, Job


Recall = Callable[["StudyIndex"], Kept]
"""What was kept about studies. Called on a worker thread."""


def read(paths: Sequence[Path], report: Reporter) -> StudyIndex:
    """Headers of everything under ``paths``. Runs on a worker thread."""
    return index(scan(paths, report))


class Opener(QObject):
    """Opens one set of paths after the other, in the order they were asked for."""

    started = Signal(object)
    """The ``Job``."""
    opened = Signal(object)
    """The ``StudyIndex`` of these paths alone; the session has it already, if it holds a series."""
    failed = Signal(object)
    """The exception."""
    recalled = Signal(object)
    """``Kept``: what was kept about these studies; the session has its document already. Comes before ``opened``."""
    ended = Signal()

    def __init__(
        self, session: Session, dispatcher: Dispatcher, recall: Recall | None = None, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._session = session
        self._dispatcher = dispatcher
        self._recall: Recall = recall or (lambda _: Kept())
        self._jobs: list[Job] = []

    @property
    def is_busy(self) -> bool:
        """Whether files are being read."""
        return bool(self._jobs)

    def open(self, paths: Sequence[Path]) -> Job:
        """Reads ``paths`` and adds what is found to the open studies."""
        wanted, recall = tuple(paths), self._recall

        def work(report: Reporter) -> tuple[StudyIndex, Kept]:
            found = read(wanted, report)
            return found, recall(found)

        job = self._dispatcher.start(Lane.FILES, tr("Reading files"), work)
        self._jobs.append(job)
        job.succeeded.connect(self._accept)
        job.failed.connect(self.failed)
        job.ended.connect(lambda: self._end(job))
        self.started.emit(job)
        return job

    def _accept(self, answer: tuple[StudyIndex, Kept]) -> None:
        found, kept = answer
        if found.studies:
            self._session.open(found)
            self._session.restore(kept.document)
            self.recalled.emit(kept)
        self.opened.emit(found)

    def _end(self, job: Job) -> None:
        self._jobs.remove(job)
        self.ended.emit()

    def cancel(self) -> None:
        """Nothing more is wanted of what is being read."""
        for job in self._jobs:
            job.cancel()
