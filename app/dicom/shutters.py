"""Display shutters: what lies outside the exposed field, and only blinds the reader (PS3.3 C.7.6.11).

A shutter changes what is shown and nothing else: values under it are measured and analysed as they are.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from app.dicom import header
from app.dicom.frames import Groups
from app.dicom.overlay_planes import packed_plane

if TYPE_CHECKING:
    from pydicom import Dataset

    from app.dicom.model import Series

Bits = npt.NDArray[np.bool_]

_MAX_VERTICES = 4096


def shutter(series: Series, index: int) -> Bits | None:
    """What the shutter of frame ``index`` (in sorted order) covers: shape (rows, columns), true where covered.

    ``None`` where it has none, or where it would cover nothing or everything: a shutter that leaves no image is an
    error, and hides what the reader came to see. Several shapes leave what lies within all of them. Coordinates are
    pixel centres from (1, 1) on; edges, circles and outlines themselves belong to the image. Never raises.
    """
    key = series.frames[index]
    dataset = series.instances[key.instance].header
    if "FrameDisplayShutterSequence" in dataset or not header.has(dataset, "ShutterShape"):
        dataset = Groups(dataset).macro(key.frame, "FrameDisplayShutterSequence") or dataset
    return covered_by(dataset, (series.rows, series.columns), aspect_of(series))


def covered_by(dataset: Dataset, size: tuple[int, int], aspect: float) -> Bits | None:
    """The same for the shutter that ``dataset`` describes, on images of ``size`` (rows, columns) whose pixels are
    ``aspect`` times as high as wide.
    """
    shapes = {shape.upper() for shape in header.codes(dataset, "ShutterShape")}
    if not shapes:
        return None
    visible = np.ones(size, np.bool_)
    if "RECTANGULAR" in shapes:
        _keep_rectangle(visible, dataset)
    if "CIRCULAR" in shapes:
        _keep_circle(visible, dataset, aspect)
    if "POLYGONAL" in shapes:
        _keep_polygon(visible, dataset)
    if "BITMAP" in shapes:
        _keep_outside_bitmap(visible, dataset)
    covered = ~visible
    return covered if covered.any() and not covered.all() else None


def aspect_of(series: Series) -> float:
    """The height of a pixel over its width."""
    if series.pixel_spacing is not None:
        return series.pixel_spacing[0] / series.pixel_spacing[1]
    pair = header.positive_pair(series.instances[0].header, "PixelAspectRatio")
    return pair[0] / pair[1] if pair else 1.0


def _keep_rectangle(visible: Bits, dataset: Dataset) -> None:
    edges = [
        header.number(dataset, f"Shutter{edge}Edge")
        for edge in ("UpperHorizontal", "LowerHorizontal", "LeftVertical", "RightVertical")
    ]
    if any(edge is None for edge in edges):
        return
    limits = (visible.shape[0], visible.shape[0], visible.shape[1], visible.shape[1])
    upper, lower, left, right = (
        round(min(max(edge or 0.0, 0.0), limit + 1.0)) for edge, limit in zip(edges, limits, strict=True)
    )
    visible[: max(upper - 1, 0)] = False
    visible[lower:] = False
    visible[:, : max(left - 1, 0)] = False
    visible[:, right:] = False


def _keep_circle(visible: Bits, dataset: Dataset, aspect: float) -> None:
    centre, radius = (
        header.numbers(dataset, "CenterOfCircularShutter"),
        header.number(dataset, "RadiusOfCircularShutter"),
    )
    if len(centre) != 2 or radius is None or radius <= 0:
        return
    # The radius counts pixels along a row: on pixels that are not square the circle is an ellipse of indices.
    row = (np.arange(1, visible.shape[0] + 1, dtype=np.float64) - centre[0]) * aspect
    column = np.arange(1, visible.shape[1] + 1, dtype=np.float64) - centre[1]
    with np.errstate(over="ignore"):
        visible &= np.square(row)[:, None] + np.square(column)[None] <= radius * radius


def _keep_outside_bitmap(visible: Bits, dataset: Dataset) -> None:
    """A bitmap shutter covers what an overlay plane of the same data set marks (PS3.3 C.7.6.15)."""
    for value in header.numbers(dataset, "ShutterOverlayGroup"):
        bits = packed_plane(dataset, int(value), 0, (visible.shape[0], visible.shape[1]))
        if bits is not None:
            visible &= ~bits


def _keep_polygon(visible: Bits, dataset: Dataset) -> None:
    values = header.numbers(dataset, "VerticesOfThePolygonalShutter")
    if len(values) < 6 or len(values) % 2 or len(values) > 2 * _MAX_VERTICES:
        return
    if max(abs(value) for value in values) > 2**31:
        return
    vertices = [(values[i] - 1.0, values[i + 1] - 1.0) for i in range(0, len(values), 2)]
    rows, columns = visible.shape
    # Where the number of edges to the left of a pixel changes parity, and what lies on an edge itself.
    toggles = np.zeros((rows, columns + 1), np.bool_)
    outline = np.zeros((rows, columns), np.bool_)
    for (y0, x0), (y1, x1) in zip(vertices, [*vertices[1:], vertices[0]], strict=True):
        if y0 == y1:
            if y0 == int(y0) and 0 <= y0 < rows:
                left, right = sorted((x0, x1))
                outline[int(y0), max(math.ceil(left), 0) : max(math.floor(right) + 1, 0)] = True
            continue
        low, high = sorted((y0, y1))
        first, last = max(math.ceil(low), 0), min(math.floor(high), rows - 1)
        if first > last:
            continue
        row = np.arange(first, last + 1)
        x = x0 + (row - y0) * (x1 - x0) / (y1 - y0)
        # The lower end of an edge belongs to it and the upper does not, so that a vertex counts once.
        crossing = row < high
        column = np.clip(np.floor(x) + 1, 0, columns).astype(np.intp)
        toggles[row[crossing], column[crossing]] ^= True
        nearest = np.rint(x)
        on_edge = (np.abs(x - nearest) < 1e-6) & (nearest >= 0) & (nearest < columns)
        outline[row[on_edge], nearest[on_edge].astype(np.intp)] = True
    inside = np.logical_xor.accumulate(toggles[:, :columns], axis=1)
    visible &= inside | outline
