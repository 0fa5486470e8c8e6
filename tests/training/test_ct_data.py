from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from pydicom.uid import JPEGLSLossless

from app.dicom.volume import volume
from inference.volume import Volume
from tests import phantoms
from tests.app.dicom.helpers import opened
from training.ct_data import AIR, read_headers, read_slice, read_stack, stacks
from training.data import DataError


@pytest.mark.parametrize("orientation", [phantoms.AXIAL, phantoms.OBLIQUE], ids=["axial", "oblique"])
def test_a_stack_has_the_values_and_places_that_the_program_shows(
    tmp_path: Path, orientation: tuple[float, ...]
) -> None:
    phantoms.ct(tmp_path, orientation=orientation, reverse=True, ConvolutionKernel="B30f")
    (group,) = stacks(read_headers(tmp_path))
    stack = read_stack(group)
    np.testing.assert_array_equal(stack.hu, phantoms.ct_values().astype(np.float32) - 1024)
    np.testing.assert_allclose(stack.spacing, (2.5, 0.7, 0.4), atol=1e-5)
    shown = _shown(tmp_path)
    np.testing.assert_array_equal(stack.hu, shown.voxels)
    assert shown.affine is not None
    np.testing.assert_allclose(stack.affine, shown.affine, atol=1e-5)


def test_padding_is_air_and_marked(tmp_path: Path) -> None:
    values = np.full(phantoms.CT_SHAPE, 1064, np.int16)
    values[:, 0, :] = -2000
    values[:, 1, :] = -500
    phantoms.ct(tmp_path, voxels=values, PixelPaddingValue=-2000)
    one = read_slice(read_headers(tmp_path)[0])
    assert one.padded[:2].all()
    assert not one.padded[2:].any()
    assert (one.hu[:2] == AIR).all()
    assert (one.hu[2:] == 40).all()


def test_gaps_and_tilts_make_no_stack(tmp_path: Path) -> None:
    phantoms.ct(tmp_path / "gap", shape=(6, 8, 9), gaps=(2,))
    with pytest.raises(DataError, match="apart"):
        read_stack(stacks(read_headers(tmp_path / "gap"))[0])
    phantoms.ct(tmp_path / "tilt", tilt_degrees=20)
    with pytest.raises(DataError, match="tilt"):
        read_stack(stacks(read_headers(tmp_path / "tilt"))[0])


def test_what_is_no_ct_in_hu_is_left_out_and_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "notes.csv").write_text("no image")
    with pytest.raises(DataError, match="no CT slices"):
        read_headers(tmp_path)
    phantoms.ct(tmp_path, RescaleType="US")
    with pytest.raises(DataError, match="no CT slices"):
        read_headers(tmp_path)
    assert "'US' is not HU" in capsys.readouterr().err


def test_jpeg_ls_decodes(tmp_path: Path) -> None:
    phantoms.ct(tmp_path, transfer_syntax=JPEGLSLossless)
    stack = read_stack(stacks(read_headers(tmp_path))[0])
    np.testing.assert_array_equal(stack.hu, phantoms.ct_values().astype(np.float32) - 1024)


def test_real_slices_are_what_the_program_shows(shared_data: Path) -> None:
    folder = shared_data / "ct" / "crlm-ct-1004"
    (group,) = stacks(read_headers(folder))
    assert len(group) == 41
    stack = read_stack(group)
    shown = _shown(folder)
    assert shown.affine is not None
    np.testing.assert_allclose(stack.affine, shown.affine, atol=1e-4)
    np.testing.assert_array_equal(stack.hu, np.maximum(shown.voxels, AIR))


def test_the_single_slices_are_of_38_patients(shared_data: Path) -> None:
    headers = read_headers(shared_data / "ct" / "tcga-luad")
    assert len({header.patient for header in headers}) == 38
    assert all(header.kernel and header.thickness_mm and header.maker for header in headers)


def _shown(folder: Path) -> Volume:
    return volume(*opened(folder))
