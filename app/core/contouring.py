"""Contours of a structure set on the frames of a stack.

A contour that lies in the plane of the images is drawn on the nearest of them, within half the way to the next. One
that lies in another plane is filled there and shown where the images cut it.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from app.core import raster
from app.core.lattice import Lattice, Planes, half_gaps, normal_of
from app.core.layers import Layer, Outline, Region
from inference.types import Tick, no_tick
from inference.words import say, say_n

if TYPE_CHECKING:
    from app.dicom.model import Series
    from app.dicom.structures import Contour, Structure, StructureSet

FloatArray = npt.NDArray[np.float64]

_TILTED_MM = 0.2
"""A contour whose points lie further apart than this along the images' normal is in another plane."""
_SAME_PLACE_MM = 0.01
_MAX_SIDE = 2048
_FINER = 4
"""How much finer than the images contours of another plane are filled: edges are off by an eighth of a pixel."""


def contours_on(structures: StructureSet, series: Series, uid: str, title: str, tick: Tick = no_tick) -> Layer:
    """``structures`` over ``series``; ``uid``, ``title``: the layer's. Raises ``Cancelled`` from ``tick``."""
    parts = tuple(structure.label for structure in structures.structures)
    shape = (series.rows, series.columns)
    notes = list(structures.notes)
    if series.positions is None or series.orientation is None or series.pixel_spacing is None:
        notes.append(say("The images have no place in the patient, so contours cannot be laid over them."))
        return Layer(uid, title, series.key, shape, parts, notes=tuple(notes))
    stack = _Stack(series)
    outlines: dict[int, list[Outline]] = defaultdict(list)
    regions: dict[int, list[Region]] = defaultdict(list)
    outside, cut, elsewhere = 0, 0, 0
    for done, structure in enumerate(structures.structures):
        fraction = done / len(structures.structures)
        tick(fraction)
        if not _same_space(structure, stack):
            elsewhere += 1
            continue
        others = []
        for contour in structure.contours:
            tick(fraction)
            along = contour.points @ stack.normal
            if contour.is_closed and float(np.ptp(along)) > _TILTED_MM:
                others.append(contour)
                continue
            drawn = _drawn(contour, along, structure.label.value, stack)
            outside += not drawn
            for index, outline in drawn:
                outlines[index].append(outline)
        cut += len(others)
        for index, region in _cut(others, structure.label.value, stack, tick):
            regions[index].append(region)
    if elsewhere:
        notes.append(
            say(
                "{some} of {all} structures have another frame of reference and are not shown.",
                some=elsewhere,
                all=len(parts),
            )
        )
    if outside:
        notes.append(
            say_n(
                "%n contours lie between or beyond the images that are open.",
                "%n contours lie between or beyond the images that are open.",
                outside,
            )
        )
    if cut:
        notes.append(
            say_n(
                "%n contours lie in another plane: shown where the images cut them, in whole pixels.",
                "%n contours lie in another plane: shown where the images cut them, in whole pixels.",
                cut,
            )
        )
    tick(1.0)
    return Layer(
        uid=uid,
        title=title,
        series_key=series.key,
        shape=shape,
        parts=parts,
        regions={index: tuple(here) for index, here in regions.items()},
        outlines={index: tuple(here) for index, here in outlines.items()},
        notes=tuple(notes),
    )


class _Stack:
    """The images' planes, as contours need them."""

    def __init__(self, series: Series) -> None:
        assert series.positions is not None
        assert series.orientation is not None
        assert series.pixel_spacing is not None
        self.series = series
        self.positions, self.orientation = series.positions, series.orientation
        self.spacing = series.pixel_spacing
        self.normal = normal_of(series.orientation)
        self.along = series.positions @ self.normal
        places = np.unique(np.round(self.along, 2))
        thickness = _thickness(series)
        self._places, self._reach = places, half_gaps(places, thickness)
        self.index_of: dict[tuple[str, int], list[int]] = defaultdict(list)
        for index, key in enumerate(series.frames):
            sop = series.instances[key.instance].sop_instance_uid
            self.index_of[sop, 0].append(index)
            self.index_of[sop, key.frame + 1].append(index)

    def at(self, offset: float) -> list[int]:
        """The frames nearest to ``offset`` mm along the normal; none beyond half the way to the next."""
        nearest = int(np.abs(self._places - offset).argmin())
        if abs(self._places[nearest] - offset) > self._reach[nearest] + _SAME_PLACE_MM:
            return []
        away = np.abs(self.along - self._places[nearest])
        return [int(index) for index in np.flatnonzero(away <= 2 * _SAME_PLACE_MM)]

    def to_pixels(self, points: FloatArray, index: int) -> FloatArray:
        """Points (n, 3) in mm → (row, column) on frame ``index``."""
        away = points - self.positions[index]
        rows, columns = away @ self.orientation[3:] / self.spacing[0], away @ self.orientation[:3] / self.spacing[1]
        return np.stack([rows, columns], axis=1)


def _thickness(series: Series) -> float:
    value = series.instances[0].header.get("SliceThickness")
    try:
        thickness = float(value) if value is not None else 0.0
    except (TypeError, ValueError):
        thickness = 0.0
    return thickness if thickness > 0 else 1.0


def _same_space(structure: Structure, stack: _Stack) -> bool:
    """By frame of reference; or because it was drawn on these very images, whatever their frame of reference says."""
    reference = stack.series.frame_of_reference_uid
    if reference and structure.frame_of_reference_uid == reference:
        return True
    return any(image in stack.index_of for contour in structure.contours for image in contour.images)


def _drawn(contour: Contour, along: FloatArray, part: int, stack: _Stack) -> list[tuple[int, Outline]]:
    """The contour on each frame that shows it."""
    if contour.is_closed or contour.kind == "POINT" or float(np.ptp(along)) <= _TILTED_MM:
        indices = stack.at(float(along.mean()))
        named = {index for image in contour.images for index in stack.index_of.get(image, ())}
        # Time points at one place: only those that it was drawn on.
        indices = [index for index in indices if index in named] or indices
        return [(i, Outline(part, stack.to_pixels(contour.points, i), contour.is_closed)) for i in indices]
    # A line through the stack: on each image the run of points that is nearest to it.
    nearest = [stack.at(float(offset)) for offset in along]
    found: list[tuple[int, Outline]] = []
    start = 0
    for stop in range(1, len(nearest) + 1):
        if stop == len(nearest) or nearest[stop] != nearest[start]:
            run = contour.points[start:stop]
            found.extend((i, Outline(part, stack.to_pixels(run, i), is_closed=False)) for i in nearest[start])
            start = stop
    return found


def _cut(contours: list[Contour], part: int, stack: _Stack, tick: Tick) -> list[tuple[int, Region]]:
    """What frames cut of closed contours in another plane: filled in their own planes, then looked up."""
    found = []
    for group in _by_plane(contours):
        planes = _filled(group, min(stack.spacing) / _FINER, tick)
        for index in range(len(stack.series.frames)):
            if index % 16 == 0:
                tick(0.5)
            cover = planes.on(stack.series, index)
            region = None if cover is None else Region.of(part, cover)
            if region is not None:
                found.append((index, region))
    return found


def _plane_normal(points: FloatArray) -> FloatArray:
    """The normal of a polygon (Newell), its largest component positive."""
    away = points - points.mean(axis=0)
    normal = np.cross(away, np.roll(away, -1, axis=0)).sum(axis=0)
    length = float(np.linalg.norm(normal))
    if length == 0:
        return np.array([0.0, 0.0, 1.0])
    normal = normal / length
    return np.asarray(normal * np.sign(normal[np.abs(normal).argmax()]), dtype=np.float64)


def _by_plane(contours: list[Contour]) -> list[list[Contour]]:
    """Contours whose planes are parallel, together."""
    groups: list[tuple[FloatArray, list[Contour]]] = []
    for contour in contours:
        normal = _plane_normal(contour.points)
        for known, group in groups:
            if float(known @ normal) > 0.9995:
                group.append(contour)
                break
        else:
            groups.append((normal, [contour]))
    return [group for _, group in groups]


def _filled(contours: list[Contour], pixel: float, tick: Tick) -> Planes:
    """Contours of parallel planes as masks in pixels of about ``pixel`` mm."""
    normal = _plane_normal(contours[0].points)
    helper = np.eye(3)[np.abs(normal).argmin()]
    across = np.cross(helper, normal)
    across = across / np.linalg.norm(across)
    down = np.cross(normal, across)
    every = np.concatenate([contour.points for contour in contours])
    corner = np.array([(every @ axis).min() for axis in (across, down)]) - pixel
    extent = np.array([np.ptp(every @ axis) for axis in (across, down)]) + 2 * pixel
    pixel = max(pixel, float(extent.max()) / _MAX_SIDE)
    shape = (int(extent[1] / pixel) + 2, int(extent[0] / pixel) + 2)
    origin = across * corner[0] + down * corner[1]
    places = [float((contour.points @ normal).mean()) for contour in contours]
    offsets = np.unique(np.round(places, 2))
    thickness = next((contour.thickness for contour in contours if contour.thickness), None) or pixel
    reach = float(np.median(half_gaps(offsets, thickness)))
    lattice = Lattice(origin, np.concatenate([across, down]), (pixel, pixel), shape, offsets, reach)
    rings: dict[int, list[FloatArray]] = defaultdict(list)
    for contour, place in zip(contours, places, strict=True):
        at = lattice.coordinates(contour.points)[:, 1:]
        rings[int(np.abs(offsets - place).argmin())].append(at)
    held = {}
    for k, group in rings.items():
        tick(0.5)
        region = Region.of(0, raster.fill(group, shape).astype(np.uint8) * np.uint8(255))
        if region is not None:
            held[k] = region
    return Planes(lattice, held)
