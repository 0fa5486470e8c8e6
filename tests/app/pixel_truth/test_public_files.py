"""``render --size native`` on public files against the plain pipeline of ``tests/oracle.py``: every pixel the same."""

from __future__ import annotations

from pathlib import Path

import data_store
import numpy as np
import pydicom
import pydicom.data
import pytest
import SimpleITK as sitk

from app.main import main
from tests import oracle
from tests.app.pixel_truth.made import (
    Render,
    explicit_window,
    read,
    spelled,
)

SHIPPED = Path(pydicom.data.__file__).parent / "test_files"


PUBLIC = Path(data_store.__file__).parent / "data"


NO_IMAGE = {
    "ExplVR_BigEndNoMeta.dcm": "not an image",
    "ExplVR_LitEndNoMeta.dcm": "not an image",
    "JPEG2000-embedded-sequence-delimiter.dcm": "where the header says 1024 × 256",
    "MR_truncated.dcm": "truncated",
    "UN_sequence.dcm": "no size",
    "badVR.dcm": "a radiotherapy dose",
    "empty_charset_LEI.dcm": "not an image",
    "liver.dcm": "a segmentation",
    "liver_1frame.dcm": "a segmentation",
    "liver_expb.dcm": "a segmentation",
    "liver_expb_1frame.dcm": "a segmentation",
    "meta_missing_tsyntax.dcm": "not an image",
    "nested_priv_SQ.dcm": "not an image",
    "no_meta.dcm": "not a DICOM file",
    "no_meta_group_length.dcm": "no size",
    "priv_SQ.dcm": "no size",
    "reportsi.dcm": "not an image",
    "reportsi_with_empty_number_tags.dcm": "not an image",
    "rtdose.dcm": "a radiotherapy dose",
    "rtdose_1frame.dcm": "a radiotherapy dose",
    "rtdose_expb.dcm": "a radiotherapy dose",
    "rtdose_expb_1frame.dcm": "a radiotherapy dose",
    "rtdose_rle.dcm": "a radiotherapy dose",
    "rtdose_rle_1frame.dcm": "a radiotherapy dose",
    "rtplan.dcm": "not an image",
    "rtplan_truncated.dcm": "not an image",
    "rtstruct.dcm": "not an image",
    "test-SR.dcm": "not an image",
    "waveform_ecg.dcm": "not an image",
}
"""Files that are refused, and the words that say why."""


BY_GDCM = {
    "GDCMJ2K_TextGBR.dcm",
    "JPEG-LL.dcm",
    "JPEG-lossy.dcm",
    "JPGExtended.dcm",
    "JPGLosslessP14SV1_1s_1f_8b.dcm",
    "SC_rgb_jpeg_gdcm.dcm",
    "bad_sequence.dcm",
}
"""Compressed in ways for which pydicom has no decoder here; GDCM, within SimpleITK, gives their stored values."""


TWINS = {"emri_small_jpeg_2k_lossless_too_short.dcm": "emri_small.dcm"}
"""Files that pydicom cannot read at all, with a twin that it can."""


TOO_LARGE = {"MR2_J2KR.dcm", "RG1_J2KI.dcm", "RG1_J2KR.dcm", "RG1_UNCI.dcm", "RG3_J2KR.dcm", "RG3_UNCI.dcm"}
"""Seconds each, for what smaller files show as well."""


def files() -> list[Path]:
    found = [*SHIPPED.glob("*.dcm"), *PUBLIC.glob("*.dcm")]
    return sorted((path for path in found if path.name not in TOO_LARGE), key=lambda path: path.name)


@pytest.mark.parametrize(
    "path", [p for p in files() if p.name not in {*NO_IMAGE, *BY_GDCM, *TWINS}], ids=lambda p: p.name
)
def test_a_public_file_shows_what_the_plain_pipeline_shows(render: Render, path: Path) -> None:
    dataset = read(path)
    np.testing.assert_array_equal(render(path, "--frame", 1), oracle.picture(dataset))
    last = int(dataset.get("NumberOfFrames", 1)) - 1
    values = oracle.stored(dataset, last)
    if oracle.is_colour(dataset):
        if last:
            np.testing.assert_array_equal(render(path, "--frame", last + 1), oracle.rgb(dataset, values))
        return
    window = explicit_window(dataset, values, last)
    shown = render(path, "--frame", last + 1, "--window", spelled(window))
    np.testing.assert_array_equal(shown, oracle.shown(dataset, values, last, window))
    for number, own in enumerate(oracle.windows(dataset, last), start=1):
        shown = render(path, "--frame", last + 1, "--window", f"dicom:{number}")
        np.testing.assert_array_equal(shown, oracle.shown(dataset, values, last, own))


@pytest.mark.parametrize("path", [p for p in files() if p.name in BY_GDCM], ids=lambda p: p.name)
def test_a_public_file_that_gdcm_decodes_shows_the_same(render: Render, path: Path) -> None:
    dataset = read(path)
    reader = sitk.ImageFileReader()
    reader.SetImageIO("GDCMImageIO")
    reader.SetFileName(str(path))
    values = sitk.GetArrayFromImage(reader.Execute())[0].astype(np.int64)
    if dataset.get("RescaleSlope") is not None:
        # SimpleITK hands out modality values.
        values = (values - int(dataset.RescaleIntercept)) // int(dataset.RescaleSlope)
    if oracle.is_colour(dataset):
        # GDCM has turned it into RGB.
        np.testing.assert_array_equal(render(path), values)
        return
    window = explicit_window(dataset, values, 0)
    shown = render(path, "--window", spelled(window))
    np.testing.assert_array_equal(shown, oracle.shown(dataset, values, 0, window))
    own = oracle.windows(dataset)
    opening = own[0] if own else oracle.percentile_window([(dataset, values, 0)])
    np.testing.assert_array_equal(render(path), oracle.shown(dataset, values, 0, opening))


@pytest.mark.parametrize("name", sorted(TWINS))
def test_what_is_whole_of_a_truncated_file_equals_its_twin(render: Render, name: str) -> None:
    twin = read(PUBLIC / TWINS[name])
    for frame in (0, 3):
        shown = render(PUBLIC / name, "--frame", frame + 1, "--window", "300/150")
        np.testing.assert_array_equal(shown, oracle.picture(twin, frame, (150.0, 300.0)))


@pytest.mark.parametrize("path", [p for p in files() if p.name in NO_IMAGE], ids=lambda p: p.name)
def test_a_public_file_without_an_image_is_refused_with_the_reason(
    path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    code = main(["render", str(path), "--out", str(tmp_path / "x.png"), "--size", "native"])
    told = capsys.readouterr().err
    assert code == 3
    assert path.name in told
    assert NO_IMAGE[path.name] in told
    assert not (tmp_path / "x.png").exists()
