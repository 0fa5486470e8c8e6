"""The tools beyond distance, angle and boxes: drawn, edited, named and cancelled with the hands."""

from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QRectF, Qt
from PySide6.QtTest import QTest

from app.core.document import HandCalibration, Measurement, MeasurementKind, Place
from app.core.measure import measure
from app.core.scale import scale_of
from app.ui.viewport import Tool
from app.ui.viewport.shapes import handles, with_handle
from tests.app.ui.viewport.reading import Reading


def only(reading: Reading) -> Measurement:
    (measurement,) = reading.session.document.measurements
    return measurement


def values(reading: Reading) -> dict[str, float]:
    measured = measure(only(reading), reading.series, reading.viewport.index, reading.pixels)
    return {name: value.value for name, value in measured.values.items()}


def key(reading: Reading, code: Qt.Key) -> None:
    QTest.keyClick(reading.viewport, code)


def draw_diameters(reading: Reading) -> None:
    """The long one down a column, 16 rows of 0.7 mm; the short one along a row, 12 columns of 0.4 mm, drawn askew."""
    reading.viewport.set_tool(Tool.BIDIRECTIONAL)
    reading.drag(reading.at(3, 20), reading.at(10, 20), reading.at(19, 20))
    reading.drag(reading.at(9, 14), reading.at(10, 20), reading.at(12, 26))


# -- lines in pairs ----------------------------------------------------------------------------------------------------


def test_two_drags_make_diameters_at_right_angles(ct: Reading) -> None:
    draw_diameters(ct)
    drawn = only(ct)
    assert drawn.kind is MeasurementKind.BIDIRECTIONAL
    assert np.allclose(drawn.points, [(3, 20), (19, 20), (9, 14), (9, 26)]), "the pointer's row does not tilt it"
    assert values(ct) == pytest.approx({"Long axis": 16 * 0.7, "Short axis": 12 * 0.4})
    assert ct.session.undo_name == "Add bidirectional"


def test_the_long_one_counts_on_the_way_and_the_short_one_waits(ct: Reading) -> None:
    ct.viewport.set_tool(Tool.BIDIRECTIONAL)
    ct.drag(ct.at(3, 20), ct.at(19, 20))
    assert ct.session.document.measurements == ()
    assert ct.viewport.annotator.is_drawing
    before = ct.viewport.snapshot()
    ct.hover(ct.at(9, 14))
    ct.click(ct.at(9, 14))
    ct.hover(ct.at(9, 22))
    assert ct.viewport.snapshot() != before
    ct.click(ct.at(9, 26))
    assert values(ct)["Short axis"] == pytest.approx(12 * 0.4)


def test_diameters_stay_upright_while_an_end_is_dragged(ct: Reading) -> None:
    draw_diameters(ct)
    ct.viewport.set_tool(Tool.WINDOW)
    ct.drag(ct.at(19, 20), ct.at(18, 25), ct.at(17, 28))
    a, b, c, d = only(ct).points
    assert np.allclose(b, (17, 28))
    scale = scale_of(ct.series, ct.viewport.index, only(ct).points)
    assert np.dot(scale.way(a, b), scale.way(c, d)) == pytest.approx(0, abs=1e-9)
    assert values(ct)["Short axis"] == pytest.approx(12 * 0.4)
    assert ct.session.undo_name == "Edit bidirectional"
    ct.session.undo()
    assert np.allclose(only(ct).points[1], (19, 20))


def test_cobb_takes_two_lines_whichever_way_they_are_drawn(ct: Reading) -> None:
    ct.viewport.set_tool(Tool.COBB)
    ct.drag(ct.at(4, 4), ct.at(4, 20), ct.at(4, 34))
    # 4.2 mm down over 11.2 mm, from right to left.
    ct.drag(ct.at(20, 33), ct.at(17, 20), ct.at(14, 5))
    assert values(ct) == {"Angle": pytest.approx(np.degrees(np.arctan2(4.2, 11.2)))}


# -- outlines ----------------------------------------------------------------------------------------------------------

CORNERS = ((3.0, 5.0), (3.0, 25.0), (13.0, 25.0), (17.0, 15.0), (13.0, 5.0))


def draw_polygon(reading: Reading, corners=CORNERS) -> None:
    reading.viewport.set_tool(Tool.POLYGON)
    for corner in corners:
        reading.hover(reading.at(*corner))
        reading.click(reading.at(*corner))


def test_a_polygon_ends_where_it_began(ct: Reading) -> None:
    draw_polygon(ct)
    assert ct.session.document.measurements == ()
    ct.click(ct.at(*CORNERS[0]))
    assert np.allclose(only(ct).points, CORNERS)
    # A box of 10 × 20 pixels and a gable of 4 × 20 / 2 on it.
    assert values(ct)["Area"] == pytest.approx((200 + 40) * 0.7 * 0.4)


def test_a_polygon_ends_with_enter_and_with_a_double_click(ct: Reading) -> None:
    draw_polygon(ct)
    key(ct, Qt.Key.Key_Return)
    assert np.allclose(only(ct).points, CORNERS)
    ct.session.undo()
    draw_polygon(ct)
    ct.double_click(ct.at(*CORNERS[-1]))
    ct.release(ct.at(*CORNERS[-1]))
    assert np.allclose(only(ct).points, CORNERS)
    assert not ct.viewport.annotator.is_drawing


def test_backspace_takes_a_corner_back_and_escape_all_of_it(ct: Reading) -> None:
    draw_polygon(ct)
    key(ct, Qt.Key.Key_Backspace)
    key(ct, Qt.Key.Key_Return)
    assert np.allclose(only(ct).points, CORNERS[:-1])
    ct.session.undo()
    draw_polygon(ct)
    key(ct, Qt.Key.Key_Escape)
    assert not ct.viewport.annotator.is_drawing
    assert ct.session.document.measurements == ()
    assert ct.viewport.tool() is Tool.POLYGON


def test_statistics_of_a_polygon_are_those_of_its_pixels(ct: Reading) -> None:
    # Between the pixels, so that none lies on a side.
    ct.viewport.set_index(1)
    draw_polygon(ct, ((3.5, 5.5), (3.5, 19.5), (12.5, 19.5)))
    key(ct, Qt.Key.Key_Enter)
    row, column = np.mgrid[0:23, 0:38]
    mask = (row > 3.5) & (column < 19.5) & ((column - 5.5) * 9 > (row - 3.5) * 14)
    inside = ct.pixels.modality(1)[mask].astype(float)
    assert values(ct) == pytest.approx(
        {
            "Area": 9 * 14 / 2 * 0.7 * 0.4,
            "Mean": inside.mean(),
            "SD": inside.std(ddof=1),
            "Min": inside.min(),
            "Max": inside.max(),
            "Pixels": mask.sum(),
        }
    )


def test_an_outline_that_crosses_itself_says_so(ct: Reading) -> None:
    draw_polygon(ct, ((4, 4), (16, 30), (16, 4), (4, 30)))
    key(ct, Qt.Key.Key_Return)
    measured = measure(only(ct), ct.series, ct.viewport.index, ct.pixels)
    assert "The outline crosses itself" in measured.lines
    assert measured.values["Area"].value == pytest.approx(2 * 6 * 26 / 2 * 0.7 * 0.4)


def circle(reading: Reading, radius: float = 8) -> list[tuple[float, float]]:
    return [(11 + radius * np.sin(t), 19 + radius * np.cos(t)) for t in np.linspace(0, 2 * np.pi, 80)[:-1]]


def test_a_freehand_line_closes_when_the_button_goes_up(ct: Reading) -> None:
    ct.viewport.set_tool(Tool.FREEHAND)
    way = circle(ct)
    ct.drag(*(ct.at(*point) for point in way))
    drawn = only(ct)
    assert drawn.kind is MeasurementKind.FREEHAND
    assert 12 < len(drawn.points) < len(way), "points that say nothing are left out"
    assert values(ct)["Area"] == pytest.approx(np.pi * 64 * 0.7 * 0.4, rel=0.01)
    assert "The outline crosses itself" not in measure(drawn, ct.series, 1, ct.pixels).lines


def test_a_freehand_click_draws_nothing(ct: Reading) -> None:
    ct.viewport.set_tool(Tool.FREEHAND)
    ct.click(ct.at(5, 5))
    assert not ct.viewport.annotator.is_drawing
    assert ct.session.document.measurements == ()


def test_a_freehand_outline_gives_way_where_it_is_pulled() -> None:
    points = tuple((10 + 8 * np.sin(t), 10 + 8 * np.cos(t)) for t in np.linspace(0, 2 * np.pi, 49)[:-1])
    knots = handles(MeasurementKind.FREEHAND, points)
    assert len(knots) == 8
    pulled = with_handle(MeasurementKind.FREEHAND, points, 3, (knots[3][0] + 4, knots[3][1]))
    moved = np.hypot(*np.subtract(pulled, points).T)
    held = points.index(knots[3])
    assert moved[held] == pytest.approx(4)
    assert np.all(np.diff(moved[held : held + 7]) < 0)
    assert np.count_nonzero(moved > 1e-9) == 11, "its neighbours' own handles stay"


def test_live_statistics_follow_what_is_drawn(ct: Reading, qtbot) -> None:
    told: list[object] = []
    ct.viewport.marked.connect(told.append)
    ct.viewport.set_tool(Tool.RECTANGLE)
    ct.press(ct.at(3.5, 5.5))
    ct.move(ct.at(8.5, 9.5))
    ct.move(ct.at(12.5, 19.5))
    drawn = told[-1]
    assert isinstance(drawn, Measurement)
    assert ct.session.document.measurements == ()
    assert measure(drawn, ct.series, ct.viewport.index, ct.pixels).values["Pixels"].value == 9 * 14
    ct.release(ct.at(12.5, 19.5))
    assert isinstance(told[-1], Measurement)
    key(ct, Qt.Key.Key_Escape)
    assert told[-1] is None


# -- points and notes --------------------------------------------------------------------------------------------------


def test_a_point_names_its_pixel_value_and_unit(ct: Reading) -> None:
    ct.viewport.set_index(1)
    ct.viewport.set_tool(Tool.POINT)
    ct.click(ct.at(5.3, 7.4))
    # 100·k + 10·row + column − 1024
    assert values(ct) == {"Value": 100 + 50 + 7 - 1024}
    lines = measure(only(ct), ct.series, 1, ct.pixels).lines
    assert lines == ("\u2212867 HU", "x 7  y 5")
    ct.viewport.set_tool(Tool.WINDOW)
    ct.drag(ct.at(5.3, 7.4), ct.at(8, 10), ct.at(10.2, 12.1))
    assert values(ct) == {"Value": 100 + 100 + 12 - 1024}


def test_an_arrow_takes_a_text_and_goes_without_one(ct: Reading) -> None:
    ct.viewport.set_tool(Tool.ARROW)
    ct.drag(ct.at(10, 10), ct.at(12, 20), ct.at(14, 28))
    assert ct.session.document.measurements == ()
    assert ct.viewport.name_field is not None
    QTest.keyClicks(ct.viewport.name_field, "node")
    QTest.keyClick(ct.viewport.name_field, Qt.Key.Key_Return)
    assert (only(ct).kind, only(ct).name) == (MeasurementKind.ARROW, "node")
    assert np.allclose(only(ct).points, [(10, 10), (14, 28)])
    assert ct.session.undo_name == "Add arrow"
    ct.session.undo()
    assert ct.session.document.measurements == (), "one step, words and all"
    ct.drag(ct.at(10, 10), ct.at(12, 20), ct.at(14, 28))
    QTest.keyClick(ct.viewport.name_field, Qt.Key.Key_Escape)
    assert only(ct).name == ""


def test_a_text_without_words_is_nothing(ct: Reading) -> None:
    ct.viewport.set_tool(Tool.TEXT)
    ct.click(ct.at(8, 8))
    QTest.keyClick(ct.viewport.name_field, Qt.Key.Key_Return)
    assert ct.session.document.measurements == ()
    ct.click(ct.at(8, 8))
    QTest.keyClicks(ct.viewport.name_field, "here")
    # Going elsewhere takes what was written.
    ct.viewport.setFocus()
    assert only(ct).name == "here"
    assert measure(only(ct), ct.series, 1, ct.pixels).lines == ()


def test_a_double_click_on_a_measurement_names_it(ct: Reading) -> None:
    draw_diameters(ct)
    ct.viewport.set_tool(Tool.WINDOW)
    ct.double_click(ct.at(6, 20))
    QTest.keyClicks(ct.viewport.name_field, "Target 1")
    QTest.keyClick(ct.viewport.name_field, Qt.Key.Key_Return)
    assert only(ct).name == "Target 1"
    assert ct.session.undo_name == "Rename bidirectional"


SHAPES = {
    MeasurementKind.COBB: ((4, 10), (4, 26), (15, 11), (15, 27)),
    MeasurementKind.BIDIRECTIONAL: ((4, 18), (16, 18), (9, 9), (9, 27)),
    MeasurementKind.POLYGON: CORNERS,
    MeasurementKind.FREEHAND: CORNERS,
    MeasurementKind.ANGLE: ((5, 10), (14, 26), (16, 12)),
    MeasurementKind.POINT: ((9, 18),),
    MeasurementKind.TEXT: ((9, 18),),
}


@pytest.mark.parametrize("kind", list(MeasurementKind))
def test_whatever_is_drawn_can_be_moved_deleted_and_brought_back(ct: Reading, kind: MeasurementKind) -> None:
    points = tuple((float(row), float(column)) for row, column in SHAPES.get(kind, ((5, 10), (14, 26))))
    made = Measurement("m", kind, Place.of(ct.series, ct.viewport.index), points, name="n")
    ct.session.commit("Add", ct.session.document.with_measurement(made))
    ct.viewport.snapshot()
    label = ct.viewport.annotator.label_rects["m"]
    assert ct.viewport.rect().contains(label.toRect())
    scene = ct.viewport.scene()
    assert scene is not None
    way = ct.at(11, 19) - ct.at(9, 18)
    ct.drag(label.center(), label.center() + way / 2, label.center() + way)
    assert np.allclose(np.subtract(only(ct).points, made.points), (2, 1))
    assert ct.viewport.annotator.selected == "m"
    key(ct, Qt.Key.Key_Delete)
    assert ct.session.document.measurements == ()
    ct.session.undo()
    ct.session.undo()
    assert only(ct) == made


# -- calibration by hand -----------------------------------------------------------------------------------------------


def test_a_line_drawn_to_calibrate_is_no_measurement(ct: Reading) -> None:
    told: list[Measurement] = []
    ct.viewport.calibrationDrawn.connect(told.append)
    ct.viewport.set_tool(Tool.CALIBRATE)
    ct.drag(ct.at(4, 5), ct.at(4, 15), ct.at(4, 30))
    assert ct.session.document.measurements == ()
    assert np.allclose(told[0].points, [(4, 5), (4, 30)])
    key(ct, Qt.Key.Key_Escape)
    assert ct.viewport.annotator.pending is None


def test_calibrated_lengths_say_so_beside_the_line_and_on_the_scale(ct: Reading) -> None:
    ct.viewport.set_tool(Tool.DISTANCE)
    ct.drag(ct.at(4, 6), ct.at(10, 20), ct.at(4, 30))
    before = ct.viewport.snapshot()
    place = Place.of(ct.series, ct.viewport.index)
    by_hand = HandCalibration("c", place, ((0, 0), (0, 10)), 20.0, (3.5, 2.0), whole_stack=True)
    ct.session.commit("Calibrate by hand", ct.session.document.with_calibration(by_hand))
    assert ct.viewport.snapshot() != before
    what = ct.viewport._shown()
    assert what is not None
    assert any("calibrated by hand" in warning for warning in ct.viewport._picture.warnings(what))
    bar = ct.viewport._picture._scale_bar(what)
    assert bar is not None
    assert bar.text.endswith(", by hand")


def test_labels_keep_off_the_shapes_of_other_measurements(ct: Reading) -> None:
    place = Place.of(ct.series, ct.viewport.index)
    document = ct.session.document
    boxes = [((6.0, 4.0 + 9 * n), (9.0, 8.0 + 9 * n)) for n in range(3)]
    for number, box in enumerate(boxes):
        document = document.with_measurement(Measurement(str(number), MeasurementKind.RECTANGLE, place, box))
    ct.session.commit("Add", document)
    ct.viewport.snapshot()
    for rect in ct.viewport.annotator.label_rects.values():
        assert ct.viewport.rect().contains(rect.toRect())
        for low, high in boxes:
            assert not rect.intersects(QRectF(ct.at(*low), ct.at(*high)))
