"""The demo: real studies, and the lung model on the radiograph, by the same way as any other run."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from PySide6.QtCore import QEventLoop, QObject, QTimer, Signal

from app import demo_data
from app.errors import OutputError, UserError
from app.settings import Settings
from app.ui.language import tr

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from app.dicom.model import Series
    from app.ui.window import Window

SIZE = (1440, 900)
"""Of the captured window, in pixels."""


class Tour(QObject):
    """Opens the demo studies, shows the radiograph and runs the model on it once both are there."""

    finished = Signal()
    """The result is on screen."""
    failed = Signal(object)
    """The exception of a job. The window tells the user."""
    gaveUp = Signal(object)
    """A ``UserError``: what the demo needs is not there."""

    def __init__(self, window: Window, paths: Sequence[Path]) -> None:
        """``paths``: the demo's files, the radiograph first."""
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

    def _radiograph(self) -> Series | None:
        every = self._window.session.index.series()
        return next((series for series in every if series.instances[0].path == self._paths[0]), None)

    def _opened(self) -> None:
        radiograph = self._radiograph()
        if radiograph is None:
            self.gaveUp.emit(UserError(tr("The demo's radiograph cannot be read"), "", tr("Install Scoutview again.")))
            return
        self._window.show_series(radiograph)
        self._go_on()

    def _go_on(self) -> None:
        """Runs the model once everything that it needs is there."""
        window, series = self._window, self._radiograph()
        if self._began or series is None or not window.analyses.is_listed:
            return
        pixels = window.loader.pixels(series)
        if pixels is None or not pixels.is_loaded(0) or window.session.active is not series:
            return
        self._began = True
        bundle = next((bundle for bundle in window.analyses.usable() if bundle.id == demo_data.MODEL), None)
        if bundle is None:
            self.gaveUp.emit(
                UserError(
                    tr("The model {model} is not installed", model=demo_data.MODEL), "", tr("Install Scoutview again.")
                )
            )
            return
        window.run_model(bundle)


def capture_demo(folder: Path) -> tuple[Path, ...]:
    """The demo without a display: writes a picture of the window, ``window.png``, into ``folder``.

    Raises what a step raised, and ``OutputError`` where the picture cannot be written.
    """
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from app.ui import message
    from app.ui.application import application
    from app.ui.window import Window

    # Settings of its own, never saved: the picture looks the same on every machine.
    settings = Settings(folder / "settings.json")
    app = application(settings)
    window = Window(settings)
    window.resize(*SIZE)
    faults: list[Exception] = []
    loop = QEventLoop()
    # Nobody is there to close a dialog; what a dialog would say is raised instead.
    message.use(lambda _, spoken: spoken.buttons[-1])
    try:
        window.show()
        tour = Tour(window, demo_data.paths())
        tour.finished.connect(loop.quit)
        for trouble in (tour.failed, tour.gaveUp):
            trouble.connect(faults.append)
            trouble.connect(loop.quit)
        QTimer.singleShot(0, tour.start)
        loop.exec()
        if faults:
            raise faults[0]
        if window.dispatcher.jobs:
            # Thumbnails of the other series are still being made.
            window.dispatcher.ended.connect(lambda _: None if window.dispatcher.jobs else loop.quit())
            loop.exec()
        # Labels and cards that came with the result are laid out in events of their own.
        for _ in range(5):
            app.processEvents()
        picture = folder / "window.png"
        if not window.grab().save(str(picture)):
            raise OutputError(tr("Cannot write {picture}", picture=picture), "", tr("Choose another folder."))
        return (picture,)
    finally:
        message.use(None)
        window.dispatcher.close()
        window.hide()
        window.deleteLater()
        app.processEvents()
