"""Exports: the dialog, the job that makes the files, and what is said afterwards."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from app import settings as options
from app.core.document import Place
from app.report.export import FORMATS, ExportRequest, export, impossible, reasons_against
from app.report.laid import Laid
from app.report.picture import Style
from app.ui import message
from app.ui.browser_rows import series_title
from app.ui.export_dialog import ExportDialog
from app.ui.jobs import Lane, Reporter
from app.ui.language import tr
from app.ui.wording import sentence

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from app.core.document import Document
    from app.core.session import Session
    from app.dicom.load import SeriesPixels
    from app.dicom.model import Series
    from app.settings import Settings
    from app.ui.analysing import Analyses
    from app.ui.dispatch import Dispatcher, Job
    from app.ui.viewport import Viewport


class Exporter(QObject):
    """Writes what is known about the active series, on a worker thread."""

    written = Signal(object, object)
    """(tuple of paths, the ``Document`` they were made from)"""
    failed = Signal(object)

    def __init__(
        self,
        session: Session,
        dispatcher: Dispatcher,
        analyses: Analyses,
        viewport: Viewport,
        settings: Settings,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._session = session
        self._dispatcher = dispatcher
        self._analyses = analyses
        self._viewport = viewport
        self._settings = settings
        self.dialog: ExportDialog | None = None

    def request(self, folder: Path, formats: tuple[str, ...], series: Series) -> ExportRequest:
        """What to write about ``series``, in the window that is on screen."""
        view, style = self._viewport.view, self._session.style
        return ExportRequest(
            folder=folder,
            formats=formats,
            style=Style(
                view.voi,
                view.invert,
                style.opacity,
                style.hidden_labels,
                style.graphics,
                view.presentation,
                self._laid(series),
            ),
            key_images=self._on_screen(series),
            results=self._analyses.results(series),
            plane=self._plane_on_screen(series),
        )

    def _plane_on_screen(self, series: Series) -> Place | None:
        shown = self._viewport.series
        if shown is None or shown.cut_from is None or shown.cut_from.series is not series:
            return None
        return Place.of(shown, self._viewport.index)

    def _on_screen(self, series: Series) -> tuple[int, ...]:
        """The image on screen; none where that is a plane or of another series."""
        return (self._viewport.index,) if self._viewport.series is series else ()

    def _laid(self, series: Series) -> Laid:
        style = self._session.style
        if not style.visible:
            return Laid()
        washes = tuple((wash, style.threshold_of(wash)) for wash in self._session.washes_on(series))
        return Laid(self._session.layers_on(series), washes)

    def unavailable(self, series: Series, pixels: SeriesPixels) -> dict[str, str]:
        """Format → why it cannot be made now."""
        reasons: dict[str, str] = {}
        wanted = self.request(Path(), tuple(FORMATS), series)
        for name, why in reasons_against(self._session.document, series, wanted).items():
            reasons[name] = sentence(why)
        if not pixels.is_complete:
            for name in ("pdf", "png"):
                reasons.setdefault(name, tr("The images are still being loaded."))
        return reasons

    def start(self, folder: Path, formats: tuple[str, ...], series: Series, pixels: SeriesPixels) -> Job:
        """Makes the files. Raises ``KeyError`` for a series that is not open."""
        document, study = self._session.document, self._session.index.study_of(series)
        request = self.request(folder, formats, series)

        def work(report: Reporter) -> tuple[Path, ...]:
            return export(document, study, series, pixels, request, report)

        job = self._dispatcher.start(Lane.FILES, tr("Exporting"), work)
        job.succeeded.connect(lambda files: self.written.emit(files, document))
        job.failed.connect(self.failed)
        return job

    def ask(self, parent: QWidget, series: Series, pixels: SeriesPixels) -> ExportDialog:
        """Opens the dialog for ``series``."""
        folder = self._settings.get(options.EXPORT_FOLDER) or str(Path.home() / "Scoutview")
        dialog = ExportDialog(
            series_title(series),
            Path(folder),
            self._settings.get(options.EXPORT_FORMATS),
            self.unavailable(series, pixels),
            parent,
        )
        self.dialog = dialog
        dialog.requested.connect(lambda where, formats: self._run(dialog, where, formats, series, pixels))
        dialog.finished.connect(self._forget)
        dialog.open()
        return dialog

    def _forget(self) -> None:
        if self.dialog is not None:
            self.dialog.deleteLater()
            self.dialog = None

    def _run(
        self, dialog: ExportDialog, folder: Path, formats: tuple[str, ...], series: Series, pixels: SeriesPixels
    ) -> None:
        self._settings.set(options.EXPORT_FOLDER, str(folder))
        self._settings.set(options.EXPORT_FORMATS, list(formats))
        notes = impossible(self._session.document, series, self.request(folder, formats, series))
        dialog.show_progress(0.0)
        job = self.start(folder, formats, series, pixels)
        dialog.cancelled.connect(job.cancel)
        job.progressed.connect(lambda fraction: self._progress(dialog, fraction))
        job.succeeded.connect(lambda files: self._done(dialog, files, notes))
        job.failed.connect(lambda fault: self._told(dialog, fault))
        job.ended.connect(lambda: self._ended(dialog))

    # The dialog may have been closed while the job ran: then there is nobody to tell.

    def _progress(self, dialog: ExportDialog, fraction: float) -> None:
        if dialog is self.dialog:
            dialog.show_progress(fraction)

    def _done(self, dialog: ExportDialog, files: tuple[Path, ...], notes: tuple[str, ...]) -> None:
        if dialog is self.dialog:
            dialog.show_done(files, notes)

    def _told(self, dialog: ExportDialog, fault: Exception) -> None:
        shown = dialog is self.dialog
        message.error(dialog if shown else None, tr("Exporting"), fault)

    def _ended(self, dialog: ExportDialog) -> None:
        if dialog is self.dialog and dialog.page == "working":
            dialog.show_choices()


def is_saved(document: Document, saved: Document | None) -> bool:
    """Whether closing would lose nothing that the reader did: measurements and verdicts since the last export."""
    from app.core.document import FindingStatus

    if document is saved:
        return True
    judged = any(finding.status is not FindingStatus.PROPOSED for finding in document.findings)
    return not document.measurements and not judged
