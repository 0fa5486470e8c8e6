"""Layout on screen: transforms against their own inverse, anchors that stay, letters that follow flips and turns."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core import view as views
from app.core.view import Canvas, View

CANVAS = Canvas(rows=23, columns=38, pixel_spacing=None, width=400, height=300)

views_anywhere = st.builds(
    View,
    flip_horizontal=st.booleans(),
    flip_vertical=st.booleans(),
    rotation=st.integers(0, 3),
    zoom=st.none() | st.floats(0.1, 20),
    centre=st.none() | st.tuples(st.floats(-50, 50), st.floats(-50, 50)),
)
canvases = st.builds(
    Canvas,
    rows=st.integers(1, 4000),
    columns=st.integers(1, 4000),
    pixel_spacing=st.none() | st.tuples(st.floats(0.1, 5), st.floats(0.1, 5)),
    width=st.integers(1, 4000),
    height=st.integers(1, 4000),
)
points = st.tuples(st.floats(-100, 4000), st.floats(-100, 4000))


@given(views_anywhere, canvases, points)
def test_the_way_back_is_the_way_there(view: View, canvas: Canvas, point: tuple[float, float]) -> None:
    there = views.transform(view, canvas)
    back = views.to_screen(views.inverse(there), views.to_screen(there, point))
    assert back == pytest.approx(point, abs=1e-6)


@given(views_anywhere, canvases, points, st.floats(0.2, 5))
def test_zooming_keeps_the_point_under_the_cursor(
    view: View, canvas: Canvas, anchor: tuple[float, float], factor: float
) -> None:
    before = views.to_screen(views.inverse(views.transform(view, canvas)), anchor)
    after = views.zoomed(view, canvas, factor, anchor)
    assert views.to_screen(views.transform(after, canvas), before) == pytest.approx(anchor, abs=1e-5)


@given(views_anywhere, canvases, st.floats(-500, 500), st.floats(-500, 500), points)
def test_panning_moves_every_point_alike(
    view: View, canvas: Canvas, dx: float, dy: float, point: tuple[float, float]
) -> None:
    x, y = views.to_screen(views.transform(view, canvas), point)
    moved = views.to_screen(views.transform(views.panned(view, canvas, dx, dy), canvas), point)
    assert moved == pytest.approx((x + dx, y + dy), abs=1e-5)


def test_an_upright_image_has_its_first_pixel_at_the_top_left() -> None:
    affine = views.transform(View(zoom=1.0), replace(CANVAS, width=38, height=23))
    assert views.to_screen(affine, (0, 0)) == pytest.approx((0.5, 0.5))
    assert views.to_screen(affine, (22, 37)) == pytest.approx((37.5, 22.5))


@pytest.mark.parametrize(
    ("view", "corner"),
    [
        (View(zoom=1.0, flip_horizontal=True), (37.5, 0.5)),
        (View(zoom=1.0, flip_vertical=True), (0.5, 22.5)),
    ],
)
def test_flips_send_the_first_pixel_across(view: View, corner: tuple[float, float]) -> None:
    affine = views.transform(view, replace(CANVAS, width=38, height=23))
    assert views.to_screen(affine, (0, 0)) == pytest.approx(corner)


def test_a_quarter_turn_is_clockwise() -> None:
    affine = views.transform(View(zoom=1.0, rotation=1), replace(CANVAS, width=23, height=38))
    assert views.to_screen(affine, (0, 0)) == pytest.approx((22.5, 0.5)), "top left goes to top right"


@given(views_anywhere, st.booleans())
def test_a_flip_mirrors_the_screen_whatever_the_rotation(view: View, horizontal: bool) -> None:
    view = replace(view, zoom=2.0, centre=None)
    x, y = views.to_screen(views.transform(view, CANVAS), (3, 5))
    mirrored = views.to_screen(views.transform(views.flipped(view, horizontal=horizontal), CANVAS), (3, 5))
    expected = (CANVAS.width - x, y) if horizontal else (x, CANVAS.height - y)
    assert mirrored == pytest.approx(expected, abs=1e-9)


@given(views_anywhere, canvases)
def test_fitting_shows_the_whole_image_and_touches_two_edges(view: View, canvas: Canvas) -> None:
    affine = views.transform(views.fitted(view), canvas)
    corners = [(-0.5, -0.5), (canvas.rows - 0.5, canvas.columns - 0.5)]
    screen = np.array([views.to_screen(affine, corner) for corner in corners])
    low, high = screen.min(axis=0), screen.max(axis=0)
    slack = 1e-6 * max(canvas.width, canvas.height)
    assert (low >= -slack).all()
    assert (high <= np.array([canvas.width, canvas.height]) + slack).all()
    gaps = np.array([low, np.array([canvas.width, canvas.height]) - high])
    assert np.abs(gaps).max(axis=0).min() <= slack


def test_pixels_twice_as_tall_are_drawn_twice_as_tall() -> None:
    affine = views.transform(View(zoom=1.0), replace(CANVAS, pixel_spacing=(2.0, 1.0)))
    x0, y0 = views.to_screen(affine, (0, 0))
    assert views.to_screen(affine, (1, 1)) == pytest.approx((x0 + 1, y0 + 2))
