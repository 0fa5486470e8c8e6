"""Cobb's angle and the diameters of RECIST, drawn in known millimetres on pixels that are not square."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.lines import angle_between, axes, cobb, perpendicular, with_axis_end
from app.core.scale import Scale

spacings = st.floats(0.2, 3)
turns = st.floats(0, 360)


def at(scale: Scale, *millimetres: tuple[float, float]) -> list[tuple[float, float]]:
    """Pixel points of points in mm."""
    return [(y / scale.spacing[0], x / scale.spacing[1]) for y, x in millimetres]


def line(centre: tuple[float, float], degrees: float, half: float = 20) -> list[tuple[float, float]]:
    """Ends in mm of a line through ``centre`` at an angle to the columns' direction."""
    way = half * np.array([np.sin(np.radians(degrees)), np.cos(np.radians(degrees))])
    return [tuple(np.array(centre) - way), tuple(np.array(centre) + way)]


def turned(points, degrees: float):
    c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    return [(c * y + s * x, -s * y + c * x) for y, x in points]


@given(st.floats(0, 58), st.floats(0, 58), turns, spacings, spacings, st.booleans(), st.booleans())
def test_cobb_is_the_sum_of_the_tilts_of_two_end_plates(up, down, turn, rows, columns, swap, swap_other) -> None:
    scale = Scale((rows, columns))
    first, second = line((0, 0), up), line((150, 10), -down)
    first = first[::-1] if swap else first
    second = second[::-1] if swap_other else second
    drawn = at(scale, *turned([*first, *second], turn))
    assert cobb(scale, drawn) == pytest.approx(up + down, abs=1e-6)


@given(st.floats(0, 0.5), turns, st.sampled_from([(60.0, 3.0), (-40, 50), (2.0, 90)]), st.booleans())
def test_nearly_parallel_lines_are_nearly_at_no_angle(tilt: float, turn: float, beside, swap: bool) -> None:
    scale = Scale((0.7, 0.4))
    first, second = line((0, 0), 5), line(beside, 5 + tilt)
    drawn = at(scale, *turned([*first, *(second[::-1] if swap else second)], turn))
    assert cobb(scale, drawn) == pytest.approx(tilt, abs=1e-6)


def test_bones_that_follow_one_another_make_the_angle_of_their_bend() -> None:
    scale = Scale((1.0, 1.0))
    # A toe: the second bone goes on from the first, bent by 30°.
    assert cobb(scale, [(0, 0), (0, 50), (0, 52), (15, 52 + 15 / np.tan(np.radians(30)))]) == pytest.approx(30)


def test_lines_of_nothing_have_no_angle() -> None:
    scale = Scale((1.0, 1.0))
    assert np.isnan(cobb(scale, [(0, 0), (0, 0), (1, 0), (2, 5)]))
    assert np.isnan(angle_between((0, 0), (1, 0)))
    crossing = [(0, -5), (0, 5), (-5, -5), (5, 5)]
    assert cobb(scale, crossing) == pytest.approx(45), "lines with one middle make their smaller angle"


def right_angled(scale: Scale, points) -> bool:
    first, second = scale.way(points[0], points[1]), scale.way(points[2], points[3])
    reach = np.hypot(*first) * np.hypot(*second)
    return bool(abs(first[0] * second[0] + first[1] * second[1]) <= 1e-7 * max(reach, 1))


points_mm = st.tuples(st.floats(-40, 40), st.floats(-40, 40))


@given(turns, st.floats(0.1, 0.9), st.floats(-9, -1), st.floats(1, 9), points_mm, st.integers(0, 3), spacings, spacings)
def test_the_short_axis_stays_upright_whatever_end_is_dragged(turn, foot, left, right, to, end, rows, columns) -> None:
    scale = Scale((rows, columns))
    base = -15 + 30 * foot
    drawn = at(scale, *turned([(0, -15), (0, 15), (left, base), (right, base)], turn))
    assert axes(scale, drawn) == pytest.approx((30, right - left))
    (goal,) = at(scale, to)
    other_end = {0: drawn[1], 1: drawn[0]}.get(end)
    if other_end is not None and scale.distance(other_end, goal) < 1:
        return
    moved = with_axis_end(scale, drawn, end, goal)
    assert right_angled(scale, moved)
    if end < 2:
        assert moved[end] == goal
        assert scale.distance(*moved[2:]) == pytest.approx(right - left), "the short axis keeps its length"
    else:
        assert moved[:2] == tuple(drawn[:2]), "the long axis stays"
        away = scale.way(drawn[0], goal), scale.way(drawn[0], moved[end])
        along = np.array(scale.way(drawn[0], drawn[1])) / 30
        across = np.array([-along[1], along[0]])
        assert np.dot(away[0], across) == pytest.approx(np.dot(away[1], across), abs=1e-6)


@given(points_mm, points_mm, turns)
def test_a_perpendicular_ends_beside_the_pointer(through, towards, turn: float) -> None:
    scale = Scale((0.9, 0.35))
    a, b, c, pointer = at(scale, *turned([(0, 0), (0, 25)], turn), through, towards)
    end = perpendicular(scale, a, b, c, pointer)
    assert right_angled(scale, (a, b, c, end))
    assert right_angled(scale, (end, pointer, c, end)) or scale.distance(c, end) < 1e-6


def test_the_longer_axis_is_named_first_however_they_were_drawn() -> None:
    scale = Scale((0.5, 0.25))
    assert axes(scale, [(0, 0), (0, 40), (-20, 20), (20, 20)]) == pytest.approx((20, 10))
