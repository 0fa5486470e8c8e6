"""Measurements on planes: where they are, what they say, and that they find their plane again."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from app.core.crosshair import crosshair, facing, turned
from app.core.document import Document, HandCalibration, Measurement, MeasurementKind, Place, points_to_lps
from app.core.measure import measure
from app.core.mpr import Planes, Source, planes, source
from app.core.plane_images import document_on, kept_plane, plane_images
from app.core.planes import PlaneName
from app.core.record import read, written
from app.core.sampling import Projection, Slab
from app.dicom.index import index
from app.dicom.load import SeriesPixels, load
from app.dicom.model import Series
from app.dicom.scan import scan
from tests import phantoms
from tests.app.report.answers import overlay

STACKS = {
    "anisotropic": {},
    "oblique": {"orientation": phantoms.OBLIQUE, "reverse": True},
    "tilted gantry": {"tilt_degrees": 18.5},
}
SLABS = {"single": Slab(), "mean of 6 mm": Slab(6.0, Projection.MEAN), "MIP of 4 mm": Slab(4.0)}


@pytest.fixture(params=STACKS)
def opened(request: pytest.FixtureRequest, tmp_path: Path) -> tuple[Series, SeriesPixels]:
    (series,) = index(scan(phantoms.ct(tmp_path / "ct", shape=(12, 23, 38), **STACKS[request.param]))).series()
    return series, load(series)


def cut(origin: Source, slab: Slab, *, oblique: bool) -> list[Planes]:
    """The three planes, each with its middle one there."""
    cross = crosshair(origin, slab)
    if oblique:
        cross = turned(turned(cross, PlaneName.AXIAL, 0.4), PlaneName.CORONAL, -0.3)
    found = []
    for name in PlaneName:
        held = planes(origin, cross.stack(origin.stack_grid, name), cross.title(name), slab)
        middle = len(held.pixels) // 2
        if not held.pixels.is_fine(middle):
            held.pixels.put(middle, held.pixels.cut(middle))
        found.append(held)
    return found


def drawn(held: Planes, kind: MeasurementKind, points: tuple[tuple[float, float], ...]) -> Measurement:
    middle = len(held.pixels) // 2
    return Measurement(
        "m", kind, Place.of(held.series, middle), points, points_to_lps(held.series, middle, points), "lesion"
    )


@pytest.mark.parametrize("slab", SLABS.values(), ids=SLABS)
@pytest.mark.parametrize("oblique", [False, True], ids=["straight", "turned"])
def test_statistics_are_those_of_the_resampled_plane(opened, slab: Slab, oblique: bool) -> None:
    series, pixels = opened
    origin = source(series, pixels)
    for held in cut(origin, slab, oblique=oblique):
        middle = len(held.pixels) // 2
        rows, columns = held.series.rows, held.series.columns
        box = ((rows * 0.25 + 0.3, columns * 0.25 + 0.2), (rows * 0.75 - 0.2, columns * 0.7 + 0.1))
        region = drawn(held, MeasurementKind.ELLIPSE, box)
        said = measure(region, held.series, middle, held.pixels).values
        (top, left), (bottom, right) = box
        row, column = np.indices((rows, columns))
        mask = ((row - (top + bottom) / 2) / ((bottom - top) / 2)) ** 2 + (
            (column - (left + right) / 2) / ((right - left) / 2)
        ) ** 2 <= 1
        stages = held.pixels.pipeline(middle)
        stored = held.pixels.stored[middle]
        padding = stages.padding_mask(stored)
        inside = stages.modality(stored)[mask if padding is None else mask & ~padding].astype(np.float64)
        assert inside.size > 10
        assert said["Pixels"].value == inside.size
        np.testing.assert_allclose(said["Mean"].value, inside.mean())
        np.testing.assert_allclose(said["SD"].value, inside.std(ddof=1))
        assert (said["Min"].value, said["Max"].value) == (inside.min(), inside.max())
        tall, wide = held.series.pixel_spacing
        np.testing.assert_allclose(said["Area"].value, np.pi / 4 * (bottom - top) * tall * (right - left) * wide)


def test_lengths_are_those_between_the_points_in_the_patient(opened) -> None:
    series, pixels = opened
    for held in cut(source(series, pixels), Slab(), oblique=True):
        line = drawn(held, MeasurementKind.DISTANCE, ((2.25, 3.5), (9.75, 11.0)))
        first, last = np.array(line.points_lps)
        said = measure(line, held.series, len(held.pixels) // 2, held.pixels).values["Length"]
        np.testing.assert_allclose(said.value, np.linalg.norm(last - first))
        assert said.unit == "mm"


def test_a_plane_is_found_again_from_what_is_kept(opened) -> None:
    series, pixels = opened
    for oblique in (False, True):
        for held in cut(source(series, pixels), Slab(3.0, Projection.MEAN), oblique=oblique):
            middle = len(held.pixels) // 2
            region = drawn(held, MeasurementKind.RECTANGLE, ((2.0, 2.0), (9.0, 10.0)))
            on_image = replace(region.place, plane=None)
            again = read("measurement", "m", written(region), on_image)
            assert again == region, "nothing is lost in the file"
            kept = kept_plane(again.place, series, pixels)
            assert again.place.is_same(Place.of(kept.series, 0))
            np.testing.assert_array_equal(kept.pixels.stored[0], held.pixels.stored[middle])
            assert measure(again, kept.series, 0, kept.pixels) == measure(region, held.series, middle, held.pixels)


def test_a_plane_is_no_image_and_no_other_plane(opened) -> None:
    series, pixels = opened
    origin = source(series, pixels)
    axial, coronal, _ = cut(origin, Slab(), oblique=False)
    line = drawn(coronal, MeasurementKind.DISTANCE, ((1.0, 1.0), (5.0, 5.0)))
    middle = len(coronal.pixels) // 2
    assert line.place.index_in(series) is None
    assert line.place.index_in(axial.series) is None
    assert line.place.index_in(coronal.series) == middle
    document = Document(measurements=(line,))
    assert document.measurements_on(coronal.series, middle) == (line,)
    assert document.measurements_on(coronal.series, middle + 1) == ()
    assert all(document.measurements_on(series, frame) == () for frame in range(len(series.frames)))
    thick = cut(origin, Slab(5.0), oblique=False)[1]
    assert line.place.index_in(thick.series) is None, "a slab is another picture"
    by_hand = HandCalibration("c", replace(line.place, plane=None), ((0, 0), (1, 1)), 9.0, (3.0, 3.0), whole_stack=True)
    assert document.with_calibration(by_hand).calibration_of(line.place) is None


def test_the_crosshair_turns_to_a_plane_that_was_kept(opened) -> None:
    series, pixels = opened
    origin = source(series, pixels)
    lies = origin.stack_grid
    cross = turned(turned(crosshair(origin), PlaneName.AXIAL, 0.4), PlaneName.SAGITTAL, -0.3)
    for name in PlaneName:
        found = facing(crosshair(origin), lies, name, cross.axes[name])
        np.testing.assert_allclose(found.axes[name], cross.axes[name])
        advances = np.stack([found.axes[one][0] for one in PlaneName])
        np.testing.assert_allclose(advances @ advances.T, np.eye(3), atol=1e-9)
        assert name in found.oblique
    straight = facing(cross, lies, PlaneName.AXIAL, crosshair(origin).axes[PlaneName.AXIAL])
    assert not straight.is_turned


def test_planes_for_a_report_are_cut_once_each_with_what_lies_over_them(opened) -> None:
    series, pixels = opened
    held = cut(source(series, pixels), Slab(), oblique=False)
    marks = [
        replace(drawn(one, MeasurementKind.DISTANCE, ((1.0, 1.0), (5.0, 5.0))), id=str(number))
        for number, one in enumerate((held[1], held[1], held[2]))
    ]
    document = Document(measurements=tuple(marks), overlays=(overlay(series),))
    found = plane_images(document, series, pixels)
    assert [image.place.plane.name for image in found] == ["Coronal", "Sagittal"]
    for image in found:
        on = document_on(image, document)
        assert all(one.series_key == image.series.key and one.indices == (image.index,) for one in on.overlays)
    assert any(document_on(image, document).overlays for image in found)
