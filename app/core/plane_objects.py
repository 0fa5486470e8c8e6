"""What lies over a volume, cut along its planes: a model's labels, segments and structures, doses and maps.

Labels are those of the voxel that a pixel lies in, on the very grid that the planes' values are interpolated on, tilted
or uneven as it may be; nothing is blended between them. A slab shows what any of its planes has. On planes that are the
images themselves, segments and contours stay as they are on these.
"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from app.core import raster
from app.core.layers import Layer, Outline, Region
from app.core.mpr import voxel_axes
from app.core.sampling import nearest
from inference.types import no_tick

if TYPE_CHECKING:
    from app.core.document import Overlay
    from app.core.mpr import Reformatted, Source
    from app.core.sampling import Grid
    from app.core.stack_grid import StackGrid
    from app.core.wash import Wash
    from app.dicom.model import Series
    from inference.types import Tick

Cover = npt.NDArray[np.uint8]
FloatArray = npt.NDArray[np.float64]

_HALF = 128
"""A voxel belongs to a part that covers at least half of it."""
_MOST = 255
"""Parts in one volume of numbers."""


@dataclass(frozen=True)
class Objects:
    """What is drawn over one frame, from below: label maps, washes of colour, segments and structures."""

    overlays: tuple[Overlay, ...] = ()
    layers: tuple[Layer, ...] = ()
    washes: tuple[Wash, ...] = ()


@dataclass(frozen=True, eq=False)
class Labels:
    """Numbers of voxels: ``values``, uint8 (slices, rows, columns), of a box of ``lies`` whose first voxel is ``start``
    (slice, row, column). Outside it there are none."""

    values: Cover
    start: tuple[int, int, int]
    lies: StackGrid
    _corners: FloatArray = field(init=False)

    def __post_init__(self) -> None:
        slices, rows, columns = (np.array([first, first + count]) - 0.5 for first, count in self._spans())
        between = np.arange(self.start[0], self.start[0] + self.values.shape[0], dtype=np.float64)
        every = np.concatenate([slices[:1], between, slices[1:]])
        corners = [self.lies.placed(every, row, column) for row in rows for column in columns]
        object.__setattr__(self, "_corners", np.concatenate(corners))

    def _spans(self) -> tuple[tuple[int, int], ...]:
        return tuple(zip(self.start, self.values.shape, strict=True))

    def on(self, pixels: Reformatted, index: int) -> tuple[int, int, Cover] | None:
        """The numbers on plane ``index``, as the part of it that the box may lie on: its first row, its first column,
        and uint8 (rows, columns). ``None`` where the plane misses the box."""
        grid, slab, step = pixels.stack.grid(index), pixels.slab, pixels.stack.step
        part = self._reached(grid, slab.half(step) * step)
        if part is None:
            return None
        top, bottom, left, right = part
        found = nearest(
            self.values,
            self.lies,
            grid.part(top, bottom, left, right),
            start=self.start,
            slab=slab,
            slab_step=step,
        )
        return top, left, found

    def _reached(self, grid: Grid, reach: float) -> tuple[int, int, int, int] | None:
        away = self._corners - grid.origin
        heights = away @ grid.normal
        if heights.min() > reach + 1e-6 or heights.max() < -reach - 1e-6:
            return None
        rows, columns = away @ grid.down / grid.spacing[0], away @ grid.right / grid.spacing[1]
        top, bottom = max(int(np.floor(rows.min())), 0), min(int(np.ceil(rows.max())) + 1, grid.rows)
        left, right = max(int(np.floor(columns.min())), 0), min(int(np.ceil(columns.max())) + 1, grid.columns)
        return (top, bottom, left, right) if top < bottom and left < right else None


# -- a model's labels --------------------------------------------------------------------------------------------------


def labels_of(overlay: Overlay, origin: Source) -> Labels | None:
    """The label map on the voxels of ``origin``; ``None`` where it covers no slice of it."""
    places = {frame: place for place, frame in enumerate(overlay.indices)}
    found = [places.get(frame, -1) for frame in origin.frames]
    covered = [k for k, place in enumerate(found) if place >= 0]
    if not covered:
        return None
    first, last = covered[0], covered[-1] + 1
    wanted = found[first:last]
    if wanted == list(range(wanted[0], wanted[0] + len(wanted))):
        values = overlay.whole()[wanted[0] : wanted[0] + len(wanted)]
    else:
        values = np.zeros((len(wanted), *overlay.label_map.shape[1:]), np.uint8)
        for k, place in enumerate(wanted):
            if place >= 0:
                values[k] = overlay.edits.get(overlay.indices[place], overlay.label_map[place])
    return Labels(values, (first, 0, 0), origin.stack_grid)


def overlay_on(overlay: Overlay, labels: Labels | None, series: Series, pixels: Reformatted, index: int) -> Overlay:
    """``overlay`` on plane ``index`` of ``series``: the same labels and the same id, so that what the reader hid stays
    hidden."""
    found = None if labels is None else labels.on(pixels, index)
    if found is None or not found[2].any():
        return replace(overlay, series_key=series.key, indices=())
    top, left, part = found
    whole = np.zeros((1, series.rows, series.columns), np.uint8)
    whole[0, top : top + part.shape[0], left : left + part.shape[1]] = part
    return replace(overlay, series_key=series.key, indices=(index,), label_map=whole, edits={})


# -- segments and structures -------------------------------------------------------------------------------------------


@dataclass(frozen=True, eq=False)
class Solid:
    """A layer as numbers of voxels. ``volumes``: parts that do not overlap share one; number n in it is the nth of its
    parts. Of a fractional layer each part has its own, and its numbers are the cover, 0 to 255. ``points``: marks of a
    structure set, (part, LPS mm)."""

    layer: Layer
    volumes: tuple[tuple[Labels, tuple[int, ...]], ...]
    points: tuple[tuple[int, FloatArray], ...] = ()


_Piece = tuple[int, int, int, Cover]
"""(slice, top, left, cover)"""


def solid(layer: Layer, origin: Source, tick: Tick = no_tick) -> Solid:
    """``layer``, which lies over the images of ``origin``, as volumes. Contours are filled, pixel centre in shape."""
    slices = {frame: k for k, frame in enumerate(origin.frames)}
    pieces: dict[int, list[_Piece]] = defaultdict(list)
    points: list[tuple[int, FloatArray]] = []
    for done, index in enumerate(layer.frames):
        tick(done / len(layer.frames) / 2)
        k = slices.get(index)
        if k is None:
            continue
        for region in layer.regions.get(index, ()):
            pieces[region.part].append((k, region.top, region.left, region.cover))
        closed: dict[int, list[FloatArray]] = defaultdict(list)
        for outline in layer.outlines.get(index, ()):
            if outline.is_closed:
                closed[outline.part].append(outline.points)
            elif len(outline.points) == 1:
                points.append((outline.part, origin.stack_grid.placed(np.array(float(k)), *outline.points[0])))
        for part, rings in closed.items():
            filled = _filled(k, rings, layer.shape)
            if filled is not None:
                pieces[part].append(filled)
    packed = _apart(pieces, origin) if layer.is_fractional else _packed(pieces, origin, tick)
    tick(1.0)
    return Solid(layer, packed, tuple(points))


def _filled(k: int, rings: list[FloatArray], shape: tuple[int, int]) -> _Piece | None:
    every = np.concatenate(rings)
    top, left = np.maximum(np.floor(every.min(axis=0)), 0).astype(int).tolist()
    bottom, right = np.minimum(np.ceil(every.max(axis=0)) + 1, shape).astype(int).tolist()
    if top >= bottom or left >= right:
        return None
    mask = raster.fill([ring - (top, left) for ring in rings], (bottom - top, right - left))
    return k, top, left, mask.astype(np.uint8) * np.uint8(255)


def _box(pieces: list[_Piece]) -> tuple[tuple[int, int, int], tuple[int, int, int]]:
    """First voxel and shape of the box around all of them."""
    spans = np.array([(k, top, left, *cover.shape) for k, top, left, cover in pieces])
    first = spans[:, :3].min(axis=0)
    last = (spans[:, :3] + np.column_stack([np.ones(len(spans), int), spans[:, 3:]])).max(axis=0)
    start, shape = first.tolist(), (last - first).tolist()
    return (start[0], start[1], start[2]), (shape[0], shape[1], shape[2])


def _at(values: Cover, start: tuple[int, int, int], piece: _Piece) -> Cover:
    k, top, left, cover = piece
    row, column = top - start[1], left - start[2]
    return values[k - start[0], row : row + cover.shape[0], column : column + cover.shape[1]]


def _apart(pieces: dict[int, list[_Piece]], origin: Source) -> tuple[tuple[Labels, tuple[int, ...]], ...]:
    found = []
    for part, here in pieces.items():
        start, shape = _box(here)
        values = np.zeros(shape, np.uint8)
        for piece in here:
            room = _at(values, start, piece)
            np.maximum(room, piece[3], out=room)
        found.append((Labels(values, start, origin.stack_grid), (part,)))
    return tuple(found)


def _packed(pieces: dict[int, list[_Piece]], origin: Source, tick: Tick) -> tuple[tuple[Labels, tuple[int, ...]], ...]:
    """Each part goes into the first volume where its voxels are free: a body of organs takes one or two."""
    if not pieces:
        return ()
    start, shape = _box([piece for here in pieces.values() for piece in here])
    volumes: list[tuple[Cover, list[int]]] = []
    for done, (part, here) in enumerate(pieces.items()):
        tick(0.5 + done / len(pieces) / 2)
        masks = [(piece, piece[3] >= _HALF) for piece in here]
        for values, parts in volumes:
            if len(parts) < _MOST and not any(_at(values, start, piece)[mask].any() for piece, mask in masks):
                break
        else:
            values, parts = np.zeros(shape, np.uint8), []
            volumes.append((values, parts))
        parts.append(part)
        for piece, mask in masks:
            _at(values, start, piece)[mask] = len(parts)
    return tuple((Labels(values, start, origin.stack_grid), tuple(parts)) for values, parts in volumes)


def layer_on(made: Solid, series: Series, pixels: Reformatted, index: int) -> Layer:
    """What a layer has on plane ``index`` of ``series``. Structures stay lines, and marks stay marks."""
    direct = image_of(pixels, index)
    if direct is not None:
        return _same(made.layer, series, index, *direct)
    regions: list[Region] = []
    for labels, parts in made.volumes:
        found = labels.on(pixels, index)
        if found is None:
            continue
        top, left, numbers = found
        if made.layer.is_fractional:
            regions += _region(parts[0], numbers, top, left)
            continue
        for number in np.flatnonzero(np.bincount(numbers.ravel(), minlength=1)[1:]) + 1:
            regions += _region(parts[number - 1], (numbers == number).astype(np.uint8) * np.uint8(255), top, left)
    order = {label.value: place for place, label in enumerate(made.layer.parts)}
    regions.sort(key=lambda region: order[region.part])
    marks = _marks(made, pixels, index)
    return replace(
        made.layer,
        series_key=series.key,
        shape=(series.rows, series.columns),
        regions={index: tuple(regions)} if regions else {},
        outlines={index: marks} if marks else {},
        hollow=made.layer.hollow | _drawn_as_lines(made.layer),
    )


def _region(part: int, cover: Cover, top: int, left: int) -> list[Region]:
    found = Region.of(part, cover)
    return [] if found is None else [replace(found, top=found.top + top, left=found.left + left)]


def _drawn_as_lines(layer: Layer) -> frozenset[int]:
    return frozenset(outline.part for here in layer.outlines.values() for outline in here)


def _marks(made: Solid, pixels: Reformatted, index: int) -> tuple[Outline, ...]:
    """Points of a structure set that the plane, as thick as the way to the next or as its slab, goes through."""
    grid = pixels.stack.grid(index)
    reach = max(pixels.stack.step, pixels.slab.thickness) / 2 + 1e-6
    found = []
    for part, point in made.points:
        away = point - grid.origin
        if abs(float(away @ grid.normal)) <= reach:
            place = np.array([[away @ grid.down / grid.spacing[0], away @ grid.right / grid.spacing[1]]])
            found.append(Outline(part, place, is_closed=False))
    return tuple(found)


def image_of(pixels: Reformatted, index: int) -> tuple[int, int, int] | None:
    """Where plane ``index`` is one of the images themselves: its sorted frame, and 1 or −1 for the way of its rows and
    of its columns. ``None`` where it is not."""
    lying = voxel_axes(pixels.source.stack_grid, pixels.stack)
    if lying is None or lying[0] != (0, 1, 2) or pixels.slab.half(pixels.stack.step):
        return None
    planes, rows, columns = lying[1]
    frames = pixels.source.frames
    return frames[index if planes > 0 else len(frames) - 1 - index], rows, columns


def _same(layer: Layer, series: Series, index: int, frame: int, down: int, right: int) -> Layer:
    """What ``layer`` has on its frame ``frame``, mirrored as the plane is."""
    rows, columns = layer.shape

    def turned(region: Region) -> Region:
        if (down, right) == (1, 1):
            return region
        cover = region.cover[::down, ::right]
        top = region.top if down > 0 else rows - region.top - region.shape[0]
        left = region.left if right > 0 else columns - region.left - region.shape[1]
        return _region(region.part, np.ascontiguousarray(cover), top, left)[0]

    def moved(outline: Outline) -> Outline:
        row, column = outline.points[:, 0], outline.points[:, 1]
        points = np.column_stack([row if down > 0 else rows - 1 - row, column if right > 0 else columns - 1 - column])
        return Outline(outline.part, points, outline.is_closed)

    regions = tuple(turned(region) for region in layer.regions.get(frame, ()))
    outlines = tuple(moved(outline) for outline in layer.outlines.get(frame, ()))
    return replace(
        layer,
        series_key=series.key,
        regions={index: regions} if regions else {},
        outlines={index: outlines} if outlines else {},
    )
