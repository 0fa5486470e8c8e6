"""Grids of views."""

import pytest

from app.core.layout import APART, Content, Layout, activated, maximised, put, set_apart, sized, stepped, without
from app.core.planes import PlaneName

A, B, C, D = (Content((name, 0)) for name in "abcd")


def filled(rows: int, columns: int, *contents: Content | None, active: int = 0) -> Layout:
    return Layout(rows, columns, contents, active)


def test_a_grid_has_at_most_three_by_three_cells() -> None:
    assert Layout(3, 3).count == 9
    assert Layout(2, 3).name == "2 × 3"
    for rows, columns in ((0, 1), (4, 1), (1, 4)):
        with pytest.raises(ValueError, match="rows and columns"):
            Layout(rows, columns)
    with pytest.raises(ValueError, match="not among"):
        Layout(1, 2, active=2)


def test_a_larger_grid_has_empty_cells() -> None:
    assert sized(filled(1, 1, A), 2, 2).shown == (A, None, None, None)


def test_what_no_longer_fits_waits_until_it_does() -> None:
    small = sized(filled(2, 2, A, B, C, D), 1, 2)
    assert small.shown == (A, B)
    assert sized(small, 2, 2).shown == (A, B, C, D)


def test_the_active_image_stays_on_screen_when_the_grid_shrinks() -> None:
    small = sized(filled(2, 2, A, B, C, D, active=3), 1, 1)
    assert small.shown == (D,)
    assert small.active == 0
    assert set(small.cells) == {A, B, C, D}, "nothing is lost"


def test_the_next_view_is_the_next_that_shows_something() -> None:
    layout = filled(2, 2, A, None, C, None)
    assert stepped(layout, 1).active == 2
    assert stepped(stepped(layout, 1), 1).active == 0, "round the grid"
    assert stepped(layout, -1).active == 2
    assert stepped(activated(layout, 1), 1).active == 0
    assert stepped(filled(1, 2, None, None), 1).active == 0


def test_a_maximised_cell_is_alone_and_the_grid_comes_back() -> None:
    one = maximised(filled(1, 2, A, B, active=1), True)
    assert one.visible == (1,)
    assert stepped(one, 1).visible == (0,)
    assert maximised(one, False).visible == (0, 1)
    assert not maximised(filled(1, 1, A), True).maximised


def test_cells_of_closed_studies_become_empty() -> None:
    layout = put(filled(1, 2, A, B), 1, Content(("b", 0), PlaneName.CORONAL))
    assert without(layout, frozenset({("b", 0)})).shown == (None, Content(("b", 0), PlaneName.CORONAL))


def test_cells_of_a_second_screen_keep_their_numbers_whatever_the_grid() -> None:
    layout = put(set_apart(filled(1, 2, A, B), 1, 1), APART, C)
    assert layout.visible == (0, 1, APART)
    there = activated(layout, APART)
    assert (there.is_apart, there.held) == (True, 0)
    large = sized(there, 3, 3)
    assert large.visible[-1] == large.active == APART
    assert large.cells[APART] == C
    assert stepped(stepped(there, 1), -1).active == APART, "round both grids"
    assert maximised(activated(layout, 1), True).visible == (1, APART)
    assert activated(maximised(activated(layout, 1), True), APART).visible == (1, APART), "as the reader left it"


def test_a_second_screen_that_is_closed_leaves_the_reader_in_the_grid() -> None:
    layout = set_apart(filled(2, 2, A, B, C, D, active=2), 1, 2)
    closed = set_apart(activated(layout, APART + 1), 0, 0)
    assert closed.active == 2
    assert closed.visible == (0, 1, 2, 3)
    small = set_apart(put(activated(layout, APART + 1), APART + 1, A), 1, 1)
    assert (small.active, small.cells[APART]) == (APART, A), "what is active stays on screen"
    with pytest.raises(ValueError, match="apart"):
        set_apart(layout, 1, 4)
    with pytest.raises(ValueError, match="not among"):
        activated(closed, APART)
