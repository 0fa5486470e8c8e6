"""Records: what is written is read again to the last digit, and holds no UID."""

import json
import zlib
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core import record
from app.core.document import (
    LEAST_CORNERS,
    POINTS_OF,
    Document,
    Finding,
    FindingStatus,
    HandCalibration,
    Measurement,
    MeasurementKind,
    Overlay,
    Place,
)
from app.core.view import View
from app.dicom.voi import Lut, Window, WindowFunction
from inference.types import Code, Label, Measure, ModelRef
from tests.app.core import made_series

PLACE = Place("1.2.840.1", 0, "1.2.840.1.7", 3, "1.2.840.9")
numbers = st.floats(-1e6, 1e6, allow_nan=False)


@given(st.sampled_from(list(MeasurementKind)), st.data())
def test_every_kind_of_measurement_comes_back_exactly(kind: MeasurementKind, data) -> None:
    count = POINTS_OF.get(kind, LEAST_CORNERS + 4)
    points = tuple(data.draw(st.tuples(numbers, numbers)) for _ in range(count))
    lps = tuple(data.draw(st.tuples(numbers, numbers, numbers)) for _ in range(data.draw(st.sampled_from([0, count]))))
    item = Measurement("m", kind, PLACE, points, lps, data.draw(st.text(max_size=20)))
    body = record.written(item)
    assert record.read(record.kind_of(item), "m", body, PLACE) == item
    assert "1.2.840" not in body


def test_calibrations_and_accepted_findings_come_back() -> None:
    by_hand = HandCalibration("c", PLACE, ((0.1, 2), (7, 8.3)), 12.5, (0.31, 0.29), whole_stack=True)
    finding = Finding(
        "f",
        "Nodule",
        PLACE,
        (("Volume", Measure(1 / 3, "ml")),),
        0.7,
        ModelRef("m", "1.0", "ab" * 32),
        FindingStatus.ACCEPTED,
        code=Code("1", "nodule"),
        notes=("seen",),
        overlay_id="o",
        label_value=3,
        edited=True,
    )
    own = Finding("g", "Mine", PLACE, status=FindingStatus.ACCEPTED)
    rejected = replace(finding, id="h", status=FindingStatus.REJECTED)
    for item in (by_hand, finding, own, rejected):
        assert record.read(record.kind_of(item), item.id, record.written(item), PLACE) == item


def test_verdicts_are_kept_and_what_nobody_judged_is_not() -> None:
    findings = tuple(Finding(status.name, "x", PLACE, status=status) for status in FindingStatus)
    assert set(record.items_of(Document(findings=findings))) == {"ACCEPTED", "REJECTED"}


def overlay(identifier: str = "o", **how) -> Overlay:
    label_map = np.zeros((2, 23, 38), np.uint8)
    label_map[0, 4:9, 3:30], label_map[1, 5:8, 2:11] = 1, 2
    labels = (Label(1, "Right", Code("1", "right"), (1, 2, 3)), Label(2, "左", Code("2", "left", "99X"), (255, 0, 9)))
    return Overlay(identifier, ("1.2.3", 0), (0, 2), label_map, labels, ModelRef("m", "1.0", "ab" * 32), **how)


def test_an_answer_that_was_judged_in_part_is_kept_whole() -> None:
    def findings(status: FindingStatus) -> tuple[Finding, ...]:
        one = Finding("f1", "Right", PLACE, status=status, overlay_id="o", label_value=1)
        return one, Finding("f2", "Left", PLACE, overlay_id="o", label_value=2)

    for status, kept in (
        (FindingStatus.PROPOSED, set()),
        (FindingStatus.ACCEPTED, {"o", "f1", "f2"}),
        (FindingStatus.REJECTED, {"o", "f1", "f2"}),
    ):
        document = Document(overlays=(overlay(), overlay("other")), findings=findings(status))
        assert set(record.items_of(document)) == kept
    changed = Document(overlays=(overlay(edits={2: np.zeros((23, 38), np.uint8)}), overlay("other")))
    assert set(record.items_of(changed)) == {"o"}, "what a hand has drawn is the reader's"


def test_masks_come_back_with_their_labels_and_their_model() -> None:
    series = made_series.series()
    edit = np.zeros((23, 38), np.uint8)
    edit[:, 7] = 2
    masks = record.Masks.of(overlay(edits={2: edit}), series)
    body = record.written(masks)
    assert "1.2.3" not in body
    planes = {
        index: (record.packed(plane), record.packed(edit) if index == 2 else None)
        for index, plane in zip((0, 2), masks.overlay.label_map, strict=True)
    }
    back = record.read_masks("o", body, planes, series)
    assert (back.id, back.places) == ("o", masks.places)
    found = back.overlay
    assert (found.indices, found.labels, found.model) == ((0, 2), masks.overlay.labels, masks.overlay.model)
    np.testing.assert_array_equal(found.label_map, masks.overlay.label_map)
    np.testing.assert_array_equal(found.plane(2), edit)
    np.testing.assert_array_equal(found.whole()[1], edit)
    assert not found.label_map.flags.writeable


def test_masks_of_images_of_another_size_are_not_laid_on_these() -> None:
    series = made_series.series()
    masks = record.Masks.of(overlay(), series)
    planes = {0: (record.packed(masks.overlay.label_map[0]), None)}
    for other in (made_series.series(rows=24), made_series.series(columns=37)):
        with pytest.raises(record.FAULTS):
            record.read_masks("o", record.written(masks), planes, other)


@given(st.binary(max_size=60))
def test_damaged_planes_are_an_error(data: bytes) -> None:
    with pytest.raises(ValueError, match="plane"):
        record.unpacked(data, (23, 38))


def test_a_plane_that_claims_to_be_huge_is_never_made() -> None:
    bomb = zlib.compress(bytes(5_000_000), 9)
    with pytest.raises(ValueError, match="another size"):
        record.unpacked(bomb, (23, 38))


def test_masks_of_a_chest_are_small() -> None:
    row, column = np.indices((512, 512))
    lungs = sum(
        (((column - c) / 90) ** 2 + ((row - 256) / 150) ** 2 < 1).astype(np.uint8) * n for c, n in ((150, 1), (362, 2))
    )
    assert len(record.packed(lungs.astype(np.uint8))) < 512 * 512 / 100
    np.testing.assert_array_equal(record.unpacked(record.packed(lungs.astype(np.uint8)), (512, 512)), lungs)


def test_findings_of_the_first_version_are_read_as_accepted() -> None:
    body = {"kind": "Nodule", "measures": [], "score": None, "origin": None, "code": None, "notes": []}
    found = record.read("finding", "f", json.dumps(body), PLACE)
    assert found == Finding("f", "Nodule", PLACE, status=FindingStatus.ACCEPTED)


@pytest.mark.parametrize("kind", ["measurement", "calibration", "finding", "dream"])
@pytest.mark.parametrize("body", ["", "{}", "[]", "null", '{"kind": "SPHERE", "points": []}', '{"points": [[1]]}'])
def test_what_cannot_be_understood_says_so(kind: str, body: str) -> None:
    with pytest.raises(record.FAULTS):
        record.read(kind, "m", body, PLACE)


def test_views_come_back_but_for_tables_of_the_file() -> None:
    view = View(4, Window(40, 80.5, WindowFunction.SIGMOID), True, False, True, 3, 1.25, (10.5, 3))
    assert record.read_view(record.written_view(view), 4) == view
    table = View(1, Lut(np.arange(9, dtype=np.uint16), 0, 8), invert=True)
    assert record.read_view(record.written_view(table), 1) == View(1, None, invert=True)
    assert json.loads(record.written_view(View()))["window"] is None
