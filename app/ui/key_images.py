"""Key images: what key object selections chose among the open images, and the way from one to the next."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from app.core.attachments import attached_to
from app.dicom.objects import ObjectKind
from app.dicom.structured_report import Report, report_of

if TYPE_CHECKING:
    from app.core.session import Session
    from app.dicom.model import Series
    from app.dicom.objects import StoredObject
    from app.ui.object_reading import ObjectReader


class KeyImages(QObject):
    """Reads the selections of the open studies and says which frames they chose."""

    changed = Signal()
    """More selections have been read, or none are open any more."""

    def __init__(self, session: Session, reader: ObjectReader, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._reader = reader
        self._reports: dict[str, Report] = {}
        self._known: dict[tuple[str, int], dict[int, str]] = {}

    def refresh(self) -> None:
        """Other studies are open: reads what has not been read."""
        objects = [one for one in self._session.index.objects() if one.kind is ObjectKind.KEY_OBJECTS]
        gone = self._reports.keys() - {one.uid for one in objects}
        for uid in gone:
            del self._reports[uid]
        self._known.clear()
        for stored in objects:
            if stored.uid not in self._reports:
                self._read(stored)
        self.changed.emit()

    def _read(self, stored: StoredObject) -> None:
        def keep(report: Report) -> None:
            self._reports[stored.uid] = report
            self._known.clear()
            self.changed.emit()

        # One that cannot be read marks no image; opening it says why.
        self._reader.read(stored, report_of, keep, lambda _: None)

    def of(self, series: Series) -> dict[int, str]:
        """Sorted frames of ``series`` that were chosen, with the title of the selection."""
        if series.key not in self._known:
            self._known[series.key] = self._find(series)
        return self._known[series.key]

    def _find(self, series: Series) -> dict[int, str]:
        chosen: dict[tuple[str, int], str] = {}
        for stored in attached_to(self._session.attachments, series):
            report = self._reports.get(stored.uid)
            for image in report.images() if report is not None else ():
                title = report.title if report is not None else ""
                for frame in image.frames or (0,):
                    chosen.setdefault((image.sop_instance_uid, frame), title)
        if not chosen:
            return {}
        found = {}
        for index, key in enumerate(series.frames):
            uid = series.instances[key.instance].sop_instance_uid
            name = chosen.get((uid, 0)) or chosen.get((uid, key.frame + 1))
            if name:
                found[index] = name
        return found

    def after(self, series: Series, index: int, steps: int) -> int | None:
        """The key image after (``steps`` 1) or before (−1) ``index``, going round; ``None`` where there is none."""
        places = sorted(self.of(series))
        if not places:
            return None
        if steps > 0:
            return next((place for place in places if place > index), places[0])
        return next((place for place in reversed(places) if place < index), places[-1])
