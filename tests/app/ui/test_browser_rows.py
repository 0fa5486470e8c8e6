"""How patients, studies and series read in the list."""

from __future__ import annotations

from dataclasses import replace

import pytest

from app.dicom.index import index
from app.dicom.model import Patient, Series, Study
from app.dicom.scan import scan
from app.ui.browser_rows import date_text, patient_lines, series_lines, series_name, study_lines
from tests import phantoms


@pytest.fixture
def series(tmp_path) -> Series:
    (found,) = index(scan(phantoms.ct(tmp_path))).series()
    return found


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        ("20040119", "2004-01-19"),
        ("20040100", "2004-01"),
        ("20120000", "2012"),
        ("00000000", ""),
        ("", ""),
        ("2004", "2004"),
        ("2004.01.19", "2004.01.19"),
    ],
)
def test_dates_leave_out_what_anonymisation_zeroed(value: str, shown: str) -> None:
    assert date_text(value) == shown


def test_a_patient_is_name_then_what_the_file_tells() -> None:
    lines = patient_lines(Patient("P1", "Doe, Jane", "19400305", "F"))
    assert lines == ("Doe, Jane", "P1  ·  born 1940-03-05  ·  female")
    assert patient_lines(Patient("P1", "P1")) == ("P1", "")
    assert patient_lines(Patient("P1")) == ("No patient name", "P1")


def test_a_study_without_a_date_says_so() -> None:
    study = Study("1", "20040119", "Chest", "", "", Patient(), ())
    assert study_lines(study) == ("2004-01-19  ·  Chest",)
    assert study_lines(replace(study, date="", description="")) == ("Study without a date",)


def test_a_series_tells_number_stack_and_images(series: Series) -> None:
    lines = series_lines(replace(series, number=4, description="Lung"), 1)
    assert lines == ("Lung", "CT  ·  Series 4", "3 images  ·  38 × 23")
    assert series_lines(replace(series, number=4, stack=1), 3)[1] == "CT  ·  Series 4, stack 2 of 3"
    single = replace(series, frames=series.frames[:1], number=None, frame_time_ms=40.0)
    assert series_lines(single)[1:] == ("CT  ·  Series", "1 frame  ·  38 × 23")


def test_a_series_without_description_is_named_by_what_else_the_file_says(series: Series) -> None:
    bare = replace(series, description="")
    header = bare.instances[0].header
    for name in ("ProtocolName", "BodyPartExamined"):
        if name in header:
            del header[name]
    assert series_name(bare) == "CT"
    header.BodyPartExamined = "CHEST"
    assert series_name(bare) == "CHEST"
    header.ProtocolName = "Thorax routine"
    assert series_name(bare) == "Thorax routine"
