"""Measuring in the window: the list follows the image, histograms, clearing a study, calibration by hand."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from app.core.document import Measurement, MeasurementKind, Overlay, Place
from app.core.measure import measure
from app.report.export import ExportRequest, export
from app.report.picture import Style
from app.ui.measurement_rows import ID, VALUES
from app.ui.window import Window
from inference.types import Code, Label, ModelRef


@pytest.fixture
def opened(window: Window, settle, ct_folder: Path) -> Window:
    """The window with a CT on screen."""
    window.open([ct_folder])
    settle(window)
    return window


def add(window: Window, kind: MeasurementKind, *points: tuple[float, float], identifier: str = "m") -> Measurement:
    series = window.session.active
    assert series is not None
    made = Measurement(identifier, kind, Place.of(series, window.viewport.index), points)
    window.session.commit("Add", window.session.document.with_measurement(made))
    return made


def rows(window: Window) -> dict[str, tuple[str, ...]]:
    panel = window.measurements.list
    items = [panel.item(row) for row in range(panel.count())]
    return {item.data(ID): item.data(VALUES) for item in items}


def calibrate(window: Window, true_mm: float, *, whole: bool) -> None:
    series = window.session.active
    assert series is not None
    line = Measurement("line", MeasurementKind.DISTANCE, Place.of(series, window.viewport.index), ((5, 5), (5, 30)))
    window.viewport.calibrationDrawn.emit(line)
    dialog = window.measuring.dialog
    assert dialog is not None
    assert not dialog.calibrate.isEnabled(), "nothing is a length"
    dialog.length.setValue(true_mm)
    dialog.whole_stack.setChecked(whole)
    dialog.calibrate.click()


def test_selection_goes_from_image_to_list_and_back(opened: Window) -> None:
    add(opened, MeasurementKind.DISTANCE, (2, 2), (2, 12), identifier="one")
    add(opened, MeasurementKind.POINT, (5, 5), identifier="two")
    opened.viewport.select("one")
    panel = opened.measurements.list
    assert panel.currentItem().data(ID) == "one"
    opened.viewport.set_index(0)
    panel.itemClicked.emit(panel.item(1))
    assert opened.viewport.annotator.selected == "two"
    assert opened.viewport.index == 1


def test_a_selected_region_shows_the_histogram_of_its_pixels(opened: Window, qtbot) -> None:
    opened.tabs.setCurrentWidget(opened.measurements)
    made = add(opened, MeasurementKind.RECTANGLE, (2, 3), (9, 20))
    histogram = opened.measurements.histogram
    opened.viewport.select("m")
    qtbot.waitUntil(lambda: histogram.isVisible())
    counts, edges = histogram.counts
    series = opened.session.active
    inside = opened.loader.pixels(series).modality(opened.viewport.index)[2:10, 3:21]
    assert counts.sum() == inside.size == 144
    expected, _ = np.histogram(inside, bins=edges)
    assert np.array_equal(counts, expected)
    assert (edges[0], edges[-1]) == pytest.approx((inside.min(), inside.max()), abs=1)
    assert "144 pixels" in histogram.heading.text()
    assert opened.measuring.region(made).size == 144
    opened.viewport.select("")
    qtbot.waitUntil(lambda: not histogram.isVisible())


def test_clearing_a_study_is_one_step_that_undo_takes_back(opened: Window) -> None:
    clear = opened.actions_["clear_measurements"]
    assert not clear.isEnabled()
    for number in range(3):
        add(opened, MeasurementKind.POINT, (number, 4), identifier=str(number))
    clear.trigger()
    assert opened.session.document.measurements == ()
    assert not clear.isEnabled()
    opened.session.undo()
    assert len(opened.session.document.measurements) == 3
    assert clear.isEnabled()


def test_calibration_by_hand_is_named_wherever_a_length_stands(opened: Window, tmp_path: Path) -> None:
    made = add(opened, MeasurementKind.DISTANCE, (2, 2), (2, 12))
    add(opened, MeasurementKind.RECTANGLE, (2, 2), (4, 12), identifier="box")
    assert rows(opened)["m"] == ("4.00 mm",)
    # 25 columns of 0.4 mm are said to be 20 mm: all is twice as large.
    calibrate(opened, 20.0, whole=True)
    assert rows(opened)["m"] == ("8.00 mm", "calibrated by hand")
    # 2 rows of 1.4 mm, 10 columns of 0.8: the pixel keeps its shape.
    assert rows(opened)["box"][:2] == ("Area 22.4 mm²", "calibrated by hand")
    series, document = opened.session.active, opened.session.document
    by_hand = document.calibration_of(made.place)
    pixels = opened.loader.pixels(series)
    measured = measure(made, series, opened.viewport.index, pixels, by_hand)
    assert (measured.values["Length"].value, measured.values["Length"].unit) == (
        pytest.approx(8.0),
        "mm, calibrated by hand",
    )
    request = ExportRequest(tmp_path / "out", ("pdf",), Style(opened.viewport.voi))
    (file,) = export(document, opened.session.active_study(), series, pixels, request)
    import pypdfium2

    pdf = pypdfium2.PdfDocument(file)
    text = " ".join(" ".join(page.get_textpage().get_text_range().split()) for page in pdf)
    pdf.close()
    assert "8.00 mm; calibrated by hand" in text
    assert "a drawn line was said to be 20 mm long" in text
    remove = opened.actions_["clear_calibration"]
    assert remove.isEnabled()
    remove.trigger()
    assert rows(opened)["m"] == ("4.00 mm",)
    opened.session.undo()
    opened.session.undo()
    assert rows(opened)["m"] == ("4.00 mm",)
    assert not remove.isEnabled()
    opened.session.redo()
    assert rows(opened)["m"] == ("8.00 mm", "calibrated by hand")


def test_a_calibration_of_one_image_leaves_the_others(opened: Window) -> None:
    calibrate(opened, 20.0, whole=False)
    add(opened, MeasurementKind.DISTANCE, (2, 2), (2, 12), identifier="here")
    opened.viewport.set_index(0)
    add(opened, MeasurementKind.DISTANCE, (2, 2), (2, 12), identifier="there")
    assert rows(opened) == {"here": ("8.00 mm", "calibrated by hand"), "there": ("4.00 mm",)}
    assert not opened.actions_["clear_calibration"].isEnabled()


def test_a_dialog_that_is_cancelled_calibrates_nothing(opened: Window) -> None:
    before = opened.session.document
    series = opened.session.active
    line = Measurement("line", MeasurementKind.DISTANCE, Place.of(series, 0), ((5, 5), (5, 30)))
    opened.viewport.calibrationDrawn.emit(line)
    opened.measuring.dialog.reject()
    assert opened.session.document is before


def test_volumes_of_labels_are_listed_and_lead_to_their_largest_image(opened: Window, settle) -> None:
    series = opened.session.active
    label_map = np.zeros((3, series.rows, series.columns), np.uint8)
    label_map[0, 2:5, 2:5] = 1
    label_map[2, 2:8, 2:12] = 1
    labels = (Label(1, "Nodule", Code("1", "nodule"), (255, 0, 0)),)
    made = Overlay("o", series.key, (0, 1, 2), label_map, labels, ModelRef("finder", "1", "ab" * 32))
    opened.session.commit("AI", opened.session.document.with_overlay(made))
    settle(opened)
    panel = opened.measurements
    (item,) = [panel.list.item(row) for row in range(panel.list.count())]
    # 9 + 60 voxels of 0.7 × 0.4 × 2.5 mm.
    assert (item.text(), item.data(VALUES)) == ("Nodule", ("0.0483 ml",))
    panel.list.setCurrentItem(item)
    assert not panel.delete.isEnabled()
    panel.list.itemClicked.emit(item)
    assert opened.viewport.index == 2
    opened.session.undo()
    assert panel.list.count() == 0
