"""What a pixel is worth where a measurement lies, and in which unit: by the file's calibration, or the reader's own."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from app.core.document import HandCalibration
from app.dicom.regions import region_of, regions_of
from inference.volume import Calibration
from inference.words import say

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.core.document import Place, Point
    from app.dicom.model import Series

BY_HAND = ", calibrated by hand"
"""Follows the unit of every length and area that rests on the reader's own calibration."""
_PIXELS = (1.0, 1.0)


@dataclass(frozen=True)
class Scale:
    """What pixels are worth where a measurement lies. ``spacing``: (between rows, between columns) in ``units``, those
    of (y, x). ``why``: half a sentence for the reader where lengths are in pixels though the file has a scale.
    ``by_hand``: the reader said what a pixel measures."""

    spacing: tuple[float, float]
    units: tuple[str, str] = (Calibration.NONE.value, Calibration.NONE.value)
    calibration: Calibration = Calibration.NONE
    why: str = ""
    by_hand: bool = False

    @property
    def has_lengths(self) -> bool:
        """Both directions are lengths in one unit, so that distances, angles and areas mean something."""
        return self.units[0] == self.units[1]

    @property
    def is_pixels(self) -> bool:
        """Nothing is known: lengths are in pixels."""
        return self.calibration is Calibration.NONE

    @property
    def unit(self) -> str:
        """``"mm"``, ``"mm at detector"``, ``"mm, calibrated by hand"`` or ``"px"``, where there are lengths."""
        return f"{self.units[0]}{BY_HAND}" if self.by_hand else self.units[0]

    @property
    def square_unit(self) -> str:
        """The unit of areas: ``"mm²"``, ``"mm² at detector"``, ``"px²"``."""
        return "px²" if self.is_pixels else self.unit.replace("mm", "mm²", 1)

    def way(self, a: Point, b: Point) -> tuple[float, float]:
        """From ``a`` to ``b``: (down the rows, along the columns) in ``units``."""
        return (b[0] - a[0]) * self.spacing[0], (b[1] - a[1]) * self.spacing[1]

    def distance(self, a: Point, b: Point) -> float:
        """Length of a–b in ``unit``, where there are lengths."""
        return float(np.hypot(*self.way(a, b)))


def scale_of(series: Series, index: int, points: Sequence[Point], by_hand: HandCalibration | None = None) -> Scale:
    """The scale of a measurement through ``points`` on sorted frame ``index``. The reader's own calibration goes before
    the file's; in ultrasound only where the scale is that of its line, and never where a direction is no length."""
    scale = _of_file(series, index, points)
    if by_hand is None or not scale.has_lengths:
        return scale
    if _of_file(series, index, by_hand.points).spacing != scale.spacing:
        # Two regions of one image may be magnified differently: the line speaks for its own alone.
        return scale
    unit = Calibration.PATIENT.value
    return Scale(by_hand.spacing, (unit, unit), Calibration.PATIENT, by_hand=True)


def is_uniform(series: Series, index: int) -> bool:
    """Whether one scale holds all over the image, so that a bar may stand for it."""
    return series.pixel_spacing is not None or not regions_of(series.instance_of(index).header)


def _of_file(series: Series, index: int, points: Sequence[Point]) -> Scale:
    regions = regions_of(series.instance_of(index).header)
    if not regions:
        unit = series.calibration.value
        return Scale(series.pixel_spacing or _PIXELS, (unit, unit), series.calibration)
    region = region_of(regions, points)
    if isinstance(region, str):
        return Scale(_PIXELS, why=region)
    if region.spacing_mm is not None:
        patient = Calibration.PATIENT
        return Scale(region.spacing_mm, (patient.value, patient.value), patient)
    (width, x), (height, y) = (_direction(delta, unit) for delta, unit in zip(region.deltas, region.units, strict=True))
    return Scale((height, width), (say("{y} vertically", y=y), say("{x} horizontally", x=x)))


def _direction(delta: float, unit: str) -> tuple[float, str]:
    """What a pixel is worth in one direction of a region, lengths in mm."""
    if not unit:
        return 1.0, Calibration.NONE.value
    return (delta * 10, "mm") if unit == "cm" else (delta, unit)


def shape_of(series: Series, index: int, points: Sequence[Point]) -> Scale:
    """A scale that is right for angles on the image: square pixels where the directions are of different kinds."""
    scale = _of_file(series, index, points)
    return scale if scale.has_lengths else Scale(_PIXELS)


def calibrated_by(
    identifier: str, series: Series, place: Place, points: Sequence[Point], length_mm: float, *, whole_stack: bool
) -> HandCalibration:
    """The calibration by a line of ``points`` (two) that is ``length_mm`` long in truth.

    The shape of a pixel is the file's, or square. Raises ``ValueError`` for a line or a length of nothing, a line that
    lies where a direction is no length, and a place that is not in ``series``.
    """
    index = place.index_in(series)
    start, end = points
    scale = None if index is None else _of_file(series, index, points)
    if scale is None or not scale.has_lengths:
        raise ValueError("a calibration needs a line where both directions are lengths")
    drawn = scale.distance(start, end)
    if not (np.isfinite(length_mm) and length_mm > 0 and drawn > 0):
        raise ValueError("a calibration needs a line and a length that are longer than nothing")
    factor = length_mm / drawn
    spacing = scale.spacing[0] * factor, scale.spacing[1] * factor
    return HandCalibration(identifier, place, (start, end), float(length_mm), spacing, whole_stack)


def calibration_remark(by_hand: HandCalibration) -> str:
    """What the reader's own calibration says of itself, on screen and in reports."""
    where = say("all images of this series") if by_hand.whole_stack else say("this image")
    return say(
        "Lengths calibrated by hand: a drawn line was said to be {length_mm:g} mm long ({where}).",
        length_mm=by_hand.length_mm,
        where=where,
    )
