"""Overlay planes against bits that were laid down one by one, and pixel values that never hold any of them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import imagecodecs
import numpy as np
import numpy.typing as npt
import pydicom
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydicom import Dataset
from pydicom.data import get_testdata_file
from pydicom.dataelem import RawDataElement
from pydicom.dataset import FileMetaDataset
from pydicom.encaps import encapsulate
from pydicom.tag import Tag
from pydicom.uid import ExplicitVRBigEndian, JPEGLSLossless, RLELossless

from app.dicom.model import FrameKey, Instance
from app.dicom.overlay_planes import OverlayPlane, overlay_planes
from tests import phantoms
from tests.app.dicom.helpers import one_series, opened

ROWS, COLUMNS = 23, 38


def marks(rows: int = ROWS, columns: int = COLUMNS, frames: int = 1) -> npt.NDArray[np.bool_]:
    """A pattern with no symmetry, shape (frames, rows, columns)."""
    frame, row, column = np.indices((frames, rows, columns))
    return (3 * row + 5 * column + row * column + 7 * frame) % 11 < 4


def packed(bits: npt.NDArray[np.bool_]) -> bytes:
    """PS3.5 8.1.2: the first bit is the lowest of the first byte; frames follow each other without padding."""
    out = bytearray((bits.size + 15) // 16 * 2)
    for at, bit in enumerate(bits.ravel()):
        out[at // 8] |= int(bit) << at % 8
    return bytes(out)


def add_plane(path: Path, group: int, bits: npt.NDArray[np.bool_], **elements: Any) -> None:
    """Write an overlay plane with its bits packed; ``elements`` by hexadecimal element number, ``None`` removes."""
    dataset = pydicom.dcmread(path)
    values: dict[int, tuple[str, Any]] = {
        0x0010: ("US", bits.shape[1]),
        0x0011: ("US", bits.shape[2]),
        0x0040: ("CS", "G"),
        0x0050: ("SS", [1, 1]),
        0x0100: ("US", 1),
        0x0102: ("US", 0),
        0x3000: ("OW", packed(bits)),
    }
    for name, value in elements.items():
        values[int(name[1:], 16)] = value
    for element, entry in values.items():
        if entry is not None:
            dataset.add_new(group << 16 | element, *entry)
    dataset.save_as(path)


def only_plane(path: Path, index: int = 0) -> OverlayPlane:
    (plane,) = overlay_planes(one_series(path), index)
    return plane


@pytest.fixture
def image(tmp_path: Path) -> Path:
    return phantoms.ct(tmp_path / "ct", shape=(1, ROWS, COLUMNS))[0]


def test_packed_bits_lie_where_they_were_laid(image: Path) -> None:
    add_plane(image, 0x6000, marks(), e1500=("LO", "Contour"))
    plane = only_plane(image)
    np.testing.assert_array_equal(plane.bits, marks()[0])
    assert (plane.bits.dtype, plane.label, plane.kind, plane.group) == (np.dtype(bool), "Contour", "G", 0x6000)


def test_several_planes_come_by_group_with_their_kinds_and_names(image: Path) -> None:
    add_plane(image, 0x601E, ~marks(), e0040=("CS", "R"), e0022=("LO", "Region"))
    add_plane(image, 0x6002, marks())
    planes = overlay_planes(one_series(image), 0)
    assert [(p.group, p.kind, p.label) for p in planes] == [(0x6002, "G", ""), (0x601E, "R", "Region")]
    np.testing.assert_array_equal(planes[1].bits, ~marks()[0])


@pytest.mark.parametrize("origin", [(1, 1), (5, 9), (-3, -6), (20, 30), (-30, 1), (1, 100), (0, 0)])
@pytest.mark.parametrize("size", [(ROWS, COLUMNS), (10, 13), (60, 71)])
def test_the_origin_moves_a_plane_of_any_size(image: Path, origin: tuple[int, int], size: tuple[int, int]) -> None:
    bits = marks(*size)
    add_plane(image, 0x6000, bits, e0050=("SS", list(origin)))
    expected = np.zeros((ROWS, COLUMNS), bool)
    for row in range(size[0]):
        for column in range(size[1]):
            y, x = row + origin[0] - 1, column + origin[1] - 1
            if 0 <= y < ROWS and 0 <= x < COLUMNS:
                expected[y, x] = bits[0, row, column]
    np.testing.assert_array_equal(only_plane(image).bits, expected)


def test_a_plane_of_a_real_image_equals_pydicoms() -> None:
    path = Path(str(get_testdata_file("examples_overlay.dcm", download=False)))
    expected = pydicom.dcmread(path).overlay_array(0x6000)
    assert expected.any()
    np.testing.assert_array_equal(only_plane(path).bits, expected)


def test_another_real_one(pydicom_data: Path) -> None:
    path = pydicom_data / "MR-SIEMENS-DICOM-WithOverlays.dcm"
    plane = only_plane(path)
    np.testing.assert_array_equal(plane.bits, pydicom.dcmread(path).overlay_array(0x6000))
    assert plane.label == "Siemens MedCom Object Graphics"


def enhanced(tmp_path: Path, bits: npt.NDArray[np.bool_], **elements: Any) -> Path:
    (path,) = phantoms.enhanced_ct(tmp_path / "e.dcm", shape=(4, ROWS, COLUMNS))
    add_plane(path, 0x6000, bits, **elements)
    return path


@pytest.mark.parametrize(("origin", "first"), [(None, 0), (1, 0), (2, 1), (0, 0)])
def test_frames_of_an_overlay_begin_at_its_frame_of_the_image(tmp_path: Path, origin: int | None, first: int) -> None:
    bits = marks(frames=2)
    frame_origin = None if origin is None else ("US", origin)
    path = enhanced(tmp_path, bits, e0015=("IS", "2"), e0051=frame_origin)
    series = one_series(path)
    for index in range(4):
        planes = overlay_planes(series, index)
        number = series.frames[index].frame - first
        if number in (0, 1):
            np.testing.assert_array_equal(planes[0].bits, bits[number])
        else:
            assert planes == ()


def test_an_overlay_that_says_nothing_of_frames_lies_over_all(tmp_path: Path) -> None:
    series = one_series(enhanced(tmp_path, marks()))
    for index in range(4):
        np.testing.assert_array_equal(overlay_planes(series, index)[0].bits, marks()[0])


def test_words_of_a_big_endian_file(image: Path) -> None:
    add_plane(image, 0x6000, marks())
    dataset = pydicom.dcmread(image)
    for tag, dtype in ((0x60003000, "<u2"), (0x7FE00010, "<u2")):
        dataset[tag].value = np.frombuffer(dataset[tag].value, dtype).astype(">u2").tobytes()
    bare = Dataset({element.tag: element for element in dataset})
    bare.file_meta = FileMetaDataset()
    bare.file_meta.TransferSyntaxUID = ExplicitVRBigEndian
    bare.save_as(image, implicit_vr=False, little_endian=False, enforce_file_format=False)
    series, pixels = opened(image)
    np.testing.assert_array_equal(pixels.stored[0], phantoms.ct_values((1, ROWS, COLUMNS))[0])
    np.testing.assert_array_equal(overlay_planes(series, 0)[0].bits, marks()[0])


def with_embedded(
    path: Path, values: npt.NDArray[np.int64], *, stored: int, low: int, planes: dict[int, int], signed: bool
) -> None:
    """16-bit cells: ``stored`` bits of ``values`` from bit ``low`` on, and a plane in each bit of ``planes`` (by
    group).
    """
    cells = (values & (2**stored - 1)) << low
    dataset = pydicom.dcmread(path)
    for group, bit in planes.items():
        cells = cells | (np.roll(marks()[0], bit, axis=1).astype(np.int64) << bit)
        for element, representation, value in [
            (0x0010, "US", ROWS),
            (0x0011, "US", COLUMNS),
            (0x0040, "CS", "G"),
            (0x0050, "SS", [1, 1]),
            (0x0100, "US", 16),
            (0x0102, "US", bit),
        ]:
            dataset.add_new(group << 16 | element, representation, value)
    dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit = 16, stored, low + stored - 1
    dataset.PixelRepresentation = int(signed)
    dataset.PixelData = cells.astype("<u2").tobytes()
    dataset.save_as(path)


def compressed(path: Path, transfer_syntax: str) -> None:
    dataset = pydicom.dcmread(path)
    if transfer_syntax == RLELossless:
        dataset.compress(RLELossless, generate_instance_uid=False)
    elif transfer_syntax == JPEGLSLossless:
        cells = np.frombuffer(dataset.PixelData, "<u2").reshape(ROWS, COLUMNS)
        dataset.PixelData = encapsulate([imagecodecs.jpegls_encode(np.ascontiguousarray(cells))])
        dataset["PixelData"].VR = "OB"
        dataset["PixelData"].is_undefined_length = True
        dataset.file_meta.TransferSyntaxUID = JPEGLSLossless
    dataset.save_as(path)


@pytest.mark.parametrize("transfer_syntax", ["native", RLELossless, JPEGLSLossless])
@pytest.mark.parametrize("signed", [False, True])
@pytest.mark.parametrize(("stored", "low"), [(12, 0), (12, 2), (10, 6)])
def test_embedded_planes_are_found_and_never_leak_into_values(
    image: Path, transfer_syntax: str, signed: bool, stored: int, low: int
) -> None:
    row, column = np.indices((ROWS, COLUMNS))
    values = (37 * row + 91 * column) % 2**stored - (2 ** (stored - 1) if signed else 0)
    free = [bit for bit in range(16) if not low <= bit < low + stored]
    planes = {0x6000: free[0], 0x6004: free[-1], 0x6006: free[1]}
    with_embedded(image, values, stored=stored, low=low, planes=planes, signed=signed)
    compressed(image, transfer_syntax)
    series, pixels = opened(image)
    np.testing.assert_array_equal(pixels.stored[0], values)
    found = overlay_planes(series, 0)
    assert [plane.group for plane in found] == sorted(planes)
    for plane in found:
        np.testing.assert_array_equal(plane.bits, np.roll(marks()[0], planes[plane.group], axis=1))


def test_a_bit_of_the_values_is_no_plane(image: Path) -> None:
    row, column = np.indices((ROWS, COLUMNS))
    values = (row * 40 + column) % 4096
    with_embedded(image, values, stored=12, low=0, planes={0x6000: 3}, signed=False)
    assert overlay_planes(one_series(image), 0) == ()


@pytest.mark.parametrize(
    "elements",
    [
        {"e3000": ("OW", b"\1\2")},
        {"e3000": None},
        {"e0010": None},
        {"e0010": ("US", 0)},
        {"e0011": ("US", 65535)},
        {"e0100": ("US", 16)},
        {"e0015": ("IS", "-4"), "e0051": ("US", 7)},
        {"e0051": ("US", 65535)},
    ],
)
def test_a_plane_that_makes_no_sense_is_left_out(image: Path, elements: dict[str, Any]) -> None:
    add_plane(image, 0x6000, marks(), **elements)
    assert overlay_planes(one_series(image), 0) == ()


def test_an_image_without_overlays_has_none(image: Path) -> None:
    assert overlay_planes(one_series(image), 0) == ()


def test_cells_that_cannot_be_read_have_no_planes(image: Path) -> None:
    row, column = np.indices((ROWS, COLUMNS))
    with_embedded(image, row + column, stored=12, low=0, planes={0x6000: 14}, signed=False)
    series = one_series(image)
    image.write_bytes(image.read_bytes()[:-100])
    assert overlay_planes(series, 0) == ()


class _Series:
    """Just what ``overlay_planes`` asks of a series."""

    def __init__(self, dataset: Dataset) -> None:
        self.instances = (Instance(Path("nowhere"), "", "", "1.2.840.10008.1.2.1", 1, dataset),)
        self.frames = (FrameKey(0, 0),)


@given(data=st.data())
def test_no_header_breaks_it(data: st.DataObject) -> None:
    dataset = Dataset()
    dataset.Rows, dataset.Columns, dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit = 9, 11, 16, 12, 11
    numbers = st.binary(max_size=6) | st.sampled_from([b"\1\0", b"\x0b\0", b"\xff\xff", b"\0\x80\xff\x7f", b"1 "])
    for element in (0x0010, 0x0011, 0x0015, 0x0040, 0x0050, 0x0051, 0x0100, 0x0102, 0x1500):
        if data.draw(st.booleans()):
            value = data.draw(numbers)
            tag = Tag(0x6000, element)
            kind = data.draw(st.sampled_from(["US", "SS", "IS", "UN", "LO", None]))
            dataset[tag] = RawDataElement(tag, kind, len(value), value, 0, kind is None, data.draw(st.booleans()))
    if data.draw(st.booleans()):
        value = data.draw(st.binary(max_size=64))
        tag = Tag(0x6000, 0x3000)
        kind = data.draw(st.sampled_from(["OB", "OW", "UN"]))
        dataset[tag] = RawDataElement(tag, kind, len(value), value, 0, False, data.draw(st.booleans()))
    for plane in overlay_planes(_Series(dataset), 0):  # type: ignore[arg-type]
        assert plane.bits.shape == (9, 11)
