"""How the values in a region go with time: mean and SD at each point of a 4-D series, or in each frame of a cine."""

from __future__ import annotations

import csv
import io
import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from app.core.measure import region_values
from inference.types import no_tick
from inference.words import say

if TYPE_CHECKING:
    from app.core.document import Measurement
    from app.dicom.load import SeriesPixels
    from app.dicom.model import Series
    from inference.types import Tick

Floats = npt.NDArray[np.float64]

_NUMBER = re.compile(r"\s*([-+]?\d+(?:[.,]\d+)?)\s*(\S*)\s*")


@dataclass(frozen=True, eq=False)
class TimeCurve:
    """One value a point. ``indices``: sorted frames. ``at``: where each lies, in ``at_unit`` on ``at_name``
    ("Time"/"s", "b-value"/"", "Frame"/""). ``mean``, ``sd`` (sample SD; 0 for a single pixel), in ``unit``, NaN where
    the frame has not arrived or the region is all padding. ``pixels``: how many were counted."""

    title: str
    indices: tuple[int, ...]
    at: Floats
    at_name: str
    at_unit: str
    mean: Floats
    sd: Floats
    pixels: npt.NDArray[np.int64]
    unit: str

    @property
    def at_label(self) -> str:
        """The name of the horizontal axis with its unit."""
        return f"{self.at_name} ({self.at_unit})" if self.at_unit else self.at_name

    def nearest(self, at: float) -> int:
        """The sorted frame that lies nearest to ``at``."""
        return self.indices[int(np.argmin(np.abs(self.at - at)))]


def why_no_curve(series: Series | None) -> str:
    """Half a sentence where a series has nothing to follow; empty where it has."""
    if series is None:
        return say("no series is open")
    if series.is_colour:
        return say("colours have no single value to follow")
    if series.axis is not None:
        return ""
    if series.frame_time_ms is None or len(series.frames) < 2:
        return say("the series has one image at each place")
    return ""


def frames_of(series: Series, index: int) -> tuple[int, ...]:
    """The sorted frames that lie where frame ``index`` does, in their order along the axis."""
    if series.axis is None:
        return tuple(range(len(series.frames)))
    slice_, _ = series.axis.place(index)
    row = series.axis.table[slice_]
    return tuple(int(frame) for frame in row[row >= 0])


def _places(series: Series, indices: tuple[int, ...]) -> tuple[Floats, str, str]:
    """Where the frames lie along the axis: values, name, unit."""
    axis = series.axis
    if axis is None:
        step = series.frame_time_ms
        count = np.arange(len(indices), dtype=np.float64)
        return (count * step / 1000, say("Time"), "s") if step else (count + 1, say("Frame"), "")
    name = axis.name[:1].upper() + axis.name[1:]
    stated = [_NUMBER.fullmatch(axis.values[index].replace("\u2212", "-")) for index in indices]
    units = {match[2] for match in stated if match is not None}
    if all(match is not None for match in stated) and len(units) == 1:
        values = np.array([float(match[1].replace(",", ".")) for match in stated if match is not None])
        if (np.diff(values) > 0).all():
            (unit,) = units
            if unit == "ms":
                values, unit = values / 1000, "s"
            return values, say("Time") if axis.is_time else name, unit
    points = np.array([axis.place(index)[1] for index in indices], dtype=np.float64)
    if axis.step_ms:
        return points * axis.step_ms / 1000, say("Time"), "s"
    return points + 1, name, ""


def time_curve(
    measurement: Measurement, series: Series, index: int, pixels: SeriesPixels, tick: Tick = no_tick
) -> TimeCurve:
    """Follows a region of sorted frame ``index`` through its place's frames. Raises ``ValueError`` with half a sentence
    where the series has nothing to follow, ``Cancelled`` from ``tick``."""
    reason = why_no_curve(series)
    if reason:
        raise ValueError(reason)
    indices = frames_of(series, index)
    at, name, unit = _places(series, indices)
    mean, sd = np.full(len(indices), np.nan), np.full(len(indices), np.nan)
    counted = np.zeros(len(indices), np.int64)
    for point, frame in enumerate(indices):
        tick(point / len(indices))
        values = region_values(measurement, series, frame, pixels)
        if values is not None:
            mean[point], counted[point] = values.mean(), values.size
            sd[point] = values.std(ddof=1) if values.size > 1 else 0.0
    title = measurement.name or measurement.kind.value
    return TimeCurve(title, indices, at, name, unit, mean, sd, counted, series.unit)


def csv_bytes(curve: TimeCurve) -> bytes:
    """The curve as a table for spreadsheets: UTF-8, comma-separated, a heading, one line a point; empty cells where
    there is no value. Holds no patient data."""
    text = io.StringIO()
    table = csv.writer(text, lineterminator="\r\n")
    unit = f" ({curve.unit})" if curve.unit else ""
    table.writerow(["Frame", curve.at_label, f"Mean{unit}", f"SD{unit}", "Pixels"])
    for frame, at, mean, sd, count in zip(curve.indices, curve.at, curve.mean, curve.sd, curve.pixels, strict=True):
        shown = ["" if np.isnan(value) else f"{value:.6g}" for value in (mean, sd)]
        table.writerow([frame + 1, f"{at:.6g}", *shown, int(count)])
    return text.getvalue().encode("utf-8-sig")
