"""What views of one study share, how they are arranged by themselves, and what of it lasts, in the real window."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest
from PIL import Image
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from app import settings as options
from app.core.arrangement import Arrangement, read, written
from app.core.fusion import FusionStyle
from app.core.layout import Content
from app.core.mpr import Reformatted
from app.core.planes import PlaneName
from app.core.sampling import Projection, Slab
from app.dicom.voi import Window as Voi
from app.settings import Settings
from app.ui.cutting import Cutter
from app.ui.pictures_dialog import LAYOUT
from app.ui.viewport.corners import TextLevel
from app.ui.viewport.still import LayoutPainter, StillOptions, StillPainter, as_pillow
from app.ui.window import Window
from inference.types import Tick
from tests import phantoms
from tests.app.core import made_series
from tests.app.ui.conftest import Settle, _forget_work

FRAME = "1.2.840.1"


@pytest.fixture
def quiet(qtbot) -> Callable[[Window], None]:
    """Waits until files, planes and fusion are done."""

    def wait(window: Window) -> None:
        arranging = window.arranging
        qtbot.waitUntil(
            lambda: (
                not window.dispatcher.jobs
                and not arranging.reformatting.is_busy
                and not any(layer.is_busy for layer in arranging.fusions)
            ),
            timeout=60_000,
        )

    return wait


@pytest.fixture
def pet_ct(window: Window, quiet, tmp_path: Path) -> Window:
    """A CT of ten slices and a PET of five in its frame of reference."""
    common = {"FrameOfReferenceUID": FRAME, "origin": (0.0, 0.0, 0.0)}
    phantoms.ct(tmp_path / "ct", shape=(10, 40, 40), spacing=(2.0, 1.0, 1.0), series="ct", **common)
    hot = np.full((5, 10, 10), 900, np.int16)
    phantoms.ct(
        tmp_path / "pt", voxels=hot, spacing=(4, 4, 4), series="pt", intercept=0, Modality="PT", SeriesNumber="2",
        **common,
    )  # fmt: skip
    window.settings.set(options.HANGING, "off")
    window.open([tmp_path])
    quiet(window)
    window.show_series(series_of(window, 10))
    quiet(window)
    return window


def series_of(window: Window, slices: int):
    return next(series for series in window.session.index.series() if len(series.frames) == slices)


def chest(folder: Path) -> Path:
    """A frontal and a lateral chest radiograph of one study."""
    phantoms.radiograph(folder / "pa.dcm", SeriesNumber="1")
    phantoms.radiograph(folder / "lat.dcm", ViewPosition="LL", SeriesNumber="2", PatientOrientation=["A", "F"])
    return folder


# -- one window for one series -----------------------------------------------------------------------------------------


def test_planes_share_the_window_of_their_series_and_give_it_back(pet_ct: Window, quiet) -> None:
    chosen = Voi(-100.0, 700.0)
    pet_ct.viewport.set_voi(chosen)
    pet_ct.arranging.toggle_planes()
    quiet(pet_ct)
    planes = [cell.viewport for cell in pet_ct.views.cells if cell.plane is not None]
    assert [view.voi for view in planes] == [chosen] * 3
    other = Voi(50.0, 300.0)
    planes[1].set_voi(other)
    assert [view.voi for view in planes] == [other] * 3
    planes[2].invert()
    assert [view.view.invert for view in planes] == [True] * 3
    pet_ct.arranging.close_planes()
    quiet(pet_ct)
    assert (pet_ct.viewport.voi, pet_ct.viewport.view.invert) == (other, True)


def test_a_reader_who_unlinks_them_has_a_window_a_view(pet_ct: Window, quiet) -> None:
    pet_ct.actions_["grid_1x2"].trigger()
    pet_ct.arranging.show(series_of(pet_ct, 10), 1)
    quiet(pet_ct)
    one, two = (cell.viewport for cell in pet_ct.views.visible)
    one.set_voi(Voi(0.0, 111.0))
    assert two.voi == Voi(0.0, 111.0)
    pet_ct.actions_["link_series"].trigger()
    one.set_voi(Voi(0.0, 222.0))
    assert two.voi == Voi(0.0, 111.0)


def test_t_acts_on_all_views(pet_ct: Window) -> None:
    pet_ct.actions_["grid_2x2"].trigger()
    pet_ct.viewport.setFocus()
    QTest.keyClick(pet_ct.viewport, Qt.Key.Key_T)
    assert {view.text_level for view in pet_ct.views.each()} == {TextLevel.LESS}
    pet_ct.actions_["grid_3x3"].trigger()
    assert {view.text_level for view in pet_ct.views.each()} == {TextLevel.LESS}, "views that come later too"


# -- fusion ------------------------------------------------------------------------------------------------------------


def test_fusion_stays_with_its_images_through_layouts_and_planes(pet_ct: Window, quiet) -> None:
    arranging = pet_ct.arranging
    arranging.fuse(series_of(pet_ct, 5))
    quiet(pet_ct)
    arranging.bar.opacity.setValue(35)
    look = arranging.fusions[0].look
    arranging.toggle_planes()
    quiet(pet_ct)
    assert len(arranging.fusions) == 3, "each plane of the CT"
    assert all(layer.look == look for layer in arranging.fusions)
    assert not arranging.bar.fusion.isHidden()
    arranging.close_planes()
    pet_ct.actions_["grid_1x2"].trigger()
    arranging.show(series_of(pet_ct, 5), 1)
    quiet(pet_ct)
    assert len(arranging.fusions) == 1, "never over itself"
    pet_ct.views.clear_cell(0)
    assert arranging.fusions == ()
    assert arranging.bar.fusion.isHidden()
    arranging.show(series_of(pet_ct, 10), 0)
    quiet(pet_ct)
    assert arranging.fusions[0].look == look
    arranging.close_fusion()
    pet_ct.actions_["grid_1x1"].trigger()
    assert arranging.fusions == ()


# -- pictures of a layout ----------------------------------------------------------------------------------------------


def values(image) -> np.ndarray:
    return np.asarray(as_pillow(image).convert("RGB"))


def test_a_picture_of_the_layout_is_its_views_side_by_side(pet_ct: Window, quiet) -> None:
    pet_ct.actions_["grid_1x2"].trigger()
    pet_ct.arranging.show(series_of(pet_ct, 5), 1)
    quiet(pet_ct)
    views = [cell.viewport for cell in pet_ct.views.visible]
    for identity in (False, True):
        chosen = StillOptions(identity=identity)
        painter = LayoutPainter(views, pet_ct.session, chosen)
        whole = values(painter.paint())
        assert whole.shape[:2] == painter.size[::-1]
        for view in views:
            alone = values(StillPainter(view, pet_ct.session, chosen).paint(view.index))
            corner = view.mapTo(pet_ct, view.rect().topLeft()) - views[0].mapTo(pet_ct, views[0].rect().topLeft())
            part = whole[corner.y() : corner.y() + alone.shape[0], corner.x() : corner.x() + alone.shape[1]]
            np.testing.assert_array_equal(part, alone)
    named = values(LayoutPainter(views, pet_ct.session, StillOptions(identity=True)).paint())
    nameless = values(LayoutPainter(views, pet_ct.session, StillOptions()).paint())
    for corner in (slice(0, 200), slice(whole.shape[1] // 2, whole.shape[1] // 2 + 200)):
        assert (named[:60, corner] != nameless[:60, corner]).any(), "each view names the patient, or none does"


@pytest.mark.parametrize("kind", ["png", "jpeg", "tiff"])
def test_a_layout_is_written_from_the_dialog(pet_ct: Window, settle: Settle, tmp_path: Path, kind: str) -> None:
    assert pet_ct.care.picturing.ask(pet_ct, pet_ct.viewport, [pet_ct.viewport]).scope.findData(LAYOUT) < 0
    pet_ct.actions_["grid_1x2"].trigger()
    pet_ct.arranging.show(series_of(pet_ct, 5), 1)
    settle(pet_ct)
    pet_ct.care.export()
    dialog = pet_ct.care.picturing.dialog
    assert dialog is not None
    dialog.scope.setCurrentIndex(dialog.scope.findData(LAYOUT))
    assert not dialog.extent.isEnabled()
    dialog.kind.setCurrentIndex(dialog.kind.findData(kind))
    dialog.folder.setText(str(tmp_path / "out"))
    dialog.start.click()
    settle(pet_ct)
    (written_,) = (tmp_path / "out").iterdir()
    assert written_.stem == "layout"
    views = [cell.viewport for cell in pet_ct.views.visible]
    with Image.open(written_) as picture:
        assert picture.size == LayoutPainter(views, pet_ct.session, StillOptions()).size


# -- what lasts --------------------------------------------------------------------------------------------------------


def test_the_grid_and_what_moves_together_are_there_at_the_next_start(window: Window, qtbot) -> None:
    for name in ("grid_2x3", "link_zoom", "reference_lines"):
        window.actions_[name].trigger()
    window.close()
    again = Window(Settings())
    qtbot.addWidget(again)
    assert (again.views.layout_.rows, again.views.layout_.columns) == (2, 3)
    assert (again.views.together.zoom, again.views.together.lines, again.views.together.scroll) == (True, False, True)
    assert again.actions_["grid_2x3"].isChecked()
    assert again.actions_["link_zoom"].isChecked()
    again.dispatcher.close()


def test_a_grid_that_was_left_is_filled_with_the_study(window: Window, quiet, tmp_path: Path) -> None:
    window.settings.set(options.HANGING, "off")
    window.actions_["grid_1x2"].trigger()
    window.open([chest(tmp_path)])
    quiet(window)
    assert [cell.series for cell in window.views.visible] == list(window.session.index.series())
    assert all(cell.viewport.is_ready for cell in window.views.visible)


# -- hanging by itself -------------------------------------------------------------------------------------------------


def test_a_study_that_a_protocol_surely_fits_hangs_by_itself(window: Window, quiet, tmp_path: Path) -> None:
    window.open([chest(tmp_path)])
    quiet(window)
    assert (window.views.layout_.rows, window.views.layout_.columns) == (1, 2)
    first, second = window.session.index.series()
    assert [cell.series for cell in window.views.visible] == [first, second]
    assert "Chest radiograph" in window.status.noted
    window.status.link.click()
    assert window.views.layout_.count == 1
    assert window.viewport.series is first


def test_it_asks_where_the_reader_wants_that(window: Window, quiet, tmp_path: Path) -> None:
    window.settings.set(options.HANGING, "ask")
    window.open([chest(tmp_path)])
    quiet(window)
    assert window.views.layout_.count == 1
    assert window.status.link.text() == "Hang"
    window.status.link.click()
    quiet(window)
    assert window.views.layout_.count == 2


def test_it_keeps_still_where_the_reader_wants_that(window: Window, quiet, tmp_path: Path) -> None:
    window.settings.set(options.HANGING, "off")
    window.open([chest(tmp_path)])
    quiet(window)
    assert window.views.layout_.count == 1
    assert window.status.link.isHidden()


def test_nothing_moves_while_the_reader_compares(pet_ct: Window, quiet, tmp_path: Path) -> None:
    pet_ct.settings.set(options.HANGING, "automatic")
    pet_ct.actions_["grid_1x2"].trigger()
    pet_ct.arranging.show(series_of(pet_ct, 5), 1)
    quiet(pet_ct)
    pet_ct.open([chest(tmp_path / "more")])
    quiet(pet_ct)
    assert series_of(pet_ct, 10) in [cell.series for cell in pet_ct.views.visible]


# -- as it was left ----------------------------------------------------------------------------------------------------


def test_planes_and_fusion_are_back_after_a_restart(pet_ct: Window, quiet, qtbot, tmp_path: Path) -> None:
    pet_ct.arranging.fuse(series_of(pet_ct, 5))
    quiet(pet_ct)
    pet_ct.arranging.bar.opacity.setValue(35)
    pet_ct.arranging.toggle_planes()
    quiet(pet_ct)
    pet_ct.arranging.bar.thickness.setValue(6.0)
    quiet(pet_ct)
    look = pet_ct.arranging.fusions[0].look
    pet_ct.close()
    again = Window(Settings())
    qtbot.addWidget(again, before_close_func=_forget_work)
    again.show()
    again.open([tmp_path])
    quiet(again)
    assert [cell.plane for cell in again.views.cells[:3]] == [PlaneName.AXIAL, PlaneName.SAGITTAL, PlaneName.CORONAL]
    assert {cell.series for cell in again.views.cells[:3]} == {series_of(again, 10)}
    assert again.arranging.reformatting.cross.slab.thickness == 6.0
    assert [layer.look for layer in again.arranging.fusions] == [look] * 3
    assert again.status.noted == "Shown as you left it"
    again.status.link.click()
    assert (again.views.layout_.count, again.arranging.fusions) == (1, ())
    assert again.viewport.series is series_of(again, 10)
    again.dispatcher.close()


def test_views_are_back_where_they_were_after_a_restart(pet_ct: Window, quiet, qtbot, tmp_path: Path) -> None:
    pet_ct.actions_["grid_2x2"].trigger()
    for place, slices in ((3, 10), (1, 5)):
        pet_ct.arranging.show(series_of(pet_ct, slices), place)
        quiet(pet_ct)
    pet_ct.views.clear_cell(0)
    pet_ct.close()
    again = Window(Settings())
    qtbot.addWidget(again, before_close_func=_forget_work)
    again.show()
    again.open([tmp_path])
    quiet(again)
    shown = [None if cell.series is None else len(cell.series.frames) for cell in again.views.visible]
    assert shown == [None, 5, None, 10]
    assert again.views.layout_.active == 1
    again.dispatcher.close()


def test_an_arrangement_is_written_without_uids_and_read_back() -> None:
    stacks = [made_series.series(f"1.2.3.{n}", slices=n + 2) for n in range(3)]
    study = made_series.study(*stacks)
    kept = Arrangement(
        2,
        2,
        1,
        (Content(stacks[2].key), None, Content(stacks[0].key, PlaneName.CORONAL), Content(("9.9", 0))),
        Slab(12.5, Projection.MINIP),
        stacks[1].key,
        FusionStyle("hot", 0.3, 0.0, 7.0),
    )
    body = written(kept, study)
    assert "1.2.3" not in body
    assert "9.9" not in body
    found = read(body, made_series.study(*stacks[::-1]))
    assert found.cells == (*kept.cells[:3], None), "what is of another study stays out"
    assert (found.slab, found.over, found.look) == (kept.slab, kept.over, kept.look)
    assert read(body, made_series.study(stacks[0])).cells == (None,) * 4, "another study has other series"
    for wrong in (("MINIP", "NONE"), ('"hot"', '"none"'), ("2, 2", "2, 9"), (body, "{}"), (body, "[]")):
        broken = body.replace(*wrong)
        with pytest.raises((KeyError, TypeError, ValueError)):
            read(broken, study)


# -- coarse and fine ---------------------------------------------------------------------------------------------------


def test_letting_go_brings_the_fine_planes_at_once(pet_ct: Window, quiet, qtbot, monkeypatch) -> None:
    monkeypatch.setattr(Reformatted, "is_slow", True)
    reformatting = pet_ct.arranging.reformatting
    pet_ct.arranging.toggle_planes()
    quiet(pet_ct)
    for cutter in reformatting._cutters.values():
        cutter._timer.setInterval(600_000)
    reformatting.turn(PlaneName.AXIAL, 0.4)
    qtbot.waitUntil(lambda: not pet_ct.dispatcher.jobs, timeout=60_000)
    views = [cell.viewport for cell in pet_ct.views.cells if cell.plane in (PlaneName.CORONAL, PlaneName.SAGITTAL)]
    assert not any(view.pixels.is_fine(view.index) for view in views), "coarse while the drag lasts"
    reformatting._released()
    quiet(pet_ct)
    assert all(view.pixels.is_fine(view.index) for view in views)


class SlowPixels:
    """Planes that wait to be cut until they are let."""

    is_slow = True

    def __init__(self) -> None:
        self.let = threading.Event()
        self.put_in: list[tuple[int, bool]] = []

    def is_fine(self, index: int) -> bool:
        return (index, True) in self.put_in

    def cut(self, index: int, *, coarse: bool, tick: Tick) -> np.ndarray:
        while not self.let.wait(0.002):
            tick(0.5)
        return np.zeros((2, 2))

    def put(self, index: int, plane: np.ndarray, *, fine: bool) -> None:
        self.put_in.append((index, fine))


def test_a_plane_that_was_asked_for_before_does_not_come_over_one_that_is_there(dispatcher, qtbot) -> None:
    held, cutter, shown = SimpleNamespace(pixels=SlowPixels()), Cutter(dispatcher), []
    held.pixels.put_in.append((7, True))
    cutter.ask(held, 5, lambda: shown.append(5), coarse=True)
    cutter.ask(held, 7, lambda: shown.append(7), coarse=True)
    assert shown == [7], "it was there"
    held.pixels.let.set()
    qtbot.waitUntil(lambda: not cutter.is_busy)
    assert shown == [7]
    cutter.hurry()
    qtbot.waitUntil(lambda: not dispatcher.jobs)
    assert held.pixels.put_in == [(7, True), (5, False)], "what was cut is kept, and nothing finer of it wanted"


def test_letting_go_gives_up_the_coarse_plane_that_is_being_cut(dispatcher, qtbot) -> None:
    held, cutter, shown = SimpleNamespace(pixels=SlowPixels()), Cutter(dispatcher), []
    cutter.ask(held, 5, lambda: shown.append(5), coarse=True)
    cutter.ask(held, 6, lambda: shown.append(6), coarse=True)
    cutter.hurry()
    # Nothing lets the coarse plane be cut to its end: only giving it up leads on.
    qtbot.waitUntil(lambda: cutter._running is not None and not cutter._running.coarse)
    held.pixels.let.set()
    qtbot.waitUntil(lambda: not cutter.is_busy)
    assert held.pixels.put_in == [(6, True)]
    assert shown == [6]
