"""Several views in the real window: layouts, moving together, comparing, planes with a crosshair, fusion, hanging."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtTest import QTest

from app.core.linking import place_of
from app.core.planes import PlaneName
from app.core.sampling import Projection, Slab
from app.dicom.voi import Window as Voi
from app.ui.cells import mime_of
from app.ui.crosshair_layer import CrosshairLayer
from app.ui.window import Window
from tests import phantoms

FRAME = "1.2.840.1"


@pytest.fixture
def quiet(qtbot, settle) -> Callable[[Window], None]:
    """Waits until files, planes and fusion are done."""

    def wait(window: Window) -> None:
        qtbot.waitUntil(
            lambda: (
                not window.dispatcher.jobs
                and not window.arranging.reformatting.is_busy
                and not any(layer.is_busy for layer in window.arranging.fusions)
            ),
            timeout=20_000,
        )

    return wait


@pytest.fixture
def two(window: Window, quiet, tmp_path: Path) -> Window:
    """A thin CT of 24 slices and a thick one of 6 over the same 48 mm, in one frame of reference, in one window."""
    common = {"FrameOfReferenceUID": FRAME, "orientation": phantoms.AXIAL, "origin": (0.0, 0.0, 0.0)}
    phantoms.ct(tmp_path / "a", shape=(24, 20, 24), spacing=(2.0, 1.0, 1.0), series="thin", **common)
    phantoms.ct(tmp_path / "b", shape=(6, 16, 16), spacing=(8.0, 2.0, 2.0), series="thick", SeriesNumber="2", **common)
    window.open([tmp_path])
    quiet(window)
    return window


def series_of(window: Window, slices: int):
    return next(series for series in window.session.index.series() if len(series.frames) == slices)


def side_by_side(window: Window, quiet) -> tuple:
    window.actions_["grid_1x2"].trigger()
    window.arranging.show(series_of(window, 24), 0)
    window.arranging.show(series_of(window, 6), 1)
    quiet(window)
    window.views.activate(0)
    quiet(window)
    return window.views.cells[0].viewport, window.views.cells[1].viewport


# -- layouts -----------------------------------------------------------------------------------------------------------


def test_grids_by_key_and_menu_keep_what_is_seen(two: Window) -> None:
    shown = two.viewport.series
    QTest.keyClick(two, Qt.Key.Key_4, Qt.KeyboardModifier.ControlModifier)
    assert [cell.isVisible() for cell in two.views.cells] == [True] * 4
    assert two.actions_["grid_2x2"].isChecked()
    assert two.viewport.series is shown
    two.actions_["grid_3x3"].trigger()
    assert len(two.views.visible) == 9
    two.actions_["grid_1x1"].trigger()
    assert [cell.isVisible() for cell in two.views.cells].count(True) == 1
    assert two.viewport.series is shown


def test_each_view_loads_without_stopping_the_others(two: Window, quiet) -> None:
    side_by_side(two, quiet)
    for cell in two.views.visible:
        assert cell.viewport.pixels.is_complete
        assert cell.viewport.is_ready


def test_a_series_is_dropped_on_the_view_under_it(two: Window, quiet) -> None:
    two.actions_["grid_1x2"].trigger()
    other = series_of(two, 6) if two.viewport.series is series_of(two, 24) else series_of(two, 24)
    target = two.views.cells[1]
    at = QPointF(target.mapTo(two.views, QPoint(40, 40)))
    buttons, keys = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    data = mime_of(other)
    enter = QDragEnterEvent(at.toPoint(), Qt.DropAction.CopyAction, data, buttons, keys)
    two.views.dragEnterEvent(enter)
    assert enter.isAccepted()
    two.views.dropEvent(QDropEvent(at, Qt.DropAction.CopyAction, data, buttons, keys))
    quiet(two)
    assert target.viewport.series is other
    assert two.views.active_cell is target
    assert two.session.active is other, "tools and models act on it"


def test_the_browser_fills_the_active_view(two: Window, quiet) -> None:
    first = two.viewport.series
    two.actions_["grid_1x2"].trigger()
    two.views.activate(1)
    other = next(series for series in two.session.index.series() if series is not first)
    two.browser.chosen.emit(other)
    quiet(two)
    assert [cell.series for cell in two.views.visible] == [first, other]


def test_left_and_right_go_to_the_next_view_and_tools_follow(two: Window, quiet) -> None:
    one, other = side_by_side(two, quiet)
    one.setFocus()
    QTest.keyClick(one, Qt.Key.Key_Right)
    assert two.viewport is other
    assert two.session.active is other.series
    QTest.keyClick(other, Qt.Key.Key_Right)
    assert two.viewport is one, "round the grid"
    QTest.keyClick(one, Qt.Key.Key_D)
    assert other.tool() is one.tool()
    QTest.mouseClick(other, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, QPoint(5, 5))
    assert two.viewport is other
    QTest.keyClick(other, Qt.Key.Key_I)
    assert (one.view.invert, other.view.invert) == (False, True)


def test_a_double_click_maximises_a_view_and_back(two: Window, quiet) -> None:
    one, other = side_by_side(two, quiet)
    QTest.mouseDClick(other, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, QPoint(60, 60))
    assert (one.isVisible(), other.isVisible()) == (False, True)
    assert two.left.isVisible(), "the panels stay"
    QTest.mouseDClick(other, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, QPoint(60, 60))
    assert (one.isVisible(), other.isVisible()) == (True, True)


def test_closing_the_studies_empties_every_view(two: Window, quiet) -> None:
    side_by_side(two, quiet)
    two.close_studies()
    assert [cell.series for cell in two.views.cells] == [None, None]
    assert not two.area.shows_image


# -- moving together ---------------------------------------------------------------------------------------------------


def test_views_scroll_together_by_position(two: Window, quiet) -> None:
    thin, thick = side_by_side(two, quiet)
    for at in (3, 12, 20):
        thin.set_index(at)
        z = [place_of(view.series, view.index).origin[2] for view in (thin, thick)]
        assert abs(z[0] - z[1]) <= 4.0
    two.actions_["link_scroll"].trigger()
    before = thick.index
    thin.set_index(0)
    assert thick.index == before


def test_zoom_pan_and_window_together_when_asked(two: Window, quiet) -> None:
    thin, thick = side_by_side(two, quiet)
    thin.set_voi(Voi(10, 100))
    assert thick.voi != Voi(10, 100)
    two.actions_["link_window"].trigger()
    two.actions_["link_zoom"].trigger()
    thin.set_voi(Voi(20, 200))
    assert thick.voi == Voi(20, 200)
    thin.zoom_by(2.0)
    assert thick.view.zoom == pytest.approx(thin.view.zoom * 2), "the same millimetres on screen"


def test_reference_lines_only_between_planes_of_one_frame_of_reference(window: Window, quiet, tmp_path: Path) -> None:
    phantoms.ct(tmp_path / "a", shape=(9, 20, 24), spacing=(2.0, 1.0, 1.0), series="ax", FrameOfReferenceUID=FRAME)
    phantoms.ct(
        tmp_path / "c",
        shape=(8, 20, 24),
        spacing=(2.0, 1.0, 1.0),
        orientation=phantoms.CORONAL,
        origin=(-10, -18, 45),
        series="cor",
        FrameOfReferenceUID=FRAME,
    )
    phantoms.ct(
        tmp_path / "s",
        shape=(7, 20, 24),
        spacing=(2.0, 1.0, 1.0),
        orientation=phantoms.SAGITTAL,
        origin=(-5, -18, 45),
        series="sag",
        FrameOfReferenceUID="9.9.9",
    )
    window.open([tmp_path])
    quiet(window)
    window.actions_["grid_1x3"].trigger()
    for number, slices in enumerate((9, 8, 7)):
        window.arranging.show(series_of(window, slices), number)
    quiet(window)
    counts = [len(cell.lines.planes) for cell in window.views.visible]
    assert counts == [1, 1, 0], "the sagittal one has another frame of reference"
    axial, coronal, other = (cell.viewport for cell in window.views.visible)
    axial.probe_at(QPointF(axial.width() / 2, axial.height() / 2))
    marked = window.views.cells[1].lines.pointed
    assert marked is not None
    assert window.views.cells[2].lines.pointed is None, "nothing is claimed of it"
    point = place_of(axial.series, axial.index).point(
        *axial.seen().mapping.to_image(QPointF(axial.width() / 2, axial.height() / 2))
    )
    assert place_of(coronal.series, coronal.index).image(point) == pytest.approx((marked.row, marked.column))
    window.actions_["reference_lines"].trigger()
    assert [len(cell.lines.planes) for cell in window.views.visible] == [0, 0, 0]
    assert other.series is not None


# -- comparing ---------------------------------------------------------------------------------------------------------


def test_two_patients_are_compared_only_after_a_question_and_said_on_every_view(
    window: Window, ear, quiet, tmp_path: Path
) -> None:
    phantoms.ct(tmp_path / "a", shape=(4, 12, 12), patient_id="ONE", PatientName="One^P")
    phantoms.ct(tmp_path / "b", shape=(5, 12, 12), patient_id="TWO", PatientName="Two^P", series="b")
    window.open([tmp_path])
    quiet(window)
    first = window.viewport.series
    other = next(series for series in window.session.index.series() if series is not first)
    window.actions_["grid_1x2"].trigger()
    ear.answer = "Cancel"
    window.arranging.show(other, 1)
    assert window.views.cells[1].series is None
    assert "One" in ear.heard[-1].why
    assert "Two" in ear.heard[-1].why
    ear.answer = "Compare"
    window.arranging.show(other, 1)
    quiet(window)
    for cell in window.views.visible:
        what = cell.viewport.seen()
        assert "Views show different patients" in cell.viewport._picture.warnings(what)
    asked = len(ear.heard)
    window.arranging.show(other, 1)
    assert len(ear.heard) == asked, "asked once"
    window.arranging.show(first, 1)
    quiet(window)
    assert not any("patients" in text for text in window.viewport._picture.warnings(window.viewport.seen()))


# -- planes ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def cut(two: Window, quiet) -> Window:
    """Planes of the thin CT."""
    two.show_series(series_of(two, 24))
    quiet(two)
    two.actions_["planes"].trigger()
    quiet(two)
    return two


def planes_of(window: Window) -> dict[PlaneName, object]:
    return {cell.plane: cell.viewport for cell in window.views.visible if cell.plane is not None}


def layer_of(viewport) -> CrosshairLayer:
    return next(layer for layer in viewport.layers if isinstance(layer, CrosshairLayer))


def drag(viewport, start: QPointF, end: QPointF) -> None:
    one, two = start.toPoint(), end.toPoint()
    QTest.mousePress(viewport, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, one)
    for part in (0.5, 1.0):
        QTest.mouseMove(viewport, (QPointF(one) + part * QPointF(two - one)).toPoint())
    QTest.mouseRelease(viewport, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, two)


def test_three_planes_of_the_volume_with_the_window_it_had(cut: Window) -> None:
    views = planes_of(cut)
    assert set(views) == set(PlaneName)
    assert all(view.is_ready for view in views.values())
    point = cut.arranging.reformatting.cross.point
    for view in views.values():
        place = place_of(view.series, view.index)
        assert abs(place.distance(point)) <= max(view.series.spacing_mm) / 2 + 1e-6
    assert cut.session.active is series_of(cut, 24), "models and reports still act on the images themselves"
    assert not cut.arranging.bar.planes.isHidden()


def test_dragging_the_crosshair_moves_the_other_planes(cut: Window, quiet) -> None:
    views = planes_of(cut)
    axial, coronal = views[PlaneName.AXIAL], views[PlaneName.CORONAL]
    before, sagittal = coronal.index, views[PlaneName.SAGITTAL].index
    layer = layer_of(axial)
    centre = layer.centre(axial.seen())
    target = axial.seen().mapping.to_widget((4.0, 6.0))
    drag(axial, centre, target)
    quiet(cut)
    point = cut.arranging.reformatting.cross.point
    row, column = place_of(axial.series, axial.index).image(point)
    assert (row, column) == pytest.approx((4.0, 6.0), abs=0.2)
    assert (coronal.index, views[PlaneName.SAGITTAL].index) != (before, sagittal)
    assert place_of(coronal.series, coronal.index).distance(point) == pytest.approx(0, abs=0.51)


def test_scrolling_a_plane_takes_the_crosshair_along(cut: Window) -> None:
    axial = planes_of(cut)[PlaneName.AXIAL]
    axial.step(5)
    point = cut.arranging.reformatting.cross.point
    assert place_of(axial.series, axial.index).distance(point) == pytest.approx(0, abs=1e-6)


def test_the_end_of_a_line_turns_the_other_planes(cut: Window, quiet) -> None:
    views = planes_of(cut)
    axial = views[PlaneName.AXIAL]
    layer = layer_of(axial)
    what = axial.seen()
    centre, way = layer.centre(what), layer.direction(PlaneName.CORONAL, what)
    far = 0.8 * min(what.size) / 2
    angle = np.radians(20)
    turned = QPointF(
        way.x() * np.cos(angle) - way.y() * np.sin(angle), way.x() * np.sin(angle) + way.y() * np.cos(angle)
    )
    still = axial.series
    drag(axial, centre + far * way, centre + far * turned)
    quiet(cut)
    now = layer.direction(PlaneName.CORONAL, axial.seen())
    off = abs(now.x() * turned.y() - now.y() * turned.x())
    assert off < np.sin(np.radians(2.5)), "the line is where the pointer left it"
    assert axial.series is still
    coronal = views[PlaneName.CORONAL]
    assert "turned" in coronal.series.description
    assert coronal.is_ready
    assert coronal.pixels.is_fine(coronal.index)
    cross = cut.arranging.reformatting.cross
    for one, two in ((PlaneName.AXIAL, PlaneName.CORONAL), (PlaneName.CORONAL, PlaneName.SAGITTAL)):
        assert cross.axes[one][0] @ cross.axes[two][0] == pytest.approx(0, abs=1e-9), "at right angles"
    cut.arranging.bar.reset.click()
    quiet(cut)
    assert "turned" not in coronal.series.description


def test_a_slab_is_projected_in_all_three(cut: Window, quiet) -> None:
    cut.arranging.bar.projection.setCurrentIndex(0)
    cut.arranging.bar.thickness.setValue(9.0)
    quiet(cut)
    assert cut.arranging.reformatting.cross.slab == Slab(9.0, Projection.MIP)
    axial = planes_of(cut)[PlaneName.AXIAL]
    volume = cut.loader.pixels(series_of(cut, 24)).stored
    np.testing.assert_array_equal(
        axial.pixels.stored[axial.index], volume[axial.index - 2 : axial.index + 3].max(axis=0)
    )
    assert "MIP 9 mm" in axial.series.description


def test_closing_the_planes_shows_the_images_again(cut: Window, quiet) -> None:
    cut.actions_["planes"].trigger()
    quiet(cut)
    assert cut.viewport.series is series_of(cut, 24)
    assert not cut.arranging.reformatting.is_on
    assert cut.arranging.bar.isHidden()
    assert not any(isinstance(layer, CrosshairLayer) for view in cut.views.each() for layer in view.layers)


def test_another_series_in_a_plane_ends_the_planes(cut: Window, quiet) -> None:
    cut.show_series(series_of(cut, 6))
    quiet(cut)
    assert not cut.arranging.reformatting.is_on
    assert cut.viewport.series is series_of(cut, 6)


def test_what_is_no_volume_says_why_it_has_no_planes(window: Window, ear, quiet, radiograph: Path) -> None:
    window.open([radiograph])
    quiet(window)
    window.actions_["planes"].trigger()
    quiet(window)
    assert "where in the patient" in ear.heard[-1].why
    assert window.viewport.series is not None
    assert not window.actions_["planes"].isChecked()


# -- fusion ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def pet_ct(window: Window, quiet, tmp_path: Path) -> Window:
    """A CT, and a hot cube of 8 mm in a PET-like series of the same frame of reference."""
    phantoms.ct(
        tmp_path / "ct", shape=(10, 40, 40), spacing=(2, 1, 1), origin=(0, 0, 0), series="ct", FrameOfReferenceUID=FRAME
    )
    hot = np.zeros((5, 10, 10), np.int16)
    hot[2, 4:6, 4:6] = 9
    phantoms.ct(
        tmp_path / "pt",
        voxels=hot,
        spacing=(4, 4, 4),
        origin=(0, 0, 0),
        series="pt",
        intercept=0,
        Modality="PT",
        FrameOfReferenceUID=FRAME,
        SeriesNumber="2",
    )
    window.open([tmp_path])
    quiet(window)
    window.show_series(series_of(window, 10))
    quiet(window)
    return window


def test_a_fused_series_is_coloured_where_it_lies(pet_ct: Window, quiet) -> None:
    view = pet_ct.viewport
    view.set_index(4)
    pet_ct.arranging.fuse(series_of(pet_ct, 5))
    quiet(pet_ct)
    pet_ct.arranging.bar.high.setValue(16.0)
    view.repaint()
    quiet(pet_ct)
    strong = pet_ct.arranging.bar.opacity.value()
    pet_ct.arranging.bar.opacity.setValue(0)
    grey = view.grab().toImage()
    pet_ct.arranging.bar.opacity.setValue(strong)
    colours = view.grab().toImage()
    # The cube's middle is at x = y = 18 mm.
    at = view.seen().mapping.to_widget((18.0, 18.0)).toPoint()
    inside, before = colours.pixelColor(at), grey.pixelColor(at)
    assert before.red() == before.blue()
    assert inside.red() > inside.blue() + 30
    aside = view.seen().mapping.to_widget((30.0, 30.0)).toPoint()
    assert colours.pixelColor(aside) == grey.pixelColor(aside)
    assert not pet_ct.arranging.bar.fusion.isHidden()
    pet_ct.arranging.close_fusion()
    assert pet_ct.arranging.bar.isHidden()


def test_a_fused_plane_of_another_slice_is_never_shown(pet_ct: Window, quiet) -> None:
    pet_ct.arranging.fuse(series_of(pet_ct, 5))
    quiet(pet_ct)
    view = pet_ct.viewport
    view.set_index(4)
    view.repaint()
    quiet(pet_ct)
    at = view.seen().mapping.to_widget((18.0, 18.0)).toPoint()
    view.set_index(0)
    colour = view.grab().toImage().pixelColor(at)
    assert colour.red() == colour.blue(), "the cube is not on this slice, whether its values have come or not"


def test_other_frames_of_reference_are_not_fused(window: Window, ear, quiet, tmp_path: Path) -> None:
    phantoms.ct(tmp_path / "a", shape=(10, 12, 12), series="a")
    phantoms.ct(tmp_path / "b", shape=(5, 12, 12), series="b", Modality="PT", SeriesNumber="2")
    window.open([tmp_path])
    quiet(window)
    window.show_series(series_of(window, 10))
    quiet(window)
    window.arranging.fuse(series_of(window, 5))
    assert "different frames of reference" in ear.heard[-1].why
    assert window.arranging.fusions == ()
    window.arranging.fuse_menu.aboutToShow.emit()
    assert not window.arranging.fuse_menu.actions()[1].isEnabled()


# -- hanging -----------------------------------------------------------------------------------------------------------


def test_a_mammography_hangs_four_up(window: Window, quiet, tmp_path: Path) -> None:
    for side in ("L", "R"):
        for view in ("CC", "MLO"):
            phantoms.radiograph(
                tmp_path / f"{side}{view}.dcm",
                modality="MG",
                ViewPosition=view,
                ImageLaterality=side,
                BodyPartExamined="BREAST",
            )
    window.open([tmp_path])
    quiet(window)
    assert window.arranging.hang_best()
    quiet(window)
    shown = [cell.series.instances[0].header for cell in window.views.visible]
    assert [(one.ImageLaterality, one.ViewPosition) for one in shown] == [
        ("R", "CC"),
        ("L", "CC"),
        ("R", "MLO"),
        ("L", "MLO"),
    ]
    assert window.views.layout_.active == 0


def test_a_saved_layout_is_offered_and_hangs(two: Window, ear, quiet) -> None:
    side_by_side(two, quiet)
    two.arranging.save_layout_as("Thin beside thick")
    two.actions_["grid_1x1"].trigger()
    two.arranging.hang_menu.aboutToShow.emit()
    offered = {action.text(): action for action in two.arranging.hang_menu.actions()}
    assert "Thin beside thick" in offered
    offered["Thin beside thick"].trigger()
    quiet(two)
    assert two.views.layout_.name == "1 × 2"
    assert all(cell.series is not None for cell in two.views.visible)
    assert not offered["Chest radiograph: PA and lateral"].isEnabled()
    assert ear.heard == []


def test_a_malformed_protocol_is_named(two: Window, ear) -> None:
    from app import settings

    folder = settings.home() / "hanging"
    folder.mkdir(parents=True)
    (folder / "mine.toml").write_text("rows = 7", encoding="utf-8")
    two.arranging.hang_menu.aboutToShow.emit()
    assert "mine.toml" in ear.heard[-1].what


def test_the_current_study_and_its_prior_side_by_side(window: Window, quiet, tmp_path: Path) -> None:
    for date, slices in (("20240301", 12), ("20230301", 6)):
        phantoms.ct(
            tmp_path / date,
            shape=(slices, 12, 12),
            series=date,
            StudyDate=date,
            StudyInstanceUID=phantoms.uid(date),
            FrameOfReferenceUID=phantoms.uid("frame", date),
            spacing=(48 / slices, 1, 1),
        )
    window.open([tmp_path])
    quiet(window)
    window.show_series(series_of(window, 12))
    quiet(window)
    window.arranging.hang_menu.aboutToShow.emit()
    next(one for one in window.arranging.hang_menu.actions() if one.text() == "Prior beside current").trigger()
    quiet(window)
    now, prior = (cell.viewport for cell in window.views.visible)
    assert [len(view.series.frames) for view in (now, prior)] == [12, 6]
    start = now.index, prior.index
    now.set_index(start[0] + 4)
    assert prior.index == start[1] + 2, "as many millimetres, with no claim of position"
