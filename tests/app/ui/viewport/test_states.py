"""What the viewport shows before, while and after pixels arrive, and that it shows the core's own pixels."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPointF
from PySide6.QtGui import QImage, QPainter
from pytestqt.qtbot import QtBot

from app.core.render import Renderer
from app.core.session import Session
from app.core.view import View
from app.dicom.load import FrameState, SeriesPixels, Status, load
from app.dicom.pixels import default_voi
from app.dicom.voi import Window
from app.ui.viewport import Viewport
from app.ui.viewport.annotator import Annotator
from app.ui.viewport.corners import TextLevel
from app.ui.viewport.picture import Picture, Shown
from tests import phantoms
from tests.app.ui.viewport.reading import Reading, first_series, rgb

Show = Callable[..., Reading]


@pytest.fixture
def empty(qtbot: QtBot, tmp_path: Path) -> Reading:
    """A series without a window of its own, none of whose ten frames has arrived."""
    session, series = first_series(phantoms.ct(tmp_path / "ct", shape=(10, 23, 38), window=None))
    viewport = Viewport(session)
    qtbot.addWidget(viewport)
    viewport.resize(640, 480)
    viewport.show()
    pixels = SeriesPixels(series)
    viewport.display(series, pixels)
    return Reading(session, viewport, series, pixels)


def arrive(reading: Reading, *indices: int) -> None:
    """Frames arrive one after another."""
    whole = load(reading.series)
    for index in indices:
        reading.pixels.stored[index] = whole.stored[index]
        reading.pixels.mark(index, FrameState(Status.LOADED))
        reading.viewport.frame_loaded(index)


def bright(image: QImage) -> int:
    """Brightest value in the middle of a picture, off the text."""
    return int(rgb(image)[100:200, 200:440].max())


def test_an_empty_viewport_is_black(qtbot: QtBot) -> None:
    viewport = Viewport(Session())
    qtbot.addWidget(viewport)
    viewport.resize(320, 240)
    assert not rgb(viewport.snapshot()).any()
    assert viewport.series is None
    # Hands on nothing do nothing.
    viewport.step(3)
    viewport.auto_window()
    viewport.set_preset(1)
    viewport.zoom_by(2)
    viewport.reset()
    viewport.toggle_cine()
    viewport.probe_at(QPointF(5, 5))
    assert viewport.index == 0


@pytest.mark.parametrize("change", ["fit", "flip_horizontal", "one_to_one"])
def test_the_picture_is_the_renderer_s_to_the_pixel(ct: Reading, change: str) -> None:
    getattr(ct.viewport, change)()
    ct.viewport.set_text_level(TextLevel.NONE)
    expected = Renderer(ct.series, ct.pixels).image(ct.viewport.view, 640, 480)
    assert expected is not None
    shown = rgb(ct.viewport.snapshot())
    # A flip is warned of in the top left corner at every text level.
    assert np.array_equal(shown[60:], np.repeat(expected[60:, :, np.newaxis], 3, axis=2))
    assert np.array_equal(rgb(ct.viewport.grab().toImage())[60:, :-20], shown[60:, :-20])


def test_colour_is_the_renderer_s_to_the_pixel(cine: Reading) -> None:
    cine.viewport.set_index(3)
    cine.viewport.set_text_level(TextLevel.NONE)
    expected = Renderer(cine.series, cine.pixels).image(View(index=3), 640, 480)
    assert expected is not None
    assert np.array_equal(rgb(cine.viewport.snapshot()), expected)


def test_high_density_screens_get_their_own_pixels(ct: Reading) -> None:
    what = Shown(ct.series, ct.pixels, ct.viewport.view, 640, 480, 2.0)
    image = QImage(640, 480, QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(2.0)
    picture = Picture(ct.session)
    picture.open(ct.series, ct.pixels)
    painter = QPainter(image)
    picture.paint(painter, what, TextLevel.NONE, Annotator(ct.session))
    painter.end()
    expected = Renderer(ct.series, ct.pixels).image(ct.viewport.view, 640, 480)
    assert expected is not None
    assert np.array_equal(rgb(image)[..., 1], expected)
    # Points of the image are told in logical pixels, half of the device's.
    assert what.mapping.to_widget((11, 18.5)) == QPointF(160, 120)


def test_the_first_frame_gives_the_window_and_the_whole_stack_settles_it(empty: Reading) -> None:
    assert empty.viewport.voi is None
    arrive(empty, 5)
    first = empty.viewport.voi
    assert first == default_voi(empty.series, empty.pixels)
    arrive(empty, *(k for k in range(9) if k != 5))
    assert empty.viewport.voi == first
    arrive(empty, 9)
    assert empty.viewport.voi == default_voi(empty.series, load(empty.series))
    assert empty.viewport.voi != first


def test_what_the_reader_set_stays_when_the_rest_arrives(empty: Reading) -> None:
    arrive(empty, 5)
    empty.viewport.set_voi(Window(-700, 900))
    arrive(empty, *(k for k in range(10) if k != 5))
    assert empty.viewport.voi == Window(-700, 900)


def test_a_frame_that_has_not_arrived_says_so_over_the_dimmed_last_picture(empty: Reading) -> None:
    nothing = empty.viewport.snapshot()
    arrive(empty, 5)
    assert empty.viewport.index == 5
    shown = bright(empty.viewport.snapshot())
    empty.viewport.set_index(6)
    waiting = empty.viewport.snapshot()
    assert 0 < bright(waiting) < shown
    arrive(empty, 6)
    assert bright(empty.viewport.snapshot()) >= shown
    # Before the first frame it is black, with the same quiet word.
    assert rgb(nothing)[220:260, 280:360].any()
    assert not rgb(nothing)[100:200, 200:440].any()


def test_a_frame_that_failed_tells_its_reason(empty: Reading) -> None:
    arrive(empty, 5)
    empty.viewport.set_index(6)
    waiting = rgb(empty.viewport.snapshot())
    empty.pixels.mark(6, FrameState(Status.FAILED, "the file is truncated: 100 of 1748 bytes"))
    empty.viewport.frame_loaded(6)
    failed = rgb(empty.viewport.snapshot())
    # Black where the last picture was, and two lines of words in the middle.
    assert not failed[100:200, 200:440].any()
    assert failed[215:265, 200:440].any()
    assert not np.array_equal(failed, waiting)


def test_only_frames_on_screen_make_the_picture_anew(empty: Reading, qtbot: QtBot) -> None:
    arrive(empty, 5)
    qtbot.wait(20)
    painted: list[tuple[int, int]] = []
    original = empty.viewport._paint
    empty.viewport._paint = lambda painter, **options: (  # type: ignore[method-assign]
        painted.append((painter.clipBoundingRect().width(), 0)),
        original(painter, **options),
    )
    regions: list[int] = []
    paint_event = empty.viewport.paintEvent
    empty.viewport.paintEvent = lambda event: (regions.append(event.rect().width()), paint_event(event))  # type: ignore[method-assign]
    arrive(empty, 2)
    qtbot.waitUntil(lambda: bool(regions), timeout=20_000)
    assert max(regions) < 30


def test_the_bar_shows_what_has_arrived(empty: Reading) -> None:
    arrive(empty, 5, 0, 1)
    assert np.flatnonzero(empty.viewport.slice_bar.loaded).tolist() == [0, 1, 5]
    column = rgb(empty.viewport.grab().toImage())[:, -7].astype(int).sum(axis=1)
    track = column[10:470].reshape(10, 46)
    # The thumb lies over frame 5.
    assert (track[[0, 1]].min(axis=1) > track[[2, 3, 7, 8, 9]].max()).all()


def test_a_series_comes_back_as_it_was_left(show: Show, tmp_path: Path) -> None:
    reading = show(phantoms.ct(tmp_path / "a", shape=(12, 23, 38)))
    _, other = first_series(phantoms.ct(tmp_path / "b", series="other"))
    view = reading.viewport
    assert view.index == 6
    view.set_index(2)
    view.set_voi(Window(-500, 77))
    view.flip_horizontal()
    left = view.view
    view.display(other, load(other))
    assert view.view.voi == Window(40, 400)
    assert not view.view.flip_horizontal
    view.display(reading.series, reading.pixels)
    assert view.view == left
    view.display(reading.series, reading.pixels, 7)
    assert view.index == 7


def test_a_cine_begins_at_its_start(cine: Reading) -> None:
    assert cine.viewport.index == 0


def test_clearing_ends_everything(ct: Reading, qtbot: QtBot) -> None:
    ct.viewport.toggle_cine()
    with qtbot.waitSignal(ct.viewport.voiChanged, timeout=20_000):
        ct.viewport.clear()
    assert ct.viewport.series is None
    assert not ct.viewport.playing
    assert not rgb(ct.viewport.snapshot()).any()


def test_the_session_does_not_keep_a_viewport_alive(qtbot: QtBot) -> None:
    session = Session()
    viewport = Viewport(session)
    gone = weakref.ref(viewport)
    del viewport
    gc.collect()
    assert gone() is None
    # A change after that reaches nobody and breaks nothing.
    session.close_all()


def test_a_picture_outlives_the_next_one(ct: Reading) -> None:
    first = ct.viewport.snapshot()
    kept = rgb(first)
    for index in (0, 1, 2, 0):
        ct.viewport.set_index(index)
        ct.viewport.snapshot()
    gc.collect()
    assert np.array_equal(rgb(first), kept)
