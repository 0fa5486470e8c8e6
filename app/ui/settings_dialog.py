"""The options that a reader may want to change, each with the help that it was declared with."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QDialog,
    QFormLayout,
    QHBoxLayout,
    QSpinBox,
    QTabWidget,
    QVBoxLayout,
    QWidget,
)

from app import settings as options
from app.ui import language, theme
from app.ui.language import shown, tr
from app.ui.mouse_editor import MouseEditor
from app.ui.shortcut_editor import ShortcutEditor
from app.ui.toolbar import DEFAULT_BAR
from app.ui.toolbar_editor import ToolBarEditor
from app.ui.viewport.bindings import Bindings
from app.ui.widgets import button, label
from inference.words import say

if TYPE_CHECKING:
    from app.settings import Option, Settings
    from app.ui.actions import Actions
    from app.ui.palette import Entry
    from app.ui.toolbar import ToolBar

_SHOWN: tuple[tuple[Option[Any], str, str, int], ...] = (
    (options.TEXT_SIZE, say("Text size"), " px", 1),
    (options.OVERLAY_OPACITY, say("Opacity of overlays"), " %", 100),
    (options.CACHE_MEGABYTES, say("Memory for images"), " MB", 1),
)
"""(option, name, unit, factor from the stored number to the shown one)"""
_SWITCHES: tuple[tuple[Option[bool], str], ...] = ((options.KEEP, say("Keep measurements")),)
"""(option, name)"""


_THEMES = (("dark", say("Dark")), ("light", say("Light")), ("system", say("As the system")))
_HANGING = (("automatic", say("By itself")), ("ask", say("Ask with a button")), ("off", say("Never")))


class SettingsDialog(QDialog):
    """Changes nothing before Save."""

    saved = Signal()

    def __init__(
        self,
        settings: Settings,
        actions: Actions,
        commands: list[Entry],
        bar: ToolBar,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("Settings"))
        self.resize(640, 600)
        self._settings = settings
        self.fields: dict[str, QSpinBox] = {}
        self.switches: dict[str, QCheckBox] = {}
        form = QFormLayout()
        form.setHorizontalSpacing(theme.SPACE * 2)
        form.setVerticalSpacing(theme.SPACE)
        self.theme = QComboBox()
        for name, title in _THEMES:
            self.theme.addItem(shown(title), name)
        self.theme.setCurrentIndex(self.theme.findData(settings.get(options.THEME)))
        self.theme.setAccessibleName(tr("Theme"))
        self.theme.setAccessibleDescription(shown(options.THEME.help))
        self.language = QComboBox()
        for code, title in ((language.SYSTEM, tr("As the system")), *language.LANGUAGES.items()):
            self.language.addItem(title, code)
        self.language.setCurrentIndex(self.language.findData(settings.get(options.LANGUAGE)))
        self.language.setAccessibleName(tr("Language"))
        form.addRow(tr("Language"), self.language)
        form.addRow(tr("Theme"), self.theme)
        form.addRow(label(shown(options.THEME.help), "small", wrap=True))
        self.hanging = QComboBox()
        for name, title in _HANGING:
            self.hanging.addItem(shown(title), name)
        self.hanging.setCurrentIndex(self.hanging.findData(settings.get(options.HANGING)))
        self.hanging.setAccessibleName(tr("Hanging protocols"))
        self.hanging.setAccessibleDescription(shown(options.HANGING.help))
        form.addRow(tr("Hanging protocols"), self.hanging)
        form.addRow(label(shown(options.HANGING.help), "small", wrap=True))
        for option, name, unit, factor in _SHOWN:
            form.addRow(shown(name), self._field(option, name, unit, factor))
            form.addRow(label(shown(option.help), "small", wrap=True))
        for switch, name in _SWITCHES:
            form.addRow(shown(name), self._switch(switch, name))
            form.addRow(label(shown(switch.help), "small", wrap=True))
        general = QWidget()
        page = QVBoxLayout(general)
        page.setContentsMargins(0, theme.SPACE, 0, 0)
        page.setSpacing(theme.SPACE)
        page.addLayout(form)
        page.addWidget(label(tr("Kept in {file}", file=settings.file), "small", wrap=True, selectable=True))
        page.addStretch(1)
        self.shortcuts = ShortcutEditor(actions.shortcuts.copy(), commands)
        self.mouse = MouseEditor(actions.bindings)
        self.tool_bar = ToolBarEditor(actions, bar.parts, settings.get(options.TOOL_BAR) or DEFAULT_BAR)
        self.pages = QTabWidget()
        self.pages.setDocumentMode(True)
        self.pages.setAccessibleName(tr("Pages of the settings"))
        for name, title, each in (
            ("General", tr("General"), general),
            ("Shortcuts", tr("Shortcuts"), self.shortcuts),
            ("Mouse", tr("Mouse"), self.mouse),
            ("Tool bar", tr("Tool bar"), self.tool_bar),
        ):
            each.setObjectName(name)
            self.pages.addTab(each, title)
        column = QVBoxLayout(self)
        column.setContentsMargins(*[theme.SPACE * 2] * 4)
        column.setSpacing(theme.SPACE)
        column.addWidget(self.pages, 1)
        foot = QHBoxLayout()
        foot.setSpacing(theme.SPACE)
        defaults = button(tr("Defaults"), quiet=True)
        defaults.setToolTip(tr("The defaults of this page"))
        defaults.clicked.connect(self._show_defaults)
        foot.addWidget(defaults)
        foot.addStretch(1)
        cancel = button(tr("Cancel"))
        cancel.clicked.connect(self.reject)
        foot.addWidget(cancel)
        self.save = button(tr("Save"), primary=True)
        self.save.setDefault(True)
        self.save.clicked.connect(self._save)
        foot.addWidget(self.save)
        column.addSpacing(theme.SPACE)
        column.addLayout(foot)

    def show_page(self, name: str) -> None:
        """Goes to the page that is called ``name`` in English."""
        page = self.pages.findChild(QWidget, name)
        if page is not None:
            self.pages.setCurrentWidget(page)

    def _field(self, option: Option[Any], name: str, unit: str, factor: int) -> QSpinBox:
        field = QSpinBox()
        low, high = option.limits or (0, 0)
        field.setRange(round(low * factor), round(high * factor))
        field.setSuffix(unit)
        field.setAccessibleName(shown(name))
        field.setAccessibleDescription(shown(option.help))
        field.setValue(round(self._settings.get(option) * factor))
        self.fields[option.name] = field
        return field

    def _switch(self, option: Option[bool], name: str) -> QCheckBox:
        box = QCheckBox()
        box.setAccessibleName(shown(name))
        box.setAccessibleDescription(shown(option.help))
        box.setChecked(self._settings.get(option))
        self.switches[option.name] = box
        return box

    def _show_defaults(self) -> None:
        page = self.pages.currentWidget()
        if page is self.shortcuts:
            self.shortcuts.reset_all()
        elif page is self.mouse:
            self.mouse.show_bindings(Bindings())
        elif page is self.tool_bar:
            self.tool_bar.show_names(DEFAULT_BAR)
        else:
            self._show_general_defaults()

    def _show_general_defaults(self) -> None:
        self.language.setCurrentIndex(self.language.findData(options.LANGUAGE.default))
        self.theme.setCurrentIndex(self.theme.findData(options.THEME.default))
        self.hanging.setCurrentIndex(self.hanging.findData(options.HANGING.default))
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
        self._settings.set(options.LANGUAGE, self.language.currentData())
        self._settings.set(options.THEME, self.theme.currentData())
        self._settings.set(options.HANGING, self.hanging.currentData())
        self._settings.set(options.SHORTCUTS, self.shortcuts.shortcuts.changed())
        self._settings.set(options.MOUSE, self.mouse.bindings().changed())
        self._settings.set(options.TOOL_BAR, self.tool_bar.chosen())
        self.saved.emit()
        self.accept()
