"""Measuring with the hands: what is drawn, what is committed, what undo takes back."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtTest import QTest

from app.core.document import Measurement, MeasurementKind
from app.core.measure import measure
from app.ui.viewport import Tool
from app.ui.viewport.shapes import handles, place_label, with_handle
from tests.app.ui.viewport.reading import Reading


def only(reading: Reading) -> Measurement:
    (measurement,) = reading.session.document.measurements
    return measurement


def draw_distance(reading: Reading, start: tuple[float, float] = (4, 6), end: tuple[float, float] = (16, 30)) -> None:
    reading.viewport.set_tool(Tool.DISTANCE)
    middle = ((start[0] + end[0]) / 2, (start[1] + end[1]) / 2)
    reading.drag(reading.at(*start), reading.at(*middle), reading.at(*end))


# -- drawing -----------------------------------------------------------------------------------------------------------


def test_a_dragged_distance_has_its_exact_points_and_length(ct: Reading) -> None:
    draw_distance(ct)
    drawn = only(ct)
    assert drawn.kind is MeasurementKind.DISTANCE
    assert np.allclose(drawn.points, [(4, 6), (16, 30)])
    # 12 rows of 0.7 mm and 24 columns of 0.4 mm: the legs of 8.4 and 9.6.
    length = measure(drawn, ct.series, ct.viewport.index, ct.pixels).values["Length"]
    assert (length.value, length.unit) == (pytest.approx(np.hypot(8.4, 9.6)), "mm")


def test_a_measurement_keeps_where_it_is_in_the_patient(ct: Reading) -> None:
    ct.viewport.set_index(1)
    draw_distance(ct)
    # Origin −10, −20, 30; columns run 0.4 mm to the left, rows 0.7 mm backwards, slices 2.5 mm upwards.
    assert np.allclose(
        only(ct).points_lps,
        [(-10 + 6 * 0.4, -20 + 4 * 0.7, 32.5), (-10 + 30 * 0.4, -20 + 16 * 0.7, 32.5)],
    )


def test_a_drag_commits_once_and_undo_takes_it_back(ct: Reading) -> None:
    told: list[object] = []
    ct.session.subscribe(told.append)
    ct.viewport.set_tool(Tool.DISTANCE)
    ct.drag(ct.at(4, 6), *(ct.at(4 + k, 6 + k) for k in range(1, 12)))
    assert len(told) == 1
    assert ct.session.undo_name == "Add distance"
    with_it = ct.viewport.snapshot()
    ct.session.undo()
    assert ct.session.document.measurements == ()
    assert ct.viewport.snapshot() != with_it
    ct.session.redo()
    assert len(ct.session.document.measurements) == 1


def test_click_move_click_draws_too_and_shows_its_value_on_the_way(ct: Reading) -> None:
    ct.viewport.set_tool(Tool.DISTANCE)
    ct.click(ct.at(4, 6))
    assert ct.session.document.measurements == ()
    before = ct.viewport.snapshot()
    ct.hover(ct.at(10, 20))
    assert ct.viewport.snapshot() != before
    ct.click(ct.at(16, 30))
    assert np.allclose(only(ct).points, [(4, 6), (16, 30)])


def test_an_angle_takes_a_drag_and_a_click(ct: Reading) -> None:
    ct.viewport.set_tool(Tool.ANGLE)
    # Rows are 0.7 mm and columns 0.4: along a row, then back along the diagonal of a square of 2.8 mm.
    ct.drag(ct.at(10, 20), ct.at(10, 15), ct.at(10, 10))
    assert ct.session.document.measurements == ()
    ct.hover(ct.at(12, 12))
    ct.click(ct.at(14, 17))
    angle = measure(only(ct), ct.series, ct.viewport.index, ct.pixels).values["Angle"]
    assert angle.value == pytest.approx(45)


@pytest.mark.parametrize(("tool", "part"), [(Tool.RECTANGLE, 1.0), (Tool.ELLIPSE, np.pi / 4)])
def test_regions_give_the_statistics_of_the_pixels_inside(ct: Reading, tool: Tool, part: float) -> None:
    ct.viewport.set_index(1)
    ct.viewport.set_tool(tool)
    ct.drag(ct.at(3.5, 5.5), ct.at(8, 9), ct.at(12.5, 19.5))
    values = measure(only(ct), ct.series, 1, ct.pixels).values
    assert values["Area"].value == pytest.approx(9 * 0.7 * 14 * 0.4 * part)
    hounsfield = ct.pixels.modality(1)[4:13, 6:20].astype(float)
    if tool is Tool.ELLIPSE:
        row, column = np.mgrid[4:13, 6:20]
        hounsfield = hounsfield[((row - 8) / 4.5) ** 2 + ((column - 12.5) / 7) ** 2 <= 1]
    assert values["Mean"].value == pytest.approx(hounsfield.mean())
    assert values["SD"].value == pytest.approx(hounsfield.std(ddof=1))
    assert (values["Min"].value, values["Max"].value) == (hounsfield.min(), hounsfield.max())
    assert values["Mean"].unit == "HU"


def test_drawing_is_true_on_a_flipped_and_turned_picture(ct: Reading) -> None:
    ct.viewport.flip_horizontal()
    ct.viewport.rotate(1)
    ct.viewport.zoom_by(0.6)
    draw_distance(ct)
    assert np.allclose(only(ct).points, [(4, 6), (16, 30)])


def test_quick_clicks_are_points_and_no_double_click(ct: Reading) -> None:
    ct.viewport.set_tool(Tool.DISTANCE)
    ct.click(ct.at(4, 6))
    # What Qt sends for a second press that follows at once.
    ct.double_click(ct.at(16, 30))
    ct.release(ct.at(16, 30))
    assert np.allclose(only(ct).points, [(4, 6), (16, 30)])


def test_escape_drops_what_is_being_drawn_then_the_tool(ct: Reading) -> None:
    ct.viewport.set_tool(Tool.RECTANGLE)
    ct.click(ct.at(4, 6))
    ct.hover(ct.at(9, 9))
    QTest.keyClick(ct.viewport, Qt.Key.Key_Escape)
    assert ct.viewport.tool() is Tool.RECTANGLE
    ct.hover(ct.at(16, 30))
    ct.release(ct.at(16, 30))
    assert ct.session.document.measurements == ()
    QTest.keyClick(ct.viewport, Qt.Key.Key_Escape)
    assert ct.viewport.tool() is Tool.WINDOW


def test_one_escape_leaves_the_selection_and_the_tool(ct: Reading) -> None:
    draw_distance(ct)
    assert ct.viewport.annotator.selected
    QTest.keyClick(ct.viewport, Qt.Key.Key_Escape)
    assert ct.viewport.annotator.selected == ""
    assert ct.viewport.tool() is Tool.WINDOW
    assert len(ct.session.document.measurements) == 1


def test_nothing_is_drawn_on_a_frame_that_has_not_arrived(ct: Reading) -> None:
    from app.dicom.load import SeriesPixels

    ct.viewport.display(ct.series, SeriesPixels(ct.series))
    draw_distance(ct)
    assert ct.session.document.measurements == ()


# -- selecting and moving ----------------------------------------------------------------------------------------------


def test_dragging_the_line_moves_the_whole_and_is_undone_as_one(ct: Reading) -> None:
    draw_distance(ct)
    ct.viewport.set_tool(Tool.WINDOW)
    before = only(ct)
    ct.drag(ct.at(10, 18), ct.at(11, 18), ct.at(12, 21))
    assert np.allclose(only(ct).points, [(6, 9), (18, 33)])
    assert only(ct).id == before.id
    assert np.allclose(np.subtract(only(ct).points_lps, before.points_lps), [(1.2, 1.4, 0)] * 2)
    assert ct.session.undo_name == "Move distance"
    ct.session.undo()
    assert only(ct) == before


def test_a_handle_moves_alone(ct: Reading) -> None:
    draw_distance(ct)
    ct.viewport.set_tool(Tool.WINDOW)
    ct.drag(ct.at(16, 30), ct.at(12, 31), ct.at(10, 32))
    assert np.allclose(only(ct).points, [(4, 6), (10, 32)])
    assert ct.session.undo_name == "Edit distance"


def test_moving_previews_in_the_widget_and_commits_at_the_end(ct: Reading) -> None:
    draw_distance(ct)
    before, picture = ct.session.document, ct.viewport.snapshot()
    ct.press(ct.at(10, 18))
    ct.move(ct.at(12, 18))
    assert ct.session.document is before
    assert ct.viewport.snapshot() != picture
    ct.release(ct.at(12, 18))
    assert ct.session.document is not before


def test_a_click_on_a_line_selects_and_changes_nothing(ct: Reading) -> None:
    draw_distance(ct)
    before = ct.session.document
    ct.click(ct.at(2, 2))
    assert ct.viewport.annotator.selected == ""
    ct.viewport.set_tool(Tool.WINDOW)
    ct.click(ct.at(10, 18))
    assert ct.viewport.annotator.selected == only(ct).id
    assert ct.session.document is before


def test_a_click_on_the_label_selects_too(ct: Reading) -> None:
    draw_distance(ct)
    ct.viewport.set_tool(Tool.WINDOW)
    ct.click(ct.at(2, 2))
    ct.viewport.snapshot()
    ct.click(ct.viewport.annotator.label_rects[only(ct).id].center())
    assert ct.viewport.annotator.selected == only(ct).id


def test_delete_removes_the_selected_and_undo_brings_it_back(ct: Reading) -> None:
    draw_distance(ct)
    QTest.keyClick(ct.viewport, Qt.Key.Key_Delete)
    assert ct.session.document.measurements == ()
    assert ct.session.undo_name == "Delete distance"
    ct.session.undo()
    assert only(ct).kind is MeasurementKind.DISTANCE


def test_a_measurement_belongs_to_its_frame(ct: Reading) -> None:
    ct.viewport.set_index(1)
    draw_distance(ct)
    ct.viewport.set_index(2)
    scene = ct.viewport.scene()
    assert scene is not None
    assert ct.viewport.annotator.shapes_on(scene) == ()
    assert ct.viewport.annotator.hit(scene, ct.at(10, 18)) is None


def test_undo_in_the_middle_of_a_drag_ends_the_drag(ct: Reading) -> None:
    draw_distance(ct)
    ct.press(ct.at(10, 18))
    ct.move(ct.at(12, 18))
    ct.session.undo()
    ct.move(ct.at(13, 18))
    ct.release(ct.at(13, 18))
    assert ct.session.document.measurements == ()


@pytest.mark.parametrize(
    ("handle", "expected"),
    [(0, ((9, 9), (5, 6))), (1, ((1, 2), (9, 9))), (2, ((9, 2), (5, 9))), (3, ((1, 9), (9, 6)))],
)
def test_a_corner_of_a_box_moves_and_the_opposite_stays(handle: int, expected: object) -> None:
    box = ((1.0, 2.0), (5.0, 6.0))
    moved = with_handle(MeasurementKind.RECTANGLE, box, handle, (9, 9))
    assert moved == expected
    assert handles(MeasurementKind.RECTANGLE, moved)[handle] == (9, 9)
    opposite = {0: 1, 1: 0, 2: 3, 3: 2}[handle]
    assert handles(MeasurementKind.RECTANGLE, moved)[opposite] == handles(MeasurementKind.RECTANGLE, box)[opposite]


# -- labels ------------------------------------------------------------------------------------------------------------


def test_a_label_keeps_off_its_shape_and_inside_the_viewport() -> None:
    bounds, size = QRectF(0, 0, 400, 300), QRectF(0, 0, 90, 40)
    for x in range(0, 400, 40):
        for y in range(0, 300, 30):
            shape = QRectF(x, y, 60, 50).intersected(bounds)
            label = place_label(size, shape, bounds, ())
            assert bounds.contains(label)
            assert not label.intersects(shape)


def test_a_label_keeps_off_other_labels_where_it_can() -> None:
    bounds, size, shape = QRectF(0, 0, 400, 300), QRectF(0, 0, 90, 40), QRectF(150, 120, 60, 50)
    first = place_label(size, shape, bounds, ())
    second = place_label(size, shape, bounds, (first,))
    assert not second.intersects(first)


def test_the_live_label_is_drawn_beside_the_line(ct: Reading) -> None:
    draw_distance(ct)
    ct.viewport.snapshot()
    rect = ct.viewport.annotator.label_rects[only(ct).id]
    assert QRectF(ct.viewport.rect()).contains(rect)
    assert not rect.contains(QPointF(ct.at(10, 18)))
