"""Overlay planes lie exactly where their bits say, at every zoom, and the picture says whether they show."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from app.core import view as views
from app.dicom.overlay_planes import overlay_planes
from app.report.picture import GRAPHICS
from app.ui.viewport.corners import CornerText, Now, TextLevel
from tests import phantoms
from tests.app.dicom.test_overlay_planes import add_plane
from tests.app.ui.viewport.reading import Reading, rgb

SHAPE = (24, 40)


def lines() -> np.ndarray:
    """A frame of one pixel's width and a lone pixel, without symmetry; shape (1, rows, columns)."""
    bits = np.zeros((1, *SHAPE), bool)
    bits[0, 3, 5:30] = bits[0, 3:18, 5] = bits[0, 20, 33] = True
    return bits


@pytest.fixture
def marked(show: Callable[..., Reading], tmp_path: Path) -> Reading:
    """A black image with overlay planes: lines, and a region at its right."""
    (path,) = phantoms.ct(tmp_path / "ct", shape=(1, *SHAPE), voxels=np.zeros((1, *SHAPE), np.int16))
    add_plane(path, 0x6000, lines(), e1500=("LO", "Lines"))
    region = np.zeros((1, *SHAPE), bool)
    region[0, 8:12, 34:38] = True
    add_plane(path, 0x6002, region, e0040=("CS", "R"))
    reading = show([path])
    reading.viewport.take_planes_from(overlay_planes)
    reading.viewport.set_text_level(TextLevel.NONE)
    return reading


def under_screen(reading: Reading, bits: np.ndarray) -> np.ndarray:
    """The bit under the centre of each screen pixel, by the inverse transform."""
    canvas = reading.viewport.canvas()
    assert canvas is not None
    back = views.inverse(views.transform(reading.viewport.view, canvas))
    y, x = np.mgrid[: canvas.height, : canvas.width]
    points = np.stack([x.ravel() + 0.5, y.ravel() + 0.5])
    row, column = np.floor(back[:, :2] @ points + back[:, 2:] + 0.5).astype(int).reshape(2, *x.shape)
    inside = (row >= 0) & (row < bits.shape[0]) & (column >= 0) & (column < bits.shape[1])
    return np.where(inside, bits[np.clip(row, 0, SHAPE[0] - 1), np.clip(column, 0, SHAPE[1] - 1)], False)


@pytest.mark.parametrize("turn", ["fitted", "magnified", "flipped", "turned"])
def test_lines_lie_where_their_bits_say(marked: Reading, turn: str) -> None:
    verbs = {
        "magnified": lambda v: v.zoom_by(1.6),
        "flipped": lambda v: v.flip_horizontal(),
        "turned": lambda v: v.rotate(1),
    }
    verbs.get(turn, lambda v: None)(marked.viewport)
    picture = rgb(marked.viewport.snapshot())
    drawn = (picture == GRAPHICS).all(axis=2)
    wanted = under_screen(marked, lines()[0])
    # The warning of a flip stays at every text level.
    region = under_screen(marked, _region())
    assert wanted.any()
    assert (drawn & ~region == wanted)[60:].all()
    # The region is a tint with an outline, not a lid.
    tint = region & ~drawn
    assert tint.any()
    assert (picture[tint].max(axis=1) < 100).all()


def _region() -> np.ndarray:
    region = np.zeros(SHAPE, bool)
    region[8:12, 34:38] = True
    return region


def test_a_lone_pixel_survives_minifying(marked: Reading) -> None:
    marked.viewport.set_view(views.View(zoom=0.4))
    picture = rgb(marked.viewport.snapshot())
    row, column = np.nonzero((picture == GRAPHICS).all(axis=2))
    at = marked.at(20, 33)
    assert ((np.abs(row + 0.5 - at.y()) < 1.5) & (np.abs(column + 0.5 - at.x()) < 1.5)).any()


def test_g_hides_them_and_the_corner_says_so(marked: Reading) -> None:
    shown = rgb(marked.viewport.snapshot())
    QTest.keyClick(marked.viewport, Qt.Key.Key_G)
    assert not marked.session.style.graphics
    hidden = rgb(marked.viewport.snapshot())
    assert (shown == GRAPHICS).all(axis=2).any()
    assert not (hidden == GRAPHICS).all(axis=2).any()
    QTest.keyClick(marked.viewport, Qt.Key.Key_G)
    np.testing.assert_array_equal(rgb(marked.viewport.snapshot()), shown)


def test_the_corner_names_what_it_is_told(marked: Reading) -> None:
    canvas = marked.viewport.canvas()
    assert canvas is not None
    corners = CornerText(marked.series).at(Now(marked.viewport.view, canvas, graphics="Overlay planes hidden"))
    assert "Overlay planes hidden" in [line.text for line in corners.bottom_left]
