"""Every supplied series against two other readers: SimpleITK (LPS) always, dcm2niix (RAS) where it is installed."""

from __future__ import annotations

import shutil
import struct
import subprocess
from functools import lru_cache
from pathlib import Path

import numpy as np
import pydicom
import pytest
import SimpleITK as sitk
from pydicom.uid import ExplicitVRLittleEndian

from app.dicom.load import load, read_frame
from app.dicom.model import Series
from app.dicom.pixels import pipeline
from inference import geometry
from tests.app.dicom.helpers import all_series

FOLDERS = (
    "ct/crlm-ct-1004",
    "ct/head-gantry-tilt",
    "ct/lidc-idri-0314",
    "ct/rider-lung-1129164940",
    "ct/tcga-luad",
    "pet-ct/STS_005",
    "pet-ct/STS_012",
    "pet-mr/sts_001",
    "cine-mr/scd0000101",
)
"""All but enhanced-mr, which SimpleITK reads without its functional groups: its twins are in ``test_wild``."""


@lru_cache(maxsize=16)
def _stacks(folder: Path) -> tuple[Series, ...]:
    return all_series(folder)


def stacks_of(shared_data: Path, name: str) -> tuple[Series, ...]:
    folder = shared_data / name
    if not folder.is_dir():
        pytest.skip(f"{name} is not there")
    return _stacks(folder)


def some(stacks: tuple[Series, ...]) -> tuple[Series, ...]:
    """All stacks, or every twelfth of a collection of single slices: each costs a read by both."""
    return stacks if len(stacks) < 12 else stacks[::12]


# -- SimpleITK ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", FOLDERS)
def test_slices_lie_and_read_as_simpleitk_has_them(shared_data: Path, name: str) -> None:
    sitk.ProcessObject.SetGlobalWarningDisplay(False)
    for series in some(stacks_of(shared_data, name)):
        last = len(series.frames) - 1
        for index in sorted({last // 3, last}):
            theirs = sitk.ReadImage(str(series.instance_of(index).path))
            assert theirs.GetSize()[:2] == (series.columns, series.rows)
            assert series.positions is not None
            assert series.orientation is not None
            np.testing.assert_allclose(series.positions[index], theirs.GetOrigin(), atol=1e-3)
            direction = np.array(theirs.GetDirection()).reshape(3, 3)
            np.testing.assert_allclose(series.orientation, [*direction[:, 0], *direction[:, 1]], atol=1e-4)
            # Theirs are (x, y): columns first.
            assert series.pixel_spacing == pytest.approx(theirs.GetSpacing()[1::-1], rel=1e-5)
            ours = pipeline(series, index).modality(read_frame(series, index))
            factor = series.value_factors[series.frames[index].instance] if series.value_factors else 1.0
            np.testing.assert_allclose(ours / factor, sitk.GetArrayFromImage(theirs)[0], rtol=2e-6, atol=1e-3)


@pytest.mark.parametrize("name", [name for name in FOLDERS if name not in ("ct/tcga-luad", "cine-mr/scd0000101")])
def test_slices_are_in_the_order_of_gdcm(shared_data: Path, name: str) -> None:
    for series in stacks_of(shared_data, name):
        ours = [str(series.instance_of(index).path) for index in range(len(series.frames))]
        theirs = list(sitk.ImageSeriesReader.GetGDCMSeriesFileNames(str(Path(ours[0]).parent), series.uid))
        assert ours == theirs


@pytest.mark.parametrize("name", [name for name in FOLDERS if name != "ct/tcga-luad"])
def test_the_grid_is_simpleitks_or_there_is_a_reason(shared_data: Path, name: str) -> None:
    sitk.ProcessObject.SetGlobalWarningDisplay(False)
    for series in stacks_of(shared_data, name):
        affine = series.affine if series.axis is None else series.axis.affine
        if affine is None:
            assert "Slice distances vary" in " ".join(series.warnings)
            continue
        first = [series.axis.nearest(k, 0) for k in (0, 1)] if series.axis is not None else [0, 1]
        reader = sitk.ImageSeriesReader()
        reader.SetFileNames([str(series.instance_of(index).path) for index in first])
        theirs = reader.Execute()
        assert series.spacing_mm[0] == pytest.approx(theirs.GetSpacing()[2], abs=2e-3)
        for k in (0, series.slice_count - 1):
            for row, column in ((0, 0), (series.rows - 1, series.columns - 1)):
                expected = theirs.TransformIndexToPhysicalPoint((column, row, k))
                np.testing.assert_allclose(geometry.apply(affine, np.array([k, row, column])), expected, atol=0.02)


# -- dcm2niix ----------------------------------------------------------------------------------------------------------

ROWS, COLUMNS = 7, 9
SLICES = 12
"""So many, from the first on: the order of all of them is compared with GDCM's."""
KEPT = (
    "SOPClassUID", "SOPInstanceUID", "StudyInstanceUID", "SeriesInstanceUID", "Modality", "Manufacturer", "StudyDate",
    "StudyTime", "SeriesNumber", "InstanceNumber", "AcquisitionNumber", "ImageType", "ImagePositionPatient",
    "ImageOrientationPatient", "PixelSpacing", "SliceThickness", "SpacingBetweenSlices", "FrameOfReferenceUID",
    "TriggerTime", "SamplesPerPixel", "PhotometricInterpretation", "PatientPosition", "ProtocolName",
)  # fmt: skip


@pytest.fixture(scope="session")
def dcm2niix() -> str:
    """The program, or a skip."""
    found = shutil.which("dcm2niix")
    if found is None:
        pytest.skip("dcm2niix is not installed")
    return found


Nifti = tuple[np.ndarray, np.ndarray, float]
"""(stored values (…, slices, rows, columns), affine index (k, row, column) → LPS mm, slope)."""


def converted(program: str, folder: Path, out: Path) -> list[Nifti]:
    """What dcm2niix makes of a folder."""
    out.mkdir()
    words = [program, "-o", str(out), "-f", "%s_%p", "-z", "n", "-b", "n", "-m", "n", str(folder)]
    # It ends with a code of its own for whatever it remarks upon; what it wrote is what counts.
    subprocess.run(words, check=False, capture_output=True, timeout=120)
    return [nifti(path) for path in sorted(out.glob("*.nii"))]


def nifti(path: Path) -> Nifti:
    """Stored values, not scaled, and the sform turned to LPS; read by hand so that nothing rounds them (NIfTI-1)."""
    data = path.read_bytes()
    dimensions = struct.unpack_from("<8h", data, 40)
    kind = {2: "u1", 4: "<i2", 16: "<f4", 512: "<u2"}[struct.unpack_from("<h", data, 70)[0]]
    offset = int(struct.unpack_from("<f", data, 108)[0])
    values = np.frombuffer(data, kind, offset=offset).reshape(dimensions[1 : dimensions[0] + 1][::-1])
    xyz = np.eye(4)
    xyz[:3] = np.array(struct.unpack_from("<12f", data, 280)).reshape(3, 4)
    xyz[:2] *= -1
    return values, xyz[:, [2, 1, 0, 3]], struct.unpack_from("<f", data, 112)[0]


def twin(series: Series, indices: list[int], folder: Path) -> Path:
    """Frames of a series with their geometry and hardly any pixels: 7 × 9, the corner of sorted frame i holds i + 1.

    dcm2niix as packaged reads no JPEG-LS, and only the attributes of geometry matter here.
    """
    folder.mkdir(parents=True)
    for index in indices:
        dataset = pydicom.dcmread(series.instance_of(index).path, stop_before_pixels=True, specific_tags=list(KEPT))
        dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
        pixels = np.zeros((ROWS, COLUMNS), np.uint16)
        pixels[0, 0] = index + 1
        dataset.Rows, dataset.Columns = pixels.shape
        dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit, dataset.PixelRepresentation = 16, 16, 15, 0
        dataset.RescaleSlope, dataset.RescaleIntercept = "1", "0"
        dataset.PixelData = pixels.tobytes()
        dataset["PixelData"].VR = "OW"
        dataset.save_as(folder / f"{index:04d}.dcm", enforce_file_format=True, implicit_vr=False, little_endian=True)
    return folder


@pytest.mark.parametrize("name", [name for name in FOLDERS if name not in ("ct/tcga-luad", "ct/head-gantry-tilt")])
def test_the_grid_and_every_place_are_dcm2niixs(shared_data: Path, name: str, dcm2niix: str, tmp_path: Path) -> None:
    for number, series in enumerate(stacks_of(shared_data, name)):
        slices = min(series.slice_count, SLICES)
        indices = [index for index in range(len(series.frames)) if series.slice_index(index) < slices]
        made = converted(dcm2niix, twin(series, indices, tmp_path / f"{number}"), tmp_path / f"out{number}")
        ((values, theirs, _),) = made
        affine = series.affine if series.axis is None else series.axis.affine
        assert affine is not None
        points = 1 if series.axis is None else series.axis.points
        values = values.reshape(points, slices, ROWS, COLUMNS)
        assert np.count_nonzero(values) == len(indices)
        for point, k, row, column in np.argwhere(values):
            index = int(values[point, k, row, column]) - 1
            place = geometry.apply(theirs, np.array([k, row, column]))
            np.testing.assert_allclose(
                geometry.apply(affine, np.array([series.slice_index(index), 0, 0])), place, atol=0.02
            )
            if series.axis is not None:
                assert series.axis.place(index)[1] == point
        np.testing.assert_allclose(np.abs(np.linalg.det(affine)), np.abs(np.linalg.det(theirs)), rtol=1e-3)


@pytest.mark.parametrize("name", ["pet-ct/STS_012", "enhanced-mr/In"])
def test_stored_values_are_dcm2niixs(shared_data: Path, name: str, dcm2niix: str, tmp_path: Path) -> None:
    made = converted(dcm2niix, shared_data / name, tmp_path / "out")
    stacks = stacks_of(shared_data, name)
    assert len(made) == len(stacks)
    for series in stacks:
        affine = series.affine if series.axis is None else series.axis.affine
        assert affine is not None
        points = 1 if series.axis is None else series.axis.points
        pixels = load(series)
        ours, shape = pixels.stored, (series.slice_count, points, series.rows, series.columns)
        if series.modality == "PT":
            # Slices of different slopes cannot keep their integers in one NIfTI file: it has a slope of its own.
            ours = np.stack([pixels.modality(index) for index in range(len(pixels))])
        assert any(_same(ours.reshape(shape), affine, *theirs) for theirs in made), series.description


def _same(ours: np.ndarray, affine: np.ndarray, values: np.ndarray, theirs: np.ndarray, slope: float) -> bool:
    """Whether two volumes hold the same values at the same places, integers exactly: flips of axes only."""
    values = values.reshape(-1, *values.shape[-3:])
    if values.shape != (ours.shape[1], ours.shape[0], *ours.shape[2:]):
        return False
    grid = np.stack(np.meshgrid(*(np.arange(n) for n in values.shape[1:]), indexing="ij"), axis=-1)
    found = geometry.apply(np.linalg.inv(affine) @ theirs, grid)
    nearest = np.rint(found).astype(int)
    if np.abs(found - nearest).max() > 0.02 or nearest.min() < 0:
        return False
    picked = ours[nearest[..., 0], :, nearest[..., 1], nearest[..., 2]]
    picked = np.moveaxis(picked, -1, 0)
    if picked.dtype.kind == "f":
        return np.allclose(picked, values * slope, rtol=1e-5, atol=slope)
    return np.array_equal(picked, values)
