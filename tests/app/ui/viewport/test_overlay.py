"""AI overlays lie exactly where the label map says, and say what they are."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from app.core import view as views
from app.core.session import OverlayStyle
from app.dicom.voi import Window
from app.ui.viewport.corners import TextLevel
from app.ui.viewport.overlay import boundary, premultiplied
from tests import phantoms
from tests.app.ui.viewport.reading import Reading, rgb

Mask = npt.NDArray[np.bool_]


def plane_of(shape: tuple[int, int] = (23, 38)) -> npt.NDArray[np.uint8]:
    """Two labels, a lone pixel in a corner, and no symmetry."""
    plane = np.zeros(shape, np.uint8)
    plane[3:9, 4:15] = 1
    plane[12:20, 20:35] = 2
    plane[15:17, 25:28] = 0
    plane[-1, -1] = 1
    return plane


def labels_on_screen(reading: Reading, plane: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """The label under the centre of each screen pixel, by a loop over the screen that knows no axes."""
    canvas = reading.viewport.canvas()
    assert canvas is not None
    back = views.inverse(views.transform(reading.viewport.view, canvas))
    y, x = np.mgrid[: canvas.height, : canvas.width]
    points = np.stack([x.ravel() + 0.5, y.ravel() + 0.5])
    row, column = np.floor(back[:, :2] @ points + back[:, 2:] + 0.5).astype(int).reshape(2, *x.shape)
    inside = (row >= 0) & (row < plane.shape[0]) & (column >= 0) & (column < plane.shape[1])
    return np.where(inside, plane[np.clip(row, 0, plane.shape[0] - 1), np.clip(column, 0, plane.shape[1] - 1)], 0)


def coloured(reading: Reading) -> tuple[Mask, Mask]:
    """Screen pixels that the overlay made reddish, and bluish."""
    reading.viewport.set_text_level(TextLevel.NONE)
    picture = rgb(reading.viewport.snapshot()).astype(int)
    red = picture[..., 0] - picture[..., 2]
    red[corner_text(red)] = 0
    return red > 20, red < -20


def corner_text(picture: npt.NDArray[np.generic]) -> Mask:
    """The warning of a flip, the mark and the legend stay at every text level, at the top of the picture."""
    row, column = np.indices(picture.shape[:2])
    return (row < 90) & ((column < 200) | (column >= picture.shape[1] - 330))


VIEWS = [
    ("fitted", lambda v: None),
    ("magnified", lambda v: v.zoom_by(2.7)),
    ("one to one", lambda v: v.one_to_one()),
    ("flipped", lambda v: v.flip_horizontal()),
    ("upside down", lambda v: v.flip_vertical()),
    ("turned", lambda v: v.rotate(1)),
    ("turned thrice and flipped", lambda v: (v.rotate(3), v.flip_horizontal())),
    ("turned, zoomed and panned", lambda v: (v.rotate(1), v.zoom_by(1.9), v.set_view(replace(v.view, centre=(9, 16))))),
]


@pytest.mark.parametrize("change", [change for _, change in VIEWS], ids=[name for name, _ in VIEWS])
def test_colours_lie_where_the_label_map_says(ct: Reading, change: Callable[[object], object]) -> None:
    plane = plane_of()
    ct.viewport.set_voi(Window(-3000, 1, explanation="all white"))
    ct.overlay(plane)
    change(ct.viewport)
    red, blue = coloured(ct)
    expected = labels_on_screen(ct, plane)
    expected[corner_text(expected)] = 0
    assert (expected == 1).any()
    assert np.array_equal(red, expected == 1)
    assert np.array_equal(blue, expected == 2)


def test_a_label_of_one_pixel_survives_minification(show: Callable[..., Reading], tmp_path: Path) -> None:
    reading = show(phantoms.ct(tmp_path / "big", shape=(1, 900, 900)), 300, 300)
    plane = np.zeros((900, 900), np.uint8)
    plane[451, 452] = 2
    reading.overlay(plane)
    reading.viewport.set_voi(Window(-3000, 1))
    _, blue = coloured(reading)
    # A third of a screen pixel: its 0.7 × 0.4 mm lie in one screen pixel, or across the border of two.
    where = np.argwhere(blue)
    assert 1 <= len(where) <= 4
    at = reading.at(451, 452)
    assert np.abs(where + 0.5 - (at.y(), at.x())).max() <= 1.0


def test_nothing_is_drawn_on_frames_that_the_overlay_does_not_cover(ct: Reading) -> None:
    ct.overlay(plane_of(), index=1)
    ct.viewport.set_index(2)
    red, blue = coloured(ct)
    assert not red.any()
    assert not blue.any()
    ct.viewport.set_index(1)
    assert coloured(ct)[0].any()


def test_space_hides_and_shows_the_overlays(ct: Reading) -> None:
    ct.overlay(plane_of())
    QTest.keyClick(ct.viewport, Qt.Key.Key_Space)
    assert not ct.session.style.visible
    assert not coloured(ct)[0].any()
    QTest.keyClick(ct.viewport, Qt.Key.Key_Space)
    assert coloured(ct)[0].any()


def test_a_hidden_label_is_not_drawn(ct: Reading) -> None:
    made = ct.overlay(plane_of())
    ct.viewport.set_voi(Window(-3000, 1))
    ct.session.set_style(OverlayStyle(hidden_labels=frozenset({(made.id, 1)})))
    red, blue = coloured(ct)
    assert not red.any()
    assert blue.any()


def test_opacity_mixes_picture_and_colour(ct: Reading) -> None:
    plane = np.ones((23, 38), np.uint8)
    ct.overlay(plane)
    ct.viewport.set_voi(Window(-3000, 1))
    ct.viewport.set_text_level(TextLevel.NONE)
    middle = ct.at(11, 18).toPoint()
    for opacity in (0.2, 0.5, 1.0):
        ct.session.set_style(OverlayStyle(opacity=opacity))
        red, green, blue = rgb(ct.viewport.snapshot())[middle.y(), middle.x()]
        # Red over white: red stays, the others fade.
        assert red == 255
        assert green == pytest.approx(255 * (1 - opacity), abs=1.5)
        assert blue == green


def test_undoing_the_run_takes_the_overlay_away(ct: Reading) -> None:
    ct.overlay(plane_of())
    ct.session.undo()
    assert not coloured(ct)[0].any()


def test_the_contour_is_as_wide_as_asked_and_inside_the_label() -> None:
    labels = np.zeros((12, 14), np.uint8)
    labels[2:10, 3:12] = 1
    edge = boundary(labels, 2)
    expected = labels.astype(bool)
    expected[4:8, 5:10] = False
    assert np.array_equal(edge, expected)


def test_labels_that_touch_have_a_contour_on_both_sides() -> None:
    labels = np.ones((6, 10), np.uint8)
    labels[:, 5:] = 2
    assert np.array_equal(np.flatnonzero(boundary(labels, 1)[3]), [4, 5])


def test_colours_are_premultiplied() -> None:
    assert premultiplied((255, 128, 0), 0.5) == 0x80804000


def test_the_mark_names_the_model_at_every_text_level(ct: Reading) -> None:
    ct.viewport.set_voi(Window(5000, 1))
    for level in TextLevel:
        ct.viewport.set_text_level(level)
        ct.session.set_style(OverlayStyle(visible=False))
        without = rgb(ct.viewport.snapshot())[:90, -330:]
        if not ct.session.document.overlays:
            ct.overlay(np.ones((23, 38), np.uint8))
        ct.session.set_style(OverlayStyle(visible=True, opacity=0.0))
        assert not np.array_equal(rgb(ct.viewport.snapshot())[:90, -330:], without)


def test_the_legend_lists_the_labels_that_are_seen(ct: Reading) -> None:
    from app.ui.viewport.overlay import OverlayLayer

    layer, made = OverlayLayer(), ct.overlay(np.where(plane_of() == 2, 2, 0).astype(np.uint8))
    assert [label.name for label in layer.legend(made, ct.viewport.index, OverlayStyle())] == ["Left lung"]
    hidden = OverlayStyle(hidden_labels=frozenset({(made.id, 2)}))
    assert layer.legend(made, ct.viewport.index, hidden) == ()
