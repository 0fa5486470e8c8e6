"""Brush and eraser: which pixels, which labels, and what findings say afterwards."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.document import Document, Finding, Overlay, Place
from app.core.mask_editing import Brush, Stroke, covered, edited, label_of, with_plane
from app.core.volumes import of_overlay
from inference.types import Code, Label, Measure, ModelRef
from inference.volume import Calibration
from tests.app.core import made_series

LABELS = (Label(1, "Right", Code("1", "right"), (255, 0, 0)), Label(2, "Left", Code("2", "left"), (0, 0, 255)))
SHAPE = (23, 38)
POINT = st.tuples(st.floats(-6, 28), st.floats(-6, 44))


def whole(start, end, brush: Brush) -> np.ndarray:
    found = np.zeros(SHAPE, bool)
    rows, columns, mask = covered(SHAPE, start, end, brush)
    found[rows, columns] = mask
    return found


@given(POINT, POINT, st.floats(0.5, 9), st.sampled_from([(1.0, 1.0), (1.75, 1.0), (1.0, 2.5)]))
def test_a_stroke_covers_the_pixels_within_its_radius(start, end, radius: float, aspect) -> None:
    found = whole(start, end, Brush(radius, aspect))
    way = (np.array(end) - start) * aspect
    for row, column in np.ndindex(SHAPE):
        at = (np.array([row, column]) - start) * aspect
        share = np.clip(at @ way / (way @ way), 0, 1) if way @ way > 0 else 0.0
        distance = np.hypot(*(at - share * way))
        under = (row, column) in {tuple(np.rint(point).astype(int)) for point in (start, end)}
        if abs(distance - radius) > 1e-9:
            assert found[row, column] == (distance < radius or under)


def test_the_smallest_brush_is_the_pixel_under_it() -> None:
    found = whole((4.4, 6.4), (4.4, 6.4), Brush(0.5))
    assert np.argwhere(found).tolist() == [[4, 6]]
    assert not whole((-40, -40), (-30, -30), Brush(5)).any()


def plane_of() -> np.ndarray:
    plane = np.zeros(SHAPE, np.uint8)
    plane[5:15, 5:15], plane[5:15, 20:30] = 1, 2
    return plane


def test_painting_takes_other_labels_and_erasing_leaves_them() -> None:
    plane = plane_of()
    stroke = Stroke(plane, 1, Brush(3.0), erases=False)
    stroke.to((10, 18))
    stroke.to((10, 22))
    assert stroke.plane[10, 20] == 1, "a pixel has one label"
    assert plane[10, 20] == 2, "the plane that was there is as it was"
    assert stroke.changed
    stroke = Stroke(plane, 1, Brush(40.0), erases=True)
    stroke.to((10, 15))
    np.testing.assert_array_equal(stroke.plane, np.where(plane == 2, 2, 0))
    idle = Stroke(plane, 1, Brush(2.0), erases=True)
    idle.to((20, 35))
    assert not idle.changed


def test_strokes_join_what_the_pointer_jumped_over() -> None:
    stroke = Stroke(np.zeros(SHAPE, np.uint8), 1, Brush(1.0), erases=False)
    stroke.to((10, 2))
    stroke.to((10, 35))
    assert (stroke.plane[10, 2:36] == 1).all()


def volume_answer(**finding) -> tuple[Document, Overlay]:
    series = stack()
    label_map = np.stack([plane_of()] * 3)
    model = ModelRef("m", "1", "ab" * 32)
    overlay = Overlay("o", series.key, (0, 1, 2), label_map, LABELS, model)
    findings = tuple(
        Finding(
            label.name, label.name, Place.of(series, 0), overlay_id="o", label_value=label.value, origin=model,
            measures=(("volume", Measure(300 * VOXEL, "ml")), ("mean", Measure(-800.0, "HU"))), **finding,
        )
        for label in LABELS
    )  # fmt: skip
    return Document(overlays=(overlay,), findings=findings), overlay


VOXEL = 2.0 * 0.5 * 0.25 / 1000


def stack():
    series = made_series.series(spacing=(0.5, 0.25))
    affine = np.diag([0.25, 0.5, 2.0, 1.0])[:, [2, 1, 0, 3]]
    return replace(series, affine=affine)


def test_measures_follow_the_mask_and_what_cannot_is_named() -> None:
    document, overlay = volume_answer()
    plane = plane_of()
    plane[5:15, 20:24] = 1
    after = edited(document, stack(), overlay, 1, plane)
    right, left = after.findings
    assert right.edited
    assert left.edited, "it lost what the other took"
    assert dict(right.measures)["volume"].value == pytest.approx((300 + 40) * VOXEL)
    assert dict(left.measures)["volume"].value == pytest.approx((300 - 40) * VOXEL)
    assert "mean" not in dict(right.measures)
    assert right.notes == ("Not measured again after the mask was edited: mean.",)
    # As if the model had drawn it so.
    counted = {part.name: part.volume.value for part in of_overlay(after.overlays[0], stack())}
    assert counted == pytest.approx({f.kind: dict(f.measures)["volume"].value for f in after.findings})
    again = edited(after, stack(), after.overlays[0], 1, plane_of())
    assert dict(again.findings[0].measures)["volume"].value == pytest.approx(300 * VOXEL)
    assert again.findings[0].notes == right.notes, "said once"


@pytest.mark.parametrize(
    ("calibration", "unit", "worth"), [(Calibration.PATIENT, "cm2", 0.125 / 100), (Calibration.NONE, "px2", 1.0)]
)
def test_areas_follow_in_the_unit_that_they_have(calibration: Calibration, unit: str, worth: float) -> None:
    series = made_series.series(slices=1, calibration=calibration, spacing=(0.5, 0.25))
    overlay = Overlay("o", series.key, (0,), plane_of()[np.newaxis], LABELS, ModelRef("m", "1", "ab" * 32))
    measures = (("area", Measure(100 * worth, unit)), ("share of image", Measure(100 * 100 / (23 * 38), "%")))
    finding = Finding("f", "Right", Place.of(series, 0), measures, overlay_id="o", label_value=1)
    other = replace(finding, id="g", label_value=2, kind="Left")
    plane = np.where(plane_of() == 1, 0, plane_of()).astype(np.uint8)
    after = edited(Document(overlays=(overlay,), findings=(finding, other)), series, overlay, 0, plane)
    assert [measure.value for _, measure in after.findings[0].measures] == pytest.approx([0, 0], abs=1e-9)
    assert after.findings[1] is other, "nothing of it changed"
    assert after.findings[0].notes == ()


def test_the_models_own_masks_stay_beneath() -> None:
    _, overlay = volume_answer()
    changed = with_plane(overlay, 1, np.zeros(SHAPE, np.uint8))
    assert changed.label_map is overlay.label_map
    assert changed.by_hand == {1, 2}
    assert not changed.plane(1).any()
    assert not changed.plane(1).flags.writeable
    np.testing.assert_array_equal(changed.whole()[[0, 2]], overlay.label_map[[0, 2]])
    with pytest.raises(ValueError, match="does not cover"):
        with_plane(overlay, 7, plane_of())
    assert label_of(overlay, 2) is LABELS[1]
    assert label_of(overlay, 9) is None
