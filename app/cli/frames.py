"""Just the frames that a command needs, and the window that the viewer would open them with."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from app.dicom.load import FrameState, SeriesPixels, Status, read_frame
from app.dicom.pixels import SAMPLED_SLICES, auto_window, default_voi
from app.errors import UnreadableFile, UsageError

if TYPE_CHECKING:
    from app.dicom.model import Series
    from app.dicom.voi import Voi


def require_frame(pixels: SeriesPixels, index: int) -> None:
    """Reads sorted frame ``index`` into ``pixels`` if it is not there. Raises ``UnreadableFile`` naming the file."""
    if pixels.is_loaded(index):
        return
    series = pixels.series
    try:
        pixels.stored[index] = read_frame(series, index)
    except UnreadableFile as error:
        pixels.mark(index, FrameState(Status.FAILED, error.why))
        why = error.why or error.what
        raise UnreadableFile(f"cannot read {series.instance_of(index).path}", why, error.what_now) from error
    pixels.mark(index, FrameState(Status.LOADED))


def series_voi(series: Series) -> Voi | None:
    """The window that the viewer opens ``series`` with; ``None`` for colour. Unreadable frames do not count."""
    if series.is_colour:
        return None
    # A set of its own: the percentiles are those of these slices, whatever else is loaded.
    sample = SeriesPixels(series)
    if all(sample.pipeline(index).default_window() is None for index in (0, len(series.frames) // 2)):
        last = len(series.frames) - 1
        for index in np.unique(np.linspace(0, last, min(SAMPLED_SLICES, last + 1)).round().astype(int)):
            try:
                require_frame(sample, int(index))
            except UnreadableFile:
                continue
    return default_voi(series, sample)


def named_voi(name: str | None, pixels: SeriesPixels, index: int) -> Voi | None:
    """``--window`` → what to display with, for sorted frame ``index``; ``None`` for colour.

    ``auto``: percentiles of the frame. ``dicom:n``: the file's n-th window, counted from 1, VOI LUTs after windows.
    Raises ``UsageError`` for a name that means nothing here.
    """
    series = pixels.series
    if series.is_colour or name is None:
        return series_voi(series)
    if name == "auto":
        return auto_window(pixels, index)
    if name == "dicom" or name.startswith("dicom:"):
        number = name.removeprefix("dicom").removeprefix(":") or "1"
        pipeline = pixels.pipeline(index)
        own: tuple[Voi, ...] = (*pipeline.windows, *pipeline.voi_luts)
        if not number.isdigit() or not 1 <= int(number) <= len(own):
            states = f"the file has {len(own)} windows" if own else "the file has no window"
            raise UsageError(f"--window {name}", states, f"Use dicom:1 to dicom:{len(own)}." if own else "Use auto.")
        return own[int(number) - 1]
    # Imported late for the sake of a quick start; it raises UsageError by itself.
    from app.core.presets import parse_window

    return parse_window(name)
