"""Planes of a 512 × 512 × 400 CT: three views redrawn in a crosshair drag, oblique planes, slabs; and the real window,
from the release of a drag to full quality."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from app.core import mpr
from app.core.planes import PlaneName
from app.core.sampling import Projection, Slab
from tests import phantoms
from tests.benchmarks import studies

SHAPE = (400, 512, 512)
STEPS, WARM = 60, 5
RELEASES = 12
PATIENCE_S = 120.0
MOUSE_S = 0.008
"""Between two events of a mouse."""


def run(report: Callable[[str], None]) -> dict[str, object]:
    """Medians and 99th percentiles in ms, of the wall and of the processor."""
    with tempfile.TemporaryDirectory() as folder:
        origin = source(Path(folder))
    found: dict[str, object] = {}

    def measure(name: str, act: Callable[[int], object], steps: int = STEPS) -> None:
        wall, used = [], []
        for step in range(steps + WARM):
            start, before = time.perf_counter(), time.process_time()
            act(step)
            used.append(time.process_time() - before)
            wall.append(time.perf_counter() - start)
        figures = {
            "median_ms": round(float(np.median(wall[WARM:])) * 1e3, 2),
            "p99_ms": round(float(np.percentile(wall[WARM:], 99)) * 1e3, 2),
            "cpu_median_ms": round(float(np.median(used[WARM:])) * 1e3, 2),
        }
        found[name] = figures
        report(f"{name}: {_told(figures)}")

    _drag(origin, measure)
    for name in PlaneName:
        slab = mpr.body_planes(origin, name, Slab(_thickness(origin, name, 20), Projection.MIP)).pixels
        measure(f"MIP of 21 {name.value} slices", lambda step, p=slab: p.cut(_place(p, step)), 30)  # type: ignore[misc]
    for title, angles in (("turned once", (0.5, 0.0)), ("turned twice", (0.5, 0.3))):
        stack = mpr.plane_stack(origin.stack_grid, *_turned(origin, *angles))
        plane = mpr.planes(origin, stack, "Oblique").pixels
        measure(f"oblique plane, {title}", lambda step, p=plane: p.cut(_place(p, step)), 30)  # type: ignore[misc]
        slab = mpr.planes(origin, stack, "Oblique", Slab(20 * stack.step)).pixels
        measure(f"oblique slab, {title}, while dragging", lambda step, p=slab: p.cut(_place(p, step), coarse=True), 15)  # type: ignore[misc]
        measure(f"oblique slab, {title}", lambda step, p=slab: p.cut(_place(p, step)), 15)  # type: ignore[misc]
    del origin
    found["release to full quality"] = _release(report)
    return found


def _release(report: Callable[[str], None]) -> dict[str, float]:
    """The real window, with slabs of 20 slices that were turned about two planes: the point of the crosshair is dragged
    in one view, and let go. Until every view was painted at full resolution; ms, of the wall."""
    from PySide6.QtCore import QEvent, QEventLoop, QObject, QPointF, Qt
    from PySide6.QtGui import QMouseEvent
    from PySide6.QtWidgets import QApplication

    from app.settings import Settings
    from app.ui.application import application, begin
    from app.ui.viewport import Viewport
    from app.ui.window import Window

    with tempfile.TemporaryDirectory() as home:
        os.environ["SCOUTVIEW_HOME"] = home
        qt = application(Settings())
        window = Window(Settings())
        window.resize(1600, 1000)
        window.show()
        begin(window, [])

        def wait(done: Callable[[], bool]) -> None:
            end = time.perf_counter() + PATIENCE_S
            while not done():
                if time.perf_counter() > end:
                    raise TimeoutError("the window did not get there")
                QApplication.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)

        planes = window.arranging.reformatting
        window.open([studies.uncompressed(SHAPE[0])])
        wait(lambda: window.session.active is not None)
        window.actions_["planes"].trigger()
        wait(lambda: planes.is_on and not planes.is_busy)
        planes.turn(PlaneName.AXIAL, 0.5)
        planes.turn(PlaneName.CORONAL, 0.3)
        planes.set_slab(Slab(20 * planes._planes[PlaneName.SAGITTAL].pixels.stack.step, Projection.MIP))
        wait(lambda: not planes.is_busy and not window.dispatcher.jobs)
        views = {name: cell.viewport for name, cell in planes._cells.items()}
        fine: set[PlaneName] = set()

        def is_fine(name: PlaneName) -> bool:
            held, cross = planes._planes[name].pixels, planes.cross
            index = -1 if cross is None else held.stack.index_of(cross.point)
            return views[name].pixels is held and views[name].index == index and held.is_fine(index)

        class Watch(QObject):
            """Which views were painted at full resolution, each time that one is painted."""

            def eventFilter(self, watched: QObject, event: QEvent) -> bool:
                if event.type() == QEvent.Type.Paint:
                    name = next(name for name, view in views.items() if view is watched)
                    (fine.add if is_fine(name) else fine.discard)(name)
                return False

        watch = Watch()
        for view in views.values():
            view.installEventFilter(watch)

        def mouse(view: Viewport, kind: QEvent.Type, at: QPointF, held: Qt.MouseButton) -> None:
            event = QMouseEvent(
                kind, at, view.mapToGlobal(at), Qt.MouseButton.LeftButton, held, Qt.KeyboardModifier.NoModifier
            )
            QApplication.sendEvent(view, event)

        taken, coarse = [], 0
        for step in range(RELEASES + 1):
            name = PlaneName.AXIAL
            view = views[name]
            what = view._shown()
            assert what is not None
            start = planes._layers[name].centre(what)
            mouse(view, QEvent.Type.MouseButtonPress, start, Qt.MouseButton.LeftButton)
            # To and fro, and never to a place where it has been: planes are kept for a while.
            way = QPointF(3.0, 2.0) * (-1) ** step * (1 + step / 9)
            for move in range(1, 13):
                mouse(view, QEvent.Type.MouseMove, start + way * move, Qt.MouseButton.LeftButton)
                next_move = time.perf_counter() + MOUSE_S
                while time.perf_counter() < next_move:
                    QApplication.processEvents()
            coarse += sum(not is_fine(one) for one in views)
            before = time.perf_counter()
            mouse(view, QEvent.Type.MouseButtonRelease, start + way * 12, Qt.MouseButton.NoButton)
            fine.clear()
            for other in views.values():
                other.update()
            wait(lambda: len(fine) == len(views))
            taken.append((time.perf_counter() - before) * 1e3)
            wait(lambda: not planes.is_busy and not window.dispatcher.jobs)
        window.session.close_all()
        window.close()
        window.deleteLater()
        qt.processEvents()
    figures = {
        "median_ms": round(float(np.median(taken[1:])), 1),
        "most_ms": round(max(taken[1:]), 1),
        "views_not_fine_at_the_release": round(coarse / (RELEASES + 1), 1),
    }
    report("oblique slabs in the window, release of a drag to full quality: " + _told(figures))
    return figures


def _told(figures: dict[str, float]) -> str:
    return ", ".join(f"{key} {value}" for key, value in figures.items())


def _drag(origin: mpr.Source, measure: Callable[..., None]) -> None:
    """The crosshair dragged through three views of 640 × 512, all of them drawn anew, as in the window."""
    from PySide6.QtCore import QEvent, QObject
    from PySide6.QtWidgets import QApplication

    from app.core.session import Session
    from app.settings import Settings
    from app.ui.application import application
    from app.ui.arranging import PLANE_CELLS
    from app.ui.dispatch import Dispatcher
    from app.ui.reformatting import Reformatting
    from app.ui.views import Views

    qt = application(Settings())
    dispatcher, views = Dispatcher(), Views(Session())
    views.resize(1284, 1030)
    views.show()
    views.set_grid(2, 2)
    reformatting = Reformatting(views, dispatcher)
    reformatting._show(origin, {name: views.cells[number] for name, number in PLANE_CELLS.items()})
    QApplication.processEvents()
    middle = origin.stack_grid.corners().mean(axis=0)
    drawn: set[int] = set()

    class Watch(QObject):
        def eventFilter(self, watched: QObject, event: QEvent) -> bool:
            if event.type() == QEvent.Type.Paint:
                drawn.add(id(watched))
            return False

    watch = Watch()
    for cell in views.visible[:3]:
        cell.viewport.installEventFilter(watch)

    def drag(step: int) -> None:
        drawn.clear()
        reformatting.move_to(middle + 60 * np.sin(step / 9) * np.array([1.0, 0.8, 0.9]))
        # As in the window: what was asked to be drawn anew is drawn once, by the event loop.
        while len(drawn) < 3:
            QApplication.processEvents()

    measure("crosshair drag, three planes", drag)
    reformatting.stop()
    views.close()
    dispatcher.close()
    views.deleteLater()
    qt.processEvents()


def source(folder: Path) -> mpr.Source:
    """A chest-like volume in memory: only its headers are read from files."""
    from app.dicom.index import index
    from app.dicom.load import FrameState, SeriesPixels, Status
    from app.dicom.scan import scan

    empty = np.zeros((SHAPE[0], 8, 8), np.int16)
    paths = phantoms.ct(folder / "ct", voxels=empty, spacing=(1.0, 0.7, 0.7), PixelRepresentation=1)
    (small,) = index(scan(paths)).series()
    from dataclasses import replace

    series = replace(small, rows=SHAPE[1], columns=SHAPE[2])
    pixels = SeriesPixels(small)
    pixels.series = series
    pixels.stored = voxels()
    for place in range(SHAPE[0]):
        pixels.mark(place, FrameState(Status.LOADED))
    return mpr.source(series, pixels)


def voxels() -> np.ndarray[Any, np.dtype[np.int16]]:
    """Noise in a cylinder: every block has structure, and nothing can be skipped."""
    row, column = np.mgrid[: SHAPE[1], : SHAPE[2]]
    body = np.where(np.hypot(row - 256, column - 256) < 220, 1050, 0).astype(np.int16)
    noise = np.random.default_rng(7).normal(0, 40, SHAPE[1:]).astype(np.int16)
    return np.stack([body + np.roll(noise, 13 * k, axis=1) for k in range(SHAPE[0])])


def _place(pixels: mpr.Reformatted, step: int) -> int:
    count = len(pixels)
    return count // 4 + (step * 7) % (count // 2)


def _thickness(origin: mpr.Source, name: PlaneName, slices: int) -> float:
    advance, _, _ = mpr.orientation_of(origin.stack_grid, name)
    return slices * origin.stack_grid.pitch(advance)


def _turned(origin: mpr.Source, once: float, twice: float) -> tuple[Any, Any, Any]:
    advance, down, right = mpr.orientation_of(origin.stack_grid, PlaneName.CORONAL)
    advance, right = np.cos(once) * advance + np.sin(once) * right, np.cos(once) * right - np.sin(once) * advance
    advance, down = np.cos(twice) * advance + np.sin(twice) * down, np.cos(twice) * down - np.sin(twice) * advance
    return advance, down, right
