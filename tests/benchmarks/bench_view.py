"""Drawing a frame: scrolling and window dragging in a viewport of 1024 × 1024, beside pyqtgraph's ImageItem.

Both widgets are on screen (Qt's offscreen platform where there is none) and repaint in full for each step, the viewport
with all its text. The two take turns of a few steps, so that a busy machine slows both; the processor time of the
process says more than the clock where others share it.
"""

from __future__ import annotations

import os
import tempfile
import time
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from tests import phantoms
from tests.benchmarks.rounds import table

SIDE = 1024
STEPS = 110
WARM = 10
TURN = 10
"""Steps in a row: a reader scrolls one viewer, and its memory stays warm."""


def run(report: Callable[[str], None]) -> dict[str, object]:
    """Measures all cases; milliseconds a frame as medians, and the ratio to pyqtgraph."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    # As the program does: Qt's painting threads wait for a busy machine's scheduler longer than they save.
    os.environ.setdefault("QT_NO_GUI_THREADPOOL", "1")
    from PySide6.QtWidgets import QApplication

    application = QApplication.instance() or QApplication([])
    numbers: dict[str, dict[str, float]] = {}
    with tempfile.TemporaryDirectory() as folder:
        for name, measure in (("scroll_512", _scroll), ("window_512", _window_small), ("window_3072", _window_large)):
            numbers[name] = _found(measure(Path(folder)))
        numbers["scroll_512_with_overlay"] = _found(_overlay(Path(folder)))
    application.processEvents()
    columns = ("viewport_ms", "viewport_p90_ms", "viewport_cpu_ms", "pyqtgraph_ms", "pyqtgraph_cpu_ms")
    columns += ("ratio_to_pyqtgraph", "cpu_ratio_to_pyqtgraph")
    head = [
        "ms a frame",
        "viewport",
        "90th percentile",
        "processor",
        "pyqtgraph",
        "processor",
        "÷ pyqtgraph",
        "processor",
    ]
    rows = [[name, *(f"{row[key]:.2f}" if key in row else "" for key in columns)] for name, row in numbers.items()]
    table(report, head, rows)
    return dict(numbers)


def _found(times: dict[str, list[float]]) -> dict[str, float]:
    found: dict[str, float] = {}
    for who in ("viewport", "pyqtgraph"):
        if who in times:
            wall, cpu = (np.array(times[key][WARM:]) * 1e3 for key in (who, f"{who}_cpu"))
            found |= {
                f"{who}_ms": round(float(np.median(wall)), 3),
                f"{who}_p90_ms": round(float(np.percentile(wall, 90)), 3),
                f"{who}_cpu_ms": round(float(np.median(cpu)), 3),
            }
    if "pyqtgraph_ms" in found:
        found["ratio_to_pyqtgraph"] = round(found["viewport_ms"] / found["pyqtgraph_ms"], 3)
        found["cpu_ratio_to_pyqtgraph"] = round(found["viewport_cpu_ms"] / max(found["pyqtgraph_cpu_ms"], 1e-3), 3)
    return found


def _volume() -> np.ndarray[Any, np.dtype[np.int16]]:
    """Forty slices of 512 × 512 with structure at all scales."""
    noise = np.random.default_rng(7).normal(0, 40, (512, 512))
    row, column = np.mgrid[:512, :512]
    body = np.where(np.hypot(row - 256, column - 256) < 220, 1050.0, 0.0)
    return np.stack([body + np.roll(noise, 13 * k, axis=1) + 4 * k for k in range(40)]).astype(np.int16)


def _viewport(paths: list[Path]) -> Any:
    from app.core.session import Session
    from app.dicom.index import index
    from app.dicom.load import load
    from app.dicom.scan import scan
    from app.ui.viewport import Viewport

    session = Session()
    session.open(index(scan(paths)))
    series = session.index.series()[0]
    viewport = Viewport(session)
    viewport.session = session
    viewport.resize(SIDE, SIDE)
    viewport.show()
    viewport.display(series, load(series))
    return viewport


def _pyqtgraph(image: np.ndarray[Any, Any], levels: tuple[float, float]) -> tuple[Any, Any]:
    import pyqtgraph as pg

    pg.setConfigOptions(imageAxisOrder="row-major")
    view = pg.GraphicsView()
    box = pg.ViewBox(lockAspect=True, invertY=True)
    view.setCentralItem(box)
    item = pg.ImageItem(image, levels=levels)
    box.addItem(item)
    view.resize(SIDE, SIDE)
    view.show()
    return view, item


def _race(ours: Callable[[int], None], theirs: Callable[[int], None] | None) -> dict[str, list[float]]:
    from PySide6.QtWidgets import QApplication

    # Until the windows are exposed, a repaint does nothing and takes no time.
    QApplication.processEvents()
    times: dict[str, list[float]] = defaultdict(list)
    for first in range(0, STEPS + WARM, TURN):
        for who, act in (("viewport", ours), ("pyqtgraph", theirs)):
            for step in range(first, first + TURN) if act is not None else ():
                start, used = time.perf_counter(), time.process_time()
                act(step)
                times[f"{who}_cpu"].append(time.process_time() - used)
                times[who].append(time.perf_counter() - start)
    return times


def _scroll(folder: Path) -> dict[str, list[float]]:
    voxels = _volume()
    viewport = _viewport(phantoms.ct(folder / "scroll", voxels=voxels, spacing=(2.0, 0.7, 0.7)))
    view, item = _pyqtgraph(voxels[0], (900.0, 1300.0))

    def ours(step: int) -> None:
        viewport.set_index(step % 40)
        viewport.repaint()

    def theirs(step: int) -> None:
        item.setImage(voxels[step % 40], autoLevels=False)
        view.viewport().repaint()

    return _closing(viewport, view, _race(ours, theirs))


def _drag(viewport: Any, view: Any, item: Any, width: float) -> dict[str, list[float]]:
    from app.dicom.voi import Window

    centre = viewport.voi.center

    def ours(step: int) -> None:
        viewport.set_voi(Window(centre + 3 * step, width + 5 * step))
        viewport.repaint()

    def theirs(step: int) -> None:
        item.setLevels((centre - width / 2 + step, centre + width / 2 + 6 * step))
        view.viewport().repaint()

    return _closing(viewport, view, _race(ours, theirs))


def _window_small(folder: Path) -> dict[str, list[float]]:
    voxels = _volume()
    viewport = _viewport(phantoms.ct(folder / "window", voxels=voxels[:1], spacing=(2.0, 0.7, 0.7)))
    return _drag(viewport, *_pyqtgraph(voxels[0], (900.0, 1300.0)), 400)


def _window_large(folder: Path) -> dict[str, list[float]]:
    pixels = np.tile(_volume()[0].astype(np.uint16), (6, 6))
    viewport = _viewport(phantoms.radiograph(folder / "large.dcm", pixels=pixels))
    return _drag(viewport, *_pyqtgraph(pixels, (0.0, 2000.0)), 2000)


def _overlay(folder: Path) -> dict[str, list[float]]:
    from app.core.document import Overlay
    from inference.types import Code, Label, ModelRef

    viewport = _viewport(phantoms.ct(folder / "overlay", voxels=_volume(), spacing=(2.0, 0.7, 0.7)))
    row, column = np.mgrid[:512, :512]
    plane = (np.hypot(row - 256, column - 160) < 80).astype(np.uint8) + 2 * (np.hypot(row - 256, column - 350) < 80)
    labels = (Label(1, "one", Code("1", "one"), (80, 200, 255)), Label(2, "two", Code("2", "two"), (255, 120, 160)))
    label_map = np.repeat(plane[np.newaxis].astype(np.uint8), 40, axis=0)
    model = ModelRef("bench", "1.0.0", "0" * 64)
    overlay = Overlay("bench", viewport.series.key, tuple(range(40)), label_map, labels, model)
    viewport.session.commit("AI", viewport.session.document.with_overlay(overlay))

    def ours(step: int) -> None:
        viewport.set_index(step % 40)
        viewport.repaint()

    return _closing(viewport, None, _race(ours, None))


def _closing(viewport: Any, view: Any, times: dict[str, list[float]]) -> dict[str, list[float]]:
    for widget in (viewport, view):
        if widget is not None:
            widget.close()
            widget.deleteLater()
    return times
