"""The options that a reader may want to change, each with the help that it was declared with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QDialog, QFormLayout, QHBoxLayout, QSpinBox, QVBoxLayout, QWidget

from app import settings as options
from app.ui import theme
from app.ui.widgets import button, label

if TYPE_CHECKING:
    from app.settings import Option, Settings

_SHOWN: tuple[tuple[Option[Any], str, str, int], ...] = (
    (options.TEXT_SIZE, "Text size", " px", 1),
    (options.OVERLAY_OPACITY, "Opacity of overlays", " %", 100),
    (options.CACHE_MEGABYTES, "Memory for images", " MB", 1),
)
"""(option, name, unit, factor from the stored number to the shown one)"""
_SWITCHES: tuple[tuple[Option[bool], str], ...] = ((options.KEEP, "Keep measurements"),)
"""(option, name)"""


class SettingsDialog(QDialog):
    """Changes nothing before Save."""

    saved = Signal()

    def __init__(self, settings: Settings, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle("Settings")
        self.setMinimumWidth(460)
        self._settings = settings
        self.fields: dict[str, QSpinBox] = {}
        self.switches: dict[str, QCheckBox] = {}
        form = QFormLayout()
        form.setHorizontalSpacing(theme.SPACE * 2)
        form.setVerticalSpacing(theme.SPACE)
        for option, name, unit, factor in _SHOWN:
            form.addRow(name, self._field(option, name, unit, factor))
            form.addRow(label(option.help, "small", wrap=True))
        for switch, name in _SWITCHES:
            form.addRow(name, self._switch(switch, name))
            form.addRow(label(switch.help, "small", wrap=True))
        column = QVBoxLayout(self)
        column.setContentsMargins(*[theme.SPACE * 2] * 4)
        column.setSpacing(theme.SPACE)
        column.addLayout(form)
        column.addWidget(label(f"Kept in {settings.file}", "small", wrap=True, selectable=True))
        column.addStretch(1)
        foot = QHBoxLayout()
        foot.setSpacing(theme.SPACE)
        defaults = button("Defaults", quiet=True)
        defaults.clicked.connect(self._show_defaults)
        foot.addWidget(defaults)
        foot.addStretch(1)
        cancel = button("Cancel")
        cancel.clicked.connect(self.reject)
        foot.addWidget(cancel)
        self.save = button("Save", primary=True)
        self.save.setDefault(True)
        self.save.clicked.connect(self._save)
        foot.addWidget(self.save)
        column.addSpacing(theme.SPACE)
        column.addLayout(foot)

    def _field(self, option: Option[Any], name: str, unit: str, factor: int) -> QSpinBox:
        field = QSpinBox()
        low, high = option.limits or (0, 0)
        field.setRange(round(low * factor), round(high * factor))
        field.setSuffix(unit)
        field.setAccessibleName(name)
        field.setAccessibleDescription(option.help)
        field.setValue(round(self._settings.get(option) * factor))
        self.fields[option.name] = field
        return field

    def _switch(self, option: Option[bool], name: str) -> QCheckBox:
        box = QCheckBox()
        box.setAccessibleName(name)
        box.setAccessibleDescription(option.help)
        box.setChecked(self._settings.get(option))
        self.switches[option.name] = box
        return box

    def _show_defaults(self) -> None:
        for switch, _ in _SWITCHES:
            self.switches[switch.name].setChecked(switch.default)
        for option, _, _, factor in _SHOWN:
            self.fields[option.name].setValue(round(option.default * factor))

    def _save(self) -> None:
        for option, _, _, factor in _SHOWN:
            value = self.fields[option.name].value()
            self._settings.set(option, value if factor == 1 else value / factor)
        for switch, _ in _SWITCHES:
            self._settings.set(switch, self.switches[switch.name].isChecked())
        self.saved.emit()
        self.accept()
