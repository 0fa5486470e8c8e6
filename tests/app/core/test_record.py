"""Records: what is written is read again to the last digit, and holds no UID."""

import json

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
    Place,
)
from app.core.view import View
from app.dicom.voi import Lut, Window, WindowFunction
from inference.types import Code, Measure, ModelRef

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
    )
    own = Finding("g", "Mine", PLACE, status=FindingStatus.ACCEPTED)
    for item in (by_hand, finding, own):
        assert record.read(record.kind_of(item), item.id, record.written(item), PLACE) == item


def test_only_what_a_reader_stands_for_is_kept() -> None:
    findings = tuple(Finding(status.name, "x", PLACE, status=status) for status in FindingStatus)
    assert set(record.items_of(Document(findings=findings))) == {"ACCEPTED"}


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
