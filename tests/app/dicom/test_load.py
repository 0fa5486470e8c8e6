"""Loading: the visible frame first, broken frames marked, cancelling at once, one copy in memory."""

from __future__ import annotations

import threading
import time
import tracemalloc
from pathlib import Path

import numpy as np
import pytest

from app.dicom import child, syntaxes, workers
from app.dicom import load as load_module
from app.dicom.load import SeriesPixels, Status, load, outwards, read_frame
from app.errors import UnreadableFile, UserError
from inference.types import Cancelled
from tests import phantoms
from tests.app.dicom.helpers import one_series

JPEG_LS = "1.2.840.10008.1.2.4.80"
RLE = "1.2.840.10008.1.2.5"
SYNTAXES = ["1.2.840.10008.1.2.1", JPEG_LS, RLE]


@pytest.mark.parametrize("syntax", SYNTAXES)
@pytest.mark.parametrize("reverse", [False, True])
def test_all_frames_arrive_exactly(tmp_path: Path, syntax: str, reverse: bool) -> None:
    phantoms.ct(tmp_path, transfer_syntax=syntax, reverse=reverse)
    pixels = load(one_series(tmp_path))
    assert pixels.stored.dtype == np.int16
    np.testing.assert_array_equal(pixels.stored, phantoms.ct_values())
    assert pixels.is_complete
    assert pixels.loaded == (0, 1, 2)


@pytest.mark.parametrize("syntax", SYNTAXES)
def test_the_visible_frame_comes_first_and_others_outwards(tmp_path: Path, syntax: str) -> None:
    phantoms.ct(tmp_path, shape=(9, 8, 10), transfer_syntax=syntax)
    order: list[int] = []
    load(one_series(tmp_path), first=5, on_frame=order.append)
    assert order[0] == 5
    assert sorted(order) == list(range(9))
    if syntax == SYNTAXES[0]:
        # Workers finish in any order; what needs none is read in the order of asking.
        assert order == [5, 6, 4, 7, 3, 8, 2, 1, 0]


def test_batches_arrive_in_the_order_of_asking(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Two threads read large series in turn; what is next to the visible frame still comes before what is further."""
    monkeypatch.setattr(load_module, "BATCH_BYTES", 3 * 8 * 10 * 2)
    phantoms.ct(tmp_path, shape=(41, 8, 10))
    order: list[int] = []
    pixels = load(one_series(tmp_path), first=17, on_frame=order.append)
    assert order == list(outwards(17, 41))
    np.testing.assert_array_equal(pixels.stored, phantoms.ct_values((41, 8, 10)))


def test_every_way_to_the_pixels_gives_the_same(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Native and compressed, one frame and many, one process or none: the very values that were written."""
    random = np.random.default_rng(1)
    voxels = random.integers(-2000, 3000, (7, 37, 53), dtype=np.int16)
    for number, syntax in enumerate(["1.2.840.10008.1.2", *SYNTAXES]):
        phantoms.ct(tmp_path / str(number), voxels=voxels, transfer_syntax=syntax, series=str(number))
        series = one_series(tmp_path / str(number))
        np.testing.assert_array_equal(load(series, first=4).stored, voxels)
        np.testing.assert_array_equal(read_frame(series, 5), voxels[5])
        with monkeypatch.context() as patch:
            workers.close()
            patch.setattr(workers, "count", lambda: 1)
            np.testing.assert_array_equal(load(series).stored, voxels)
            workers.close()
            patch.setattr(child.subprocess, "Popen", _refused)
            np.testing.assert_array_equal(load(series).stored, voxels)


def _refused(*_: object, **__: object) -> None:
    raise PermissionError


@pytest.mark.parametrize(
    ("first", "count", "expected"),
    [(2, 5, [2, 3, 1, 4, 0]), (0, 3, [0, 1, 2]), (9, 3, [2, 1, 0]), (-4, 2, [0, 1]), (0, 0, [])],
)
def test_outwards(first: int, count: int, expected: list[int]) -> None:
    assert list(outwards(first, count)) == expected


@pytest.mark.parametrize("syntax", SYNTAXES)
def test_a_file_that_vanishes_fails_alone(tmp_path: Path, syntax: str) -> None:
    paths = phantoms.ct(tmp_path, shape=(5, 8, 10), transfer_syntax=syntax)
    series = one_series(tmp_path)
    paths[2].unlink()
    pixels = load(series)
    assert pixels.state(2).status is Status.FAILED
    assert "No such file" in pixels.state(2).reason
    assert pixels.loaded == (0, 1, 3, 4)
    assert (pixels.stored[2] == 0).all()


@pytest.mark.parametrize("syntax", [JPEG_LS, RLE])
def test_a_corrupt_frame_fails_alone(tmp_path: Path, syntax: str) -> None:
    paths = phantoms.ct(tmp_path, shape=(4, 23, 38), transfer_syntax=syntax)
    series = one_series(tmp_path)
    data = bytearray(paths[1].read_bytes())
    at = series.instances[1].pixels.offset + 20
    data[at : at + 24] = b"\xee" * 24
    paths[1].write_bytes(bytes(data))
    pixels = load(series)
    assert pixels.state(1).status is Status.FAILED
    assert "corrupt" in pixels.state(1).reason or "truncated" in pixels.state(1).reason
    assert pixels.loaded == (0, 2, 3)


def test_a_native_file_that_shrank_fails_alone(tmp_path: Path) -> None:
    paths = phantoms.ct(tmp_path)
    series = one_series(tmp_path)
    paths[1].write_bytes(paths[1].read_bytes()[:-100])
    pixels = load(series)
    assert "truncated" in pixels.state(1).reason
    assert pixels.loaded == (0, 2)


def test_an_unknown_transfer_syntax_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    phantoms.ct(tmp_path, transfer_syntax=JPEG_LS)
    series = one_series(tmp_path)
    monkeypatch.setattr(syntaxes, "SUPPORTED", frozenset())
    pixels = load(series)
    assert pixels.loaded == ()
    assert "no decoder for JPEG-LS" in pixels.state(0).reason


@pytest.mark.parametrize("syntax", SYNTAXES)
def test_cancelling_stops_and_leaves_no_thread(tmp_path: Path, syntax: str) -> None:
    phantoms.ct(tmp_path, shape=(60, 64, 64), transfer_syntax=syntax)
    series = one_series(tmp_path)
    pixels = SeriesPixels(series)
    before = set(threading.enumerate())

    def tick(fraction: float) -> None:
        if fraction > 0.1:
            raise Cancelled

    with pytest.raises(Cancelled):
        load(series, tick=tick, pixels=pixels)
    assert set(threading.enumerate()) <= before
    assert 0 < len(pixels.loaded) < 30


def test_decoding_pauses_while_a_tick_takes_its_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    phantoms.ct(tmp_path, shape=(60, 64, 64), transfer_syntax=JPEG_LS)
    ordered: list[int] = []
    put = workers.Line.put
    monkeypatch.setattr(workers.Line, "put", lambda line, task: (ordered.append(task.key), put(line, task))[1])
    grown: list[int] = []

    def tick(fraction: float) -> None:
        if fraction > 0.1 and not grown:
            before = len(ordered)
            time.sleep(0.3)
            grown.append(len(ordered) - before)

    load(one_series(tmp_path), tick=tick)
    # Each thread may be on its way to one more.
    assert grown[0] <= workers.count()


def test_a_cancelled_load_is_resumed_where_it_stopped(tmp_path: Path) -> None:
    phantoms.ct(tmp_path, shape=(10, 8, 9))
    series = one_series(tmp_path)
    pixels = SeriesPixels(series)

    def tick(fraction: float) -> None:
        if fraction > 0.5:
            raise Cancelled

    with pytest.raises(Cancelled):
        load(series, tick=tick, pixels=pixels)
    had = set(pixels.loaded)
    again: list[int] = []
    load(series, first=9, pixels=pixels, on_frame=again.append)
    assert set(again) == set(range(10)) - had
    assert pixels.is_complete


def test_progress_reaches_one(tmp_path: Path) -> None:
    phantoms.ct(tmp_path, transfer_syntax=JPEG_LS)
    seen: list[float] = []
    load(one_series(tmp_path), tick=seen.append)
    assert seen == sorted(seen)
    assert (seen[0], seen[-1]) == (0.0, 1.0)


def test_a_failing_listener_ends_the_load_without_a_thread(tmp_path: Path) -> None:
    phantoms.ct(tmp_path, shape=(20, 32, 32), transfer_syntax=JPEG_LS)
    before = set(threading.enumerate())

    def broken(index: int) -> None:
        raise RuntimeError("listener")

    with pytest.raises(RuntimeError, match="listener"):
        load(one_series(tmp_path), on_frame=broken)
    assert set(threading.enumerate()) <= before


def test_a_volume_beyond_memory_is_refused_before_it_is_made(tmp_path: Path) -> None:
    phantoms.ct(tmp_path)
    with pytest.raises(UserError, match="GB of memory") as error:
        SeriesPixels(one_series(tmp_path), memory_limit=1000)
    assert error.value.what_now


def test_memory_is_one_copy_of_the_volume(tmp_path: Path) -> None:
    phantoms.ct(tmp_path, shape=(40, 128, 128))
    series = one_series(tmp_path)
    load(series)
    tracemalloc.start()
    try:
        pixels = load(series)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak <= 1.15 * pixels.stored.nbytes


@pytest.mark.parametrize("syntax", SYNTAXES)
def test_single_frames_are_read_alone(tmp_path: Path, syntax: str) -> None:
    phantoms.ct(tmp_path, transfer_syntax=syntax, reverse=True)
    series = one_series(tmp_path)
    for k in range(3):
        np.testing.assert_array_equal(read_frame(series, k), phantoms.ct_values()[k])


def test_reading_one_broken_frame_says_why(tmp_path: Path) -> None:
    (path, *_) = phantoms.ct(tmp_path)
    series = one_series(tmp_path)
    path.unlink()
    with pytest.raises(UnreadableFile, match="No such file"):
        read_frame(series, 0)


@pytest.mark.parametrize(("syntax", "planar"), [*((syntax, 0) for syntax in SYNTAXES), (SYNTAXES[0], 1)])
def test_a_cine_loads_in_order(tmp_path: Path, syntax: str, planar: int) -> None:
    (path,) = phantoms.cine(tmp_path / "cine", planar=planar, transfer_syntax=syntax)
    pixels = load(one_series(path), first=3)
    np.testing.assert_array_equal(pixels.stored, phantoms.cine_values())


def test_a_series_of_mixed_signs_keeps_all_values(tmp_path: Path) -> None:
    def sign(k: int) -> int:
        return int(k > 0)

    voxels = np.full((3, 4, 5), -5, np.int16)
    phantoms.ct(tmp_path, voxels=voxels, PixelRepresentation=sign)
    pixels = load(one_series(tmp_path))
    assert pixels.stored[0].max() == 65531
    assert pixels.stored[1].max() == -5


def test_a_compressed_ct_equals_what_pydicom_reads(shared_data: Path) -> None:
    folder = shared_data / "ct" / "lidc-idri-0314"
    if not folder.is_dir():
        pytest.skip("lidc-idri-0314 is not there")
    import pydicom

    series = one_series(folder)
    for index in (0, 70, len(series.frames) - 1):
        expected = pydicom.dcmread(series.instance_of(index).path).pixel_array
        np.testing.assert_array_equal(read_frame(series, index), expected)
