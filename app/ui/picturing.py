"""Pictures of views: onto the clipboard, into files. The window paints, a worker encodes and writes."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtWidgets import QApplication

from app import settings as options
from app.core.time_curve import frames_of
from app.dicom import header
from app.report import atomic
from app.report.moving import gif_bytes, mp4_bytes
from app.report.stills import SUFFIXES, Files, numbered, still_bytes
from app.ui import message
from app.ui.browser_rows import series_title
from app.ui.jobs import Lane
from app.ui.language import tr
from app.ui.pictures_dialog import ALL, LAYOUT, MOVING, THIS, PicturesDialog, Wanted
from app.ui.viewport.cine import DEFAULT_FRAME_MS
from app.ui.viewport.still import LayoutPainter, StillOptions, StillPainter, as_pillow
from inference.types import Cancelled

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from PIL import Image
    from PySide6.QtGui import QImage
    from PySide6.QtWidgets import QWidget

    from app.core.session import Session
    from app.dicom.model import Series
    from app.settings import Settings
    from app.ui.dispatch import Dispatcher, Job
    from app.ui.jobs import Reporter
    from app.ui.viewport import Viewport

_ASKED_EVERY_MS = 4


class Sitter(QObject):
    """Paints frames on the window's thread for a worker that asks for them, one at a time: text is drawn with fonts
    that are not to be shared between threads. A frame takes as long as drawing the view does."""

    def __init__(self, painter: StillPainter | LayoutPainter, frames: tuple[int, ...], parent: QObject) -> None:
        super().__init__(parent)
        self._painter, self._frames = painter, frames
        self.asked: SimpleQueue[int] = SimpleQueue()
        self.painted: SimpleQueue[QImage] = SimpleQueue()
        self._timer = QTimer(self, interval=_ASKED_EVERY_MS)
        self._timer.timeout.connect(self._answer)
        self._timer.start()

    def _answer(self) -> None:
        try:
            number = self.asked.get_nowait()
        except Empty:
            return
        self.painted.put(self._painter.paint(self._frames[number], alone=len(self._frames) == 1))

    def stop(self) -> None:
        """Nobody asks any more."""
        self._timer.stop()
        self.deleteLater()


def _asked(
    asked: SimpleQueue[int], painted: SimpleQueue[QImage], report: Reporter, fetch: Callable[[int], None], number: int
) -> Image.Image:
    """A frame from the window's thread; raises ``Cancelled`` while it waits."""
    fetch(number)
    asked.put(number)
    while True:
        if report.is_cancelled:
            raise Cancelled
        try:
            return as_pillow(painted.get(timeout=0.1))
        except Empty:
            continue


class Picturing(QObject):
    """Copies and exports what a viewport shows."""

    copied = Signal()
    """A picture lies on the clipboard."""
    written = Signal(object)
    """Tuple of paths."""
    failed = Signal(object)

    def __init__(self, session: Session, dispatcher: Dispatcher, settings: Settings, parent: QObject) -> None:
        super().__init__(parent)
        self._session, self._dispatcher, self._settings = session, dispatcher, settings
        self.dialog: PicturesDialog | None = None

    # -- clipboard -------------------------------------------------------------------------------------------------

    def copy(self, viewport: Viewport) -> bool:
        """Puts what the viewport shows on the clipboard, without identity. False where there is no picture."""
        if viewport.series is None or not viewport.is_ready:
            return False
        painter = StillPainter(viewport, self._session, StillOptions())
        QApplication.clipboard().setImage(painter.paint(viewport.index))
        self.copied.emit()
        return True

    # -- files -----------------------------------------------------------------------------------------------------

    def frames(self, viewport: Viewport, scope: str) -> tuple[int, ...]:
        """The sorted frames of a scope: of a moving picture those that the cine would play."""
        series = viewport.series
        if series is None:
            return ()
        if scope == THIS:
            return (viewport.index,)
        if scope == MOVING and series.axis is not None and (series.axis.is_time or series.axis.slices == 1):
            return frames_of(series, viewport.index)
        if scope == MOVING and series.axis is not None:
            return tuple(series.axis.nearest(slice_, viewport.point) for slice_ in range(series.axis.slices))
        return tuple(range(len(series.frames)))

    def unavailable(self, viewport: Viewport) -> dict[str, str]:
        """Scope → why it cannot be made now, in half a sentence."""
        reasons: dict[str, str] = {}
        pixels, series = viewport.pixels, viewport.series
        if pixels is None or series is None or not viewport.is_ready:
            return dict.fromkeys((THIS, ALL, MOVING), tr("there is no picture"))
        for scope in (ALL, MOVING):
            frames = self.frames(viewport, scope)
            if len(frames) < 2:
                reasons[scope] = tr("the series has one image")
            elif not all(pixels.is_loaded(frame) or pixels.state(frame).reason for frame in frames):
                reasons[scope] = tr("images are still being loaded")
        return reasons

    def frame_ms(self, viewport: Viewport) -> float:
        """Time between the frames of a moving picture: the reader's speed, the file's, or ten a second."""
        return viewport.cine.chosen_ms or viewport.own_frame_ms() or DEFAULT_FRAME_MS

    def ask(self, parent: QWidget, viewport: Viewport, together: Sequence[Viewport] = ()) -> PicturesDialog | None:
        """Opens the dialog for what the viewport shows, and for the views that stand ``together`` with it."""
        series = viewport.series
        if series is None:
            return None
        folder = self._settings.get(options.EXPORT_FOLDER) or str(Path.home() / "Scoutview")
        counts = {scope: len(self.frames(viewport, scope)) for scope in (THIS, ALL, MOVING)}
        others = [one.series for one in together if one.series is not None]
        if len(others) > 1:
            counts[LAYOUT] = len(others)
        dialog = PicturesDialog(
            series_title(series),
            Path(folder),
            counts,
            self.unavailable(viewport),
            rate=1000 / self.frame_ms(viewport),
            burned_in=any(may_hold_identity(one) for one in (series, *others)),
            parent=parent,
        )
        self.dialog = dialog
        dialog.requested.connect(lambda wanted: self._run(dialog, viewport, wanted, together))
        dialog.finished.connect(self._forget)
        dialog.open()
        return dialog

    def _forget(self) -> None:
        if self.dialog is not None:
            self.dialog.deleteLater()
            self.dialog = None

    def start(self, viewport: Viewport, wanted: Wanted, together: Sequence[Viewport] = ()) -> Job:
        """Makes the files of ``wanted`` in a job; ``together``: the views of a layout. Raises ``ValueError`` where the
        viewport shows nothing."""
        frames = (viewport.index,) if wanted.scope == LAYOUT else self.frames(viewport, wanted.scope)
        painter: StillPainter | LayoutPainter
        if wanted.scope == LAYOUT:
            painter = LayoutPainter(together, self._session, wanted.options)
        else:
            painter = StillPainter(viewport, self._session, wanted.options)
        sitter = Sitter(painter, frames, self)
        asked, painted = sitter.asked, sitter.painted
        frame_ms, kind = self.frame_ms(viewport), wanted.kind
        under = viewport.series
        washes = tuple(one for one in self._session.washes_on(under) if not one.is_quick) if under is not None else ()

        def fetch(number: int) -> None:
            for wash in washes:
                # The window draws only what is there already.
                wash.plane(frames[number])

        def work(report: Reporter) -> tuple[Path, ...]:
            make = partial(_asked, asked, painted, report, fetch)
            if wanted.scope == ALL:
                paths = numbered(wanted.folder, len(frames), kind)
                atomic.write_all(Files(paths, kind, make, report))
                return paths
            name = {THIS: "image", LAYOUT: "layout", MOVING: "cine"}[wanted.scope]
            path = wanted.folder / f"{name}{SUFFIXES[kind]}"
            if wanted.scope != MOVING:
                data = still_bytes(make(0), kind)
            else:
                data = {"gif": gif_bytes, "mp4": mp4_bytes}[kind](make, len(frames), frame_ms, report)
            atomic.write(path, data)
            return (path,)

        job = self._dispatcher.start(Lane.FILES, tr("Exporting pictures"), work)
        job.succeeded.connect(self.written)
        job.failed.connect(self.failed)
        job.ended.connect(sitter.stop)
        return job

    def _run(self, dialog: PicturesDialog, viewport: Viewport, wanted: Wanted, together: Sequence[Viewport]) -> None:
        self._settings.set(options.EXPORT_FOLDER, str(wanted.folder))
        dialog.show_progress(0.0)
        job = self.start(viewport, wanted, together)
        dialog.cancelled.connect(job.cancel)
        # The dialog may have been closed while the job ran: then there is nobody to tell.
        job.progressed.connect(lambda fraction: dialog.show_progress(fraction) if dialog is self.dialog else None)
        job.succeeded.connect(lambda files: dialog.show_done(files) if dialog is self.dialog else None)
        job.failed.connect(
            lambda fault: message.error(dialog if dialog is self.dialog else None, tr("Exporting pictures"), fault)
        )
        job.ended.connect(lambda: self._ended(dialog))

    def _ended(self, dialog: PicturesDialog) -> None:
        if dialog is self.dialog and dialog.page == "working":
            dialog.show_choices()


def may_hold_identity(series: Series) -> bool:
    """Whether Burned In Annotation (PS3.3 C.7.6.1) says that pixels identify the patient; ultrasound and secondary
    captures that do not say so often do."""
    stated = header.code(series.instances[0].header, "BurnedInAnnotation").upper()
    return stated == "YES" or (not stated and series.modality in ("US", "OT", "SC", "XC"))
