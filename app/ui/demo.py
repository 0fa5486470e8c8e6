"""The demo: real studies, and the lung model on the radiograph, by the same way as any other run."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from PySide6.QtCore import QEventLoop, QObject, QTimer, Signal

from app.errors import OutputError, UserError
from app.settings import Settings

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from app.dicom.model import Series
    from app.ui.window import Window
    from inference.bundle import Bundle

MODEL = "cxr-lungs"
SIZE = (1440, 900)
"""Of the captured window, in pixels."""


class Tour(QObject):
    """Opens the demo studies, waits for the radiograph and for the models' verification, and runs ``MODEL`` on it."""

    finished = Signal()
    """The result is on screen."""
    failed = Signal(object)
    """The exception."""

    def __init__(self, window: Window, paths: Sequence[Path]) -> None:
        super().__init__(window)
        self._window = window
        self._paths = tuple(paths)
        self._began = False

    def start(self) -> None:
        """Begins; returns at once."""
        window = self._window
        window.opener.opened.connect(self._opened)
        window.opener.failed.connect(self.failed)
        window.analyses.listed.connect(self._go_on)
        window.analyses.failed.connect(lambda _, fault: self.failed.emit(fault))
        window.loader.framesLoaded.connect(lambda *_: self._go_on())
        window.analyses.finished.connect(lambda *_: self.finished.emit())
        window.opener.open(self._paths)

    def _opened(self) -> None:
        radiograph = next((series for series in self._window.session.index.series() if _is_chest(series)), None)
        if radiograph is None:
            self.failed.emit(UserError("The demo's radiograph is missing", "", "Install Scoutview again."))
            return
        self._window.show_series(radiograph)
        self._go_on()

    def _go_on(self) -> None:
        """Runs the model once everything that it needs is there."""
        window = self._window
        series = window.session.active
        if self._began or series is None or not _is_chest(series) or not window.analyses.is_listed:
            return
        pixels = window.loader.pixels(series)
        if pixels is None or not pixels.is_loaded(0):
            return
        self._began = True
        bundle = self._bundle()
        if bundle is None:
            self.failed.emit(UserError(f"The model {MODEL} is not installed", "", "Install Scoutview again."))
            return
        window.run_model(bundle)

    def _bundle(self) -> Bundle | None:
        return next((bundle for bundle in self._window.analyses.usable() if bundle.id == MODEL), None)


def _is_chest(series: Series) -> bool:
    header = series.instances[0].header
    return series.is_projection and "CHEST" in str(header.get("BodyPartExamined", "")).upper()


def capture_demo(folder: Path) -> tuple[Path, ...]:
    """The demo without a display: the window's picture, the PDF report and the DICOM SEG, written into ``folder``.

    Raises ``UserError`` where a step fails, ``OutputError`` where ``folder`` cannot be written.
    """
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from app import demo_data
    from app.ui.application import application
    from app.ui.window import Window

    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"Cannot make {folder}", error.strerror or "", "Choose another folder.") from error
    settings = Settings(folder / ".settings.json")
    app = application(settings)
    window = Window(settings)
    window.resize(*SIZE)
    try:
        window.show()
        tour = Tour(window, demo_data.paths())
        loop = QEventLoop()
        faults: list[Exception] = []
        tour.finished.connect(loop.quit)
        tour.failed.connect(faults.append)
        tour.failed.connect(loop.quit)
        QTimer.singleShot(0, tour.start)
        loop.exec()
        if not faults:
            written = _write(window, folder, loop, faults)
        if faults:
            raise faults[0]
        picture = folder / "window.png"
        if not window.grab().save(str(picture)):
            raise OutputError(f"Cannot write {picture}", "", "Choose another folder.")
        return (picture, *written)
    finally:
        window.dispatcher.close()
        window.hide()
        window.deleteLater()
        app.processEvents()
        (folder / ".settings.json").unlink(missing_ok=True)


def _write(window: Window, folder: Path, loop: QEventLoop, faults: list[Exception]) -> tuple[Path, ...]:
    """Waits for the thumbnails, then exports about the series on screen as the dialog does."""
    series = window.session.active
    pixels = window.loader.pixels(series) if series is not None else None
    if series is None or pixels is None:
        raise UserError("The demo's radiograph was closed")
    written: list[Path] = []
    window.exporter.written.connect(lambda files, _: written.extend(files))
    window.exporter.written.connect(loop.quit)
    window.exporter.failed.connect(faults.append)
    window.exporter.failed.connect(loop.quit)
    window.exporter.start(folder, ("pdf", "seg"), series, pixels)
    loop.exec()
    if window.dispatcher.jobs:
        window.dispatcher.ended.connect(lambda _: None if window.dispatcher.jobs else loop.quit())
        loop.exec()
    return tuple(written)
