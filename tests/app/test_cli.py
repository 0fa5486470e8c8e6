"""Exit codes and error lines of the command line, one by one (app/main.py, app/cli)."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from app import cli
from app import main as main_module
from app.errors import UserError
from app.report.version import version
from inference.types import Cancelled, Refused
from tests import phantoms
from tests.app.cli_tools import Command, chest_file, made_model

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def command(capsys: pytest.CaptureFixture[str]) -> Command:
    return Command(capsys)


def in_a_process(*words: object, **more: object) -> subprocess.CompletedProcess[str]:
    environment = {
        key: value for key, value in os.environ.items() if key not in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM")
    }
    return subprocess.run(
        [sys.executable, "-m", "app", *map(str, words)],
        cwd=ROOT, env=environment, capture_output=True, text=True, check=False, **more,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--nonsense",), "unrecognized arguments: --nonsense"),
        (("info",), "PATH"),
        (("info", "a", "b"), "unrecognized arguments: b"),
        (("render", "x"), "--out"),
        (("render", "x", "--out", "y", "--size", "12"), "neither native nor WxH"),
        (("render", "x", "--out", "y", "--size", "99999x10"), "at most"),
        (("render", "x", "--out", "y", "--index", "-1"), "--index"),
        (("render", "x", "--out", "y", "--frame", "0"), "from 1"),
        (("render", "x", "--out", "y", "--plane", "diagonal"), "axial"),
        (("analyze", "x", "--model", "m"), "--out"),
        (("analyze", "x", "--model", "m", "--out", "y", "--device", "gpu"), "cuda:n"),
        (("analyze", "x", "--model", "nowhere", "--out", "y"), "Models:"),
    ],
)
def test_usage_errors_are_2_and_one_line(command: Command, words: tuple[str, ...], told: str) -> None:
    ran = command(*words)
    assert ran.code == 2
    assert told in ran.line
    assert ran.err.count("\n") == 1
    assert ran.out == ""


def test_an_unknown_format_names_those_that_exist(
    command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made_model(tmp_path / "models", monkeypatch)
    ran = command("analyze", tmp_path, "--model", "made", "--out", tmp_path / "o", "--formats", "seg,html")
    assert ran.code == 2
    assert "html" in ran.line
    assert "seg, rtstruct, nifti, dicom, pdf, png, json" in ran.line


@pytest.mark.parametrize("name", ["info", "render", "analyze"])
def test_no_such_path_is_3(command: Command, tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    made_model(tmp_path / "models", monkeypatch)
    more = {"info": (), "render": ("--out", "x.png"), "analyze": ("--model", "made", "--out", tmp_path / "o")}[name]
    ran = command(name, tmp_path / "missing", *more)
    assert ran.code == 3
    assert str(tmp_path / "missing") in ran.line


def test_an_empty_folder_is_3(command: Command, tmp_path: Path) -> None:
    ran = command("info", tmp_path)
    assert (ran.code, ran.out) == (3, "")
    assert f"{tmp_path}: the folder is empty" in ran.line


@pytest.mark.parametrize("kind", ["empty", "text", "truncated header", "preamble only", "absurd size", "deeply nested"])
def test_one_unreadable_file_is_3_with_its_reason(command: Command, tmp_path: Path, kind: str) -> None:
    path = phantoms.hostile(tmp_path)[kind]
    for words in (("info", path), ("render", path, "--out", tmp_path / "x.png")):
        ran = command(*words)
        assert ran.code == 3
        assert str(path) in ran.line
    assert not (tmp_path / "x.png").exists()


def test_a_folder_of_rubbish_is_3_and_counts_it(command: Command, tmp_path: Path) -> None:
    count = len(phantoms.hostile(tmp_path))
    ran = command("info", tmp_path)
    assert ran.code == 3
    assert f"none of its {count} files" in ran.line


def test_truncated_pixels_are_told_by_the_command_that_needs_them(command: Command, tmp_path: Path) -> None:
    path = phantoms.hostile(tmp_path)["truncated pixels"]
    ran = command("render", path, "--out", tmp_path / "x.png")
    assert ran.code == 3
    assert str(path) in ran.line
    assert "truncated" in ran.line


def test_an_output_that_cannot_be_written_is_5_and_names_it(command: Command, tmp_path: Path) -> None:
    image = chest_file(tmp_path / "a.dcm")
    (tmp_path / "file").write_bytes(b"")
    for target in (tmp_path / "file" / "x.png", tmp_path):
        ran = command("render", image, "--out", target)
        assert ran.code == 5
        assert str(target) in ran.line


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="this system has no /dev/full")
def test_a_full_disk_is_5(command: Command, tmp_path: Path) -> None:
    ran = command("render", chest_file(tmp_path / "a.dcm"), "--out", "/dev/full")
    assert ran.code == 5
    assert "/dev/full: the disk is full. Free some space" in ran.line


@pytest.mark.parametrize(
    ("raised", "code", "told"),
    [
        (KeyboardInterrupt(), 130, "cancelled"),
        (Cancelled(), 130, "cancelled"),
        (Refused("expects HU"), 4, "expects HU"),
        (MemoryError(), 1, "not enough memory"),
        (UserError("what", "why", "now"), 1, "what: why. now"),
        (ZeroDivisionError("Phantom^Patient"), 1, "internal error: ZeroDivisionError"),
    ],
)
def test_whatever_happens_there_is_one_line_and_a_code(
    command: Command, monkeypatch: pytest.MonkeyPatch, raised: BaseException, code: int, told: str
) -> None:
    def explode(arguments: object) -> int:
        raise raised

    monkeypatch.setattr(cli, "run", explode)
    ran = command("models")
    assert ran.code == code
    assert told in ran.line
    # What an internal error says may quote a file: only its kind and place are told.
    assert "Phantom^Patient" not in ran.err
    assert ran.err.count("\n") == 1


def test_debug_shows_the_traceback_before_the_line(command: Command, tmp_path: Path) -> None:
    for words in (("--debug", "info", tmp_path / "missing"), ("info", tmp_path / "missing", "--debug")):
        ran = command(*words)
        assert ran.code == 3
        assert "Traceback (most recent call last)" in ran.err
        assert "no such file or folder" in ran.line


def test_help_and_version_are_0(command: Command) -> None:
    assert command("--version").out == f"scoutview {version()}\n"
    for words in (("--help",), ("info", "--help"), ("render", "--help"), ("analyze", "--help"), ("demo", "--help")):
        ran = command(*words)
        assert (ran.code, ran.err) == (0, "")
        assert "usage: scoutview" in ran.out


def test_a_file_named_like_a_command_opens_with_a_dot(command: Command) -> None:
    assert cli.parse(["./info"]).command == "open"
    assert cli.parse(["info", "x"]).command == "info"
    assert cli.parse(["x", "info"]).paths == [Path("x"), Path("info")]
    assert cli.parse([]).paths == []


def test_without_a_display_the_window_says_so(command: Command, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(sys, "platform", "linux")
    assert not main_module.has_display()
    ran = command("somewhere")
    assert ran.code == 1
    assert "no display" in ran.line
    monkeypatch.setenv("WAYLAND_DISPLAY", "wayland-0")
    assert main_module.has_display()
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    assert not main_module.has_display()


def test_the_shell_needs_neither_qt_nor_torch(tmp_path: Path) -> None:
    phantoms.ct(tmp_path / "ct")
    script = (
        "import sys; from app.main import main\n"
        f"code = main(['info', {str(tmp_path)!r}, '--json'])\n"
        f"code |= main(['render', {str(tmp_path)!r}, '--out', {str(tmp_path / 'x.png')!r}, '--plane', 'coronal'])\n"
        "code |= main(['models'])\n"
        "heavy = [name for name in ('torch', 'PySide6', 'app.ui', 'highdicom', 'reportlab') if name in sys.modules]\n"
        "sys.exit(code or len(heavy) and repr(heavy))\n"
    )
    ran = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr


def test_a_reader_that_goes_away_is_no_error(tmp_path: Path) -> None:
    phantoms.ct(tmp_path / "ct", shape=(60, 8, 8), FrameOfReferenceUID=lambda k: phantoms.uid(k // 2))
    process = subprocess.Popen(
        [sys.executable, "-m", "app", "info", str(tmp_path), "--json"],
        cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout is not None
    assert process.stderr is not None
    process.stdout.close()
    told = process.stderr.read()
    process.stderr.close()
    assert (process.wait(), told) == (0, b"")


def test_the_program_as_a_process(tmp_path: Path) -> None:
    ran = in_a_process("info", tmp_path / "missing")
    assert ran.returncode == 3
    assert ran.stdout == ""
    assert ran.stderr == f"scoutview: cannot open {tmp_path / 'missing'}: no such file or folder. Check the path.\n"


def test_output_that_cannot_carry_a_name_gets_escapes(tmp_path: Path) -> None:
    phantoms.radiograph(tmp_path / "a.dcm", SpecificCharacterSet="ISO_IR 192", PatientName="山田^太郎")
    environment = dict(os.environ, PYTHONIOENCODING="ascii")
    for words in (("info", tmp_path), ("info", tmp_path, "--json")):
        ran = subprocess.run(
            [sys.executable, "-m", "app", *map(str, words)],
            cwd=ROOT, env=environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
        assert ran.returncode == 0, ran.stderr
        assert "\\u5c71\\u7530" in ran.stdout


def test_progress_is_for_terminals(command: Command, tmp_path: Path) -> None:
    phantoms.ct(tmp_path / "ct")
    assert command("info", tmp_path).err == ""


def test_a_path_that_the_system_does_not_take_is_3(command: Command, tmp_path: Path) -> None:
    ran = command("info", tmp_path / ("n" * 5000))
    assert ran.code == 3
    assert "too long" in ran.line
