"""What a measurement says: lengths, angles, areas and statistics of modality values, in the unit the file allows.

Lengths follow the calibration (PS3.3 10.7.1.3): patient millimetres, "mm at detector" for a projection that only knows
its detector, pixels where nothing is known. In ultrasound they follow the region in which the measurement lies (PS3.3
C.8.5.5): a spectrum has seconds along x and cm/s along y, and no lengths. Statistics are taken over the pixels whose
centre lies inside the shape.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from app.core.document import Measurement, MeasurementKind, Point
from app.dicom.regions import region_of, regions_of
from inference.types import Measure
from inference.volume import Calibration

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.dicom.load import SeriesPixels
    from app.dicom.model import Series
    from app.dicom.pixels import Pipeline

_FALLBACK_SPACING = (1.0, 1.0)


@dataclass(frozen=True)
class Measured:
    """``values``: name → number with unit ("Length", "Angle", "Area", "Mean", "SD", "Min", "Max", "Pixels").
    ``lines``: the same as text for a label."""

    values: dict[str, Measure]
    lines: tuple[str, ...]


@dataclass(frozen=True)
class Scale:
    """What pixels are worth where a measurement lies. ``spacing``: (between rows, between columns) in ``units``, those
    of (y, x). ``why``: half a sentence for the reader where lengths are in pixels though the file has a scale."""

    spacing: tuple[float, float]
    units: tuple[str, str]
    calibration: Calibration
    why: str = ""

    @property
    def has_lengths(self) -> bool:
        """Both directions are lengths in one unit, so that distances, angles and areas mean something."""
        return self.units[0] == self.units[1]

    @property
    def unit(self) -> str:
        """``"mm"``, ``"mm at detector"`` or ``"px"``, where there are lengths."""
        return self.units[0]


def scale_of(series: Series, index: int, points: Sequence[Point]) -> Scale:
    """The scale of a measurement through ``points`` on sorted frame ``index``."""
    regions = regions_of(series.instance_of(index).header)
    if not regions:
        unit = series.calibration.value
        return Scale(series.pixel_spacing or _FALLBACK_SPACING, (unit, unit), series.calibration)
    region = region_of(regions, points)
    pixels = Calibration.NONE.value
    if isinstance(region, str):
        return Scale(_FALLBACK_SPACING, (pixels, pixels), Calibration.NONE, region)
    if region.spacing_mm is not None:
        patient = Calibration.PATIENT
        return Scale(region.spacing_mm, (patient.value, patient.value), patient)
    (width, x), (height, y) = (_direction(delta, unit) for delta, unit in zip(region.deltas, region.units, strict=True))
    return Scale((height, width), (f"{y} vertically", f"{x} horizontally"), Calibration.NONE)


def _direction(delta: float, unit: str) -> tuple[float, str]:
    """What a pixel is worth in one direction of a region, lengths in mm."""
    if not unit:
        return 1.0, Calibration.NONE.value
    return (delta * 10, "mm") if unit == "cm" else (delta, unit)


def distance(scale: Scale, a: Point, b: Point) -> float:
    """Length of a–b in the scale's unit."""
    rows, columns = scale.spacing
    return float(np.hypot((a[0] - b[0]) * rows, (a[1] - b[1]) * columns))


def angle(scale: Scale, points: tuple[Point, Point, Point]) -> float:
    """Angle in degrees, 0–180, at the second point; NaN where a side has no length."""
    vertex = np.array(points[1])
    first, second = ((np.array(p) - vertex) * np.array(scale.spacing) for p in (points[0], points[2]))
    lengths = float(np.linalg.norm(first) * np.linalg.norm(second))
    if lengths == 0:
        return float("nan")
    # atan2 of cross and dot keeps its precision near 0° and 180°, where arccos loses half the digits.
    cross = abs(float(first[0] * second[1] - first[1] * second[0]))
    return float(np.degrees(np.arctan2(cross, float(first @ second))))


def region(measurement: Measurement, rows: int, columns: int) -> tuple[slice, slice, npt.NDArray[np.bool_]]:
    """Pixels of a rectangle or ellipse: row slice, column slice, and the mask inside them (centre-in-shape).

    Clipped to the image; the mask may be empty.
    """
    (r0, c0), (r1, c1) = measurement.points
    top, bottom, left, right = min(r0, r1), max(r0, r1), min(c0, c1), max(c0, c1)
    row_slice = slice(max(int(np.ceil(top)), 0), max(min(int(np.floor(bottom)) + 1, rows), 0))
    column_slice = slice(max(int(np.ceil(left)), 0), max(min(int(np.floor(right)) + 1, columns), 0))
    height = max(row_slice.stop - row_slice.start, 0)
    width = max(column_slice.stop - column_slice.start, 0)
    mask = np.ones((height, width), dtype=bool)
    if measurement.kind is MeasurementKind.ELLIPSE and mask.size:
        half_rows, half_columns = max((bottom - top) / 2, 1e-9), max((right - left) / 2, 1e-9)
        y = (np.arange(row_slice.start, row_slice.stop) - (top + bottom) / 2) / half_rows
        x = (np.arange(column_slice.start, column_slice.stop) - (left + right) / 2) / half_columns
        mask = y[:, None] ** 2 + x[None, :] ** 2 <= 1.0
    return row_slice, column_slice, mask


def area(scale: Scale, measurement: Measurement) -> float:
    """Area of the *drawn* shape, in the square of the scale's unit: exact geometry, not a pixel count."""
    (r0, c0), (r1, c1) = measurement.points
    rows, columns = scale.spacing
    box = abs(r1 - r0) * rows * abs(c1 - c0) * columns
    return float(box * np.pi / 4 if measurement.kind is MeasurementKind.ELLIPSE else box)


def _number(value: float) -> str:
    """Four significant figures at the least, no exponent, a real minus sign."""
    magnitude = abs(value)
    digits = 0 if magnitude >= 1000 else 1 if magnitude >= 10 or magnitude == 0 else 2 if magnitude >= 0.1 else 4
    return f"{value:.{digits}f}".replace("-", "\u2212")


def area_text(scale: Scale, value: float) -> str:
    """An area in cm² from 1 cm², in mm² below, "at detector" where that is all there is, or in pixels."""
    if scale.calibration is Calibration.NONE:
        return f"{_number(value)} px²"
    suffix = " at detector" if scale.calibration is Calibration.DETECTOR else ""
    return f"{_number(value / 100)} cm²{suffix}" if value >= 100 else f"{_number(value)} mm²{suffix}"


def measure(measurement: Measurement, series: Series, index: int, pixels: SeriesPixels) -> Measured:
    """Evaluates ``measurement`` on sorted frame ``index``. Statistics are left out while the frame has not arrived, and
    for colour images, whose values have no single meaning."""
    scale = scale_of(series, index, measurement.points)
    if not scale.has_lengths:
        values, lines = _extent(scale, measurement)
    elif measurement.kind is MeasurementKind.DISTANCE:
        length = distance(scale, *measurement.points)
        values, lines = {"Length": Measure(length, scale.unit)}, [f"{_number(length)} {scale.unit}"]
    elif measurement.kind is MeasurementKind.ANGLE:
        first, vertex, last = measurement.points
        degrees = angle(scale, (first, vertex, last))
        values, lines = {"Angle": Measure(degrees, "°")}, [f"{degrees:.1f}°"]
    else:
        size = area(scale, measurement)
        square = "px²" if scale.calibration is Calibration.NONE else scale.unit.replace("mm", "mm²", 1)
        values, lines = {"Area": Measure(size, square)}, [f"Area {area_text(scale, size)}"]
    if scale.why and measurement.kind is not MeasurementKind.ANGLE:
        lines.append(f"({scale.why})")
    if measurement.kind in (MeasurementKind.DISTANCE, MeasurementKind.ANGLE):
        return Measured(values, tuple(lines))
    statistics = region_statistics(measurement, series, index, pixels)
    if statistics is not None:
        values |= statistics
        mean, sd, low, high = (statistics[name].value for name in ("Mean", "SD", "Min", "Max"))
        named = f" {series.unit}" if series.unit else ""
        lines.append(f"Mean {_number(mean)}{named}   SD {_number(sd)}")
        lines.append(f"Min {_number(low)}   Max {_number(high)}")
        for name, (world, spread) in _real_world_statistics(statistics).items():
            lines.append(f"{name} {_number(world.value)} {world.unit}".rstrip() + f"   SD {_number(spread.value)}")
    return Measured(values, tuple(lines))


def _extent(scale: Scale, measurement: Measurement) -> tuple[dict[str, Measure], list[str]]:
    """How far a measurement reaches in each direction, where these are of different kinds: time and velocity."""
    if measurement.kind is MeasurementKind.ANGLE:
        return {}, ["No angle: the directions have different units"]
    (r0, c0), (r1, c1) = measurement.points
    across, down = abs(c1 - c0) * scale.spacing[1], abs(r1 - r0) * scale.spacing[0]
    values = {
        "Horizontal": Measure(across, scale.units[1].removesuffix(" horizontally")),
        "Vertical": Measure(down, scale.units[0].removesuffix(" vertically")),
    }
    return values, [f"{_number(across)} {scale.units[1]}", f"{_number(down)} {scale.units[0]}"]


def _real_world_statistics(statistics: dict[str, Measure]) -> dict[str, tuple[Measure, Measure]]:
    """Mean and SD of each real-world value among ``statistics``, by what its mean is called."""
    return {
        name: (measure_, statistics[f"SD{name.removeprefix('Mean')}"])
        for name, measure_ in statistics.items()
        if name.startswith("Mean ")
    }


def region_statistics(
    measurement: Measurement, series: Series, index: int, pixels: SeriesPixels
) -> dict[str, Measure] | None:
    """Mean, sample SD, min, max and pixel count of modality values inside a shape, padding left out; ``None`` where
    there is nothing to count.

    Where the file maps stored values to real-world ones, "Mean (T1)" and "SD (T1)" are those, beside the others; of the
    pixels that the mapping reaches.
    """
    if series.is_colour or not pixels.is_loaded(index):
        return None
    rows, columns, mask = region(measurement, series.rows, series.columns)
    if not mask.any():
        return None
    stored = pixels.stored[index][rows, columns]
    stages = pixels.pipeline(index)
    padding = stages.padding_mask(stored)
    if padding is not None:
        mask = mask & ~padding
        if not mask.any():
            return None
    inside = stages.modality(stored)[mask].astype(np.float64)
    statistics = {
        "Mean": Measure(float(inside.mean()), series.unit),
        "SD": Measure(_sd(inside), series.unit),
        "Min": Measure(float(inside.min()), series.unit),
        "Max": Measure(float(inside.max()), series.unit),
        "Pixels": Measure(float(inside.size), ""),
    }
    for one in stages.real_world:
        mapped = one.values(stored[mask])
        mapped = mapped[np.isfinite(mapped)]
        name = f" ({one.name or 'real world'})"
        if mapped.size and f"Mean{name}" not in statistics:
            statistics[f"Mean{name}"] = Measure(float(mapped.mean()), one.unit)
            statistics[f"SD{name}"] = Measure(_sd(mapped), one.unit)
    return statistics


def _sd(values: npt.NDArray[np.float64]) -> float:
    """Sample standard deviation; 0 of a single value."""
    return float(values.std(ddof=1)) if values.size > 1 else 0.0


def probe(series: Series, index: int, pixels: SeriesPixels, row: float, column: float) -> str:
    """The value under a point of the image, with its unit: ``"x 120  y 87   −642 HU"``; empty outside the image or
    while the frame has not arrived. x counts columns and y rows, both from 0. Real-world values follow after ``=``."""
    r, c = int(np.floor(row + 0.5)), int(np.floor(column + 0.5))
    if not (0 <= r < series.rows and 0 <= c < series.columns) or not pixels.is_loaded(index):
        return ""
    where = f"x {c}  y {r}"
    stored = pixels.stored[index]
    if series.is_colour:
        if stored.ndim == 3:
            red, green, blue = (int(v) for v in stored[r, c])
            return f"{where}   RGB {red} {green} {blue}"
        return f"{where}   palette {int(stored[r, c])}"
    stages = pixels.pipeline(index)
    single = stored[r : r + 1, c : c + 1]
    padding = stages.padding_mask(single)
    if padding is not None and padding.all():
        return f"{where}   padding"
    value = float(stages.modality(single)[0, 0])
    text = f"{value:.0f}".replace("-", "\u2212") if value == round(value) else _number(value)
    return "   ".join([f"{where}   {text} {series.unit}".rstrip(), *_real_world_texts(stages, single)])


def _real_world_texts(stages: Pipeline, single: npt.NDArray[Any]) -> list[str]:
    """``"1.234 ms (T1)"`` for each mapping that reaches the one pixel of ``single``."""
    texts = []
    for one in stages.real_world:
        value = float(one.values(single)[0, 0])
        if np.isfinite(value):
            name = f" ({one.name})" if one.name else " (real world)"
            texts.append(f"= {_number(value)} {one.unit}".rstrip() + name)
    return texts
