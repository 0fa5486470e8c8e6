"""Planes cut through stacks, against fields whose value at any point is known, and against a resampler of others."""

from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk
from hypothesis import given, settings
from hypothesis import strategies as st

from app.core.document import points_to_lps
from app.core.mpr import COARSE, body_planes, frames_at, orientation_of, plane_stack, planes, source
from app.core.planes import PlaneName, plane
from app.core.sampling import Grid, Projection, Slab, sample
from app.core.stack_grid import StackGrid, stack_grid
from app.dicom.index import index
from app.dicom.load import SeriesPixels, load
from app.dicom.model import Series
from app.dicom.scan import scan
from app.dicom.volume import volume
from app.errors import UserError
from tests import phantoms

FIELD = np.array([3.0, -2.0, 5.0])
"""A field that rises by so much a millimetre along x, y and z: what trilinear interpolation must give exactly."""


def opened(paths: list[Path]) -> tuple[Series, SeriesPixels]:
    (series,) = index(scan(paths)).series()
    return series, load(series)


def rotation(angles: tuple[float, float, float]) -> np.ndarray:
    found = np.eye(3)
    for axis, angle in enumerate(angles):
        turn = np.eye(3)
        one, two = (i for i in range(3) if i != axis)
        turn[one, one] = turn[two, two] = np.cos(angle)
        turn[one, two], turn[two, one] = -np.sin(angle), np.sin(angle)
        found = found @ turn
    return found


def uneven(orientation=phantoms.AXIAL, *, along=(0.0, 1.1, 5.3, 9.0, 13.5), shear=0.0, regular=False) -> StackGrid:
    right, down = np.array(orientation[:3]), np.array(orientation[3:])
    places = np.array(along)
    shift = np.column_stack([4.0 + shear * places, np.full(len(places), -7.0)])
    steps = np.diff(places)
    return StackGrid(
        right,
        down,
        np.cross(right, down),
        (0.7, 0.4),
        (len(places), 23, 38),
        places,
        shift,
        np.zeros(len(steps), dtype=bool),
        float(np.median(steps)) / 2,
        regular,
    )


def field_on(lies: StackGrid) -> np.ndarray:
    k, row, column = np.indices(lies.shape)
    mm = np.stack(
        [
            lies.along[k],
            lies.shift[k, 0] + row * lies.spacing[0],
            lies.shift[k, 1] + column * lies.spacing[1],
        ],
        axis=-1,
    )
    return (mm @ lies.basis @ FIELD).astype(np.float32)


def points(grid: Grid) -> np.ndarray:
    row, column = np.indices((grid.rows, grid.columns))
    return (
        grid.origin
        + (row * grid.spacing[0])[..., np.newaxis] * grid.down
        + (column * grid.spacing[1])[..., np.newaxis] * grid.right
    )


GRIDS = {
    "uneven": uneven(),
    "uneven and tilted": uneven(shear=0.3),
    "uneven and oblique": uneven(phantoms.OBLIQUE),
    "regular": uneven(along=tuple(np.arange(6) * 2.5), regular=True),
    "regular and tilted": uneven(phantoms.OBLIQUE, along=tuple(np.arange(6) * 2.5), shear=0.3, regular=True),
}


@pytest.mark.parametrize("lies", GRIDS.values(), ids=GRIDS)
@settings(max_examples=12, deadline=None)
@given(angles=st.tuples(*[st.floats(-3.1, 3.1)] * 3))
def test_any_plane_through_any_stack_shows_the_field_where_it_is(lies: StackGrid, angles) -> None:
    turn = rotation(angles)
    middle = lies.corners().mean(axis=0)
    grid = Grid(middle - 4.0 * turn[1] - 6.0 * turn[2], turn[2], turn[1], (0.5, 0.6), 17, 21)
    found = sample(field_on(lies), lies, grid)
    where = points(grid)
    inside = lies.index(where)
    within = ((inside >= 0) & (inside <= np.array(lies.shape) - 1)).all(axis=-1)
    assert within.sum() > 10
    np.testing.assert_allclose(found[within], (where @ FIELD)[within], atol=0.02)
    outside = ((inside < -0.51) | (inside > np.array(lies.shape) - 0.49)).any(axis=-1)
    assert np.isnan(found[outside]).all()
    assert not np.isnan(found[~((inside < -0.49) | (inside > np.array(lies.shape) - 0.51)).any(axis=-1)]).any()


def test_an_oblique_plane_is_what_another_resampler_makes() -> None:
    lies = uneven(phantoms.OBLIQUE, along=tuple(np.arange(9) * 1.5), regular=True)
    values = np.random.default_rng(3).integers(-1000, 3000, lies.shape).astype(np.int16)
    turn = rotation((0.4, -0.3, 1.1))
    middle = lies.corners().mean(axis=0)
    grid = Grid(middle - 3.0 * turn[1] - 4.0 * turn[2], turn[2], turn[1], (0.3, 0.35), 21, 23)
    image = sitk.GetImageFromArray(values.astype(np.float32))
    image.SetSpacing((lies.spacing[1], lies.spacing[0], 1.5))
    image.SetOrigin(tuple(lies.basis.T @ np.array([lies.along[0], *lies.shift[0]])))
    image.SetDirection(np.column_stack([lies.right, lies.down, lies.normal]).ravel().tolist())
    other = sitk.ResampleImageFilter()
    other.SetSize((23, 21, 1))
    other.SetOutputSpacing((0.35, 0.3, 1.0))
    other.SetOutputOrigin(tuple(grid.origin))
    other.SetOutputDirection(np.column_stack([grid.right, grid.down, grid.normal]).ravel().tolist())
    other.SetDefaultPixelValue(float("nan"))
    expected = sitk.GetArrayFromImage(other.Execute(image))[0]
    found = sample(values, lies, grid)
    both = ~np.isnan(expected) & ~np.isnan(found)
    assert both.sum() > 100
    np.testing.assert_allclose(found[both], expected[both], atol=0.2)


@pytest.mark.parametrize("orientation", [phantoms.AXIAL, phantoms.CORONAL, phantoms.SAGITTAL])
@pytest.mark.parametrize("name", list(PlaneName))
def test_planes_along_the_voxels_are_the_voxels(tmp_path: Path, orientation, name: PlaneName) -> None:
    series, pixels = opened(phantoms.ct(tmp_path, shape=(5, 11, 7), orientation=orientation))
    shown = body_planes(source(series, pixels), name)
    assert shown.pixels.is_instant
    assert np.shares_memory(shown.pixels.stored, pixels.stored), "no copy of the volume"
    whole = volume(series, pixels)
    expected = [plane(whole, name, place) for place in range(plane(whole, name).count)]
    assert len(shown.pixels) == len(expected)
    assert shown.series.pixel_spacing == pytest.approx(expected[0].spacing)
    for place, one in enumerate(expected):
        np.testing.assert_array_equal(shown.pixels.modality(place), one.values)


def test_a_plane_says_where_it_is(tmp_path: Path) -> None:
    series, pixels = opened(phantoms.ct(tmp_path, shape=(5, 11, 7), orientation=phantoms.OBLIQUE))
    for name in PlaneName:
        shown = body_planes(source(series, pixels), name)
        at = points_to_lps(shown.series, 1, ((2.0, 3.0),))
        k, row, column = (round(i) for i in stack_grid(series).index(np.array(at[0])))
        assert shown.pixels.stored[1][2, 3] == pixels.stored[k, row, column]
        assert shown.series.frame_of_reference_uid == series.frame_of_reference_uid
        assert shown.series.key != series.key
        assert "PixelSpacing" not in shown.series.instances[0].header, "of another plane"
        assert shown.series.instances[0].header.PatientID == "PHANTOM"


def test_each_slice_keeps_its_own_rescale(tmp_path: Path) -> None:
    # Frame f of the enhanced phantom has intercept −1024 − k.
    series, pixels = opened(phantoms.enhanced_ct(tmp_path / "e.dcm", shape=(5, 11, 7)))
    shown = body_planes(source(series, pixels), PlaneName.CORONAL)
    k, _, _ = np.indices((5, 11, 7))
    expected = phantoms.ct_values((5, 11, 7)) - 1024.0 - k
    np.testing.assert_allclose(shown.pixels.modality(4), expected[::-1, 4, :])


def test_padding_is_never_blended_with_tissue(tmp_path: Path) -> None:
    voxels = np.full((8, 20, 20), 1000, np.int16)
    voxels[:, :, :10] = -2000
    series, pixels = opened(
        phantoms.ct(tmp_path, voxels=voxels, spacing=(1.0, 1.0, 1.0), PixelPaddingValue=-2000, PixelRepresentation=1)
    )
    origin = source(series, pixels)
    turn = rotation((0.3, 0.2, 0.4))
    for slab in (Slab(), Slab(4.0, Projection.MINIP), Slab(4.0, Projection.MEAN)):
        cut = planes(origin, plane_stack(origin.stack_grid, *turn), "Oblique", slab)
        values = cut.pixels.cut(len(cut.pixels) // 2)
        assert set(np.unique(values)) == {-2000, 1000}
    coronal = body_planes(origin, PlaneName.CORONAL, Slab(4.0, Projection.MINIP))
    assert set(np.unique(coronal.pixels.cut(9))) == {-2000, 1000}


@pytest.mark.parametrize("name", list(PlaneName))
@pytest.mark.parametrize("projection", list(Projection))
def test_a_slab_projects_the_planes_within_its_thickness(tmp_path: Path, name: PlaneName, projection) -> None:
    voxels = np.random.default_rng(5).integers(0, 2000, (12, 14, 16)).astype(np.int16)
    series, pixels = opened(phantoms.ct(tmp_path, voxels=voxels, spacing=(2.5, 0.7, 0.4)))
    origin = source(series, pixels)
    single = body_planes(origin, name)
    step = single.pixels.stack.step
    slab = body_planes(origin, name, Slab(4.2 * step, projection))
    combine = {Projection.MIP: np.max, Projection.MINIP: np.min, Projection.MEAN: np.mean}[projection]
    # Two planes on each side lie within 2.1 steps; at the ends there are fewer.
    for place, those in ((5, slice(3, 8)), (0, slice(0, 3))):
        expected = np.rint(combine(single.pixels.stored[those].astype(float), axis=0))
        np.testing.assert_array_equal(slab.pixels.cut(place), expected)
    assert f"{projection.value} {4.2 * step:g} mm" in slab.series.description


@pytest.mark.parametrize("projection", list(Projection))
def test_an_oblique_slab_projects_the_field(projection: Projection) -> None:
    lies = GRIDS["uneven and tilted"]
    turn = rotation((0.5, 0.3, -0.2))
    middle = lies.corners().mean(axis=0)
    grid = Grid(middle, turn[2], turn[1], (0.3, 0.3), 4, 5)
    found = sample(field_on(lies), lies, grid, slab=Slab(2.0, projection), slab_step=0.25)
    rise = abs(float(grid.normal @ FIELD))
    change = {Projection.MIP: rise, Projection.MINIP: -rise, Projection.MEAN: 0.0}[projection]
    np.testing.assert_allclose(found, points(grid) @ FIELD + change, atol=0.02)


def test_a_large_slab_is_the_same_on_two_threads(monkeypatch: pytest.MonkeyPatch) -> None:
    lies = GRIDS["regular"]
    turn = rotation((0.5, 0.3, -0.2))
    grid = Grid(lies.corners().mean(axis=0), turn[2], turn[1], (0.3, 0.3), 9, 8)
    alone = sample(field_on(lies), lies, grid, slab=Slab(2.0))
    monkeypatch.setattr("app.core.sampling._SHARED", 1)
    np.testing.assert_array_equal(sample(field_on(lies), lies, grid, slab=Slab(2.0)), alone)


def test_a_missing_slice_leaves_a_hole_and_no_invented_tissue(tmp_path: Path) -> None:
    series, pixels = opened(phantoms.ct(tmp_path, shape=(9, 12, 10), gaps=(4,), spacing=(2.0, 1.0, 1.0)))
    shown = body_planes(source(series, pixels), PlaneName.CORONAL)
    assert not shown.pixels.is_instant
    cut = shown.pixels.cut(5)
    padding = shown.pixels.pipeline(5).padding_mask(cut)
    assert padding is not None
    z = shown.series.positions[5][2] - np.arange(len(cut)) * shown.series.pixel_spacing[0]
    missing = np.abs(z - (30.0 + 4 * 2.0)) < 0.9
    np.testing.assert_array_equal(padding.all(axis=1), missing)
    assert missing.any()


def test_uneven_slices_are_shown_at_their_true_places(tmp_path: Path) -> None:
    places = np.array([0.0, 1.0, 5.0, 9.0, 16.0, 23.0])
    phantoms.ct(
        tmp_path,
        voxels=np.repeat(places * 100, 80).reshape(6, 8, 10).astype(np.int16),
        intercept=0,
        ImagePositionPatient=lambda k: [0.0, 0.0, float(places[k])],
        SliceThickness="7",
    )
    series, pixels = opened([tmp_path])
    assert series.affine is None
    shown = body_planes(source(series, pixels), PlaneName.SAGITTAL)
    z = shown.series.positions[3][2] - np.arange(shown.series.rows) * shown.series.pixel_spacing[0]
    np.testing.assert_allclose(shown.pixels.cut(3), np.repeat(z[:, np.newaxis] * 100, 8, axis=1), atol=0.51)


def test_one_point_of_a_fourth_axis_is_a_volume(tmp_path: Path) -> None:
    for time in range(2):
        voxels = (phantoms.ct_values((4, 8, 9)) + 1000 * time).astype(np.int16)
        phantoms.ct(
            tmp_path / str(time),
            voxels=voxels,
            AcquisitionTime=f"12000{time}",
            AcquisitionNumber=str(time + 1),
            TemporalPositionIndex=time + 1,
            InstanceNumber=lambda k, t=time: str(1 + k + 4 * t),
            SOPInstanceUID=lambda k, t=time: phantoms.uid("4d", k, t),
        )
    (series,) = index(scan([tmp_path])).series()
    assert series.axis is not None
    pixels = load(series)
    second = series.axis.at(2, 1)
    origin = source(series, pixels, frames_at(series, second))
    shown = body_planes(origin, PlaneName.CORONAL)
    assert shown.pixels.is_instant
    assert shown.pixels.stored[3][-1 - 2, 5] == pixels.stored[second, 3, 5]
    assert shown.series.axis is None
    with pytest.raises(UserError, match="same position"):
        source(series, pixels)


def test_what_is_no_volume_is_refused_with_the_reason(tmp_path: Path) -> None:
    series, pixels = opened(phantoms.ct(tmp_path / "two", shape=(2, 8, 8)))
    with pytest.raises(UserError, match="fewer than three"):
        source(series, pixels)
    series, pixels = opened(phantoms.cine(tmp_path / "cine.dcm"))
    with pytest.raises(UserError, match="colour"):
        source(series, pixels)
    series, _ = opened(phantoms.ct(tmp_path / "ct", shape=(4, 8, 8)))
    with pytest.raises(UserError, match="4 images are missing"):
        source(series, SeriesPixels(series))


def test_turned_planes_cover_the_volume_and_keep_its_pitch() -> None:
    lies = GRIDS["regular"]
    straight = plane_stack(lies, *orientation_of(lies, PlaneName.CORONAL))
    assert straight.first.spacing == pytest.approx((2.5, 0.4))
    assert straight.step == pytest.approx(0.7)
    advance, down, right = orientation_of(lies, PlaneName.CORONAL)
    turned = plane_stack(lies, (advance + right) / np.sqrt(2), down, (right - advance) / np.sqrt(2))
    assert turned.first.spacing[0] == pytest.approx(2.5)
    for corner in lies.corners():
        placed = (corner - turned.first.origin) @ np.stack([turned.advance, turned.first.down, turned.first.right]).T
        last = np.array([turned.count, turned.first.rows, turned.first.columns]) - 0.5
        assert (placed >= -0.5 * np.array([turned.step, *turned.first.spacing]) - 1e-6).all()
        assert (placed <= last * np.array([turned.step, *turned.first.spacing]) + 1e-6).all()


def test_a_coarse_plane_has_the_size_of_a_fine_one_and_is_replaced_by_it(tmp_path: Path) -> None:
    series, pixels = opened(phantoms.ct(tmp_path, shape=(9, 15, 13), spacing=(1.0, 1.0, 1.0)))
    origin = source(series, pixels)
    cut = planes(origin, plane_stack(origin.stack_grid, *rotation((0.4, 0.1, 0.2))), "Oblique").pixels
    middle = len(cut) // 2
    assert not cut.is_loaded(middle)
    cut.put(middle, cut.cut(middle, coarse=True), fine=False)
    assert cut.is_loaded(middle)
    assert not cut.is_fine(middle)
    fine = cut.cut(middle)
    np.testing.assert_array_equal(cut.stored[middle][::COARSE, ::COARSE], fine[::COARSE, ::COARSE])
    cut.put(middle, fine)
    assert cut.is_fine(middle)
    np.testing.assert_array_equal(cut.stored[middle], fine)
    for place in range(len(cut)):
        cut.put(place, fine)
    assert len(cut.loaded) <= 24, "memory does not grow without end"


def test_outside_is_never_a_value_that_tissue_has(tmp_path: Path) -> None:
    # Every stored value of 16 bits occurs: there is none left for what lies outside, so values become fractions.
    voxels = np.arange(-(2**15), 2**15).astype(np.int16).reshape(4, 128, 128)
    series, pixels = opened(phantoms.ct(tmp_path, voxels=voxels, PixelRepresentation=1))
    origin = source(series, pixels)
    assert np.isnan(origin.nothing)
    np.testing.assert_array_equal(origin.values, pixels.stored - 1024.0)
    shown = body_planes(origin, PlaneName.SAGITTAL)
    np.testing.assert_array_equal(shown.pixels.modality(5), shown.pixels.stored[5])


def test_planes_are_put_where_they_fit_and_never_marked(tmp_path: Path) -> None:
    series, pixels = opened(phantoms.ct(tmp_path, shape=(4, 8, 8)))
    shown = body_planes(source(series, pixels), PlaneName.AXIAL, Slab(5.0)).pixels
    with pytest.raises(TypeError):
        shown.mark(0, shown.state(0))
    with pytest.raises(ValueError, match="must be"):
        shown.put(0, np.zeros((2, 2)))
