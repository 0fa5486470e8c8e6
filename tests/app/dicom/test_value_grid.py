"""Doses and parametric maps: what their values mean and where they lie (app/dicom/value_grid.py)."""

from __future__ import annotations

from pathlib import Path

import highdicom
import numpy as np
import pydicom
import pytest
from pydicom.data import get_testdata_file
from pydicom.sr.codedict import codes

from app.core.attachments import attachments
from app.core.objects import layer_of
from app.core.wash import Wash
from app.dicom.index import index
from app.dicom.scan import scan
from app.dicom.value_grid import read_values
from app.errors import UnreadableFile
from tests import phantoms
from tests.app.report.answers import open_series
from tests.made_objects import dose

_STORED = (np.arange(4 * 5 * 6).reshape(4, 5, 6) * 7).astype(np.uint16)
_HEIGHTS = np.array([0.0, 2.0, 5.0, 9.0])


def _dose(path: Path, offsets: object, **attributes: object) -> Path:
    words = {"frame_of_reference": "1.2.3", "origin": (1.0, -2.0, 40.0), "spacing": (2.0, 3.0), **attributes}
    return dose(path, _STORED, offsets, **words)  # type: ignore[arg-type]


@pytest.mark.parametrize("bits", [np.uint16, np.uint32])
def test_dose_is_stored_value_times_scaling(tmp_path: Path, bits: type) -> None:
    path = dose(tmp_path / "d", _STORED.astype(bits), _HEIGHTS, frame_of_reference="1.2.3", origin=(0, 0, 0),
                spacing=(2.0, 3.0), scaling=0.0125)  # fmt: skip
    grid = read_values(path)
    for k in range(4):
        np.testing.assert_allclose(grid.values(k), _STORED[k] * 0.0125, rtol=1e-6)
    assert (grid.unit, grid.quantity, grid.spacing) == ("Gy", "Dose, plan", (2.0, 3.0))
    assert grid.stored.dtype == bits


@pytest.mark.parametrize("form", ["relative", "absolute"])
@pytest.mark.parametrize("down", [False, True])
def test_offsets_are_relative_or_patient_coordinates(tmp_path: Path, form: str, down: bool) -> None:
    """Both forms of Grid Frame Offset Vector, for planes that go up and down (C.8.8.3.2)."""
    offsets = -_HEIGHTS if down else _HEIGHTS
    grid = read_values(_dose(tmp_path / "d", offsets if form == "relative" else offsets + 40.0))
    order = np.argsort(offsets)
    np.testing.assert_allclose(grid.positions[:, 2], 40.0 + offsets[order])
    np.testing.assert_allclose(grid.positions[:, :2], [(1.0, -2.0)] * 4)
    np.testing.assert_array_equal(grid.stored, _STORED[order])
    assert grid.notes == ()


def test_patient_coordinates_of_planes_that_face_the_feet(tmp_path: Path) -> None:
    prone = (-1.0, 0.0, 0.0, 0.0, 1.0, 0.0)
    for offsets in (_HEIGHTS, 40.0 - _HEIGHTS):
        # The normal points to the feet: a relative offset of 2 and a patient coordinate of 38 are one plane.
        grid = read_values(_dose(tmp_path / "d", offsets, orientation=prone))
        np.testing.assert_allclose(grid.positions[:, 2], 40.0 - _HEIGHTS)
        np.testing.assert_array_equal(grid.stored, _STORED)


def test_offsets_along_an_oblique_normal(tmp_path: Path) -> None:
    grid = read_values(_dose(tmp_path / "d", _HEIGHTS, orientation=phantoms.OBLIQUE))
    normal = np.cross(phantoms.OBLIQUE[:3], phantoms.OBLIQUE[3:])
    np.testing.assert_allclose(grid.positions, np.array([1.0, -2.0, 40.0]) + _HEIGHTS[:, None] * normal)


def test_offsets_that_begin_elsewhere_are_named(tmp_path: Path) -> None:
    grid = read_values(_dose(tmp_path / "d", _HEIGHTS + 7.0))
    np.testing.assert_allclose(grid.positions[:, 2], 40.0 + _HEIGHTS)
    assert "begin neither" in grid.notes[0]


def test_relative_dose_has_no_gray(tmp_path: Path) -> None:
    assert read_values(_dose(tmp_path / "d", _HEIGHTS, DoseUnits="RELATIVE")).unit == ""


@pytest.mark.parametrize(
    ("attributes", "why"),
    [
        ({"DoseGridScaling": ""}, "Dose Grid Scaling"),
        ({"ImagePositionPatient": []}, "where its dose lies"),
        ({"GridFrameOffsetVector": ["0", "1"]}, "places for 2"),
    ],
)
def test_what_cannot_be_placed_or_scaled_is_refused(tmp_path: Path, attributes: dict[str, object], why: str) -> None:
    with pytest.raises(UnreadableFile, match=why):
        read_values(_dose(tmp_path / "d", _HEIGHTS, **attributes))


def test_a_public_dose_equals_pydicoms() -> None:
    path = Path(str(get_testdata_file("rtdose.dcm", download=False)))
    dataset = pydicom.dcmread(path)
    grid = read_values(path)
    expected = dataset.pixel_array * float(dataset.DoseGridScaling)
    np.testing.assert_allclose([grid.values(k) for k in range(len(grid.stored))], expected, rtol=1e-6)
    z = float(dataset.ImagePositionPatient[2]) + np.array(dataset.GridFrameOffsetVector, dtype=float)
    np.testing.assert_allclose(grid.positions[:, 2], z)


@pytest.mark.parametrize("stored", [np.float32, np.float64, np.uint16])
def test_a_parametric_map_by_highdicom(tmp_path: Path, stored: type) -> None:
    phantoms.ct(tmp_path / "ct", orientation=phantoms.OBLIQUE)
    _, series = open_series(tmp_path / "ct")
    values = (np.arange(3 * 23 * 38).reshape(3, 23, 38) % 997).astype(stored)
    whole = stored is np.uint16
    mapping = highdicom.pm.RealWorldValueMapping(
        lut_label="ADC",
        lut_explanation="Diffusion",
        unit=codes.UCUM.SquareMicrometerPerSecond,
        value_range=(0, 4095) if whole else (0.0, 4095.0),
        slope=0.5 if whole else 2.0,
        intercept=10.0,
        quantity_definition=codes.DCM.ApparentDiffusionCoefficient,
    )
    window = highdicom.VOILUTTransformation(window_center=100, window_width=200)
    headers = [instance.header for instance in series.instances]
    highdicom.pm.ParametricMap(
        headers, values, highdicom.UID(), 1, highdicom.UID(), 1, "M", "M", "1", "1",
        contains_recognizable_visual_features=False, real_world_value_mappings=[mapping],
        voi_lut_transformations=[window], content_label="ADC_MAP",
    ).save_as(tmp_path / "map.dcm")  # fmt: skip
    opened = index(scan([tmp_path]))
    # It is a series of its own, and lies over the images that it was made from.
    assert sorted(one.modality for one in opened.series()) == ["CT", "OT"]
    (attachment,) = attachments(opened)
    assert (attachment.object.label, attachment.series_uids) == ("ADC_MAP", (series.uid,))
    grid = read_values(tmp_path / "map.dcm")
    assert (grid.unit, grid.quantity) == ("µm²/s", "Apparent Diffusion Coefficient")
    assert series.positions is not None
    np.testing.assert_allclose(grid.positions, series.positions, atol=1e-6)
    for k in range(3):
        np.testing.assert_allclose(grid.values(k), values[k] * (0.5 if whole else 2.0) + 10.0, rtol=1e-6)


def test_a_parametric_map_by_a_table_has_its_values_and_its_unit(tmp_path: Path) -> None:
    phantoms.ct(tmp_path / "ct", orientation=phantoms.OBLIQUE)
    _, series = open_series(tmp_path / "ct")
    values = (np.arange(3 * 23 * 38).reshape(3, 23, 38) % 300).astype(np.uint16)
    table = np.sqrt(np.arange(256)) * 100
    mapping = highdicom.pm.RealWorldValueMapping(
        lut_label="ADC",
        lut_explanation="Diffusion",
        unit=codes.UCUM.SquareMicrometerPerSecond,
        value_range=(0, 255),
        lut_data=table,
        quantity_definition=codes.DCM.ApparentDiffusionCoefficient,
    )
    window = highdicom.VOILUTTransformation(window_center=100, window_width=200)
    headers = [instance.header for instance in series.instances]
    highdicom.pm.ParametricMap(
        headers, values, highdicom.UID(), 1, highdicom.UID(), 1, "M", "M", "1", "1",
        contains_recognizable_visual_features=False, real_world_value_mappings=[mapping],
        voi_lut_transformations=[window], content_label="ADC_MAP",
    ).save_as(tmp_path / "map.dcm")  # fmt: skip
    grid = read_values(tmp_path / "map.dcm")
    assert (grid.unit, grid.quantity) == ("µm²/s", "Apparent Diffusion Coefficient")
    for k in range(3):
        # What the table does not reach has no value.
        expected = np.where(values[k] < 256, table[np.minimum(values[k], 255)], np.nan)
        np.testing.assert_allclose(grid.values(k), expected, rtol=1e-6)
    (attachment,) = attachments(index(scan([tmp_path])))
    wash = layer_of(attachment.object, series)
    assert isinstance(wash, Wash)
    assert 0 <= wash.low < wash.high <= table.max()


def test_other_files_are_refused_with_their_name(tmp_path: Path) -> None:
    phantoms.radiograph(tmp_path / "a.dcm")
    for path in (tmp_path / "a.dcm", tmp_path / "missing", *phantoms.hostile(tmp_path / "bad").values()):
        with pytest.raises(UnreadableFile) as raised:
            read_values(path)
        assert str(path) in str(raised.value)


def test_a_mapping_that_comes_apart_is_said_not_to_be_used(tmp_path: Path) -> None:
    from tests.made_objects import stored

    phantoms.ct(tmp_path / "ct")
    stored(tmp_path / "rwv.dcm", "1.2.840.10008.5.1.4.1.1.67", "RWV")
    (skipped,) = scan([tmp_path]).skipped
    assert "real-world values of other images, which are not used" in skipped.reason
