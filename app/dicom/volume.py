"""Loaded pixels as the one image type that inference knows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from app.dicom.load import SeriesPixels, Status
from app.dicom.pixels import frame_window, pipeline, window_between
from app.errors import UnreadableFile
from inference.volume import Volume
from inference.words import say

if TYPE_CHECKING:
    from app.dicom.model import Series
    from app.dicom.pixels import Pipeline
    from app.dicom.voi import Voi

_LUMA = np.array([0.299, 0.587, 0.114], dtype=np.float32)


def volume(series: Series, pixels: SeriesPixels) -> Volume:
    """Modality values of the whole stack, float32, shape (slices, rows, columns), in ``series.unit``.

    Colour becomes its luminance. Raises ``UnreadableFile`` where a frame is missing: a volume with holes would be
    measured as if it had none.
    """
    missing = [i for i in range(len(pixels)) if not pixels.is_loaded(i)]
    if missing:
        state = pixels.state(missing[0])
        file = series.instance_of(missing[0]).path.name
        why = (
            say("{file}: {reason}", file=file, reason=state.reason)
            if state.status is Status.FAILED
            else say("it has not been loaded completely")
        )
        raise UnreadableFile(
            say(
                "Cannot use the series: {missing} of {all} images are missing",
                missing=len(missing),
                all=len(pixels),
            ),
            why,
        )
    voxels = np.empty((len(pixels), series.rows, series.columns), np.float32)
    for index in range(len(pixels)):
        voxels[index] = _values(pixels, index)
    return Volume(voxels, series.affine, series.pixel_spacing, series.calibration, series.unit)


def _values(pixels: SeriesPixels, index: int) -> npt.NDArray[np.float32]:
    one = pixels.pipeline(index)
    if one.is_colour:
        rgb = one.display(pixels.stored[index], window_between(0.0, 255.0))
        return np.asarray(rgb.astype(np.float32) @ _LUMA)
    return one.modality(pixels.stored[index])


def presentation_image(series: Series, pixels: SeriesPixels | npt.NDArray[np.generic], index: int) -> Volume:
    """One frame as radiograph models read it: shape (1, rows, columns), float32 0–1, bright means dense.

    The file's window or VOI LUT where it has one, else the percentiles of the frame; then the image's own inversion,
    so that a MONOCHROME1 radiograph looks like any other. Padding is 0, colour becomes its luminance. ``pixels``: the
    loaded series, or the frame's stored values.
    """
    if isinstance(pixels, SeriesPixels):
        stored, one = pixels.stored[index], pixels.pipeline(index)
    else:
        stored, one = pixels, pipeline(series, index)
    if one.is_colour:
        values = one.display(stored, window_between(0.0, 255.0)).astype(np.float32) @ _LUMA / np.float32(255)
    else:
        values = _presentation(one, stored, one.default_window() or frame_window(one, stored))
    return Volume(values[None], None, series.pixel_spacing, series.calibration, "presentation")


def _presentation(one: Pipeline, stored: npt.NDArray[np.generic], voi: Voi) -> npt.NDArray[np.float32]:
    """``one.presentation`` as float32; through a table of all stored values where there are fewer of them than
    pixels."""
    if stored.dtype.kind not in "iu" or stored.dtype.itemsize > 2 or stored.size <= 2 ** (8 * stored.dtype.itemsize):
        return one.presentation(stored, voi).astype(np.float32)
    limits = np.iinfo(stored.dtype.name)
    every = np.arange(limits.min, limits.max + 1, dtype=np.int32).astype(stored.dtype)
    table = one.presentation(every, voi).astype(np.float32)
    return np.asarray(np.take(table, stored.astype(np.int32) - np.int32(limits.min)))
