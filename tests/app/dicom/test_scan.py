"""Every file is an image or is skipped with its reason; nothing that a file holds stops a scan."""

from __future__ import annotations

import os
import struct
import sys
import zlib
from pathlib import Path

import pydicom
import pytest
from pydicom import Dataset
from pydicom.data import get_testdata_file
from pydicom.uid import ExplicitVRLittleEndian

from app.dicom import parse
from app.dicom.scan import scan
from app.errors import NothingReadable
from inference.types import Cancelled
from tests import phantoms


def reasons(*paths: Path) -> dict[str, str]:
    return {skipped.file.name: skipped.reason for skipped in scan(paths).skipped}


def test_any_file_name_and_depth_is_found(tmp_path: Path) -> None:
    deep = tmp_path / "a" / "b" / "c"
    phantoms.ct(deep)
    phantoms.radiograph(tmp_path / "no extension at all")
    found = scan([tmp_path])
    assert len(found.instances) == 4
    assert found.skipped == ()


def test_a_path_given_twice_opens_once(tmp_path: Path) -> None:
    paths = phantoms.ct(tmp_path)
    assert len(scan([tmp_path, *paths]).instances) == 3


def test_missing_path_is_refused_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(NothingReadable) as error:
        scan([tmp_path / "nowhere"])
    assert "no such file or folder" in str(error.value)
    assert error.value.what_now


@pytest.mark.parametrize(
    ("name", "expected", "is_dicom"),
    [
        ("empty", "empty file", False),
        ("text", "not a DICOM file", False),
        ("truncated-pixels", "truncated", True),
        ("truncated-header", "truncated", True),
        ("preamble-only", "truncated", True),
        ("huge-length", "truncated", True),
        ("absurd-size", "truncated", True),
        ("absurd-frames", "claims 2147483648 frames", True),
        ("deeply-nested", "nested too deeply", True),
    ],
)
def test_each_bad_file_has_its_reason(tmp_path: Path, name: str, expected: str, is_dicom: bool) -> None:
    phantoms.hostile(tmp_path / "bad")
    phantoms.ct(tmp_path / "good")
    found = scan([tmp_path])
    assert len(found.instances) == 3
    (skipped,) = [skipped for skipped in found.skipped if skipped.file.name == name]
    assert expected in skipped.reason
    assert skipped.is_dicom is is_dicom
    assert str(tmp_path) not in skipped.reason


def test_a_size_beyond_any_image_is_refused(tmp_path: Path) -> None:
    (path,) = phantoms.ct(tmp_path, shape=(1, 23, 38))
    with pydicom.dcmread(path) as dataset:
        dataset.Rows = dataset.Columns = 65535
        dataset.save_as(path)
    assert "too large" in reasons(path)[path.name]


@pytest.mark.parametrize("keyword", ["Rows", "Columns"])
def test_an_image_without_size_says_so(tmp_path: Path, keyword: str) -> None:
    (path,) = phantoms.ct(tmp_path, shape=(1, 23, 38), **{keyword: None})
    assert "Rows, Columns" in reasons(path)[path.name]


@pytest.mark.parametrize(
    ("file", "reason"),
    [
        ("rtplan.dcm", "not an image (RT Plan)"),
        ("waveform_ecg.dcm", "not an image (12-lead ECG Waveform)"),
    ],
)
def test_objects_of_another_kind_are_named(file: str, reason: str) -> None:
    path = Path(str(get_testdata_file(file, download=False)))
    assert reasons(path) == {file: reason}


def test_files_without_preamble_or_meta_open(tmp_path: Path) -> None:
    (path,) = phantoms.ct(tmp_path, shape=(1, 23, 38))
    data = path.read_bytes()
    without_preamble = tmp_path / "no-preamble"
    without_preamble.write_bytes(data[132:])
    dataset = pydicom.dcmread(path)
    for implicit in (True, False):
        bare = Dataset({element.tag: element for element in dataset})
        bare.save_as(tmp_path / f"bare-{implicit}", implicit_vr=implicit, little_endian=True, enforce_file_format=False)
    path.unlink()
    found = scan([tmp_path])
    assert found.skipped == ()
    assert sorted(instance.path.name for instance in found.instances) == ["bare-False", "bare-True", "no-preamble"]
    assert {instance.header.Rows for instance in found.instances} == {23}


def test_a_link_back_into_its_own_folder_ends(tmp_path: Path) -> None:
    phantoms.ct(tmp_path / "a")
    try:
        (tmp_path / "a" / "loop").symlink_to(tmp_path, target_is_directory=True)
    except OSError:
        pytest.skip("this system lets no test make links")
    assert len(scan([tmp_path]).instances) == 3


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no named pipes in folders")
def test_a_pipe_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    assert reasons(tmp_path) == {"pipe": "not a regular file"}


def test_a_folder_that_cannot_be_read_is_listed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    phantoms.ct(tmp_path / "open")
    (tmp_path / "closed").mkdir()
    scandir = os.scandir

    def refuse(folder: Path) -> object:
        if Path(folder).name == "closed":
            raise PermissionError
        return scandir(folder)

    monkeypatch.setattr(os, "scandir", refuse)
    assert reasons(tmp_path) == {"closed": "this folder cannot be read"}


def test_dicomdir_is_quiet_in_its_folder_and_followed_alone() -> None:
    root = Path(str(get_testdata_file("DICOMDIR", download=False))).parent
    assert "DICOMDIR" not in reasons(root)
    alone = scan([root / "DICOMDIR"])
    assert len(alone.instances) == 31
    assert {instance.header.Rows for instance in alone.instances} == {16}


def dicomdir(folder: Path, *references: list[str]) -> Path:
    """A DICOMDIR in ``folder`` that names ``references``."""
    folder.mkdir(exist_ok=True)
    directory = Dataset()
    directory.SOPClassUID = parse.DICOMDIR_CLASS
    directory.DirectoryRecordSequence = []
    for reference in references:
        record = Dataset()
        record.DirectoryRecordType = "IMAGE"
        record.add_new("ReferencedFileID", "CS", reference)
        directory.DirectoryRecordSequence.append(record)
    path = folder / "DICOMDIR"
    directory.save_as(path, implicit_vr=False, little_endian=True, enforce_file_format=False)
    return path


@pytest.mark.parametrize("parts", [["..", "outside"], ["/", "outside"], ["../outside"], ["..\x00", "outside"]])
def test_dicomdir_never_leads_out_of_its_folder(tmp_path: Path, parts: list[str]) -> None:
    outside = phantoms.ct(tmp_path / "outside", shape=(1, 23, 38))[0]
    found = scan([dicomdir(tmp_path / "media", [*parts, outside.name])])
    assert found.instances == ()
    assert "DICOMDIR leads out" in found.skipped[0].reason


def test_dicomdir_does_not_follow_a_link_out_of_its_folder(tmp_path: Path) -> None:
    phantoms.ct(tmp_path / "outside", shape=(1, 23, 38), shuffle=False)
    path = dicomdir(tmp_path / "media", ["LINK", "00000.dcm"])
    try:
        (tmp_path / "media" / "LINK").symlink_to(tmp_path / "outside", target_is_directory=True)
    except OSError:
        pytest.skip("this system lets no test make links")
    found = scan([path])
    assert found.instances == ()
    assert "DICOMDIR leads out" in found.skipped[0].reason


def test_dicomdir_finds_files_whose_names_were_copied_in_lower_case(tmp_path: Path) -> None:
    path = dicomdir(tmp_path / "media", ["IMAGES", "00000.DCM"], ["IMAGES", "MISSING"])
    phantoms.ct(tmp_path / "media" / "images", shape=(1, 23, 38), shuffle=False)
    found = scan([path])
    assert [instance.path.name for instance in found.instances] == ["00000.dcm"]
    assert [(s.file.name, s.reason) for s in found.skipped] == [
        ("MISSING", "the DICOMDIR names it, but it is not there")
    ]


def test_a_truncated_multiframe_keeps_its_whole_frames(tmp_path: Path) -> None:
    (path,) = phantoms.cine(tmp_path / "cine", frames=6)
    data = path.read_bytes()
    path.write_bytes(data[: -2 * 40 * 52 * 3 - 10])
    (instance,) = scan([path]).instances
    assert instance.number_of_frames == 3
    assert "3 of 6 frames" in instance.notes[0]


def test_compressed_data_that_ends_early_is_truncated(tmp_path: Path) -> None:
    (path,) = phantoms.ct(tmp_path, shape=(1, 23, 38), transfer_syntax="1.2.840.10008.1.2.4.80")
    path.write_bytes(path.read_bytes()[:-60])
    assert "truncated" in reasons(path)[path.name]


def test_a_header_behind_large_private_data_is_read(tmp_path: Path) -> None:
    (path,) = phantoms.ct(tmp_path, shape=(1, 23, 38))
    dataset = pydicom.dcmread(path)
    dataset.add_new(0x00090010, "LO", "PHANTOM")
    dataset.add_new(0x00091001, "OB", b"\1" * 3_000_000)
    dataset.save_as(path)
    (instance,) = scan([path]).instances
    assert instance.header.Rows == 23


def test_a_deflate_bomb_inflates_within_a_bound(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (path,) = phantoms.ct(tmp_path, shape=(1, 23, 38))
    data = path.read_bytes().replace(ExplicitVRLittleEndian.encode() + b"\0", b"1.2.840.10008.1.2.1.99", 1)
    data = bytearray(data)
    start = data.index(b"\x08\x00\x05\x00") if b"\x08\x00\x05\x00" in data else data.index(b"\x08\x00\x08\x00CS")
    # The transfer syntax grew by three bytes: tell its element and its group.
    at = data.index(b"\x02\x00\x10\x00UI") + 6
    data[at : at + 2] = struct.pack("<H", 22)
    size_at = data.index(b"\x02\x00\x00\x00UL") + 8
    data[size_at : size_at + 4] = struct.pack("<I", struct.unpack_from("<I", data, size_at)[0] + 2)
    squeeze = zlib.compressobj(9, zlib.DEFLATED, -zlib.MAX_WBITS)
    bomb = squeeze.compress(bytes(data[start:])[:40])
    # Read as elements, zeros are millions of them.
    zeros = b"\0" * 2**20
    for _ in range(40):
        bomb += squeeze.compress(zeros)
    path.write_bytes(bytes(data[:start]) + bomb + squeeze.flush())
    monkeypatch.setattr(parse, "MAX_READS", 50_000)
    monkeypatch.setattr(parse, "MAX_HEADER", 2**23)
    inflated: list[int] = []
    inflate = parse.inflate

    def watched(compressed: bytes, limit: int) -> bytes:
        inflated.append(len(result := inflate(compressed, limit)))
        return result

    monkeypatch.setattr(parse, "inflate", watched)
    (skipped,) = scan([path]).skipped
    assert skipped.reason == "corrupt: it has more elements than any image needs"
    assert inflated
    assert max(inflated) == parse.MAX_HEADER


def test_scanning_is_cancelled_between_files(tmp_path: Path) -> None:
    phantoms.ct(tmp_path, shape=(8, 23, 38))
    seen: list[float] = []

    def tick(fraction: float) -> None:
        seen.append(fraction)
        if fraction > 0.3:
            raise Cancelled

    with pytest.raises(Cancelled):
        scan([tmp_path], tick)
    assert seen == sorted(seen)
    assert seen[-1] < 0.5


def test_progress_runs_from_zero_to_one(tmp_path: Path) -> None:
    phantoms.ct(tmp_path)
    seen: list[float] = []
    scan([tmp_path], seen.append)
    assert (seen[0], seen[-1]) == (0.0, 1.0)
    assert seen == sorted(seen)


def test_nothing_of_a_patient_is_logged_or_warned(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, recwarn: pytest.WarningsRecorder
) -> None:
    (path,) = phantoms.ct(tmp_path, shape=(1, 23, 38))
    data = path.read_bytes().replace(b"19700101", b"SECRETXX").replace(b"PHANTOM", b"SECRET\xff")
    path.write_bytes(data)
    with caplog.at_level(0):
        (instance,) = scan([path]).instances
    assert instance.path == path
    assert "SECRET" not in caplog.text
    assert not [warning for warning in recwarn if "SECRET" in str(warning.message)]
