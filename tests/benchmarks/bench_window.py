"""From the start of the process to the window on screen, beside a bare window of Qt's; torch must not be loaded.

Each start is a process of its own, the first of each kind thrown away: it fills the disk's cache and compiles modules
into a folder of this run. What pydicom loads where it is installed, and a plain install has not (gdcm, pyjpegls), is
in the times of `as installed`, and hidden from the third contender.
"""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from typing import TYPE_CHECKING

from tests.benchmarks.rounds import ROOT, table

if TYPE_CHECKING:
    from collections.abc import Callable

ROUNDS = 9
GOAL_S = 0.8

_TELL = """
import json, os, sys, time
def tell(**more):
    print(json.dumps({"shown": time.time(), "cpu": time.process_time(), "torch": "torch" in sys.modules,
                      "modules": len(sys.modules), **more}))
    sys.stdout.flush()
    os._exit(0)
"""
_BARE = (
    _TELL
    + """
from PySide6.QtWidgets import QApplication, QMainWindow
imported = time.time()
app = QApplication([])
window = QMainWindow()
window.show()
app.processEvents()
tell(imported=imported)
"""
)
_OURS = (
    _TELL
    + """
from app.main import main
import app.ui.application as start
imported = []
dressed = start.application
def application(settings):
    import app.ui.window
    imported.append(time.time())
    return dressed(settings)
def begin(window, paths, *, demo=False):
    start.QApplication.processEvents()
    assert window.isVisible()
    tell(imported=imported[0])
start.application, start.begin = application, begin
sys.exit(main([]))
"""
)
_PLAIN = "import sys\nfor name in ('gdcm', 'jpeg_ls'): sys.modules[name] = None\n" + _OURS
CONTENDERS = {"Qt's bare window": _BARE, "Scoutview as installed": _OURS, "Scoutview without gdcm, pyjpegls": _PLAIN}


def _start(code: str, folder: str) -> dict[str, float]:
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": str(ROOT), "SCOUTVIEW_HOME": folder}
    environment["PYTHONPYCACHEPREFIX"] = f"{folder}/compiled"
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    begun = time.time()
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        raise RuntimeError(f"the start failed: {done.stderr.strip().splitlines()[-1:]}")
    told = json.loads(done.stdout.splitlines()[-1])
    return {
        "imported": told["imported"] - begun,
        "shown": told["shown"] - begun,
        "cpu": told["cpu"],
        "torch": told["torch"],
        "modules": told["modules"],
    }


def _dominant(folder: str, count: int = 6) -> list[tuple[str, float]]:
    """The packages whose modules take longest to import, in ms of their own time."""
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": str(ROOT), "SCOUTVIEW_HOME": folder}
    environment["PYTHONPYCACHEPREFIX"] = f"{folder}/compiled"
    environment.pop("PYTHONDONTWRITEBYTECODE", None)
    command = [sys.executable, "-X", "importtime", "-c", _OURS]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=False)
    taken: dict[str, float] = {}
    for line in done.stderr.splitlines():
        own, _, name = line.removeprefix("import time:").split("|") if line.count("|") == 2 else ("", "", "")
        if own.strip().isdigit():
            package = name.strip().split(".")[0].lstrip("_")
            taken[package] = taken.get(package, 0.0) + int(own) / 1000
    return sorted(taken.items(), key=lambda item: -item[1])[:count]


def run(report: Callable[[str], None]) -> dict[str, object]:
    """Medians over the starts, in seconds of the clock and of the processor."""
    found: dict[str, dict[str, float]] = {}
    with tempfile.TemporaryDirectory() as folder:
        runs: dict[str, list[dict[str, float]]] = {name: [] for name in CONTENDERS}
        for number in range(ROUNDS + 1):
            for name, code in CONTENDERS.items():
                one = _start(code, folder)
                if number:
                    runs[name].append(one)
        for name, each in runs.items():
            found[name] = {key: statistics.median(one[key] for one in each) for key in each[0]}
            found[name]["fastest"] = min(one["shown"] for one in each)
        packages = _dominant(folder)
    rows = [
        [name, f"{f['imported']:.2f}", f"{f['shown']:.2f}", f"{f['fastest']:.2f}", f"{f['cpu']:.2f}"]
        for name, f in found.items()
    ]
    table(report, ["", "imported, s", "shown, s", "fastest, s", "processor, s"], rows)
    report("")
    report("imports: " + ", ".join(f"{name} {taken:.0f} ms" for name, taken in packages))
    ours = found["Scoutview as installed"]
    report(f"torch loaded: {bool(ours['torch'])}; goal {GOAL_S} s: {'met' if ours['shown'] <= GOAL_S else 'not met'}")
    return {"contenders": found, "imports_ms": dict(packages), "goal_s": GOAL_S}
