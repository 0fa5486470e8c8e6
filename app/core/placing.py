"""Segments of a segmentation on the frames of a stack.

A frame finds its image by the SOP instance and frame that it refers to; where it names no single source, by its place
in the same frame of reference. A segmentation with a grid of its own is resampled, nearest voxel.
"""

from __future__ import annotations

from collections import defaultdict
from typing import TYPE_CHECKING

import numpy as np

from app.core.lattice import Lattice, Planes, half_gaps, normal_of
from app.core.layers import Layer, Region
from inference.types import Tick, no_tick
from inference.words import say

if TYPE_CHECKING:
    from app.dicom.model import Series
    from app.dicom.segmentation import SegFrame, Segmentation

_PLACE_TOLERANCE_MM = 0.01
_COSINE_TOLERANCE = 1e-4
_SAME_PLANE = 1e-3


def segments_on(segmentation: Segmentation, series: Series, uid: str, title: str, tick: Tick = no_tick) -> Layer:
    """``segmentation`` over ``series``; ``uid``, ``title``: the layer's. Empty where it has nothing on these images.

    Raises ``UnreadableFile`` where its pixels cannot be decoded, ``Cancelled`` from ``tick``.
    """
    fits = (segmentation.rows, segmentation.columns) == (series.rows, series.columns)
    found = _matches(segmentation, series) if fits else {}
    regions: dict[int, list[Region]]
    notes: list[str] = []
    if found:
        regions = _direct(segmentation, found, tick)
        used = {frame.number for frames in found.values() for frame in frames}
        missing = len(segmentation.frames) - len(used)
        if missing:
            notes.append(
                say(
                    "{missing} of {all} frames belong to images that are not open.",
                    missing=missing,
                    all=len(segmentation.frames),
                )
            )
    else:
        regions, resampled = _resampled(segmentation, series, tick)
        if resampled:
            notes.append(say("Its grid is not that of the images: resampled to the nearest voxel."))
        elif not fits:
            size = f"{segmentation.columns}×{segmentation.rows}"
            notes.append(
                say(
                    "It cannot be laid over these images: it is {size} pixels, the images {other}, and their places "
                    "in space do not match.",
                    size=size,
                    other=f"{series.columns}×{series.rows}",
                )
            )
    order = {label.value: n for n, label in enumerate(segmentation.labels)}
    sparse = {index: tuple(sorted(here, key=lambda r: order[r.part])) for index, here in regions.items() if here}
    tick(1.0)
    return Layer(
        uid=uid,
        title=title,
        series_key=series.key,
        shape=(series.rows, series.columns),
        parts=segmentation.labels,
        regions=sparse,
        is_fractional=segmentation.is_fractional,
        notes=tuple(notes),
    )


def _matches(segmentation: Segmentation, series: Series) -> dict[int, list[SegFrame]]:
    """Sorted frame index → the frames that lie on it pixel for pixel."""
    by_source: dict[tuple[str, int], list[int]] = defaultdict(list)
    for index, key in enumerate(series.frames):
        uid = series.instances[key.instance].sop_instance_uid
        by_source[uid, 0].append(index)
        by_source[uid, key.frame + 1].append(index)
    shares_space = bool(segmentation.frame_of_reference_uid) and (
        segmentation.frame_of_reference_uid == series.frame_of_reference_uid
    )
    found: dict[int, list[SegFrame]] = defaultdict(list)
    for frame in segmentation.frames:
        if len(frame.sources) == 1:
            indices = by_source.get(frame.sources[0], [])
        else:
            indices = _at_place(frame, series) if shares_space else []
        for index in indices:
            found[index].append(frame)
    return found


def _at_place(frame: SegFrame, series: Series) -> list[int]:
    if series.positions is None or series.orientation is None or not frame.position:
        return []
    if not np.allclose(series.orientation, frame.orientation, rtol=0, atol=_COSINE_TOLERANCE):
        return []
    if frame.spacing is not None and series.pixel_spacing is not None:
        # Half a pixel over the whole matrix.
        limit = 0.5 / max(series.rows, series.columns)
        if not np.allclose(frame.spacing, series.pixel_spacing, rtol=limit):
            return []
    away = np.abs(series.positions - np.array(frame.position)).max(axis=1)
    return [int(index) for index in np.flatnonzero(away <= _PLACE_TOLERANCE_MM)]


def _direct(segmentation: Segmentation, found: dict[int, list[SegFrame]], tick: Tick) -> dict[int, list[Region]]:
    where: dict[int, list[int]] = defaultdict(list)
    frames: dict[int, SegFrame] = {}
    for index, here in found.items():
        for frame in here:
            frames[frame.number] = frame
            where[frame.number].append(index)
    regions: dict[int, list[Region]] = defaultdict(list)
    with segmentation.reader() as reader:
        for done, (number, frame) in enumerate(sorted(frames.items())):
            tick(done / len(frames))
            for label, cover in reader.covers(frame):
                region = Region.of(label.value, cover)
                if region is not None:
                    for index in where[number]:
                        regions[index].append(region)
    return regions


def _resampled(segmentation: Segmentation, series: Series, tick: Tick) -> tuple[dict[int, list[Region]], bool]:
    """Regions, and whether the segmentation and the images lie in one space at all."""
    frames = [frame for frame in segmentation.frames if frame.position and frame.spacing]
    reference = segmentation.frame_of_reference_uid
    if not frames or not reference or reference != series.frame_of_reference_uid:
        return {}, False
    first = frames[0]
    orientation = np.array(first.orientation)
    origin, normal = np.array(first.position), normal_of(orientation)
    frames = [frame for frame in frames if np.allclose(frame.orientation, orientation, atol=_SAME_PLANE)]
    along = np.array([(np.array(frame.position) - origin) @ normal for frame in frames])
    offsets = np.unique(np.round(along, 3))
    # What is empty is often left out: a plane reaches no further than it is thick, where the file says so.
    reach = half_gaps(offsets, segmentation.thickness or 1.0)
    if segmentation.thickness is not None:
        reach = np.minimum(reach, segmentation.thickness / 2)
    lattice = Lattice(origin, orientation, first.spacing or (1.0, 1.0), (segmentation.rows, segmentation.columns),
                      offsets, float(reach.min()))  # fmt: skip
    planes: dict[int, dict[int, Region]] = defaultdict(dict)
    with segmentation.reader() as reader:
        for done, (frame, place) in enumerate(zip(frames, along, strict=True)):
            tick(done / len(frames) / 2)
            k = int(np.abs(offsets - place).argmin())
            for label, cover in reader.covers(frame):
                held = Region.of(label.value, cover)
                if held is not None:
                    planes[label.value][k] = held
    regions: dict[int, list[Region]] = defaultdict(list)
    count = len(series.frames)
    lookups = {value: Planes(lattice, regions_of) for value, regions_of in planes.items()}
    for index in range(count):
        tick(0.5 + index / count / 2)
        for value, lookup in lookups.items():
            cover_here = lookup.on(series, index)
            region = None if cover_here is None else Region.of(value, cover_here)
            if region is not None:
                regions[index].append(region)
    return regions, True
