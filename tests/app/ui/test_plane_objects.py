"""Segments, structures, doses and a model's labels on the planes of a volume, in the real window."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from app.core.planes import PlaneName
from app.core.sampling import Slab
from app.report.rtstruct import rtstruct_bytes
from app.report.seg import seg_bytes
from app.ui.cells import Cell
from app.ui.viewport.still import StillOptions, StillPainter
from app.ui.window import Window
from inference.types import Result
from tests import phantoms
from tests.app.report.answers import LABELS, MODEL, open_series, overlay
from tests.made_objects import dose


@pytest.fixture
def quiet(qtbot) -> Callable[[Window], None]:
    """Waits until files, planes and what lies over them are done."""

    def wait(window: Window) -> None:
        def calm() -> bool:
            busy = window.dispatcher.jobs or window.arranging.objects.is_busy
            return not busy and not window.arranging.reformatting.is_busy

        qtbot.waitUntil(calm, timeout=60_000)
        window.views.repaint()
        qtbot.waitUntil(calm, timeout=60_000)

    return wait


@pytest.fixture
def shown(window: Window, quiet, tmp_path: Path) -> Window:
    """The planes of a CT with a segmentation, a structure set and a dose on it."""
    phantoms.ct(tmp_path / "images", shape=(24, 40, 44), spacing=(2.0, 1.0, 1.0), window=(-800.0, 800.0))
    _, series = open_series(tmp_path / "images")
    folder = tmp_path / "objects"
    folder.mkdir()
    (folder / "seg.dcm").write_bytes(seg_bytes(overlay(series), series))
    (folder / "rs.dcm").write_bytes(rtstruct_bytes(overlay(series), series))
    dose(folder / "dose.dcm", np.full((12, 20, 20), 1000, np.uint16), np.arange(12) * 4.0,
         frame_of_reference=series.frame_of_reference_uid, origin=series.positions[0], spacing=(2.0, 2.0))  # fmt: skip
    window.open([tmp_path])
    quiet(window)
    window.arranging.toggle_planes()
    quiet(window)
    # Through the larger of the two labels.
    affine = window.session.active.affine
    window.arranging.reformatting.move_to(affine[:3, :3] @ (10, 5, 10) + affine[:3, 3])
    window.arranging.reformatting._released()
    quiet(window)
    return window


def cell_of(window: Window, name: PlaneName) -> Cell:
    return next(cell for cell in window.views.cells if cell.plane is name)


def objects(cell: Cell):
    what = cell.viewport.seen()
    return cell.viewport.picture.objects(what)


def pixels(cell: Cell) -> np.ndarray:
    image = cell.viewport.snapshot()
    return np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.width(), 4).copy()


def test_all_that_lies_over_the_images_lies_on_the_planes(shown: Window, quiet) -> None:
    for name in PlaneName:
        cell = cell_of(shown, name)
        titles = {layer.title.split()[0] for layer in objects(cell).layers}
        assert titles == {"SEG", "RTSTRUCT"}
        assert all(layer.frames for layer in objects(cell).layers)
    card = next(card for card in shown.objects_panel.cards if card.stored.kind.id == "rtdose")
    card.eye.click()
    quiet(shown)
    for name in PlaneName:
        (wash,) = objects(cell_of(shown, name)).washes
        assert wash.is_ready(cell_of(shown, name).viewport.index)


def test_space_and_the_panel_act_on_planes_too(shown: Window, quiet) -> None:
    cell = cell_of(shown, PlaneName.CORONAL)
    before = pixels(cell)
    cell.viewport.setFocus()
    QTest.keyClick(cell.viewport, Qt.Key.Key_Space)
    without = pixels(cell)
    assert (before != without).any()
    QTest.keyClick(cell.viewport, Qt.Key.Key_Space)
    np.testing.assert_array_equal(pixels(cell), before)
    for layer in objects(cell).layers:
        for part in layer.parts:
            shown.objects_panel._show_part(layer.uid, part.value, False)
    np.testing.assert_array_equal(pixels(cell), without)
    shown.session.set_style(replace(shown.session.style, hidden_labels=frozenset(), opacity=0.9))
    assert (pixels(cell) != before).any()


def test_a_models_labels_follow_scrolling_turning_and_slabs(shown: Window, quiet) -> None:
    series = shown.session.active
    values = np.zeros((24, 40, 44), np.uint8)
    values[4:20, 4:30, 8:34] = 1
    indices = tuple(range(24))
    shown.session.accept(Result("r", MODEL, "cpu", {}, label_map=values, labels=LABELS), series, indices)
    quiet(shown)
    for name in PlaneName:
        assert objects(cell_of(shown, name)).overlays[0].indices
    cell = cell_of(shown, PlaneName.CORONAL)
    cell.viewport.set_index(2)
    quiet(shown)
    assert objects(cell).overlays[0].indices == ()
    cell.viewport.set_index(20)
    quiet(shown)
    whole = objects(cell).overlays[0].plane(20)
    assert np.count_nonzero(whole) == 16 * 26
    shown.arranging.reformatting.move_to(series.affine[:3, :3] @ (12, 17, 21) + series.affine[:3, 3])
    shown.arranging.reformatting.turn(PlaneName.AXIAL, 0.5)
    shown.arranging.reformatting._released()
    quiet(shown)
    (turned,) = objects(cell).overlays
    assert turned.indices == (cell.viewport.index,)
    assert np.count_nonzero(turned.label_map) > np.count_nonzero(whole), "it cuts the block along a longer way"
    shown.arranging.reformatting.set_slab(Slab(8.0))
    quiet(shown)
    assert objects(cell).overlays[0].indices == (cell.viewport.index,)


def test_an_exported_picture_of_a_plane_never_lacks_them(shown: Window) -> None:
    """Its frame may be one that was never on screen: what lies over it is cut there and then."""
    cell = cell_of(shown, PlaneName.SAGITTAL)
    painter = StillPainter(cell.viewport, shown.session, StillOptions())
    number = cell.viewport.index - 7
    painter.paint(number)
    assert painter._picture.waits
    found = shown.arranging.objects.of(cell.viewport.series, cell.viewport.pixels, number)
    assert len(found.layers) == 2


def test_leaving_the_planes_lets_go_of_their_volume(shown: Window, quiet) -> None:
    cuts = shown.arranging.objects._cuts
    assert cuts._made
    assert cuts._solids
    shown.arranging.close_planes()
    assert not cuts._made
    assert not cuts._solids
