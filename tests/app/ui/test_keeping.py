"""Kept as the reader goes: back after a restart, after close and reopen, after a kill in the middle of a drag."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from app import paths
from app import settings as options
from app.core.document import Finding, FindingStatus, Measurement, MeasurementKind, Place
from app.core.session import new_id
from app.dicom.voi import Window as Voi
from app.settings import Settings
from app.ui.measurement_rows import VALUES
from app.ui.message import Kind
from app.ui.settings_dialog import SettingsDialog
from app.ui.viewport import Tool
from app.ui.window import Window
from tests.app.ui import models
from tests.app.ui.viewport.reading import Reading

Start = Callable[[], Window]


@pytest.fixture
def start(qtbot, ear, no_models: Path, dressed: None, settle, ct_folder: Path) -> Iterator[Start]:
    """``start()``: the program begins anew and opens the same study; the one before has been quit."""
    windows: list[Window] = []

    def begin() -> Window:
        if windows:
            windows[-1].close()
        window = Window(Settings())
        windows.append(window)
        qtbot.addWidget(window)
        window.show()
        window.open([ct_folder])
        settle(window)
        return window

    yield begin
    windows[-1].close()


def add(window: Window, name: str = "", kind: MeasurementKind = MeasurementKind.DISTANCE) -> Measurement:
    series = window.session.active
    assert series is not None
    place = Place.of(series, window.viewport.index)
    made = Measurement(new_id(), kind, place, ((2.0, 2.25), (1 / 3, 12.0)), name=name)
    window.session.commit("Add distance", window.session.document.with_measurement(made))
    return made


def test_measurements_findings_and_calibrations_are_back_after_a_restart(start: Start, ear) -> None:
    window = start()
    one, gone = add(window, "Lesion 1"), add(window)
    window.session.commit("Delete", window.session.document.without_measurement(gone.id))
    finding = Finding("f", "Nodule", one.place)
    window.session.commit("AI", window.session.document.with_finding(finding))
    window.session.judge("f", FindingStatus.ACCEPTED)
    window.viewport.calibrationDrawn.emit(replace(one, id="line"))
    window.measuring.dialog.length.setValue(30)
    window.measuring.dialog.calibrate.click()
    before = window.session.document
    again = start()
    assert again.session.document.measurements == (one,)
    assert again.session.document.findings == (replace(finding, status=FindingStatus.ACCEPTED),)
    assert again.session.document.calibrations == before.calibrations != ()
    assert again.session.undo_name == "", "what was done before is no step of this session"
    assert ear.heard == [], "nothing is lost, so nobody asks"


def test_a_lesion_is_measured_undone_redone_and_found_again_after_a_restart(start: Start) -> None:
    window = start()
    window.viewport.set_index(2)
    window.actions_.for_tool(Tool.BIDIRECTIONAL).trigger()
    series = window.session.active
    assert series is not None
    pixels = window.loader.pixels(series)
    assert pixels is not None
    hands = Reading(window.session, window.viewport, series, pixels)
    hands.drag(hands.at(3, 20), hands.at(10, 20), hands.at(19, 20))
    hands.drag(hands.at(9, 14), hands.at(10, 20), hands.at(12, 26))
    window.actions_["undo"].trigger()
    assert window.session.document.measurements == ()
    window.actions_["redo"].trigger()
    (drawn,) = window.session.document.measurements
    window.viewport.rename(drawn)
    QTest.keyClicks(window.viewport.name_field, "Target 1")
    QTest.keyClick(window.viewport.name_field, Qt.Key.Key_Return)
    again = start()
    again.viewport.set_index(0)
    item = again.measurements.list.item(0)
    # 16 rows of 0.7 mm, 12 columns of 0.4.
    assert (item.text(), item.data(VALUES)) == ("Target 1", ("Long 11.2 mm", "Short 4.80 mm"))
    again.measurements.list.itemClicked.emit(item)
    assert again.viewport.index == 2
    assert again.viewport.annotator.selected == drawn.id


def test_verdicts_and_masks_of_a_model_are_back_after_a_restart(start: Start, tmp_path: Path, settle) -> None:
    window = start()
    series = window.session.active
    assert series is not None
    model = models.bundle()
    overlay = window.session.accept(models.answer(model, series), series, (1,))
    window.ai_panel.cards[0].rows[0].accept.click()
    window.ai_panel.cards[0].rows[1].reject.click()
    again = start()
    (back,) = again.session.document.overlays
    assert (back.id, back.model, back.labels, back.indices) == (overlay.id, model.ref, overlay.labels, (1,))
    assert np.array_equal(back.label_map, overlay.label_map)
    (card,) = again.ai_panel.cards
    assert [(row.accept.isChecked(), row.reject.isChecked()) for row in card.rows] == [(True, False), (False, True)]
    assert [row.finding.measures for row in card.rows] == [f.measures for f in window.session.document.findings]
    again.viewport.set_index(1)
    plain = again.viewport.grab().toImage()
    QTest.keyClick(again.viewport, Qt.Key.Key_Space)
    assert again.viewport.grab().toImage() != plain, "they are drawn"
    # Thinking again: the answer goes with the last verdict, since the model can give it anew.
    card.rows[0].accept.click()
    again.ai_panel.cards[0].rows[1].reject.click()
    assert start().session.document.overlays == ()


def test_an_answer_that_nobody_judged_is_not_kept(start: Start) -> None:
    window = start()
    series = window.session.active
    window.session.accept(models.answer(models.bundle(), series), series, (1,))
    again = start()
    assert again.session.document.overlays == ()
    assert again.session.document.findings == ()


def test_removing_a_result_forgets_it_and_undo_brings_it_back(start: Start) -> None:
    window = start()
    series = window.session.active
    overlay = window.session.accept(models.answer(models.bundle(), series), series, (1,))
    window.ai_panel.cards[0].rows[0].accept.click()
    window = start()
    window.ai_panel.cards[0].removed.emit(overlay.id)
    assert window.keeping.flush()
    assert window.keeping.recall(window.session.index).document.overlays == ()
    window.actions_["undo"].trigger()
    again = start()
    assert [one.id for one in again.session.document.overlays] == [overlay.id]
    assert len(again.session.document.findings) == 2


def test_closing_and_opening_again_brings_everything_back(start: Start, settle, ct_folder: Path) -> None:
    window = start()
    one = add(window)
    window.close_studies()
    assert window.session.document.measurements == ()
    window.open([ct_folder])
    settle(window)
    assert window.session.document.measurements == (one,)


def test_opening_a_study_twice_leaves_undo_as_it_was(start: Start, settle, ct_folder: Path) -> None:
    window = start()
    add(window)
    window.open([ct_folder])
    settle(window)
    assert len(window.session.document.measurements) == 1
    window.session.undo()
    assert window.session.document.measurements == ()
    assert start().session.document.measurements == (), "and what undo took away is not kept"


def test_undo_of_a_later_step_leaves_what_was_kept(start: Start) -> None:
    one = add(start())
    window = start()
    two = add(window)
    assert window.session.document.measurements == (one, two)
    window.session.undo()
    assert window.session.document.measurements == (one,)
    window.session.undo()
    assert window.session.document.measurements == (one,)


def test_clearing_a_study_clears_what_is_kept_and_undo_brings_it_back(start: Start) -> None:
    add(start())
    window = start()
    window.actions_["clear_measurements"].trigger()
    assert window.keeping.flush()
    assert window.keeping.recall(window.session.index).document.measurements == ()
    window.session.undo()
    assert len(start().session.document.measurements) == 1


def test_each_series_is_shown_as_it_was_left(start: Start) -> None:
    window = start()
    view = window.viewport
    view.set_index(0)
    view.set_voi(Voi(40, 80))
    view.rotate(1)
    view.flip_horizontal()
    view.zoom_by(2.0)
    left = view.view
    assert start().viewport.view == left


def test_a_window_that_nobody_chose_is_not_kept(start: Start) -> None:
    window = start()
    window.viewport.set_index(0)
    window.close()
    kept = start().keeping.recall(window.session.index)
    assert [view.voi for view in kept.views.values()] == [None]


def test_switched_off_nothing_is_kept_and_closing_asks(start: Start, ear) -> None:
    kept = add(start())
    window = start()
    window.change_settings()
    dialog = window.findChild(SettingsDialog)
    dialog.switches[options.KEEP.name].setChecked(False)
    dialog.save.click()
    add(window)
    window.close()
    assert window.isVisible()
    assert "lost" in ear.heard[0].why
    ear.answer = "Quit"
    off = start()
    assert off.session.document.measurements == ()
    ear.heard.clear()
    off.settings.set(options.KEEP, True)
    off._apply_settings()
    assert start().session.document.measurements == (kept,), "what was kept before stays"


def test_trouble_is_told_once_and_the_work_goes_on(start: Start, ear, qtbot) -> None:
    paths.readings_file().mkdir()
    window = start()
    qtbot.waitUntil(lambda: bool(ear.heard))
    for _ in range(3):
        add(window)
        window.keeping.flush()
    QTest.qWait(1)
    assert [spoken.kind for spoken in ear.heard] == [Kind.ERROR]
    assert len(window.session.document.measurements) == 3
    window.close()
    assert window.isVisible(), "what could not be kept is not lost without a question"
    ear.answer = "Quit"


_DRAGGING = """
import os, sys
from pathlib import Path
from PySide6.QtCore import QPointF
from PySide6.QtTest import QTest
from app.settings import Settings
from app.ui.application import application
from app.ui.window import Window
from tests.app.ui.test_keeping import add
from tests.app.ui.viewport.reading import Reading

app = application(Settings())
window = Window(Settings())
window.show()
window.open([Path(sys.argv[1])])
while window.dispatcher.jobs:
    QTest.qWait(5)
first, second = add(window, "first"), add(window, "second")
hands = Reading(window.session, window.viewport, window.session.active, window.loader.pixels(window.session.active))
(row, column) = second.points[1]
hands.press(hands.at(row, column))
hands.move(hands.at(row + 3, column + 4))
assert window.viewport.annotator.is_busy
window.keeping.flush()
print(first.id, second.id, flush=True)
while True:
    hands.move(hands.at(row + 5, column + 6))
    QTest.qWait(1)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGKILL")
def test_killed_in_the_middle_of_a_drag_everything_committed_is_back(
    start: Start, ct_folder: Path, scoutview_home: Path
) -> None:
    root = str(Path(__file__).parents[3])
    environment = {**os.environ, "PYTHONPATH": root, "SCOUTVIEW_HOME": str(scoutview_home)}
    command = [sys.executable, "-c", _DRAGGING, str(ct_folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, cwd=root, env=environment) as child:
        assert child.stdout is not None
        ids = child.stdout.readline().split()
        os.kill(child.pid, signal.SIGKILL)
    assert len(ids) == 2
    window = start()
    found = window.session.document.measurements
    assert [m.id for m in found] == ids
    assert [m.name for m in found] == ["first", "second"]
    assert found[1].points == ((2.0, 2.25), (1 / 3, 12.0)), "the drag was not over, so it is not there"
