"""Every transfer syntax opens from a file and shows what its uncompressed twin shows."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path

import imagecodecs
import numpy as np
import pydicom
import pytest
from pydicom.encaps import encapsulate
from pydicom.uid import UID

from app.dicom import syntaxes
from app.dicom.load import Status, load
from tests import phantoms
from tests.app.dicom.helpers import one_series, opened

_JPEG = "1.2.840.10008.1.2.4."
_SMOOTH = np.add.outer(np.arange(48) * 40, np.arange(64) * 30).astype(np.uint16)
_EIGHT_BITS = (_SMOOTH >> 4).astype(np.uint8)

Encode = Callable[[np.ndarray], bytes]

# Encoder, pixels, and how far a decoded pixel may be from its own: 0 where nothing is lost.
COMPRESSED: dict[str, tuple[Encode, np.ndarray, int]] = {
    "50": (lambda a: imagecodecs.jpeg8_encode(a, level=98), _EIGHT_BITS, 3),
    "51": (lambda a: imagecodecs.jpeg8_encode(a, level=98, bitspersample=12), _SMOOTH, 16),
    "57": (lambda a: imagecodecs.jpeg8_encode(a, lossless=True, predictor=4, bitspersample=12), _SMOOTH, 0),
    "70": (lambda a: imagecodecs.jpeg8_encode(a, lossless=True, predictor=1, bitspersample=12), _SMOOTH, 0),
    "80": (imagecodecs.jpegls_encode, _SMOOTH, 0),
    "81": (lambda a: imagecodecs.jpegls_encode(a, level=3), _SMOOTH, 3),
    "90": (lambda a: imagecodecs.jpeg2k_encode(a, level=0, codecformat="J2K", reversible=True), _SMOOTH, 0),
    "91": (lambda a: imagecodecs.jpeg2k_encode(a, level=90, codecformat="J2K", reversible=False), _SMOOTH, 16),
    "201": (lambda a: imagecodecs.htj2k_encode(a, reversible=True), _SMOOTH, 0),
    "202": (lambda a: imagecodecs.htj2k_encode(a, reversible=True), _SMOOTH, 0),
    "203": (lambda a: imagecodecs.htj2k_encode(a, reversible=False), _SMOOTH, 32),
}


def _written(path: Path, syntax: str, values: np.ndarray, data: bytes) -> Path:
    dataset = pydicom.dcmread(io.BytesIO(phantoms.ct(path.parent / "base", shape=(1, 23, 38))[0].read_bytes()))
    dataset.Rows, dataset.Columns = values.shape
    dataset.BitsAllocated = values.dtype.itemsize * 8
    dataset.BitsStored = min(dataset.BitsAllocated, 12)
    dataset.HighBit, dataset.PixelRepresentation = dataset.BitsStored - 1, 0
    dataset.file_meta.TransferSyntaxUID = syntax
    dataset.PixelData = data
    dataset["PixelData"].VR = "OB" if UID(syntax).is_encapsulated or values.dtype.itemsize == 1 else "OW"
    dataset["PixelData"].is_undefined_length = UID(syntax).is_encapsulated
    dataset.save_as(path)
    return path


@pytest.mark.parametrize("number", COMPRESSED)
def test_a_compressed_file_shows_its_uncompressed_twin(tmp_path: Path, number: str) -> None:
    encode, values, tolerance = COMPRESSED[number]
    plain = _written(tmp_path / "plain", "1.2.840.10008.1.2.1", values, values.tobytes())
    _, expected = opened(plain)
    np.testing.assert_array_equal(expected.stored[0], values)
    series, found = opened(_written(tmp_path / "compressed", _JPEG + number, values, encapsulate([encode(values)])))
    assert series.transfer_syntaxes == (_JPEG + number,)
    assert found.stored.dtype == expected.stored.dtype
    difference = np.abs(found.stored.astype(int) - expected.stored.astype(int))
    assert difference.max() <= tolerance


def test_all_of_jpeg_is_tried() -> None:
    wanted = syntaxes.JPEG | syntaxes.JPEG_LS | syntaxes.JPEG_2000 | syntaxes.HTJ2K
    assert {_JPEG + number for number in COMPRESSED} == wanted


@pytest.mark.parametrize("number", ["100", "101", "102", "103", "104", "105", "106", "107", "108"])
def test_video_is_named_and_not_played(tmp_path: Path, number: str) -> None:
    series = one_series(_written(tmp_path / "clip", _JPEG + number, _EIGHT_BITS, encapsulate([b"\0\0\1\xb3" * 40])))
    pixels = load(series)
    assert pixels.state(0).status is Status.FAILED
    assert "is not played" in pixels.state(0).reason
    assert "MPEG" in pixels.state(0).reason or "HEVC" in pixels.state(0).reason
