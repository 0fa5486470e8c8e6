"""Editing a model's mask in the real window: brush, eraser, undo, exports, a restart."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pydicom
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel

from app.core.document import FindingStatus
from app.core.mask_editing import Target
from app.settings import Settings
from app.ui.viewport import Tool
from app.ui.window import Window
from tests import phantoms
from tests.app.ui import hands, models
from tests.app.ui.test_journeys import export, text_of


def answer(window: Window) -> None:
    series = window.session.active
    assert series is not None
    window.session.accept(models.answer(models.bundle(), series), series, (window.viewport.index,))


@pytest.fixture
def marked(window: Window, settle, tmp_path: Path) -> Window:
    """A radiograph of 120 × 96 with two lungs, each a third of it."""
    window.open(phantoms.radiograph(tmp_path / "film.dcm", pixel_spacing=(0.5, 0.5)))
    settle(window)
    answer(window)
    return window


def mask(window: Window) -> np.ndarray:
    (overlay,) = window.session.document.overlays
    return overlay.plane(window.viewport.index)


def brush(window: Window, row: int) -> None:
    """Presses the brush of a label."""
    QTest.mouseClick(window.ai_panel.cards[0].rows[row].brush, Qt.MouseButton.LeftButton)


def test_a_stroke_is_painted_seen_measured_and_undone(marked: Window) -> None:
    view, before = marked.viewport, mask(marked).copy()
    area = dict(marked.session.document.findings[0].measures)["area"]
    brush(marked, 0)
    assert view.tool() is Tool.BRUSH
    assert marked.masks.target == Target(marked.session.document.overlays[0].id, 1)
    assert marked.ai_panel.cards[0].rows[0].brush.isChecked()
    plain = view.grab().toImage()
    reading = hands.on(marked, view)
    reading.press(reading.at(60, 45))
    reading.move(reading.at(60, 50))
    assert mask(marked) is not None
    assert np.array_equal(mask(marked), before), "a stroke that is not over is not there"
    assert view.grab().toImage() != plain, "but it is seen"
    reading.release(reading.at(60, 50))
    now = mask(marked)
    grown = (now == 1) & (before != 1)
    row, column = np.indices(now.shape)
    expected = (row - 60) ** 2 + (column - np.clip(column, 45, 50)) ** 2 <= marked.masks.hand.radius**2
    # The pointer lies on whole screen pixels: the rim may differ by those whose centre it passes.
    assert (grown != (expected & (before != 1))).sum() <= 8
    (finding, _) = marked.session.document.findings
    gained = dict(finding.measures)["area"].value - area.value
    assert gained == pytest.approx(grown.sum() * 0.25 / 100)
    assert finding.edited
    assert any(label.text() == "Edited by the reader" for label in marked.ai_panel.cards[0].findChildren(QLabel))
    assert marked.session.undo_name == "Paint Right lung"
    reading.drag(reading.at(30, 45), reading.at(32, 45))
    hands.press(view, Qt.Key.Key_Z, hands.CTRL)
    assert np.array_equal(mask(marked), now), "undo takes back one stroke"
    hands.press(view, Qt.Key.Key_Z, hands.CTRL)
    assert np.array_equal(mask(marked), before)
    assert dict(marked.session.document.findings[0].measures)["area"] == area
    hands.press(view, Qt.Key.Key_Y, hands.CTRL)
    assert np.array_equal(mask(marked), now)


def test_the_eraser_takes_its_label_alone_and_shift_changes_sides(marked: Window) -> None:
    view = marked.viewport
    brush(marked, 1)
    hands.press(view, Qt.Key.Key_E, hands.SHIFT)
    assert view.tool() is Tool.ERASER
    before = mask(marked).copy()
    hands.stroke(marked, view, (60, 80), (62, 80))
    now = mask(marked)
    assert now[60, 80] == 0
    assert np.array_equal(now == 1, before == 1)
    hands.press(view, Qt.Key.Key_B, hands.SHIFT)
    reading = hands.on(marked, view)
    QTest.mousePress(view, Qt.MouseButton.LeftButton, hands.SHIFT, reading.at(20, 80).toPoint())
    QTest.mouseRelease(view, Qt.MouseButton.LeftButton, hands.SHIFT, reading.at(20, 80).toPoint())
    assert mask(marked)[20, 80] == 0, "the brush erases while Shift is held"


def test_alt_and_the_wheel_size_the_brush_and_a_circle_shows_it(marked: Window) -> None:
    view, hand = marked.viewport, marked.masks.hand
    brush(marked, 0)
    radius, index, zoom = hand.radius, view.index, view.view.zoom
    at = QPointF(view.rect().center())
    event = QWheelEvent(
        at, view.mapToGlobal(at), QPoint(), QPoint(120, 0), Qt.MouseButton.NoButton,
        Qt.KeyboardModifier.AltModifier, Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip
    QApplication.sendEvent(view, event)
    assert hand.radius > radius
    assert (view.index, view.view.zoom) == (index, zoom)
    hands.press(view, Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier)
    assert hand.radius == pytest.approx(radius)
    reading = hands.on(marked, view)
    reading.hover(reading.at(60, 48))
    circled = view.grab().toImage()
    rim = reading.at(60, 48 + hand.radius).toPoint()
    around = [circled.pixelColor(rim + QPoint(dx, 0)) for dx in range(-3, 4)]
    assert any(colour.blue() > colour.red() + 60 for colour in around), "in the colour of the label"
    view.set_tool(Tool.WINDOW)
    assert view.grab().toImage() != circled


def test_escape_drops_a_stroke_and_then_the_brush(marked: Window) -> None:
    view = marked.viewport
    brush(marked, 0)
    before = mask(marked).copy()
    reading = hands.on(marked, view)
    reading.press(reading.at(60, 48))
    reading.move(reading.at(70, 48))
    QTest.keyClick(view, Qt.Key.Key_Escape)
    reading.release(reading.at(70, 48))
    assert np.array_equal(mask(marked), before)
    assert view.tool() is Tool.BRUSH
    QTest.keyClick(view, Qt.Key.Key_Escape)
    assert view.tool() is Tool.WINDOW
    assert not marked.ai_panel.cards[0].rows[0].brush.isChecked()


def test_where_there_is_no_mask_it_says_so_and_leaves_the_window(window: Window, settle, ct_folder: Path) -> None:
    window.open([ct_folder])
    settle(window)
    view = window.viewport
    hands.press(view, Qt.Key.Key_B, hands.SHIFT)
    voi = view.voi
    hands.stroke(window, view, (5, 5), (15, 25))
    assert "no mask of a model" in window.status.noted
    assert view.voi == voi
    assert window.session.undo_name == ""


def test_what_was_edited_is_exported_and_said(marked: Window, settle, tmp_path: Path) -> None:
    brush(marked, 0)
    hands.stroke(marked, marked.viewport, (60, 45), (60, 50))
    marked.ai_panel.cards[0].rows[0].accept.click()
    export(marked, settle, tmp_path / "out", "pdf", "seg", "png")
    text = text_of(tmp_path / "out" / "report.pdf")
    assert "accepted by a reader, edited by a reader" in text
    segments = pydicom.dcmread(tmp_path / "out" / "seg.dcm").SegmentSequence
    said = [(one.SegmentLabel, one.SegmentAlgorithmType, one.get("SegmentDescription")) for one in segments]
    assert said == [("Right lung", "SEMIAUTOMATIC", "Edited by a reader"), ("Left lung", "AUTOMATIC", None)]
    import highdicom as hd

    uid = marked.session.active.instances[0].sop_instance_uid
    drawn = hd.seg.segread(tmp_path / "out" / "seg.dcm").get_pixels_by_source_instance([uid], combine_segments=True)
    assert np.array_equal(drawn[0], mask(marked))


def test_an_edited_mask_is_back_after_a_restart(qtbot, ear, no_models, dressed, settle, ct_folder: Path) -> None:
    windows = []

    def begin() -> Window:
        for old in windows:
            old.close()
        window = Window(Settings())
        windows.append(window)
        qtbot.addWidget(window)
        window.show()
        window.open([ct_folder])
        settle(window)
        return window

    window = begin()
    answer(window)
    brush(window, 0)
    hands.stroke(window, window.viewport, (10, 15), (10, 18))
    edited = mask(window).copy()
    measures = [finding.measures for finding in window.session.document.findings]
    again = begin()
    (overlay,) = again.session.document.overlays
    assert np.array_equal(overlay.plane(again.viewport.index), edited)
    assert overlay.by_hand == {1}
    assert [finding.status for finding in again.session.document.findings] == [FindingStatus.PROPOSED] * 2
    assert [finding.edited for finding in again.session.document.findings] == [True, False]
    assert [finding.measures for finding in again.session.document.findings] == measures
    windows[-1].close()
