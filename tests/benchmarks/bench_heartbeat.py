"""Does the window ever stop? A 5 ms timer beats on its thread while it idles, loads a CT and runs a model.

The idle window is the control: what the machine itself does to a timer shows there too, and only what the work adds
counts. The phases are interleaved, idle first and last, because a shared machine changes while one looks. On Linux
each gap is also told apart: time for which the window's thread worked, for which it was ready but had no processor
(the machine, or our own workers, took it), and the rest, for which it slept or waited for the interpreter.

A second control runs at the same time: another process does a fixed piece of work again and again. While the machine
itself is slow (a virtual machine whose host takes memory back, for one), that piece costs several times its processor
time, which no program beside it can bring about. Gaps of such moments are counted apart.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

BEAT_MS = 5
PHASE_S = 8.0
LONG_GAP_MS = 50.0
ROUNDS = 2
SLOW = 3.0
"""Times its median processor time: more than the second thread of a core takes away."""

Report = Callable[[str], None]
Beat = tuple[float, float, float]
Gap = tuple[float, float, float, float]
"""Length, worked and waited for a processor, ms; and when it ended, s."""


def run(report: Report) -> dict[str, Any]:
    """Phases: idle, loading ``ct/rider-lung-1129164940`` (236 JPEG-LS slices), the first run of the model with its
    import of torch, and further runs."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    import data_store
    from PySide6.QtCore import QTimer

    from app.settings import Settings
    from app.ui.application import application, begin
    from app.ui.window import Window

    folder = os.environ.get("SCOUTVIEW_DATA") or Path(__file__).resolve().parents[3] / "shared" / "data"
    ct_folder = Path(folder) / "ct" / "rider-lung-1129164940"
    chest_file = Path(data_store.__file__).parent / "data" / "RG1_UNCR.dcm"
    if not ct_folder.is_dir():
        report("skipped: no CT series; set SCOUTVIEW_DATA to the folder that holds ct/")
        return {"skipped": "no data"}

    settings = Settings()
    app = application(settings)
    window = Window(settings)
    window.resize(1440, 900)
    window.show()
    begin(window, [])
    beats: list[Beat] = []
    timer = QTimer()
    timer.setTimerType(timer.timerType().PreciseTimer)
    timer.timeout.connect(lambda: beats.append(_beat()))
    timer.start(BEAT_MS)

    def spin(until: Callable[[], bool], limit_s: float = 300.0) -> None:
        end = time.perf_counter() + limit_s
        while not until():
            if time.perf_counter() > end:
                raise TimeoutError("the window did not get there")
            app.processEvents()
            # Sleeps until something happens, as the window's own event loop does.
            app.eventDispatcher().processEvents(_WAIT)

    from PySide6.QtCore import QEventLoop

    _WAIT = QEventLoop.ProcessEventsFlag.WaitForMoreEvents

    def opened(path: Path) -> Any:
        before = {series.key for series in window.session.index.series()}
        window.open([path])
        spin(lambda: not window.opener.is_busy and {s.key for s in window.session.index.series()} > before)
        return max((s for s in window.session.index.series() if s.key not in before), key=lambda s: len(s.frames))

    def measured(work: Callable[[float], None]) -> list[Gap]:
        beats.clear()
        work(time.perf_counter() + PHASE_S)
        ends = [beat[0] for beat in beats[1:]]
        return [(*gap, end) for gap, end in zip((np.diff(beats, axis=0) * 1000).tolist(), ends, strict=True)]

    ct, chest = opened(ct_folder), opened(chest_file)
    spin(lambda: bool(window.analyses.usable()))
    bundle = next(b for b in window.analyses.usable() if b.id == "cxr-lungs")
    loads = runs = 0

    def idle(end: float) -> None:
        spin(lambda: time.perf_counter() >= end)

    def load(end: float) -> None:
        nonlocal loads
        while time.perf_counter() < end:
            window.show_series(chest)
            # A reader's clicks are turns of the event loop apart.
            app.processEvents()
            window.loader.clear()
            window.show_series(ct)
            spin(lambda: (pixels := window.loader.pixels(ct)) is not None and pixels.is_complete)
            loads += 1

    def analyse_once() -> None:
        nonlocal runs
        finished: list[object] = []
        connection = window.analyses.finished.connect(lambda *answer: finished.append(answer))
        window.run_model(bundle)
        spin(lambda: bool(finished))
        window.analyses.finished.disconnect(connection)
        runs += 1

    def analyse(end: float) -> None:
        while time.perf_counter() < end:
            analyse_once()

    def shown_chest() -> None:
        window.show_series(chest)
        spin(lambda: (pixels := window.loader.pixels(chest)) is not None and pixels.is_complete)

    control = _Control()
    gaps: dict[str, list[Gap]] = {"idle": [], "loading": [], "first run": [], "model": []}
    shown_chest()
    gaps["first run"] += measured(lambda end: analyse_once())
    for _ in range(ROUNDS):
        gaps["idle"] += measured(idle)
        gaps["loading"] += measured(load)
        gaps["idle"] += measured(idle)
        shown_chest()
        gaps["model"] += measured(analyse)
    gaps["idle"] += measured(idle)
    timer.stop()
    window.session.close_all()
    window.close()

    slow = control.slow_moments()
    summary = {name: _summary(values, slow) for name, values in gaps.items()}
    report(f"gaps between beats of a {BEAT_MS} ms timer, ms; {loads} loads of 236 slices, {runs} runs of cxr-lungs")
    report(
        f"{'phase':<12}{'beats':>8}{'p50':>8}{'p99':>8}{'p99.9':>8}{'max':>8}{'> 50 ms':>9}{'machine slow':>14}"
        "  longest: at work, no CPU"
    )
    for name, row in summary.items():
        report(
            f"{name:<12}{row['beats']:>8.0f}{row['p50']:>8.1f}{row['p99']:>8.1f}{row['p99.9']:>8.1f}"
            f"{row['max']:>8.1f}{row['long gaps']:>9.0f}{row['machine slow']:>14.0f}  "
            f"{row['longest: worked']:.1f}, {row['longest: no processor']:.1f}"
        )
    report(
        f"'machine slow': those of the gaps over 50 ms in which another process was slow too (in all {len(slow)} times)"
    )
    report("'first run' holds the one import of torch and the loading of the weights, and stands apart")
    return {"phases": summary, "loads": loads, "runs": runs}


def _beat() -> Beat:
    """Seconds: now, worked so far, waited for a processor so far (0 where the system does not say)."""
    try:
        worked, waited = Path(f"/proc/self/task/{os.getpid()}/schedstat").read_text(encoding="ascii").split()[:2]
    except OSError:
        worked = waited = "0"
    return time.perf_counter(), int(worked) / 1e9, int(waited) / 1e9


class _Control:
    """Another process that does the same small piece of work every few milliseconds and keeps what it cost."""

    _WORK = """
import json, select, sys, time
costs = []
while not select.select([sys.stdin], [], [], 0.005)[0]:
    begun, worked = time.perf_counter(), time.thread_time()
    for number in range(4000):
        number * number % 7
    costs.append((begun, time.perf_counter(), time.thread_time() - worked))
json.dump(costs, sys.stdout)
"""

    def __init__(self) -> None:
        self._process = None
        if sys.platform != "win32":
            command = [sys.executable, "-c", self._WORK]
            self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def slow_moments(self) -> list[tuple[float, float]]:
        """Ends it. From when to when, by ``time.perf_counter``, the machine was slow."""
        if self._process is None:
            return []
        told, _ = self._process.communicate(b"enough")
        costs: npt.NDArray[np.float64] = np.asarray(json.loads(told))
        limit = SLOW * np.median(costs[:, 2])
        return [(float(begun), float(ended)) for begun, ended, worked in costs if worked > limit]


def _summary(values: list[Gap], slow: list[tuple[float, float]]) -> dict[str, float]:
    gaps: npt.NDArray[np.float64] = np.asarray(values)
    lengths = gaps[:, 0]
    longest = gaps[lengths.argmax()]
    long = [(gap[3] - gap[0] / 1000, gap[3]) for gap in values if gap[0] > LONG_GAP_MS]
    return {
        "beats": float(lengths.size),
        "p50": float(np.percentile(lengths, 50)),
        "p99": float(np.percentile(lengths, 99)),
        "p99.9": float(np.percentile(lengths, 99.9)),
        "max": float(longest[0]),
        "long gaps": float(len(long)),
        "machine slow": float(sum(any(a < until and b > since for a, b in slow) for since, until in long)),
        "longest: worked": float(longest[1]),
        "longest: no processor": float(longest[2]),
    }
