"""The virtual environment: recognised, updated or made anew, and clear words where it cannot be made."""

from __future__ import annotations

import os
import re
import tomllib
from dataclasses import replace
from pathlib import Path

import pytest

import bootstrap_env
from bootstrap_env import State
from bootstrap_shell import SetupError

WANTED = State(python="3.11", root="/somewhere", pins="abc")
PYTHON_3_12 = replace(WANTED, python="3.12")


@pytest.mark.parametrize(
    ("found", "works", "step"),
    [
        (WANTED, True, "keep"),
        (replace(WANTED, pins="other"), True, "update"),
        (replace(WANTED, complete=False), True, "rebuild"),
        (replace(WANTED, root="/moved/from"), True, "rebuild"),
        (PYTHON_3_12, True, "rebuild"),
        (WANTED, False, "rebuild"),
        (None, True, "update"),
        (None, False, "rebuild"),
    ],
)
def test_what_is_done_with_an_environment(found: State | None, works: bool, step: str) -> None:
    assert bootstrap_env.plan(WANTED, found, works) == step


def test_the_state_survives_writing_and_reading(tmp_path: Path) -> None:
    bootstrap_env.write_state(tmp_path, WANTED)
    assert bootstrap_env.read_state(tmp_path) == WANTED
    assert [entry.name for entry in tmp_path.iterdir()] == [bootstrap_env.STATE]


@pytest.mark.parametrize("text", ["", "{", "[]", '{"python": "3.11"}', '{"python": "3", "unknown": 1}'])
def test_a_damaged_state_says_nothing(tmp_path: Path, text: str) -> None:
    (tmp_path / bootstrap_env.STATE).write_text(text, encoding="utf-8")
    assert bootstrap_env.read_state(tmp_path) is None


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    (tmp_path / "packaging").mkdir()
    (tmp_path / "pyproject.toml").write_text("[project]\n", encoding="utf-8")
    (tmp_path / "packaging" / "constraints.txt").write_text("torch==1.0\nhatchling==2.0\n", encoding="utf-8")
    return tmp_path


@pytest.mark.parametrize("name", ["pyproject.toml", "packaging/constraints.txt"])
def test_the_fingerprint_changes_with_the_files_that_decide(repository: Path, name: str) -> None:
    before = bootstrap_env.fingerprint(repository)
    assert bootstrap_env.fingerprint(repository) == before
    (repository / name).write_text("changed", encoding="utf-8")
    assert bootstrap_env.fingerprint(repository) != before


def test_commands_lie_where_each_system_puts_them(tmp_path: Path) -> None:
    assert bootstrap_env.script(tmp_path, "python", "posix") == tmp_path / "bin" / "python"
    assert bootstrap_env.script(tmp_path, "python", "nt") == tmp_path / "Scripts" / "python.exe"


def test_a_pin_is_found_whatever_its_case_and_comment() -> None:
    assert bootstrap_env.pinned("# torch==0.1\ntorchvision==3\nTorch==2.13.0  # why\n", "torch") == "Torch==2.13.0"


def test_a_lost_pin_is_an_error() -> None:
    with pytest.raises(SetupError, match="no line for torch"):
        bootstrap_env.pinned("numpy==2.0\n", "torch")


@pytest.mark.parametrize(
    ("log", "said"),
    [
        ("OSError: [Errno 28] No space left on device", "disk is full"),
        ("NewConnectionError('…: Failed to establish a new connection: [Errno -3]')", "could not be reached"),
        # An index out of reach ends in "no matching distribution" too; the first cause is the one to tell.
        ("Max retries exceeded\nERROR: No matching distribution found for torch==2.13.0", "could not be reached"),
        ("ERROR: No matching distribution found for torch==2.13.0", "no build of torch==2.13.0"),
        ("[SSL: CERTIFICATE_VERIFY_FAILED]", "certificate"),
        ("PermissionError: [Errno 13] Permission denied: '/x'", "could not be written"),
        ("something else", "messages above"),
    ],
)
def test_a_failed_install_is_explained(log: str, said: str) -> None:
    assert said in bootstrap_env.explain(log)


def test_a_place_with_room_is_taken(tmp_path: Path) -> None:
    bootstrap_env.check_place(tmp_path / ".venv", free=lambda path: 50 * bootstrap_env.GIB)


def test_a_full_disk_is_said_before_anything_is_made(tmp_path: Path) -> None:
    with pytest.raises(SetupError, match=r"0\.3 GB left"):
        bootstrap_env.check_place(tmp_path / ".venv", free=lambda path: int(0.3 * bootstrap_env.GIB))
    assert not (tmp_path / ".venv").exists()


def test_a_folder_that_is_no_environment_is_never_emptied(tmp_path: Path) -> None:
    (tmp_path / ".venv").mkdir()
    (tmp_path / ".venv" / "thesis.txt").write_text("mine", encoding="utf-8")
    with pytest.raises(SetupError, match="no virtual environment"):
        bootstrap_env.check_place(tmp_path / ".venv", free=lambda path: 50 * bootstrap_env.GIB)


def test_a_file_in_the_way_is_named(tmp_path: Path) -> None:
    (tmp_path / ".venv").write_text("", encoding="utf-8")
    with pytest.raises(SetupError, match="no folder"):
        bootstrap_env.check_place(tmp_path / ".venv", free=lambda path: 50 * bootstrap_env.GIB)


def test_a_folder_of_somebody_else_is_said(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "access", lambda path, mode: False)
    with pytest.raises(SetupError, match="cannot be written"):
        bootstrap_env.check_place(tmp_path / ".venv", free=lambda path: 50 * bootstrap_env.GIB)


class FakeRun:
    """Stands for the commands of the set-up: it records them, and can fail or be interrupted at one of them."""

    def __init__(self, venv: Path) -> None:
        self.venv = venv
        self.lines: list[str] = []
        self.stop_at = ""
        self.error: BaseException | None = None
        self.states: list[State | None] = []

    def __call__(self, command: list[str], cwd: Path | None = None, **extra: str) -> int:
        line = " ".join(command)
        self.lines.append(line)
        self.states.append(bootstrap_env.read_state(self.venv))
        if self.stop_at and self.stop_at in line:
            if self.error:
                raise self.error
            return 1
        if "-m venv" in line:
            python = bootstrap_env.script(self.venv, "python")
            python.parent.mkdir()
            python.touch()
        return 0


@pytest.fixture
def fake_run(repository: Path, monkeypatch: pytest.MonkeyPatch) -> FakeRun:
    fake = FakeRun(repository / ".venv")
    monkeypatch.setattr(bootstrap_env, "run", fake)
    monkeypatch.setattr(bootstrap_env, "check_place", lambda venv: None)
    monkeypatch.setattr(bootstrap_env, "ensure_venv_module", lambda: None)
    return fake


def test_the_first_run_makes_all_and_the_second_nothing(repository: Path, fake_run: FakeRun) -> None:
    venv = bootstrap_env.ensure(repository)
    made, torch, project = fake_run.lines
    assert "-m venv" in made
    assert torch.endswith("torch==1.0 hatchling==2.0")
    assert project.endswith(f"-e {repository}[dev]")
    assert bootstrap_env.read_state(venv) == bootstrap_env.wanted_state(repository)
    bootstrap_env.ensure(repository)
    assert len(fake_run.lines) == 3


def test_no_package_source_is_ever_named(repository: Path, fake_run: FakeRun) -> None:
    bootstrap_env.ensure(repository)
    assert not re.search(r"https?:|-url|--find|-f ", " ".join(fake_run.lines))


def test_changed_pins_update_in_place(repository: Path, fake_run: FakeRun) -> None:
    venv = bootstrap_env.ensure(repository)
    (venv / "kept").touch()
    fake_run.lines.clear()
    (repository / "pyproject.toml").write_text("[project]\nname = 'x'\n", encoding="utf-8")
    bootstrap_env.ensure(repository)
    assert (venv / "kept").exists()
    assert not any("-m venv" in line for line in fake_run.lines)
    assert len(fake_run.lines) == 2


def test_an_interrupted_set_up_starts_over(repository: Path, fake_run: FakeRun) -> None:
    fake_run.stop_at, fake_run.error = "-e ", KeyboardInterrupt()
    with pytest.raises(KeyboardInterrupt):
        bootstrap_env.ensure(repository)
    (repository / ".venv" / "half-a-package").touch()
    fake_run.stop_at = ""
    venv = bootstrap_env.ensure(repository)
    assert not (venv / "half-a-package").exists()
    assert bootstrap_env.read_state(venv) == bootstrap_env.wanted_state(repository)


def test_every_step_runs_marked_as_half_done(repository: Path, fake_run: FakeRun) -> None:
    bootstrap_env.ensure(repository)
    assert [state and state.complete for state in fake_run.states] == [False, False, False]


def test_a_failed_install_is_an_error_and_not_a_state(repository: Path, fake_run: FakeRun) -> None:
    fake_run.stop_at = "torch=="
    with pytest.raises(SetupError, match="Installing packages failed"):
        bootstrap_env.ensure(repository)
    state = bootstrap_env.read_state(repository / ".venv")
    assert state is not None
    assert not state.complete


def test_fresh_makes_it_anew(repository: Path, fake_run: FakeRun) -> None:
    bootstrap_env.ensure(repository)
    fake_run.lines.clear()
    bootstrap_env.ensure(repository, fresh=True)
    assert "-m venv" in fake_run.lines[0]


def test_a_link_to_a_larger_disk_stays_a_link(tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    (disk / "sub").mkdir(parents=True)
    link = tmp_path / ".venv"
    link.symlink_to(disk, target_is_directory=True)
    bootstrap_env.empty(link)
    assert link.is_symlink()
    assert list(disk.iterdir()) == []


def test_every_dependency_of_the_project_is_pinned() -> None:
    def name(requirement: str) -> str:
        return re.split(r"[^A-Za-z0-9._-]", requirement)[0].lower().replace("_", "-")

    project = tomllib.loads((bootstrap_env.ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    asked = {name(line) for line in [*project["dependencies"], *project["optional-dependencies"]["dev"]]}
    lines = (bootstrap_env.ROOT / "packaging" / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pins = [line for line in lines if line and not line.startswith("#")]
    assert all(re.fullmatch(r"[A-Za-z0-9._-]+==[0-9][0-9A-Za-z.]*", line) for line in pins)
    assert asked <= {name(line) for line in pins}
