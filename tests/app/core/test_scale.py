"""Calibration by hand: what a pixel is worth afterwards, where it holds, and where it must not."""

from __future__ import annotations

from pathlib import Path

import pytest

from app.core.document import Document, HandCalibration, Measurement, MeasurementKind, Place
from app.core.measure import measure
from app.core.scale import calibrated_by, scale_of
from app.dicom.load import load
from inference.volume import Calibration
from tests import phantoms
from tests.app.core import made_series
from tests.app.dicom.helpers import one_series

LINE = ((0.0, 0.0), (3.0, 8.0))


def by(series, length: float, *, whole: bool = False, index: int = 0, points=LINE, identifier: str = "c"):
    return calibrated_by(identifier, series, Place.of(series, index), points, length, whole_stack=whole)


@pytest.mark.parametrize("calibration", [Calibration.PATIENT, Calibration.DETECTOR])
def test_a_pixel_keeps_its_shape_and_the_line_its_length(calibration: Calibration) -> None:
    # 3 rows of 0.5 and 8 columns of 0.25 mm: a line of 2.5 mm, said to be 10.
    series = made_series.series(spacing=(0.5, 0.25), calibration=calibration)
    found = by(series, 10.0)
    assert found.spacing == pytest.approx((2.0, 1.0))
    scale = scale_of(series, 0, LINE, found)
    assert scale.distance(*LINE) == pytest.approx(10)
    assert (scale.unit, scale.square_unit) == ("mm, calibrated by hand", "mm², calibrated by hand")


def test_where_the_file_knows_nothing_pixels_are_square() -> None:
    series = made_series.series(spacing=None, calibration=Calibration.NONE)
    assert by(series, 30.0, points=((0, 0), (6, 8))).spacing == pytest.approx((3, 3))


@pytest.mark.parametrize(("points", "length"), [(LINE, 0.0), (LINE, -1), (LINE, float("nan")), (((1, 1), (1, 1)), 5)])
def test_nothing_calibrates_nothing(points, length: float) -> None:
    with pytest.raises(ValueError, match="longer than nothing"):
        by(made_series.series(), length, points=points)


def test_the_images_own_goes_before_the_stacks() -> None:
    series = made_series.series()
    whole, own = by(series, 10, whole=True), by(series, 20, index=1, identifier="d")
    document = Document().with_calibration(whole).with_calibration(own)
    assert document.calibration_of(Place.of(series, 0)) == whole
    assert document.calibration_of(Place.of(series, 1)) == own
    assert document.calibration_of(Place.of(made_series.series("1.9"), 0)) is None
    again = by(series, 5, index=1, identifier="e")
    assert document.with_calibration(again).calibrations == (whole, again)
    everywhere = by(series, 7, whole=True, identifier="f")
    assert document.with_calibration(everywhere).calibrations == (everywhere,), "the last word counts for all"
    assert document.without_calibration("d").calibration_of(Place.of(series, 1)) == whole


@pytest.mark.parametrize("spacing", [(0.0, 1.0), (-1.0, 1.0), (float("inf"), 1.0)])
def test_a_calibration_is_whole_or_not_at_all(spacing: tuple[float, float]) -> None:
    with pytest.raises(ValueError, match="positive and finite"):
        HandCalibration("c", Place.of(made_series.series(), 0), LINE, 5.0, spacing)


def test_in_ultrasound_a_line_speaks_for_its_own_scale_alone(tmp_path: Path) -> None:
    tissue = phantoms.us_region((0, 0, 99, 39), deltas=(0.03, 0.02))
    other = phantoms.us_region((0, 40, 99, 69), deltas=(0.06, 0.04))
    spectrum = phantoms.us_region((0, 70, 99, 99), (4, 7), (0.004, -1.5), 3)
    paths = phantoms.cine(
        tmp_path / "us.dcm", shape=(120, 110), frames=1, SequenceOfUltrasoundRegions=[tissue, other, spectrum]
    )
    series = one_series(*paths)
    pixels = load(series)
    found = by(series, 12.0, points=((10, 10), (10, 30)))

    def said(row: float) -> tuple[str, ...]:
        drawn = Measurement("m", MeasurementKind.DISTANCE, Place.of(series, 0), ((row, 10), (row, 20)))
        return measure(drawn, series, 0, pixels, found).lines

    assert said(20) == ("6.00 mm", "calibrated by hand")
    assert said(50) == ("6.00 mm",), "ten columns of 0.6 mm, as the file has it"
    assert said(80)[0].endswith("s horizontally")
    assert said(110) == ("10.0 px", "(outside the calibrated regions)")
    with pytest.raises(ValueError, match="both directions are lengths"):
        by(series, 12.0, points=((80, 10), (80, 30)))
