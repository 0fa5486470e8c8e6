"""Volumes, presentation images and attributes: what leaves this layer for inference."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from app.dicom.attributes import attributes
from app.dicom.load import SeriesPixels, load, read_frame
from app.dicom.volume import presentation_image, volume
from app.errors import UnreadableFile
from inference import geometry
from inference.volume import Calibration
from tests import phantoms
from tests.app.dicom.helpers import one_series, opened


@pytest.mark.parametrize("reverse", [False, True])
def test_the_marked_corner_is_where_the_affine_says(tmp_path: Path, reverse: bool) -> None:
    phantoms.ct(tmp_path, orientation=phantoms.OBLIQUE, reverse=reverse)
    series, pixels = opened(tmp_path)
    made = volume(series, pixels)
    assert made.voxels.dtype == np.float32
    np.testing.assert_array_equal(made.voxels, phantoms.ct_values() - 1024.0)
    assert made.unit == "HU"
    assert made.calibration is Calibration.PATIENT
    assert made.affine is not None
    corner = np.argwhere(made.voxels == phantoms.CORNER - 1024)[0]
    np.testing.assert_allclose(geometry.apply(made.affine, corner), [-10, -20, 30], atol=1e-6)


def test_each_frame_is_rescaled_by_its_own_slope(tmp_path: Path) -> None:
    phantoms.ct(tmp_path, RescaleSlope=lambda k: str(k + 1), RescaleIntercept=lambda k: str(-10 * k))
    series, pixels = opened(tmp_path)
    expected = phantoms.ct_values() * np.arange(1.0, 4.0)[:, None, None] - 10 * np.arange(3.0)[:, None, None]
    np.testing.assert_array_equal(volume(series, pixels).voxels, expected)


def test_a_volume_with_holes_is_refused(tmp_path: Path) -> None:
    paths = phantoms.ct(tmp_path)
    series = one_series(tmp_path)
    with pytest.raises(UnreadableFile, match="not been loaded completely"):
        volume(series, SeriesPixels(series))
    paths[1].unlink()
    with pytest.raises(UnreadableFile, match="1 of 3 images are missing") as error:
        volume(series, load(series))
    assert paths[1].name in str(error.value)


def test_positions_without_a_grid_give_no_affine(tmp_path: Path) -> None:
    phantoms.ct(tmp_path, shape=(6, 8, 9), gaps=[3])
    series, pixels = opened(tmp_path)
    made = volume(series, pixels)
    assert made.affine is None
    assert made.pixel_spacing == (0.7, 0.4)


@pytest.mark.parametrize("window", [None, (2048.0, 4096.0)])
def test_both_photometrics_present_alike(tmp_path: Path, window: tuple[float, float] | None) -> None:
    images = []
    for photometric in ("MONOCHROME1", "MONOCHROME2"):
        series, pixels = opened(*phantoms.radiograph(tmp_path / photometric, photometric=photometric, window=window))
        made = presentation_image(series, pixels, 0)
        alone = presentation_image(series, read_frame(series, 0), 0)
        np.testing.assert_array_equal(made.voxels, alone.voxels)
        images.append(made)
    one, other = images
    assert one.shape == (1, 120, 96)
    assert one.voxels.dtype == np.float32
    assert one.unit == "presentation"
    assert one.affine is None
    assert (one.pixel_spacing, one.calibration) == ((0.2, 0.15), Calibration.DETECTOR)
    assert 0 <= one.voxels.min() < one.voxels.max() <= 1
    np.testing.assert_allclose(one.voxels, other.voxels, atol=2 / 2600)
    # Lungs are dark, what surrounds them is bright.
    assert one.voxels[0, 54, 29] < 0.4 < one.voxels[0, 2, 48]


def test_percentiles_of_the_frame_present_an_image_without_window(tmp_path: Path) -> None:
    series, pixels = opened(*phantoms.radiograph(tmp_path / "dx"))
    low, high = np.percentile(phantoms.radiograph_values(), [0.5, 99.5])
    expected = np.clip((phantoms.radiograph_values() - low) / (high - low), 0, 1)
    np.testing.assert_allclose(presentation_image(series, pixels, 0).voxels[0], expected, atol=1e-6)


def test_colour_presents_as_luminance(tmp_path: Path) -> None:
    series, pixels = opened(*phantoms.cine(tmp_path / "c.dcm"))
    values = phantoms.cine_values()[2].astype(np.float64) @ [0.299, 0.587, 0.114] / 255
    np.testing.assert_allclose(presentation_image(series, pixels, 2).voxels[0], values, atol=1e-6)


def test_the_demo_radiograph_presents_bright_spine_and_dark_lungs(pydicom_data: Path) -> None:
    series, pixels = opened(pydicom_data / "RG1_UNCR.dcm")
    made = presentation_image(series, pixels, 0)
    assert made.shape == (1, 1955, 1841)
    assert made.pixel_spacing is None
    assert made.calibration is Calibration.NONE
    image = made.voxels[0]
    spine, lung = image[900:1200, 860:960].mean(), image[700:900, 1350:1450].mean()
    assert spine > lung + 0.1


def test_attributes_of_a_radiograph(tmp_path: Path) -> None:
    (path,) = phantoms.radiograph(tmp_path / "dx", photometric="MONOCHROME1")
    found = attributes(one_series(path), 0)
    assert (found.modality, found.body_part, found.view_position) == ("DX", "CHEST", "PA")
    assert found.patient_orientation == ("L", "F")
    assert found.patient_age_years == 54
    assert (found.photometric, found.is_colour, found.number_of_frames) == ("MONOCHROME1", False, 1)


@pytest.mark.parametrize(
    ("age", "years"), [("018M", 1.5), ("003W", 21 / 365.25), ("010D", 10 / 365.25), ("100Y", 100.0), ("old", None)]
)
def test_ages(tmp_path: Path, age: str, years: float | None) -> None:
    (path,) = phantoms.radiograph(tmp_path / "dx", PatientName="X", PatientAge=None)
    data = path.read_bytes()
    # Written by hand: pydicom would refuse what files in the wild hold.
    value = age.encode().ljust(4)
    name = b"\x10\x00\x40\x00CS"
    at = data.index(name)
    element = b"\x10\x00\x10\x10AS\x04\x00" + value
    path.write_bytes(data[: at + 10] + element + data[at + 10 :])
    found = attributes(one_series(path), 0).patient_age_years
    assert found == (None if years is None else pytest.approx(years))


def test_a_silent_header_gives_silent_attributes(tmp_path: Path) -> None:
    silent = dict.fromkeys(
        ("BodyPartExamined", "ViewPosition", "PatientOrientation", "PatientAge", "SeriesDescription")
    )
    (path,) = phantoms.radiograph(tmp_path / "dx", **silent)
    found = attributes(one_series(path), 0)
    assert (found.body_part, found.view_position, found.patient_orientation) == ("", "", ("", ""))
    assert found.patient_age_years is None


def test_attributes_of_a_ct(tmp_path: Path) -> None:
    phantoms.ct(tmp_path, ConvolutionKernel="B30f")
    found = attributes(one_series(tmp_path), 1)
    assert (found.modality, found.kernel, found.slice_thickness_mm) == ("CT", "B30f", 2.5)


def test_large_and_small_frames_present_the_same_values(tmp_path: Path) -> None:
    """A table serves large frames, arithmetic small ones: the values are the same to the last bit."""
    rng = np.random.default_rng(3)
    values = rng.integers(0, 4096, (300, 280), dtype=np.uint16)
    series = one_series(*phantoms.radiograph(tmp_path / "a.dcm", pixels=values, window=(1800, 2300)))
    whole = presentation_image(series, values, 0).voxels[0]
    assert values.size > 2**16
    for row in (0, 17, 299):
        piece = presentation_image(series, values[row : row + 1], 0).voxels[0]
        assert np.array_equal(whole[row : row + 1], piece)
