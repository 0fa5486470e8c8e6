"""Volumes in ml of what is laid over a stack: segments of an object, structures, labels of a model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from app.core.document import Place
from inference.types import Measure, no_tick

if TYPE_CHECKING:
    from app.core.document import Overlay
    from app.core.layers import Layer
    from app.dicom.model import Series
    from inference.types import Label, Tick

_HALF = 128
"""A voxel belongs to a part that covers at least half of it."""


@dataclass(frozen=True)
class PartVolume:
    """``volume`` of a part in ml: its voxels on the stack's own grid. ``place``: the image where it is largest."""

    name: str
    volume: Measure
    place: Place


def voxel_ml(series: Series) -> float | None:
    """Millilitres of a voxel; ``None`` where the slices do not lie on one regular grid in the patient, or there is one
    slice alone: its thickness is no distance of slices."""
    if series.affine is None or len(series.frames) < 2:
        return None
    return float(abs(np.linalg.det(series.affine[:3, :3]))) / 1000


def of_layer(layer: Layer, series: Series, tick: Tick = no_tick) -> tuple[PartVolume, ...]:
    """Volumes of the parts of ``layer`` that lie on ``series``, in their order; none where a voxel has no volume.

    Raises ``Cancelled`` from ``tick``.
    """
    counts: dict[int, dict[int, int]] = {}
    frames = layer.frames if voxel_ml(series) is not None else ()
    for done, index in enumerate(frames):
        tick(done / len(frames))
        regions = layer.regions.get(index, ())
        if not layer.outlines.get(index) and len({region.part for region in regions}) == len(regions):
            # One box a part: no need to lay it on a whole frame.
            found = {region.part: int(np.count_nonzero(region.cover >= _HALF)) for region in regions}
        else:
            found = {part.value: int(np.count_nonzero(mask)) for mask, part in layer.masks(index)}
        for part, count in found.items():
            counts.setdefault(part, {})[index] = count
    return _volumes(layer.parts, counts, series)


def of_overlay(overlay: Overlay, series: Series, tick: Tick = no_tick) -> tuple[PartVolume, ...]:
    """Volumes of a model's labels; none where a voxel has no volume. Raises ``Cancelled`` from ``tick``."""
    counts: dict[int, dict[int, int]] = {}
    if voxel_ml(series) is not None and len(overlay.indices) > 1:
        for done, (index, plane) in enumerate(overlay.planes()):
            tick(done / len(overlay.indices))
            found = np.bincount(plane.ravel(), minlength=256)
            for label in overlay.labels:
                counts.setdefault(label.value, {})[index] = int(found[label.value])
    return _volumes(overlay.labels, counts, series)


def _volumes(parts: tuple[Label, ...], counts: dict[int, dict[int, int]], series: Series) -> tuple[PartVolume, ...]:
    """``counts``: value of a part → sorted frame index → voxels."""
    millilitres = voxel_ml(series)
    if millilitres is None:
        return ()
    made = []
    for part in parts:
        by_frame = counts.get(part.value, {})
        total = sum(by_frame.values())
        if total:
            largest = max(by_frame, key=lambda index: by_frame[index])
            made.append(PartVolume(part.name, Measure(total * millilitres, "ml"), Place.of(series, largest)))
    return tuple(made)
