"""Viewports with known series on them."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from app.ui.viewport import Viewport
from tests import phantoms
from tests.app.ui.viewport.reading import Reading, first_series, pixels_of


@pytest.fixture
def show(qtbot: QtBot) -> Callable[..., Reading]:
    """``show(paths, width, height)``: a visible viewport of that size with the first series of the paths, loaded."""

    def made(paths: list[Path], width: int = 640, height: int = 480) -> Reading:
        session, series = first_series(paths)
        viewport = Viewport(session)
        qtbot.addWidget(viewport)
        viewport.resize(width, height)
        viewport.show()
        pixels = pixels_of(series)
        viewport.display(series, pixels)
        viewport.setFocus()
        return Reading(session, viewport, series, pixels)

    return made


@pytest.fixture
def ct(show: Callable[..., Reading], tmp_path: Path) -> Reading:
    """The asymmetric CT: 3 × 23 × 38, spacing 0.7 × 0.4 mm, value 100·k + 10·row + column − 1024 HU."""
    return show(phantoms.ct(tmp_path / "ct"))


@pytest.fixture
def long_ct(show: Callable[..., Reading], tmp_path: Path) -> Reading:
    """Forty slices of 8 × 8."""
    return show(phantoms.ct(tmp_path / "ct", shape=(40, 8, 8)))


@pytest.fixture
def cine(show: Callable[..., Reading], tmp_path: Path) -> Reading:
    """Six colour frames, 40 ms apart."""
    return show(phantoms.cine(tmp_path / "cine.dcm"))
