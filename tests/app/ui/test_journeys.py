"""Whole jobs of a reader, from opening a study to a report that other programs read, through the real window."""

from __future__ import annotations

from pathlib import Path

import highdicom as hd
import numpy as np
import pypdfium2
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest

from app.core import view as views
from app.core.document import FindingStatus
from app.core.measure import measure
from app.paths import models_dir
from app.ui.viewport import Tool
from app.ui.window import Window
from tests import phantoms


def screen(window: Window, row: float, column: float) -> QPoint:
    """Where an image point is in the viewport, in its own (logical) pixels."""
    viewport = window.viewport
    x, y = views.to_screen(views.transform(viewport.view, viewport.canvas()), (row, column))
    ratio = viewport.devicePixelRatioF()
    return QPoint(round(x / ratio), round(y / ratio))


def drag(window: Window, *points: QPoint) -> None:
    """Left button down on the first point, up on the last."""
    viewport = window.viewport
    QTest.mousePress(viewport, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, points[0])
    for point in points[1:]:
        QTest.mouseMove(viewport, point)
    QTest.mouseRelease(viewport, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, points[-1])


def export(window: Window, settle, folder: Path, *formats: str) -> None:
    """Exports through the dialog."""
    window.actions_["export"].trigger()
    dialog = window.exporter.dialog
    assert dialog is not None
    dialog.folder.setText(str(folder))
    for name, box in dialog.boxes.items():
        box.setChecked(name in formats)
    dialog.start.click()
    settle(window)
    assert dialog.page == "done"
    dialog.close()


def text_of(pdf: Path) -> str:
    """All words of a PDF, one space between any two."""
    document = pypdfium2.PdfDocument(pdf)
    try:
        return " ".join(" ".join(page.get_textpage().get_text_range() for page in document).split())
    finally:
        document.close()


@pytest.fixture
def bundled(monkeypatch: pytest.MonkeyPatch, window: Window) -> Window:
    """The window with the models that ship."""
    if not (models_dir() / "cxr-lungs").is_dir():
        pytest.skip(f"the model cxr-lungs is not in {models_dir()}")
    monkeypatch.setattr("app.ui.analysing.models_dir", models_dir)
    window.analyses.list_models()
    return window


def test_a_radiograph_is_opened_windowed_marked_judged_measured_and_reported(
    bundled: Window, qtbot, settle, pydicom_data: Path, tmp_path: Path
) -> None:
    window = bundled
    window.open([pydicom_data / "RG1_UNCR.dcm"])
    settle(window)
    viewport, session = window.viewport, window.session
    series, pixels = viewport.series, viewport.pixels
    assert series is not None
    assert pixels is not None

    # Window: a drag to the right widens it.
    before = viewport.voi
    drag(window, *(QPoint(300 + 12 * step, 300) for step in range(8)))
    assert viewport.voi.width > before.width

    # AI: run, look, judge.
    window.ai_panel.rows["cxr-lungs"].run_button.click()
    qtbot.waitUntil(lambda: not window.dispatcher.jobs, timeout=120_000)
    (overlay,) = session.document.overlays
    (card,) = window.ai_panel.cards
    card.rows[0].accept.click()
    window.ai_panel.cards[0].rows[1].reject.click()
    assert [finding.status for finding in session.document.findings] == [FindingStatus.ACCEPTED, FindingStatus.REJECTED]

    # Measure: D, then across the chest.
    viewport.setFocus()
    QTest.keyClick(viewport, Qt.Key.Key_D)
    drag(window, screen(window, 900, 300), screen(window, 900, 900), screen(window, 900, 1500))
    (distance,) = session.document.measurements
    length = measure(distance, series, 0, pixels).values["Length"]
    assert length.unit == "px", "the radiograph states a Pixel Spacing of zero"
    assert length.value == pytest.approx(1200, abs=6)

    # Report: every format, and what other programs find in it.
    folder = tmp_path / "out"
    export(window, settle, folder, "pdf", "seg", "nifti", "png", "json")
    assert {path.name for path in folder.iterdir()} >= {"report.pdf", "seg.dcm", "picture.png", "result.json"}
    text = text_of(folder / "report.pdf")
    findings, proposals = text.index("Findings"), text.index("Measurements")
    assert "Right lung" in text[findings:proposals]
    assert "Left lung" not in text[findings:proposals], "a rejected finding is no finding"
    assert f"{length.value:.0f} px" in text
    assert overlay.model.sha256 in text.replace(" ", "")
    assert "Research use only. Not for diagnosis." in text
    seg = hd.seg.segread(folder / "seg.dcm")
    right = next(label for label in overlay.labels if label.name == "Right lung")
    masks = seg.get_pixels_by_source_instance([series.instances[0].sop_instance_uid], combine_segments=True)
    assert np.array_equal(masks[0] > 0, overlay.label_map[0] == right.value), "the rejected lung is left out"

    # Everything can be taken back, and nothing is left.
    while session.undo_name:
        session.undo()
    assert session.document.overlays == ()
    assert session.document.measurements == ()
    assert not window.ai_panel.cards


def test_a_ct_is_scrolled_windowed_measured_and_reported_while_the_model_declines(
    bundled: Window, settle, tmp_path: Path
) -> None:
    window = bundled
    phantoms.ct(tmp_path / "ct", shape=(9, 64, 80), spacing=(2.5, 0.8, 0.8))
    window.open([tmp_path / "ct"])
    settle(window)
    viewport, session = window.viewport, window.session
    series, pixels = viewport.series, viewport.pixels
    assert series is not None
    assert pixels is not None
    assert viewport.index == 4, "a volume opens in its middle"

    viewport.setFocus()
    QTest.keyClick(viewport, Qt.Key.Key_Down)
    assert viewport.index == 5
    QTest.keyClick(viewport, Qt.Key.Key_1)
    assert (viewport.voi.width, viewport.voi.center) == (1500, -600)

    row = window.ai_panel.rows["cxr-lungs"]
    assert not row.run_button.isVisible() or not row.run_button.isEnabled()

    viewport.set_tool(Tool.ELLIPSE)
    drag(window, screen(window, 10, 12), screen(window, 20, 30), screen(window, 40, 52))
    (ellipse,) = session.document.measurements
    measured = measure(ellipse, series, 5, pixels)
    assert measured.values["Mean"].unit == "HU"
    export(window, settle, tmp_path / "out", "pdf")
    text = text_of(tmp_path / "out" / "report.pdf")
    assert "Ellipse" in text
    assert "HU" in text
    assert "AI proposals" not in text
