"""Asks how long a drawn line is in truth, and for which images that holds."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtWidgets import QCheckBox, QDialog, QDoubleSpinBox, QFormLayout, QHBoxLayout, QVBoxLayout

from app.ui import theme
from app.ui.language import tr
from app.ui.widgets import button, label
from inference.words import say

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

CAUTION = say(
    "Lengths and areas will be marked as calibrated by hand, on screen, in the list and in reports. "
    "They are true in the plane of the object that was measured, and nowhere else in a projection."
)


class CalibrationDialog(QDialog):
    """Changes nothing before Calibrate."""

    def __init__(self, drawn: str, images: int, *, whole_stack: bool, parent: QWidget | None = None) -> None:
        """``drawn``: the line's length as the file has it, in words; ``images``: how many the series has."""
        super().__init__(parent)
        self.setWindowTitle(tr("Calibrate by hand"))
        self.setMinimumWidth(420)
        self.length = QDoubleSpinBox()
        self.length.setAccessibleName(tr("True length"))
        self.length.setRange(0.0, 10_000.0)
        self.length.setDecimals(2)
        self.length.setSuffix(" mm")
        self.length.setValue(0.0)
        self.length.selectAll()
        self.whole_stack = QCheckBox(tr("For all {images} images of this series", images=images))
        self.whole_stack.setChecked(whole_stack)
        self.whole_stack.setVisible(images > 1)
        form = QFormLayout()
        form.setHorizontalSpacing(theme.SPACE * 2)
        form.setVerticalSpacing(theme.SPACE)
        form.addRow(tr("The line is now"), label(drawn))
        form.addRow(tr("True length"), self.length)
        column = QVBoxLayout(self)
        column.setContentsMargins(*[theme.SPACE * 2] * 4)
        column.setSpacing(theme.SPACE)
        column.addLayout(form)
        column.addWidget(self.whole_stack)
        column.addWidget(label(CAUTION, "small", wrap=True))
        column.addSpacing(theme.SPACE)
        foot = QHBoxLayout()
        foot.setSpacing(theme.SPACE)
        foot.addStretch(1)
        cancel = button(tr("Cancel"))
        cancel.clicked.connect(self.reject)
        foot.addWidget(cancel)
        self.calibrate = button(tr("Calibrate"), primary=True)
        self.calibrate.setDefault(True)
        self.calibrate.setEnabled(False)
        self.calibrate.clicked.connect(self.accept)
        self.length.valueChanged.connect(lambda value: self.calibrate.setEnabled(value > 0))
        foot.addWidget(self.calibrate)
        column.addLayout(foot)
        self.length.setFocus()
