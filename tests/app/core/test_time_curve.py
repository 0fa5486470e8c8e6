"""Curves over time against values that are known point by point."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import numpy as np
import pytest

from app.core.document import Measurement, MeasurementKind, Place
from app.core.time_curve import csv_bytes, time_curve, why_no_curve
from app.dicom.index import index
from app.dicom.load import SeriesPixels, load
from app.dicom.model import Series
from app.dicom.scan import scan
from inference.types import Cancelled
from tests import phantoms, phantoms_4d


def opened(paths: list[Path]) -> tuple[Series, SeriesPixels]:
    (series,) = index(scan(paths)).series()
    return series, load(series)


@pytest.fixture
def beating(tmp_path: Path) -> tuple[Series, SeriesPixels]:
    """Four phases of three slices, 50 ms apart; pixel (0, 0) of slice k is 1000 + 100·phase + 10·k, less 1024."""
    return opened(phantoms_4d.series(tmp_path, TriggerTime=lambda p, k: 50.0 * p))


def corner(series: Series, at: int, *, wide: int = 0) -> Measurement:
    return Measurement("m", MeasurementKind.RECTANGLE, Place.of(series, at), ((0, 0), (0, wide)), name="Ventricle")


@pytest.mark.parametrize("k", [0, 2])
def test_each_point_is_the_mean_at_that_place(beating, k: int) -> None:
    series, pixels = beating
    assert series.axis is not None
    at = series.axis.at(k, 1)
    assert at is not None
    curve = time_curve(corner(series, at), series, at, pixels)
    assert curve.mean.tolist() == [phantoms_4d.value(p, k) - 1024 for p in range(4)]
    assert curve.sd.tolist() == [0, 0, 0, 0]
    assert curve.at == pytest.approx([0, 0.05, 0.1, 0.15])
    assert curve.at_label == "Time (s)"
    assert [series.axis.place(frame) for frame in curve.indices] == [(k, p) for p in range(4)]
    assert curve.nearest(0.11) == series.axis.at(k, 2)


def test_sd_is_that_of_the_sample(beating) -> None:
    series, pixels = beating
    curve = time_curve(corner(series, 0, wide=4), series, 0, pixels)
    for point, frame in enumerate(curve.indices):
        values = pixels.pipeline(frame).modality(pixels.stored[frame][0, :5]).astype(float)
        assert curve.mean[point] == pytest.approx(values.mean())
        assert curve.sd[point] == pytest.approx(values.std(ddof=1))
        assert curve.pixels[point] == 5


def test_a_place_that_lacks_a_point_has_a_gap_and_no_zero(tmp_path: Path) -> None:
    series, pixels = opened(phantoms_4d.series(tmp_path, missing=[(2, 1)], TriggerTime=lambda p, k: 50.0 * p))
    assert series.axis is not None
    at = series.axis.at(1, 0)
    assert at is not None
    curve = time_curve(corner(series, at), series, at, pixels)
    assert curve.at == pytest.approx([0, 0.05, 0.15])
    assert len(curve.indices) == 3


def test_frames_that_have_not_arrived_are_no_number(beating) -> None:
    series, _ = beating
    curve = time_curve(corner(series, 0), series, 0, SeriesPixels(series))
    assert np.isnan(curve.mean).all()
    assert "nan" not in csv_bytes(curve).decode("utf-8-sig")


def test_a_cine_counts_by_its_frame_time(tmp_path: Path) -> None:
    series, pixels = opened(phantoms_4d.enhanced_xa(tmp_path / "xa.dcm", frames=4))
    curve = time_curve(corner(series, 0), series, 0, pixels)
    step = series.frame_time_ms
    assert step is not None
    assert curve.at == pytest.approx(np.arange(4) * step / 1000)
    assert curve.mean.tolist() == [float(pixels.pipeline(i).modality(pixels.stored[i][:1, :1])[0, 0]) for i in range(4)]


def test_what_has_nothing_to_follow_says_why(tmp_path: Path) -> None:
    ct, pixels = opened(phantoms.ct(tmp_path / "ct"))
    assert why_no_curve(ct) == "the series has one image at each place"
    with pytest.raises(ValueError, match="one image at each place"):
        time_curve(corner(ct, 0), ct, 0, pixels)
    colour, _ = opened(phantoms.cine(tmp_path / "cine.dcm"))
    assert "colours" in why_no_curve(colour)
    assert why_no_curve(None)


def test_the_table_holds_the_curve(beating) -> None:
    series, pixels = beating
    curve = time_curve(corner(series, 0), series, 0, pixels)
    rows = list(csv.reader(io.StringIO(csv_bytes(curve).decode("utf-8-sig"))))
    assert rows[0] == ["Frame", "Time (s)", "Mean", "SD", "Pixels"]
    assert [float(row[1]) for row in rows[1:]] == pytest.approx([0, 0.05, 0.1, 0.15])
    assert [float(row[2]) for row in rows[1:]] == pytest.approx(curve.mean.tolist())


def test_it_can_be_cancelled(beating) -> None:
    series, pixels = beating

    def tick(fraction: float) -> None:
        if fraction > 0.4:
            raise Cancelled

    with pytest.raises(Cancelled):
        time_curve(corner(series, 0), series, 0, pixels, tick)
