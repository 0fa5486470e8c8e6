"""Hostile files on the command line: one clear line that names the file, the right exit code, and valid JSON."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests import phantoms
from tests.app.cli_tools import Command

_HOSTILE = (
    "empty",
    "text",
    "truncated pixels",
    "truncated header",
    "preamble only",
    "huge length",
    "absurd size",
    "absurd frames",
    "deeply nested",
)


@pytest.fixture
def command(capsys: pytest.CaptureFixture[str]) -> Command:
    return Command(capsys)


@pytest.mark.parametrize("name", _HOSTILE)
def test_each_is_one_line_and_exit_code_3(command: Command, tmp_path: Path, name: str) -> None:
    path = phantoms.hostile(tmp_path)[name]
    for words in (("info", path), ("render", path, "--out", tmp_path / "x.png")):
        told = command(*words)
        assert told.code == 3
        assert told.out == ""
        assert told.err.count("\n") == 1
        assert path.name in told.line
    listed = command("info", path, "--json")
    assert listed.code == 3
    assert [Path(entry["file"]) for entry in listed.json["skipped"]] == [path]
    assert not (tmp_path / "x.png").exists()


def test_all_of_them_are_tried(tmp_path: Path) -> None:
    assert set(phantoms.hostile(tmp_path)) == set(_HOSTILE)


def test_the_rest_opens(command: Command, tmp_path: Path) -> None:
    hostile = phantoms.hostile(tmp_path / "bad")
    phantoms.ct(tmp_path / "good")
    told = command("info", tmp_path, "--json")
    assert told.code == 0
    assert len(told.json["skipped"]) == len(hostile)
    assert all(entry["reason"] for entry in told.json["skipped"])


@pytest.mark.skipif(sys.platform != "linux", reason="other systems refuse such names themselves")
@pytest.mark.parametrize("encoding", ["utf-8", "ascii"])
def test_names_that_are_no_text_make_valid_json(tmp_path: Path, encoding: str) -> None:
    (path,) = phantoms.ct(tmp_path / "source", shape=(1, 23, 38))
    folder = tmp_path / "names"
    folder.mkdir()
    name = b"not\xff\xfeutf8\n\x1b[2J"
    (folder / os.fsdecode(name)).write_bytes(path.read_bytes()[:-100])
    root = Path(__file__).parents[2]
    told = subprocess.run(
        [sys.executable, "-m", "app", "info", str(folder), "--json"],
        env={**os.environ, "PYTHONIOENCODING": f"{encoding}:strict", "PYTHONPATH": str(root)},
        cwd=root,
        capture_output=True,
        check=False,
    )
    assert told.returncode == 3
    (entry,) = json.loads(told.stdout.decode("utf-8"))["skipped"]
    assert os.fsencode(entry["file"]).endswith(name)
    assert told.stderr.count(b"\n") == 1
    assert b"\x1b" not in told.stderr
