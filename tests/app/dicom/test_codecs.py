"""Decoded frames against pydicom's decoders, uncompressed twins and streams encoded here."""

from __future__ import annotations

import pickle
import struct
from dataclasses import replace
from pathlib import Path

import imagecodecs
import numpy as np
import pydicom
import pytest
from pydicom.data import get_testdata_file
from pydicom.pixels import pixel_array

from app.dicom.codecs import FrameSpec, decode_frame
from app.dicom.load import read_frame
from app.dicom.specs import spec_of
from app.errors import UnreadableFile
from tests import oracle
from tests.app.dicom.helpers import one_series

JPEG_LOSSLESS = "1.2.840.10008.1.2.4.70"
JPEG_EXTENDED = "1.2.840.10008.1.2.4.51"
JPEG_BASELINE = "1.2.840.10008.1.2.4.50"
JPEG_LS = "1.2.840.10008.1.2.4.80"
JPEG_2000 = "1.2.840.10008.1.2.4.90"
HTJ2K = "1.2.840.10008.1.2.4.201"


def file(name: str) -> Path:
    return Path(str(get_testdata_file(name, download=False)))


def spec(
    transfer_syntax: str, shape: tuple[int, ...], bits: int = 16, *, stored: int = 0, signed: bool = False
) -> FrameSpec:
    stored = stored or bits
    colour = len(shape) == 3
    return FrameSpec(
        transfer_syntax_uid=transfer_syntax,
        rows=shape[0],
        columns=shape[1],
        samples=3 if colour else 1,
        bits_allocated=bits,
        bits_stored=stored,
        high_bit=stored - 1,
        signed=signed,
        photometric="RGB" if colour else "MONOCHROME2",
        planar=0,
    )


AS_PYDICOM = [
    "CT_small.dcm",
    "ExplVR_BigEnd.dcm",
    "J2K_pixelrep_mismatch.dcm",
    "JPEG2000.dcm",
    "JPEGLSNearLossless_08.dcm",
    "JPEGLSNearLossless_16.dcm",
    "MR_small_RLE.dcm",
    "MR_small_bigendian.dcm",
    "MR_small_implicit.dcm",
    "MR_small_jp2klossless.dcm",
    "MR_small_jpeg_ls_lossless.dcm",
    "MR_small_padded.dcm",
    "SC_jpeg_no_color_transform.dcm",
    "SC_jpeg_no_color_transform_2.dcm",
    "SC_rgb_dcmtk_+eb+cr.dcm",
    "SC_rgb_dcmtk_+eb+cy+n1.dcm",
    "SC_rgb_dcmtk_+eb+cy+n2.dcm",
    "SC_rgb_dcmtk_+eb+cy+np.dcm",
    "SC_rgb_dcmtk_+eb+cy+s2.dcm",
    "SC_rgb_dcmtk_+eb+cy+s4.dcm",
    "SC_rgb_gdcm_KY.dcm",
    "SC_rgb_jls_lossy_line.dcm",
    "SC_rgb_jls_lossy_sample.dcm",
    "SC_rgb_jpeg.dcm",
    "SC_rgb_jpeg_app14_dcmd.dcm",
    "SC_rgb_jpeg_dcmtk.dcm",
    "SC_rgb_jpeg_lossy_gdcm.dcm",
    "SC_rgb_rle.dcm",
    "SC_rgb_rle_16bit.dcm",
    "SC_rgb_rle_32bit.dcm",
    "SC_rgb_small_odd.dcm",
    "SC_rgb_small_odd_big_endian.dcm",
    "SC_rgb_small_odd_jpeg.dcm",
    "SC_ybr_full_422_uncompressed.dcm",
    "examples_jpeg2k.dcm",
    "examples_palette.dcm",
    "examples_rgb_color.dcm",
    "image_dfl.dcm",
]
AS_PYDICOM_DATA = [
    "693_J2KR.dcm",
    "693_UNCI.dcm",
    "MR2_J2KI.dcm",
    "OBXXXX1A_rle.dcm",
    "RG3_J2KR.dcm",
    "SC_rgb_16bit.dcm",
    "SC_rgb_32bit.dcm",
    "SC_rgb_expb.dcm",
    "SC_rgb_expb_16bit.dcm",
    "SC_rgb_expb_32bit.dcm",
    "SC_ybr_full_uncompressed.dcm",
    "US1_J2KI.dcm",
    "color-pl.dcm",
    "color-px.dcm",
    "explicit_VR-UN.dcm",
    "gdcm-US-ALOKA-16_big.dcm",
]


def decoded(dataset: pydicom.Dataset) -> np.ndarray:
    """The first frame as pydicom decodes it."""
    return dataset.pixel_array[0] if int(dataset.get("NumberOfFrames") or 1) > 1 else dataset.pixel_array


def assert_as_pydicom(path: Path) -> None:
    dataset = pydicom.dcmread(path)
    expected = decoded(dataset)
    found = read_frame(one_series(path), 0)
    assert found.dtype == expected.dtype.newbyteorder("=")
    np.testing.assert_array_equal(found, expected)


@pytest.mark.filterwarnings("ignore::UserWarning:pydicom")
@pytest.mark.parametrize("name", AS_PYDICOM)
def test_frame_equals_what_pydicom_decodes(name: str) -> None:
    assert_as_pydicom(file(name))


@pytest.mark.filterwarnings("ignore::UserWarning:pydicom")
@pytest.mark.parametrize("name", AS_PYDICOM_DATA)
def test_frame_of_pydicom_data_equals_what_pydicom_decodes(name: str, pydicom_data: Path) -> None:
    assert_as_pydicom(pydicom_data / name)


@pytest.mark.parametrize(
    "name",
    [
        "SC_rgb_2frame.dcm",
        "SC_rgb_16bit_2frame.dcm",
        "SC_rgb_expb_16bit_2frame.dcm",
        "SC_rgb_expb_2frame.dcm",
        "OBXXXX1A_rle_2frame.dcm",
        "emri_small_RLE.dcm",
        "emri_small_big_endian.dcm",
        "emri_small_jpeg_2k_lossless.dcm",
        "emri_small_jpeg_ls_lossless.dcm",
        "color3d_jpeg_baseline.dcm",
    ],
)
def test_every_frame_of_a_multiframe_file_is_found(name: str, pydicom_data: Path) -> None:
    dataset = pydicom.dcmread(pydicom_data / name)
    series = one_series(pydicom_data / name)
    count = int(dataset.NumberOfFrames)
    assert len(series.frames) == count
    for index in sorted({0, 1, count // 2, count - 1}):
        np.testing.assert_array_equal(read_frame(series, index), pixel_array(dataset, index=index))


@pytest.mark.parametrize(
    ("compressed", "twin"),
    [
        ("693_J2KR.dcm", "693_UNCR.dcm"),
        ("MR2_J2KR.dcm", "MR2_UNCR.dcm"),
        ("RG1_J2KR.dcm", "RG1_UNCR.dcm"),
        ("RG3_J2KR.dcm", "RG3_UNCR.dcm"),
        ("US1_J2KR.dcm", "US1_UNCR.dcm"),
        ("693_J2KI.dcm", "693_UNCI.dcm"),
        ("US1_J2KI.dcm", "US1_UNCI.dcm"),
        ("emri_small_RLE.dcm", "emri_small.dcm"),
        ("emri_small_jpeg_ls_lossless.dcm", "emri_small.dcm"),
        ("OBXXXX1A_rle.dcm", "OBXXXX1A.dcm"),
        ("OBXXXX1A_expb.dcm", "OBXXXX1A.dcm"),
        ("gdcm-US-ALOKA-16_big.dcm", "gdcm-US-ALOKA-16.dcm"),
        ("color-pl.dcm", "color-px.dcm"),
    ],
)
def test_lossless_files_equal_their_uncompressed_twins(compressed: str, twin: str, pydicom_data: Path) -> None:
    paths = [pydicom_data / name for name in (compressed, twin)]
    for path in paths:
        if not path.exists():
            paths[paths.index(path)] = file(path.name)
    one, other = (read_frame(one_series(path), 0) for path in paths)
    np.testing.assert_array_equal(one, other)


def ramp(bits: int, *, signed: bool = False) -> np.ndarray:
    values = (np.arange(64 * 48).reshape(64, 48) * 7919) % 2**bits
    values = values - 2 ** (bits - 1) if signed else values
    size = 8 if bits <= 8 else 16
    return values.astype(f"{'i' if signed else 'u'}{size // 8}")


@pytest.mark.parametrize("bits", [8, 10, 12, 16])
@pytest.mark.parametrize("signed", [False, True])
@pytest.mark.parametrize("syntax", [JPEG_LS, JPEG_LOSSLESS, JPEG_2000])
def test_odd_depths_and_signs_come_back_exactly(bits: int, signed: bool, syntax: str) -> None:
    values = ramp(bits, signed=signed)
    raw = values.view(f"u{values.dtype.itemsize}") & np.array(2**bits - 1, f"u{values.dtype.itemsize}")
    if syntax == JPEG_LS:
        data = imagecodecs.jpegls_encode(raw)
    elif syntax == JPEG_LOSSLESS:
        data = imagecodecs.ljpeg_encode(raw, bitspersample=bits)
    else:
        data = imagecodecs.jpeg2k_encode(raw, level=0, codecformat="J2K", reversible=True, bitspersample=bits)
    allocated = values.dtype.itemsize * 8
    found = decode_frame(data, spec(syntax, values.shape, allocated, stored=bits, signed=signed))
    assert found.dtype == values.dtype
    np.testing.assert_array_equal(found, values)


def test_signed_jpeg_2000_streams_keep_their_sign() -> None:
    values = ramp(12, signed=True)
    data = imagecodecs.jpeg2k_encode(values, level=0, codecformat="J2K", reversible=True)
    found = decode_frame(data, spec(JPEG_2000, values.shape, 16, stored=12, signed=True))
    np.testing.assert_array_equal(found, values)


def test_htj2k_decodes() -> None:
    values = ramp(12)
    data = imagecodecs.htj2k_encode(values, reversible=True)
    np.testing.assert_array_equal(decode_frame(data, spec(HTJ2K, values.shape, 16, stored=12)), values)


def test_12_bit_jpeg_extended_decodes_near_its_original() -> None:
    smooth = np.add.outer(np.arange(64) * 30, np.arange(48) * 20).astype(np.uint16)
    data = imagecodecs.jpeg8_encode(smooth, level=98, bitspersample=12)
    found = decode_frame(data, spec(JPEG_EXTENDED, smooth.shape, 16, stored=12))
    assert int(found.max()) > 255
    assert np.abs(found.astype(int) - smooth).max() <= 16


def test_lossy_jpeg_of_12_bits_from_another_toolkit_decodes() -> None:
    series = one_series(file("JPGExtended.dcm"))
    frame = read_frame(series, 0)
    reference = decoded(pydicom.dcmread(file("JPEG2000.dcm"))).clip(0)
    # The same picture by two lossy codecs.
    assert np.abs(frame.astype(int) - reference).mean() < 4


def test_rgb_lossless_jpeg_decodes() -> None:
    frame = read_frame(one_series(file("SC_rgb_jpeg_gdcm.dcm")), 0)
    expected = decoded(pydicom.dcmread(file("SC_rgb_rle.dcm")))
    np.testing.assert_array_equal(frame, expected)


def test_native_ybr_becomes_rgb_as_pydicom_computes_it(pydicom_data: Path) -> None:
    path = pydicom_data / "SC_ybr_full_uncompressed.dcm"
    dataset = pydicom.dcmread(path)
    raw = np.frombuffer(dataset.PixelData, np.uint8)[:30000].reshape(100, 100, 3)
    if dataset.PlanarConfiguration == 1:
        raw = np.moveaxis(np.frombuffer(dataset.PixelData, np.uint8)[:30000].reshape(3, 100, 100), 0, -1)
    np.testing.assert_array_equal(read_frame(one_series(path), 0), oracle.ybr_to_rgb(raw, 8))


def test_one_bit_frames_are_unpacked_across_byte_borders() -> None:
    bits = np.random.default_rng(1).integers(0, 2, (3, 5, 7), dtype=np.uint8)
    packed = np.packbits(bits.reshape(-1), bitorder="little").tobytes()
    one_bit = spec("1.2.840.10008.1.2.1", (5, 7), 1)
    for frame in range(3):
        start, offset = divmod(frame * 35, 8)
        np.testing.assert_array_equal(decode_frame(packed[start:], one_bit, offset), bits[frame])


@pytest.mark.parametrize(
    ("words", "stored", "high", "signed", "expected"),
    [
        ([0xF123, 0x0FFF], 12, 11, False, [0x123, 0xFFF]),
        ([0x1230, 0xFFF0], 12, 15, False, [0x123, 0xFFF]),
        ([0xF123, 0x0FFF], 12, 11, True, [0x123, -1]),
        ([0x8000, 0x7FF0], 12, 15, True, [-2048, 2047]),
        ([0x8000, 0xFFFF], 16, 15, True, [-32768, -1]),
    ],
)
def test_unused_bits_are_cleared_and_signs_extended(
    words: list[int], stored: int, high: int, signed: bool, expected: list[int]
) -> None:
    native = replace(spec("1.2.840.10008.1.2.1", (1, 2), 16, stored=stored, signed=signed), high_bit=high)
    found = decode_frame(struct.pack("<2H", *words), native)
    assert found.tolist() == [expected]


def test_a_frame_of_another_size_than_its_header_is_refused_before_decoding() -> None:
    data = imagecodecs.jpegls_encode(ramp(12))
    with pytest.raises(UnreadableFile, match="64 × 48 pixels where the header says 64 × 47"):
        decode_frame(data, spec(JPEG_LS, (64, 47), 16, stored=12))


def test_a_stream_that_claims_absurd_pixels_is_never_decoded(monkeypatch: pytest.MonkeyPatch) -> None:
    data = bytearray(imagecodecs.jpeg8_encode(ramp(8)))
    at = data.index(b"\xff\xc0") + 5
    data[at : at + 4] = b"\xff\xff\xff\xff"

    def decode(*_: object, **__: object) -> None:
        raise AssertionError("the decoder was asked")

    monkeypatch.setattr(imagecodecs, "jpeg8_decode", decode)
    with pytest.raises(UnreadableFile, match="65535 × 65535"):
        decode_frame(bytes(data), spec(JPEG_BASELINE, (64, 48), 8))


@pytest.mark.parametrize("syntax", [JPEG_BASELINE, JPEG_LOSSLESS, JPEG_LS, JPEG_2000, "1.2.840.10008.1.2.5"])
@pytest.mark.parametrize("data", [b"", b"\0" * 200, b"\xff\xd8\xff", b"\xff\x4f\xff\x51" + b"\xff" * 60])
def test_garbage_is_unreadable_not_a_crash(syntax: str, data: bytes) -> None:
    with pytest.raises(UnreadableFile):
        decode_frame(data, spec(syntax, (64, 48), 16))


@pytest.mark.parametrize(
    ("uid", "words"),
    [
        ("1.2.840.10008.1.2.4.102", "video"),
        ("1.2.840.10008.1.2.4.107", "video"),
        ("1.2.840.10008.1.2.4.94", "no decoder for JPIP Referenced"),
        ("1.2.3.4", "no decoder for transfer syntax 1.2.3.4"),
    ],
)
def test_what_cannot_be_decoded_is_named_with_what_to_do(uid: str, words: str) -> None:
    with pytest.raises(UnreadableFile, match=words) as error:
        decode_frame(b"", spec(uid, (4, 4)))
    assert error.value.what_now


def test_a_spec_travels_to_another_process(pydicom_data: Path) -> None:
    series = one_series(pydicom_data / "693_J2KR.dcm")
    sent = spec_of(series.instances[0])
    assert pickle.loads(pickle.dumps(sent)) == sent
