"""The window panel: histogram of the frame, the window as a region on it, width and centre as numbers, and presets."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QComboBox, QDoubleSpinBox, QGridLayout, QSizePolicy, QVBoxLayout, QWidget

from app.core.preset_book import presets_of
from app.dicom.pixels import window_between
from app.dicom.voi import Lut, Window, WindowFunction
from app.ui import theme
from app.ui.language import shown, tr
from app.ui.viewport.histogram import Histogram, counts_of
from app.ui.widgets import label
from inference.words import say

if TYPE_CHECKING:
    from PySide6.QtGui import QShowEvent

    from app.dicom.voi import Voi
    from app.ui.viewport import Viewport

QUIET_MS = 120
"""The histogram waits until the reader has stopped scrolling for this long."""
_REDRAW_MS = 30
"""Numbers and region follow a drag at this pace; the picture goes first."""

AUTO = say("Auto")
FULL_RANGE = say("Full range")
CUSTOM = say("Custom")


class WindowPanel(QWidget):
    """Follows one viewport at a time (``follow``). Reads its window and sets it; holds none itself."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._viewport: Viewport | None = None
        self._histogram: Histogram | None = None
        self._choices: list[Voi | str] = []
        self._counts_due = QTimer(self, singleShot=True, interval=QUIET_MS)
        self._counts_due.timeout.connect(self._count)
        self._window_due = QTimer(self, singleShot=True, interval=_REDRAW_MS)
        self._window_due.timeout.connect(self._show_window)

        self.presets = QComboBox()
        self.presets.setAccessibleName(tr("Window preset"))
        self.tell_keys(usual=True)
        self.presets.activated.connect(self._choose)
        self.width_box, self.centre_box = self._number(tr("Width")), self._number(tr("Centre"))
        self.width_box.setMinimum(0.0)
        self.note = label("", "quiet", wrap=True)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(12, 12, 12, 12)
        self._column.setSpacing(theme.SPACE)
        self._column.addWidget(self.presets)
        self._place_for_plot = self._column.count()
        fields = QGridLayout()
        fields.setHorizontalSpacing(theme.SPACE)
        fields.setVerticalSpacing(4)
        for column, (text, box) in enumerate(((tr("Width"), self.width_box), (tr("Centre"), self.centre_box))):
            heading = label(text, "small")
            heading.setBuddy(box)
            fields.addWidget(heading, 0, column)
            fields.addWidget(box, 1, column)
        self._column.addLayout(fields)
        self._column.addWidget(self.note)
        self._column.addStretch(1)
        self._show_window()

    def tell_keys(self, *, usual: bool) -> None:
        """``usual``: presets have the keys that they have unless the reader chose others."""
        usually = tr("Presets have the keys 1–9, Auto has 0")
        self.presets.setToolTip(usually if usual else tr("Window preset"))

    def _number(self, name: str) -> QDoubleSpinBox:
        box = QDoubleSpinBox()
        box.setAccessibleName(name)
        box.setRange(-1e9, 1e9)
        box.setKeyboardTracking(False)
        # Wheel and arrow keys step; buttons would take the room of a digit.
        box.setProperty("stepless", True)
        box.setMinimumWidth(72)
        box.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        box.setAlignment(Qt.AlignmentFlag.AlignRight)
        box.setGroupSeparatorShown(False)
        box.valueChanged.connect(self._typed)
        return box

    # -- the viewport ----------------------------------------------------------------------------------------------

    def follow(self, viewport: Viewport | None) -> None:
        """Shows and sets the window of ``viewport`` from now on."""
        if viewport is self._viewport:
            return
        old, self._viewport = self._viewport, viewport
        if old is not None:
            old.voiChanged.disconnect(self._window_changed)
            old.indexChanged.disconnect(self._frame_changed)
        if viewport is not None:
            viewport.voiChanged.connect(self._window_changed)
            viewport.indexChanged.connect(self._frame_changed)
            viewport.destroyed.connect(self._gone)
        self._show_window()
        self._counts_due.start()

    def _gone(self) -> None:
        self._viewport = None

    def frame_loaded(self, index: int) -> None:
        """A frame has arrived in the viewport; its histogram is due if it is the one shown."""
        if self._viewport is not None and index == self._viewport.index:
            self._counts_due.start()

    def refresh(self) -> None:
        """The reader's presets are others."""
        self._show_window()

    def _window_changed(self) -> None:
        if not self._window_due.isActive():
            self._window_due.start()

    def _frame_changed(self) -> None:
        self._counts_due.start()

    def showEvent(self, event: QShowEvent) -> None:
        """The plot is made when it is first seen."""
        super().showEvent(event)
        if self._histogram is None:
            self._histogram = Histogram(self)
            self._histogram.windowDragged.connect(self._dragged)
            self._column.insertWidget(self._place_for_plot, self._histogram.plot)
        self._show_window()
        self._counts_due.start()

    @property
    def histogram(self) -> Histogram | None:
        """The plot, once it has been made."""
        return self._histogram

    def _count(self) -> None:
        viewport = self._viewport
        if self._histogram is None or not self.isVisible():
            return
        if viewport is None or viewport.series is None or viewport.pixels is None:
            self._histogram.show_counts(None)
            return
        self._histogram.show_counts(counts_of(viewport.series, viewport.pixels, viewport.index))

    # -- showing ---------------------------------------------------------------------------------------------------

    def _show_window(self) -> None:
        viewport = self._viewport
        series = viewport.series if viewport is not None else None
        voi = viewport.voi if viewport is not None else None
        grey = series is not None and not series.is_colour
        window = voi if isinstance(voi, Window) else None
        for box in (self.width_box, self.centre_box):
            box.setEnabled(grey and voi is not None)
            box.blockSignals(True)
        if window is not None:
            digits = 0 if window.width >= 100 else 1 if window.width >= 10 else 3
            for box, value in ((self.width_box, window.width), (self.centre_box, window.center)):
                box.setDecimals(digits)
                box.setSingleStep(max(window.width / 50, 10.0**-digits))
                box.setSuffix(f" {series.unit}" if series is not None and series.unit else "")
                box.setValue(value)
        for box in (self.width_box, self.centre_box):
            if window is None:
                box.setSuffix("")
                box.clear()
            box.blockSignals(False)
        self._fill_presets(voi)
        if self._histogram is not None:
            self._histogram.plot.setVisible(grey)
            self._histogram.show_window(_ends(window) if window is not None else None)
        if series is None:
            self.note.setText(tr("Open an image to see its window."))
        elif series.is_colour:
            self.note.setText(tr("Colour images are shown as they are: they have no window."))
        elif isinstance(voi, Lut):
            self.note.setText(tr("A lookup table of the file. A window replaces it."))
        else:
            self.note.setText("")
        self.note.setVisible(bool(self.note.text()))

    def _fill_presets(self, voi: Voi | None) -> None:
        viewport = self._viewport
        series = viewport.series if viewport is not None else None
        self.presets.setEnabled(series is not None and not series.is_colour and voi is not None)
        names: list[str] = []
        self._choices = []
        if viewport is not None and series is not None and not series.is_colour and viewport.pixels is not None:
            stages = viewport.pixels.pipeline(viewport.index)
            named: tuple[Voi, ...] = (*stages.windows, *stages.voi_luts)
            for position, own in enumerate(named):
                names.append(_own_name(own, position))
                self._choices.append(own)
            names += [shown(AUTO), shown(FULL_RANGE)]
            self._choices += [AUTO, FULL_RANGE]
            for preset in presets_of(series):
                names.append(shown(preset.name))
                self._choices.append(preset.window)
        chosen = next((at for at, choice in enumerate(self._choices) if _same(choice, voi)), -1)
        if chosen < 0 and voi is not None:
            names.append(shown(CUSTOM))
            self._choices.append(CUSTOM)
            chosen = len(names) - 1
        if [self.presets.itemText(at) for at in range(self.presets.count())] != names:
            self.presets.clear()
            self.presets.addItems(names)
        self.presets.setCurrentIndex(chosen)

    # -- setting ---------------------------------------------------------------------------------------------------

    def _choose(self, position: int) -> None:
        viewport = self._viewport
        if viewport is None or not 0 <= position < len(self._choices):
            return
        choice = self._choices[position]
        if choice == AUTO:
            viewport.auto_window()
        elif choice == FULL_RANGE:
            ends = viewport.frame_range()
            if ends is not None:
                self._set(*ends)
        elif isinstance(choice, Window | Lut):
            viewport.set_voi(choice)

    def _typed(self) -> None:
        width, centre = self.width_box.value(), self.centre_box.value()
        function = self._function()
        if function is WindowFunction.LINEAR and width < 1:
            function = WindowFunction.LINEAR_EXACT
        if self._viewport is not None and width > 0:
            self._viewport.set_voi(Window(centre, width, function))

    def _dragged(self, low: float, high: float) -> None:
        self._set(low, high)

    def _set(self, low: float, high: float) -> None:
        """A window whose ramp runs from ``low`` to ``high``."""
        if self._viewport is None:
            return
        function = self._function()
        if function is WindowFunction.LINEAR:
            self._viewport.set_voi(window_between(low, high))
        elif high > low:
            self._viewport.set_voi(Window((low + high) / 2, high - low, function))

    def _function(self) -> WindowFunction:
        voi = self._viewport.voi if self._viewport is not None else None
        return voi.function if isinstance(voi, Window) else WindowFunction.LINEAR


def _ends(window: Window) -> tuple[float, float]:
    """Where the window's ramp begins and ends."""
    if window.function is WindowFunction.LINEAR:
        half = (window.width - 1) / 2
        return window.center - 0.5 - half, window.center - 0.5 + half
    return window.center - window.width / 2, window.center + window.width / 2


def _own_name(voi: Voi, position: int) -> str:
    """How the file calls its window: its explanation, or its numbers."""
    if voi.explanation:
        return tr("File: {window}", window=voi.explanation)
    if isinstance(voi, Window):
        return tr("File: {window}", window=f"{voi.width:g} / {voi.center:g}".replace("-", "\u2212"))
    return tr("File: lookup table {number}", number=position + 1)


def _same(choice: Voi | str, voi: Voi | None) -> bool:
    """Whether a choice is the window in force, by what it does and not by its name."""
    if isinstance(choice, Window) and isinstance(voi, Window):
        return replace(choice, explanation="") == replace(voi, explanation="")
    return choice is voi
