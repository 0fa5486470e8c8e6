"""Shutters against the rules of the standard applied to one pixel after the other."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pydicom
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydicom import Dataset
from pydicom.datadict import tag_for_keyword
from pydicom.dataelem import RawDataElement
from pydicom.tag import Tag

from app.dicom.model import FrameKey, Instance
from app.dicom.shutters import shutter
from tests import phantoms
from tests.app.dicom.helpers import one_series, opened

ROWS, COLUMNS = 23, 38
RECTANGLE: dict[str, Any] = {
    "ShutterShape": "RECTANGULAR",
    "ShutterUpperHorizontalEdge": 4,
    "ShutterLowerHorizontalEdge": 20,
    "ShutterLeftVerticalEdge": 6,
    "ShutterRightVerticalEdge": 31,
}
CIRCLE: dict[str, Any] = {"ShutterShape": "CIRCULAR", "CenterOfCircularShutter": [11, 17], "RadiusOfCircularShutter": 8}
POLYGON: dict[str, Any] = {"ShutterShape": "POLYGONAL", "VerticesOfThePolygonalShutter": [2, 5, 3, 30, 21, 22, 12, 14]}


class _Series:
    """Just what ``shutter`` asks of a series."""

    def __init__(self, dataset: Dataset, spacing: tuple[float, float] | None = None) -> None:
        self.instances = (Instance(Path("nowhere"), "", "", "", 1, dataset),)
        self.frames = (FrameKey(0, 0),)
        self.rows, self.columns, self.pixel_spacing = ROWS, COLUMNS, spacing


def covered(attributes: dict[str, Any], spacing: tuple[float, float] | None = None) -> npt.NDArray[np.bool_] | None:
    dataset = Dataset()
    for keyword, value in attributes.items():
        setattr(dataset, keyword, value)
    return shutter(_Series(dataset, spacing), 0)  # type: ignore[arg-type]


def each(rule: Any) -> npt.NDArray[np.bool_]:
    """``rule(row, column)`` of every pixel, counted from 1, says whether it is visible."""
    return np.array([[not rule(row, column) for column in range(1, COLUMNS + 1)] for row in range(1, ROWS + 1)])


def in_rectangle(row: int, column: int) -> bool:
    return 4 <= row <= 20 and 6 <= column <= 31


def in_circle(row: int, column: int) -> bool:
    return (row - 11) ** 2 + (column - 17) ** 2 <= 64


def in_polygon(vertices: list[int], row: int, column: int) -> bool:
    """On the outline, or an odd number of edges to the right: in whole numbers, without division."""
    corners = list(zip(vertices[::2], vertices[1::2], strict=True))
    inside = False
    for (y0, x0), (y1, x1) in zip(corners, [*corners[1:], corners[0]], strict=True):
        side = (row - y0) * (x1 - x0) - (column - x0) * (y1 - y0)
        if side == 0 and min(y0, y1) <= row <= max(y0, y1) and min(x0, x1) <= column <= max(x0, x1):
            return True
        if (y0 <= row) != (y1 <= row) and (side > 0) == (y1 > y0):
            inside = not inside
    return inside


def test_a_rectangle_keeps_its_edges() -> None:
    np.testing.assert_array_equal(covered(RECTANGLE), each(in_rectangle))


def test_a_circle_keeps_what_its_radius_reaches() -> None:
    np.testing.assert_array_equal(covered(CIRCLE), each(in_circle))


def test_a_circle_is_round_in_millimetres() -> None:
    expected = each(lambda row, column: ((row - 11) * 2) ** 2 + (column - 17) ** 2 <= 64)
    np.testing.assert_array_equal(covered(CIRCLE, (0.4, 0.2)), expected)
    np.testing.assert_array_equal(covered({**CIRCLE, "PixelAspectRatio": [2, 1]}), expected)


def test_a_polygon_keeps_its_outline() -> None:
    expected = each(lambda row, column: in_polygon(POLYGON["VerticesOfThePolygonalShutter"], row, column))
    np.testing.assert_array_equal(covered(POLYGON), expected)


_CORNER = st.integers(-10, 50)


@given(st.lists(st.tuples(_CORNER, _CORNER), min_size=3, max_size=9))
@example([(1, 1), (1, 38), (23, 38), (23, 20), (10, 20), (10, 1)])
def test_any_polygon_equals_the_rule_for_each_pixel(corners: list[tuple[int, int]]) -> None:
    vertices = [value for corner in corners for value in corner]
    expected = each(lambda row, column: in_polygon(vertices, row, column))
    found = covered({"ShutterShape": "POLYGONAL", "VerticesOfThePolygonalShutter": vertices})
    if expected.any() and not expected.all():
        np.testing.assert_array_equal(found, expected)
    else:
        assert found is None


def test_several_shapes_leave_what_lies_within_all() -> None:
    shapes = {**POLYGON, **CIRCLE, **RECTANGLE, "ShutterShape": ["RECTANGULAR", "CIRCULAR", "POLYGONAL"]}
    vertices = POLYGON["VerticesOfThePolygonalShutter"]
    expected = each(
        lambda row, column: in_rectangle(row, column) and in_circle(row, column) and in_polygon(vertices, row, column)
    )
    np.testing.assert_array_equal(covered(shapes), expected)


@pytest.mark.parametrize(
    "attributes",
    [
        {},
        {"ShutterShape": "BITMAP"},
        {"ShutterShape": "RECTANGULAR"},
        {**RECTANGLE, "ShutterLeftVerticalEdge": 0, "ShutterUpperHorizontalEdge": 1}
        | {"ShutterLowerHorizontalEdge": ROWS, "ShutterRightVerticalEdge": 99},
        {**RECTANGLE, "ShutterLeftVerticalEdge": 32},
        {**CIRCLE, "RadiusOfCircularShutter": 0},
        {**CIRCLE, "CenterOfCircularShutter": [11]},
        {**POLYGON, "VerticesOfThePolygonalShutter": [1, 1, 5, 5]},
    ],
)
def test_a_shutter_that_covers_nothing_or_everything_is_none(attributes: dict[str, Any]) -> None:
    assert covered(attributes) is None


def test_a_frame_of_an_enhanced_image_has_its_own(tmp_path: Path) -> None:
    (path,) = phantoms.enhanced_ct(tmp_path / "e.dcm", shape=(3, ROWS, COLUMNS))
    dataset = pydicom.dcmread(path)
    item = Dataset()
    for keyword, value in RECTANGLE.items():
        setattr(item, keyword, value)
    dataset.PerFrameFunctionalGroupsSequence[1].FrameDisplayShutterSequence = [item]
    dataset.save_as(path)
    series = one_series(path)
    for index in range(3):
        found = shutter(series, index)
        if series.frames[index].frame == 1:
            np.testing.assert_array_equal(found, each(in_rectangle))
        else:
            assert found is None


def test_values_under_a_shutter_stay(tmp_path: Path) -> None:
    plain, shuttered = tmp_path / "plain", tmp_path / "shuttered"
    phantoms.ct(plain)
    phantoms.ct(shuttered, **RECTANGLE)
    _, a = opened(plain)
    _, b = opened(shuttered)
    np.testing.assert_array_equal(a.modality(1), b.modality(1))


@given(data=st.data())
def test_no_header_breaks_it(data: st.DataObject) -> None:
    dataset = Dataset()
    dataset.ShutterShape = ["RECTANGULAR", "CIRCULAR", "POLYGONAL"]
    number = st.sampled_from(["0", "-1", "5", "30", "1e300", "-1e308", "nan", "inf", "x", "2147483648", "0.5", ""])
    for keyword in (*RECTANGLE, *CIRCLE, *POLYGON):
        if keyword == "ShutterShape" or not data.draw(st.booleans()):
            continue
        value = "\\".join(data.draw(st.lists(number, max_size=10))).encode()
        tag = Tag(tag_for_keyword(keyword) or 0)
        dataset[tag] = RawDataElement(tag, "IS", len(value), value, 0, False, True)
    found = shutter(_Series(dataset), 0)  # type: ignore[arg-type]
    assert found is None or (found.shape == (ROWS, COLUMNS) and found.dtype == bool)
