"""Files made to harm: each ends in a picture or in one clear reason, within bounds of memory and time."""

from __future__ import annotations

import io
import os
import socket
import struct
import sys
import zlib
from pathlib import Path

import numpy as np
import pydicom
import pytest
from pydicom.encaps import encapsulate
from pydicom.uid import UID, DeflatedExplicitVRLittleEndian, ExplicitVRLittleEndian, JPEG2000Lossless, RLELossless

from app.dicom import load as loading
from app.dicom import parse
from app.dicom.index import index
from app.dicom.load import SeriesPixels, Status, load
from app.dicom.model import Series
from app.dicom.scan import scan
from app.errors import UnreadableFile, UserError
from inference.types import Cancelled
from tests import phantoms
from tests.app.dicom.helpers import all_series, one_series

SEQUENCE, ITEM = b"\x40\x00\x75\x02SQ\0\0\xff\xff\xff\xff", b"\xfe\xff\x00\xe0\xff\xff\xff\xff"
NO_ITEM, END = b"\xfe\xff\x00\xe0\0\0\0\0", b"\xfe\xff\xdd\xe0\0\0\0\0"


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """One small CT image."""
    return phantoms.ct(tmp_path_factory.mktemp("whole"), shape=(1, 23, 38))[0].read_bytes()


def before_pixels(whole: bytes, inserted: bytes) -> bytes:
    at = whole.index(b"\xe0\x7f\x10\x00")
    return whole[:at] + inserted + whole[at:]


def written(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


def reason(path: Path) -> str:
    found = scan([path])
    assert found.instances == ()
    return found.skipped[0].reason


def image(path: Path, whole: bytes, pixels: bytes, syntax: UID = ExplicitVRLittleEndian, **attributes: object) -> Path:
    """``whole`` with other pixels and attributes."""
    dataset = pydicom.dcmread(io.BytesIO(whole))
    for keyword, value in attributes.items():
        setattr(dataset, keyword, value)
    dataset.file_meta.TransferSyntaxUID = syntax
    dataset.PixelData = pixels
    dataset["PixelData"].VR = "OB" if syntax.is_encapsulated else "OW"
    dataset["PixelData"].is_undefined_length = syntax.is_encapsulated
    dataset.save_as(path)
    return path


# -- structure ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("depth", [500, 10_000])
def test_sequences_within_sequences_end_in_a_reason(tmp_path: Path, whole: bytes, depth: int) -> None:
    path = written(tmp_path / "nested", before_pixels(whole, (SEQUENCE + ITEM) * depth))
    assert reason(path) == "corrupt: sequences are nested too deeply"


def test_nesting_of_defined_lengths_is_not_followed(tmp_path: Path, whole: bytes) -> None:
    inner = b""
    for _ in range(1500):
        inner = NO_ITEM[:4] + struct.pack("<I", len(inner)) + inner
        inner = SEQUENCE[:8] + struct.pack("<I", len(inner)) + inner
    path = written(tmp_path / "nested", before_pixels(whole, inner))
    assert load(one_series(path)).is_loaded(0)


def test_millions_of_elements_are_not_waited_for(tmp_path: Path, whole: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parse, "MAX_ELEMENTS", 2000)
    tiny = b"".join(struct.pack("<HH", group, n) + b"LO\0\0" for group in (0x29, 0x2B) for n in range(0x1000, 0xFFFF))
    assert "more elements" in reason(written(tmp_path / "ascending", before_pixels(whole, tiny)))
    zeros = b"\x08\x00\x05\x00\0\0\0\0" * 300_000
    assert "more elements" in reason(written(tmp_path / "zeros", zeros))


def test_millions_of_items_are_not_waited_for(tmp_path: Path, whole: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    parses: list[int] = []
    parsed = parse._parse
    monkeypatch.setattr(parse, "MAX_READS", 20_000)
    monkeypatch.setattr(parse, "_parse", lambda data, **kw: (parses.append(len(data)), parsed(data, **kw))[1])
    path = written(tmp_path / "items", before_pixels(whole, SEQUENCE + NO_ITEM * 100_000 + END))
    assert "more elements" in reason(path)
    # More of the file only takes longer.
    assert len(parses) <= 2


def test_reading_one_long_header_can_be_cancelled(tmp_path: Path, whole: bytes) -> None:
    path = written(tmp_path / "items", before_pixels(whole, SEQUENCE + NO_ITEM * 100_000 + END))
    ticks: list[float] = []

    def tick(fraction: float) -> None:
        ticks.append(fraction)
        if len(ticks) > 4:
            raise Cancelled

    with pytest.raises(Cancelled):
        scan([path], tick)


@pytest.mark.parametrize("vr", [b"OB\0\0", b"UN\0\0"])
def test_a_private_element_that_claims_gigabytes_takes_none(tmp_path: Path, whole: bytes, vr: bytes) -> None:
    claim = b"\x29\x00\x10\x10" + vr + struct.pack("<I", 0xFFFFFFF0)
    path = written(tmp_path / "claim", before_pixels(whole, claim))
    assert reason(path).startswith("truncated")


def test_an_unknown_element_of_undefined_length_hides_nothing(tmp_path: Path, whole: bytes) -> None:
    private = b"\x29\x00\x10\x10UN\0\0\xff\xff\xff\xff" + NO_ITEM + END
    assert load(one_series(written(tmp_path / "private", before_pixels(whole, private)))).is_loaded(0)
    unended = written(tmp_path / "unended", before_pixels(whole, private[:-8]))
    assert reason(unended)


# -- size --------------------------------------------------------------------------------------------------------------


def test_a_size_that_the_file_does_not_hold_is_truncated(tmp_path: Path, whole: bytes) -> None:
    path = image(tmp_path / "wide", whole, b"\0" * 64, Rows=16000, Columns=16000)
    assert reason(path).startswith("truncated")


def test_the_largest_size_is_refused_before_anything_is_allocated(tmp_path: Path, whole: bytes) -> None:
    path = image(tmp_path / "vast", whole, b"\0" * 64, Rows=65535, Columns=65535, NumberOfFrames=2**31 - 1)
    assert "too large" in reason(path)


@pytest.mark.parametrize("frames", [2**31 - 1, 2**31, 2**63, -1])
def test_frames_beyond_counting_are_refused(tmp_path: Path, whole: bytes, frames: int) -> None:
    (path,) = (image(tmp_path / "frames", whole, b"\0" * 64),)
    data = path.read_bytes()
    at = data.index(b"\x28\x00\x10\x00US")
    value = str(frames).encode()
    value += b" " * (len(value) % 2)
    element = b"\x28\x00\x08\x00IS" + struct.pack("<H", len(value)) + value
    assert f"claims {frames} frames" in reason(written(path, data[:at] + element + data[at:]))


def test_many_frames_of_a_pixel_are_one_stack(tmp_path: Path, whole: bytes) -> None:
    count = 2000
    path = image(
        tmp_path / "dots", whole, b"\7" * count, Rows=1, Columns=1, BitsAllocated=8, BitsStored=8, HighBit=7,
        PixelRepresentation=0, NumberOfFrames=count,
    )  # fmt: skip
    series = one_series(path)
    assert len(series.frames) == count
    assert load(series).stored.max() == 7


@pytest.mark.parametrize("allocated", [0, 2, 24, 128, 65535])
def test_absurd_depths_are_refused(tmp_path: Path, whole: bytes, allocated: int) -> None:
    path = image(tmp_path / "deep", whole, b"\0" * 4000, BitsAllocated=allocated)
    assert f"{allocated} bits allocated" in reason(path)


def test_a_volume_beyond_memory_is_refused_with_its_size(
    tmp_path: Path, whole: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loading, "available_memory", lambda: 2**20)
    path = image(tmp_path / "frames", whole, b"\0" * (2 * 600 * 1000), Rows=600, Columns=1000)
    with pytest.raises(UserError, match="memory"):
        SeriesPixels(one_series(path))


# -- compressed --------------------------------------------------------------------------------------------------------


def failed(series: Series) -> list[str]:
    pixels = load(series)
    assert all(pixels.state(i).status is Status.FAILED for i in range(len(pixels)))
    return [pixels.state(i).reason for i in range(len(pixels))]


def test_a_stream_larger_than_its_header_says_is_refused(tmp_path: Path, whole: bytes) -> None:
    import imagecodecs

    blank = imagecodecs.jpeg2k_encode(np.zeros((3000, 3000), np.uint16), level=0, reversible=True)
    path = image(tmp_path / "bomb", whole, encapsulate([blank]), JPEG2000Lossless)
    assert failed(one_series(path)) == ["it holds 3000 × 3000 pixels where the header says 23 × 38"]


def test_empty_fragments_without_number_are_frames_that_fail(tmp_path: Path, whole: bytes) -> None:
    path = image(tmp_path / "empty", whole, encapsulate([b"\0\0"]), RLELossless, NumberOfFrames=3000)
    data = path.read_bytes()
    at = data.index(b"\xe0\x7f\x10\x00") + 12
    path.write_bytes(data[:at] + NO_ITEM * 3001 + END)
    series = one_series(path)
    pixels = SeriesPixels(series)
    assert len(pixels) == 3000
    with pytest.raises(UnreadableFile):
        loading.read_frame(series, 1234)


def test_a_deflate_bomb_of_pixels_stays_within_memory(
    tmp_path: Path, whole: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = columns = 512
    path = image(
        tmp_path / "plain", whole, b"\0" * (rows * columns * 2 * 40), Rows=rows, Columns=columns, NumberOfFrames=40
    )
    dataset = pydicom.dcmread(path)
    dataset.file_meta.TransferSyntaxUID = DeflatedExplicitVRLittleEndian
    dataset.save_as(path)
    assert path.stat().st_size < 200_000
    series = one_series(path)
    monkeypatch.setattr("app.dicom.reading.available_memory", lambda: 10 * 2**20)
    with pytest.raises(UnreadableFile, match="memory"):
        loading.read_frame(series, 39)
    monkeypatch.undo()
    assert loading.read_frame(series, 39).shape == (rows, columns)


def test_a_deflated_header_that_never_ends_is_cut(
    tmp_path: Path, whole: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(parse, "MAX_HEADER", 2**20)
    start = whole.index(b"\x08\x00\x08\x00CS")
    meta = pydicom.dcmread(io.BytesIO(whole)).file_meta
    meta.TransferSyntaxUID = DeflatedExplicitVRLittleEndian
    out = io.BytesIO()
    pydicom.filewriter.write_file_meta_info(out, meta)
    element = b"\x29\x00\x10\x10OB\0\0" + struct.pack("<I", 2**30)
    squeeze = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    bomb = squeeze.compress(whole[start : start + 200] + element + b"\0" * 2**24) + squeeze.flush()
    path = written(tmp_path / "bomb", b"\0" * 128 + b"DICM" + out.getvalue() + bomb)
    assert reason(path)


# -- the file system ---------------------------------------------------------------------------------------------------


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has none of these in folders")
def test_what_is_no_file_is_listed_and_never_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    os.mkfifo("pipe")
    listening = socket.socket(socket.AF_UNIX)
    listening.bind("socket")
    Path("endless").symlink_to("/dev/zero")
    Path("dangling").symlink_to("nowhere")
    Path("itself").symlink_to("itself")
    Path("folder").symlink_to(".")
    found = {skipped.file.name: skipped.reason for skipped in scan([tmp_path]).skipped}
    listening.close()
    assert found == {
        "pipe": "not a regular file",
        "socket": "not a regular file",
        "endless": "not a regular file",
        "dangling": "a link to nothing",
        "itself": "cannot be read (Too many levels of symbolic links)",
    }


def test_a_file_without_permission_says_so(tmp_path: Path, whole: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    # The system's own refusal: whoever runs the tests may be allowed everything.
    path = written(tmp_path / "closed", whole)

    def refuse(file: Path) -> object:
        raise PermissionError(13, "Permission denied", file)

    monkeypatch.setattr(parse, "FileIO", refuse)
    assert reason(path) == "no permission to read this file"


def test_a_file_that_vanishes_while_scanning_is_listed(tmp_path: Path, whole: bytes) -> None:
    for name in ("a", "b"):
        written(tmp_path / name, whole)

    def tick(fraction: float) -> None:
        if 0 < fraction < 1:
            (tmp_path / "b").unlink(missing_ok=True)

    found = scan([tmp_path], tick)
    assert [(s.file.name, s.reason) for s in found.skipped] == [("b", "it is no longer there")]


@pytest.mark.parametrize("syntax", ["1.2.840.10008.1.2.1", "1.2.840.10008.1.2.4.80"])
def test_files_that_vanish_or_shrink_before_their_pixels_are_read_fail_alone(tmp_path: Path, syntax: str) -> None:
    paths = phantoms.ct(tmp_path, shape=(4, 23, 38), transfer_syntax=syntax, shuffle=False)
    series = one_series(tmp_path)
    order = [instance.path for instance in (series.instance_of(i) for i in range(4))]
    order[1].unlink()
    order[2].write_bytes(order[2].read_bytes()[:1000])
    order[3].write_bytes(b"")
    pixels = load(series)
    states = [(pixels.state(i).status, bool(pixels.state(i).reason)) for i in range(4)]
    assert states == [(Status.LOADED, False)] + [(Status.FAILED, True)] * 3
    assert len(paths) == 4


def test_a_file_that_became_another_keeps_its_place(tmp_path: Path, whole: bytes) -> None:
    path = written(tmp_path / "a", whole)
    series = one_series(path)
    path.write_bytes(os.urandom(len(whole)))
    # Native pixels have no form that could be wrong; what matters is that nothing else happens.
    assert load(series).stored.shape == (1, 23, 38)


@pytest.mark.skipif(sys.platform != "linux", reason="other systems refuse such names themselves")
@pytest.mark.parametrize(
    "name", [b"line\nbreak\x1b[2J", "\u202egnp.mcd".encode(), b"not\xff\xfeutf8", b"x" * 255, b" ", b"-rf"]
)
def test_any_name_opens_and_is_told(tmp_path: Path, whole: bytes, name: bytes) -> None:
    path = tmp_path / os.fsdecode(name)
    path.write_bytes(whole)
    assert scan([tmp_path]).instances[0].path == path
    path.write_bytes(whole[:-100])
    (skipped,) = scan([tmp_path]).skipped
    assert skipped.file == path
    assert skipped.reason.startswith("truncated")


def test_thousands_of_empty_files_are_listed(tmp_path: Path, whole: bytes) -> None:
    for number in range(1000):
        (tmp_path / f"{number:05d}").touch()
    written(tmp_path / "image", whole)
    found = scan([tmp_path])
    assert len(found.instances) == 1
    assert {skipped.reason for skipped in found.skipped} == {"empty file"}
    assert len(found.skipped) == 1000


# -- values ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("slope", ["1e300", "0", "nan", "abc"])
def test_a_rescale_that_is_no_number_is_left_out_and_said(tmp_path: Path, whole: bytes, slope: str) -> None:
    at = whole.index(b"\x28\x00\x53\x10DS")
    old = struct.unpack_from("<H", whole, at + 6)[0]
    value = slope.encode() + b" " * (len(slope) % 2)
    path = written(tmp_path / "slope", whole[: at + 6] + struct.pack("<H", len(value)) + value + whole[at + 8 + old :])
    series = one_series(path)
    assert series.unit == ""
    assert any("Rescale Slope of slope is no usable number" in warning for warning in series.warnings)
    assert load(series).pipeline(0).slope == 1.0


@pytest.mark.parametrize("spacing", ["1e300\\1e-300", "1e-30\\1e-30", "1e9\\1e9", "inf\\1", "-1\\1"])
def test_a_spacing_that_no_pixel_can_have_is_absent(tmp_path: Path, whole: bytes, spacing: str) -> None:
    at = whole.index(b"\x28\x00\x30\x00DS")
    old = struct.unpack_from("<H", whole, at + 6)[0]
    value = spacing.encode() + b" " * (len(spacing) % 2)
    path = written(
        tmp_path / "spacing", whole[: at + 6] + struct.pack("<H", len(value)) + value + whole[at + 8 + old :]
    )
    assert one_series(path).pixel_spacing is None


def test_a_segmented_palette_is_never_expanded_beyond_a_table(tmp_path: Path) -> None:
    (path,) = phantoms.palette(tmp_path / "palette")
    dataset = pydicom.dcmread(path)
    for colour in ("Red", "Green", "Blue"):
        del dataset[f"{colour}PaletteColorLookupTableData"]
        # A discrete start, then lines of 65,535 entries in three words each: 2.6 billion entries in 240 KB.
        segments = struct.pack("<3H", 0, 1, 7) + struct.pack("<3H", 1, 65535, 9) * 40_000
        setattr(dataset, f"Segmented{colour}PaletteColorLookupTableData", segments)
    dataset.save_as(path)
    assert reason(path) == "corrupt: the palette of its colours cannot be read"


def test_an_image_and_an_object_of_one_identity_are_both_told(tmp_path: Path, whole: bytes) -> None:
    written(tmp_path / "image", whole)
    uid = pydicom.dcmread(io.BytesIO(whole)).SOPInstanceUID
    path = Path(str(pydicom.data.get_testdata_file("rtstruct.dcm", download=False)))
    dataset = pydicom.dcmread(path, force=True)
    dataset.SOPInstanceUID = uid
    dataset.save_as(tmp_path / "object", enforce_file_format=False, implicit_vr=True, little_endian=True)
    found = index(scan([tmp_path]))
    assert [series.rows for series in found.series()] == [23]
    assert [(s.file.name, s.reason) for s in found.skipped] == [("object", "a copy of image (same SOP Instance UID)")]


def test_objects_without_identity_are_all_kept(tmp_path: Path) -> None:
    (tmp_path / "x").mkdir()
    path = Path(str(pydicom.data.get_testdata_file("rtstruct.dcm", download=False)))
    for name in ("one", "other"):
        dataset = pydicom.dcmread(path, force=True)
        dataset.SOPInstanceUID = ""
        dataset.save_as(tmp_path / "x" / name, enforce_file_format=False, implicit_vr=True, little_endian=True)
    phantoms.ct(tmp_path / "y", shape=(1, 23, 38), SOPInstanceUID="")
    found = index(scan([tmp_path]))
    assert len(found.objects()) == 2
    assert len(all_series(tmp_path)) == 1
