"""Real-world values against plain arithmetic, said beside modality values and never in their place."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest
from pydicom import Dataset

from app.core.document import Measurement, MeasurementKind, Place
from app.core.measure import measure, probe
from app.dicom.load import SeriesPixels, load
from tests import phantoms
from tests.app.dicom.helpers import all_series, opened


def coded(value: str, meaning: str, scheme: str = "UCUM") -> Dataset:
    item = Dataset()
    item.CodeValue, item.CodingSchemeDesignator, item.CodeMeaning = value, scheme, meaning
    return item


def mapping(
    slope: float = 0.5,
    intercept: float = 10.0,
    *,
    first: int = 0,
    last: int = 4095,
    unit: tuple[str, str] = ("ms", "millisecond"),
    table: list[float] | None = None,
    quantity: str = "",
    label: str = "T1 map",
    signed: bool = False,
) -> Dataset:
    """An item of a Real World Value Mapping Sequence."""
    item = Dataset()
    item.LUTLabel, item.LUTExplanation = label, label
    vr = "SS" if signed else "US"
    item.add_new(0x00409216, vr, first)
    item.add_new(0x00409211, vr, last)
    item.MeasurementUnitsCodeSequence = [coded(*unit)]
    if table is None:
        item.RealWorldValueSlope, item.RealWorldValueIntercept = slope, intercept
    else:
        item.RealWorldValueLUTData = table
    if quantity:
        content = Dataset()
        content.ValueType = "CODE"
        content.ConceptNameCodeSequence = [coded("246205007", "Quantity", "SCT")]
        content.ConceptCodeSequence = [coded("x", quantity, "99")]
        item.QuantityDefinitionSequence = [content]
    return item


def with_maps(folder: Path, *items: Dataset, **attributes: Any) -> tuple[Any, SeriesPixels]:
    return opened(*phantoms.ct(folder, shape=(1, 23, 38), RealWorldValueMappingSequence=list(items), **attributes))


def test_a_linear_mapping_takes_stored_values_not_rescaled_ones(tmp_path: Path) -> None:
    series, pixels = with_maps(tmp_path, mapping(quantity="T1"))
    (one,) = pixels.pipeline(0).real_world
    np.testing.assert_allclose(one.values(pixels.stored[0]), phantoms.ct_values()[0] * 0.5 + 10.0)
    assert (one.unit, one.name) == ("ms", "T1")
    # Row 2, column 5: stored 25, −999 HU, 22.5 ms.
    assert probe(series, 0, pixels, 2, 5) == "x 5  y 2   \u2212999 HU   = 22.5 ms (T1)"


def test_a_mapping_ends_where_it_says(tmp_path: Path) -> None:
    series, pixels = with_maps(tmp_path, mapping(first=20, last=25))
    (one,) = pixels.pipeline(0).real_world
    stored = phantoms.ct_values()[0]
    expected = np.where((stored >= 20) & (stored <= 25), stored * 0.5 + 10.0, np.nan)
    np.testing.assert_allclose(one.values(pixels.stored[0]), expected)
    assert "=" in probe(series, 0, pixels, 2, 5)
    assert "=" not in probe(series, 0, pixels, 2, 6)


def test_a_table_maps_value_by_value(tmp_path: Path) -> None:
    table = [float(np.sqrt(i)) for i in range(100)]
    _, pixels = with_maps(tmp_path, mapping(first=10, last=2000, table=table, unit=("mm2/s", "")))
    (one,) = pixels.pipeline(0).real_world
    values = one.values(pixels.stored[0])
    # The table is shorter than its range: beyond it nothing is claimed.
    assert values[1, 0] == 0.0
    assert values[10, 9] == pytest.approx(np.sqrt(99))
    assert np.isnan(values[11, 0])
    assert np.isnan(values[0, 9])


def test_signed_limits_are_signed(tmp_path: Path) -> None:
    voxels = (phantoms.ct_values((1, 23, 38)) - 100).astype(np.int16)
    _, pixels = with_maps(tmp_path, mapping(first=-100, last=-90, signed=True), voxels=voxels, PixelRepresentation=1)
    (one,) = pixels.pipeline(0).real_world
    assert np.isfinite(one.values(pixels.stored[0])).sum() == ((voxels >= -100) & (voxels <= -90)).sum()


def test_several_mappings_are_all_said(tmp_path: Path) -> None:
    series, pixels = with_maps(tmp_path, mapping(quantity="T1"), mapping(2.0, 0.0, unit=("Hz", "hertz"), label="Rate"))
    assert probe(series, 0, pixels, 2, 5).endswith("= 22.5 ms (T1)   = 50.0 Hz (Rate)")


def test_statistics_say_both(tmp_path: Path) -> None:
    series, pixels = with_maps(tmp_path, mapping(quantity="T1", last=75))
    box = Measurement("m", MeasurementKind.RECTANGLE, Place.of(series, 0), ((3.0, 2.0), (7.0, 9.0)))
    measured = measure(box, series, 0, pixels)
    inside = phantoms.ct_values()[0][3:8, 2:10].astype(np.float64)
    assert measured.values["Mean"].value == pytest.approx(inside.mean() - 1024)
    reached = inside[inside <= 75] * 0.5 + 10.0
    assert measured.values["Mean (T1)"].value == pytest.approx(reached.mean())
    assert measured.values["SD (T1)"].value == pytest.approx(reached.std(ddof=1))
    assert measured.values["Mean (T1)"].unit == "ms"
    assert measured.lines[-1].startswith(f"Mean (T1) {reached.mean():.1f} ms")


@pytest.mark.parametrize(
    "item",
    [
        mapping(1.0, -1024.0, unit=("[hnsf'U]", "Hounsfield unit"), label="HU"),
        mapping(1.0, -1024.0, unit=("1", "no units"), label="Maker"),
    ],
)
def test_what_the_rescale_says_already_is_not_said_twice(tmp_path: Path, item: Dataset) -> None:
    series, pixels = with_maps(tmp_path, item)
    assert pixels.pipeline(0).real_world == ()
    assert probe(series, 0, pixels, 2, 5) == "x 5  y 2   \u2212999 HU"


@pytest.mark.parametrize(
    ("code", "unit"),
    [
        (("g/ml{SUVbw}", ""), "SUVbw"),
        (("{counts}", ""), "counts"),
        (("um2/s", ""), "um2/s"),
        (("1", "no units"), ""),
        (("x", "blobs", "99LOCAL"), "blobs"),
    ],
)
def test_units_read_as_people_write_them(tmp_path: Path, code: tuple[str, ...], unit: str) -> None:
    item = mapping()
    item.MeasurementUnitsCodeSequence = [coded(*code)]
    _, pixels = with_maps(tmp_path, item)
    assert pixels.pipeline(0).real_world[0].unit == unit


@pytest.mark.parametrize("broken", ["slope", "limits", "table without first"])
def test_a_mapping_that_makes_no_sense_is_left_out(tmp_path: Path, broken: str) -> None:
    item = mapping(first=9, last=3) if broken == "limits" else mapping(table=[1.0, 2.0] if "table" in broken else None)
    if broken == "slope":
        del item.RealWorldValueSlope
    if broken == "table without first":
        del item[0x00409216]
    _, pixels = with_maps(tmp_path, item)
    assert pixels.pipeline(0).real_world == ()


def test_a_frame_has_its_own_mapping_and_the_shared_one_fills_in(tmp_path: Path) -> None:
    (path,) = phantoms.enhanced_ct(tmp_path / "e.dcm")
    dataset = pydicom.dcmread(path)
    dataset.SharedFunctionalGroupsSequence[0].RealWorldValueMappingSequence = [mapping(3.0, 0.0)]
    dataset.PerFrameFunctionalGroupsSequence[1].RealWorldValueMappingSequence = [mapping(7.0, 0.0)]
    dataset.save_as(path)
    series, pixels = opened(path)
    slopes = {series.frames[index].frame: pixels.pipeline(index).real_world[0].slope for index in range(3)}
    assert slopes == {0: 3.0, 1: 7.0, 2: 3.0}


def test_philips_field_map_is_in_hertz(shared_data: Path) -> None:
    root = shared_data / "enhanced-mr" / "In" / "Philips"
    if not root.is_dir():
        pytest.skip(f"no {root}")
    found = {}
    for series in all_series(root):
        if len(series.frames) != 32:
            continue
        pixels = load(series)
        header = pydicom.dcmread(series.instances[0].path)
        for index in (0, 17):
            frame = series.frames[index].frame
            item = header.PerFrameFunctionalGroupsSequence[frame].RealWorldValueMappingSequence[0]
            plain = header.pixel_array[frame] * float(item.RealWorldValueSlope) + float(item.RealWorldValueIntercept)
            for one in pixels.pipeline(index).real_world:
                np.testing.assert_allclose(one.values(pixels.stored[index]), plain)
        found[series.stack] = [one.unit for one in pixels.pipeline(0).real_world]
        text = probe(series, 17, pixels, 30, 30)
        assert text.endswith("Hz (Philips)") == bool(found[series.stack])
    # The magnitude's mapping says what its rescale says; the field map's has a unit that its rescale lacks.
    assert sorted(found.values()) == [[], ["Hz"]]
