"""Headers to studies and stacks: what is sorted, split, kept together and warned about."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pydicom
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydicom import Dataset

from app.dicom.index import index
from app.dicom.scan import scan
from inference import geometry
from inference.volume import Calibration
from tests import phantoms
from tests.app.dicom.helpers import all_series, one_series

LOCALIZER = ["ORIGINAL", "PRIMARY", "LOCALIZER"]


def edit(path: Path, **attributes: Any) -> None:
    dataset = pydicom.dcmread(path)
    for keyword, value in attributes.items():
        setattr(dataset, keyword, value)
    dataset.save_as(path)


@pytest.mark.parametrize(
    "orientation", [phantoms.AXIAL, phantoms.CORONAL, phantoms.SAGITTAL, phantoms.OBLIQUE, (-1, 0, 0, 0, -1, 0)]
)
@pytest.mark.parametrize("reverse", [False, True])
def test_slices_order_by_position_and_the_affine_finds_every_voxel(
    tmp_path: Path, orientation: tuple[float, ...], reverse: bool
) -> None:
    paths = phantoms.ct(tmp_path, orientation=orientation, reverse=reverse, spacing=(2.5, 0.7, 0.4))
    series = one_series(tmp_path)
    assert [series.instance_of(k).path for k in range(3)] == paths
    assert series.affine is not None
    cosines = np.array(orientation)
    normal = np.cross(cosines[:3], cosines[3:])
    for k, row, column in [(0, 0, 0), (2, 22, 37), (1, 5, 9)]:
        expected = np.array([-10, -20, 30]) + k * 2.5 * normal + row * 0.7 * cosines[3:] + column * 0.4 * cosines[:3]
        np.testing.assert_allclose(geometry.apply(series.affine, np.array([k, row, column])), expected, atol=1e-6)
    assert series.spacing_mm == pytest.approx((2.5, 0.7, 0.4))
    assert series.positions is not None
    np.testing.assert_allclose(series.positions[0], [-10, -20, 30])
    assert series.warnings == ()


def test_instance_number_orders_what_has_no_position(tmp_path: Path) -> None:
    phantoms.ct(tmp_path, ImagePositionPatient=None, reverse=True)
    series = one_series(tmp_path)
    assert [series.instance_of(k).header.InstanceNumber for k in range(3)] == [1, 2, 3]
    assert series.affine is None
    assert series.positions is None
    assert "no position in the patient" in series.warnings[0]


def test_a_single_slice_has_an_affine_but_no_slice_spacing(tmp_path: Path) -> None:
    phantoms.ct(tmp_path, shape=(1, 23, 38))
    series = one_series(tmp_path)
    assert series.affine is not None
    assert series.spacing_mm == (None, 0.7, 0.4)


def test_slice_spacing_is_the_distance_of_positions_not_the_thickness(tmp_path: Path) -> None:
    phantoms.ct(tmp_path, spacing=(2.5, 1, 1), SliceThickness="5")
    assert one_series(tmp_path).spacing_mm == pytest.approx((2.5, 1, 1))


def test_copies_of_an_image_open_once(tmp_path: Path) -> None:
    paths = phantoms.ct(tmp_path)
    (tmp_path / "copy").mkdir()
    (tmp_path / "copy" / "again").write_bytes(paths[0].read_bytes())
    found = index(scan([tmp_path]))
    assert len(found.series()[0].frames) == 3
    (skipped,) = found.skipped
    assert "same SOP Instance UID" in skipped.reason


def test_a_gap_is_named_with_its_distance_and_files(tmp_path: Path) -> None:
    paths = phantoms.ct(tmp_path, shape=(10, 8, 9), gaps=[4, 5])
    series = one_series(tmp_path)
    assert series.affine is None
    assert series.positions is not None
    (warning,) = series.warnings
    assert "7.50 mm" in warning
    assert paths[3].name in warning
    assert paths[4].name in warning
    assert "2.50 mm is usual" in warning


def test_irregular_distances_are_listed(tmp_path: Path) -> None:
    def place(k: int) -> list[float]:
        return [0, 0, [0, 1, 2, 3.7, 6.1][k]]

    paths = phantoms.ct(tmp_path, shape=(5, 8, 9), ImagePositionPatient=place)
    series = one_series(tmp_path)
    assert series.affine is None
    (warning,) = series.warnings
    assert "1.00, 1.70, 2.40 mm" in warning
    # The files from which on the distance is another one.
    assert f"changes at {paths[2].name}, {paths[3].name}" in warning


def test_a_tilted_gantry_keeps_its_true_positions_and_warns(tmp_path: Path) -> None:
    phantoms.ct(tmp_path, shape=(6, 8, 9), tilt_degrees=18.5)
    series = one_series(tmp_path)
    assert "18.5°" in series.warnings[0]
    assert series.affine is not None
    assert series.positions is not None
    for k in range(6):
        np.testing.assert_allclose(geometry.apply(series.affine, np.array([k, 0, 0])), series.positions[k], atol=1e-4)


def test_positions_rounded_by_the_scanner_stay_one_grid(tmp_path: Path) -> None:
    def place(k: int) -> list[str]:
        return ["0", "0", f"{k * 0.6667:.2f}"]

    phantoms.ct(tmp_path, shape=(30, 8, 9), spacing=(0.6667, 1, 1), ImagePositionPatient=place)
    series = one_series(tmp_path)
    assert series.affine is not None
    assert series.warnings == ()


def test_a_scout_never_joins_its_volume(tmp_path: Path) -> None:
    phantoms.ct(tmp_path / "volume")
    phantoms.ct(tmp_path / "scout", shape=(1, 23, 38), orientation=phantoms.CORONAL, ImageType=LOCALIZER)
    uid = phantoms.uid("series", "ct", "PHANTOM")
    for path in (tmp_path / "scout").iterdir():
        edit(path, SeriesInstanceUID=uid, SOPInstanceUID="1.2.3.4", InstanceNumber=0)
    volume, scout = all_series(tmp_path)
    assert (volume.uid, scout.uid) == (uid, uid)
    assert (volume.stack, scout.stack) == (0, 1)
    assert (len(volume.frames), len(scout.frames)) == (3, 1)
    assert volume.affine is not None


@pytest.mark.parametrize(
    "difference",
    [
        {"PixelSpacing": [0.9, 0.9]},
        {"ImageOrientationPatient": list(phantoms.SAGITTAL)},
        {"ImageType": ["DERIVED", "SECONDARY", "MPR"]},
        {"FrameOfReferenceUID": "1.2.3"},
        {"PhotometricInterpretation": "MONOCHROME1"},
        {"PatientID": "SOMEBODY ELSE"},
    ],
)
def test_what_differs_in_geometry_kind_or_patient_is_another_stack(tmp_path: Path, difference: dict[str, Any]) -> None:
    paths = phantoms.ct(tmp_path, shape=(8, 23, 38))
    for path in paths[5:]:
        edit(path, **difference)
    stacks = all_series(tmp_path)
    assert sorted(len(series.frames) for series in stacks) == [3, 5]


def test_another_matrix_is_another_stack(tmp_path: Path) -> None:
    phantoms.ct(tmp_path / "a")
    phantoms.ct(tmp_path / "b", shape=(2, 9, 9), SOPInstanceUID=lambda k: f"1.2.9.{k}")
    assert sorted((s.rows, len(s.frames)) for s in all_series(tmp_path)) == [(9, 2), (23, 3)]


def test_a_three_plane_localiser_scrolls_as_one_without_affine(tmp_path: Path) -> None:
    planes = [phantoms.AXIAL, phantoms.CORONAL, phantoms.SAGITTAL]
    phantoms.ct(
        tmp_path,
        shape=(9, 16, 17),
        SeriesDescription="3-plane loc",
        ImageOrientationPatient=lambda k: list(planes[k % 3]),
    )
    series = one_series(tmp_path)
    assert len(series.frames) == 9
    assert series.affine is None
    assert series.orientation is None
    assert "3 different orientations" in series.warnings[0]


def test_a_radial_series_scrolls_as_one(tmp_path: Path) -> None:
    def spoke(k: int) -> list[float]:
        angle = np.radians(30 * k)
        return [float(f"{np.cos(angle):.6f}"), float(f"{np.sin(angle):.6f}"), 0, 0, 0, -1]

    phantoms.ct(tmp_path, shape=(6, 16, 17), ImageOrientationPatient=spoke)
    assert len(one_series(tmp_path).frames) == 6


def test_a_frame_of_reference_for_every_image_is_one_stack_with_a_warning(tmp_path: Path) -> None:
    phantoms.ct(tmp_path, shape=(6, 8, 9), FrameOfReferenceUID=lambda k: f"1.2.3.{k}")
    series = one_series(tmp_path)
    assert series.affine is not None
    assert series.frame_of_reference_uid == ""
    assert "own frame of reference" in series.warnings[0]


def test_enhanced_frames_are_placed_by_their_functional_groups(tmp_path: Path) -> None:
    phantoms.enhanced_ct(tmp_path / "e.dcm", order=[2, 0, 1], orientation=phantoms.OBLIQUE)
    series = one_series(tmp_path)
    assert [key.frame for key in series.frames] == [1, 2, 0]
    assert series.spacing_mm == pytest.approx((2.5, 0.7, 0.4))
    assert series.unit == "HU"
    flat = one_series(*phantoms.ct(tmp_path / "flat", orientation=phantoms.OBLIQUE))
    assert series.affine is not None
    assert flat.affine is not None
    np.testing.assert_allclose(series.affine, flat.affine, atol=1e-6)


def test_every_clip_is_its_own_stack(tmp_path: Path) -> None:
    for number in range(3):
        phantoms.cine(tmp_path / str(number), SeriesInstanceUID="1.2.3", InstanceNumber=number)
    stacks = all_series(tmp_path)
    assert [(s.uid, s.stack, len(s.frames)) for s in stacks] == [("1.2.3", n, 6) for n in range(3)]
    assert {s.frame_time_ms for s in stacks} == {40.0}


def test_radiographs_of_one_series_and_size_scroll_together(tmp_path: Path) -> None:
    for number in (2, 1):
        phantoms.radiograph(tmp_path / str(number), SeriesInstanceUID="1.2.3", InstanceNumber=number)
    series = one_series(tmp_path)
    assert [series.instance_of(i).path.name for i in range(2)] == ["1", "2"]
    assert series.is_projection
    assert series.affine is None
    assert series.warnings == ()


@pytest.mark.parametrize(
    ("options", "spacing", "calibration", "words"),
    [
        ({"imager_pixel_spacing": (0.2, 0.15)}, (0.2, 0.15), Calibration.DETECTOR, ""),
        ({"pixel_spacing": (0.2, 0.15)}, (0.2, 0.15), Calibration.DETECTOR, ""),
        ({"pixel_spacing": (0.18, 0.13)}, (0.18, 0.13), Calibration.PATIENT, "does not say how"),
        (
            {"pixel_spacing": (0.2, 0.15), "PixelSpacingCalibrationType": "GEOMETRY"},
            (0.2, 0.15),
            Calibration.PATIENT,
            "geometry",
        ),
        (
            {"pixel_spacing": (0.2, 0.15), "PixelSpacingCalibrationType": "FIDUCIAL"},
            (0.2, 0.15),
            Calibration.PATIENT,
            "known size",
        ),
        ({"pixel_spacing": (0, 0), "imager_pixel_spacing": None}, None, Calibration.NONE, ""),
        ({"pixel_spacing": (-1, 1), "imager_pixel_spacing": None}, None, Calibration.NONE, ""),
        ({"pixel_spacing": None, "imager_pixel_spacing": None}, None, Calibration.NONE, ""),
        ({"pixel_spacing": (0, 0)}, (0.2, 0.15), Calibration.DETECTOR, ""),
        ({"pixel_spacing": (0.2, 0.15), "imager_pixel_spacing": None}, (0.2, 0.15), Calibration.PATIENT, "not say how"),
        ({"EstimatedRadiographicMagnificationFactor": "1.25"}, (0.16, 0.12), Calibration.PATIENT, "factor of 1.25"),
    ],
)
def test_projection_calibration(
    tmp_path: Path,
    options: dict[str, Any],
    spacing: tuple[float, float] | None,
    calibration: Calibration,
    words: str,
) -> None:
    (path,) = phantoms.radiograph(tmp_path / "dx", **options)
    series = one_series(path)
    assert series.calibration is calibration
    assert series.pixel_spacing == (None if spacing is None else pytest.approx(spacing))
    assert words in "".join(series.warnings)
    assert bool(words) == bool(series.warnings)


def test_ultrasound_regions(tmp_path: Path) -> None:
    one = one_series(*phantoms.cine(tmp_path / "one"))
    assert (one.pixel_spacing, one.calibration) == ((pytest.approx(0.3), pytest.approx(0.3)), Calibration.PATIENT)
    two = one_series(*phantoms.cine(tmp_path / "two", regions=2))
    assert (two.pixel_spacing, two.calibration) == (None, Calibration.NONE)
    assert "different scale" in two.warnings[0]
    none = one_series(*phantoms.cine(tmp_path / "none", region_mm=None))
    assert (none.pixel_spacing, none.calibration, none.warnings) == (None, Calibration.NONE, ())
    beside = one_series(*phantoms.cine(tmp_path / "beside", regions=2, PixelSpacing=[0.5, 0.5]))
    assert beside.calibration is Calibration.NONE


@pytest.mark.parametrize(
    ("attributes", "unit"),
    [
        ({}, "HU"),
        ({"RescaleType": None}, "HU"),
        ({"RescaleType": "US"}, ""),
        ({"RescaleType": "MGML"}, "MGML"),
        ({"RescaleSlope": None, "RescaleIntercept": None, "RescaleType": None}, ""),
        ({"Modality": "MR", "RescaleType": None}, ""),
        ({"Modality": "PT", "Units": "GML", "RescaleType": None}, "SUVbw"),
        ({"Modality": "PT", "Units": "GML", "SUVType": "LBM"}, "SUVlbm"),
        ({"Modality": "PT", "Units": "BQML", "RescaleType": None}, "Bq/ml"),
        ({"ImageType": LOCALIZER}, "HU"),
    ],
)
def test_units(tmp_path: Path, attributes: dict[str, Any], unit: str) -> None:
    phantoms.ct(tmp_path, **attributes)
    assert one_series(tmp_path).unit == unit


def test_the_browser_sees_patients_studies_and_series_in_order(tmp_path: Path) -> None:
    phantoms.ct(tmp_path / "1", series="x", SeriesNumber=7, StudyDescription="Thorax", InstitutionName="Clinic")
    phantoms.ct(tmp_path / "2", series="y", SeriesNumber=3)
    phantoms.ct(tmp_path / "3", patient_id="ANOTHER", PatientName="Müller^Jörg^K", SpecificCharacterSet="ISO_IR 192")
    found = index(scan([tmp_path]))
    assert [study.patient.id for study in found.studies] == ["ANOTHER", "PHANTOM"]
    another, phantom = found.studies
    assert another.patient.name == "Müller, Jörg K"
    assert [series.number for series in phantom.series] == [3, 7]
    assert (phantom.date, phantom.accession_number, phantom.patient.sex) == ("20240131", "A1", "O")
    assert found.study_of(phantom.series[0]) is phantom


@pytest.mark.parametrize(
    ("charset", "raw", "name"),
    [
        ("ISO_IR 101", "Wałęsa^Lech".encode("iso8859-2"), "Wałęsa, Lech"),
        ("ISO_IR 126", "Διονυσιος".encode("iso8859-7"), "Διονυσιος"),
        ("\\ISO 2022 IR 87", b"Yamada^Tarou=\x1b$B;3ED\x1b(B^\x1b$BB@O:\x1b(B", "Yamada, Tarou"),
        ("\\ISO 2022 IR 87", b"=\x1b$B;3ED\x1b(B^\x1b$BB@O:\x1b(B", "山田, 太郎"),
        ("\\ISO 2022 IR 149", b"Hong^Gildong=\x1b$)C\xfb\xf3^\x1b$)C\xd1\xce\xd4\xd7", "Hong, Gildong"),
        ("GB18030", "王^小东".encode("gb18030"), "王, 小东"),
        ("ISO_IR 192", "Ωμέγα^Ñ".encode(), "Ωμέγα, Ñ"),
    ],
)
def test_names_in_all_character_sets(tmp_path: Path, charset: str, raw: bytes, name: str) -> None:
    (path,) = phantoms.ct(tmp_path, shape=(1, 23, 38), SpecificCharacterSet=None, PatientName="PLACEHOLDER")
    dataset = pydicom.dcmread(path)
    dataset.add_new(0x00080005, "CS", charset.split("\\"))
    dataset.save_as(path)
    data = path.read_bytes()
    raw += b" " * (len(raw) % 2)
    old = b"\x10\x00\x10\x00PN" + (12).to_bytes(2, "little") + b"PLACEHOLDER "
    assert old in data
    path.write_bytes(data.replace(old, b"\x10\x00\x10\x00PN" + len(raw).to_bytes(2, "little") + raw))
    assert index(scan([tmp_path])).studies[0].patient.name == name


def test_odd_values_are_absent_not_fatal(tmp_path: Path) -> None:
    (path,) = phantoms.ct(tmp_path, shape=(1, 23, 38))
    data = path.read_bytes()
    for old, new in (
        (b"1\\0\\0\\0\\1\\0", b"a\\b\\c\\d\\e\\f"),
        (b"LO\x0e\x00Phantom series", b"IS\x0e\x00Phantom series"),
        (b"054Y", b"ZZZZ"),
        (b"20240131", b"????????"),
    ):
        assert old in data
        data = data.replace(old, new)
    path.write_bytes(data)
    series = one_series(path)
    assert series.orientation is None
    assert series.affine is None


def test_lossy_compression_is_named(tmp_path: Path) -> None:
    phantoms.ct(tmp_path / "a", LossyImageCompression="01", LossyImageCompressionRatio="12.4")
    assert one_series(tmp_path / "a").lossy == "lossy 12:1"
    phantoms.ct(tmp_path / "b", LossyImageCompression="00")
    assert one_series(tmp_path / "b").lossy == ""


def test_nothing_opened_is_an_empty_index(tmp_path: Path) -> None:
    assert index(scan([tmp_path])).series() == ()


@settings(max_examples=25)
@given(
    seed=st.integers(0, 10_000),
    count=st.integers(2, 7),
    spacing=st.tuples(st.floats(0.3, 9), st.floats(0.2, 3), st.floats(0.2, 3)),
    reverse=st.booleans(),
)
def test_any_orientation_gives_an_affine_that_meets_every_position(
    tmp_path_factory: pytest.TempPathFactory,
    seed: int,
    count: int,
    spacing: tuple[float, float, float],
    reverse: bool,
) -> None:
    rng = np.random.default_rng(seed)
    matrix, _ = np.linalg.qr(rng.normal(size=(3, 3)))
    folder = tmp_path_factory.mktemp("oblique")
    paths = phantoms.ct(
        folder,
        shape=(count, 4, 5),
        orientation=[*matrix[:, 0], *matrix[:, 1]],
        spacing=spacing,
        origin=rng.uniform(-300, 300, 3),
        reverse=reverse,
    )
    series = one_series(folder)
    assert [series.instance_of(k).path for k in range(count)] == paths
    assert series.affine is not None
    for k in range(count):
        expected = [float(v) for v in pydicom.dcmread(paths[k]).ImagePositionPatient]
        np.testing.assert_allclose(geometry.apply(series.affine, np.array([k, 0, 0])), expected, atol=2e-3)


def test_functional_groups_with_nothing_in_them_are_survived(tmp_path: Path) -> None:
    phantoms.enhanced_ct(tmp_path / "e.dcm", PerFrameFunctionalGroupsSequence=[Dataset()])
    series = one_series(tmp_path)
    assert len(series.frames) == 3
    assert series.affine is None
