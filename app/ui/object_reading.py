"""Objects that are no images, read off the window's thread and kept as plain values."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject

from app.dicom.parse import read_object
from app.ui.jobs import Lane, Reporter
from app.ui.language import tr

if TYPE_CHECKING:
    from collections.abc import Callable

    from pydicom import Dataset

    from app.dicom.objects import StoredObject
    from app.ui.dispatch import Dispatcher

_KEPT = 200


class ObjectReader(QObject):
    """Reads each object once for each purpose."""

    def __init__(self, dispatcher: Dispatcher, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._dispatcher = dispatcher
        self._kept: dict[tuple[int, object], tuple[StoredObject, Any]] = {}

    def known(self, stored: StoredObject, make: Callable[..., Any]) -> Any | None:
        """What ``make`` made of it, where it has been read."""
        kept = self._kept.get((id(stored), make))
        return None if kept is None else kept[1]

    def read(
        self,
        stored: StoredObject,
        make: Callable[[Dataset], Any],
        done: Callable[[Any], None],
        failed: Callable[[Exception], None],
    ) -> None:
        """Calls ``done`` with what ``make`` makes of the whole data set, now or when it has been read; or ``failed``.

        ``make`` runs on a worker thread.
        """
        kept = self._kept.get((id(stored), make))
        if kept is not None:
            done(kept[1])
            return

        def work(report: Reporter) -> Any:
            return make(read_object(stored.path, report))

        def keep(made: Any) -> None:
            if len(self._kept) >= _KEPT:
                self._kept.clear()
            self._kept[id(stored), make] = (stored, made)
            done(made)

        job = self._dispatcher.start(Lane.DOCUMENTS, tr("Reading {title}", title=stored.kind.title), work)
        job.succeeded.connect(keep)
        job.failed.connect(failed)

    def clear(self) -> None:
        """Forgets everything."""
        self._kept.clear()
