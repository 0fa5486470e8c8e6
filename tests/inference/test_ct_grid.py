"""The network's grid on CT planes, and the way back (inference/ct_grid.py)."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inference import ct_grid
from inference.ct_grid import Frame, frame_of, from_grid, to_grid


@settings(max_examples=15)
@given(
    st.integers(40, 90),
    st.integers(40, 90),
    st.floats(0.6, 3.0),
    st.floats(0.6, 3.0),
    st.floats(-15, 15),
    st.floats(-15, 15),
)
def test_there_and_back_a_ramp_stays_where_it_is(
    rows: int, columns: int, row_mm: float, column_mm: float, down: float, across: float
) -> None:
    """A linear image survives any mapping to 0.2 mm, away from the edges: a shift of half a pixel would show."""
    frame = Frame((rows, columns), (row_mm, column_mm), ((rows - 1) / 2 + down, (columns - 1) / 2 + across))
    y, x = np.mgrid[0:rows, 0:columns]
    plane = (3.0 * y * row_mm - 2.0 * x * column_mm).astype(np.float32)
    size = 224
    back = from_grid(to_grid(plane, frame, size), frame)
    reach = size * ct_grid.SPACING_MM / 2
    inside = (
        (np.abs((y - frame.centre[0]) * row_mm) < reach - 8)
        & (np.abs((x - frame.centre[1]) * column_mm) < reach - 8)
        & (np.minimum(y, rows - 1 - y) * row_mm > 8)
        & (np.minimum(x, columns - 1 - x) * column_mm > 8)
    )
    np.testing.assert_allclose(back[inside], plane[inside], atol=0.6)


def test_a_point_lands_where_its_millimetres_say() -> None:
    plane = np.full((101, 121), -1024, np.float32)
    plane[30:34, 80:84] = 3000
    frame = Frame((101, 121), (1.0, 2.0), (50.0, 60.0))
    grid = to_grid(plane, frame, 192)
    y, x = (float(axis.mean()) for axis in np.nonzero(grid > 1000))
    assert y == pytest.approx(95.5 + (31.5 - 50) / ct_grid.SPACING_MM, abs=0.5)
    assert x == pytest.approx(95.5 + (81.5 - 60) * 2 / ct_grid.SPACING_MM, abs=0.5)


def test_beyond_the_image_is_air_and_beyond_the_square_is_nothing() -> None:
    frame = Frame((20, 20), (1.0, 1.0), (9.5, 9.5))
    grid = to_grid(np.zeros((20, 20), np.int16), frame, 64)
    assert grid[0, 0] == ct_grid.AIR
    assert grid[32, 32] == 0
    wide = Frame((400, 400), (1.0, 1.0), (199.5, 199.5))
    back = from_grid(np.ones((64, 64), np.float32), wide)
    assert back[0, 0] == 0
    assert back[200, 200] == 1


def test_the_square_is_around_the_body_wherever_it_lies() -> None:
    voxels = np.full((12, 128, 128), -1000, np.int16)
    voxels[:, 80:120, 10:50] = 30
    frame = frame_of(voxels, (1.0, 1.0))
    assert frame.centre == pytest.approx((99.5, 29.5), abs=3)
    assert frame_of(np.full((2, 50, 70), -1000), (1.0, 1.0)).centre == (24.5, 34.5)


def test_windows_and_context() -> None:
    planes = [np.full((4, 4), value, np.float32) for value in (-1024, 40, 300)]
    channels = ct_grid.network_input(*planes)
    assert channels.shape == (ct_grid.CHANNELS, 4, 4)
    assert channels[:, 0, 0] == pytest.approx([0, 1064 / 1324, 1, 0.5])
    assert [ct_grid.context(step) for step in (0.5, 1.0, 2.5, 5.0, 10.0)] == [8, 4, 2, 1, 1]
