"""NIfTI label maps, read back by SimpleITK (app/report/nifti.py)."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import SimpleITK as sitk

from app.core.document import Overlay
from app.dicom.model import Series
from app.report.nifti import nifti_bytes
from inference import geometry
from tests import phantoms
from tests.app.report.answers import open_series, overlay


def read(folder: Path, drawn: Overlay, series: Series) -> sitk.Image:
    path = folder / "labels.nii.gz"
    path.write_bytes(nifti_bytes(drawn, series))
    return sitk.ReadImage(str(path))


@pytest.mark.parametrize(
    "orientation", [phantoms.AXIAL, phantoms.CORONAL, phantoms.SAGITTAL, phantoms.OBLIQUE, (-1, 0, 0, 0, 1, 0)]
)
@pytest.mark.parametrize("indices", [(0, 1, 2, 3), (1, 3), (2,)])
def test_every_voxel_lies_where_the_series_puts_it(
    orientation: tuple[float, ...], indices: tuple[int, ...], tmp_path: Path
) -> None:
    phantoms.ct(tmp_path / "ct", shape=(4, 23, 38), orientation=orientation)
    _, series = open_series(tmp_path / "ct")
    assert series.affine is not None
    drawn = overlay(series, indices)
    image = read(tmp_path, drawn, series)
    np.testing.assert_array_equal(sitk.GetArrayFromImage(image), drawn.label_map)
    for k, row, column in ((0, 0, 0), (len(indices) - 1, 22, 37), (0, 11, 5)):
        expected = geometry.apply(series.affine, np.array([indices[k], row, column]))
        # ITK's world is LPS, as DICOM's; the file's own is RAS.
        np.testing.assert_allclose(image.TransformIndexToPhysicalPoint((column, row, k)), expected, atol=1e-3)


def test_a_projection_keeps_its_spacing_if_it_is_the_patients(tmp_path: Path) -> None:
    phantoms.radiograph(tmp_path / "a.dcm", pixel_spacing=(0.3, 0.2), imager_pixel_spacing=(0.36, 0.24))
    _, series = open_series(tmp_path / "a.dcm")
    image = read(tmp_path, overlay(series), series)
    assert image.GetSpacing() == pytest.approx((0.2, 0.3, 1.0))
    np.testing.assert_array_equal(sitk.GetArrayFromImage(image), overlay(series).label_map)


@pytest.mark.parametrize("spacing", [None, (0.2, 0.15)])
def test_without_spacing_in_the_patient_lengths_are_pixels(spacing: tuple[float, float] | None, tmp_path: Path) -> None:
    phantoms.radiograph(tmp_path / "a.dcm", imager_pixel_spacing=spacing)
    _, series = open_series(tmp_path / "a.dcm")
    assert read(tmp_path, overlay(series), series).GetSpacing() == pytest.approx((1.0, 1.0, 1.0))


def test_a_stack_with_a_gap_claims_no_grid(tmp_path: Path) -> None:
    phantoms.ct(tmp_path / "ct", shape=(6, 23, 38), gaps=(3,))
    _, series = open_series(tmp_path / "ct")
    payload = nifti_bytes(overlay(series), series)
    import gzip

    qform, sform = np.frombuffer(gzip.decompress(payload)[252:256], "<i2")
    assert series.affine is None
    assert (qform, sform) == (0, 0)


def test_unevenly_chosen_frames_claim_no_grid(tmp_path: Path) -> None:
    phantoms.ct(tmp_path / "ct", shape=(6, 23, 38))
    _, series = open_series(tmp_path / "ct")
    image = read(tmp_path, overlay(series, (0, 1, 4)), series)
    assert image.GetSpacing() == pytest.approx((0.4, 0.7, 1.0))


def test_the_same_mask_gives_the_same_bytes(tmp_path: Path) -> None:
    phantoms.ct(tmp_path / "ct")
    _, series = open_series(tmp_path / "ct")
    drawn = overlay(series)
    assert nifti_bytes(drawn, series) == nifti_bytes(replace(drawn, id="another"), series)
