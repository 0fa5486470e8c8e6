"""The window and its dialogs hold what they show: at each size, in both themes and languages, on fine screens too."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QRectF, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QCheckBox, QLabel, QListWidget, QPushButton, QVBoxLayout, QWidget

from app import settings as options
from app.core.document import Measurement, MeasurementKind, Place
from app.core.fusion import FusionStyle
from app.core.sampling import Slab
from app.settings import Settings
from app.ui import language, theme
from app.ui.application import application
from app.ui.docks import LEFT_WIDTH, RIGHT_WIDTH
from app.ui.window import Window
from tests import phantoms
from tests.app.ui import models
from tests.app.ui.structure import faults
from tests.app.ui.test_theme import faces

SIZES = ((1280, 800), (1920, 1080))


def dressed_window(theme_name: str, code: str) -> Window:
    settings = Settings()
    settings.set(options.THEME, theme_name)
    settings.set(options.LANGUAGE, code)
    settings.save()
    application(settings)
    return Window(settings)


def fill(window: Window) -> None:
    """Something in every panel: an answer with verdicts, measurements, a calibration."""
    series = window.session.active
    assert series is not None
    window.analyses._keep((models.bundle("lungs"), models.bundle("ct-model", "CT")))
    index = window.viewport.index
    window.session.accept(models.answer(models.bundle("lungs"), series, notes=("View unknown.",)), series, (index,))
    window.ai_panel.cards[0].rows[0].accept.click()
    place = Place.of(series, index)
    for kind, points in (
        (MeasurementKind.BIDIRECTIONAL, ((2.0, 2.0), (14.0, 18.0), (4.0, 12.0), (10.0, 8.0))),
        (MeasurementKind.ELLIPSE, ((3.0, 3.0), (12.0, 20.0))),
    ):
        made = Measurement(kind.value, kind, place, points, name="Target lesion of the right upper lobe")
        window.session.commit("Add", window.session.document.with_measurement(made))
    window.status.note("A sentence for the status bar, as long as sentences there are.")


def views(window: Window, settle) -> Iterator[QWidget]:
    """Layouts with their bars."""
    for name in ("grid_2x2", "planes"):
        window.actions_[name].trigger()
        settle(window)
        yield window
    window.actions_["planes"].trigger()
    settle(window)


def everything(window: Window, settle, folder: Path) -> list[str]:
    """What is wrong anywhere."""
    found: dict[str, None] = {}

    def look(face: QWidget) -> None:
        QApplication.processEvents()
        found.update(dict.fromkeys(f"{face.windowTitle()} {face.size().toTuple()}: {fault}" for fault in faults(face)))

    window.resize(*SIZES[0])
    # As on a screen of that size: the offscreen one is smaller, and the panels began at their least.
    docks = [window.left, window.right]
    window.resizeDocks(docks, [LEFT_WIDTH, RIGHT_WIDTH], Qt.Orientation.Horizontal)
    for face in faces(window, settle, folder):
        look(face)
    fill(window)
    for size in SIZES:
        window.resize(*size)
        for page in range(window.tabs.count()):
            window.tabs.setCurrentIndex(page)
            look(window)
        for face in views(window, settle):
            look(face)
    return list(found)


@pytest.mark.parametrize("code", [language.ENGLISH, "zh_CN"])
@pytest.mark.parametrize("name", ["dark", "light"])
def test_nothing_is_clipped_or_covered(
    qtbot, ear, no_models, dressed, settle, ct_folder: Path, name: str, code: str
) -> None:
    window = dressed_window(name, code)
    qtbot.addWidget(window)
    with qtbot.waitExposed(window):
        window.show()
    found = everything(window, settle, ct_folder)
    window._saved = window.session.document
    window.dispatcher.close()
    theme.apply(QApplication.instance(), 13, "dark")
    assert found == []


def test_planes_and_fusion_together_fit_a_laptop(qtbot, window: Window, settle, ct_folder: Path) -> None:
    window.resize(*SIZES[0])
    docks = [window.left, window.right]
    window.resizeDocks(docks, [LEFT_WIDTH, RIGHT_WIDTH], Qt.Orientation.Horizontal)
    window.open([ct_folder])
    settle(window)
    bar = window.arranging.bar
    bar.show_planes(Slab(20.0), turned=True)
    bar.show_fusion(FusionStyle(), "PT", "SUVbw")
    qtbot.wait(1)
    assert window.width() == SIZES[0][0], "it is as wide as it was"
    assert [dock.width() for dock in docks] == [LEFT_WIDTH, RIGHT_WIDTH]
    assert bar.planes.geometry().bottom() < bar.fusion.geometry().top(), "one below the other"
    assert faults(bar) == []
    window.resize(1920, 1080)
    qtbot.waitUntil(lambda: bar.planes.geometry().right() < bar.fusion.geometry().left())
    assert faults(bar) == []


def test_the_cine_bar_keeps_off_the_text(qtbot, window: Window, settle, tmp_path: Path) -> None:
    phantoms.ct(tmp_path / "many", SeriesDescription="A description of the series, as long as they are")
    window.resize(*SIZES[0])
    window.open([tmp_path / "many"])
    settle(window)
    window.actions_["grid_1x2"].trigger()
    view, bar = window.viewport, window.care.cine_bar
    for width in (420, 640, 1000):
        view.resize(width, 640)
        view.toggle_cine()
        seen: list[int] = []
        view.indexChanged.connect(seen.append)
        qtbot.waitUntil(lambda seen=seen: len(seen) >= 2)
        text = [block for block in view.picture.furniture.blocks if block.top() > 320]
        place = QRectF(bar.geometry())
        view.toggle_cine()
        assert len(text) > 4
        assert not [block for block in text if block.intersects(place)], width


_FINE = """
import sys
from pathlib import Path
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from app.settings import Settings
from app.ui import message
from app.ui.application import application
from tests.app.ui import test_structure as t

class Quiet:
    def __call__(self, parent, spoken):
        return spoken.buttons[-1]

message.use(Quiet())
app = application(Settings())

def settle(window):
    while window.dispatcher.jobs:
        QTest.qWait(5)

window = t.dressed_window(sys.argv[2], sys.argv[3])
window.show()
assert window.devicePixelRatioF() == 2.0
for fault in t.everything(window, settle, Path(sys.argv[1])):
    print(fault)
print("looked at", flush=True)
window._saved = window.session.document
window.dispatcher.close()
window.keeping.close()
"""


@pytest.mark.parametrize("code", [language.ENGLISH, "zh_CN"])
@pytest.mark.parametrize("name", ["dark", "light"])
def test_a_screen_of_4k_at_200_percent(ct_folder: Path, scoutview_home: Path, name: str, code: str) -> None:
    root = Path(__file__).parents[3]
    environment = {
        **os.environ, "PYTHONPATH": str(root), "QT_SCALE_FACTOR": "2", "QT_QPA_PLATFORM": "offscreen",
        "SCOUTVIEW_HOME": str(scoutview_home),
    }  # fmt: skip
    command = [sys.executable, "-c", _FINE, str(ct_folder), name, code]
    ran = subprocess.run(command, capture_output=True, text=True, cwd=root, env=environment, timeout=300, check=False)
    assert ran.stdout.splitlines() == ["looked at"], ran.stdout + ran.stderr[-2000:]


def test_what_is_wrong_is_found(qtbot, dressed) -> None:
    root = QWidget()
    column = QVBoxLayout(root)
    good = QLabel("Fits")
    wrapped = QLabel("Many words that take more than one line of so narrow a label")
    wrapped.setWordWrap(True)
    column.addWidget(good)
    column.addWidget(wrapped)
    apply = QPushButton("Apply")
    column.addWidget(apply)
    qtbot.addWidget(root)
    root.resize(240, 200)
    root.show()
    assert faults(root) == []
    good.setFixedWidth(8)
    wrapped.setFixedHeight(12)
    QTest.qWait(1)
    assert len(faults(root)) == 2
    rows = QListWidget(root)
    rows.addItem("A row that is much longer than the list is wide")
    rows.setGeometry(0, 150, 90, 40)
    rows.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    rows.show()
    assert "has no tool tip" in " ".join(faults(root))
    rows.item(0).setToolTip("All of it")
    assert "has no tool tip" not in " ".join(faults(root))
    loose = QCheckBox("On top", root)
    loose.setGeometry(apply.geometry().adjusted(20, 0, 60, 0))
    loose.show()
    told = " ".join(faults(root))
    assert "sticks out" in told
    assert "overlap" in told
