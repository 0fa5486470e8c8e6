"""Labels, segments, structures and doses on planes cut through stacks (app/core/plane_objects.py), voxel for voxel."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from app.core.crosshair import crosshair, turned
from app.core.document import Overlay
from app.core.layers import Layer, Outline, Region
from app.core.mpr import Planes, Source, planes, source
from app.core.plane_objects import labels_of, layer_on, overlay_on, solid
from app.core.planes import PlaneName
from app.core.sampling import Slab
from app.core.wash import values_on
from app.dicom.index import index
from app.dicom.load import load
from app.dicom.scan import scan
from app.dicom.value_grid import read_values
from inference.types import Code, Label
from tests import phantoms
from tests.app.report.answers import LABELS, MODEL
from tests.made_objects import dose

STACKS = {
    "anisotropic": {},
    "oblique": {"orientation": phantoms.OBLIQUE, "reverse": True},
    "sagittal": {"orientation": phantoms.SAGITTAL},
    "tilted gantry": {"tilt_degrees": 18.5},
    "oblique and tilted": {"orientation": phantoms.OBLIQUE, "tilt_degrees": -12.0},
}
SHAPE = (9, 23, 38)
PARTS = tuple(Label(value, f"part {value}", Code("1", "part"), (10 * value, 20, 30)) for value in (1, 2, 3))


@pytest.fixture(params=STACKS)
def origin(request: pytest.FixtureRequest, tmp_path: Path) -> Source:
    (series,) = index(scan(phantoms.ct(tmp_path / "ct", shape=SHAPE, **STACKS[request.param]))).series()
    return source(series, load(series))


def ellipsoids() -> np.ndarray:
    """Two labels without symmetry, and a single voxel in the far corner, where an error of one shows."""
    k, row, column = np.indices(SHAPE)
    found = np.zeros(SHAPE, np.uint8)
    found[((k - 3) / 2.6) ** 2 + ((row - 9) / 7.3) ** 2 + ((column - 14) / 9.1) ** 2 <= 1] = 1
    found[((k - 6) / 1.7) ** 2 + ((row - 15) / 4.2) ** 2 + ((column - 24) / 8.4) ** 2 <= 1] = 5
    found[-1, -1, -1] = 5
    return found


def every_orientation(origin: Source, slab: Slab | None = None) -> list[Planes]:
    """The planes of the body, and those of a crosshair that was turned twice."""
    straight = crosshair(origin)
    oblique = turned(turned(straight, PlaneName.AXIAL, 0.37), PlaneName.SAGITTAL, -0.61)
    lies = origin.stack_grid
    return [
        planes(origin, cross.stack(lies, name), name.value, slab) for cross in (straight, oblique) for name in PlaneName
    ]


def voxels_under(held: Planes, number: int, origin: Source) -> np.ndarray:
    """(rows, columns, 3): the voxel that each pixel lies in by the files' own affine, or −1; and where it is a toss-up
    between two, −2."""
    series, affine = held.series, origin.series.affine
    row, column = np.indices((series.rows, series.columns))
    right, down = series.orientation[:3] * series.pixel_spacing[1], series.orientation[3:] * series.pixel_spacing[0]
    at = series.positions[number] + row[..., None] * down + column[..., None] * right
    place = (at - affine[:3, 3]) @ np.linalg.inv(affine[:3, :3]).T
    voxel = np.rint(place).astype(int)
    voxel[((voxel < 0) | (voxel >= SHAPE)).any(axis=-1)] = -1
    voxel[(np.abs(np.abs(place - np.floor(place)) - 0.5) < 1e-6).any(axis=-1)] = -2
    return voxel


def expected(values: np.ndarray, voxel: np.ndarray) -> np.ndarray:
    found = values[voxel[..., 0], voxel[..., 1], voxel[..., 2]]
    found[voxel[..., 0] == -1] = 0
    return found


def compare(found: np.ndarray, values: np.ndarray, voxel: np.ndarray) -> int:
    """Holds ``found`` against the voxels, and says how many pixels hold anything."""
    sure = voxel[..., 0] != -2
    np.testing.assert_array_equal(found[sure], expected(values, voxel)[sure])
    return int(np.count_nonzero(found[sure]))


def label_map(overlay: Overlay, held: Planes, number: int) -> np.ndarray:
    plane = overlay.plane(number)
    return np.zeros((held.series.rows, held.series.columns), np.uint8) if plane is None else plane


# -- a model's labels --------------------------------------------------------------------------------------------------


def test_labels_on_any_plane_are_those_of_the_voxels(origin: Source) -> None:
    values = ellipsoids()
    made = Overlay("o", origin.series.key, tuple(range(9)), values, LABELS, MODEL)
    labels = labels_of(made, origin)
    seen = 0
    for held in every_orientation(origin):
        for number in range(0, len(held.pixels), 2):
            on = overlay_on(made, labels, held.series, held.pixels, number)
            assert (on.id, on.labels, on.series_key) == ("o", LABELS, held.series.key)
            seen += compare(label_map(on, held, number), values, voxels_under(held, number, origin))
    assert seen > 1000


def test_labels_of_some_images_lie_on_those_alone(origin: Source) -> None:
    values = ellipsoids()
    chosen = (2, 3, 6)
    made = Overlay("o", origin.series.key, (6, 2, 3), values[[6, 2, 3]], LABELS, MODEL)
    alone = np.zeros_like(values)
    alone[list(chosen)] = values[list(chosen)]
    labels = labels_of(made, origin)
    for held in every_orientation(origin):
        number = len(held.pixels) // 2
        on = overlay_on(made, labels, held.series, held.pixels, number)
        compare(label_map(on, held, number), alone, voxels_under(held, number, origin))


def test_a_slab_shows_the_labels_of_all_its_planes(origin: Source) -> None:
    values = ellipsoids()
    made = Overlay("o", origin.series.key, tuple(range(9)), values, LABELS, MODEL)
    labels = labels_of(made, origin)
    slab = Slab(5.2)
    for single, held in zip(every_orientation(origin), every_orientation(origin, slab), strict=True):
        number, half = len(held.pixels) // 2, slab.half(held.pixels.stack.step)
        planes_of = [
            label_map(overlay_on(made, labels, single.series, single.pixels, n), single, n)
            for n in range(max(number - half, 0), min(number + half + 1, len(single.pixels)))
        ]
        found = label_map(overlay_on(made, labels, held.series, held.pixels, number), held, number)
        # Half a voxel around the outermost planes is the volume too.
        inside = found.astype(int) >= np.max(planes_of, axis=0)
        assert inside.all()
        if half <= number < len(single.pixels) - half:
            np.testing.assert_array_equal(found, np.max(planes_of, axis=0))


def test_uneven_stacks_and_holes(tmp_path: Path) -> None:
    paths = phantoms.ct(tmp_path, shape=(12, 23, 38), gaps=(4, 5, 6))
    (series,) = index(scan(paths)).series()
    origin = source(series, load(series))
    values = np.ones((9, 23, 38), np.uint8)
    made = Overlay("o", series.key, tuple(range(9)), values, LABELS, MODEL)
    labels = labels_of(made, origin)
    for held in every_orientation(origin):
        number = len(held.pixels) // 2
        grid = held.pixels.stack.grid(number)
        row, column = np.indices((grid.rows, grid.columns))
        at = origin.stack_grid.index(
            grid.origin
            + (row * grid.spacing[0])[..., None] * grid.down
            + (column * grid.spacing[1])[..., None] * grid.right
        )
        with np.errstate(invalid="ignore"):
            # The ends themselves are a toss-up.
            outside = (
                np.isnan(at[..., 0]) | (at < -0.5001).any(axis=-1) | (at > np.array(values.shape) - 0.4999).any(-1)
            )
            within = ~np.isnan(at[..., 0]) & (at > -0.4999).all(-1) & (at < np.array(values.shape) - 0.5001).all(-1)
        found = label_map(overlay_on(made, labels, held.series, held.pixels, number), held, number)
        assert (found[outside] == 0).all()
        assert (found[within] == 1).all()
        if held.series.uid.endswith("coronal"):
            assert np.isnan(at[..., 0]).any(), "the hole is on this plane"


# -- segments and structures -------------------------------------------------------------------------------------------


def segments(origin: Source, masks: dict[int, np.ndarray], *, fractional: bool = False) -> Layer:
    """A segmentation of ``masks`` (uint8, 0 to 255), by part."""
    regions = {}
    for k in range(SHAPE[0]):
        here = [Region.of(part, mask[k]) for part, mask in masks.items()]
        if any(here):
            regions[k] = tuple(region for region in here if region is not None)
    key, shape = origin.series.key, (origin.series.rows, origin.series.columns)
    return Layer("seg", "SEG", key, shape, PARTS, regions, is_fractional=fractional)


def test_segments_that_overlap_both_show(origin: Source) -> None:
    both = ellipsoids()
    masks = {1: (both == 1) * np.uint8(255), 2: (both == 5) * np.uint8(255), 3: (both != 0) * np.uint8(255)}
    made = solid(segments(origin, masks), origin)
    assert len(made.volumes) == 2, "parts that do not overlap share a volume"
    seen = 0
    for held in every_orientation(origin):
        number = len(held.pixels) // 2
        layer = layer_on(made, held.series, held.pixels, number)
        voxel = voxels_under(held, number, origin)
        found = {part.value: cover for cover, part in layer.covers(number)}
        for part, mask in masks.items():
            here = found.get(part, np.zeros((held.series.rows, held.series.columns), np.uint8))
            seen += compare(here, mask, voxel)
        assert layer.hollow == frozenset()
    assert seen > 500


def test_shares_of_a_fractional_segmentation_stay_shares(origin: Source) -> None:
    k, row, column = np.indices(SHAPE)
    share = ((k * 31 + row * 7 + column * 3) % 200).astype(np.uint8)
    made = solid(segments(origin, {2: share}, fractional=True), origin)
    for held in every_orientation(origin):
        number = len(held.pixels) // 2
        layer = layer_on(made, held.series, held.pixels, number)
        ((found, part),) = layer.covers(number)
        assert part.value == 2
        assert layer.is_fractional
        compare(found, share, voxels_under(held, number, origin))


def test_structures_are_lines_on_every_plane_and_holes_stay_holes(origin: Source) -> None:
    outlines = {
        k: (
            Outline(1, np.array([(2.5, 3.5), (2.5, 20.5), (15.5, 20.5), (15.5, 3.5)])),
            Outline(1, np.array([(5.5, 6.5), (5.5, 9.5), (9.5, 9.5), (9.5, 6.5)])),
        )
        for k in (3, 4, 5)
    }
    mask = np.zeros(SHAPE, np.uint8)
    mask[3:6, 3:16, 4:21] = 255
    mask[3:6, 6:10, 7:10] = 0
    layer = Layer("rs", "RTSTRUCT", origin.series.key, SHAPE[1:], PARTS, outlines=outlines)
    made = solid(layer, origin)
    for held in every_orientation(origin):
        number = len(held.pixels) // 2
        found = layer_on(made, held.series, held.pixels, number)
        covers = found.covers(number)
        if covers:
            compare(covers[0][0], mask, voxels_under(held, number, origin))
        if found.regions:
            assert found.hollow == {1}, "drawn as its edge, as on the images"


def test_the_images_themselves_keep_contours_as_they_are(tmp_path: Path) -> None:
    (series,) = index(scan(phantoms.ct(tmp_path, shape=SHAPE, orientation=(1, 0, 0, 0, -1, 0)))).series()
    origin = source(series, load(series))
    ring = Outline(1, np.array([(2.25, 3.5), (2.5, 20.75), (15.125, 20.5)]))
    mask = np.zeros(SHAPE[1:], np.uint8)
    mask[4:9, 30:36] = 255
    region = Region.of(2, mask)
    assert region is not None
    layer = Layer("x", "X", series.key, SHAPE[1:], PARTS, {2: (region,)}, {2: (ring,)})
    held = every_orientation(origin)[0]
    (number,) = (
        n for n in range(9) if np.allclose(held.series.positions[n] @ (0, 0, 1), series.positions[2] @ (0, 0, 1))
    )
    found = layer_on(solid(layer, origin), held.series, held.pixels, number)
    (drawn,) = found.outlines[number]
    # Rows of these images run from back to front; those of axial planes never do.
    np.testing.assert_allclose(drawn.points, np.column_stack([22 - ring.points[:, 0], ring.points[:, 1]]))
    ((cover, _), *_) = [pair for pair in found.covers(number) if pair[1].value == 2]
    np.testing.assert_array_equal(cover, mask[::-1])


def test_a_point_of_a_structure_set_shows_where_the_plane_meets_it(origin: Source) -> None:
    layer = Layer(
        "p",
        "P",
        origin.series.key,
        SHAPE[1:],
        PARTS,
        outlines={4: (Outline(3, np.array([(7.0, 8.0)]), is_closed=False),)},
    )
    made = solid(layer, origin)
    where = origin.series.affine[:3, :3] @ (4, 7, 8) + origin.series.affine[:3, 3]
    for held in every_orientation(origin):
        number = held.pixels.stack.index_of(where)
        found = layer_on(made, held.series, held.pixels, number)
        ((mark,),) = found.outlines.values()
        grid = held.pixels.stack.grid(number)
        foot = grid.at(*mark.points[0])
        assert abs((where - foot) @ grid.normal) <= held.pixels.stack.step / 2 + 1e-6
        np.testing.assert_allclose(np.cross(where - foot, grid.normal), 0, atol=1e-6)
        far = number + 3 if number + 3 < len(held.pixels) else number - 3
        assert not layer_on(made, held.series, held.pixels, far).outlines


# -- doses -------------------------------------------------------------------------------------------------------------


def test_a_linear_dose_is_met_on_any_plane(origin: Source, tmp_path: Path) -> None:
    def ramp(points: np.ndarray) -> np.ndarray:
        return 60 + points @ np.array([0.25, -0.5, 0.125])

    middle = origin.stack_grid.corners().mean(axis=0)
    first, spacing, offsets = middle - (22.0, 24.0, 22.0), (3.0, 2.5), np.arange(12) * 4.0
    k, row, column = np.indices((12, 17, 19))
    points = first + np.stack([column * spacing[1], row * spacing[0], offsets[k]], axis=-1)
    stored = np.rint(ramp(points) / 1e-6).astype(np.uint32)
    path = dose(
        tmp_path / "dose",
        stored,
        offsets,
        scaling=1e-6,
        frame_of_reference=origin.series.frame_of_reference_uid,
        origin=first,
        spacing=spacing,
    )
    wash = values_on(read_values(path), origin.series, "d", "RTDOSE", is_dose=True)
    met = 0
    for held in every_orientation(origin):
        number = len(held.pixels) // 2
        found = wash.over(held.series).plane(number)
        assert found is not None
        grid = held.pixels.stack.grid(number)
        row, column = np.indices((grid.rows, grid.columns))
        at = (
            grid.origin
            + (row * grid.spacing[0])[..., None] * grid.down
            + (column * grid.spacing[1])[..., None] * grid.right
        )
        last = first + np.array([18 * 2.5, 16 * 3.0, 11 * 4.0])
        within = ((at > first + 1e-6) & (at < last - 1e-6)).all(axis=-1)
        np.testing.assert_allclose(found[within], ramp(at[within]), atol=1e-3)
        met += int(within.sum())
    assert met > 1000


def test_frames_of_one_time_point_take_their_own_labels(tmp_path: Path) -> None:
    """Where the planes are cut from some frames of a series, labels are those of these frames."""
    (series,) = index(scan(phantoms.ct(tmp_path, shape=SHAPE))).series()
    whole = source(series, load(series))
    chosen = (1, 2, 3, 4)
    part = replace(source(series, load(series), chosen), series=series)
    values = ellipsoids()
    made = Overlay("o", series.key, tuple(range(9)), values, LABELS, MODEL)
    for origin, first in ((whole, 0), (part, 1)):
        labels = labels_of(made, origin)
        assert labels is not None
        np.testing.assert_array_equal(labels.values, values[first : first + len(labels.values)])
