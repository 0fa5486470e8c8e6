"""Views on a second screen: one session, one cursor, one set of commands, in two windows."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from ast import literal_eval
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLabel

from app import settings as options
from app.core.layout import APART
from app.settings import Settings
from app.ui.cells import mime_of
from app.ui.second_window import SecondWindow
from app.ui.window import Window
from tests import phantoms
from tests.app.ui import hands, models
from tests.app.ui.conftest import Settle, _forget_work
from tests.app.ui.structure import faults

FRAME = "1.2.840.1"


@pytest.fixture
def two(window: Window, settle: Settle, tmp_path: Path) -> Iterator[Window]:
    """A thin CT of 24 slices on screen and a thick one of 6 beside it, in one frame of reference, in one study."""
    common = {"FrameOfReferenceUID": FRAME, "orientation": phantoms.AXIAL, "origin": (0.0, 0.0, 0.0)}
    phantoms.ct(tmp_path / "a", shape=(24, 20, 24), spacing=(2.0, 1.0, 1.0), series="thin", **common)
    phantoms.ct(tmp_path / "b", shape=(6, 16, 16), spacing=(8.0, 2.0, 2.0), series="thick", SeriesNumber="2", **common)
    window.open([tmp_path / "a", tmp_path / "b"])
    settle(window)
    yield window
    if window.second.window is not None:
        window.second.window.close()


@pytest.fixture
def opened(two: Window, settle: Settle) -> SecondWindow:
    """The second window, by its menu entry."""
    hands.choose(two, "View", "Second window")
    settle(two)
    assert two.second.window is not None
    return two.second.window


def views_of(window: Window) -> tuple:
    return window.views.cells[0].viewport, window.views.cells[APART].viewport


def test_it_shows_the_series_that_is_nowhere_else_and_is_said_whose(two: Window, opened: SecondWindow) -> None:
    here, there = views_of(two)
    assert {here.series.key, there.series.key} == {one.key for one in two.session.index.series()}
    assert there.window() is opened
    assert here.window() is two
    assert two.actions_["second_window"].isChecked()
    assert there.pixels.is_complete
    patient = two.session.index.studies[0].patient
    assert patient.name in opened.windowTitle()
    assert f"ID {patient.id}" in hands.lines_of(there)
    assert opened.accessibleName()
    assert opened.findChild(QLabel, "researchUse").text() == "Research use only. Not for diagnosis."
    assert faults(opened) == []


def test_what_the_reader_does_there_is_done_to_that_view(two: Window, opened: SecondWindow) -> None:
    here, there = views_of(two)
    assert two.views.active is there
    assert two.session.active is there.series, "models and panels act on it"
    before = here.view
    two.actions_["invert"].trigger()
    assert there.view.invert
    assert here.view == before
    hands.press(there, Qt.Key.Key_Left)
    assert two.views.active is here, "the keys of views lead from screen to screen"
    assert here.hasFocus() or here.window().focusWidget() is here
    hands.press(here, Qt.Key.Key_Right)
    assert two.views.active is there


def test_views_move_together_across_screens(two: Window, opened: SecondWindow) -> None:
    here, there = views_of(two)
    there.set_index(0)
    there.set_index(3)
    # Six slices of 8 mm and 24 of 2 mm over the same 48 mm.
    place = 3 * 8.0
    assert abs(here.index * 2.0 - place) <= 8.0
    two.actions_["link_window"].trigger()
    there.set_voi(type(there.voi)(55.0, 333.0))
    assert here.voi.width == 333.0
    cell = two.views.cells[0]
    two.views._pointed(two.views.cells[APART], QPointF(5.0, 5.0))
    assert cell.lines.pointed is not None, "the pointer shows in the other window"


def test_measurements_are_of_the_one_document_and_undone_by_its_key(two: Window, opened: SecondWindow) -> None:
    _, there = views_of(two)
    hands.press(there, Qt.Key.Key_D)
    hands.stroke(two, there, (3, 3), (3, 10))
    (drawn,) = two.session.document.measurements
    assert drawn.place.series_uid == there.series.uid
    hands.press(there, Qt.Key.Key_Z, hands.CTRL)
    assert two.session.document.measurements == ()


def test_results_of_a_model_are_marked_there(two: Window, opened: SecondWindow) -> None:
    _, there = views_of(two)
    bundle = models.bundle("lungs", "CT")
    two.session.accept(models.answer(bundle, there.series), there.series, (there.index,))
    what = there._shown()
    assert [mark.model.id for mark in there.picture.marks(what)] == ["lungs"]


def test_files_that_are_dropped_there_are_opened_there(
    two: Window, opened: SecondWindow, settle: Settle, tmp_path: Path
) -> None:
    here, there = views_of(two)
    kept = here.series
    phantoms.ct(tmp_path / "c", series="dropped")
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(tmp_path / "c"))])
    copy, left, none = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    two.views.activate(0)
    veil = next(label for label in opened.findChildren(QLabel) if label.text() == "Drop to open")
    opened.dragEnterEvent(QDragEnterEvent(QPoint(5, 5), copy, data, left, none))
    assert veil.isVisible()
    assert veil.size() == opened.grid.size()
    opened.dropEvent(QDropEvent(QPointF(5, 5), copy, data, left, none))
    assert not veil.isVisible()
    settle(two)
    assert two.views.active is there
    assert there.series is not kept
    assert there.series.instances[0].path.parent == tmp_path / "c"
    assert here.series is kept


def test_a_series_is_dropped_there_and_grids_are_its_own(two: Window, opened: SecondWindow, settle: Settle) -> None:
    here, _ = views_of(two)
    QTest.keyClick(opened, Qt.Key.Key_2, Qt.KeyboardModifier.ControlModifier)
    assert two.views.layout_.apart == (1, 2)
    assert (two.views.layout_.rows, two.views.layout_.columns) == (1, 1)
    assert two.actions_["grid_1x2"].isChecked()
    target = two.views.cells[APART + 1]
    assert target.window() is opened
    data = mime_of(here.series)
    at = QPointF(target.mapTo(opened.grid, QPoint(30, 30)))
    buttons, keys = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    opened.grid.dropEvent(QDropEvent(at, Qt.DropAction.CopyAction, data, buttons, keys))
    settle(two)
    assert target.series is here.series
    assert two.views.active_cell is target
    two.views.activate(0)
    two.actions_["grid_2x2"].trigger()
    assert two.views.layout_.apart == (1, 2)
    assert len(two.views.visible) == 6
    assert [cell.window() for cell in two.views.visible] == [two] * 4 + [opened] * 2


def test_planes_stay_in_the_main_window_with_the_images_beside_them(
    two: Window, opened: SecondWindow, settle: Settle, qtbot
) -> None:
    here, there = views_of(two)
    two.views.activate(0)
    two.actions_["planes"].trigger()
    qtbot.waitUntil(lambda: not two.dispatcher.jobs and not two.arranging.reformatting.is_busy, timeout=20_000)
    assert [cell.plane is not None for cell in two.views.visible] == [True, True, True, False, False]
    there.set_index(1)
    assert there.index == 1
    two.actions_["planes"].trigger()
    settle(two)
    assert there.series is not None
    assert here.series is not None


def test_a_maximised_view_stays_so_while_the_reader_is_at_the_other_window(two: Window, opened: SecondWindow) -> None:
    two.views.activate(0)
    two.actions_["grid_1x2"].trigger()
    two.views._maximise()
    assert len(two.views.visible) == 2
    two.views.activate(APART)
    assert two.views.visible == [two.views.cells[0], two.views.cells[APART]]


def test_a_layout_is_exported_of_the_window_that_the_reader_is_at(
    two: Window, opened: SecondWindow, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[list] = []
    monkeypatch.setattr(two.care.picturing, "ask", lambda parent, view, views: asked.append(views))
    two.care.export()
    two.views.activate(0)
    two.care.export()
    here, there = views_of(two)
    assert asked == [[there], [here]]


def test_closing_it_gives_the_views_back_and_leaves_the_rest(two: Window, opened: SecondWindow, qtbot) -> None:
    here, there = views_of(two)
    opened.close()
    assert two.second.window is None
    assert not two.actions_["second_window"].isChecked()
    assert two.views.active is here
    assert two.session.active is here.series
    assert there.window() is two
    assert not there.isVisible()
    qtbot.wait(1)
    two.actions_["second_window"].trigger()
    assert there.window() is two.second.window
    assert there.series is not None, "it shows what it showed"
    two.close_studies()
    assert there.series is None
    assert two.views.active is here


def test_it_closes_with_the_program_and_is_back_in_its_place(
    two: Window, opened: SecondWindow, qtbot, settle: Settle
) -> None:
    opened.setGeometry(150, 120, 420, 360)
    QTest.keyClick(opened, Qt.Key.Key_2, Qt.KeyboardModifier.ControlModifier)
    _forget_work(two)
    two.close()
    assert not opened.isVisible()
    assert Settings().get(options.SECOND_OPEN) is True
    again = Window(Settings())
    qtbot.addWidget(again, before_close_func=_forget_work)
    again.show()
    second = again.second.window
    assert second is not None
    assert second.isVisible()
    assert second.geometry().getRect() == (150, 120, 420, 360)
    assert again.views.layout_.apart == (1, 2)
    assert again.views.layout_.active == 0, "the reader begins in the main window"
    second.close()
    again.close()
    assert Settings().get(options.SECOND_OPEN) is False
    again.dispatcher.close()


_FINE = """
import sys
from pathlib import Path
from PySide6.QtTest import QTest
from app.settings import Settings
from app.ui.application import application
from app.ui.window import Window
app = application(Settings())
window = Window(Settings())
window.show()

def settle():
    while window.dispatcher.jobs:
        QTest.qWait(5)
    QTest.qWait(50)

window.open([Path(sys.argv[1])])
settle()
window.actions_["second_window"].trigger()
settle()
second, there = window.second.window, window.views.active

def told():
    what = there._shown()
    there.grab()
    image = there.picture._image
    return [there.devicePixelRatioF(), what.ratio, what.width / there.width(), image.devicePixelRatio(),
            image.width() / there.width(), window.viewport is there, window.devicePixelRatioF()]

first = told()
second.screens.go_on()
settle()
print("!", first, told(), sep="|")
window._saved = window.session.document
window.close()
"""


def test_each_window_draws_at_the_pixels_of_its_screen(ct_folder: Path, tmp_path: Path) -> None:
    screens = [
        {"name": f"screen{n}", "x": x, "y": 0, "width": 1600, "height": 1000, "logicalDpi": 96, "logicalBaseDpi": 96}
        | {"dpr": 1}
        for n, x in enumerate((0, 1600))
    ]
    file = tmp_path / "screens.json"
    file.write_text(json.dumps({"screens": screens}))
    environment = os.environ | {
        "QT_QPA_PLATFORM": f"offscreen:configfile={file}", "QT_SCREEN_SCALE_FACTORS": "screen0=1;screen1=2",
        "SCOUTVIEW_HOME": str(tmp_path / "home"), "PYTHONPATH": str(Path(__file__).parents[3]),
    }  # fmt: skip
    command = [sys.executable, "-c", _FINE, str(ct_folder)]
    ran = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120, check=False)
    assert ran.returncode == 0, ran.stderr[-2000:]
    line = next(line for line in ran.stdout.splitlines() if line.startswith("!"))
    fine, coarse = (literal_eval(part) for part in line.split("|")[1:])
    assert fine == [2.0, 2.0, 2.0, 2.0, 2.0, True, 1.0], "on the screen at 200 %, beside a main window at 100 %"
    assert coarse == [1.0, 1.0, 1.0, 1.0, 1.0, True, 1.0], "and moved to that of the main window"
