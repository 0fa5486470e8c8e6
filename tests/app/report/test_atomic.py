"""Files appear whole or not at all (app/report/atomic.py)."""

from __future__ import annotations

import errno
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from app.errors import OutputError
from app.report import atomic

ROOT = Path(__file__).resolve().parents[3]


def files_in(folder: Path) -> list[str]:
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


def fail_with(number: int):
    def fsync(descriptor: int) -> None:
        raise OSError(number, os.strerror(number))

    return fsync


def test_several_files_and_their_folders_are_written(tmp_path: Path) -> None:
    atomic.write_all({tmp_path / "a/b/one.bin": b"1", tmp_path / "a/two.bin": b"22"})
    assert files_in(tmp_path) == ["a", "a/b", "a/b/one.bin", "a/two.bin"]
    assert (tmp_path / "a/two.bin").read_bytes() == b"22"


def test_a_file_that_was_there_is_replaced(tmp_path: Path) -> None:
    target = tmp_path / "x"
    target.write_bytes(b"old and longer")
    atomic.write(target, b"new")
    assert target.read_bytes() == b"new"
    assert files_in(tmp_path) == ["x"]


def test_a_new_file_has_the_permissions_that_the_user_gives_to_new_files(tmp_path: Path) -> None:
    before = os.umask(0o027)
    try:
        atomic.write(tmp_path / "x", b"")
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "x").stat().st_mode) == 0o640


@pytest.mark.parametrize(
    ("number", "words"), [(errno.ENOSPC, "full"), (errno.EDQUOT, "quota"), (errno.EROFS, "read-only"), (errno.EIO, "")]
)
def test_a_failed_write_leaves_what_was_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, words: str
) -> None:
    old = tmp_path / "out" / "x"
    atomic.write(old, b"old")
    monkeypatch.setattr(os, "fsync", fail_with(number))
    with pytest.raises(OutputError) as raised:
        atomic.write_all({old: b"new", tmp_path / "out/deeper/y": b"y"})
    assert str(old) in str(raised.value)
    assert words in raised.value.why
    assert raised.value.what_now
    assert files_in(tmp_path) == ["out", "out/x"]
    assert old.read_bytes() == b"old"


def test_folders_made_for_a_failed_write_go_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "fsync", fail_with(errno.ENOSPC))
    with pytest.raises(OutputError):
        atomic.write(tmp_path / "a/b/c/x", b"x")
    assert files_in(tmp_path) == []


def test_nothing_gets_its_name_before_everything_is_on_the_disk(tmp_path: Path) -> None:
    (tmp_path / "taken").mkdir()
    with pytest.raises(OutputError, match="it is a folder") as raised:
        atomic.write_all({tmp_path / "first": b"1", tmp_path / "taken": b"2"})
    assert str(tmp_path / "taken") in str(raised.value)
    assert files_in(tmp_path) == ["taken"]


def test_ctrl_c_in_the_middle_leaves_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupted(descriptor: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(os, "fsync", interrupted)
    with pytest.raises(KeyboardInterrupt):
        atomic.write_all({tmp_path / "new/x": b"x"})
    assert files_in(tmp_path) == []


def test_a_file_where_a_folder_should_be_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(OutputError, match="not a folder"):
        atomic.write(tmp_path / "file" / "x", b"x")
    with pytest.raises(OutputError, match="not a folder"):
        atomic.require_folder(tmp_path / "file")
    assert files_in(tmp_path) == ["file"]


def test_a_name_that_is_too_long_is_told(tmp_path: Path) -> None:
    with pytest.raises(OutputError, match="too long"):
        atomic.write(tmp_path / ("n" * 300), b"x")
    assert files_in(tmp_path) == []


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_a_device_is_written_to_and_never_replaced() -> None:
    atomic.write(Path("/dev/null"), b"gone")
    with pytest.raises(OutputError, match="/dev/full: the disk is full"):
        atomic.write(Path("/dev/full"), b"x")
    assert stat.S_ISCHR(Path("/dev/full").stat().st_mode)
    assert stat.S_ISCHR(Path("/dev/null").stat().st_mode)


def test_a_limit_on_file_sizes_leaves_nothing_half_written(tmp_path: Path) -> None:
    """For real: the system refuses to let the file grow."""
    resource = pytest.importorskip("resource")
    script = (
        "import sys; from pathlib import Path; from app.report import atomic; from app.errors import OutputError\n"
        "try:\n    atomic.write(Path(sys.argv[1]), bytes(200_000))\n"
        "except OutputError as error:\n    print(error); sys.exit(error.exit_code)\n"
    )
    ran = subprocess.run(
        [sys.executable, "-c", script, str(tmp_path / "x")],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, 100_000)),
    )
    assert ran.returncode == 5, ran.stderr
    assert str(tmp_path / "x") in ran.stdout
    assert files_in(tmp_path) == []


def test_a_disk_that_is_really_full_leaves_nothing_half_written(tmp_path: Path) -> None:
    small = tmp_path / "small"
    small.mkdir()
    mounted = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", "size=64k", "none", str(small)], capture_output=True, check=False
    )
    if mounted.returncode:
        pytest.skip("mounting a small file system needs root")
    try:
        with pytest.raises(OutputError, match="the disk is full"):
            atomic.write_all({small / "first": b"1", small / "x": bytes(200_000)})
        assert files_in(small) == []
    finally:
        subprocess.run(["umount", str(small)], check=True)


def test_asking_whether_a_folder_is_writable_leaves_no_trace(tmp_path: Path) -> None:
    atomic.require_folder(tmp_path / "a" / "b")
    assert files_in(tmp_path) == []
