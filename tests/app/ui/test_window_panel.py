"""The window panel follows a viewport and sets its window."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from app.core.session import Session
from app.dicom.index import index
from app.dicom.load import SeriesPixels, load
from app.dicom.scan import scan
from app.dicom.voi import Lut, Window, WindowFunction
from app.ui.viewport import Viewport
from app.ui.viewport.histogram import BINS, counts_of
from app.ui.window_panel import WindowPanel
from tests import phantoms


@dataclass
class Pair:
    """A viewport, its panel, and what is shown."""

    viewport: Viewport
    panel: WindowPanel

    def choose(self, name: str) -> None:
        at = self.panel.presets.findText(name)
        assert at >= 0, [self.panel.presets.itemText(k) for k in range(self.panel.presets.count())]
        self.panel.presets.setCurrentIndex(at)
        self.panel.presets.activated.emit(at)


def shown(qtbot: QtBot, paths: list[Path]) -> Pair:
    session = Session()
    session.open(index(scan(paths)))
    series = session.index.series()[0]
    viewport, panel = Viewport(session), WindowPanel()
    for widget in (viewport, panel):
        qtbot.addWidget(widget)
    viewport.resize(320, 240)
    panel.resize(280, 260)
    viewport.show()
    viewport.display(series, load(series))
    panel.follow(viewport)
    panel.show()
    qtbot.waitUntil(lambda: panel.histogram is not None)
    return Pair(viewport, panel)


@pytest.fixture
def ct(qtbot: QtBot, tmp_path: Path) -> Pair:
    return shown(qtbot, phantoms.ct(tmp_path / "ct"))


def numbers(panel: WindowPanel) -> tuple[float, float]:
    return panel.width_box.value(), panel.centre_box.value()


def test_the_numbers_follow_the_viewport(ct: Pair, qtbot: QtBot) -> None:
    assert numbers(ct.panel) == (400, 40)
    ct.viewport.set_voi(Window(-600, 1500))
    qtbot.waitUntil(lambda: numbers(ct.panel) == (1500, -600), timeout=20_000)
    assert ct.panel.presets.currentText() == "Lung"
    ct.viewport.set_voi(Window(-601, 1500))
    qtbot.waitUntil(lambda: ct.panel.presets.currentText() == "Custom", timeout=20_000)


def test_typed_numbers_set_the_window(ct: Pair) -> None:
    ct.panel.width_box.setValue(80)
    assert ct.viewport.voi == Window(40, 80)
    ct.panel.centre_box.setValue(-12)
    assert ct.viewport.voi == Window(-12, 80)


def test_presets_come_from_the_file_and_the_modality(ct: Pair, qtbot: QtBot) -> None:
    names = [ct.panel.presets.itemText(at) for at in range(ct.panel.presets.count())]
    assert names[:4] == ["File: 400 / 40", "Auto", "Full range", "Lung"]
    ct.choose("Bone")
    assert ct.viewport.voi == Window(350, 2000, explanation="Bone")
    ct.choose("File: 400 / 40")
    assert ct.viewport.voi == Window(40, 400)


def test_full_range_runs_from_the_least_to_the_greatest_value(ct: Pair) -> None:
    ct.viewport.set_index(1)
    ct.choose("Full range")
    voi = ct.viewport.voi
    assert isinstance(voi, Window)
    # 100 + 0 … 100 + 10·22 + 37, less 1024: black is the least value, white the greatest, and nothing is clipped.
    grey = voi.apply(np.array([100.0, 101.0, 356.0, 357.0]) - 1024)
    assert grey[0] == 0
    assert grey[1] > 0
    assert grey[2] < 1
    assert grey[3] == 1


def test_auto_is_the_viewport_s_auto(ct: Pair) -> None:
    ct.viewport.auto_window()
    expected = ct.viewport.voi
    ct.viewport.set_voi(Window(0, 10))
    ct.choose("Auto")
    assert ct.viewport.voi == expected


def test_windows_of_the_file_are_chosen_by_their_explanation(qtbot: QtBot, tmp_path: Path) -> None:
    pair = shown(
        qtbot,
        phantoms.ct(
            tmp_path / "ct",
            WindowCenter=["40", "-500"],
            WindowWidth=["400", "1400"],
            WindowCenterWidthExplanation=["SOFT", "AIR"],
        ),
    )
    pair.choose("File: AIR")
    assert pair.viewport.voi == Window(-500, 1400, explanation="AIR")


def test_dragging_the_region_sets_the_window_and_back(ct: Pair, qtbot: QtBot) -> None:
    histogram = ct.panel.histogram
    assert histogram is not None
    # LINEAR 400/40: the ramp runs from −160 to 239 (PS3.3 C.11.2.1.2).
    assert histogram.region.getRegion() == pytest.approx((-160, 239))
    histogram.region.setRegion((-100, 99))
    voi = ct.viewport.voi
    assert isinstance(voi, Window)
    assert (voi.center, voi.width) == pytest.approx((0, 200))
    qtbot.waitUntil(lambda: numbers(ct.panel) == (200, 0), timeout=20_000)
    assert histogram.region.getRegion() == pytest.approx((-100, 99))


def test_exact_windows_keep_their_function(ct: Pair, qtbot: QtBot) -> None:
    ct.viewport.set_voi(Window(0, 10, WindowFunction.SIGMOID))
    qtbot.waitUntil(lambda: numbers(ct.panel) == (10, 0), timeout=20_000)
    histogram = ct.panel.histogram
    assert histogram is not None
    histogram.region.setRegion((-10, 30))
    assert ct.viewport.voi == Window(10, 40, WindowFunction.SIGMOID)


def test_a_lookup_table_is_named_and_has_no_numbers(ct: Pair, qtbot: QtBot) -> None:
    ct.viewport.set_voi(Lut(np.arange(16, dtype=np.uint8), 0, 8, "HARDER"))
    qtbot.waitUntil(lambda: ct.panel.width_box.text() == "", timeout=20_000)
    assert "lookup table" in ct.panel.note.text()
    ct.viewport.set_voi(Window(40, 400))
    qtbot.waitUntil(lambda: numbers(ct.panel) == (400, 40) and ct.panel.width_box.text() == "400 HU", timeout=20_000)


def test_colour_has_no_window(qtbot: QtBot, tmp_path: Path) -> None:
    pair = shown(qtbot, phantoms.cine(tmp_path / "cine.dcm"))
    assert not pair.panel.width_box.isEnabled()
    assert not pair.panel.presets.isEnabled()
    assert pair.panel.histogram is not None
    assert not pair.panel.histogram.plot.isVisible()
    assert pair.panel.note.isVisible()


def test_following_another_viewport_lets_the_first_go(ct: Pair, qtbot: QtBot, tmp_path: Path) -> None:
    other = shown(qtbot, phantoms.ct(tmp_path / "b", window=(-600, 1500)))
    ct.panel.follow(other.viewport)
    assert numbers(ct.panel) == (1500, -600)
    ct.viewport.set_voi(Window(1, 2))
    qtbot.wait(80)
    assert numbers(ct.panel) == (1500, -600)
    ct.panel.follow(None)
    assert not ct.panel.width_box.isEnabled()


def test_the_histogram_counts_modality_values_without_padding(tmp_path: Path) -> None:
    voxels = np.zeros((1, 20, 30), np.int16)
    voxels[0, :5] = -2000
    voxels[0, 5:10] = 10
    (series,) = index(scan(phantoms.ct(tmp_path / "ct", voxels=voxels, PixelPaddingValue=-2000))).series()
    found = counts_of(series, load(series), 0)
    assert found is not None
    counts, edges = found
    assert counts.sum() == 15 * 30
    # A bin for each of the stored values in between, the first around −1024 HU and the last around −1014 HU.
    assert counts[[0, -1]].tolist() == [300, 150]
    assert (edges[:-1] + edges[1:])[[0, -1]] / 2 == pytest.approx([-1024, -1014])


def test_a_large_frame_is_sampled_and_a_flat_one_has_one_bin(tmp_path: Path) -> None:
    (large,) = index(scan(phantoms.radiograph(tmp_path / "large.dcm", shape=(1500, 1400)))).series()
    found = counts_of(large, load(large), 0)
    assert found is not None
    assert found[0].sum() < 500_000
    assert len(found[0]) == BINS
    (flat,) = index(scan(phantoms.ct(tmp_path / "flat", voxels=np.full((1, 4, 4), 7, np.int16)))).series()
    found = counts_of(flat, load(flat), 0)
    assert found is not None
    assert found[0].tolist() == [16]


def test_a_frame_that_has_not_arrived_has_no_histogram(tmp_path: Path) -> None:
    (series,) = index(scan(phantoms.ct(tmp_path / "ct"))).series()
    assert counts_of(series, SeriesPixels(series), 0) is None


def test_pyqtgraph_is_not_imported_before_the_panel_is_seen() -> None:
    code = (
        "import sys; from PySide6.QtWidgets import QApplication; app = QApplication([]);"
        "from app.ui.window_panel import WindowPanel; panel = WindowPanel();"
        "assert 'pyqtgraph' not in sys.modules; panel.show(); assert 'pyqtgraph' in sys.modules"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 0, done.stderr
