"""Commands about pictures, the window, the monitor and time: what they need of one another is kept here."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QActionGroup
from PySide6.QtWidgets import QMenu

from app import settings as options
from app.core import preset_book
from app.core.layout import APART
from app.core.palettes import PALETTES
from app.core.preset_book import from_stored, group_of
from app.core.region_window import region_window
from app.core.time_curve import time_curve, why_no_curve
from app.core.true_size import true_size, why_no_true_size
from app.dicom.voi import Window as VoiWindow
from app.errors import OutputError, UserError
from app.report import atomic
from app.ui import message
from app.ui.jobs import Lane
from app.ui.language import shown, tr
from app.ui.monitor import CalibrationDialog, TestPattern, dpi_of, screen_key
from app.ui.picturing import Picturing
from app.ui.preset_editor import PresetEditor
from app.ui.viewport.cine_bar import CineBar
from app.ui.viewport.loupe import Loupe

if TYPE_CHECKING:
    from collections.abc import Callable

    from PySide6.QtWidgets import QWidget

    from app.core.document import Measurement
    from app.core.session import Session
    from app.dicom.model import Series
    from app.settings import Settings
    from app.ui.dispatch import Dispatcher
    from app.ui.jobs import Reporter
    from app.ui.time_curve_window import TimeCurveWindow
    from app.ui.viewport import Viewport
    from app.ui.views import Views


class Care(QObject):
    """One for the window. ``verbs`` are the commands that it does."""

    told = Signal(str)
    """A sentence for the status bar."""
    presetsChanged = Signal()

    def __init__(
        self, session: Session, views: Views, dispatcher: Dispatcher, settings: Settings, parent: QWidget
    ) -> None:
        super().__init__(parent)
        self._session, self._views, self._settings, self._window = session, views, settings, parent
        self._dispatcher = dispatcher
        preset_book.use(from_stored(settings.get(options.PRESETS)))
        self.picturing = Picturing(session, dispatcher, settings, self)
        self.picturing.copied.connect(lambda: self.told.emit(tr("Picture copied, without the patient's name.")))
        self._loupes: dict[Viewport, Loupe] = {}
        self._cine_bars: dict[Viewport, CineBar] = {}
        views.prepare_each(self._equip)
        self.curve_window: TimeCurveWindow | None = None
        self._followed: Series | None = None
        self.pattern: TestPattern | None = None
        self.palettes = QMenu(parent)
        self.palettes.setTitle(tr("&Colours"))
        self._colours = QActionGroup(self)
        for palette in PALETTES:
            action = self.palettes.addAction(shown(palette.name))
            action.setToolTip(shown(palette.about))
            action.setCheckable(True)
            action.setData(palette.id)
            self._colours.addAction(action)
        self._colours.triggered.connect(lambda action: self._view.set_palette(action.data()))
        self.palettes.aboutToShow.connect(self._arrange_palettes)

    def _equip(self, viewport: Viewport) -> None:
        self._loupes[viewport], self._cine_bars[viewport] = Loupe(viewport), CineBar(viewport)

    @property
    def _view(self) -> Viewport:
        """The view that the reader is at."""
        return self._views.active

    @property
    def loupe(self) -> Loupe:
        """The magnifier of the view that the reader is at."""
        return self._loupes[self._view]

    @property
    def cine_bar(self) -> CineBar:
        """The cine's controls in the view that the reader is at."""
        return self._cine_bars[self._view]

    def cine_bar_of(self, viewport: Viewport) -> CineBar:
        """The cine's controls in a view."""
        return self._cine_bars[viewport]

    def verbs(self) -> dict[str, Callable[[], object]]:
        """Name of a command → what it does."""
        return {
            "copy_view": self.copy,
            "export_pictures": self.export,
            "region_window": self.window_from_region,
            "full_range": lambda: self._view.full_range(),
            "edit_presets": self.edit_presets,
            "next_palette": self.next_palette,
            "true_size": self.true_size,
            "measure_monitor": self.measure_monitor,
            "toggle_interpolation": lambda: self._view.toggle_interpolation(),
            "test_pattern": self.show_pattern,
            "toggle_sweep": self.toggle_sweep,
            "time_curve": self.show_curve,
        }

    # -- pictures --------------------------------------------------------------------------------------------------

    def copy(self) -> None:
        """The view onto the clipboard."""
        if not self.picturing.copy(self._view):
            self.told.emit(tr("There is no picture to copy yet."))

    def export(self) -> None:
        """Asks which pictures to write; a layout is that of the window that the reader is at."""
        apart = self._views.layout_.is_apart
        cells = [self._views.cells[n] for n in self._views.layout_.visible if (n >= APART) is apart]
        self.picturing.ask(self._window, self._view, [cell.viewport for cell in cells])

    # -- the window ------------------------------------------------------------------------------------------------

    def _region(self) -> Measurement | None:
        """The region that is selected on this image, or else the only one on it."""
        scene, series = self._view.scene(), self._view.series
        if scene is None or series is None:
            return None
        here = [
            measurement
            for measurement in self._session.document.measurements_on(series, self._view.index)
            if measurement.kind.is_region
        ]
        chosen = [measurement for measurement in here if measurement.id == self._view.annotator.selected]
        return chosen[0] if chosen else here[0] if len(here) == 1 else None

    def window_from_region(self) -> None:
        """Fits the window to the values in the selected region."""
        series, pixels, region = self._view.series, self._view.pixels, self._region()
        if series is None or pixels is None:
            return
        if series.is_colour:
            self.told.emit(tr("Colour images have no window."))
        elif region is None:
            self.told.emit(tr("Draw a region, or select one, and the window is fitted to it."))
        else:
            window = region_window(region, series, self._view.index, pixels)
            if window is None:
                self.told.emit(tr("The region holds one value only, or none."))
            else:
                self._view.set_voi(window)

    def edit_presets(self) -> PresetEditor:
        """Lets the reader change the presets."""
        series, voi = self._view.series, self._view.voi
        group = group_of(series) if series is not None else ""
        now = voi if isinstance(voi, VoiWindow) else None
        editor = PresetEditor(preset_book.book(), group or "CT", now, self._window)
        editor.saved.connect(self._keep_presets)
        editor.finished.connect(editor.deleteLater)
        editor.open()
        return editor

    def _keep_presets(self, book: preset_book.PresetBook) -> None:
        preset_book.use(book)
        self._settings.set(options.PRESETS, book.stored())
        self._save()
        self.presetsChanged.emit()

    def _arrange_palettes(self) -> None:
        series = self._view.series
        for action in self._colours.actions():
            action.setChecked(action.data() == self._view.view.palette)
            action.setEnabled(series is not None and not series.is_colour)

    def next_palette(self) -> None:
        """The colours after those in use."""
        ids = [palette.id for palette in PALETTES]
        self._view.set_palette(ids[(ids.index(self._view.view.palette) + 1) % len(ids)])

    # -- the monitor -----------------------------------------------------------------------------------------------

    def true_size(self) -> None:
        """A millimetre of the patient as a millimetre of the screen."""
        series = self._view.series
        if series is None:
            return
        if why_no_true_size(series):
            self.told.emit(why_no_true_size(series))
            return
        dpi, measured = dpi_of(self._view.screen(), self._settings)
        self._view.set_view(true_size(self._view.view, series, dpi))
        at_detector = series.calibration.value == "mm at detector"
        where = tr("True size at the detector") if at_detector else tr("True size")
        whose = (
            tr("as measured") if measured else tr("as the monitor states it: View > Measure this monitor makes it sure")
        )
        self.told.emit(tr("{where}, {dpi:.0f} pixels an inch {whose}.", where=where, dpi=dpi, whose=whose))

    def measure_monitor(self) -> CalibrationDialog:
        """Lets the reader measure a bar on the glass."""
        screen = self._view.screen()
        dpi, _ = dpi_of(screen, self._settings)
        dialog = CalibrationDialog(dpi, self._window.devicePixelRatioF(), self._window)
        dialog.measured.connect(lambda found: self._keep_monitor(screen_key(screen), found))
        dialog.finished.connect(dialog.deleteLater)
        dialog.open()
        return dialog

    def _keep_monitor(self, key: str, dpi: float) -> None:
        measured: dict[str, Any] = self._settings.get(options.MONITORS)
        self._settings.set(options.MONITORS, measured | {key: round(dpi, 2)})
        self._save()
        self.told.emit(tr("This monitor has {dpi:.0f} pixels an inch.", dpi=dpi))

    def show_pattern(self) -> None:
        """The test pattern over the screen that the view is on."""
        self.pattern = TestPattern()
        self.pattern.setGeometry(self._view.screen().geometry())
        self.pattern.destroyed.connect(self._forget_pattern)
        self.pattern.showFullScreen()

    def _forget_pattern(self) -> None:
        self.pattern = None

    def _save(self) -> None:
        try:
            self._settings.save()
        except OSError as error:
            fault = UserError(
                tr("The settings could not be written"), error.strerror or tr("the folder cannot be written")
            )
            message.error(self._window, tr("Saving settings"), fault)

    # -- time ------------------------------------------------------------------------------------------------------

    def toggle_sweep(self) -> None:
        """To and fro instead of round and round."""
        cine = self._view.cine
        cine.sweeps = not cine.sweeps
        self.cine_bar.sweep.setChecked(cine.sweeps)
        self.told.emit(tr("Cine plays to and fro.") if cine.sweeps else tr("Cine plays round and round."))

    def show_curve(self) -> None:
        """Follows the selected region through time."""
        series, pixels, index = self._view.series, self._view.pixels, self._view.index
        reason = why_no_curve(series)
        if series is None or pixels is None or reason:
            self.told.emit(tr("No curve: {reason}.", reason=reason))
            return
        region = self._region()
        if region is None:
            self.told.emit(tr("Draw a region, or select one, and it is followed through time."))
            return

        def work(report: Reporter) -> object:
            return time_curve(region, series, index, pixels, report)

        job = self._dispatcher.start(Lane.PIXELS, tr("Following a region"), work)
        self._followed = series
        job.succeeded.connect(self._show_curve)
        job.failed.connect(lambda fault: message.error(self._window, tr("Following a region"), fault))

    def _show_curve(self, curve: object) -> None:
        from app.core.time_curve import TimeCurve
        from app.ui.time_curve_window import TimeCurveWindow

        if not isinstance(curve, TimeCurve):
            return
        if self.curve_window is None:
            self.curve_window = TimeCurveWindow(self._window)
            self.curve_window.chosen.connect(self._go_to)
            self.curve_window.exported.connect(self._write_curve)
            self._views.current.indexChanged.connect(self._mark_time)
        self.curve_window.show_curve(curve)
        self.curve_window.show_index(self._view.index)
        self.curve_window.show()
        self.curve_window.raise_()

    def _go_to(self, index: int) -> None:
        # The reader may have gone to a view of something else.
        if self._view.series is self._followed:
            self._view.set_index(index)

    def _mark_time(self, index: int) -> None:
        if self.curve_window is not None:
            self.curve_window.show_index(index if self._view.series is self._followed else -1)

    def _write_curve(self, path: str, content: bytes) -> None:
        try:
            atomic.write(Path(path), content)
        except OutputError as fault:
            message.error(self._window, tr("Exporting the curve"), fault)
        else:
            self.told.emit(tr("Curve written."))
