"""The supplied series: what each must show, and its geometry against SimpleITK's reading of the same files."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pydicom
import pytest
import SimpleITK as sitk

from app.cli.info import record
from app.core.attachments import attachments
from app.dicom.index import index
from app.dicom.load import load, read_frame
from app.dicom.model import Series
from app.dicom.objects import ObjectKind
from app.dicom.pixels import pipeline
from app.dicom.scan import scan
from app.dicom.volume import volume
from inference import geometry
from inference.volume import Calibration
from tests.app.dicom.helpers import all_series, one_series
from tests.app.dicom.test_known_geometry import nifti


def folder(shared_data: Path, *parts: str) -> Path:
    found = shared_data.joinpath(*parts)
    if not found.is_dir():
        pytest.skip(f"{'/'.join(parts)} is not there")
    return found


def assert_geometry_as_simpleitk(series: Series) -> None:
    """SimpleITK reads the first two slices in our order; both must place all corners of the whole stack alike."""
    reader = sitk.ImageSeriesReader()
    reader.SetFileNames([str(series.instance_of(k).path) for k in (0, 1)])
    sitk.ProcessObject.SetGlobalWarningDisplay(False)
    image = reader.Execute()
    assert series.affine is not None
    columns, rows, _ = image.GetSize()
    assert (rows, columns) == (series.rows, series.columns)
    for k in (0, len(series.frames) - 1):
        for row in (0, rows - 1):
            for column in (0, columns - 1):
                expected = image.TransformIndexToPhysicalPoint((column, row, k))
                found = geometry.apply(series.affine, np.array([k, row, column]))
                np.testing.assert_allclose(found, expected, atol=0.02)


@pytest.mark.parametrize(
    "parts", [("ct", "crlm-ct-1004"), ("ct", "lidc-idri-0314"), ("pet-mr", "sts_001"), ("pet-ct", "STS_012")]
)
def test_geometry_equals_simpleitks(shared_data: Path, parts: tuple[str, ...]) -> None:
    stacks = all_series(folder(shared_data, *parts))
    assert stacks
    for series in stacks:
        assert_geometry_as_simpleitk(series)
        assert series.warnings == ()


def test_voxels_equal_simpleitks(shared_data: Path) -> None:
    series = one_series(folder(shared_data, "ct", "crlm-ct-1004"))
    reader = sitk.ImageSeriesReader()
    reader.SetFileNames([str(series.instance_of(k).path) for k in range(len(series.frames))])
    expected = sitk.GetArrayFromImage(reader.Execute())
    made = volume(series, load(series))
    np.testing.assert_array_equal(made.voxels, expected)
    assert made.unit == "HU"
    assert series.spacing_mm == pytest.approx((5.0, 0.796875, 0.796875))


def test_cine_mr_is_slices_by_phases_with_warnings(shared_data: Path) -> None:
    series = one_series(folder(shared_data, "cine-mr", "scd0000101"))
    assert len(series.frames) == 240
    assert series.affine is None
    assert series.frame_of_reference_uid == ""
    (warning,) = series.warnings
    assert "own frame of reference" in warning
    axis = series.axis
    assert axis is not None
    assert (axis.name, axis.table.shape, axis.missing) == ("phase", (12, 20), 0)
    assert series.spacing_mm == pytest.approx((10.0, 1.367188, 1.367188), abs=1e-4)
    assert axis.label(5 * 20 + 6) == f"phase 7/20, {float(series.instance_of(106).header.TriggerTime):.0f} ms"
    assert series.positions is not None
    assert series.orientation is not None
    normal = np.cross(series.orientation[:3], series.orientation[3:])
    along = (series.positions @ normal).reshape(12, 20)
    np.testing.assert_allclose(along, along[:, :1].repeat(20, axis=1), atol=1e-3)
    assert (np.diff(along[:, 0]) > 1).all()
    times = np.array([float(series.instance_of(i).header.TriggerTime) for i in range(240)]).reshape(12, 20)
    assert (np.diff(times, axis=1) > 0).all()


def test_gantry_tilt_names_its_angle_and_distances(shared_data: Path) -> None:
    series = one_series(folder(shared_data, "ct", "head-gantry-tilt"))
    assert len(series.frames) == 28
    assert series.affine is None
    assert series.unit == "HU"
    tilt, steps = series.warnings
    assert "18.5°" in tilt
    assert "1.14, 4.22, 7.38 mm" in steps


def test_single_slices_of_many_patients_never_make_a_volume(shared_data: Path) -> None:
    headers = scan([folder(shared_data, "ct", "tcga-luad")])
    found = index(headers)
    assert len({study.patient.id for study in found.studies}) == 38
    # Four of the files are copies of others.
    copies = len(headers.instances) - len({instance.sop_instance_uid for instance in headers.instances})
    assert sum(len(series.frames) for series in found.series()) == len(headers.instances) - copies
    assert [skipped.reason.startswith("a copy of") for skipped in found.skipped] == [True] * copies
    for series in found.series():
        assert len({i.header.PatientID for i in series.instances}) == 1
        assert len(series.frames) == 1 or series.affine is None or series.spacing_mm[0] is not None


def test_rider_is_one_ct_with_a_seg_and_a_structure_set_on_it(shared_data: Path) -> None:
    found = index(scan([folder(shared_data, "ct", "rider-lung-1129164940")]))
    (series,) = found.series()
    assert len(series.frames) == 236
    assert series.spacing_mm == pytest.approx((1.25, 0.576172, 0.576172))
    assert found.skipped == ()
    known = attachments(found)
    assert [(a.object.kind, a.series) for a in known] == [
        (ObjectKind.RTSTRUCT, (series,)),
        (ObjectKind.SEG, (series,)),
    ]


@pytest.mark.parametrize("place", ["pet-ct", "pet-mr"])
def test_each_structure_set_is_attached_to_the_images_beside_it(shared_data: Path, place: str) -> None:
    found = index(scan([folder(shared_data, place)]))
    known = attachments(found)
    assert len(known) == {"pet-ct": 6, "pet-mr": 3}[place]
    for attachment in known:
        (series,) = attachment.series
        # In .../mask/RS.dcm; its images lie elsewhere in the folder above.
        assert series.instances[0].path.is_relative_to(attachment.object.path.parents[1])


def test_pet_and_mr_of_one_patient_share_no_frame_of_reference(shared_data: Path) -> None:
    stacks = all_series(folder(shared_data, "pet-mr", "sts_001"))
    references = {series.modality: series.frame_of_reference_uid for series in stacks}
    assert references["PT"] != references["MR"]


def test_suv_of_a_real_pet_in_becquerel(shared_data: Path) -> None:
    stacks = all_series(folder(shared_data, "pet-mr", "sts_001"))
    (pet,) = [series for series in stacks if series.modality == "PT"]
    assert (pet.unit, pet.warnings) == ("SUVbw", ())
    # 388.8 MBq at 10:35:00, 71 kg, the scan from 11:20:11 on.
    dose = 388777472 * 0.5 ** (2711 / 6588)
    dataset = pydicom.dcmread(pet.instance_of(100).path)
    values = dataset.pixel_array * float(dataset.RescaleSlope) * 71000 / dose
    one = pipeline(pet, 100)
    np.testing.assert_allclose(one.modality(read_frame(pet, 100)), values, rtol=1e-6)
    assert 1 < values.max() < 30


def test_suv_stays_as_it_is(shared_data: Path) -> None:
    units = {series.modality: series.unit for series in all_series(folder(shared_data, "pet-ct", "STS_012"))}
    assert units == {"CT": "HU", "PT": "SUVbw", "MR": ""}


def in_frame_of(
    ours_affine: np.ndarray | None, stored: np.ndarray, affine: np.ndarray, shape: tuple[int, ...]
) -> np.ndarray:
    """``stored`` (our order) picked at the voxels of a grid with another order of axes: flips and swaps only."""
    assert ours_affine is not None
    mapping = np.linalg.inv(ours_affine) @ affine
    index_of = np.stack(np.meshgrid(*(np.arange(n) for n in shape), indexing="ij"), axis=-1)
    ours = geometry.apply(mapping, index_of)
    rounded = np.rint(ours).astype(int)
    assert np.abs(ours - rounded).max() < 0.02
    return stored[rounded[..., 0], rounded[..., 1], rounded[..., 2]]


def test_philips_enhanced_splits_into_its_two_nifti_twins(shared_data: Path) -> None:
    root = folder(shared_data, "enhanced-mr")
    stacks = all_series(root / "In" / "Philips")
    stacks = tuple(s for s in stacks if len(s.frames) == 32)
    assert len(stacks) == 2
    twins = [nifti(path)[:2] for path in sorted((root / "Ref").glob("*B0_NS_801_*.nii"))]
    matched = []
    for series in stacks:
        stored = load(series).stored
        for number, (voxels, affine) in enumerate(twins):
            if np.array_equal(in_frame_of(series.affine, stored, affine, voxels.shape), voxels):
                matched.append((series.stack, number))
    # Each stack is one twin: its stored integers, every one of them.
    assert sorted(matched) in ([(0, 0), (1, 1)], [(0, 1), (1, 0)])


def test_siemens_enhanced_time_points_equal_their_nifti_twin(shared_data: Path) -> None:
    root = folder(shared_data, "enhanced-mr")
    series = one_series(root / "In" / "Siemens")
    axis = series.axis
    assert axis is not None
    voxels, affine, _ = nifti(root / "Ref" / "Siemens_REST1_w_SMS_PF7-8_6.nii")
    assert (axis.name, axis.points, axis.missing) == ("time", 4, 0)
    assert voxels.shape[0] == axis.points
    stored = load(series).stored
    for time in range(axis.points):
        picked = in_frame_of(axis.affine, stored[axis.table[:, time]], affine, voxels.shape[1:])
        np.testing.assert_array_equal(picked, voxels[time])


def test_demo_studies_open(pydicom_data: Path) -> None:
    radiograph = one_series(pydicom_data / "RG1_UNCR.dcm")
    assert (radiograph.photometric, radiograph.calibration) == ("MONOCHROME1", Calibration.NONE)
    assert radiograph.pixel_spacing is None
    echo = one_series(pydicom_data / "color3d_jpeg_baseline.dcm")
    assert (len(echo.frames), echo.frame_time_ms) == (120, 33.333)
    assert echo.calibration is Calibration.PATIENT
    assert read_frame(echo, 60).shape == (480, 640, 3)


EXPECTED = {
    # folder: (modality, slices, frames, mm between slices, the fourth axis) of each stack; words of each warning
    "ct/crlm-ct-1004": ([("CT", 41, 41, 5.0, None)], []),
    "ct/head-gantry-tilt": ([("CT", 28, 28, None, None)], ["Gantry tilt of 18.5°", "1.14, 4.22, 7.38 mm"]),
    "ct/lidc-idri-0314": ([("CT", 138, 138, 2.0, None)], []),
    "ct/rider-lung-1129164940": ([("CT", 236, 236, 1.25, None)], []),
    "pet-ct/STS_005": ([("CT", 79, 79, 3.27, None), ("PT", 79, 79, 3.27, None), ("MR", 79, 79, 3.27, None)], []),
    "pet-ct/STS_012": ([("CT", 53, 53, 3.27, None), ("PT", 53, 53, 3.27, None), ("MR", 53, 53, 3.27, None)], []),
    "pet-mr/sts_001": ([("MR", 40, 40, 5.2, None), ("MR", 40, 40, 5.2, None), ("PT", 267, 267, 3.27, None)], []),
    "cine-mr/scd0000101": ([("MR", 12, 240, 10.0, ("phase", 20))], ["own frame of reference"]),
    "enhanced-mr/In/Philips": ([("MR", 32, 32, 4.0, None), ("MR", 32, 32, 4.0, None)], []),
    "enhanced-mr/In/Siemens": ([("MR", 6, 24, 2.4, ("time", 4))], []),
}


@pytest.mark.parametrize("name", EXPECTED)
def test_info_of_every_supplied_series(shared_data: Path, name: str) -> None:
    stacks, words = EXPECTED[name]
    told = record(index(scan([folder(shared_data, *name.split("/"))])))
    entries = [entry for study in told["studies"] for entry in study["series"]]
    assert len(entries) == len(stacks)
    for entry, (modality, slices, frames, step, axis) in zip(entries, stacks, strict=True):
        assert (entry["modality"], entry["slices"], entry["frames"]) == (modality, slices, frames)
        assert entry["spacing_mm"][0] == (None if step is None else pytest.approx(step, abs=1e-3))
        fourth = entry.get("fourth_axis")
        assert (fourth and (fourth["name"], fourth["points"], fourth["missing"])) == (axis and (*axis, 0))
        assert len(entry["warnings"]) == len(words)
        assert all(part in warning for part, warning in zip(words, entry["warnings"], strict=True))
    assert told["skipped"] == []
