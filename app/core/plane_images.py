"""A plane that something was measured on, cut again: its pixels, and what lies over them. For lists and reports."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from app.core.mpr import Planes, frames_at, plane_stack, planes, source
from app.core.plane_objects import labels_of, layer_on, overlay_on, solid
from app.core.sampling import Projection, Slab
from app.errors import UserError
from inference.types import no_tick
from inference.words import say

if TYPE_CHECKING:
    from collections.abc import Iterable

    from app.core.document import Document, Measurement, Overlay, Place
    from app.core.layers import Layer
    from app.core.mpr import Source
    from app.dicom.load import SeriesPixels
    from app.dicom.model import Series
    from inference.types import Tick


@dataclass(frozen=True, eq=False)
class PlaneImage:
    """Plane ``index`` of ``held``, cut at full resolution, at ``place``."""

    place: Place
    held: Planes
    index: int

    @property
    def series(self) -> Series:
        """The planes as a series of its own."""
        return self.held.series

    @property
    def pixels(self) -> SeriesPixels:
        """Their pixels; this plane's are there."""
        return self.held.pixels


def volume_of(place: Place, series: Series, pixels: SeriesPixels, tick: Tick = no_tick) -> Source:
    """What the plane at ``place`` is cut from: the images of ``series`` at its point of the fourth axis.

    Raises ``UserError`` where there is no volume, or images are missing.
    """
    nearest = replace(place, plane=None).index_in(series)
    return source(series, pixels, None if nearest is None else frames_at(series, nearest), tick=tick)


def plane_image(origin: Source, place: Place, tick: Tick = no_tick) -> PlaneImage:
    """The plane at ``place``, cut from ``origin``. Raises ``UserError`` where that has no such plane."""
    wanted = place.plane
    if wanted is None:
        raise ValueError("the place is an image, not a plane")
    axes = (np.array(wanted.advance), np.array(wanted.down), np.array(wanted.right))
    stack = plane_stack(origin.stack_grid, *axes)
    held = planes(origin, stack, wanted.name, Slab(wanted.thickness, Projection(wanted.projection)))
    index = place.index_in(held.series)
    if index is None:
        raise UserError(say("A plane cannot be cut again"), say("the images are not those that it was cut from"))
    if not held.pixels.is_fine(index):
        held.pixels.put(index, held.pixels.cut(index, tick=tick))
    return PlaneImage(place, held, index)


@dataclass(frozen=True, eq=False)
class KeptPlane:
    """The same without its volume: ``series`` of one plane, whose ``pixels`` are in memory."""

    series: Series
    pixels: SeriesPixels


def kept_plane(place: Place, series: Series, pixels: SeriesPixels, tick: Tick = no_tick) -> KeptPlane:
    """The plane at ``place`` through ``series``. Raises what ``volume_of`` and ``plane_image`` raise."""
    image = plane_image(volume_of(place, series, pixels, tick), place, tick)
    alone = image.held.pixels.alone(image.index)
    return KeptPlane(alone.series, alone)


def places_of(measurements: Iterable[Measurement], series: Series) -> tuple[Place, ...]:
    """The planes through ``series`` that hold any of the measurements, each once."""
    found: list[Place] = []
    for measurement in measurements:
        place = measurement.place
        through = place.plane is not None and (place.series_uid, place.stack) == series.key
        if through and not any(place.is_same(other) for other in found):
            found.append(place)
    return tuple(found)


def plane_images(
    document: Document, series: Series, pixels: SeriesPixels, tick: Tick = no_tick
) -> tuple[PlaneImage, ...]:
    """Every plane through ``series`` that is measured on; those that cannot be cut again are left out."""
    found = []
    origins: dict[tuple[str, int], Source] = {}
    for place in places_of(document.measurements, series):
        try:
            # One volume for each time point: neighbours may name different frames of the same one.
            nearest = replace(place, plane=None).index_in(series)
            frames = None if nearest is None else frames_at(series, nearest)
            key = (str(frames), 0)
            if key not in origins:
                origins[key] = volume_of(place, series, pixels, tick)
            found.append(plane_image(origins[key], place, tick))
        except UserError:
            continue
    return tuple(found)


def document_on(image: PlaneImage, document: Document) -> Document:
    """``document`` with a model's overlays as the plane cuts them, for drawing the plane."""
    origin = image.held.pixels.source
    cut: list[Overlay] = [
        overlay_on(one, labels_of(one, origin), image.series, image.held.pixels, image.index)
        for one in document.overlays_on(origin.series)
    ]
    return replace(document, overlays=tuple(one for one in cut if one.indices))


def layers_on(image: PlaneImage, layers: Iterable[Layer], tick: Tick = no_tick) -> tuple[Layer, ...]:
    """Segments and structures as the plane cuts them."""
    origin = image.held.pixels.source
    return tuple(layer_on(solid(layer, origin, tick), image.series, image.held.pixels, image.index) for layer in layers)
