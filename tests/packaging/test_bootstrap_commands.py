"""What the bootstrap runs once the environment stands: the checks, the program, and their exit codes."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

import bootstrap_checks
import bootstrap_commands
import bootstrap_env
import bootstrap_qt
from bootstrap_shell import SetupError, clean_environment


def test_tests_run_last_so_that_their_summary_ends_the_output() -> None:
    names = [check.name for check in bootstrap_checks.checks(Path("venv"))]
    assert names == ["lint", "format", "types", "import contracts", "tests"]


def test_what_follows_goes_to_pytest() -> None:
    command = bootstrap_checks.checks(Path("venv"), ["-k", "voi"], workers=2)[-1].command
    assert command[-2:] == ("-k", "voi")


@pytest.mark.parametrize(("codes", "expected"), [([0, 0, 0], 0), ([1, 0, 0], 1), ([0, 0, 5], 1)])
def test_every_check_runs_and_any_failure_counts(
    codes: list[int], expected: int, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    left = list(codes)
    todo = [bootstrap_checks.Check(f"check-{number}", ("true",)) for number in range(3)]
    assert bootstrap_checks.run_all(tmp_path, todo, runner=lambda *a, **k: left.pop(0)) == expected
    assert left == []
    said = capsys.readouterr().out
    assert said.count("FAILED") == sum(code != 0 for code in codes)


@pytest.mark.parametrize(("cores", "workers"), [(1, 1), (2, 2), (64, bootstrap_checks.MOST_WORKERS)])
def test_workers_follow_the_cores(cores: int, workers: int) -> None:
    assert bootstrap_checks.worker_count(cores) == workers


def test_settings_that_would_mislead_the_set_up_are_left_out() -> None:
    kept = clean_environment({"PATH": "/bin", "PYTHONPATH": "/old", "PIP_TARGET": "/x", "PIP_PROXY": "p"}, OMP="1")
    assert kept == {"PATH": "/bin", "PIP_PROXY": "p", "PYTHONNOUSERSITE": "1", "OMP": "1"}


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[list[str]]:
    """The programs that were started, with an environment that stands already."""
    commands: list[list[str]] = []

    def fake(command: list[str], **_: object) -> subprocess.CompletedProcess[str]:
        commands.append([Path(command[0]).stem, *command[1:]])
        return subprocess.CompletedProcess(command, 3)

    monkeypatch.setattr(bootstrap_qt, "ensure_libraries", lambda: True)
    monkeypatch.setattr(bootstrap_env, "ensure", lambda fresh=False: tmp_path)
    monkeypatch.setattr(bootstrap_commands.subprocess, "run", fake)
    return commands


def test_demo_starts_the_demo_and_hands_its_exit_code_on(started: list[list[str]]) -> None:
    assert bootstrap_commands.main(["demo", "--out", "here"]) == 3
    assert started == [["scoutview", "demo", "--out", "here"]]


def test_run_hands_all_arguments_on(started: list[list[str]]) -> None:
    assert bootstrap_commands.main(["run", "--", "info", "a folder", "--json"]) == 3
    assert started == [["scoutview", "info", "a folder", "--json"]]


@pytest.mark.parametrize("arguments", [[], ["fly"], ["setup", "--fast"], ["--fast", "setup"]])
def test_what_is_not_understood_is_a_usage_error(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        bootstrap_commands.main(arguments)
    assert ended.value.code == 2
    assert "usage:" in capsys.readouterr().err


def test_a_failed_set_up_is_one_clear_message(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    def fail() -> bool:
        raise SetupError("no libEGL.so.1")

    monkeypatch.setattr(bootstrap_qt, "ensure_libraries", fail)
    assert bootstrap_commands.main(["setup"]) == 1
    assert capsys.readouterr().err.strip() == "no libEGL.so.1"


def test_an_interruption_ends_with_130(monkeypatch: pytest.MonkeyPatch) -> None:
    def interrupt(fresh: bool = False) -> Path:
        raise KeyboardInterrupt

    monkeypatch.setattr(bootstrap_qt, "ensure_libraries", lambda: True)
    monkeypatch.setattr(bootstrap_env, "ensure", interrupt)
    assert bootstrap_commands.main(["setup"]) == 130
