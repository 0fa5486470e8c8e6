"""The entry: it reads on old Pythons, says what it needs, and runs with nothing installed."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

import bootstrap

SCRIPT = Path(bootstrap.__file__)


@pytest.mark.parametrize("version", [(3, 11, 0), (3, 12, 1), (3, 14, 0), (4, 0, 0)])
def test_new_enough_pythons_are_taken(version: tuple[int, ...]) -> None:
    assert bootstrap.too_old(version) is None


def test_an_old_python_is_told_what_is_needed_and_what_it_is() -> None:
    message = bootstrap.too_old((3, 8, 10), which=lambda name: None)
    assert "needs Python 3.11 or newer" in message
    assert "this is Python 3.8" in message
    assert "Install a newer one" in message


def test_an_old_python_names_the_newest_one_that_is_there() -> None:
    message = bootstrap.too_old((3, 10, 0), which=lambda name: name if name in {"python3.11", "python3.13"} else None)
    assert "python3.13 packaging/bootstrap.py" in message


def test_the_entry_reads_as_python_3_7() -> None:
    """An f-string or a newer statement here would turn the clear message into a syntax error."""
    tree = ast.parse(SCRIPT.read_text(encoding="utf-8"), feature_version=(3, 7))
    imported = [node.names[0].name for node in tree.body if isinstance(node, ast.Import)]
    assert imported == ["shutil", "sys"], "anything else must be imported after the version is checked"
    assert not [node for node in ast.walk(tree) if isinstance(node, ast.JoinedStr)]


def test_help_needs_no_package() -> None:
    done = subprocess.run(
        [sys.executable, "-E", "-S", str(SCRIPT), "--help"], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 0, done.stderr
    for command in ("demo", "test", "run", "setup"):
        assert command in done.stdout


def test_no_command_is_a_usage_error() -> None:
    done = subprocess.run(
        [sys.executable, "-E", "-S", str(SCRIPT)], capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 2
    assert "usage:" in done.stderr
