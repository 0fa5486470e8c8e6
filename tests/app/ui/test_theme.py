"""The look: readable everywhere, complete, and independent of what fonts the machine has."""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QFontInfo, QIcon
from PySide6.QtWidgets import QApplication, QToolButton

from app.settings import Settings
from app.ui import icons, theme
from app.ui.actions import COMMANDS, TOOLS
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
