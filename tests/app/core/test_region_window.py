"""A window from a region, against numpy on the same pixels."""

from pathlib import Path

import numpy as np
import pytest

from app.core.document import Measurement, MeasurementKind, Place
from app.core.measure import region_values
from app.core.region_window import HIGH_PERCENTILE, LOW_PERCENTILE, region_window
from app.dicom.index import index
from app.dicom.load import SeriesPixels, load
from app.dicom.model import Series
from app.dicom.scan import scan
from tests import phantoms


@pytest.fixture
def ct(tmp_path: Path) -> tuple[Series, SeriesPixels]:
    (series,) = index(scan(phantoms.ct(tmp_path / "ct"))).series()
    return series, load(series)


def box(series: Series, at: int, *points: tuple[float, float], kind=MeasurementKind.RECTANGLE) -> Measurement:
    return Measurement("m", kind, Place.of(series, at), points)


def test_the_ramp_runs_between_the_percentiles_of_the_region(ct) -> None:
    series, pixels = ct
    drawn = box(series, 1, (3, 4), (12, 20))
    window = region_window(drawn, series, 1, pixels)
    values = pixels.pipeline(1).modality(pixels.stored[1][3:13, 4:21])
    low, high = np.percentile(values, [LOW_PERCENTILE, HIGH_PERCENTILE])
    assert window is not None
    # LINEAR, PS3.3 C.11.2.1.2.1: black up to c − 0.5 − (w − 1)/2, white from c − 0.5 + (w − 1)/2 on.
    assert window.center - 0.5 - (window.width - 1) / 2 == pytest.approx(low)
    assert window.center - 0.5 + (window.width - 1) / 2 == pytest.approx(high)


def test_an_ellipse_counts_only_what_lies_inside(ct) -> None:
    series, pixels = ct
    drawn = box(series, 0, (2, 2), (10, 18), kind=MeasurementKind.ELLIPSE)
    values = region_values(drawn, series, 0, pixels)
    rows, columns = np.mgrid[:23, :38]
    inside = ((rows - 6) / 4) ** 2 + ((columns - 10) / 8) ** 2 <= 1
    assert values is not None
    assert np.array_equal(np.sort(values), np.sort(pixels.pipeline(0).modality(pixels.stored[0])[inside]))


def test_one_value_gives_no_window(ct) -> None:
    series, pixels = ct
    assert region_window(box(series, 0, (3, 3), (3, 3)), series, 0, pixels) is None
    assert region_window(box(series, 0, (-9, -9), (-5, -5)), series, 0, pixels) is None


def test_colour_has_none(tmp_path: Path) -> None:
    (series,) = index(scan(phantoms.cine(tmp_path / "cine.dcm"))).series()
    assert region_window(box(series, 0, (3, 3), (9, 9)), series, 0, load(series)) is None
