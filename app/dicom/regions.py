"""Ultrasound regions: what a pixel measures depends on where it lies (PS3.3 C.8.5.5).

One image may hold tissue in centimetres beside a spectrum in seconds and centimetres a second. A measurement takes the
calibration of the region that it lies in, and none where it lies in no region, or across two.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.dicom import header
from inference.words import say

if TYPE_CHECKING:
    from collections.abc import Sequence

    from pydicom import Dataset

_FORMATS = {1: "2-D", 2: "M-mode", 3: "spectral", 4: "waveform", 5: "graphics"}
_UNITS = {1: "%", 2: "dB", 3: "cm", 4: "s", 5: "Hz", 6: "dB/s", 7: "cm/s", 8: "cm²", 9: "cm²/s", 10: "cm³", 11: "cm³/s"}
_UNITS[12] = "°"
_LOW_PRIORITY = 1
"""Bit 0 of Region Flags (C.8.5.5.1.3): where regions overlap, the other one's pixels are shown."""
_EDGE = 0.5
"""A pixel's own half: its outer edge still belongs to the region."""


@dataclass(frozen=True)
class Region:
    """``left``, ``top``, ``right``, ``bottom``: first and last pixel, both inside. ``units``: along x and y, empty
    where not calibrated; ``deltas``: what one pixel is worth in them, along x and y, positive."""

    left: int
    top: int
    right: int
    bottom: int
    kind: str
    units: tuple[str, str]
    deltas: tuple[float, float]
    has_priority: bool = True

    @property
    def spacing_mm(self) -> tuple[float, float] | None:
        """(between rows, between columns) in mm where both directions are lengths in one plane."""
        if self.units != ("cm", "cm") or self.kind not in ("2-D", ""):
            return None
        return self.deltas[1] * 10, self.deltas[0] * 10

    @property
    def is_calibrated(self) -> bool:
        """Whether at least one direction means something."""
        return any(self.units)

    @property
    def size(self) -> int:
        """Pixels that it covers."""
        return (self.right - self.left + 1) * (self.bottom - self.top + 1)

    def holds(self, row: float, column: float) -> bool:
        """Whether a point of the image lies inside."""
        inside = self.left - _EDGE <= column <= self.right + _EDGE
        return inside and self.top - _EDGE <= row <= self.bottom + _EDGE


def regions_of(dataset: Dataset) -> tuple[Region, ...]:
    """The regions of an image, those that control overlaps first; empty for other images."""
    regions = [_region(dataset, item) for item in header.items(dataset, "SequenceOfUltrasoundRegions")]
    return tuple(sorted(regions, key=lambda region: (not region.has_priority, region.size)))


def _region(dataset: Dataset, item: Dataset) -> Region:
    # Where a region does not say where it lies, it is the whole image.
    whole = (0, 0, (header.integer(dataset, "Columns") or 1) - 1, (header.integer(dataset, "Rows") or 1) - 1)
    names = ("MinX0", "MinY0", "MaxX1", "MaxY1")
    stated = [header.integer(item, f"RegionLocation{name}") for name in names]
    left, top, right, bottom = (other if value is None else value for value, other in zip(stated, whole, strict=True))
    units, deltas = [], []
    for axis in "XY":
        unit = _UNITS.get(header.integer(item, f"PhysicalUnits{axis}Direction") or 0, "")
        delta = abs(header.number(item, f"PhysicalDelta{axis}") or 0.0)
        known = bool(unit) and delta > 0 and math.isfinite(delta)
        units.append(unit if known else "")
        deltas.append(delta if known else 0.0)
    return Region(
        left=min(left, right),
        top=min(top, bottom),
        right=max(left, right),
        bottom=max(top, bottom),
        kind=_FORMATS.get(header.integer(item, "RegionSpatialFormat") or 0, ""),
        units=(units[0], units[1]),
        deltas=(deltas[0], deltas[1]),
        has_priority=not (header.integer(item, "RegionFlags") or 0) & _LOW_PRIORITY,
    )


def region_at(regions: Sequence[Region], row: float, column: float) -> Region | None:
    """The region that says what a point means: of several the one with priority, then the smallest."""
    return next((region for region in regions if region.holds(row, column)), None)


def region_of(regions: Sequence[Region], points: Sequence[tuple[float, float]]) -> Region | str:
    """The region that calibrates a measurement through ``points`` (row, column); else why there is none."""
    own = [region_at(regions, row, column) for row, column in points]
    if any(region is None for region in own):
        return say("outside the calibrated regions")
    chosen = own[0]
    assert chosen is not None
    if any(region is not chosen for region in own):
        # A colour box within the tissue that shows it has the tissue's scale; two pictures side by side do not.
        around = next((r for r in regions if all(r.holds(row, column) for row, column in points)), None)
        if around is None or any(r is None or (r.units, r.deltas) != (around.units, around.deltas) for r in own):
            return say("across two regions")
        chosen = around
    return chosen if chosen.is_calibrated else say("the region has no calibration")
