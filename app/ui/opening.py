"""From paths to studies: a scan off the window's thread, and its answer into the session."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from app.core.record import Kept
from app.dicom.index import index
from app.dicom.scan import scan
from app.errors import NothingReadable
from app.ui.jobs import Lane, Reporter
from app.ui.language import tr
from inference.words import say_n

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


def nothing_to_show(found: StudyIndex) -> NothingReadable:
    """Why nothing of what was opened can be shown, and what to do."""
    count = len(found.skipped)
    stored = found.objects()
    if stored:
        what = (
            stored[0].kind.title
            if len(stored) == 1
            else say_n("%n object that is no image", "%n objects that are no images", len(stored))
        )
        where = stored[0].path.name if len(stored) == 1 else tr("This")
        return NothingReadable(
            tr("{where} holds no image of its own", where=where),
            tr("It is {what}.", what=what) if len(stored) == 1 else tr("It holds {what}.", what=what),
            tr("Open the images that it belongs to as well: it is kept until then."),
        )
    if not count:
        return NothingReadable(tr("Nothing to show"), tr("There are no files in it."), tr("Choose another folder."))
    if count == 1:
        entry = found.skipped[0]
        return NothingReadable(
            tr("{name} cannot be shown", name=entry.file.name), entry.reason, tr("Choose another file.")
        )
    return NothingReadable(
        tr("Nothing to show"),
        tr("None of {count} files holds an image that can be shown.", count=count),
        tr("Choose another folder."),
    )
