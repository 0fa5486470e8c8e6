"""The page of the settings that says what the mouse's buttons and wheel do on an image."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from PySide6.QtWidgets import QComboBox, QFormLayout, QVBoxLayout, QWidget

from app.ui import theme
from app.ui.language import shown, tr
from app.ui.viewport.bindings import KINDS, TITLES, Bindings
from app.ui.widgets import label


class MouseEditor(QWidget):
    """A list of choices for each button and wheel."""

    def __init__(self, bindings: Bindings, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.fields: dict[str, QComboBox] = {}
        form = QFormLayout()
        form.setHorizontalSpacing(theme.SPACE * 2)
        form.setVerticalSpacing(theme.SPACE)
        for field in fields(Bindings):
            box = QComboBox()
            for choice in KINDS[field.name]:
                box.addItem(shown(choice.value), choice)
            box.setAccessibleName(shown(TITLES[field.name]))
            box.currentIndexChanged.connect(self._warn)
            self.fields[field.name] = box
            form.addRow(shown(TITLES[field.name]), box)
        self.warning = label(
            tr("No button is the active tool: nothing could be measured or drawn with these."),
            "warning",
            wrap=True,
        )
        column = QVBoxLayout(self)
        column.setContentsMargins(0, theme.SPACE, 0, 0)
        column.setSpacing(theme.SPACE)
        column.addLayout(form)
        column.addWidget(self.warning)
        column.addWidget(
            label(
                tr(
                    "A right click without a drag opens the menu. Measurements and the bars of images and phases are "
                    "always moved with the left button. Two fingers on a touchpad zoom by pinching."
                ),
                "small",
                wrap=True,
            )
        )
        column.addStretch(1)
        self.show_bindings(bindings)

    def show_bindings(self, bindings: Bindings) -> None:
        """Shows ``bindings``."""
        for name, box in self.fields.items():
            box.setCurrentIndex(box.findData(getattr(bindings, name)))
        self._warn()

    def bindings(self) -> Bindings:
        """What is chosen."""
        chosen: dict[str, Any] = {name: box.currentData() for name, box in self.fields.items()}
        return Bindings(**chosen)

    def _warn(self) -> None:
        if all(box.currentIndex() >= 0 for box in self.fields.values()):
            self.warning.setVisible(not self.bindings().reaches_the_tool())
