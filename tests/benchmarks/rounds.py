"""Contenders in turn, round after round, so that a busy machine slows all of them alike; medians, and a table."""

from __future__ import annotations

import importlib.util
import json
import shutil
import statistics
import subprocess
import sys
from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
Report = Callable[[str], None]
Figures = dict[str, dict[str, float]]


def missing(way: str) -> str:
    """Why ``way`` cannot run on this machine; empty where it can."""
    if way == "dcm2niix":
        return "" if shutil.which("dcm2niix") else "dcm2niix is not installed"
    if "gdcm" in way and importlib.util.find_spec("gdcm") is None:
        return "python-gdcm is not installed (pip install python-gdcm, or the extra benchmarks)"
    if way == "memory" and not Path("/proc/self/smaps_rollup").exists():
        return "this system does not tell shared memory apart"
    return ""


def measured(ways: Sequence[str], folder: Path, small: Path, rounds: int) -> Figures:
    """Each way's median figures over ``rounds`` processes of its own; those that cannot run are left out."""
    runs: dict[str, list[dict[str, float]]] = defaultdict(list)
    able = [way for way in ways if not missing(way)]
    for number in range(rounds):
        for way in able[number % len(able) :] + able[: number % len(able)]:
            command = [sys.executable, "-m", "tests.benchmarks.contenders", way, str(folder), str(small)]
            done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
            if done.returncode:
                raise RuntimeError(f"{way} failed: {done.stderr.strip().splitlines()[-1:]}")
            runs[way].append(json.loads(done.stdout))
    return {
        way: {name: statistics.median(run[name] for run in found) for name in found[0]} for way, found in runs.items()
    }


def table(report: Report, head: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    """A Markdown table, its first column to the left."""
    widths = [max(len(row[at]) for row in [head, *rows]) for at in range(len(head))]

    def line(cells: Sequence[str]) -> str:
        first, *others = (
            cell.ljust(w) if at == 0 else cell.rjust(w) for at, (cell, w) in enumerate(zip(cells, widths, strict=True))
        )
        return "| " + " | ".join([first, *others]) + " |"

    report("")
    report(line(head))
    report("|" + "|".join(("-" * (width + 1) + (":" if at else "-")) for at, width in enumerate(widths)) + "|")
    for row in rows:
        report(line(row))
    report("")


def left_out(report: Report, ways: Sequence[str]) -> None:
    """Says who could not take part."""
    for way in ways:
        if missing(way):
            report(f"left out: {missing(way)}")
