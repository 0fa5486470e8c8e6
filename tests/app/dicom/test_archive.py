"""Archives open within bounds, write nothing outside their folder, and say what they hold that is no image."""

from __future__ import annotations

import io
import os
import stat
import struct
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from app.dicom import archive
from app.dicom.index import index
from app.dicom.load import load
from app.dicom.scan import scan
from inference.types import Cancelled
from tests import phantoms


@pytest.fixture(autouse=True)
def own_folder(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Unpack into a folder of this test's own, which it can look into."""
    root = tmp_path_factory.mktemp("unpacked")
    monkeypatch.setattr(tempfile, "tempdir", str(root))
    monkeypatch.setattr(archive, "_folder", archive._Folder())
    return root


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    """One small CT image."""
    return phantoms.ct(tmp_path_factory.mktemp("image"), shape=(1, 23, 38))[0].read_bytes()


def files_in(folder: Path) -> list[Path]:
    return [path for path in folder.rglob("*") if not path.is_dir()]


def reasons(*paths: Path) -> dict[str, str]:
    return {skipped.file.name: skipped.reason for skipped in scan(paths).skipped}


def zipped(path: Path, entries: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", method) as target:
        for name, content in entries.items():
            target.writestr(name, content)
    return path


def named(path: Path, name: str, content: bytes, mode: int = 0) -> Path:
    """An archive with one entry whose name is written as it is."""
    with zipfile.ZipFile(path, "w") as target:
        info = zipfile.ZipInfo("placeholder")
        info.filename = name
        info.create_system, info.external_attr = 3, mode << 16
        target.writestr(info, content)
    return path


def test_a_study_in_an_archive_shows_the_pixels_of_its_files(tmp_path: Path) -> None:
    paths = phantoms.ct(tmp_path / "plain")
    study = zipped(tmp_path / "study.zip", {f"a/b/{path.name}": path.read_bytes() for path in paths})
    found = scan([study])
    assert found.skipped == ()
    (series,) = index(found).series()
    pixels = load(series)
    np.testing.assert_array_equal(pixels.stored, phantoms.ct_values())
    assert sorted(instance.path.name for instance in found.instances) == sorted(path.name for path in paths)


def test_archives_open_beside_other_files_and_once(tmp_path: Path, own_folder: Path) -> None:
    paths = phantoms.ct(tmp_path / "study" / "plain")
    zipped(tmp_path / "study" / "more.zip", {path.name: path.read_bytes() for path in paths})
    first = scan([tmp_path])
    assert len(first.instances) == 6
    before = files_in(own_folder)
    assert len(before) == 3
    second = scan([tmp_path, tmp_path / "study" / "more.zip"])
    assert len(second.instances) == 6
    assert files_in(own_folder) == before


def test_progress_never_goes_back(tmp_path: Path) -> None:
    paths = phantoms.ct(tmp_path / "plain", shape=(9, 23, 38))
    zipped(tmp_path / "plain" / "zz.zip", {path.name: path.read_bytes() for path in paths})
    seen: list[float] = []
    scan([tmp_path], seen.append)
    assert (seen[0], seen[-1]) == (0.0, 1.0)
    assert seen == sorted(seen)


def test_what_is_no_dicom_is_named_and_never_written(tmp_path: Path, image: bytes, own_folder: Path) -> None:
    inner = io.BytesIO()
    with zipfile.ZipFile(inner, "w") as nested:
        nested.writestr("image", image)
    study = zipped(
        tmp_path / "study.zip", {"i": image, "notes.txt": b"text " * 99, "none": b"", "in.zip": inner.getvalue()}
    )
    found = scan([study])
    assert len(found.instances) == 1
    assert {s.file.relative_to(study).as_posix(): s.reason for s in found.skipped} == {
        "notes.txt": "not a DICOM file",
        "none": "empty file",
        "in.zip": "a ZIP archive within another: unpack it and open the folder",
    }
    assert len(files_in(own_folder)) == 1


def test_a_document_that_is_an_archive_is_one_line(tmp_path: Path) -> None:
    zipped(tmp_path / "letter.docx", {f"word/{n}.xml": b"<w/>" * n for n in range(9)})
    assert reasons(tmp_path) == {"letter.docx": "a ZIP archive without DICOM files"}


def test_a_broken_image_is_named_by_its_place_in_the_archive(tmp_path: Path, image: bytes) -> None:
    study = zipped(tmp_path / "study.zip", {"a/short": image[:-200]})
    (skipped,) = scan([study]).skipped
    assert skipped.file == study / "a" / "short"
    assert "truncated" in skipped.reason


@pytest.mark.parametrize(
    "name",
    [
        "../out",
        "a/../../out",
        "/out",
        "//host/share/out",
        "C:\\out",
        "C:out",
        "..\\out",
        "a\\..\\..\\out",
        "a/file:stream",
        "NUL",
        "con.dcm",
        "a/lpt1",
        "a\nb",
        "a\x1b[2J",
    ],
)
def test_a_name_that_is_no_plain_one_is_refused(tmp_path: Path, image: bytes, name: str, own_folder: Path) -> None:
    before = set(files_in(tmp_path))
    study = named(tmp_path / "evil.zip", name, image)
    found = scan([study])
    assert found.instances == ()
    (skipped,) = found.skipped
    assert skipped.file == study
    assert "refused" in skipped.reason
    assert set(files_in(tmp_path)) == before | {study}
    assert files_in(own_folder) == []


@pytest.mark.parametrize("kind", [stat.S_IFLNK, stat.S_IFIFO, stat.S_IFCHR, stat.S_IFSOCK])
def test_links_and_special_files_are_refused(tmp_path: Path, image: bytes, kind: int, own_folder: Path) -> None:
    study = named(tmp_path / "evil.zip", "file", image, kind | 0o777)
    assert "link or special file" in reasons(study)["file"]
    assert files_in(own_folder) == []


def test_names_that_differ_little_stay_apart(tmp_path: Path, image: bytes) -> None:
    names = ["a", "A", "a.", "b/a", "a?", "é", "x" * 300]
    study = zipped(tmp_path / "study.zip", dict.fromkeys(names, image))
    found = scan([study])
    assert len({instance.path for instance in found.instances}) == len(names)


@pytest.mark.parametrize("all_of_it", [True, False])
def test_encrypted_archives_say_so(tmp_path: Path, image: bytes, all_of_it: bool) -> None:
    study = zipped(tmp_path / "study.zip", {"a": image} if all_of_it else {"a": image, "b": image})
    data = bytearray(study.read_bytes())
    for signature, flags in ((b"PK\3\4", 6), (b"PK\1\2", 8)):
        data[data.index(signature) + flags] |= 1
    study.write_bytes(data)
    found = scan([study])
    assert len(found.instances) == (0 if all_of_it else 1)
    assert "encrypted" in found.skipped[0].reason


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_methods_that_inflate_without_bound_are_not_used(tmp_path: Path, image: bytes, method: int) -> None:
    assert "not supported" in reasons(zipped(tmp_path / "study.zip", {"a": image}, method))["a"]


def test_a_damaged_entry_is_named_and_the_rest_opens(tmp_path: Path, image: bytes, own_folder: Path) -> None:
    study = zipped(tmp_path / "study.zip", {"a": image, "b": image}, zipfile.ZIP_STORED)
    data = bytearray(study.read_bytes())
    data[1500] ^= 0xFF
    study.write_bytes(data)
    found = scan([study])
    assert len(found.instances) == 1
    assert [(s.file.name, s.reason, s.is_dicom) for s in found.skipped] == [("a", "damaged in its ZIP archive", True)]
    assert len(files_in(own_folder)) == 1


def test_a_truncated_archive_is_damaged(tmp_path: Path, image: bytes) -> None:
    study = zipped(tmp_path / "study.zip", {"a": image})
    study.write_bytes(study.read_bytes()[:-40])
    assert reasons(study) == {"study.zip": "a damaged ZIP archive"}


def test_a_bomb_is_refused_before_it_goes_off(tmp_path: Path, own_folder: Path) -> None:
    bomb = zipped(tmp_path / "bomb.zip", {"a": b"\0" * 128 + b"DICM" + b"\0" * (archive.SMALL + 1)})
    assert bomb.stat().st_size * archive.MAX_RATIO < archive.SMALL
    assert "would unpack to more than" in reasons(bomb)["bomb.zip"]
    assert files_in(own_folder) == []


def test_a_bomb_that_lies_about_its_size_is_stopped(
    tmp_path: Path, own_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = b"\0" * 128 + b"DICM" + b"\0" * 3_000_000
    bomb = zipped(tmp_path / "bomb.zip", {"a": content})
    data = bytearray(bomb.read_bytes())
    for signature, at in ((b"PK\3\4", 22), (b"PK\1\2", 24)):
        struct.pack_into("<I", data, data.index(signature) + at, 2000)
    bomb.write_bytes(data)
    monkeypatch.setattr(archive, "SMALL", 2000)
    monkeypatch.setattr(archive, "MAX_RATIO", 0)
    (skipped,) = scan([bomb]).skipped
    assert "more than" in skipped.reason or "damaged" in skipped.reason
    assert sum(path.stat().st_size for path in files_in(own_folder)) == 0


def test_entries_that_share_their_bytes_count_each(
    tmp_path: Path, image: bytes, own_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archive, "SMALL", len(image) * 3)
    monkeypatch.setattr(archive, "MAX_RATIO", 0)
    assert len(scan([zipped(tmp_path / "3.zip", dict.fromkeys("abc", image))]).instances) == 3
    assert scan([zipped(tmp_path / "4.zip", dict.fromkeys("abcd", image))]).instances == ()


def test_too_many_entries_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    study = zipped(tmp_path / "study.zip", {str(n): b"" for n in range(9)})
    monkeypatch.setattr(archive, "MAX_ENTRIES", 8)
    assert "too many files" in reasons(study)["study.zip"]
    monkeypatch.setattr(archive, "MAX_ENTRIES", 9)
    assert "without DICOM" in reasons(study)["study.zip"]
    monkeypatch.setattr(archive, "MAX_DIRECTORY", 100)
    monkeypatch.setattr(archive, "_folder", archive._Folder())
    assert "too many files" in reasons(study)["study.zip"]


def test_a_directory_that_claims_gigabytes_is_not_read(tmp_path: Path, image: bytes) -> None:
    study = zipped(tmp_path / "study.zip", {"a": image})
    data = bytearray(study.read_bytes())
    end = data.rindex(b"PK\5\6")
    struct.pack_into("<I", data, end + 12, 0xFFFFFFF0)
    study.write_bytes(data)
    assert "too many files" in reasons(study)["study.zip"]


def test_a_full_disk_is_said(tmp_path: Path, image: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archive, "_SPARE_DISK", 2**60)
    assert "would unpack to more than 0.0 GB" in reasons(zipped(tmp_path / "s.zip", {"a": image}))["s.zip"]


def test_unpacking_is_cancelled_and_leaves_nothing(tmp_path: Path, image: bytes, own_folder: Path) -> None:
    study = zipped(tmp_path / "study.zip", {str(n): image for n in range(9)})
    calls = []

    def tick() -> None:
        calls.append(len(files_in(own_folder)))
        if len(calls) > 6:
            raise Cancelled

    with pytest.raises(Cancelled):
        archive.unpack(study, tick)
    assert max(calls) > 1
    assert files_in(own_folder) == []


def test_the_folder_goes_when_the_program_ends(tmp_path: Path, image: bytes, own_folder: Path) -> None:
    study = zipped(tmp_path / "study.zip", {"a": image})
    code = (
        "import sys, pathlib; from app.dicom.scan import scan;"
        "i, = scan([pathlib.Path(sys.argv[1])]).instances; assert i.path.is_file(); print(i.path)"
    )
    environment = {
        **os.environ,
        "TMPDIR": str(own_folder),
        "TEMP": str(own_folder),
        "PYTHONPATH": os.pathsep.join(sys.path),
    }
    done = subprocess.run(
        [sys.executable, "-c", code, str(study)], env=environment, capture_output=True, text=True, check=True
    )
    was_at = Path(done.stdout.strip())
    assert was_at.is_relative_to(own_folder)
    assert list(own_folder.iterdir()) == []


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(data=st.data())
def test_no_mutation_breaks_it_or_writes_elsewhere(
    tmp_path: Path, image: bytes, own_folder: Path, data: st.DataObject
) -> None:
    study = zipped(tmp_path / "study.zip", {"a/b": image, "c": b"text", "d": image[:900]})
    content = bytearray(study.read_bytes())
    # The header of an archive is where harm is: its central directory, its end record, its local headers.
    interesting = [content.index(b"PK\1\2"), content.rindex(b"PK\5\6"), 0]
    for _ in range(data.draw(st.integers(1, 6))):
        at = data.draw(st.sampled_from(interesting)) + data.draw(st.integers(0, 60))
        content[min(at, len(content) - 1)] = data.draw(st.integers(0, 255))
    content[:4] = b"PK\3\4"
    study.write_bytes(content[: data.draw(st.integers(4, len(content)) | st.just(len(content)))])
    found = scan([study])
    assert found.instances or found.skipped
    assert files_in(tmp_path) == [study]
