"""The look: readable everywhere, complete, and independent of what fonts the machine has."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QColor, QFontInfo, QIcon, QImage
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractSpinBox,
    QApplication,
    QComboBox,
    QDialog,
    QLabel,
    QLineEdit,
    QSpinBox,
    QToolButton,
    QWidget,
)

from app.settings import Settings
from app.ui import icons, theme
from app.ui.actions import COMMANDS, TOOLS
from app.ui.viewport import style
from app.ui.window import Window


def test_contrast_is_that_of_the_standard() -> None:
    """WCAG 2.2: black on white is 21 : 1, a colour on itself 1 : 1; #767676 on white is the textbook's 4.54."""
    assert theme.contrast("#000000", "#ffffff") == pytest.approx(21.0)
    assert theme.contrast("#123456", "#123456") == pytest.approx(1.0)
    assert theme.contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.01)


@pytest.fixture
def two_themes(dressed: None, qapp) -> Iterator[QApplication]:
    """The program dressed; dark again afterwards, as other tests have it."""
    yield qapp
    theme.apply(qapp, 13, "dark")


@pytest.mark.parametrize(("text", "ground"), theme.READABLE_PAIRS)
def test_text_can_be_read(text: str, ground: str) -> None:
    assert theme.contrast(text, ground) >= 4.5


def test_both_themes_are_among_the_pairs() -> None:
    for colours in theme.THEMES.values():
        for text in (colours.text, colours.text_quiet):
            for ground in (colours.ground, colours.panel, colours.raised, colours.hover, colours.accent_quiet):
                assert (text, ground) in theme.READABLE_PAIRS
        # What marks the focus and the chosen is no text: 3 : 1 (WCAG 2.2, 1.4.11).
        for ground in (colours.ground, colours.panel, colours.raised):
            assert theme.contrast(colours.accent, ground) >= 3


def measured(root: QWidget) -> dict[tuple[str, str], str]:
    """(text, ground) of each control and label in sight that can be used, with words that have it. The text's colour is
    the one that Qt writes with; the ground is what most of its place on screen is."""
    image = root.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    found = {}
    for widget in root.findChildren(QWidget):
        words = ""
        if isinstance(widget, QLabel | QAbstractButton | QLineEdit | QAbstractSpinBox):
            words = widget.text()
        elif isinstance(widget, QComboBox):
            words = widget.currentText()
        if isinstance(widget, QToolButton) and widget.toolButtonStyle() == Qt.ToolButtonStyle.ToolButtonIconOnly:
            words = ""
        place = QRect(widget.mapTo(root, QPoint(0, 0)), widget.size()).intersected(image.rect())
        if not words or not widget.isEnabled() or widget.visibleRegion().isEmpty() or place.isEmpty():
            continue
        spots = Counter(
            image.pixel(place.x() + x, place.y() + y)
            for x in range(2, place.width() - 2, 2)
            for y in range(2, place.height() - 2, 2)
        )
        ground = QColor(spots.most_common(1)[0][0]).name()
        found[widget.palette().color(widget.foregroundRole()).name(), ground] = words
    return found


def faces(window: Window, settle, folder: Path) -> Iterator[QWidget]:
    """The window and its dialogs, one after the other."""
    yield window
    window.open([folder])
    settle(window)
    for page in range(window.tabs.count()):
        window.tabs.setCurrentIndex(page)
        yield window
    window.change_settings()
    dialog = next(d for d in window.findChildren(QDialog) if d.isVisible())
    pages = dialog.pages
    for page in range(pages.count()):
        pages.setCurrentIndex(page)
        yield dialog
    dialog.reject()
    for name in ("export", "export_pictures", "edit_presets", "measure_monitor", "palette"):
        window.actions_[name].trigger()
        dialog = next(d for d in window.findChildren(QDialog) if d.isVisible())
        yield dialog
        dialog.reject()


@pytest.mark.parametrize("name", ["dark", "light"])
def test_what_is_on_screen_can_be_read(
    two_themes: QApplication, window: Window, settle, ct_folder: Path, name: str
) -> None:
    theme.apply(two_themes, 13, name)
    seen: dict[tuple[str, str], str] = {}
    for face in faces(window, settle, ct_folder):
        QApplication.processEvents()
        seen |= measured(face)
    assert len(seen) >= 8
    low = {pair: words for pair, words in seen.items() if theme.contrast(*pair) < 4.5}
    assert low == {}
    # What is on screen is what the palette says of itself.
    assert {pair: seen[pair] for pair in set(seen) - set(theme.READABLE_PAIRS)} == {}


def test_what_is_drawn_on_images_can_be_read() -> None:
    for colour in (style.TEXT, style.QUIET, style.ACCENT, style.WARNING, style.MEASUREMENT, style.AI):
        assert theme.contrast(colour.name(), theme.CANVAS) >= 4.5


def test_spin_boxes_show_their_arrows(two_themes: QApplication) -> None:
    for name in ("dark", "light"):
        theme.apply(two_themes, 13, name)
        shown, bare = QSpinBox(), QSpinBox()
        bare.setProperty("stepless", True)
        for box in (shown, bare):
            box.resize(90, 30)
        quiet = QColor(theme.TEXT_QUIET)

        def marks(box: QSpinBox, quiet: QColor = quiet) -> list[int]:
            image = box.grab().toImage()
            return [
                y
                for y in range(image.height())
                for x in range(image.width() - 16, image.width() - 4)
                if abs(image.pixelColor(x, y).lightness() - quiet.lightness()) < 30
            ]

        assert min(marks(shown)) < 15 < max(marks(shown))
        assert marks(bare) == []


def test_no_two_roles_share_a_colour() -> None:
    """Icons are given another theme's colours by the role that their colour names."""
    for colours in theme.THEMES.values():
        used = [getattr(colours, role) for role in theme._ROLES]
        assert len(set(used)) == len(used)


@pytest.mark.parametrize("name", ["dark", "light"])
def test_the_style_sheet_is_complete(two_themes: QApplication, name: str) -> None:
    theme.use(theme.THEMES[name])
    sheet = theme.style_sheet(13)
    assert not re.search(r"\$\{?[a-z]", sheet)
    for file in re.findall(r"url\(([^)]*)\)", sheet):
        assert file.endswith(".svg")
        assert QIcon(file).availableSizes() or not QIcon(file).pixmap(10, 10).isNull()


def test_the_carried_typeface_is_used_in_both_weights(qapp) -> None:
    for weight in (400, 600):
        info = QFontInfo(theme.font(13, theme.QFont.Weight(weight)))
        assert info.family() == "Inter"
        assert info.weight() == weight


def test_the_light_theme_dresses_everything_but_the_images(
    two_themes: QApplication, window: Window, settle, ct_folder: Path
) -> None:
    window.open([ct_folder])
    settle(window)
    window.tabs.setCurrentWidget(window.window_panel)
    dark = window.viewport.snapshot()
    theme.apply(two_themes, 13, "light")
    assert theme.colours() is theme.LIGHT
    assert window.viewport.snapshot() == dark
    corner = window.window_panel.mapTo(window, QPoint(2, window.window_panel.height() - 3))
    assert window.grab().toImage().pixelColor(corner).name() == theme.LIGHT.panel
    bar = window.tool_bar.grab().toImage()
    assert bar.pixelColor(bar.width() - 2, bar.height() // 2).name() == theme.LIGHT.ground
    assert window.palette().window().color().name() == theme.LIGHT.panel


def darkest(icon: QIcon) -> int:
    image = icon.pixmap(20, 20).toImage()
    spots = [image.pixelColor(x, y) for x in range(image.width()) for y in range(image.height())]
    return min((spot.lightness() for spot in spots if spot.alpha() > 200), default=255)


def test_icons_take_the_colours_of_the_theme(two_themes: QApplication, window: Window) -> None:
    action = window.actions_["open_folder"]
    assert darkest(action.icon()) > 200
    theme.apply(two_themes, 13, "light")
    assert darkest(action.icon()) < 60
    for button in window.findChildren(QToolButton):
        if button.accessibleName().startswith("Hide"):
            assert darkest(button.icon()) < 120
    theme.apply(two_themes, 13, "dark")
    assert darkest(action.icon()) > 200


def test_the_systems_theme_is_dark_unless_it_says_light(two_themes: QApplication, monkeypatch) -> None:
    class Hints:
        scheme = Qt.ColorScheme.Unknown

        def colorScheme(self) -> Qt.ColorScheme:
            return self.scheme

    monkeypatch.setattr(theme.QGuiApplication, "styleHints", Hints)
    for scheme, colours in (
        (Qt.ColorScheme.Unknown, theme.DARK),
        (Qt.ColorScheme.Dark, theme.DARK),
        (Qt.ColorScheme.Light, theme.LIGHT),
    ):
        Hints.scheme = scheme
        assert theme.chosen("system") is colours
        assert theme.chosen("dark") is theme.DARK
        assert theme.chosen("light") is theme.LIGHT


def test_text_grows_with_the_setting(dressed: None, qapp) -> None:
    theme.apply(qapp, 18)
    assert qapp.font().pixelSize() == 18
    assert Settings().file.name == "settings.json"


@pytest.mark.parametrize("name", sorted({c.icon for c in (*COMMANDS, *TOOLS.values()) if c.icon}))
def test_every_command_has_an_icon_that_draws_something(qapp, name: str) -> None:
    image = icons.pixmap(name, 20).toImage()
    assert image.size().width() == 20
    assert any(image.pixelColor(x, y).alpha() > 128 for x in range(20) for y in range(20))


def test_an_icon_that_does_not_exist_is_an_error(qapp) -> None:
    with pytest.raises(ValueError, match="no-such-icon"):
        icons.icon("no-such-icon")


def test_the_programs_own_icon_comes_in_all_sizes(qapp) -> None:
    assert {size.width() for size in icons.application_icon().availableSizes()} >= {16, 32, 64, 256}
