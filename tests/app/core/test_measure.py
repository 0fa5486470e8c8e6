"""Measurements against analytic answers and plain numpy, and units that follow the calibration."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.core.document import Measurement, MeasurementKind, Place
from app.core.measure import angle, measure, probe, region
from app.core.scale import scale_of
from app.dicom.index import index
from app.dicom.load import SeriesPixels, load
from app.dicom.model import Series
from app.dicom.scan import scan
from inference.volume import Calibration
from tests import phantoms
from tests.app.core import made_series


def opened(folder, **options) -> tuple[Series, SeriesPixels]:
    (series,) = index(scan(phantoms.ct(folder, **options))).series()
    return series, load(series)


def drawn(series: Series, kind: MeasurementKind, *points: tuple[float, float]) -> Measurement:
    return Measurement("m", kind, Place.of(series, 0), points)


def test_a_distance_counts_rows_and_columns_each_with_its_own_spacing() -> None:
    series = made_series.series(spacing=(0.5, 0.25))
    measured = measure(drawn(series, MeasurementKind.DISTANCE, (0, 0), (6, 16)), series, 0, pixels=None)  # type: ignore[arg-type]
    assert measured.values["Length"].value == pytest.approx(5.0)
    assert measured.lines == ("5.00 mm",)


@pytest.mark.parametrize(
    ("calibration", "spacing", "line"),
    [
        (Calibration.NONE, None, "10.0 px"),
        (Calibration.DETECTOR, (0.2, 0.2), "2.00 mm at detector"),
        (Calibration.PATIENT, (0.2, 0.2), "2.00 mm"),
    ],
)
def test_units_never_claim_more_than_the_file_knows(calibration, spacing, line) -> None:
    series = made_series.series(spacing=spacing, calibration=calibration)
    assert measure(drawn(series, MeasurementKind.DISTANCE, (3, 4), (9, 12)), series, 0, None).lines == (line,)  # type: ignore[arg-type]


@given(st.floats(0.5, 179.5), st.floats(0, 360), st.floats(0.2, 3), st.floats(0.2, 3))
def test_an_angle_drawn_in_millimetres_is_that_angle(wanted: float, turn: float, rows: float, columns: float) -> None:
    series = made_series.series(spacing=(rows, columns))
    directions = np.radians([turn, turn + wanted])
    ends = [(float(8 * np.sin(a) / rows), float(8 * np.cos(a) / columns)) for a in directions]
    points = (ends[0], (0.0, 0.0), ends[1])
    assert angle(scale_of(series, 0, points), points) == pytest.approx(wanted, abs=1e-6)


@given(
    st.sampled_from([MeasurementKind.RECTANGLE, MeasurementKind.ELLIPSE]),
    st.lists(st.tuples(st.floats(-10, 40), st.floats(-10, 60)), min_size=2, max_size=2),
)
def test_the_mask_is_the_pixels_whose_centre_is_inside(kind: MeasurementKind, points) -> None:
    series = made_series.series(rows=23, columns=38)
    rows, columns, mask = region(drawn(series, kind, *points), 23, 38)
    whole = np.zeros((23, 38), bool)
    whole[rows, columns] = mask
    (r0, c0), (r1, c1) = points
    for r in range(23):
        for c in range(38):
            inside = min(r0, r1) <= r <= max(r0, r1) and min(c0, c1) <= c <= max(c0, c1)
            if kind is MeasurementKind.ELLIPSE and inside:
                a, b = max(abs(r1 - r0) / 2, 1e-9), max(abs(c1 - c0) / 2, 1e-9)
                inside = ((r - (r0 + r1) / 2) / a) ** 2 + ((c - (c0 + c1) / 2) / b) ** 2 <= 1
            assert whole[r, c] == inside


def test_statistics_are_those_of_numpy_on_the_same_pixels(tmp_path) -> None:
    series, pixels = opened(tmp_path)
    measured = measure(drawn(series, MeasurementKind.RECTANGLE, (2, 3), (9.4, 20.9)), series, 1, pixels)
    inside = pixels.modality(1)[2:10, 3:21].astype(np.float64)
    values = {name: measured.values[name].value for name in ("Mean", "SD", "Min", "Max", "Pixels")}
    assert values == pytest.approx(
        {"Mean": inside.mean(), "SD": inside.std(ddof=1), "Min": inside.min(), "Max": inside.max(), "Pixels": 144}
    )
    rows, columns = series.pixel_spacing or (0, 0)
    assert measured.values["Area"].value == pytest.approx(7.4 * rows * 17.9 * columns)
    assert measured.values["Mean"].unit == "HU"
    assert any("HU" in line for line in measured.lines)


def test_a_shape_off_the_image_has_an_area_and_no_statistics(tmp_path) -> None:
    series, pixels = opened(tmp_path)
    measured = measure(drawn(series, MeasurementKind.ELLIPSE, (-20, -20), (-5, -5)), series, 0, pixels)
    assert set(measured.values) == {"Area"}


def test_the_probe_names_the_pixel_its_value_and_the_unit(tmp_path) -> None:
    series, pixels = opened(tmp_path)
    value = pixels.modality(2)[5, 7]
    text = probe(series, 2, pixels, 5.4, 6.6)
    assert text == f"x 7  y 5   {value:.0f} HU".replace("-", "\u2212")
    assert probe(series, 2, pixels, -0.6, 3) == ""
    assert probe(series, 2, SeriesPixels(series), 5, 7) == "", "a frame that has not arrived says nothing"


def test_padding_is_no_tissue(tmp_path) -> None:
    series, pixels = opened(tmp_path, PixelPaddingValue=phantoms.CORNER)
    measured = measure(drawn(series, MeasurementKind.RECTANGLE, (0, 0), (1, 1)), series, 0, pixels)
    assert measured.values["Pixels"].value == 3
    assert probe(series, 0, pixels, 0, 0).endswith("padding")


def test_uncalibrated_areas_are_in_pixels(tmp_path) -> None:
    series, pixels = opened(tmp_path)
    bare = replace(series, pixel_spacing=None, calibration=Calibration.NONE)
    measured = measure(drawn(bare, MeasurementKind.RECTANGLE, (0, 0), (10, 20)), bare, 0, pixels)
    assert (measured.values["Area"].value, measured.values["Area"].unit) == (200, "px²")
