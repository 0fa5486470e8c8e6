"""Moving pictures: GIF and MP4 from frames that are made one at a time.

**MP4 holds AV1**, encoded by libaom through Pillow's AVIF writer: BSD licences, and already here with Pillow. An AVIF
sequence and an MP4 are the same kind of box file (ISO/IEC 14496-12) around the same samples; what tells them
apart is the file's brands, the track's handler and the box of the still picture. These are rewritten in place, so that
no byte moves and no offset changes.
"""

from __future__ import annotations

import itertools
import math
import struct
from io import BytesIO
from typing import TYPE_CHECKING, Any

from PIL import Image, features

from app.errors import OutputError
from inference.types import no_tick
from inference.words import say

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from inference.types import Tick

GIF_SHORTEST_MS = 20.0
"""Programs play a GIF's shorter times at a tenth of a second: frames are left out instead, and the speed stays."""

QUALITY, SPEED = 80, 9
"""Of the AV1 encoder: no artefact that shows on tissue, and a few frames a second on one core."""


def gif_times(count: int, frame_ms: float) -> list[tuple[int, int]]:
    """Which frames a GIF shows and for how many milliseconds, (frame, time): GIF counts in hundredths of a second, so
    times are rounded in such a way that their sum stays true."""
    stride = max(1, math.ceil(GIF_SHORTEST_MS / frame_ms))
    shown = range(0, count, stride)
    ends = [min(frame + stride, count) * frame_ms for frame in shown]
    hundredths = [0, *(round(end / 10) for end in ends)]
    return [
        (frame, max(after - before, 2) * 10)
        for frame, (before, after) in zip(shown, itertools.pairwise(hundredths), strict=True)
    ]


def gif_bytes(make: Callable[[int], Image.Image], count: int, frame_ms: float, tick: Tick = no_tick) -> bytes:
    """A GIF that plays for ever. Grey frames keep their 256 greys exactly; coloured ones get 256 colours each."""
    times = gif_times(count, frame_ms)

    def frames() -> Iterator[Image.Image]:
        for done, (frame, _) in enumerate(times):
            tick(done / len(times))
            shown = make(frame)
            yield shown if shown.mode == "L" else shown.convert("P", palette=Image.Palette.ADAPTIVE, colors=256)

    every = frames()
    first = next(every)
    stream = BytesIO()
    # Frames that are alike become one that lasts as long as all of them. Without optimising, greys keep their places.
    lasting = [time for _, time in times]
    first.save(stream, "GIF", save_all=True, append_images=every, duration=lasting, loop=0, disposal=1, optimize=False)
    tick(1.0)
    return stream.getvalue()


class _Reel(Image.Image):
    """A sequence of RGB frames that Pillow's AVIF writer asks for one by one, so that they never lie in memory
    together."""

    def __init__(self, make: Callable[[int], Image.Image], count: int, tick: Tick) -> None:
        super().__init__()
        self._make, self.n_frames, self.is_animated, self._tick = make, count, count > 1, tick
        self._frame = make(0).convert("RGB")
        self._at = 0
        # How a plug-in of Pillow states what it holds.
        self._mode, self._size = self._frame.mode, self._frame.size

    def seek(self, frame: int) -> None:
        if frame >= self.n_frames:
            raise EOFError
        if frame != self._at:
            self._tick(frame / self.n_frames)
            self._at, self._frame = frame, self._make(frame).convert("RGB")

    def tell(self) -> int:
        return self._at

    def load(self) -> Any:
        return self._frame.load()

    def tobytes(self, encoder_name: str = "raw", *args: Any) -> bytes:
        return self._frame.tobytes(encoder_name, *args)


def why_no_mp4() -> str:
    """Half a sentence where this Pillow cannot encode AV1; empty where it can."""
    return "" if features.check("avif") else say("this build of Pillow has no AV1 encoder")


def mp4_bytes(make: Callable[[int], Image.Image], count: int, frame_ms: float, tick: Tick = no_tick) -> bytes:
    """An MP4 with one AV1 track at the frames' own speed. Raises ``OutputError`` where it cannot be encoded."""
    if why_no_mp4():
        raise OutputError(say("cannot make an MP4"), why_no_mp4(), say("Choose GIF."))
    stream = BytesIO()
    # Every frame one unit long; how long that is goes into the boxes, exactly.
    reel = _Reel(make, count, tick)
    reel.save(stream, "AVIF", save_all=True, duration=1, quality=QUALITY, speed=SPEED, subsampling="4:2:0")
    tick(1.0)
    return as_mp4(stream.getvalue(), frame_ms)


# -- boxes -------------------------------------------------------------------------------------------------------------

_CONTAINERS = (b"moov", b"trak", b"mdia", b"minf", b"stbl")
_NEEDED = (b"ftyp", b"moov", b"mvhd", b"tkhd", b"mdhd", b"hdlr", b"stts")
_BRANDS = (b"isom", b"iso6", b"av01", b"mp41", b"mp42")
_TICKS = 1_000_000
"""Units a second of the track's clock."""


def boxes(data: bytes | bytearray, start: int = 0, stop: int | None = None) -> Iterator[tuple[bytes, int, int]]:
    """The boxes within a range, those inside tracks and media after their own: (type, start, stop)."""
    stop = len(data) if stop is None else stop
    while start + 8 <= stop:
        size = int.from_bytes(data[start : start + 4], "big")
        head = 8
        if size == 1:
            size, head = int.from_bytes(data[start + 8 : start + 16], "big"), 16
        end = stop if size == 0 else min(start + size, stop)
        if end < start + head:
            return
        kind = bytes(data[start + 4 : start + 8])
        yield kind, start, end
        if kind in _CONTAINERS:
            yield from boxes(data, start + head, end)
        start = end


def as_mp4(sequence: bytes, frame_ms: float) -> bytes:
    """An AVIF image sequence whose frames last one unit each, as an MP4 that plays once with ``frame_ms`` for each:
    other brands, a video handler, no still picture. Raises ``OutputError`` for one that is not laid out as expected."""
    data = bytearray(sequence)
    found = {kind: start for kind, start, _ in boxes(data)}
    if not set(_NEEDED) <= set(found) or any(data[found[kind] + 8] != 1 for kind in (b"mvhd", b"tkhd", b"mdhd")):
        raise OutputError(say("cannot make an MP4"), say("the encoder wrote no moving picture"), say("Choose GIF."))
    brands = (int.from_bytes(data[:4], "big") - 16) // 4
    data[8 : 16 + 4 * brands] = b"iso6" + bytes(4) + b"".join((_BRANDS * brands)[:brands])
    for kind in (b"meta", b"edts"):
        # The still picture; and the list that asks for endless repetition.
        if kind in found:
            data[found[kind] + 4 : found[kind] + 8] = b"free"
    data[found[b"hdlr"] + 16 : found[b"hdlr"] + 20] = b"vide"
    runs, count = struct.unpack_from(">II", data, found[b"stts"] + 12)
    if runs != 1:
        raise OutputError(
            say("cannot make an MP4"), say("the encoder wrote frames of different lengths"), say("Choose GIF.")
        )
    frame = max(round(frame_ms * _TICKS / 1000), 1)
    struct.pack_into(">I", data, found[b"stts"] + 20, frame)
    struct.pack_into(">IQ", data, found[b"mdhd"] + 28, _TICKS, count * frame)
    struct.pack_into(">IQ", data, found[b"mvhd"] + 28, _TICKS, count * frame)
    struct.pack_into(">Q", data, found[b"tkhd"] + 36, count * frame)
    # Enabled, and part of the film.
    data[found[b"tkhd"] + 11] = 3
    return bytes(data)
