"""Numbers, dates and units as reports write them (app/report/wording.py)."""

from __future__ import annotations

import numpy as np
import pytest

from app.dicom.voi import Lut, Window, WindowFunction
from app.report import wording
from inference.types import Measure


@pytest.mark.parametrize(
    ("value", "shown"),
    [
        (0, "0.0"),
        (0.01234, "0.0123"),
        (0.5, "0.50"),
        (3.14159, "3.14"),
        (-12.34, "−12.3"),
        (231.7, "232"),
        (1832.4, "1832"),
        (412345, "412345"),
        (1e-6, "1e−06"),
        (3.2e9, "3.2e+09"),
        (float("nan"), "–"),
        (float("-inf"), "–"),
    ],
)
def test_numbers(value: float, shown: str) -> None:
    assert wording.number(value) == shown


@pytest.mark.parametrize(
    ("measure", "shown"),
    [
        (Measure(231.5, "cm2"), "232 cm²"),
        (Measure(45.25, "°"), "45.2°"),
        (Measure(12.5, "%"), "12.5 %"),
        (Measure(7, ""), "7.00"),
        (Measure(-650.4, "HU"), "−650 HU"),
    ],
)
def test_measures(measure: Measure, shown: str) -> None:
    assert wording.measure(measure) == shown


@pytest.mark.parametrize(
    ("value", "shown"), [("20240131", "2024-01-31"), ("", ""), ("2024", "2024"), ("unknown!", "unknown!")]
)
def test_dates_stand_as_the_file_has_them_unless_they_are_dates(value: str, shown: str) -> None:
    assert wording.date(value) == shown


def test_windows() -> None:
    assert wording.window(Window(-600, 1500)) == "W 1500 / C −600"
    assert wording.window(Window(0.5, 1.25, WindowFunction.LINEAR_EXACT)) == "W 1.25 / C 0.5"
    assert wording.window(Lut(np.arange(4, dtype=np.uint8), 0, 8)) == "VOI LUT"
    assert wording.window(None) == ""
