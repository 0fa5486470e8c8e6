"""Whole readings through the real window: a prior beside the study, RECIST over a restart, cine, fusion, mammograms."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QImage, QPainter
from PySide6.QtTest import QTest

from app.core.colour_maps import colour_map
from app.core.linking import place_of
from app.core.measure import measure, region
from app.dicom.model import Series
from app.settings import Settings
from app.ui.measurement_rows import VALUES
from app.ui.viewport import Viewport
from app.ui.window import Window
from tests import phantoms
from tests.app.ui import hands

Start = Callable[[], Window]
Quiet = Callable[[Window], None]


@pytest.fixture
def quiet(qtbot) -> Quiet:
    """Waits until files, planes and fusion are done."""

    def wait(window: Window) -> None:
        qtbot.waitUntil(
            lambda: (
                not window.dispatcher.jobs
                and not window.arranging.reformatting.is_busy
                and not any(layer.is_busy for layer in window.arranging.fusions)
            ),
            timeout=60_000,
        )

    return wait


@pytest.fixture
def start(qtbot, ear, no_models: Path, dressed: None) -> Iterator[Start]:
    """``start()``: the program begins; what ran before has been quit."""
    windows: list[Window] = []

    def begin() -> Window:
        if windows:
            windows[-1].close()
        window = Window(Settings())
        windows.append(window)
        qtbot.addWidget(window)
        with qtbot.waitExposed(window):
            window.show()
        return window

    yield begin
    windows[-1].close()


# -- a study and its prior ---------------------------------------------------------------------------------------------


def lesion(slices: int, thickness: float, radius: float) -> np.ndarray:
    """A ball of 100 HU in water, 48 mm of 64 × 64 pixels of 1 mm; its middle at 24 mm, row 30, column 26."""
    k, row, column = np.indices((slices, 64, 64))
    inside = ((k + 0.5) * thickness - 24) ** 2 + (row - 30) ** 2 + (column - 26) ** 2 < radius**2
    return np.where(inside, 1124, 1024).astype(np.int16)


@pytest.fixture
def followed_up(tmp_path: Path) -> Path:
    """A CT of 24 slices, and one of the year before with 12, when the lesion was smaller."""
    for date, slices, radius in (("20240301", 24, 10.0), ("20230301", 12, 6.0)):
        phantoms.ct(
            tmp_path / "studies" / date,
            voxels=lesion(slices, 48 / slices, radius),
            spacing=(48 / slices, 1.0, 1.0),
            series=date,
            StudyDate=date,
            StudyInstanceUID=phantoms.uid(date),
            SeriesDescription=f"Chest {date[:4]}",
            FrameOfReferenceUID=phantoms.uid("frame", date),
        )
    return tmp_path / "studies"


def bidirectional(window: Window, viewport: Viewport, reach: float, across: float) -> None:
    """Draws both diameters about the middle of the lesion."""
    hands.press(viewport, Qt.Key.Key_L)
    hands.stroke(window, viewport, (30, 26 - reach), (30, 26 + reach))
    hands.stroke(window, viewport, (30 - across, 26), (30 + across, 26))


def test_a_lesion_is_compared_with_the_prior_and_found_again_after_a_restart(
    start: Start, quiet: Quiet, followed_up: Path, ear
) -> None:
    window = start()
    window.open([followed_up])
    quiet(window)
    current = next(series for series in window.session.index.series() if len(series.frames) == 24)
    window.show_series(current)
    quiet(window)
    hands.choose(window, "Layout", "Hanging protocols", "Prior beside current")
    quiet(window)
    now, prior = (cell.viewport for cell in window.views.visible)
    hung = [now.series, prior.series]
    assert [len(series.frames) for series in hung] == [24, 12]
    assert "2024-03-01" in hands.lines_of(now)
    assert "2023-03-01" in hands.lines_of(prior)
    assert ear.heard == [], "one patient: nobody asks"

    # Together by millimetres, from the middle of each: four notches of 2 mm are two images of 4 mm.
    before = now.index, prior.index
    for _ in range(4):
        hands.on(window, now).wheel(-120)
    assert (now.index - before[0], prior.index - before[1]) == (4, 2)
    for _ in range(4):
        hands.on(window, now).wheel(120)
    assert (now.index, prior.index) == before

    bidirectional(window, now, 10, 8)
    bidirectional(window, prior, 6, 5)
    large, small = window.session.document.measurements
    assert (large.place.series_uid, small.place.series_uid) == (now.series.uid, prior.series.uid)
    for view, drawn in ((now, large), (prior, small)):
        assert [one.id for one in view.annotator.shapes_on(view.scene())] == [drawn.id], "each on its own study"
    for view, name in ((now, "Lesion now"), (prior, "Lesion before")):
        view.rename(view.annotator.current(view.scene()))
        QTest.keyClicks(view.name_field, name)
        QTest.keyClick(view.name_field, Qt.Key.Key_Return)

    # The list leads to the view that shows the image, and leaves the comparison as it is.
    now.setFocus()
    hands.on(window, now).wheel(-120 * 5)
    hands.click_row(window, "Lesion before")
    assert [cell.viewport.series for cell in window.views.visible] == hung
    assert window.viewport is prior
    assert prior.index == before[1]
    hands.click_row(window, "Lesion now")
    assert (window.viewport, now.index) == (now, before[0])
    assert [cell.viewport.series for cell in window.views.visible] == hung

    hands.press(now, Qt.Key.Key_Z, hands.CTRL)
    hands.press(now, Qt.Key.Key_Z, hands.CTRL)
    hands.press(now, Qt.Key.Key_Z, hands.CTRL)
    assert [one.name for one in window.session.document.measurements] == [""], "names and the second are undone"
    for _ in range(3):
        hands.press(now, Qt.Key.Key_Y, hands.CTRL)

    again = start()
    again.open([followed_up])
    quiet(again)
    values = [hands.row_named(again, name).data(VALUES) for name in ("Lesion now", "Lesion before")]
    hands.click_row(again, "Lesion before")
    quiet(again)
    assert again.viewport.series.instances[0].header.StudyDate == "20230301"
    assert again.viewport.index == before[1]
    assert again.viewport.annotator.selected == small.id
    values = [hands.row_named(again, name).data(VALUES) for name in ("Lesion before",)]
    assert values == [("Long 12.0 mm", "Short 10.0 mm")]
    hands.click_row(again, "Lesion now")
    quiet(again)
    assert hands.row_named(again, "Lesion now").data(VALUES) == ("Long 20.0 mm", "Short 16.0 mm")
    assert again.viewport.index == before[0]


# -- cine --------------------------------------------------------------------------------------------------------------


def test_an_echo_cine_is_played_slowed_swept_stopped_and_measured(
    start: Start, quiet: Quiet, qtbot, pydicom_data: Path
) -> None:
    window = start()
    window.open([pydicom_data / "color3d_jpeg_baseline.dcm"])
    quiet(window)
    view, bar = window.viewport, window.care.cine_bar
    assert view.count == 120
    hands.press(view, Qt.Key.Key_Home)
    seen: set[int] = set()
    view.indexChanged.connect(seen.add)
    hands.press(view, Qt.Key.Key_C)
    assert view.playing
    assert bar.isVisible()
    assert bar.rate.value() == pytest.approx(30.0, abs=0.05), "33.333 ms a frame, as the file asks"
    assert "30 /s" in hands.lines_of(view)
    qtbot.waitUntil(lambda: len(seen) >= 6, timeout=20_000)

    bar.rate.setFocus()
    bar.rate.selectAll()
    QTest.keyClicks(bar.rate, "60")
    QTest.keyClick(bar.rate, Qt.Key.Key_Return)
    assert view.cine.frame_ms == pytest.approx(1000 / 60)
    assert bar.own.isVisible()
    QTest.mouseClick(bar.own, Qt.MouseButton.LeftButton)
    assert view.cine.frame_ms == pytest.approx(33.333)

    # To and fro: at the last frame it turns and does not jump to the first.
    hands.press(view, Qt.Key.Key_S, hands.SHIFT)
    assert bar.sweep.isChecked()
    hands.press(view, Qt.Key.Key_End)
    seen.clear()
    qtbot.waitUntil(lambda: len(seen) >= 4, timeout=20_000)
    assert min(seen) > 60
    hands.press(view, Qt.Key.Key_C)
    assert not view.playing
    assert not bar.isVisible()

    # Frame by frame, and a distance in the calibrated picture.
    at = view.index
    hands.press(view, Qt.Key.Key_Up)
    assert view.index == at - 1
    hands.press(view, Qt.Key.Key_D)
    hands.stroke(window, view, (150, 300), (250, 300))
    (distance,) = window.session.document.measurements
    series = view.series
    length = measure(distance, series, view.index, view.pixels).values["Length"]
    assert (length.value, length.unit) == (pytest.approx(100 * 0.510497, rel=1e-6), "mm")


def test_a_beating_heart_is_followed_through_its_phases(start: Start, quiet: Quiet, qtbot, shared_data: Path) -> None:
    folder = shared_data / "cine-mr" / "scd0000101"
    if not folder.is_dir():
        pytest.skip(f"no cine at {folder}")
    window = start()
    window.open([folder])
    quiet(window)
    view = window.viewport
    series = view.series
    assert (series.axis.slices, series.axis.points) == (12, 20)
    slice_, point = view.slice_index, view.point
    hands.on(window, view).wheel(-120, modifiers=hands.SHIFT)
    assert (view.slice_index, view.point) == (slice_, point + 1)
    hands.on(window, view).wheel(-120)
    assert (view.slice_index, view.point) == (slice_ + 1, point + 1)
    seen: set[int] = set()
    view.indexChanged.connect(seen.add)
    hands.press(view, Qt.Key.Key_C)
    assert view.cine.frame_ms == pytest.approx(37.97, abs=0.01), "by the trigger times"
    qtbot.waitUntil(lambda: len(seen) >= 5, timeout=20_000)
    hands.press(view, Qt.Key.Key_C)
    assert {series.axis.place(index)[0] for index in seen} == {slice_ + 1}, "one slice beats"

    hands.press(view, Qt.Key.Key_E)
    hands.stroke(window, view, (120, 120), (136, 140))
    (drawn,) = window.session.document.measurements
    hands.press(view, Qt.Key.Key_T, hands.SHIFT)
    quiet(window)
    shown = window.care.curve_window
    _, means = shown.line.getData()
    rows, columns, mask = region(drawn, series.rows, series.columns)
    frames = series.axis.table[slice_ + 1]
    expected = [view.pixels.modality(int(frame))[rows, columns][mask].mean() for frame in frames]
    assert means == pytest.approx(expected)
    shown.accept()


# -- fusion ------------------------------------------------------------------------------------------------------------


@pytest.fixture
def sarcoma(start: Start, quiet: Quiet, shared_data: Path) -> Window:
    """CT, PET and MR of one patient, about a tumour, with one frame of reference."""
    folder = shared_data / "pet-ct" / "STS_005"
    if not folder.is_dir():
        pytest.skip(f"no PET/CT at {folder}")
    window = start()
    window.open([folder / modality / "image" for modality in ("CT", "PET", "MR_T1")])
    quiet(window)
    return window


def of(window: Window, modality: str) -> Series:
    return next(series for series in window.session.index.series() if series.modality == modality)


@pytest.mark.parametrize("under", ["CT", "MR"])
def test_pet_is_fused_with_ct_and_with_mr(sarcoma: Window, quiet: Quiet, under: str) -> None:
    window = sarcoma
    hands.choose(window, "Layout", "1 × 1")
    window.browser.chosen.emit(of(window, under))
    quiet(window)
    view, pet = window.viewport, of(window, "PT")
    assert view.series.modality == under
    hands.choose(window, "Layout", "Fuse with", "PT")
    quiet(window)
    assert not window.arranging.bar.fusion.isHidden()
    assert window.arranging.bar.high.suffix().strip() == "SUVbw"
    # The bar of colours keeps off what the study lists on the right.
    (layer,), what = window.arranging.fusions, view._shown()
    canvas = QImage(view.size(), QImage.Format.Format_RGB32)
    painter = QPainter(canvas)
    listed = QRectF(view.width() - 160, 10, 142, view.height() / 2 - 110)
    (free,), (under_it,) = layer.paint_legend(painter, what, []), layer.paint_legend(painter, what, [listed])
    painter.end()
    assert free.intersects(listed)
    assert not under_it.intersects(listed)
    assert under_it.bottom() == free.bottom()

    # The hottest voxel of the PET that the image below holds, where it lies in the patient.
    places = [place_of(view.series, index) for index in range(view.count)]
    pixels = window.loader.pixels(pet)
    values = np.stack([pixels.modality(k) for k in range(len(pet.frames))])
    for voxel in np.argsort(values, axis=None)[::-1]:
        k, row, column = (int(number) for number in np.unravel_index(voxel, values.shape))
        hot = place_of(pet, k).point(float(row), float(column))
        index = int(np.argmin([abs(place.distance(hot)) for place in places]))
        at = places[index].image(hot)
        if 5 < at[0] < view.series.rows - 5 and 5 < at[1] < view.series.columns - 5:
            break
    view.set_index(index)
    bar = window.arranging.bar
    bar.high.setFocus()
    bar.high.selectAll()
    QTest.keyClicks(bar.high, f"{values[k, row, column] / 2:.2f}")
    QTest.keyClick(bar.high, Qt.Key.Key_Return)
    view.repaint()
    quiet(window)
    bar.opacity.setFocus()
    QTest.keyClick(bar.opacity, Qt.Key.Key_Home)
    grey = view.grab().toImage()
    QTest.keyClick(bar.opacity, Qt.Key.Key_End)
    quiet(window)
    colours = view.grab().toImage()
    spot = view.seen().mapping.to_widget(at).toPoint()
    assert grey.pixelColor(spot).saturation() == 0
    top = colours.pixelColor(spot)
    assert (top.red(), top.green(), top.blue()) == tuple(colour_map(bar.map.currentData()).table[-1])

    # Another image is never shown with these colours; scrolling brings its own.
    hands.press(view, Qt.Key.Key_Home)
    quiet(window)
    assert view.grab().toImage().pixelColor(spot) != top
    hands.choose(window, "Layout", "Fuse with", "None")
    assert view.grab().toImage().pixelColor(spot).saturation() == 0


def test_pet_and_mr_that_share_no_frame_of_reference_are_not_offered(
    start: Start, quiet: Quiet, shared_data: Path
) -> None:
    folder = shared_data / "pet-mr" / "sts_001"
    if not folder.is_dir():
        pytest.skip(f"no PET/MR at {folder}")
    window = start()
    window.open([folder / "mr_t1" / "image", folder / "fdg_pet" / "image"])
    quiet(window)
    window.browser.chosen.emit(of(window, "MR"))
    quiet(window)
    offered = hands.entry(window, "Layout", "Fuse with", "PT")
    assert not offered.isEnabled()
    assert "frames of reference" in offered.toolTip()


# -- mammograms --------------------------------------------------------------------------------------------------------

_WRITTEN = {
    "stated": lambda side, view: {"ViewPosition": view, "ImageLaterality": side},
    "misspelt": lambda side, view: {
        "ViewPosition": None,
        "SeriesDescription": {"L": "Left", "R": "Rigth"}[side] + {"CC": " craniocaudel", "MLO": " mediolaterel"}[view],
    },
    "Chinese": lambda side, view: {
        "ViewPosition": None,
        "SpecificCharacterSet": "GB18030",
        "SeriesDescription": {"L": "左", "R": "右"}[side] + "乳" + {"CC": "头尾位", "MLO": "内外斜位"}[view],
    },
    "missing": lambda side, view: {"ViewPosition": None, "BodyPartExamined": None},
}


def mammogram(folder: Path, how: str) -> dict[tuple[str, str], str]:
    """Four films, the files in no helpful order → (side, view) of each SOP instance."""
    found = {}
    for number, (side, view) in enumerate((("L", "MLO"), ("R", "MLO"), ("L", "CC"), ("R", "CC"))):
        uid = phantoms.uid("mammogram", how, side, view)
        attributes = {"BodyPartExamined": "BREAST"} | _WRITTEN[how](side, view)
        phantoms.radiograph(folder / f"{number}.dcm", modality="MG", SOPInstanceUID=uid, **attributes)
        found[side, view] = uid
    return found


def shown_films(window: Window) -> list[str]:
    return [cell.series.instances[0].sop_instance_uid for cell in window.views.visible if cell.series is not None]


@pytest.mark.parametrize("how", list(_WRITTEN))
def test_a_mammogram_hangs_four_up_whatever_its_descriptions(
    start: Start, quiet: Quiet, tmp_path: Path, ear, how: str
) -> None:
    films = mammogram(tmp_path / "films", how)
    window = start()
    window.open([tmp_path / "films"])
    quiet(window)
    hands.choose(window, "Layout", "Hanging protocols", "Mammography")
    quiet(window)
    wanted = [films[side, view] for view in ("CC", "MLO") for side in ("R", "L")]
    assert window.views.layout_.count == 4
    if how != "missing":
        assert shown_films(window) == wanted
    else:
        # Nobody can know which is which: all four are there, and the reader drags them to their places.
        assert sorted(shown_films(window)) == sorted(wanted)
        by_uid = {one.instances[0].sop_instance_uid: one for one in window.session.index.series()}
        for cell, uid in zip(window.views.visible, wanted, strict=True):
            hands.drop(window, by_uid[uid], cell)
        quiet(window)
        assert shown_films(window) == wanted
    assert all(cell.viewport.is_ready for cell in window.views.visible)
    assert ear.heard == []
    first, second = (cell.viewport for cell in window.views.visible[:2])
    hands.press(first, Qt.Key.Key_Right)
    assert window.viewport is second
    hands.press(second, Qt.Key.Key_I)
    assert (first.view.invert, second.view.invert) == (False, True)


def test_series_without_words_hang_by_what_their_images_are(start: Start, quiet: Quiet, tmp_path: Path) -> None:
    """CTs with no description, a Chinese and a misspelt one: planes of one, and each where it was dropped."""
    for name, orientation, words in (
        ("a", phantoms.AXIAL, {"SeriesDescription": None}),
        ("s", phantoms.SAGITTAL, {"SeriesDescription": "矢状 平扫", "SpecificCharacterSet": "GB18030"}),
        ("c", phantoms.CORONAL, {"SeriesDescription": "coronnal"}),
    ):
        phantoms.ct(
            tmp_path / name,
            shape=(8, 12, 12),
            orientation=orientation,
            series=name,
            SeriesNumber=str(ord(name)),
            **words,
        )
    window = start()
    window.open([tmp_path])
    quiet(window)
    hands.choose(window, "Layout", "Hanging protocols", "CT")
    quiet(window)
    assert window.arranging.reformatting.is_on
    assert not window.arranging.reformatting.series.description, "the axial one, which says nothing of itself"
    assert all(cell.viewport.is_ready for cell in window.views.visible if cell.plane is not None)
    hands.choose(window, "Layout", "Planes")
    quiet(window)
    rows = {series.description: series for series in window.session.index.series()}
    hands.choose(window, "Layout", "1 × 3")
    for number, words in enumerate(("矢状 平扫", "coronnal", "")):
        hands.drop(window, rows[words], window.views.visible[number])
    quiet(window)
    assert [cell.series.description for cell in window.views.visible] == ["矢状 平扫", "coronnal", ""]
    assert "矢状 平扫" in hands.lines_of(window.views.visible[0].viewport)
