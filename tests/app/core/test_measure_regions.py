"""Ultrasound: a measurement takes the calibration of the region in which it lies (PS3.3 C.8.5.5)."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest
from pydicom import Dataset

from app.core.document import Measurement, MeasurementKind, Place, Point
from app.core.measure import Measured, measure
from app.dicom.load import load
from app.dicom.model import Series
from inference.volume import Calibration
from tests import phantoms
from tests.app.dicom.helpers import one_series

CM, S, CM_S = 3, 4, 7
TISSUE = phantoms.us_region((0, 0, 99, 59), deltas=(0.03, 0.02))
"""2-D, columns of 0.3 mm, rows of 0.2 mm."""
SPECTRUM = phantoms.us_region((0, 60, 99, 99), (S, CM_S), (0.004, -1.5), 3)
"""4 ms a column, 1.5 cm/s a row, upwards."""
M_MODE = phantoms.us_region((0, 60, 99, 99), (S, CM), (0.004, 0.02), 2)
DISTANCE, ANGLE, BOX = MeasurementKind.DISTANCE, MeasurementKind.ANGLE, MeasurementKind.RECTANGLE


def opened(folder: Path, *regions: Dataset) -> Series:
    paths = phantoms.cine(folder / "us.dcm", shape=(120, 110), frames=1, SequenceOfUltrasoundRegions=list(regions))
    return one_series(*paths)


def measured(series: Series, kind: MeasurementKind, *points: Point) -> Measured:
    return measure(Measurement("m", kind, Place.of(series, 0), points), series, 0, load(series))


def lines(folder: Path, regions: Sequence[Dataset], kind: MeasurementKind, *points: Point) -> tuple[str, ...]:
    return measured(opened(folder, *regions), kind, *points).lines


def test_a_length_in_tissue_is_millimetres_beside_a_spectrum(tmp_path: Path) -> None:
    series = opened(tmp_path, TISSUE, SPECTRUM)
    assert (series.pixel_spacing, series.calibration) == (None, Calibration.NONE)
    assert "different scale (cm × cm, s × cm/s)" in series.warnings[0]
    assert measured(series, DISTANCE, (10, 10), (40, 30)).lines == ("8.49 mm",)
    assert measured(series, BOX, (10, 10), (20, 40)).values["Area"].value == pytest.approx(2.0 * 9.0)
    # 3 : 2 pixels make 45° true, not by eye.
    assert measured(series, ANGLE, (40, 10), (10, 10), (40, 30)).lines == ("45.0°",)


def test_a_spectrum_has_time_across_and_velocity_upwards(tmp_path: Path) -> None:
    found = measured(opened(tmp_path, TISSUE, SPECTRUM), DISTANCE, (95, 10), (65, 60))
    assert found.lines == ("0.20 s horizontally", "45.0 cm/s vertically")
    assert {name: (m.value, m.unit) for name, m in found.values.items()} == {
        "Horizontal": (pytest.approx(0.2), "s"),
        "Vertical": (pytest.approx(45), "cm/s"),
    }


def test_m_mode_has_time_across_and_depth_down(tmp_path: Path) -> None:
    assert lines(tmp_path, (TISSUE, M_MODE), DISTANCE, (70, 10), (90, 35)) == (
        "0.10 s horizontally",
        "4.00 mm vertically",
    )


def test_no_angle_and_no_area_where_directions_differ(tmp_path: Path) -> None:
    series = opened(tmp_path, TISSUE, SPECTRUM)
    assert measured(series, ANGLE, (70, 10), (90, 20), (80, 30)).lines == (
        "No angle: the directions have different units",
    )
    box = measured(series, BOX, (70, 10), (90, 35))
    assert box.lines == ("0.10 s horizontally", "30.0 cm/s vertically")
    assert "Area" not in box.values


@pytest.mark.parametrize(
    ("points", "why"),
    [
        (((50, 10), (70, 10)), "across two regions"),
        (((50, 10), (50, 105)), "outside the calibrated regions"),
        (((110, 10), (110, 40)), "outside the calibrated regions"),
    ],
)
def test_across_regions_and_outside_it_counts_pixels_and_says_why(
    tmp_path: Path, points: tuple[Point, ...], why: str
) -> None:
    found = measured(opened(tmp_path, TISSUE, SPECTRUM), DISTANCE, *points)
    assert found.values["Length"].unit == "px"
    assert found.lines == (f"{found.values['Length'].value:.1f} px", f"({why})")
    area = measured(opened(tmp_path, TISSUE, SPECTRUM), BOX, points[0], (points[1][0] + 2, points[1][1] + 2))
    assert area.lines == (f"Area {area.values['Area'].value:.1f} px²", f"({why})")


def test_outside_the_only_region_is_pixels_too(tmp_path: Path) -> None:
    series = opened(tmp_path, TISSUE)
    assert (series.pixel_spacing, series.calibration) == ((0.2, 0.3), Calibration.PATIENT)
    assert measured(series, DISTANCE, (10, 10), (40, 10)).lines == ("6.00 mm",)
    assert measured(series, DISTANCE, (10, 10), (70, 10)).lines == ("60.0 px", "(outside the calibrated regions)")


def test_the_edge_of_a_region_belongs_to_it(tmp_path: Path) -> None:
    assert lines(tmp_path, (TISSUE,), DISTANCE, (-0.5, 0), (59.5, 0)) == ("12.0 mm",)
    assert lines(tmp_path, (TISSUE,), DISTANCE, (-0.6, 0), (59.5, 0))[-1].startswith("(outside")


def test_two_pictures_side_by_side_have_no_length_between_them(tmp_path: Path) -> None:
    left, right = phantoms.us_region((0, 0, 49, 59)), phantoms.us_region((50, 0, 99, 59))
    assert lines(tmp_path, (left, right), DISTANCE, (10, 10), (10, 30)) == ("6.00 mm",)
    assert lines(tmp_path, (left, right), DISTANCE, (10, 30), (10, 70))[-1] == "(across two regions)"


def test_a_colour_box_has_the_scale_of_the_tissue_around_it(tmp_path: Path) -> None:
    box = phantoms.us_region((20, 20, 40, 40), deltas=(0.03, 0.02))
    assert lines(tmp_path, (TISSUE, box), DISTANCE, (5, 30), (30, 30)) == ("5.00 mm",)


def test_where_regions_overlap_priority_decides_then_the_smaller(tmp_path: Path) -> None:
    inset = phantoms.us_region((20, 20, 40, 40), deltas=(0.1, 0.1))
    assert lines(tmp_path, (TISSUE, inset), DISTANCE, (25, 25), (25, 35)) == ("10.0 mm",)
    below = phantoms.us_region((20, 20, 40, 40), deltas=(0.1, 0.1), low_priority=True)
    assert lines(tmp_path, (TISSUE, below), DISTANCE, (25, 25), (25, 35)) == ("3.00 mm",)


def test_a_region_without_units_gives_pixels(tmp_path: Path) -> None:
    graphics = phantoms.us_region((0, 60, 99, 99), (0, 0), (0, 0), 5)
    assert lines(tmp_path, (TISSUE, graphics), DISTANCE, (70, 10), (70, 30)) == (
        "20.0 px",
        "(the region has no calibration)",
    )


def test_a_lone_spectrum_is_named(tmp_path: Path) -> None:
    (warning,) = opened(tmp_path, SPECTRUM).warnings
    assert warning == "The ultrasound region is calibrated in s × cm/s: a measurement says both directions."
