"""What the corners, the edges and the scale bar say."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QRectF
from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from app.core.view import Canvas, View
from app.dicom.model import Series
from app.dicom.voi import Lut, Window, WindowFunction
from app.ui.viewport import style
from app.ui.viewport.corners import Line, Lines, Now, TextLevel, frame_lines, identity, state_lines, visible, voi_text
from app.ui.viewport.furniture import scale_bar
from app.ui.viewport.halo import HaloText
from inference.volume import Calibration
from tests import phantoms
from tests.app.ui.viewport.reading import Reading, first_series, rgb

Show = Callable[..., Reading]


def words(lines: Lines) -> list[str]:
    return [line.text for line in lines]


def ct_series(folder: Path, **attributes: object) -> Series:
    return first_series(phantoms.ct(folder / "ct", **attributes))[1]


# -- corners -----------------------------------------------------------------------------------------------------------


def test_identity_and_study(tmp_path: Path) -> None:
    _, series = first_series(
        phantoms.ct(
            tmp_path / "ct",
            PatientName="Curie^Marie",
            PatientBirthDate="18671107",
            PatientSex="F",
            PatientAge="066Y",
            InstitutionName="Radium Institute",
            StudyDescription="Chest",
            StudyDate="19340704",
            StudyTime="093015",
            AccessionNumber="A-17",
        )
    )
    expected = (
        ["Curie, Marie", "ID PHANTOM", "Born 1867-11-07  ·  66 y  ·  Female"],
        ["Radium Institute", "Chest", "1934-07-04  ·  09:30", "Acc A-17"],
    )
    left, right = identity(series)
    assert (words(left), words(right)) == expected


def test_what_is_missing_leaves_no_gap(tmp_path: Path) -> None:
    series = ct_series(
        tmp_path,
        PatientName=None,
        PatientBirthDate=None,
        PatientSex=None,
        PatientAge=None,
        InstitutionName=None,
        StudyDescription="",
        StudyDate=None,
        StudyTime=None,
        AccessionNumber=None,
        SeriesDescription=None,
        SeriesNumber=None,
        SliceThickness=None,
    )
    left, right = identity(series)
    assert words(left) == ["No patient name", "ID PHANTOM"]
    assert words(right) == []
    assert words(frame_lines(series, 0)) == ["Loc 30.0 mm", "CT"]


@pytest.mark.parametrize(
    ("stated", "shown"),
    [("20120000", ["2012"]), ("00000000", []), ("2012.01.02", ["2012.01.02"]), ("20121399", ["20121399"])],
)
def test_odd_dates(tmp_path: Path, stated: str, shown: list[str]) -> None:
    series = ct_series(tmp_path, StudyDate=stated, StudyTime=None, StudyDescription=None, AccessionNumber=None)
    _, right = identity(series)
    assert words(right) == shown


def test_the_frame_says_where_it_is(tmp_path: Path) -> None:
    series = ct_series(tmp_path, SeriesDescription="Thin", SeriesNumber=7, SliceThickness="1.25")
    assert words(frame_lines(series, 2)) == [
        "Thick 1.25 mm  ·  Loc 35.0 mm",
        "Series 7  ·  CT",
        "Thin",
    ]


def test_location_counts_towards_the_head_whichever_way_rows_run(tmp_path: Path) -> None:
    upside_down = ct_series(tmp_path, orientation=(1, 0, 0, 0, -1, 0))
    assert upside_down.positions is not None
    heights = [f"Loc {z:.1f} mm" for z in upside_down.positions[:, 2]]
    assert sorted(heights) == ["Loc 25.0 mm", "Loc 27.5 mm", "Loc 30.0 mm"]
    for index, height in enumerate(heights):
        assert words(frame_lines(upside_down, index))[0].endswith(height)


def test_laterality_and_lossy_compression_are_said(tmp_path: Path) -> None:
    path = tmp_path / "hand.dcm"
    (file,) = phantoms.radiograph(
        path, ImageLaterality="L", LossyImageCompression="01", LossyImageCompressionRatio="12"
    )
    _, series = first_series([file])
    lines = frame_lines(series, 0)
    assert words(lines)[:3] == ["Lossy 12:1", "Left", "PA  ·  CHEST"]
    assert all(line.level <= TextLevel.LESS for line in lines[:2])


def test_thickness_is_found_in_functional_groups(tmp_path: Path) -> None:
    _, series = first_series(phantoms.enhanced_ct(tmp_path / "enhanced.dcm"))
    assert words(frame_lines(series, 0))[0].startswith("Thick 2.5 mm")


def state(series: Series, view: View, **more: object) -> list[str]:
    return words(state_lines(series, Now(view, Canvas.of(series, 760, 644), **more)))  # type: ignore[arg-type]


def test_state_of_a_slice(tmp_path: Path) -> None:
    series = ct_series(tmp_path)
    view = View(index=1, voi=Window(-600, 1500))
    # 23 rows of 0.7 mm and 38 columns of 0.4 mm: 760 px over 38 columns is a zoom of 20, and 23 · 1.75 · 16 = 644.
    assert state(series, view, probe="x 1  y 2   3 HU") == [
        "x 1  y 2   3 HU",
        "Image 2 / 3",
        "Zoom 1600 %",
        "W 1500  L \u2212600  Lung",
    ]


def test_state_of_a_cine(tmp_path: Path) -> None:
    _, series = first_series(phantoms.cine(tmp_path / "cine.dcm"))
    lines = state(series, View(index=2, invert=True), playing_ms=40.0)
    assert lines[0] == "Frame 3 / 6  ·  25 /s"
    assert lines[-1] == "Colour, inverted"


@pytest.mark.parametrize(
    ("voi", "text"),
    [
        (Window(40, 400), "W 400  L 40  Abdomen"),
        (Window(41, 400), "W 400  L 41"),
        (Window(2.5, 5.25, WindowFunction.LINEAR_EXACT), "W 5.250  L 2.500"),
        (Window(0, 300, WindowFunction.SIGMOID), "W 300  L 0  ·  sigmoid"),
        (Window(0, 300, explanation="NORMAL"), "W 300  L 0  NORMAL"),
        (Lut(np.arange(16, dtype=np.uint8), 0, 8, "HARDER"), "HARDER"),
        (Lut(np.arange(16, dtype=np.uint8), 0, 8), "VOI LUT"),
        (None, ""),
    ],
)
def test_windows_in_words(tmp_path: Path, voi: Window | Lut | None, text: str) -> None:
    assert voi_text(ct_series(tmp_path), View(voi=voi)) == text


def test_where_there_is_no_room_the_heaviest_lines_stay_in_their_order() -> None:
    lines = (Line("a", 1), Line("b", 3, TextLevel.LESS), Line("c", 2), Line("d", 9, TextLevel.LESS))
    assert words(visible(lines, TextLevel.ALL, 3)) == ["b", "c", "d"]
    assert words(visible(lines, TextLevel.LESS, 3)) == ["b", "d"]
    assert visible(lines, TextLevel.NONE, 3) == ()
    assert visible(lines, TextLevel.ALL, 0) == ()


# -- drawing -----------------------------------------------------------------------------------------------------------


def test_long_text_is_elided_and_corners_never_meet(show: Show, tmp_path: Path) -> None:
    long = "An extraordinarily long description of everything that was done " * 2
    paths = phantoms.ct(
        tmp_path / "ct",
        PatientName=long[:60],
        PatientID=long[:60],
        StudyDescription=long[:60],
        InstitutionName=long[:60],
        SeriesDescription=long[:60],
    )
    for size in ((222, 229), (320, 240), (640, 480), (1600, 1000)):
        reading = show(paths, *size)
        reading.viewport.probe_at(reading.at(3, 4))
        reading.viewport.flip_horizontal()
        reading.overlay(np.ones((23, 38), np.uint8))
        reading.viewport.snapshot()
        blocks = reading.viewport._picture.furniture.blocks
        bounds = QRectF(reading.viewport.rect()).adjusted(0, 0, -14, 0)
        assert len(blocks) >= 6
        for number, block in enumerate(blocks):
            assert bounds.contains(block), (size, block)
            for other in blocks[number + 1 :]:
                assert not block.adjusted(1, 1, -1, -1).intersects(other.adjusted(1, 1, -1, -1)), (size, block, other)


def test_a_small_view_cuts_off_neither_patient_nor_window_nor_warning(
    show: Show, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    named = phantoms.ct(
        tmp_path / "ct", PatientName="CompressedSamples^RG1", PatientID="LIDC-IDRI-0314-A", StudyDate="20000903"
    )
    reading = show(named, 228, 229)
    reading.viewport.set_voi(Window(-1024, 2000))
    reading.viewport.set_cautions(("Views show different patients",))
    drawn: list[str] = []
    draw = HaloText.draw

    def note(self: HaloText, painter: QPainter, x: float, y: float, text: str, *rest: object) -> None:
        drawn.append(text)
        draw(self, painter, x, y, text, *rest)

    monkeypatch.setattr(HaloText, "draw", note)
    reading.viewport.snapshot()
    assert {"CompressedSamples, RG1", "ID LIDC-IDRI-0314-A", "2000-09-03", "W 2000  L \u22121024"} <= set(drawn)
    assert "Views show different patients" in " ".join(drawn)


def test_less_text_lists_no_names_of_what_lies_over_the_image(
    show: Show, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    reading = show(phantoms.ct(tmp_path / "ct"), 640, 480)
    reading.overlay(np.ones((23, 38), np.uint8))
    drawn: list[str] = []
    monkeypatch.setattr(HaloText, "draw", lambda self, painter, x, y, text, *rest: drawn.append(text))
    for level, named in ((TextLevel.ALL, True), (TextLevel.LESS, False), (TextLevel.NONE, False)):
        drawn.clear()
        reading.viewport.set_text_level(level)
        reading.viewport.snapshot()
        names = {label.name for overlay in reading.session.document.overlays for label in overlay.labels}
        assert bool(names & set(drawn)) == named
        assert any("research use only" in text for text in drawn), level


def test_the_mark_of_ai_has_a_plate_on_bright_pictures(show: Show, tmp_path: Path) -> None:
    for size in ((640, 480), (240, 240)):
        reading = show(phantoms.ct(tmp_path / "ct"), *size)
        reading.overlay(np.zeros((23, 38), np.uint8))
        reading.viewport.set_voi(Window(-9000, 1))
        reading.viewport.set_text_level(TextLevel.NONE)
        picture = rgb(reading.viewport.snapshot())
        (mark,) = reading.viewport.picture.furniture.blocks
        beside = picture[round(mark.top()) + 6, round(mark.left()) - 3]
        assert beside.max() < 130, size
        assert picture[round(mark.top()) + 6, round(mark.left()) - 12].min() > 240, "the picture itself is white"


def test_text_is_there_and_goes(ct: Reading) -> None:
    ct.viewport.set_voi(Window(9000, 1))
    for level, some in ((TextLevel.ALL, True), (TextLevel.LESS, True), (TextLevel.NONE, False)):
        ct.viewport.set_text_level(level)
        assert rgb(ct.viewport.snapshot()).any() == some


def test_edge_letters_follow_flips_and_turns(ct: Reading) -> None:
    from app.core.view import orientation_edges

    ct.viewport.set_voi(Window(9000, 1))
    ct.viewport.set_text_level(TextLevel.LESS)
    upright = rgb(ct.viewport.snapshot())
    edges = orientation_edges(ct.series, 0, ct.viewport.view)
    assert (edges.left, edges.right, edges.top, edges.bottom) == ("R", "L", "A", "P")
    middle = upright[225:255]
    assert middle[:, 20:45].any()
    ct.viewport.flip_horizontal()
    mirrored = rgb(ct.viewport.snapshot())[225:255]
    # The letters changed places: what was drawn at the left edge is another letter now.
    assert not np.array_equal(middle[:, 20:45], mirrored[:, 20:45])


@pytest.mark.parametrize(
    ("horizontal", "vertical", "turns", "text"),
    [
        (True, False, 0, "Flipped left–right"),
        (False, True, 0, "Flipped top–bottom"),
        (True, True, 0, "Flipped both ways"),
        (True, False, 1, "Flipped top–bottom"),
        (False, False, 1, ""),
    ],
)
def test_a_flipped_picture_warns(ct: Reading, horizontal: bool, vertical: bool, turns: int, text: str) -> None:
    view = View(flip_horizontal=horizontal, flip_vertical=vertical, rotation=turns)
    ct.viewport.set_view(view)
    what = ct.viewport._shown()
    assert what is not None
    assert ct.viewport._picture.warnings(what) == ((text,) if text else ())
    ct.viewport.set_text_level(TextLevel.NONE)
    ct.viewport.snapshot()
    assert ct.viewport._picture.furniture.warning_rect.isValid() == bool(text)


def test_warnings_of_the_series_stay_and_have_a_tooltip(show: Show, tmp_path: Path, qtbot: QtBot) -> None:
    from PySide6.QtGui import QHelpEvent
    from PySide6.QtWidgets import QToolTip

    reading = show(phantoms.ct(tmp_path / "ct"))
    sentences = ("Slices are missing between 2.5 and 7.5 mm.", "The gantry is tilted by 18.5°.")
    reading.viewport.display(replace(reading.series, warnings=sentences), reading.pixels)
    reading.viewport.set_text_level(TextLevel.NONE)
    reading.viewport.snapshot()
    where = reading.viewport._picture.furniture.warning_rect.center().toPoint()
    event = QHelpEvent(QHelpEvent.Type.ToolTip, where, reading.viewport.mapToGlobal(where))
    QApplication.sendEvent(reading.viewport, event)
    assert QToolTip.text() == "\n".join(sentences)
    QToolTip.hideText()


def test_a_line_is_drawn_light_with_a_dark_halo(qtbot: QtBot) -> None:
    image = QImage(120, 40, QImage.Format.Format_RGB32)
    image.fill("white")
    painter = QPainter(image)
    HaloText().draw(painter, 10, 8, "W 400", style.Face(14), style.TEXT)
    painter.end()
    picture = rgb(image)
    assert picture.max() == 255
    assert picture.min() < 90
    image.fill("black")
    painter = QPainter(image)
    HaloText().draw(painter, 10, 8, "W 400", style.Face(14), style.TEXT)
    painter.end()
    assert rgb(image).max() > 200


# -- scale bar ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("scale", "calibration", "room", "length", "text"),
    [
        (2.0, Calibration.PATIENT, 140, 100, "5 cm"),
        (20.0, Calibration.PATIENT, 140, 100, "5 mm"),
        (2.0, Calibration.DETECTOR, 60, 40, "2 cm at detector"),
        (0.5, Calibration.NONE, 140, 100, "200 px"),
        (100.0, Calibration.PATIENT, 140, 100, "1 mm"),
    ],
)
def test_scale_bars(scale: float, calibration: Calibration, room: float, length: float, text: str) -> None:
    bar = scale_bar(scale, calibration, room)
    assert bar is not None
    assert (bar.length, bar.text) == (pytest.approx(length), text)


@given(st.floats(1e-3, 1e3), st.floats(30, 2000))
def test_a_scale_bar_fits_and_is_no_shorter_than_two_fifths_of_its_room(scale: float, room: float) -> None:
    bar = scale_bar(scale, Calibration.PATIENT, room)
    assert bar is not None
    assert 0.399 * room <= bar.length <= room * (1 + 1e-9)


def test_the_scale_bar_on_screen_has_the_length_that_it_names(ct: Reading) -> None:
    # At fit, 38 columns of 0.4 mm are 640 px wide or 23 rows of 0.7 mm are 480 px high: 29.8 px a millimetre.
    scale = 480 / (23 * 0.7)
    bar = scale_bar(scale, Calibration.PATIENT, 480 * 0.28)
    assert bar is not None
    assert bar.text == "2 mm"
    ct.viewport.set_voi(Window(9000, 1))
    ct.viewport.set_text_level(TextLevel.LESS)
    column = rgb(ct.viewport.snapshot())[:, style.MARGIN].max(axis=1)
    lit = np.flatnonzero(column[140:] > 120)
    # The first unbroken run is the bar; the words below it follow after a gap.
    run = lit[: np.flatnonzero(np.diff(lit, append=10_000) > 1)[0] + 1]
    assert len(run) == pytest.approx(2 * scale, abs=3)
