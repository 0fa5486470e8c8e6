"""Opens what is no image: reports and documents in dialogs, presentation states on their images."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, NamedTuple

from PySide6.QtCore import QObject, Signal

from app.core.pdf_pages import page_count
from app.core.report_marks import drawings_of
from app.dicom.documents import pdf_of
from app.dicom.objects import ObjectKind
from app.dicom.structured_report import Report, report_of
from app.ui.language import tr
from app.ui.pdf_dialog import PdfDialog
from app.ui.report_dialog import ReportDialog

if TYPE_CHECKING:
    from pathlib import Path

    from pydicom import Dataset
    from PySide6.QtWidgets import QDialog, QWidget

    from app.core.presenting import Drawing
    from app.core.session import Session
    from app.dicom.model import Series
    from app.dicom.objects import StoredObject
    from app.dicom.structured_report import ContentItem, ImageReference
    from app.ui.dispatch import Dispatcher
    from app.ui.object_reading import ObjectReader

READABLE = frozenset({ObjectKind.REPORT, ObjectKind.KEY_OBJECTS, ObjectKind.DOCUMENT})
"""Kinds that open in a dialog."""


class _Pdf(NamedTuple):
    data: bytes
    pages: int


def _pdf(path: Path, dataset: Dataset) -> _Pdf:
    data = pdf_of(dataset, path)
    return _Pdf(data, page_count(data))


class ObjectOpener(QObject):
    """Keeps one dialog an object; opening it again brings it to the front."""

    followed = Signal(object, int, str)
    """A link was clicked: (``Series``, sorted frame, SOP Instance UID of a presentation state or ``""``)."""
    marksChanged = Signal()
    """Other reports are open, and with them other coordinates to draw."""
    failed = Signal(object, object)
    """(``StoredObject``, exception)"""

    def __init__(self, session: Session, dispatcher: Dispatcher, reader: ObjectReader, parent: QWidget) -> None:
        super().__init__(parent)
        self._session = session
        self._dispatcher = dispatcher
        self._reader = reader
        self._window = parent
        self.dialogs: dict[str, QDialog] = {}
        self._reports: dict[str, Report] = {}
        self._places: tuple[object, dict[str, list[Series]]] = (None, {})

    def open(self, stored: StoredObject) -> None:
        """Shows a report or a document, once it has been read."""
        dialog = self.dialogs.get(stored.uid)
        if dialog is not None:
            dialog.raise_()
            dialog.activateWindow()
            return
        fail = partial(self.failed.emit, stored)
        if stored.kind is ObjectKind.DOCUMENT:
            # Bytes of a document are not kept: the dialog holds them while it is open.
            self._reader.read(stored, partial(_pdf, stored.path), partial(self._show_pdf, stored), fail)
        else:
            self._reader.read(stored, report_of, partial(self._show_report, stored), fail)

    def _show_pdf(self, stored: StoredObject, pdf: _Pdf) -> None:
        self._show(stored, PdfDialog(stored.label, pdf.data, pdf.pages, self._dispatcher, self._window))

    def _show_report(self, stored: StoredObject, report: Report) -> None:
        dialog = ReportDialog(report.title, report, self.called, self._window)
        dialog.followed.connect(self._follow)
        self._reports[stored.uid] = report
        self._show(stored, dialog)
        self.marksChanged.emit()

    def _show(self, stored: StoredObject, dialog: QDialog) -> None:
        self.dialogs[stored.uid] = dialog
        dialog.finished.connect(lambda _: self._closed(stored.uid))
        dialog.setModal(False)
        dialog.show()

    def _closed(self, uid: str) -> None:
        dialog = self.dialogs.pop(uid, None)
        if dialog is not None:
            dialog.deleteLater()
        if self._reports.pop(uid, None) is not None:
            self.marksChanged.emit()

    def refresh(self) -> None:
        """Other studies are open: links come and go, and reports of closed studies close."""
        open_now = {stored.uid for stored in self._session.index.objects()}
        for uid, dialog in tuple(self.dialogs.items()):
            if uid not in open_now:
                dialog.close()
            elif isinstance(dialog, ReportDialog):
                dialog.refresh()

    # -- where links lead ------------------------------------------------------------------------------------------

    def place(self, reference: ImageReference) -> tuple[Series, int] | None:
        """The open series and sorted frame that a reference means."""
        for series in self._stacks().get(reference.sop_instance_uid, ()):
            for index, key in enumerate(series.frames):
                uid = series.instances[key.instance].sop_instance_uid
                wanted = not reference.frames or key.frame + 1 in reference.frames
                if uid == reference.sop_instance_uid and wanted:
                    return series, index
        return None

    def _stacks(self) -> dict[str, list[Series]]:
        index = self._session.index
        if self._places[0] is not index:
            found: dict[str, list[Series]] = {}
            for series in index.series():
                for instance in series.instances:
                    found.setdefault(instance.sop_instance_uid, []).append(series)
            self._places = (index, found)
        return self._places[1]

    def called(self, reference: ImageReference) -> str:
        """What the image is called in a link: its series and its place in it; ``""`` where it is not open."""
        place = self.place(reference)
        if place is None:
            return ""
        series, index = place
        name = series.description or tr("{modality} series {number}", modality=series.modality, number=series.number)
        return tr("{name}, image {index}", name=name, index=index + 1) if len(series.frames) > 1 else name

    def _follow(self, reference: ImageReference, item: ContentItem) -> None:
        place = self.place(reference)
        if place is not None:
            self.followed.emit(place[0], place[1], reference.state_uid)

    def drawings(self, series: Series, index: int) -> tuple[Drawing, ...]:
        """What the open reports point at on a frame."""
        marks = [mark for report in self._reports.values() for mark in report.marks()]
        return drawings_of(marks, series, index) if marks else ()
