"""Does the window ever stop? A 5 ms timer beats on its thread while it idles, loads a CT and runs a model.

The idle window is the control: what the machine itself does to a timer shows there too, and only what the work adds
counts. The phases are interleaved, idle first and last, because a shared machine changes while one looks. On Linux
each gap is also told apart: time for which the window's thread worked, for which it was ready but had no processor
(the machine, or our own workers, took it), and the rest, for which it slept or waited for the interpreter.
"""

from __future__ import annotations

import os
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

Report = Callable[[str], None]
Beat = tuple[float, float, float]


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

    def measured(work: Callable[[float], None]) -> list[Beat]:
        beats.clear()
        work(time.perf_counter() + PHASE_S)
        return [tuple(gap) for gap in (np.diff(beats, axis=0) * 1000).tolist()]

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

    gaps: dict[str, list[Beat]] = {"idle": [], "loading": [], "first run": [], "model": []}
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

    summary = {name: _summary(values) for name, values in gaps.items()}
    report(f"gaps between beats of a {BEAT_MS} ms timer, ms; {loads} loads of 236 slices, {runs} runs of cxr-lungs")
    report(
        f"{'phase':<12}{'beats':>8}{'p50':>8}{'p99':>8}{'p99.9':>8}{'max':>8}{'> 50 ms':>9}  longest: at work, no CPU"
    )
    for name, row in summary.items():
        report(
            f"{name:<12}{row['beats']:>8.0f}{row['p50']:>8.1f}{row['p99']:>8.1f}{row['p99.9']:>8.1f}"
            f"{row['max']:>8.1f}{row['long gaps']:>9.0f}  "
            f"{row['longest: worked']:.1f}, {row['longest: no processor']:.1f}"
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


def _summary(values: list[Beat]) -> dict[str, float]:
    gaps: npt.NDArray[np.float64] = np.asarray(values)
    lengths = gaps[:, 0]
    longest = gaps[lengths.argmax()]
    return {
        "beats": float(lengths.size),
        "p50": float(np.percentile(lengths, 50)),
        "p99": float(np.percentile(lengths, 99)),
        "p99.9": float(np.percentile(lengths, 99.9)),
        "max": float(longest[0]),
        "long gaps": float((lengths > LONG_GAP_MS).sum()),
        "longest: worked": float(longest[1]),
        "longest: no processor": float(longest[2]),
    }
