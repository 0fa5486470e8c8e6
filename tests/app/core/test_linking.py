"""Views that move together, on stacks that differ in thickness, obliquity and extent."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from pydicom import Dataset

from app.core import view as views
from app.core.linking import (
    Anchor,
    How,
    PlanePlace,
    is_aligned,
    linked_index,
    linked_view,
    place_of,
    reference_line,
    seen_in,
    shares_window,
)
from app.core.view import Canvas, View
from app.dicom.index import index
from app.dicom.model import Series
from app.dicom.scan import scan
from inference.volume import Calibration
from tests import phantoms
from tests.app.core import made_series

CANVAS = (600, 400)


def stack(
    uid: str,
    *,
    orientation=phantoms.AXIAL,
    step: float = 2.0,
    slices: int = 20,
    origin=(0.0, 0.0, 0.0),
    spacing=(1.0, 1.0),
    size=(50, 60),
    frame: str = "9.9",
    patient: str = "A",
) -> Series:
    header = Dataset()
    header.PatientID = patient
    cosines = np.array(orientation)
    made = made_series.series(
        uid, slices=slices, rows=size[0], columns=size[1], spacing=spacing, orientation=cosines, header=header
    )
    normal = np.cross(cosines[:3], cosines[3:])
    positions = np.array(origin) + np.arange(slices)[:, None] * step * normal
    return replace(made, positions=positions, frame_of_reference_uid=frame)


def z_of(series: Series, at: int) -> float:
    return float(series.positions[at][2])


HERE = Anchor(0, 0)


# -- scrolling ---------------------------------------------------------------------------------------------------------


def test_thin_and_thick_slices_meet_at_the_same_position() -> None:
    thin, thick = stack("1", step=1.0, slices=60), stack("2", step=5.0, slices=12, origin=(3.0, 4.0, 2.0))
    for at in range(60):
        linked = linked_index(thin, at, thick, HERE)
        assert linked is not None
        nearest = min(abs(z_of(thick, i) - z_of(thin, at)) for i in range(12))
        assert abs(z_of(thick, linked.index) - z_of(thin, at)) == pytest.approx(nearest)


def test_beyond_the_end_of_the_other_series_is_said() -> None:
    long, short = stack("1", slices=40), stack("2", slices=10, origin=(0.0, 0.0, 20.0))
    assert linked_index(long, 12, short, HERE).how is How.POSITION
    for at, end in ((0, 0), (39, 9)):
        linked = linked_index(long, at, short, HERE)
        assert (linked.index, linked.how) == (end, How.BEYOND)


def test_slices_in_reversed_order_meet_too() -> None:
    down = (1.0, 0.0, 0.0, 0.0, -1.0, 0.0)
    up, other = stack("1"), stack("2", orientation=down, origin=(0.0, 40.0, 38.0))
    for at in range(20):
        assert z_of(other, linked_index(up, at, other, HERE).index) == pytest.approx(z_of(up, at))


def test_an_oblique_stack_shows_the_slice_through_the_point_that_is_looked_at() -> None:
    angle = np.radians(20)
    oblique = (1.0, 0.0, 0.0, 0.0, float(np.cos(angle)), float(np.sin(angle)))
    straight, tilted = stack("1"), stack("2", orientation=oblique, origin=(0.0, 0.0, -10.0), step=1.0, slices=60)
    for row in (5.0, 45.0):
        linked = linked_index(straight, 10, tilted, HERE, at=(row, 30.0))
        plane = place_of(tilted, linked.index)
        assert abs(plane.distance(place_of(straight, 10).point(row, 30.0))) <= 0.5 + 1e-6
    rows = {linked_index(straight, 10, tilted, HERE, at=(row, 30.0)).index for row in (5.0, 45.0)}
    assert len(rows) == 2, "the plane leans: another point, another slice"


def test_stacks_across_each_other_do_not_scroll_together() -> None:
    assert linked_index(stack("1"), 3, stack("2", orientation=phantoms.SAGITTAL), HERE) is None
    other = stack("2", orientation=phantoms.SAGITTAL, frame="8.8")
    assert linked_index(stack("1"), 3, other, HERE) is None


def test_other_frames_of_reference_move_by_the_same_distance_and_claim_no_position() -> None:
    now, prior = stack("1", step=1.0, slices=60), stack("2", step=5.0, slices=12, frame="8.8", origin=(0, 0, 900.0))
    linked = linked_index(now, 40, prior, Anchor(20, 3))
    assert (linked.index, linked.how) == (3 + 4, How.RELATIVE)
    assert linked_index(now, 59, prior, Anchor(0, 11)).index == 11


def test_images_without_positions_move_by_as_many_frames() -> None:
    loose = made_series.series("1", orientation=None, slices=10)
    assert linked_index(stack("2"), 7, loose, Anchor(5, 1)).index == 3
    assert linked_index(loose, 0, stack("2"), Anchor(5, 1)).index == 0


def test_alignment_needs_the_same_frame_of_reference_and_patient() -> None:
    assert is_aligned(stack("1"), stack("2"))
    assert not is_aligned(stack("1"), stack("2", frame="8.8"))
    assert not is_aligned(stack("1", frame=""), stack("2", frame=""))
    assert not is_aligned(stack("1"), stack("2", patient="B")), "copied UIDs align no two patients"
    loose = replace(stack("2"), positions=None)
    assert not is_aligned(stack("1"), loose)


def test_pet_and_mr_of_different_frames_of_reference_claim_no_alignment(shared_data: Path) -> None:
    folder = shared_data / "pet-mr" / "sts_001"
    if not folder.is_dir():
        pytest.skip("no pet-mr/sts_001 in the shared data")
    found = index(scan([folder])).series()
    pet = next(series for series in found if series.modality == "PT")
    for mr in (series for series in found if series.modality == "MR"):
        assert not is_aligned(pet, mr)
        linked = linked_index(pet, 5, mr, HERE)
        assert linked is None or linked.how is How.RELATIVE


# -- points and lines --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("orientation", [phantoms.AXIAL, phantoms.CORONAL, phantoms.OBLIQUE])
def test_a_point_is_found_on_the_slice_and_pixel_where_it_is(orientation) -> None:
    series = stack("1", orientation=orientation, origin=(5.0, -3.0, 8.0), spacing=(0.7, 0.4))
    point = place_of(series, 7).point(11.0, 23.5)
    seen = seen_in(series, point + 0.4 * place_of(series, 0).normal)
    assert (seen.index, seen.row, seen.column) == pytest.approx((7, 11.0, 23.5))
    assert seen.distance == pytest.approx(0.4)
    assert seen_in(series, place_of(series, 7).point(-3.0, 23.5)) is None
    assert seen_in(series, place_of(series, 0).point(11.0, 23.5) - 1.2 * place_of(series, 0).normal) is None


def test_the_reference_line_lies_on_both_planes() -> None:
    axial = place_of(stack("1"), 10)
    angle = np.radians(30)
    oblique = (1.0, 0.0, 0.0, 0.0, float(np.cos(angle)), float(np.sin(angle)))
    for orientation, z in ((phantoms.CORONAL, 40.0), (phantoms.SAGITTAL, 40.0), (oblique, 5.0)):
        other = place_of(stack("2", orientation=orientation, origin=(10.0, 10.0, z)), 4)
        line = reference_line(axial, other)
        assert line is not None
        for row, column in line:
            assert abs(other.distance(axial.point(row, column))) < 1e-6
            at = other.image(axial.point(row, column))
            assert -0.51 <= at[0] <= other.rows - 0.49
            assert -0.51 <= at[1] <= other.columns - 0.49
        length = np.linalg.norm(axial.point(*line[0]) - axial.point(*line[1]))
        assert length >= min(other.rows * other.spacing[0], other.columns * other.spacing[1]) - 1e-6


def test_a_coronal_slice_is_a_horizontal_line_at_its_row() -> None:
    axial = place_of(stack("1", spacing=(0.5, 0.25)), 10)
    coronal = place_of(stack("2", orientation=phantoms.CORONAL, origin=(0.0, 6.0, 30.0), size=(40, 60)), 0)
    (row, left), (other, right) = reference_line(axial, coronal)
    assert (row, other) == pytest.approx((12.0, 12.0))
    assert sorted((left, right)) == pytest.approx([-0.5 / 0.25, 59.5 / 0.25])


def test_parallel_and_distant_planes_have_no_line() -> None:
    axial = place_of(stack("1"), 10)
    assert reference_line(axial, place_of(stack("2"), 3)) is None
    tilted = (1.0, 0.0, 0.0, 0.0, float(np.cos(0.03)), float(np.sin(0.03)))
    assert reference_line(axial, place_of(stack("2", orientation=tilted), 3)) is None
    far = stack("2", orientation=phantoms.CORONAL, origin=(500.0, 6.0, 30.0))
    assert reference_line(axial, place_of(far, 0)) is None
    above = stack("2", orientation=phantoms.CORONAL, origin=(0.0, 6.0, 300.0))
    assert reference_line(axial, place_of(above, 0)) is None


def test_images_of_a_radial_stack_have_their_own_planes(tmp_path: Path) -> None:
    turned = [(float(np.cos(a)), float(np.sin(a)), 0.0, 0.0, 0.0, -1.0) for a in (0.0, 0.6, 1.2)]
    phantoms.ct(
        tmp_path,
        shape=(3, 20, 30),
        ImageOrientationPatient=lambda k: [f"{c:.6f}" for c in turned[k]],
        ImagePositionPatient=[0, 0, 0],
        ImageType=["ORIGINAL", "PRIMARY", "LOCALIZER"],
    )
    (series, *_) = index(scan([tmp_path])).series()
    places = [place_of(series, i) for i in range(len(series.frames))]
    assert all(isinstance(place, PlanePlace) for place in places)


# -- zoom, pan and window ----------------------------------------------------------------------------------------------


def middle(series: Series, view: View, canvas: Canvas) -> np.ndarray:
    return place_of(series, view.index).point(*views.centre_of(view, canvas))


def mm_a_pixel(series: Series, view: View, canvas: Canvas) -> float:
    return min(series.pixel_spacing) / views.zoom_of(view, canvas)


def test_zoom_and_pan_keep_point_and_scale_in_one_frame_of_reference() -> None:
    one = stack("1", spacing=(0.5, 0.5), size=(100, 120))
    other = stack("2", spacing=(0.8, 1.1), origin=(-9.0, 4.0, 0.0), size=(70, 80))
    ours, theirs = Canvas.of(one, *CANVAS), Canvas.of(other, 300, 500)
    view = views.panned(views.zoomed(View(index=3), ours, 2.5, (100.0, 90.0)), ours, 13, -21)
    linked = linked_view(one, view, ours, other, View(index=3, rotation=1, invert=True), theirs)
    assert mm_a_pixel(other, linked, theirs) == pytest.approx(mm_a_pixel(one, view, ours))
    np.testing.assert_allclose(middle(other, linked, theirs)[:2], middle(one, view, ours)[:2], atol=1e-6)
    assert (linked.rotation, linked.invert, linked.index) == (1, True, 3)


def test_a_fitted_view_fits_the_other_too() -> None:
    one, other = stack("1"), stack("2", spacing=(0.8, 1.1))
    there = Canvas.of(other, *CANVAS)
    assert linked_view(one, View(), Canvas.of(one, *CANVAS), other, View(zoom=3.0, centre=(1, 1)), there).zoom is None


def test_without_a_common_frame_of_reference_the_offset_from_the_middle_is_kept() -> None:
    one, other = stack("1", spacing=(0.5, 0.5)), stack("2", frame="8.8", spacing=(1.0, 1.0))
    ours, theirs = Canvas.of(one, *CANVAS), Canvas.of(other, *CANVAS)
    view = View(zoom=4.0, centre=(24.5 + 10, 29.5 - 6))
    linked = linked_view(one, view, ours, other, View(), theirs)
    assert linked.centre == pytest.approx((24.5 + 5, 29.5 - 3))
    assert mm_a_pixel(other, linked, theirs) == pytest.approx(mm_a_pixel(one, view, ours))


def test_images_without_millimetres_show_the_same_part() -> None:
    one, other = stack("1"), made_series.series("2", orientation=None, spacing=None, calibration=Calibration.NONE)
    ours, theirs = Canvas.of(one, *CANVAS), Canvas.of(other, *CANVAS)
    view = views.zoomed(View(), ours, 2.0, (300.0, 200.0))
    linked = linked_view(one, view, ours, other, View(), theirs)
    assert linked.zoom == pytest.approx(2 * views.fit_zoom(View(), theirs))
    assert linked.centre == pytest.approx(((other.rows - 1) / 2, (other.columns - 1) / 2))


def test_views_across_each_other_share_the_scale_alone() -> None:
    one, other = stack("1"), stack("2", orientation=phantoms.CORONAL)
    there = Canvas.of(other, *CANVAS)
    view = View(zoom=4.0, centre=(3.0, 4.0))
    linked = linked_view(one, view, Canvas.of(one, *CANVAS), other, View(centre=(7.0, 8.0), zoom=1.0), there)
    assert linked.centre == (7.0, 8.0)
    assert linked.zoom == pytest.approx(4.0)


def test_windows_are_shared_where_they_mean_the_same() -> None:
    ct, pet = stack("1"), replace(stack("2"), modality="PT", unit="SUVbw")
    assert shares_window(ct, stack("3"))
    assert not shares_window(ct, pet)
    assert not shares_window(ct, replace(stack("3"), samples_per_pixel=3))
