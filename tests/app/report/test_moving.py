"""Moving pictures: every frame, its time, and a file that is what it says."""

from __future__ import annotations

import struct
from io import BytesIO

import numpy as np
import pytest
from PIL import Image

from app.errors import OutputError
from app.report.moving import as_mp4, boxes, gif_bytes, gif_times, mp4_bytes
from inference.types import Cancelled

COUNT = 5


def grey(frame: int) -> Image.Image:
    """64 × 48, all greys, with a patch that says which frame it is."""
    values = np.add.outer(np.arange(48) * 3, np.arange(64) * 2).astype(np.uint8)
    values[8:24, 8:24] = 40 * frame
    return Image.fromarray(values)


def coloured(frame: int) -> Image.Image:
    return Image.merge("RGB", (grey(frame), grey(0), Image.new("L", (64, 48), 200)))


def test_a_gif_keeps_every_grey_of_every_frame() -> None:
    with Image.open(BytesIO(gif_bytes(grey, COUNT, 40.0))) as opened:
        assert opened.n_frames == COUNT
        for frame in range(COUNT):
            opened.seek(frame)
            assert opened.info["duration"] == 40
            assert np.array_equal(np.asarray(opened.convert("L")), np.asarray(grey(frame)))
        assert opened.info["loop"] == 0


def test_a_gif_of_colours_comes_near_them() -> None:
    with Image.open(BytesIO(gif_bytes(coloured, 2, 40.0))) as opened:
        opened.seek(1)
        shown = np.asarray(opened.convert("RGB")).astype(int)
        assert np.abs(shown - np.asarray(coloured(1)).astype(int)).mean() < 6


@pytest.mark.parametrize("frame_ms", [1000 / 30, 25.0, 66.7, 10.0, 8.3, 100.0])
def test_times_of_a_gif_add_up_to_those_of_the_frames(frame_ms: float) -> None:
    times = gif_times(60, frame_ms)
    assert sum(time for _, time in times) == pytest.approx(60 * frame_ms, abs=10)
    assert min(time for _, time in times) >= 20
    assert [frame for frame, _ in times] == sorted({frame for frame, _ in times})
    if frame_ms >= 20:
        assert len(times) == 60


def found(data: bytes) -> dict[bytes, int]:
    return {kind: start for kind, start, _ in boxes(data)}


def test_an_mp4_says_what_it_is_and_how_fast() -> None:
    data = mp4_bytes(coloured, COUNT, 1000 / 30)
    at = found(data)
    assert data[4:12] == b"ftypiso6"
    assert b"avi" not in data[: at[b"moov"]][:44]
    assert b"meta" not in at
    assert data[at[b"hdlr"] + 16 : at[b"hdlr"] + 20] == b"vide"
    scale, lasting = struct.unpack_from(">IQ", data, at[b"mdhd"] + 28)
    runs, count, each = struct.unpack_from(">III", data, at[b"stts"] + 12)
    assert (runs, count) == (1, COUNT)
    assert each / scale == pytest.approx(1 / 30, abs=1e-6)
    assert lasting == COUNT * each
    assert struct.unpack_from(">IQ", data, at[b"mvhd"] + 28) == (scale, lasting)
    (codec,) = struct.unpack_from(">4s", data, at[b"stsd"] + 16 + 4)
    assert codec == b"av01"


def test_the_frames_of_an_mp4_are_those_that_were_given() -> None:
    """Its samples are read by turning it back into the sequence it came from, with Pillow's decoder."""
    data = bytearray(mp4_bytes(coloured, COUNT, 50.0))
    at = found(data)
    length = int.from_bytes(data[:4], "big")
    data[8:length] = b"avis" + bytes(4) + (b"avisavifmsf1mif1miafiso8" * 2)[: length - 16]
    data[data.index(b"free") : data.index(b"free") + 4] = b"meta"
    data[at[b"hdlr"] + 16 : at[b"hdlr"] + 20] = b"pict"
    with Image.open(BytesIO(bytes(data))) as opened:
        assert opened.n_frames == COUNT
        for frame in range(COUNT):
            opened.seek(frame)
            shown = np.asarray(opened.convert("RGB"))[10:22, 10:22, 0].astype(int)
            assert shown.mean() == pytest.approx(40 * frame, abs=6)


def test_what_is_no_sequence_is_refused() -> None:
    still = BytesIO()
    grey(0).save(still, "AVIF")
    for data in (still.getvalue(), b"", b"\0\0\0\x08free"):
        with pytest.raises(OutputError, match="MP4"):
            as_mp4(data, 40.0)


@pytest.mark.parametrize("make", [gif_bytes, mp4_bytes])
def test_both_can_be_cancelled_between_frames(make) -> None:
    asked = []

    def tick(fraction: float) -> None:
        if fraction > 0.3:
            raise Cancelled

    def frame(number: int) -> Image.Image:
        asked.append(number)
        return grey(number)

    with pytest.raises(Cancelled):
        make(frame, COUNT, 40.0, tick)
    assert max(asked) < COUNT - 1
