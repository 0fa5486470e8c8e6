"""What a measurement says: lengths, angles, areas and statistics of modality values, in the unit the file allows.

Lengths follow the calibration (PS3.3 10.7.1.3): patient millimetres, "mm at detector" for a projection that only knows
its detector, pixels where nothing is known; the reader's own goes before all of them and is named. In ultrasound they
follow the region in which the measurement lies (PS3.3 C.8.5.5): a spectrum has seconds along x and cm/s along y, and no
lengths. Statistics are taken over the pixels whose centre lies inside the shape.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from app.core import outlines
from app.core.document import Measurement, MeasurementKind, Point
from app.core.lines import angle_between, axes, cobb
from app.core.scale import scale_of
from inference.types import Measure
from inference.volume import Calibration
from inference.words import say

if TYPE_CHECKING:
    from app.core.document import HandCalibration
    from app.core.scale import Scale
    from app.dicom.load import SeriesPixels
    from app.dicom.model import Series
    from app.dicom.pixels import Pipeline


@dataclass(frozen=True)
class Measured:
    """``values``: name → number with unit ("Length", "Long axis", "Short axis", "Angle", "Value", "Area", "Mean", "SD",
    "Min", "Max", "Pixels"). ``lines``: the same as text for a label."""

    values: dict[str, Measure]
    lines: tuple[str, ...]


def angle(scale: Scale, points: tuple[Point, Point, Point]) -> float:
    """Angle in degrees, 0–180, at the second point; NaN where a side has no length."""
    first, vertex, last = points
    return angle_between(scale.way(vertex, first), scale.way(vertex, last))


def region(measurement: Measurement, rows: int, columns: int) -> tuple[slice, slice, npt.NDArray[np.bool_]]:
    """Pixels of a region: row slice, column slice, and the mask inside them (centre-in-shape).

    Clipped to the image; the mask may be empty.
    """
    corners = np.asarray(measurement.points)
    (top, left), (bottom, right) = corners.min(axis=0), corners.max(axis=0)
    row_slice = slice(max(int(np.ceil(top)), 0), max(min(int(np.floor(bottom)) + 1, rows), 0))
    column_slice = slice(max(int(np.ceil(left)), 0), max(min(int(np.floor(right)) + 1, columns), 0))
    height = max(row_slice.stop - row_slice.start, 0)
    width = max(column_slice.stop - column_slice.start, 0)
    if measurement.kind in (MeasurementKind.POLYGON, MeasurementKind.FREEHAND):
        return row_slice, column_slice, outlines.inside(measurement.points, row_slice, column_slice)
    mask = np.ones((height, width), dtype=bool)
    if measurement.kind is MeasurementKind.ELLIPSE and mask.size:
        half_rows, half_columns = max((bottom - top) / 2, 1e-9), max((right - left) / 2, 1e-9)
        y = (np.arange(row_slice.start, row_slice.stop) - (top + bottom) / 2) / half_rows
        x = (np.arange(column_slice.start, column_slice.stop) - (left + right) / 2) / half_columns
        mask = y[:, None] ** 2 + x[None, :] ** 2 <= 1.0
    return row_slice, column_slice, mask


def area(scale: Scale, measurement: Measurement) -> float:
    """Area of the *drawn* shape, in ``scale.square_unit``: exact geometry, not a pixel count."""
    return _area(scale, measurement)[0]


def _area(scale: Scale, measurement: Measurement) -> tuple[float, bool]:
    """The area, and whether the outline passes through itself."""
    corners = np.asarray(measurement.points) * np.asarray(scale.spacing)
    if measurement.kind in (MeasurementKind.POLYGON, MeasurementKind.FREEHAND):
        return outlines.examined(corners)
    box = float(np.prod(np.abs(corners[1] - corners[0])))
    return box * float(np.pi) / 4 if measurement.kind is MeasurementKind.ELLIPSE else box, False


def _number(value: float) -> str:
    """Four significant figures at the least, no exponent, a real minus sign."""
    magnitude = abs(value)
    digits = 0 if magnitude >= 1000 else 1 if magnitude >= 10 or magnitude == 0 else 2 if magnitude >= 0.1 else 4
    return f"{value:.{digits}f}".replace("-", "\u2212")


def area_text(scale: Scale, value: float) -> str:
    """An area in cm² from 1 cm², in mm² below, "at detector" where that is all there is; or in pixels."""
    if scale.is_pixels:
        return f"{_number(value)} px²"
    size = f"{_number(value / 100)} cm²" if value >= 100 else f"{_number(value)} mm²"
    return say("{size} at detector", size=size) if scale.units[0] == Calibration.DETECTOR.value else size


def _length_text(scale: Scale, value: float) -> str:
    """A length in the unit of a scale that has lengths."""
    if scale.units[0] == Calibration.DETECTOR.value:
        return say("{size} at detector", size=f"{_number(value)} mm")
    return f"{_number(value)} {scale.units[0]}"


def measure(
    measurement: Measurement,
    series: Series,
    index: int,
    pixels: SeriesPixels,
    by_hand: HandCalibration | None = None,
) -> Measured:
    """Evaluates ``measurement`` on sorted frame ``index``. Statistics are left out while the frame has not arrived, and
    for colour images, whose values have no single meaning. ``by_hand``: the reader's own calibration of the image."""
    kind, points = measurement.kind, measurement.points
    if kind.is_note:
        return Measured({}, ())
    if kind is MeasurementKind.POINT:
        return _point(points[0], series, index, pixels)
    scale = scale_of(series, index, points, by_hand)
    if not scale.has_lengths:
        values, lines = _extent(scale, measurement)
    elif kind.is_region:
        values, lines = _size(scale, measurement)
    else:
        values, lines = _of_lines(scale, measurement)
    if scale.by_hand and kind not in (MeasurementKind.ANGLE, MeasurementKind.COBB):
        lines.append(say("calibrated by hand"))
    if scale.why and kind not in (MeasurementKind.ANGLE, MeasurementKind.COBB):
        lines.append(say("({why})", why=scale.why))
    statistics = region_statistics(measurement, series, index, pixels) if kind.is_region else None
    if statistics is not None:
        values |= statistics
        mean, sd, low, high = (statistics[name].value for name in ("Mean", "SD", "Min", "Max"))
        named = f" {series.unit}" if series.unit else ""
        lines.append(say("Mean {mean}{unit}   SD {sd}", mean=_number(mean), unit=named, sd=_number(sd)))
        lines.append(say("Min {low}   Max {high}", low=_number(low), high=_number(high)))
        for name, (world, spread) in _real_world_statistics(statistics).items():
            lines.append(
                say(
                    "Mean {quantity} {mean}   SD {sd}",
                    quantity=name.removeprefix("Mean "),
                    mean=f"{_number(world.value)} {world.unit}".rstrip(),
                    sd=_number(spread.value),
                )
            )
    return Measured(values, tuple(lines))


def _of_lines(scale: Scale, measurement: Measurement) -> tuple[dict[str, Measure], list[str]]:
    """Lengths and angles, where there are lengths."""
    kind, points = measurement.kind, measurement.points
    if kind is MeasurementKind.DISTANCE:
        length = scale.distance(*points)
        return {"Length": Measure(length, scale.unit)}, [_length_text(scale, length)]
    if kind is MeasurementKind.BIDIRECTIONAL:
        named = dict(zip(("Long axis", "Short axis"), axes(scale, points), strict=True))
        lengths = {name: Measure(length, scale.unit) for name, length in named.items()}
        long, short = (_length_text(scale, length) for length in named.values())
        return lengths, [say("Long {length}", length=long), say("Short {length}", length=short)]
    degrees = cobb(scale, points) if kind is MeasurementKind.COBB else angle(scale, _three(points))
    return {"Angle": Measure(degrees, "°")}, [f"{degrees:.1f}°" if np.isfinite(degrees) else "–"]


def _size(scale: Scale, measurement: Measurement) -> tuple[dict[str, Measure], list[str]]:
    """The area of a region, where there are lengths."""
    size, crosses = _area(scale, measurement)
    lines: list[str] = [say("Area {area}", area=area_text(scale, size))]
    if crosses:
        # What is crossed an even number of times is outside, in area and statistics alike.
        lines.append(say("The outline crosses itself"))
    return {"Area": Measure(size, scale.square_unit)}, lines


def _extent(scale: Scale, measurement: Measurement) -> tuple[dict[str, Measure], list[str]]:
    """How far a measurement reaches in each direction, where these are of different kinds: time and velocity."""
    if measurement.kind in (MeasurementKind.ANGLE, MeasurementKind.COBB):
        return {}, [say("No angle: the directions have different units")]
    if measurement.kind is MeasurementKind.BIDIRECTIONAL:
        return {}, [say("No diameters: the directions have different units")]
    reach = np.ptp(np.asarray(measurement.points), axis=0) * scale.spacing
    down, across = float(reach[0]), float(reach[1])
    values = {
        "Horizontal": Measure(across, scale.units[1].removesuffix(" horizontally")),
        "Vertical": Measure(down, scale.units[0].removesuffix(" vertically")),
    }
    return values, [
        say("{number} {unit}", number=_number(across), unit=scale.units[1]),
        say("{number} {unit}", number=_number(down), unit=scale.units[0]),
    ]


def _real_world_statistics(statistics: dict[str, Measure]) -> dict[str, tuple[Measure, Measure]]:
    """Mean and SD of each real-world value among ``statistics``, by what its mean is called."""
    return {
        name: (measure_, statistics[f"SD{name.removeprefix('Mean')}"])
        for name, measure_ in statistics.items()
        if name.startswith("Mean ")
    }


def _three(points: tuple[Point, ...]) -> tuple[Point, Point, Point]:
    first, vertex, last = points
    return first, vertex, last


def _point(point: Point, series: Series, index: int, pixels: SeriesPixels) -> Measured:
    """The value of the pixel that ``point`` lies in."""
    where, *said = probe(series, index, pixels, *point).split("   ")
    values = {}
    row, column = (int(np.floor(coordinate + 0.5)) for coordinate in point)
    if said and not series.is_colour:
        single = pixels.stored[index][row : row + 1, column : column + 1]
        stages = pixels.pipeline(index)
        padding = stages.padding_mask(single)
        if padding is None or not padding.all():
            values["Value"] = Measure(float(stages.modality(single)[0, 0]), series.unit)
    return Measured(values, (*said, where) if where else ())


def region_values(
    measurement: Measurement, series: Series, index: int, pixels: SeriesPixels
) -> npt.NDArray[np.float64] | None:
    """Modality values of the pixels whose centre lies inside a shape, one-dimensional and finite, padding left out;
    ``None`` where there are none, where the frame has not arrived and for colour."""
    found = _inside(measurement, series, index, pixels)
    if found is None:
        return None
    values = np.asarray(pixels.pipeline(index).modality(found), dtype=np.float64)
    values = values[np.isfinite(values)]
    return values if values.size else None


def _inside(
    measurement: Measurement, series: Series, index: int, pixels: SeriesPixels
) -> npt.NDArray[np.generic] | None:
    """Stored values inside a shape, one-dimensional, padding left out."""
    if series.is_colour or not pixels.is_loaded(index):
        return None
    rows, columns, mask = region(measurement, series.rows, series.columns)
    if not mask.any():
        return None
    stored = pixels.stored[index][rows, columns][mask]
    padding = pixels.pipeline(index).padding_mask(stored)
    if padding is not None:
        stored = stored[~padding]
    return stored if stored.size else None


def region_statistics(
    measurement: Measurement, series: Series, index: int, pixels: SeriesPixels
) -> dict[str, Measure] | None:
    """Mean, sample SD, min, max and pixel count of modality values inside a shape, padding left out; ``None`` where
    there is nothing to count.

    Where the file maps stored values to real-world ones, "Mean (T1)" and "SD (T1)" are those, beside the others; of the
    pixels that the mapping reaches.
    """
    stored = _inside(measurement, series, index, pixels)
    if stored is None:
        return None
    stages = pixels.pipeline(index)
    inside = np.asarray(stages.modality(stored), dtype=np.float64)
    inside = inside[np.isfinite(inside)]
    if not inside.size:
        return None
    statistics = {
        "Mean": Measure(float(inside.mean()), series.unit),
        "SD": Measure(_sd(inside), series.unit),
        "Min": Measure(float(inside.min()), series.unit),
        "Max": Measure(float(inside.max()), series.unit),
        "Pixels": Measure(float(inside.size), ""),
    }
    for one in stages.real_world:
        mapped = one.values(stored)
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
        return say("{where}   palette {entry}", where=where, entry=int(stored[r, c]))
    stages = pixels.pipeline(index)
    single = stored[r : r + 1, c : c + 1]
    padding = stages.padding_mask(single)
    if padding is not None and padding.all():
        return say("{where}   padding", where=where)
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
