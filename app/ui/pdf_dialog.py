"""An encapsulated PDF, page by page. Pages are drawn in jobs; the dialog only shows them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QCloseEvent, QKeyEvent, QPixmap
from PySide6.QtWidgets import QDialog, QHBoxLayout, QLabel, QScrollArea, QSpinBox, QVBoxLayout, QWidget

from app.core.pdf_pages import page_picture
from app.errors import UserError
from app.ui import theme
from app.ui.jobs import Lane
from app.ui.language import tr
from app.ui.thumbnails import image_of
from app.ui.widgets import button, icon_button, label

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from app.ui.dispatch import Dispatcher, Job

ZOOMS = (0.25, 0.5, 0.75, 1.0, 1.25, 1.5, 2.0, 3.0, 4.0)


class PdfDialog(QDialog):
    """Shows ``data``, a PDF of ``count`` pages."""

    def __init__(
        self, title: str, data: bytes, count: int, dispatcher: Dispatcher, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.resize(820, 900)
        self._data = data
        self._dispatcher = dispatcher
        self._job: Job | None = None
        self._zoom = 1.0
        column = QVBoxLayout(self)
        column.setContentsMargins(*[theme.SPACE] * 4)
        column.setSpacing(theme.SPACE)
        bar = QHBoxLayout()
        self.back = icon_button("caret-up", tr("Previous page (Page Up)"), colour=theme.TEXT)
        self.on = icon_button("caret-down", tr("Next page (Page Down)"), colour=theme.TEXT)
        self.number = QSpinBox()
        self.number.setRange(1, count)
        self.number.setAccessibleName(tr("Page"))
        self.number.setKeyboardTracking(False)
        self.number.setButtonSymbols(QSpinBox.ButtonSymbols.NoButtons)
        self.smaller = icon_button("magnifying-glass-minus", tr("Smaller (−)"), colour=theme.TEXT)
        self.larger = icon_button("magnifying-glass-plus", tr("Larger (+)"), colour=theme.TEXT)
        self.percent = label("100 %", "quiet")
        for part in (self.back, self.on, self.number, label(tr("of {count}", count=count), "quiet")):
            bar.addWidget(part)
        bar.addStretch(1)
        for part in (self.smaller, self.percent, self.larger):
            bar.addWidget(part)
        column.addLayout(bar)
        self.area = QScrollArea()
        self.area.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.page = QLabel()
        self.page.setAccessibleName(tr("Page of the document"))
        self.page.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self.page.setWordWrap(True)
        self.area.setWidget(self.page)
        self.area.setWidgetResizable(True)
        column.addWidget(self.area, 1)
        foot = QHBoxLayout()
        foot.addStretch(1)
        close = button(tr("Close"))
        close.clicked.connect(self.close)
        foot.addWidget(close)
        column.addLayout(foot)
        self.back.clicked.connect(lambda: self.number.setValue(self.number.value() - 1))
        self.on.clicked.connect(lambda: self.number.setValue(self.number.value() + 1))
        self.smaller.clicked.connect(lambda: self.zoom(-1))
        self.larger.clicked.connect(lambda: self.zoom(1))
        self.number.valueChanged.connect(lambda _: self._draw())
        self.area.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.area.setFocus()
        self._draw()

    def zoom(self, steps: int) -> None:
        """Larger or smaller by ``steps``."""
        place = min(range(len(ZOOMS)), key=lambda i: abs(ZOOMS[i] - self._zoom))
        self._zoom = ZOOMS[min(max(place + steps, 0), len(ZOOMS) - 1)]
        self._draw()

    def _draw(self) -> None:
        page, count = self.number.value(), self.number.maximum()
        self.back.setEnabled(page > 1)
        self.on.setEnabled(page < count)
        self.smaller.setEnabled(self._zoom > ZOOMS[0])
        self.larger.setEnabled(self._zoom < ZOOMS[-1])
        self.percent.setText(f"{100 * self._zoom:.0f} %")
        if self._job is not None:
            self._job.cancel()
        data, ratio = self._data, self.devicePixelRatioF()
        # At 100 % an inch of paper is an inch of the screen, as far as the system knows its size.
        dots = self._zoom * self.logicalDpiX() * ratio
        job = self._dispatcher.start(
            Lane.DOCUMENTS, tr("Drawing a page"), lambda tick: page_picture(data, page - 1, dots, tick)
        )
        self._job = job
        job.succeeded.connect(lambda picture: self._show(picture, ratio))
        job.failed.connect(self._say)

    def _show(self, picture: npt.NDArray[np.uint8], ratio: float) -> None:
        pixmap = QPixmap.fromImage(image_of(picture))
        pixmap.setDevicePixelRatio(ratio)
        self.page.setPixmap(pixmap)
        self.area.verticalScrollBar().setValue(0)

    def _say(self, fault: Exception) -> None:
        self.page.clear()
        told = tr("This page cannot be drawn.")
        if isinstance(fault, UserError):
            told = tr("{what}: {why}.", what=fault.what, why=fault.why)
        self.page.setText(told)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Page keys turn pages; plus and minus zoom."""
        pages = {Qt.Key.Key_PageDown: 1, Qt.Key.Key_PageUp: -1}
        zooms = {Qt.Key.Key_Plus: 1, Qt.Key.Key_Minus: -1}
        key = Qt.Key(event.key()) if event.key() in {k.value for k in (*pages, *zooms)} else None
        if key in pages:
            self.number.setValue(self.number.value() + pages[key])
        elif key in zooms:
            self.zoom(zooms[key])
        else:
            super().keyPressEvent(event)

    def closeEvent(self, event: QCloseEvent) -> None:
        """What is being drawn is no longer wanted."""
        if self._job is not None:
            self._job.cancel()
        super().closeEvent(event)
