"""Codec processes: what hangs or crashes a decoder harms one frame and nothing else."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from pathlib import Path

import imagecodecs
import numpy as np
import pydicom
import pytest
from pydicom.encaps import encapsulate

from app.dicom import child, workers
from app.dicom.codecs import FrameSpec
from app.dicom.load import SeriesPixels, Status, load
from app.dicom.scan import scan
from app.errors import UnreadableFile
from inference.types import Cancelled
from tests import phantoms
from tests.app.dicom.helpers import one_series

JPEG_LS = "1.2.840.10008.1.2.4.80"
RLE = "1.2.840.10008.1.2.5"
SHAPE = (64, 48)
# A JPEG-LS stream with a broken SPIFF header, found by mutating a good one: CharLS never returns from it.
ENDLESS = bytes.fromhex(
    "ffd8ffe8002053504946460002000001ea000040000000f40a10060100a3012c0000012cffe8000800000001ffd8fff7000b10004000300101"
    "1100fff8000d01ffff0012004387140040ffda0008010100000000a0cc1983305e1584e0cc178561388c3e1b0b898987878787858583305e15"
    "84e230f86c2e26261e1e1e1e1616162c58b161c3870e0740e81905411068241209050505050505050502040810204081020408102040810208"
    "2082082082082082081d04104104104104104104104104104210842108421084210842108421084210840c8421088888"
)


def spec(syntax: str = JPEG_LS) -> FrameSpec:
    return FrameSpec(syntax, *SHAPE, 1, 16, 12, 11, False, "MONOCHROME2", 0)


def values() -> np.ndarray:
    return (np.arange(SHAPE[0] * SHAPE[1]).reshape(SHAPE) % 4096).astype(np.uint16)


def decode(path: Path, data: bytes, *, stop: threading.Event | None = None, syntax: str = JPEG_LS) -> np.ndarray:
    path.write_bytes(data)
    target = np.zeros(SHAPE, np.uint16)
    workers.decode(path, ((0, len(data)),), spec(syntax), target, stop)
    return target


def test_pixels_come_back_exactly_and_fragments_are_joined(tmp_path: Path) -> None:
    data = imagecodecs.jpegls_encode(values())
    path = tmp_path / "f"
    path.write_bytes(b"before" + data[:50] + b"between" + data[50:])
    target = np.zeros(SHAPE, np.uint16)
    workers.decode(path, ((6, 50), (6 + 50 + 7, len(data) - 50)), spec(), target)
    np.testing.assert_array_equal(target, values())


def test_a_wider_target_is_filled_too(tmp_path: Path) -> None:
    path = tmp_path / "f"
    path.write_bytes(data := imagecodecs.jpegls_encode(values()))
    target = np.zeros(SHAPE, np.int32)
    workers.decode(path, ((0, len(data)),), spec(), target)
    np.testing.assert_array_equal(target, values())


def test_an_endless_decoder_is_ended_and_the_next_frame_decodes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workers, "SECONDS_A_FRAME", 0.5)
    with pytest.raises(UnreadableFile, match="took too long"):
        decode(tmp_path / "endless", ENDLESS)
    monkeypatch.undo()
    np.testing.assert_array_equal(decode(tmp_path / "good", imagecodecs.jpegls_encode(values())), values())


def test_an_endless_decoder_is_left_at_once_when_cancelled(tmp_path: Path) -> None:
    stop = threading.Event()
    timer = threading.Timer(0.3, stop.set)
    timer.start()
    with pytest.raises(Cancelled):
        decode(tmp_path / "endless", ENDLESS, stop=stop)
    timer.join()


def test_a_crashed_decoder_is_replaced(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[subprocess.Popen[bytes]] = []
    popen = subprocess.Popen

    def watched(*args: object, **kwargs: object) -> subprocess.Popen[bytes]:
        started.append(popen(*args, **kwargs))  # type: ignore[call-overload]
        return started[-1]

    workers.close()
    monkeypatch.setattr(child.subprocess, "Popen", watched)

    def kill() -> None:
        while not started:
            time.sleep(0.01)
        time.sleep(0.2)
        started[0].kill()

    killer = threading.Thread(target=kill)
    killer.start()
    with pytest.raises(UnreadableFile, match="crashed"):
        decode(tmp_path / "endless", ENDLESS)
    killer.join()
    np.testing.assert_array_equal(decode(tmp_path / "good", imagecodecs.jpegls_encode(values())), values())
    assert len(started) == 2


def test_the_reason_of_a_corrupt_stream_comes_back(tmp_path: Path) -> None:
    with pytest.raises(UnreadableFile, match="63 × 48 pixels where the header says 64 × 48"):
        decode(tmp_path / "f", imagecodecs.jpegls_encode(values()[1:]))


@pytest.mark.parametrize("offset", [0xBF00079C, 63, 10_000])
def test_rle_offsets_beyond_the_data_are_refused(tmp_path: Path, offset: int) -> None:
    segments = b"\0" * 128
    data = (2).to_bytes(4, "little") + (64).to_bytes(4, "little") + offset.to_bytes(4, "little") + b"\0" * 52 + segments
    with pytest.raises(UnreadableFile, match="corrupt"):
        decode(tmp_path / "f", data, syntax=RLE)


def test_where_no_process_starts_frames_decode_here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    workers.close()

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError

    monkeypatch.setattr(child.subprocess, "Popen", refuse)
    np.testing.assert_array_equal(decode(tmp_path / "f", imagecodecs.jpegls_encode(values())), values())


def make_endless(path: Path) -> None:
    """Swap the compressed frame of a file for one that its decoder never returns from."""
    dataset = pydicom.dcmread(path)
    dataset.PixelData = encapsulate([ENDLESS])
    dataset["PixelData"].is_undefined_length = True
    dataset.save_as(path)


def test_one_endless_frame_fails_alone_in_its_series(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workers, "SECONDS_A_FRAME", 0.5)
    voxels = np.random.default_rng(0).integers(0, 4000, (4, *SHAPE), dtype=np.int16)
    paths = phantoms.ct(tmp_path, voxels=voxels, transfer_syntax=JPEG_LS)
    series = one_series(tmp_path)
    make_endless(paths[2])
    pixels = load(series)
    assert pixels.state(2).status is Status.FAILED
    assert "too long" in pixels.state(2).reason
    assert pixels.loaded == (0, 1, 3)


def test_cancelling_a_load_does_not_wait_for_an_endless_frame(tmp_path: Path) -> None:
    voxels = np.random.default_rng(0).integers(0, 4000, (6, *SHAPE), dtype=np.int16)
    paths = phantoms.ct(tmp_path, voxels=voxels, transfer_syntax=JPEG_LS)
    series = one_series(tmp_path)
    for path in paths[1:3]:
        make_endless(path)
    pixels = SeriesPixels(series)

    def stop(fraction: float) -> None:
        if fraction > 0:
            raise Cancelled

    before = set(threading.enumerate())
    with pytest.raises(Cancelled):
        load(series, tick=stop, pixels=pixels)
    assert set(threading.enumerate()) <= before
    assert pixels.state(1).status is Status.WAITING


def test_a_process_that_is_killed_costs_the_frame_that_it_was_at(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The frames that it had been given ahead go to the next process."""
    workers.close()
    monkeypatch.setattr(workers, "count", lambda: 1)
    voxels = np.random.default_rng(0).integers(0, 4000, (6, *SHAPE), dtype=np.int16)
    paths = phantoms.ct(tmp_path, voxels=voxels, transfer_syntax=JPEG_LS)
    series = one_series(tmp_path)
    make_endless(paths[2])
    receive = workers._Worker.receive

    def killed(self: workers._Worker, task: workers.Task, stop: threading.Event | None) -> None:
        if task.key == 2:
            self.kill()
        receive(self, task, stop)

    monkeypatch.setattr(workers._Worker, "receive", killed)
    pixels = load(series)
    assert pixels.state(2).status is Status.FAILED
    assert "crashed" in pixels.state(2).reason
    assert pixels.loaded == (0, 1, 3, 4, 5)
    np.testing.assert_array_equal(np.delete(pixels.stored, 2, 0), np.delete(voxels, 2, 0))
    workers.close()


def test_a_process_that_ended_while_idle_costs_nothing(tmp_path: Path) -> None:
    data = imagecodecs.jpegls_encode(values())
    decode(tmp_path / "f", data)
    for worker in workers._pool._idle:
        worker.kill()
        worker._process.wait()
    np.testing.assert_array_equal(decode(tmp_path / "f", data), values())


def test_frames_of_growing_and_shrinking_size_share_one_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    workers.close()
    monkeypatch.setattr(workers, "count", lambda: 1)
    monkeypatch.setattr(workers, "_MOST_KEPT", 2**20)
    random = np.random.default_rng(0)
    frames = [random.integers(0, 4000, (side, side + 3), dtype=np.uint16) for side in (9, 700, 30, 1100, 31, 32)]
    tasks = []
    for number, frame in enumerate(frames):
        (tmp_path / str(number)).write_bytes(data := imagecodecs.jpegls_encode(frame))
        of_frame = FrameSpec(JPEG_LS, *frame.shape, 1, 16, 12, 11, False, "MONOCHROME2", 0)
        target = np.zeros(frame.shape, np.uint16)
        tasks.append(workers.Task(number, tmp_path / str(number), ((0, len(data)),), of_frame, target))
    done = []
    with workers.Line() as line:
        for task in tasks:
            while not line.has_room(task):
                done.append(line.take())
            line.put(task)
        while not line.is_empty:
            done.append(line.take())
    assert [(task.key, error) for task, error in done] == [(number, None) for number in range(len(frames))]
    for task, frame in zip(tasks, frames, strict=True):
        np.testing.assert_array_equal(task.target, frame)
    (worker,) = workers._pool._idle
    assert worker._memory.size == 0
    workers.close()


def test_a_cancelled_load_keeps_processes_that_soon_finish(tmp_path: Path) -> None:
    phantoms.ct(tmp_path, shape=(30, *SHAPE), transfer_syntax=JPEG_LS)
    series = one_series(tmp_path)
    load(series)
    before = {worker._process.pid for worker in workers._pool._idle}

    def stop(fraction: float) -> None:
        if fraction > 0.2:
            raise Cancelled

    with pytest.raises(Cancelled):
        load(series, tick=stop)
    assert {worker._process.pid for worker in workers._pool._idle} == before
    pixels = load(series)
    np.testing.assert_array_equal(pixels.stored, phantoms.ct_values((30, *SHAPE)))


@pytest.mark.skipif(not Path("/proc/self/fd").is_dir(), reason="needs /proc")
def test_no_shared_memory_is_left_behind(tmp_path: Path) -> None:
    """A program that loads, loses a process in the middle and ends says nothing and leaves nothing."""
    voxels = np.random.default_rng(0).integers(0, 4000, (6, *SHAPE), dtype=np.int16)
    paths = phantoms.ct(tmp_path / "ct", voxels=voxels, transfer_syntax=JPEG_LS)
    make_endless(paths[3])
    root = Path(workers.__file__).parents[2]
    code = (
        f"import sys; sys.path.insert(0, {str(root)!r})\n"
        "import os\n"
        "from pathlib import Path\n"
        "from app.dicom import workers\n"
        "from app.dicom.index import index\n"
        "from app.dicom.load import load\n"
        "from app.dicom.scan import scan\n"
        "def held():\n"
        "    found = [os.readlink(f) for f in Path('/proc/self/fd').iterdir() if f.is_symlink()]\n"
        "    return sum('memfd:scoutview' in name for name in found)\n"
        "workers.SECONDS_A_FRAME = 0.5\n"
        f"pixels = load(index(scan([Path({str(tmp_path / 'ct')!r})])).series()[0])\n"
        "print(pixels.loaded, held() <= 2 * workers.count())\n"
        "workers.close()\n"
        "print(held())\n"
        "load(pixels.series, first=1)\n"
    )
    there = set(Path("/dev/shm").iterdir()) if Path("/dev/shm").is_dir() else set()
    done = subprocess.run(
        [sys.executable, "-P", "-W", "error", "-X", "dev", "-c", code],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.stdout.splitlines() == ["(0, 1, 2, 4, 5) True", "0"]
    assert done.stderr == ""
    assert done.returncode == 0
    if there:
        assert not any("scoutview" in path.name for path in set(Path("/dev/shm").iterdir()) - there)


def test_decoders_work_whatever_folder_the_program_runs_in(tmp_path: Path) -> None:
    folder = tmp_path / "ct"
    phantoms.ct(folder, transfer_syntax=JPEG_LS)
    # A module of that name in the working folder must not be taken for the library.
    (tmp_path / "imagecodecs.py").write_text("raise SystemExit(3)")
    root = Path(workers.__file__).parents[2]
    code = (
        f"import sys; sys.path.insert(0, {str(root)!r})\n"
        "from pathlib import Path\n"
        "from app.dicom.index import index\n"
        "from app.dicom.load import load\n"
        "from app.dicom.scan import scan\n"
        f"pixels = load(index(scan([Path({str(folder)!r})])).series()[0])\n"
        "print(pixels.loaded, int(pixels.stored.max()))\n"
    )
    done = subprocess.run(
        [sys.executable, "-P", "-c", code], cwd=tmp_path, capture_output=True, text=True, timeout=60, check=False
    )
    assert (done.stdout.strip(), done.stderr, done.returncode) == (f"(0, 1, 2) {phantoms.CORNER}", "", 0)


def test_a_codec_process_imports_no_more_than_it_needs() -> None:
    root = Path(workers.__file__).parents[2]
    code = f"import sys; sys.path.insert(0, {str(root)!r}); import app.dicom.worker; print('pydicom' in sys.modules)"
    done = subprocess.run([sys.executable, "-P", "-c", code], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.strip() == "False"


def test_scanning_compressed_files_warms_the_decoders(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    warmed: list[bool] = []
    monkeypatch.setattr(workers, "warm", lambda: warmed.append(True))
    phantoms.ct(tmp_path / "native")
    scan([tmp_path])
    assert warmed == []
    phantoms.ct(tmp_path / "packed", transfer_syntax=JPEG_LS, series="packed")
    scan([tmp_path])
    assert warmed == [True]
