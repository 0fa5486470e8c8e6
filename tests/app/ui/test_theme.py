"""The look: readable everywhere, complete, and independent of what fonts the machine has."""

from __future__ import annotations

import re

import pytest
from PySide6.QtGui import QFontInfo, QIcon

from app.settings import Settings
from app.ui import icons, theme
from app.ui.actions import COMMANDS, TOOLS


def test_contrast_is_that_of_the_standard() -> None:
    """WCAG 2.2: black on white is 21 : 1, a colour on itself 1 : 1; #767676 on white is the textbook's 4.54."""
    assert theme.contrast("#000000", "#ffffff") == pytest.approx(21.0)
    assert theme.contrast("#123456", "#123456") == pytest.approx(1.0)
    assert theme.contrast("#767676", "#ffffff") == pytest.approx(4.54, abs=0.01)


@pytest.mark.parametrize(("text", "ground"), theme.READABLE_PAIRS)
def test_text_can_be_read(text: str, ground: str) -> None:
    assert theme.contrast(text, ground) >= 4.5


def test_the_style_sheet_is_complete(qapp) -> None:
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
