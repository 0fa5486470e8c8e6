"""What ties viewport, list and document together while the reader measures: values, selection, calibration by hand."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer

from app.core.document import Place
from app.core.measure import measure, region_values
from app.core.mpr import Reformatted
from app.core.scale import calibrated_by, scale_of
from app.core.session import Change, new_id
from app.ui import message
from app.ui.calibration_dialog import CalibrationDialog
from app.ui.language import tr
from inference.words import say

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from app.core.document import Document, Measurement
    from app.core.session import Session
    from app.dicom.load import SeriesPixels
    from app.dicom.model import Series
    from app.ui.loading import Loader
    from app.ui.measurements_panel import MeasurementsPanel
    from app.ui.plane_shelf import PlaneShelf
    from app.ui.viewport import Viewport

_PAUSE_MS = 60
"""The histogram follows a drag at this pace; the picture goes first."""


class Measuring(QObject):
    """The verbs of measuring that need more than one part of the window."""

    def __init__(
        self,
        session: Session,
        viewport: Viewport,
        loader: Loader,
        parent: QObject | None = None,
        *,
        shelf: PlaneShelf | None = None,
    ) -> None:
        """``shelf``: planes that are measured on while others are on screen."""
        super().__init__(parent)
        self._shelf = shelf
        self._session = session
        self._viewport = viewport
        self._loader = loader
        self._panel: MeasurementsPanel | None = None
        self._marked: Measurement | None = None
        self._due = QTimer(self)
        self._due.setSingleShot(True)
        self._due.setInterval(_PAUSE_MS)
        self._due.timeout.connect(self._show_histogram)
        self.dialog: CalibrationDialog | None = None
        viewport.marked.connect(self._mark)
        viewport.calibrationDrawn.connect(self.ask_length)
        session.subscribe(self._changed)

    def follow(self, panel: MeasurementsPanel) -> None:
        """Keeps ``panel``'s selection and histogram at what the reader does on the image."""
        self._panel = panel
        panel.chosen.connect(self._viewport.select)

    # -- values ----------------------------------------------------------------------------------------------------

    def values(self, measurement: Measurement) -> tuple[str, ...]:
        """What a measurement says; empty while its pixels are not in memory."""
        found = self._found(measurement)
        if found is None:
            return ()
        series, index, pixels = found
        return measure(
            measurement, series, index, pixels, self._session.document.calibration_of(measurement.place)
        ).lines

    def region(self, measurement: Measurement) -> npt.NDArray[np.float64] | None:
        """The values inside a region; ``None`` for other kinds and where there are none."""
        found = self._found(measurement) if measurement.kind.is_region else None
        return None if found is None else region_values(measurement, *found)

    def _found(self, measurement: Measurement) -> tuple[Series, int, SeriesPixels] | None:
        if measurement.place.plane is not None:
            return self._on_plane(measurement.place)
        for series in self._session.index.series():
            index = measurement.place.index_in(series)
            pixels = self._loader.pixels(series) if index is not None else None
            if index is not None and pixels is not None:
                return series, index, pixels
        return None

    def _on_plane(self, place: Place) -> tuple[Series, int, SeriesPixels] | None:
        """The plane on screen, as it is there at full resolution; else as it was cut for the list."""
        series, pixels = self._viewport.series, self._viewport.pixels
        index = None if series is None else place.index_in(series)
        if series is not None and index is not None and isinstance(pixels, Reformatted) and pixels.is_fine(index):
            return series, index, pixels
        kept = None if self._shelf is None else self._shelf.find(place)
        return None if kept is None else (kept.series, 0, kept.pixels)

    # -- selection -------------------------------------------------------------------------------------------------

    def _mark(self, measurement: Measurement | None) -> None:
        self._marked = measurement
        if self._panel is not None:
            self._panel.select("" if measurement is None else measurement.id)
        if not self._due.isActive():
            self._due.start()

    def _changed(self, change: Change) -> None:
        if change & (Change.ACTIVE_SERIES | Change.MEASUREMENTS) and not self._due.isActive():
            self._due.start()

    def _show_histogram(self) -> None:
        marked, panel = self._marked, self._panel
        if panel is None:
            return
        values = None if marked is None or not panel.isVisible() else self.region(marked)
        found = None if marked is None or values is None else self._found(marked)
        unit = "" if found is None else found[0].unit
        name = "" if marked is None else marked.name or marked.kind.value
        panel.histogram.show_values(name, unit, values)

    # -- calibration by hand ---------------------------------------------------------------------------------------

    def ask_length(self, line: Measurement) -> None:
        """Asks how long a drawn line is in truth."""
        if line.place.plane is not None:
            self._viewport.annotator.pending = None
            message.information(
                self._viewport.window(),
                tr("Planes need no calibration"),
                tr("They are cut in millimetres of the patient. Calibrate on the images as they were acquired."),
            )
            return
        found = self._found(line)
        if found is None:
            return
        series, index, pixels = found
        if not scale_of(series, index, line.points).has_lengths:
            self._viewport.annotator.pending = None
            message.information(
                self._viewport.window(),
                tr("A length cannot be calibrated here"),
                tr("In this part of the image at least one direction is no length."),
            )
            return
        drawn = measure(line, series, index, pixels).lines[0]
        # Radiographs of one series may be magnified differently; slices and frames of one object are not.
        together = series.positions is not None or len(series.instances) == 1
        dialog = CalibrationDialog(drawn, len(series.instances), whole_stack=together, parent=self._viewport.window())
        self.dialog = dialog

        def ended(result: int) -> None:
            self._viewport.annotator.pending = None
            if result and dialog.length.value() > 0:
                self.calibrate(series, line, dialog.length.value(), whole_stack=dialog.whole_stack.isChecked())
            self._viewport.update()
            self.dialog = None
            dialog.deleteLater()

        dialog.finished.connect(ended)
        dialog.open()

    def calibrate(self, series: Series, line: Measurement, length_mm: float, *, whole_stack: bool) -> None:
        """Commits the reader's calibration by ``line``. A line of no length calibrates nothing."""
        try:
            by_hand = calibrated_by(new_id(), series, line.place, line.points, length_mm, whole_stack=whole_stack)
        except ValueError:
            return
        self._session.commit(say("Calibrate by hand"), self._session.document.with_calibration(by_hand))

    def calibration(self) -> str:
        """Id of the calibration by hand that holds on the image on screen; empty where there is none."""
        series = self._viewport.series
        if series is None:
            return ""
        by_hand = self._session.document.calibration_of(Place.of(series, self._viewport.index))
        return "" if by_hand is None else by_hand.id

    def clear_calibration(self) -> None:
        """Removes it: lengths are again what the file says."""
        found = self.calibration()
        if found:
            self._session.commit(say("Remove calibration by hand"), self._session.document.without_calibration(found))

    # -- clearing --------------------------------------------------------------------------------------------------

    def clear_study(self) -> None:
        """Deletes all measurements of the study on screen, as one step that undo takes back."""
        document = cleared(self._session.document, self._stacks())
        if document is not self._session.document:
            self._session.commit(say("Clear measurements"), document)

    def has_measurements(self) -> bool:
        """Whether the study on screen has any."""
        return cleared(self._session.document, self._stacks()) is not self._session.document

    def _stacks(self) -> frozenset[tuple[str, int]]:
        study = self._session.active_study()
        return frozenset() if study is None else frozenset(series.key for series in study.series)


def cleared(document: Document, stacks: frozenset[tuple[str, int]]) -> Document:
    """``document`` without the measurements of ``stacks``; the same one where there are none."""
    kept = tuple(m for m in document.measurements if (m.place.series_uid, m.place.stack) not in stacks)
    return document if len(kept) == len(document.measurements) else replace(document, measurements=kept)
