"""The reader's corrections of a model's masks: discs along a stroke, painted or erased, and what that does to findings.

Spaces: *image* (row, column), (0, 0) is the centre of the first pixel. A pixel belongs to a stroke whose centre lies
within the radius of the stroke's line, in pixels that are as high and wide as they are shown.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from app.core.volumes import voxel_ml
from inference.types import Measure
from inference.volume import Calibration
from inference.words import joined, say

if TYPE_CHECKING:
    from collections.abc import Mapping

    from app.core.document import Document, Finding, Overlay, Point
    from app.dicom.model import Series
    from inference.types import Label

Plane = npt.NDArray[np.uint8]

LEAST_RADIUS, MOST_RADIUS = 0.5, 200.0


@dataclass(frozen=True)
class Brush:
    """``radius``: in image pixels along the axis with the finer spacing. ``aspect``: height and width of a pixel over
    the finer of both."""

    radius: float
    aspect: tuple[float, float] = (1.0, 1.0)


@dataclass(frozen=True)
class Target:
    """Which label of which overlay is edited."""

    overlay_id: str
    label: int


def covered(
    shape: tuple[int, int], start: Point, end: Point, brush: Brush
) -> tuple[slice, slice, npt.NDArray[np.bool_]]:
    """Pixels under a straight piece of a stroke: row slice, column slice, and the mask in them; clipped to the image.

    A brush that is smaller than a pixel still has the pixel that its middle lies in.
    """
    scale = np.array(brush.aspect)
    points = np.array([start, end])
    reach = brush.radius / scale
    low, high = points.min(axis=0) - reach, points.max(axis=0) + reach
    # The pixel in the middle of a small brush may lie beyond its reach.
    first = np.clip(np.minimum(np.ceil(low), np.rint(points.min(axis=0))), 0, shape).astype(int)
    last = np.clip(np.maximum(np.floor(high), np.rint(points.max(axis=0))) + 1, 0, shape).astype(int)
    rows, columns = slice(int(first[0]), int(last[0])), slice(int(first[1]), int(last[1]))
    y = (np.arange(rows.start, rows.stop) - points[0, 0]) * scale[0]
    x = (np.arange(columns.start, columns.stop) - points[0, 1]) * scale[1]
    way = (points[1] - points[0]) * scale
    length = float(way @ way)
    # How far along the piece each pixel's foot lies; a click is a piece of no length.
    along = np.zeros((y.size, x.size)) if length == 0.0 else (y[:, None] * way[0] + x[None, :] * way[1]) / length
    along = np.clip(along, 0.0, 1.0)
    distance = (y[:, None] - along * way[0]) ** 2 + (x[None, :] - along * way[1]) ** 2
    mask = distance <= brush.radius**2
    for row, column in np.rint(points).astype(int):
        if rows.start <= row < rows.stop and columns.start <= column < columns.stop:
            mask[row - rows.start, column - columns.start] = True
    return rows, columns, mask


class Stroke:
    """A stroke as it is drawn, on a copy of one plane of a label map. ``plane``: uint8 (rows, columns), as it is now.

    Painting takes pixels of other labels as well, since a label map holds one a pixel; erasing takes none but those of
    its own label.
    """

    def __init__(self, plane: Plane, label: int, brush: Brush, *, erases: bool) -> None:
        self.before = plane
        self.plane = plane.copy()
        self._label = np.uint8(label)
        self._brush, self._erases = brush, erases
        self._last: Point | None = None

    def to(self, point: Point) -> None:
        """Draws on to an image point."""
        shape = (self.plane.shape[0], self.plane.shape[1])
        rows, columns, mask = covered(shape, self._last or point, point, self._brush)
        under = self.plane[rows, columns]
        if self._erases:
            under[mask & (under == self._label)] = 0
        else:
            under[mask] = self._label
        self._last = point

    @property
    def changed(self) -> bool:
        """Whether any pixel is other than it was."""
        return not np.array_equal(self.before, self.plane)


def with_plane(overlay: Overlay, index: int, plane: Plane) -> Overlay:
    """``overlay`` with ``plane`` on sorted frame ``index``, drawn by hand."""
    before = overlay.plane(index)
    if before is None:
        raise ValueError(f"the overlay does not cover frame {index}")
    plane = plane.view()
    plane.flags.writeable = False
    moved = _moved(before, plane)
    return replace(overlay, edits={**overlay.edits, index: plane}, by_hand=overlay.by_hand | frozenset(moved))


def edited(document: Document, series: Series, overlay: Overlay, index: int, plane: Plane) -> Document:
    """``document`` with ``plane`` in the place of the overlay's on frame ``index``, and findings measured anew.

    Raises ``ValueError`` where the overlay does not cover the frame.
    """
    before = overlay.plane(index)
    changed = with_plane(overlay, index, plane)
    moved = _moved(before, plane) if before is not None else {}
    document = document.with_overlay(changed)
    for finding in document.findings:
        if finding.overlay_id == overlay.id and finding.label_value in moved:
            document = document.with_finding(_measured(finding, moved[finding.label_value], series))
    return document


def label_of(overlay: Overlay, value: int) -> Label | None:
    """The label with that value."""
    return next((label for label in overlay.labels if label.value == value), None)


def _moved(before: Plane, after: Plane) -> dict[int, int]:
    """Value of a label → pixels that it won or lost; labels that changed alone, be it by as many won as lost."""
    differs = before != after
    was = np.bincount(before[differs], minlength=256)
    now = np.bincount(after[differs], minlength=256)
    return {int(value): int(now[value] - was[value]) for value in np.flatnonzero(was | now) if value}


def _measured(finding: Finding, pixels: int, series: Series) -> Finding:
    """``finding`` after its mask won ``pixels``. What pixels alone do not tell is left out, and named in a note."""
    worth = _worth(series)
    kept, lost = [], []
    for name, measure in finding.measures:
        unit = worth.get((name, measure.unit))
        if unit is None:
            lost.append(name)
        else:
            kept.append((name, Measure(max(measure.value + pixels * unit, 0.0), measure.unit)))
    notes = finding.notes
    if lost:
        note = say("Not measured again after the mask was edited: {names}.", names=joined(", ", lost))
        notes = (*notes, note)
    return replace(finding, measures=tuple(kept), notes=notes, edited=True)


def _worth(series: Series) -> Mapping[tuple[str, str], float]:
    """(name, unit) of the measures that count pixels → what one more is worth."""
    worth = {("area", "px2"): 1.0, ("share of image", "%"): 100.0 / (series.rows * series.columns)}
    if series.calibration is Calibration.PATIENT and series.pixel_spacing is not None:
        square = series.pixel_spacing[0] * series.pixel_spacing[1]
        worth |= {("area", "mm2"): square, ("area", "cm2"): square / 100}
    millilitres = voxel_ml(series)
    if millilitres is not None:
        worth |= {("volume", unit): millilitres for unit in ("ml", "cm3")} | {("volume", "mm3"): millilitres * 1000}
    return worth
