"""How the program looks: colours, type, spacing. The only place that names a colour of the window.

Black behind images in both themes, neutral greys around them, one accent. Every pair of text and ground below has a
contrast of at least 4.5 : 1 (WCAG 2.2 AA), which a test computes.
"""

from __future__ import annotations

from dataclasses import asdict, dataclass, fields
from string import Template
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QFont, QFontDatabase, QGuiApplication, QPalette

from app.paths import assets_dir

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication


@dataclass(frozen=True)
class Colours:
    """The colours of one theme, as ``#rrggbb``. No two text colours of a theme are the same, so that an icon's colour
    names its role."""

    ground: str
    """Bars and the space between panels."""
    panel: str
    raised: str
    """Fields, cards and buttons."""
    hover: str
    line: str
    edge: str
    """Between a bar and what it borders on."""
    empty: str
    """The middle of the window while no image is there."""
    handle: str
    """Of scroll bars."""
    text: str
    text_quiet: str
    text_disabled: str
    accent: str
    accent_hover: str
    accent_quiet: str
    """The accent as a ground: selected rows, active tools."""
    on_accent: str
    warning: str
    error: str
    success: str

    def pairs(self) -> tuple[tuple[str, str], ...]:
        """(text, ground) as they meet on screen; each reaches 4.5 : 1."""
        return (
            (self.text, self.ground),
            (self.text, self.panel),
            (self.text, self.raised),
            (self.text, self.hover),
            (self.text, self.empty),
            (self.text, self.accent_quiet),
            (self.text_quiet, self.ground),
            (self.text_quiet, self.panel),
            (self.text_quiet, self.raised),
            (self.text_quiet, self.hover),
            (self.text_quiet, self.empty),
            (self.text_quiet, self.accent_quiet),
            (self.on_accent, self.accent),
            (self.on_accent, self.accent_hover),
            (self.accent, self.ground),
            (self.accent, self.panel),
            (self.accent, self.empty),
            (self.warning, self.ground),
            (self.warning, self.panel),
            (self.warning, self.raised),
            (self.error, self.panel),
            (self.error, self.raised),
            (self.success, self.panel),
            (self.success, self.raised),
        )


DARK = Colours(
    ground="#131417",
    panel="#1a1c20",
    raised="#24272c",
    hover="#2f333a",
    line="#33373e",
    edge="#000000",
    empty="#000000",
    handle="#454a53",
    text="#e8eaed",
    text_quiet="#a9b0ba",
    text_disabled="#6d747e",
    accent="#4cc2ff",
    accent_hover="#86d6ff",
    accent_quiet="#153a50",
    on_accent="#07131f",
    warning="#f0b957",
    error="#ff8a80",
    success="#6fcf97",
)
LIGHT = Colours(
    ground="#e6e9ed",
    panel="#f4f5f7",
    raised="#ffffff",
    hover="#dde2e8",
    line="#c2c8d0",
    edge="#c2c8d0",
    empty="#edeff2",
    handle="#a3abb6",
    text="#16191d",
    text_quiet="#4a535f",
    text_disabled="#8b939e",
    accent="#005ea3",
    accent_hover="#004c85",
    accent_quiet="#cbe3f7",
    on_accent="#fdfeff",
    warning="#7d4b00",
    error="#b0211a",
    success="#17643a",
)
THEMES = {"dark": DARK, "light": LIGHT}

CANVAS = "#000000"
"""Behind images, in every theme: nothing brighter competes with the film."""
IMAGE_PAIRS = ((DARK.text, CANVAS), (DARK.text_quiet, CANVAS), (DARK.accent, CANVAS), (DARK.warning, CANVAS))
"""(text, ground) on images, which are read on black whatever the window looks like."""
READABLE_PAIRS = tuple(dict.fromkeys((*DARK.pairs(), *LIGHT.pairs(), *IMAGE_PAIRS)))
"""All pairs of text and ground that meet on screen."""

# The colours of the theme in force, for what paints itself: read when painting, never kept.
GROUND = DARK.ground
PANEL = DARK.panel
RAISED = DARK.raised
HOVER = DARK.hover
LINE = DARK.line
TEXT = DARK.text
TEXT_QUIET = DARK.text_quiet
TEXT_DISABLED = DARK.text_disabled
ACCENT = DARK.accent
ACCENT_QUIET = DARK.accent_quiet
ON_ACCENT = DARK.on_accent
WARNING = DARK.warning
ERROR = DARK.error
SUCCESS = DARK.success

_ROLES = ("text", "text_quiet", "text_disabled", "accent", "on_accent", "warning", "error", "success")
_current = DARK


def colours() -> Colours:
    """Those of the theme in force."""
    return _current


def use(theme: Colours) -> None:
    """Puts the colours of ``theme`` in force for what paints itself from now on."""
    global _current
    _current = theme
    names = globals()
    for field in fields(theme):
        if field.name.upper() in names:
            names[field.name.upper()] = getattr(theme, field.name)


def translated(colour: str) -> str:
    """The colour that has the role of ``colour``, of whichever theme, in the theme in force; others stay."""
    for theme in THEMES.values():
        for role in _ROLES:
            if getattr(theme, role) == colour:
                return str(getattr(_current, role))
    return colour


def chosen(name: str) -> Colours:
    """The theme called ``name``: ``dark``, ``light``, or ``system`` for what the desktop prefers (dark where it does
    not say)."""
    if name in THEMES:
        return THEMES[name]
    hints = QGuiApplication.styleHints()
    light = hasattr(hints, "colorScheme") and hints.colorScheme() == Qt.ColorScheme.Light
    return LIGHT if light else DARK


SPACE = 8
"""The grid: distances are multiples of half of it, in device-independent pixels."""

_FONT_FILES = ("Inter.ttf", "Inter-SemiBold.ttf", "cjk/DroidSansFallback.ttf")
_FAMILIES = (
    *("Inter", "Segoe UI", "SF Pro Text", "Noto Sans", "DejaVu Sans", "Arial"),
    # Ideographs as the system draws them, else as the carried font does.
    *("Microsoft YaHei UI", "PingFang SC", "Noto Sans CJK SC", "Source Han Sans SC", "Droid Sans Fallback"),
)
_loaded_families: list[str] = []


def contrast(first: str, second: str) -> float:
    """WCAG contrast ratio of two sRGB colours, 1–21."""

    def luminance(name: str) -> float:
        colour = QColor(name)
        channels = (colour.redF(), colour.greenF(), colour.blueF())
        red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
        return 0.2126 * red + 0.7152 * green + 0.0722 * blue

    light, dark = sorted((luminance(first), luminance(second)), reverse=True)
    return (light + 0.05) / (dark + 0.05)


def families() -> list[str]:
    """Font families in order of preference: the carried one first, so that the window looks the same on every machine.

    The last is carried too, for Chinese, Japanese and Korean names on systems that have no font for them.
    """
    if not _loaded_families:
        for file in _FONT_FILES:
            QFontDatabase.addApplicationFont(str(assets_dir() / "fonts" / file))
        _loaded_families.extend(_FAMILIES)
    return list(_loaded_families)


def font(size: int, weight: QFont.Weight = QFont.Weight.Normal) -> QFont:
    """The program's font, ``size`` device-independent pixels tall, with digits of equal width."""
    chosen = QFont()
    chosen.setFamilies(families())
    chosen.setPixelSize(size)
    chosen.setWeight(weight)
    chosen.setHintingPreference(QFont.HintingPreference.PreferVerticalHinting)
    if hasattr(chosen, "setFeature"):
        # Numbers that change under the cursor must not make the text beside them jump.
        chosen.setFeature(QFont.Tag("tnum"), 1)
    return chosen


def palette() -> QPalette:
    """Fusion's colours, for what the style sheet leaves to the style."""
    chosen = QPalette()
    roles = {
        QPalette.ColorRole.Window: PANEL,
        QPalette.ColorRole.WindowText: TEXT,
        QPalette.ColorRole.Base: RAISED,
        QPalette.ColorRole.AlternateBase: PANEL,
        QPalette.ColorRole.ToolTipBase: HOVER,
        QPalette.ColorRole.ToolTipText: TEXT,
        QPalette.ColorRole.PlaceholderText: TEXT_QUIET,
        QPalette.ColorRole.Text: TEXT,
        QPalette.ColorRole.Button: RAISED,
        QPalette.ColorRole.ButtonText: TEXT,
        QPalette.ColorRole.BrightText: ERROR,
        QPalette.ColorRole.Link: ACCENT,
        QPalette.ColorRole.LinkVisited: ACCENT,
        QPalette.ColorRole.Highlight: ACCENT_QUIET,
        QPalette.ColorRole.HighlightedText: TEXT,
        QPalette.ColorRole.Light: HOVER,
        QPalette.ColorRole.Midlight: LINE,
        QPalette.ColorRole.Mid: LINE,
        QPalette.ColorRole.Dark: GROUND,
        QPalette.ColorRole.Shadow: _current.edge,
        QPalette.ColorRole.Accent: ACCENT,
    }
    for role, colour in roles.items():
        chosen.setColor(role, QColor(colour))
    disabled = (
        QPalette.ColorRole.WindowText,
        QPalette.ColorRole.Text,
        QPalette.ColorRole.ButtonText,
        QPalette.ColorRole.HighlightedText,
    )
    for role in disabled:
        chosen.setColor(QPalette.ColorGroup.Disabled, role, QColor(TEXT_DISABLED))
    return chosen


_SHEET = Template("""
QMainWindow, QDialog { background: $panel; }
QMainWindow::separator { background: $ground; width: 4px; height: 4px; }
QMainWindow::separator:hover { background: $accent_quiet; }
QToolTip { background: $hover; color: $text; border: 1px solid $line; padding: 4px 6px; }

QMenuBar { background: $ground; padding: 2px 4px; border: none; }
QMenuBar::item { padding: 4px 10px; border-radius: 4px; background: transparent; }
QMenuBar::item:selected { background: $hover; }
QMenu { background: $raised; border: 1px solid $line; padding: 4px; }
QMenu::item { padding: 5px 24px 5px 8px; border-radius: 4px; }
QMenu::icon { padding-left: 8px; }
QMenu::item:selected { background: $accent_quiet; }
QMenu::item:disabled { color: $text_disabled; }
QMenu::separator { height: 1px; background: $line; margin: 4px 8px; }
QMenu::indicator { width: 14px; height: 14px; left: 6px; }

QToolBar { background: $ground; border: none; border-bottom: 1px solid $edge; padding: 3px 6px; spacing: 2px; }
QToolBar::separator { background: $line; width: 1px; margin: 5px 6px; }
QToolBar QToolButton { border: 1px solid transparent; border-radius: 5px; padding: 5px; }
QToolBar QToolButton:hover { background: $hover; }
QToolBar QToolButton:pressed { background: $line; }
QToolBar QToolButton:checked { background: $accent_quiet; border-color: $accent; }
QToolBar QToolButton:checked:disabled { background: transparent; border-color: transparent; }
QToolBar QToolButton:focus { border-color: $accent; }
QToolBar QToolButton#qt_toolbar_ext_button { qproperty-icon: url($more); padding: 0; }
QToolBar QToolButton#labelled { padding: 5px 22px 5px 8px; }
QToolBar QToolButton#moreTools { padding: 5px 18px 5px 5px; }
QToolBar QToolButton::menu-indicator { image: url($caret); width: 10px; height: 10px; subcontrol-origin: padding;
  subcontrol-position: right center; right: 8px; }

QStatusBar { background: $ground; border-top: 1px solid $edge; color: $text_quiet; }
QStatusBar::item { border: none; }
QStatusBar QLabel { color: $text_quiet; padding: 0 6px; }
QLabel#researchUse { color: $warning; padding: 0 8px; }

QTabWidget { background: $ground; }
QTabWidget QStackedWidget { background: $panel; }
QTabWidget::pane { border: none; background: $panel; }
QTabBar { background: $ground; qproperty-drawBase: 0; }
QTabBar::tab { background: $ground; color: $text_quiet; padding: 9px 8px 8px 8px; border: none;
  border-bottom: 2px solid transparent; }
QTabBar::tab:selected { color: $text; border-bottom-color: $accent; background: $panel; }
QTabBar::tab:hover:!selected { color: $text; background: $hover; }
QTabBar::tab:focus { color: $accent; }

QPushButton { background: $raised; border: 1px solid $line; border-radius: 5px; padding: 5px 14px; min-height: 18px; }
QPushButton:hover { background: $hover; }
QPushButton:pressed { background: $line; }
QPushButton:focus { border-color: $accent; }
QPushButton:disabled { color: $text_disabled; background: $panel; }
QPushButton:default, QPushButton[primary="true"] { background: $accent; color: $on_accent; border-color: $accent;
  font-weight: 600; }
QPushButton:default:hover, QPushButton[primary="true"]:hover { background: $accent_hover; border-color: $accent_hover; }
QPushButton:default:focus, QPushButton[primary="true"]:focus { border-color: $text; }
QPushButton[primary="true"]:disabled, QPushButton:default:disabled { background: $raised; color: $text_disabled;
  border-color: $line; }
QPushButton[quiet="true"] { background: transparent; border-color: transparent; padding: 4px 8px; }
QPushButton[quiet="true"]:hover { background: $hover; }
QPushButton[quiet="true"]:checked { background: $accent_quiet; }
QPushButton[quiet="true"]:focus { border-color: $accent; }
QPushButton[link="true"] { background: transparent; border: 1px solid transparent; color: $accent; padding: 2px 4px;
  text-align: left; }
QPushButton[link="true"]:hover { text-decoration: underline; }
QPushButton[link="true"]:focus { border-color: $accent; }
QToolButton { border: 1px solid transparent; border-radius: 4px; padding: 3px; }
QToolButton:hover { background: $hover; }
QToolButton:focus { border-color: $accent; }
QToolButton:checked { background: $accent_quiet; }

QLineEdit, QComboBox, QAbstractSpinBox, QPlainTextEdit, QTextBrowser, QTextEdit { background: $raised;
  border: 1px solid $line; border-radius: 5px; padding: 4px 6px; selection-background-color: $accent_quiet; }
QLineEdit:focus, QComboBox:focus, QSpinBox:focus, QDoubleSpinBox:focus, QPlainTextEdit:focus, QTextBrowser:focus {
  border-color: $accent; }
QComboBox::drop-down { border: none; width: 20px; }
QComboBox::down-arrow { image: url($caret); width: 10px; height: 10px; }
QAbstractSpinBox { padding-right: 20px; }
QAbstractSpinBox::up-button, QAbstractSpinBox::down-button { subcontrol-origin: border; width: 20px; border: none;
  border-left: 1px solid $line; background: transparent; }
QAbstractSpinBox::up-button { subcontrol-position: top right; border-top-right-radius: 4px; margin: 1px 1px 0 0; }
QAbstractSpinBox::down-button { subcontrol-position: bottom right; border-bottom-right-radius: 4px;
  margin: 0 1px 1px 0; }
QAbstractSpinBox::up-button:hover, QAbstractSpinBox::down-button:hover { background: $hover; }
QAbstractSpinBox::up-arrow { image: url($caret_up); width: 10px; height: 10px; }
QAbstractSpinBox::down-arrow { image: url($caret); width: 10px; height: 10px; }
QAbstractSpinBox[stepless="true"] { padding-right: 6px; }
QAbstractSpinBox[stepless="true"]::up-button, QAbstractSpinBox[stepless="true"]::down-button { width: 0; border: none; }
QAbstractSpinBox[stepless="true"]::up-arrow, QAbstractSpinBox[stepless="true"]::down-arrow { image: none; width: 0; }
QComboBox QAbstractItemView { background: $raised; border: 1px solid $line; outline: none; padding: 4px; }

QAbstractItemView { background: $panel; border: none; outline: none; }
QTreeView::item, QListView::item, QTableView::item { padding: 3px 4px; }
QTreeView::item:hover, QListView::item:hover { background: $hover; }
QTreeView::item:selected, QListView::item:selected, QTableView::item:selected { background: $accent_quiet;
  color: $text; }
QHeaderView { background: $panel; }
QTableCornerButton::section { background: $panel; border: none; border-bottom: 1px solid $line; }
QHeaderView::section { background: $panel; color: $text_quiet; border: none; border-bottom: 1px solid $line;
  padding: 5px 6px; }

QCheckBox { spacing: 8px; }
QCheckBox::indicator { width: 14px; height: 14px; border: 1px solid $text_disabled; border-radius: 3px;
  background: $raised; }
QCheckBox::indicator:hover, QCheckBox:focus::indicator { border-color: $accent; }
QCheckBox::indicator:checked { background: $accent; border-color: $accent; image: url($check); }
QCheckBox::indicator:disabled { background: $panel; border-color: $line; }

QSlider { min-height: 20px; }
QSlider::groove:horizontal { height: 4px; background: $line; border-radius: 2px; }
QSlider::sub-page:horizontal { background: $accent; border-radius: 2px; }
QSlider::sub-page:horizontal:disabled { background: $line; }
QSlider::handle:horizontal { width: 14px; height: 14px; margin: -5px 0; border-radius: 7px; background: $text; }
QSlider::handle:horizontal:hover, QSlider::handle:horizontal:focus { background: $accent; }
QSlider::handle:horizontal:disabled { background: $text_disabled; }

QProgressBar { background: $line; border: none; border-radius: 2px; max-height: 4px; min-height: 4px; }
QProgressBar::chunk { background: $accent; border-radius: 2px; }

QScrollArea { border: none; background: transparent; }
QScrollBar:vertical { background: transparent; width: 10px; margin: 0; }
QScrollBar:horizontal { background: transparent; height: 10px; margin: 0; }
QScrollBar::handle { background: $handle; border-radius: 3px; margin: 2px; min-height: 28px; min-width: 28px; }
QScrollBar::handle:hover { background: $text_disabled; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; }
QScrollBar::add-page, QScrollBar::sub-page { background: transparent; }

QDialog#palette { border: 1px solid $line; }
#cineBar { background: $panel; border-radius: 6px; }
QFrame#card { background: $raised; border: 1px solid $line; border-radius: 6px; }
QFrame#card[active="true"] { border-color: $accent; }
QFrame#rule { background: $line; max-height: 1px; min-height: 1px; border: none; }
QWidget#dockTitle { background: $ground; border-bottom: 1px solid $edge; }
QWidget#emptyState { background: $empty; }
QLabel[role="title"] { font-size: ${title}px; font-weight: 600; }
QLabel[role="heading"] { font-weight: 600; }
QLabel[role="section"] { color: $text_quiet; font-weight: 600; font-size: ${small}px; }
#views { background: $gap; }
QLabel[role="canvas"] { color: $on_canvas; }
QLabel[role="quiet"] { color: $text_quiet; }
QLabel[role="small"] { color: $text_quiet; font-size: ${small}px; }
QLabel[role="warning"] { color: $warning; }
QLabel[role="error"] { color: $error; }
QLabel[role="success"] { color: $success; }
""")


def style_sheet(text_size: int) -> str:
    """The window's style sheet for text ``text_size`` pixels tall."""
    on, marks = ("dark", "light") if _current is DARK else ("light", "dark")
    icons = assets_dir() / "icons"
    names = {
        **asdict(_current),
        # Images stay on black: so does what stands in for one.
        "gap": DARK.line,
        "on_canvas": DARK.text_quiet,
        "title": text_size + 7,
        "small": text_size - 1,
        "check": (icons / f"check-{on}.svg").as_posix(),
        "more": (icons / f"more-{marks}.svg").as_posix(),
        "caret": (icons / f"caret-{marks}.svg").as_posix(),
        "caret_up": (icons / f"caret-up-{marks}.svg").as_posix(),
    }
    return _SHEET.substitute(names)


def apply(application: QApplication, text_size: int = 13, name: str = "dark") -> None:
    """Dresses the whole program: Fusion, palette, font, style sheet, and the icons that are on screen. ``name``: of the
    theme, or ``system``."""
    from app.ui import icons

    hints = QGuiApplication.styleHints()
    if hasattr(hints, "setColorScheme") and hasattr(hints, "unsetColorScheme"):
        # Title bars that the desktop draws follow too, where it lets them. Following it begins with asking it.
        if name in THEMES:
            hints.setColorScheme(Qt.ColorScheme.Dark if THEMES[name] is DARK else Qt.ColorScheme.Light)
        else:
            hints.unsetColorScheme()
    before = _current
    use(chosen(name))
    application.setStyle("Fusion")
    application.setPalette(palette())
    application.setFont(font(text_size))
    application.setStyleSheet(style_sheet(text_size))
    if _current is not before:
        icons.tint_again(application)
