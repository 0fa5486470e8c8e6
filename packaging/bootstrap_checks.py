"""The checks that `bootstrap.py test` runs: all of them, whatever the first ones say. Standard library only."""

from __future__ import annotations

import os
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bootstrap_env import script
from bootstrap_shell import heading, run, say

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence
    from pathlib import Path

MOST_WORKERS = 4
# A worker that is done takes tests from one that is not; tests that grow slow are named before everybody feels them.
PYTEST = ("--dist", "worksteal", "--durations", "5", "--durations-min", "10")


@dataclass(frozen=True)
class Check:
    """One command and the name it goes by."""

    name: str
    command: tuple[str, ...]


def checks(venv: Path, pytest_arguments: Sequence[str] = (), workers: int = 1) -> list[Check]:
    """Return the project's checks; tests come last, so that their summary ends the output."""
    python = str(script(venv, "python"))
    return [
        Check("lint", (python, "-m", "ruff", "check", ".")),
        Check("format", (python, "-m", "ruff", "format", "--check", ".")),
        Check("types", (python, "-m", "mypy")),
        Check("import contracts", (str(script(venv, "lint-imports")), "--no-logo")),
        Check("tests", (python, "-m", "pytest", "-n", str(workers), *PYTEST, *pytest_arguments)),
    ]


def run_all(root: Path, todo: Sequence[Check], runner: Callable[..., int] = run) -> int:
    """Run every check, tell which failed, and return 1 if any did, else 0."""
    workers = worker_count()
    threads = str(max(1, (os.cpu_count() or 1) // workers))
    results = []
    for check in todo:
        heading(check.name)
        start = time.monotonic()
        # Test workers share the cores: each with as many threads as there are cores would be slower than one.
        code = runner(check.command, cwd=root, OMP_NUM_THREADS=threads)
        results.append((check.name, code, time.monotonic() - start))
    say("")
    for name, code, seconds in results:
        say(f"  {name:<18}{'ok' if code == 0 else f'FAILED ({code})':<14}{seconds:6.1f} s")
    return 1 if any(code for _, code, _ in results) else 0


def worker_count(cores: int | None = None) -> int:
    """Return how many processes the tests run in."""
    return max(1, min(MOST_WORKERS, cores or os.cpu_count() or 1))
