"""The monitor: how dense its pixels are, measured by the reader, and a pattern to judge it by."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QImage, QPainter
from PySide6.QtWidgets import QDialog, QDoubleSpinBox, QFormLayout, QHBoxLayout, QVBoxLayout, QWidget

from app.core.test_pattern import test_pattern
from app.core.true_size import dpi_from_bar
from app.ui import theme
from app.ui.language import shown, tr
from app.ui.widgets import button, label
from inference.words import say

if TYPE_CHECKING:
    from PySide6.QtGui import QKeyEvent, QMouseEvent, QPaintEvent, QScreen

    from app.settings import Settings

_BAR = 400
"""Length of the bar in logical pixels: long, so that a millimetre of error matters little."""


def screen_key(screen: QScreen) -> str:
    """A name for a monitor in the settings: its make, model and resolution."""
    size = screen.geometry().size() * screen.devicePixelRatio()
    parts = (screen.manufacturer(), screen.model(), screen.name(), f"{size.width()}x{size.height()}")
    return " ".join(part for part in parts if part)


def dpi_of(screen: QScreen, settings: Settings) -> tuple[float, bool]:
    """Device pixels an inch, and whether the reader measured them; otherwise what the monitor says of itself."""
    from app import settings as options

    measured = settings.get(options.MONITORS).get(screen_key(screen))
    if measured is not None:
        return float(measured), True
    return screen.physicalDotsPerInch() * screen.devicePixelRatio(), False


class _Bar(QWidget):
    """A bar of a known number of pixels with a line at each end."""

    def __init__(self) -> None:
        super().__init__()
        self.setFixedSize(_BAR + 2, 56)
        self.setAccessibleName(tr("Bar to measure"))

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(QRectF(0, 24, _BAR, 8), QColor(theme.ACCENT))
        for x in (0, _BAR - 1):
            painter.fillRect(QRectF(x, 4, 1, 48), QColor(theme.TEXT))
        painter.end()


class CalibrationDialog(QDialog):
    """Asks how long a bar is on the glass."""

    measured = Signal(float)
    """Device pixels an inch."""

    def __init__(self, dpi: float, ratio: float, parent: QWidget | None = None) -> None:
        """``dpi``: what is assumed now. ``ratio``: device pixels a logical pixel."""
        super().__init__(parent)
        self.setWindowTitle(tr("Measure this monitor"))
        self._ratio = ratio
        self.bar = _Bar()
        self.length = QDoubleSpinBox()
        self.length.setRange(1, 2000)
        self.length.setDecimals(1)
        self.length.setProperty("stepless", True)
        self.length.setSuffix(" mm")
        self.length.setValue(_BAR * ratio / max(dpi, 1) * 25.4)
        self.length.setAccessibleName(tr("Length of the bar"))
        self.fault = label("", "error", wrap=True)
        self.fault.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(*[theme.SPACE * 2] * 4)
        column.setSpacing(theme.SPACE)
        told = tr("Hold a ruler against the screen and measure the bar from line to line. True size then is true here.")
        column.addWidget(label(told, wrap=True))
        column.addWidget(self.bar)
        form = QFormLayout()
        form.addRow(tr("The bar is"), self.length)
        column.addLayout(form)
        column.addWidget(self.fault)
        foot = QHBoxLayout()
        foot.setSpacing(theme.SPACE)
        foot.addStretch(1)
        cancel, save = button(tr("Cancel")), button(tr("Save"), primary=True)
        save.setDefault(True)
        cancel.clicked.connect(self.reject)
        save.clicked.connect(self._save)
        foot.addWidget(cancel)
        foot.addWidget(save)
        column.addLayout(foot)

    def _save(self) -> None:
        try:
            # From the middle of one end line to that of the other.
            dpi = dpi_from_bar((_BAR - 1) * self._ratio, self.length.value())
        except ValueError:
            self.fault.setText(tr("No screen has pixels of that size: measure again, in millimetres."))
            self.fault.show()
            return
        self.measured.emit(dpi)
        self.accept()


_LOOK_FOR = say(
    "Look for:  both small squares in every grey step  ·  the 5 % square in black and the 95 % "
    "square in white  ·  single lines in the middle and in the corners, none of them grey  ·  a "
    "round circle, square cells, the white frame on all four edges.   T hides this, Esc closes."
)


class TestPattern(QWidget):
    """The pattern over a whole screen, pixel by pixel."""

    __test__ = False

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent, Qt.WindowType.Window | Qt.WindowType.FramelessWindowHint)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setWindowTitle(tr("Monitor test pattern"))
        self.setAccessibleName(tr("Monitor test pattern"))
        self.setMinimumSize(QSize(480, 360))
        self.told = True
        self._image: QImage | None = None

    def device_size(self) -> tuple[int, int]:
        """Width and height in device pixels."""
        ratio = self.devicePixelRatioF()
        return round(self.width() * ratio), round(self.height() * ratio)

    def paintEvent(self, event: QPaintEvent) -> None:
        size, ratio = self.device_size(), self.devicePixelRatioF()
        if self._image is None or (self._image.width(), self._image.height()) != size:
            pattern = test_pattern(*size)
            form = QImage.Format.Format_Grayscale8
            self._image = QImage(pattern.tobytes(), *size, size[0], form).copy()
            self._image.setDevicePixelRatio(ratio)
        painter = QPainter(self)
        painter.drawImage(QPointF(0, 0), self._image)
        if self.told:
            painter.setFont(theme.font(12))
            wide = min(self.width() * 0.62, 900.0)
            box = QRectF((self.width() - wide) / 2, 10, wide, 60)
            flags = int(Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap)
            told = shown(_LOOK_FOR)
            taken = painter.boundingRect(box, flags, told)
            painter.fillRect(taken.adjusted(-10, -5, 10, 5), QColor(0, 0, 0))
            painter.setPen(QColor(200, 200, 200))
            painter.drawText(box, flags, told)
        painter.end()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape closes, T hides the words."""
        if event.key() == Qt.Key.Key_T:
            self.told = not self.told
            self.update()
        elif event.key() in (Qt.Key.Key_Escape, Qt.Key.Key_Q):
            self.close()

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """A double click closes as well."""
        self.close()
