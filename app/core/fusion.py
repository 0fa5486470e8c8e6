"""Fusion: the values of one series in colour over the planes of another, in the same frame of reference only."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from app.core.colour_maps import colour_map
from app.core.linking import is_aligned, place_of
from app.core.sampling import Grid, sample
from app.errors import UserError
from inference.types import no_tick
from inference.words import say

if TYPE_CHECKING:
    from app.core.linking import PlanePlace
    from app.core.mpr import Source
    from app.dicom.model import Series
    from inference.types import Tick

Float32 = npt.NDArray[np.float32]

SUV_TOP = 10.0
"""Where a map of SUV ends at first."""
_CLEAR = 0.25
"""The lower part of the map over which colour fades in, so that the anatomy under weak uptake stays readable."""


@dataclass(frozen=True)
class FusionStyle:
    """``map``: name of the colour map. ``opacity``: 0–1 at the top of the map. ``low``, ``high``: values at its ends,
    in the unit of the series."""

    map: str = "hot"
    opacity: float = 0.6
    low: float = 0.0
    high: float = SUV_TOP

    def __post_init__(self) -> None:
        if not (0.0 <= self.opacity <= 1.0 and self.high > self.low):
            raise ValueError(f"opacity {self.opacity} or range {self.low} to {self.high} cannot be used")


def refusal(under: Series, over: Series) -> str:
    """Why ``over`` cannot be laid over ``under``; empty where it can."""
    if over.key == under.key:
        return say("a series cannot be laid over itself")
    if over.is_colour:
        return say("it is in colour")
    if not is_aligned(under, over):
        if under.frame_of_reference_uid and over.frame_of_reference_uid:
            return say("the series have different frames of reference: nothing says how they lie to each other")
        return say("a series without a frame of reference lies nowhere in particular")
    return ""


def check(under: Series, over: Series) -> None:
    """Raises ``UserError`` where ``over`` cannot be laid over ``under``."""
    why = refusal(under, over)
    if why:
        raise UserError(say("Cannot fuse the series"), why, say("Show them side by side."))


def default_style(over: Source) -> FusionStyle:
    """SUV from 0 to 10; other values from 0 or their least up to the 99.9th percentile."""
    if over.series.unit.startswith("SUV"):
        return FusionStyle()
    values = over.values[:: max(len(over.values) // 16, 1)]
    mask = over.pipeline.padding_mask(values)
    kept = values[np.isfinite(values)] if mask is None else values[~mask & np.isfinite(values)]
    if kept.size == 0:
        return FusionStyle(high=1.0)
    ends = over.modality(np.percentile(kept, [0.1, 99.9]).astype(np.float32))
    low = min(0.0, float(ends.min()))
    return FusionStyle(low=low, high=max(float(ends.max()), low + 1e-6))


@dataclass(frozen=True, eq=False)
class FusedPlane:
    """``values``: float32, shape (rows, columns), in ``unit``, NaN outside the series. It lies over the shown image
    from image point (``top``, ``left``), the centre of its first value, ``step`` pixels of the image apart."""

    values: Float32
    top: float
    left: float
    step: tuple[float, float]
    unit: str


def fused_plane(
    over: Source,
    shown: PlanePlace,
    part: tuple[float, float, float, float],
    finest: float = 0.0,
    *,
    tick: Tick = no_tick,
) -> FusedPlane:
    """Values of ``over`` on the plane of the shown image.

    ``part``: (top, left, bottom, right) of the image that is on screen, in image points. ``finest``: mm that a screen
    pixel covers. Values are taken four times as densely as the voxels of ``over`` lie, no finer than the screen shows:
    interpolating between those is what interpolating the voxels would be.
    """
    lies = over.stack_grid
    top, left = max(part[0], -0.5), max(part[1], -0.5)
    bottom, right = min(part[2], shown.rows - 0.5), min(part[3], shown.columns - 0.5)
    mm = max(min(lies.pitch(shown.down), lies.pitch(shown.right)) / 4, finest, 1e-3)
    tall, wide = max(bottom - top, 0.0) * shown.spacing[0], max(right - left, 0.0) * shown.spacing[1]
    rows, columns = max(int(np.ceil(tall / mm)), 1) + 1, max(int(np.ceil(wide / mm)), 1) + 1
    grid = Grid(shown.point(top, left), shown.right, shown.down, (mm, mm), rows, columns)
    found = over.modality(sample(over.values, lies, grid, padding=over.gaps, tick=tick))
    return FusedPlane(found, top, left, (mm / shown.spacing[0], mm / shown.spacing[1]), over.series.unit)


def place_on(under: Series, index: int) -> PlanePlace:
    """The plane that fusion is drawn on. Raises ``UserError`` for an image without a position."""
    place = place_of(under, index)
    if place is None:
        raise UserError(say("Cannot fuse the series"), say("the image does not say where in the patient it lies"))
    return place


def coloured(values: Float32, style: FusionStyle) -> npt.NDArray[np.uint32]:
    """Premultiplied ARGB words, shape of ``values``: clear where there is no value and at the lower end."""
    part = (values - np.float32(style.low)) * np.float32(255 / (style.high - style.low))
    step = np.clip(np.where(np.isnan(part), np.float32(0), part), 0, 255).astype(np.uint8)
    found = np.take(table(style), step)
    found[np.isnan(values)] = 0
    return found


def table(style: FusionStyle) -> npt.NDArray[np.uint32]:
    """The 256 colours of a style as premultiplied ARGB words."""
    colours = colour_map(style.map).table.astype(np.float64)
    alpha = style.opacity * np.clip(np.arange(256) / (255 * _CLEAR), 0.0, 1.0)
    channels = np.rint(colours * alpha[:, np.newaxis]).astype(np.uint32)
    words = np.rint(255 * alpha).astype(np.uint32) << 24
    return np.asarray(words | channels[:, 0] << 16 | channels[:, 1] << 8 | channels[:, 2], dtype=np.uint32)
