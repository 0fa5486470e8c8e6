"""Views that move together: where a point, a plane, a zoom or a scroll of one series is in another.

Series are aligned only where they share a frame of reference (PS3.3 C.7.4.1.1.1). Others can be scrolled together, by
as many millimetres from where the reader linked them; nothing is drawn from one into the other.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum
from functools import cached_property
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

import numpy as np
import numpy.typing as npt

from app.core.view import Canvas, View, centre_of, zoom_of
from app.dicom import header
from inference.words import say

if TYPE_CHECKING:
    from app.dicom.model import Series

FloatArray = npt.NDArray[np.float64]
Point = tuple[float, float]

_PARALLEL = np.cos(np.radians(45))
"""Stacks that are turned further against each other do not scroll together: there is no slice of one for another."""
_CROSSING = np.sin(np.radians(5))
"""Planes that are turned less than this against each other cross far away or nowhere: no reference line."""


@dataclass(frozen=True, eq=False)
class PlanePlace:
    """One image in the patient: LPS mm of its first pixel's centre, unit vectors of increasing column (``right``) and
    row (``down``), spacing (rows, columns) in mm, and its size in pixels."""

    origin: FloatArray
    right: FloatArray
    down: FloatArray
    spacing: tuple[float, float]
    rows: int
    columns: int

    @cached_property
    def normal(self) -> FloatArray:
        """Unit vector, right × down."""
        return np.cross(self.right, self.down)

    def point(self, row: float, column: float) -> FloatArray:
        """LPS mm of an image point."""
        return self.origin + row * self.spacing[0] * self.down + column * self.spacing[1] * self.right

    def image(self, point: FloatArray) -> Point:
        """The image point (row, column) at the foot of the perpendicular from an LPS point."""
        way = np.asarray(point) - self.origin
        return float(way @ self.down) / self.spacing[0], float(way @ self.right) / self.spacing[1]

    def distance(self, point: FloatArray) -> float:
        """From the plane to an LPS point along the normal, mm, with sign."""
        return float((np.asarray(point) - self.origin) @ self.normal)

    def contains(self, row: float, column: float) -> bool:
        """Whether an image point lies on the image."""
        return -0.5 <= row <= self.rows - 0.5 and -0.5 <= column <= self.columns - 0.5


_PLACES: WeakKeyDictionary[Series, dict[int, PlanePlace | None]] = WeakKeyDictionary()
"""Every picture asks for its place several times."""


def place_of(series: Series, index: int) -> PlanePlace | None:
    """Where sorted frame ``index`` lies; ``None`` for images without a position in the patient."""
    known = _PLACES.setdefault(series, {})
    if index not in known:
        known[index] = _place_of(series, index)
    return known[index]


def _place_of(series: Series, index: int) -> PlanePlace | None:
    if series.positions is None or series.pixel_spacing is None:
        return None
    cosines = series.orientation
    if cosines is None:
        # A radial stack: each frame has cosines of its own.
        stated = header.numbers(series.instance_of(index).header, "ImageOrientationPatient")
        if len(stated) != 6:
            return None
        cosines = np.array(stated)
    right, down = (part / np.linalg.norm(part) for part in (cosines[:3], cosines[3:]))
    return PlanePlace(series.positions[index], right, down, series.pixel_spacing, series.rows, series.columns)


def is_aligned(one: Series, other: Series) -> bool:
    """Whether points of one series are points of the other: the same, stated frame of reference, and the same patient.

    Stacks whose images each claim a frame of reference of their own state none (``frame_of_reference_uid`` is empty).
    """
    uid = one.frame_of_reference_uid
    if not uid or uid != other.frame_of_reference_uid or one.positions is None or other.positions is None:
        return False
    return patient_of(one) == patient_of(other)


def patient_of(series: Series) -> tuple[str, str]:
    """Whose images these are: (Patient ID, name), as the first image states them."""
    first = series.instances[0].header
    return header.text(first, "PatientID"), header.person_name(first, "PatientName")


# -- scrolling ---------------------------------------------------------------------------------------------------------


class How(Enum):
    """How a linked view found its image."""

    POSITION = say("at the same position")
    BEYOND = say("beyond the end of the series")
    RELATIVE = say("by the same distance")


@dataclass(frozen=True)
class Linked:
    """The image of the other series, and how it was found."""

    index: int
    how: How


@dataclass(frozen=True)
class Anchor:
    """The images that two views showed when they were linked: what "the same distance" counts from."""

    source: int
    target: int


def linked_index(
    source: Series, index: int, target: Series, anchor: Anchor, *, at: Point | None = None
) -> Linked | None:
    """The frame of ``target`` that belongs to frame ``index`` of ``source``; ``None`` where none does.

    In one frame of reference it is the frame nearest to the point that the reader looks at, image point ``at`` of the
    source (its middle by default). Otherwise it is as many millimetres on from ``anchor`` as the source has moved, or
    as many frames where there are no millimetres.
    """
    here = place_of(source, index)
    if is_aligned(source, target) and here is not None:
        row, column = at if at is not None else ((source.rows - 1) / 2, (source.columns - 1) / 2)
        return _nearest(here, here.point(row, column), target)
    return _moved(source, index, target, anchor)


def _nearest(here: PlanePlace, point: FloatArray, target: Series) -> Linked | None:
    there = place_of(target, 0)
    if there is None or target.orientation is None or target.positions is None:
        return None
    if abs(float(here.normal @ there.normal)) < _PARALLEL:
        return None
    along = target.positions @ there.normal
    wanted = float(point @ there.normal)
    nearest = int(np.argmin(np.abs(along - wanted)))
    # A slice stands for its surroundings as far as half way to the next one.
    steps = np.abs(np.diff(along))
    reach = float(steps[steps > 0].max()) / 2 + 1e-3 if (steps > 0).any() else np.inf
    within = along.min() - reach <= wanted <= along.max() + reach
    return Linked(nearest, How.POSITION if within else How.BEYOND)


def _moved(source: Series, index: int, target: Series, anchor: Anchor) -> Linked | None:
    last = len(target.frames) - 1
    ours, theirs = _along(source), _along(target)
    if ours is None or theirs is None:
        return Linked(int(np.clip(anchor.target + index - anchor.source, 0, last)), How.RELATIVE)
    one, other = place_of(source, index), place_of(target, 0)
    if one is None or other is None:
        return None
    agree = float(one.normal @ other.normal)
    if abs(agree) < _PARALLEL:
        return None
    way = float(ours[index] - ours[anchor.source]) * np.sign(agree)
    return Linked(int(np.argmin(np.abs(theirs - (theirs[anchor.target] + way)))), How.RELATIVE)


def _along(series: Series) -> FloatArray | None:
    """Where each frame lies along the stack's normal, mm; ``None`` where they do not lie one behind the other."""
    if series.positions is None or series.orientation is None:
        return None
    along = series.positions @ np.cross(series.orientation[:3], series.orientation[3:])
    return np.asarray(along) if np.ptp(along) > 0 else None


# -- points and lines --------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Seen:
    """A point in another view: the frame nearest to it, and where on it. ``distance``: mm from that frame's plane."""

    index: int
    row: float
    column: float
    distance: float


def seen_in(series: Series, point: FloatArray) -> Seen | None:
    """Where an LPS point of this series' own frame of reference is in it; ``None`` where it is not on any image."""
    first = place_of(series, 0)
    if first is None or series.positions is None:
        return None
    if series.orientation is None:
        places = [place for place in (place_of(series, i) for i in range(len(series.frames))) if place is not None]
        distances = np.array([abs(place.distance(point)) for place in places])
    else:
        distances = np.abs((series.positions - np.asarray(point)) @ first.normal)
    index = int(np.argmin(distances))
    place = place_of(series, index)
    if place is None or distances[index] > _reach(series, first):
        return None
    row, column = place.image(point)
    return Seen(index, row, column, float(distances[index])) if place.contains(row, column) else None


def _reach(series: Series, first: PlanePlace) -> float:
    """How far from a frame a point still belongs to it, mm: half way to its neighbour."""
    if series.positions is None:
        return 0.0
    steps = np.abs(np.diff(series.positions @ first.normal))
    if (steps > 1e-3).any():
        return float(steps.max()) / 2 + 1e-3
    thickness = header.number(series.instances[0].header, "SliceThickness")
    return max((thickness or 0.0) / 2, max(first.spacing))


def reference_line(shown: PlanePlace, other: PlanePlace) -> tuple[Point, Point] | None:
    """Where the image ``other`` cuts the image ``shown``: the ends of the line, in image points of ``shown``.

    The line is as long as ``other`` reaches, and may leave ``shown``. ``None`` where the planes are parallel, or where
    the line does not touch ``shown`` at all.
    """
    along = np.cross(shown.normal, other.normal)
    sine = float(np.linalg.norm(along))
    if sine < _CROSSING:
        return None
    along = along / sine
    # A point on both planes: from other's origin, within its plane, straight to the plane of shown.
    towards = np.cross(along, other.normal)
    start = other.origin - towards * (shown.distance(other.origin) / float(towards @ shown.normal))
    ends, seen = _clipped(start, along, other), _clipped(start, along, shown)
    if ends is None or seen is None or ends[0] > seen[1] or seen[0] > ends[1]:
        return None
    one, two = (shown.image(start + t * along) for t in ends)
    return one, two


def _clipped(start: FloatArray, along: FloatArray, image: PlanePlace) -> tuple[float, float] | None:
    """The part of the line ``start + t · along``, within the image's plane, that lies on the image: both t, in mm."""
    first, last = -np.inf, np.inf
    for axis, spacing, count in (
        (image.down, image.spacing[0], image.rows),
        (image.right, image.spacing[1], image.columns),
    ):
        place, slope = float((start - image.origin) @ axis), float(along @ axis)
        low, high = -0.5 * spacing, (count - 0.5) * spacing
        if abs(slope) < 1e-9:
            if not low <= place <= high:
                return None
            continue
        one, two = sorted(((low - place) / slope, (high - place) / slope))
        first, last = max(first, one), min(last, two)
    return (first, last) if first < last else None


# -- zoom and pan ------------------------------------------------------------------------------------------------------


def linked_view(source: Series, view: View, canvas: Canvas, target: Series, now: View, on: Canvas) -> View:
    """``now``, a view of ``target`` on canvas ``on``, zoomed and moved as ``view`` shows ``source`` on ``canvas``.

    The same millimetres on screen where both have a spacing of the same kind, otherwise the same part of the image. In
    one frame of reference the same point is in the middle; otherwise the same offset from the middle of the image.
    Flips, turns, window and frame stay.
    """
    if view.zoom is None and view.centre is None:
        return replace(now, zoom=None, centre=None)
    ours, theirs = source.pixel_spacing, target.pixel_spacing
    both = ours is not None and theirs is not None and source.calibration is target.calibration
    zoom = zoom_of(view, canvas)
    if both and ours is not None and theirs is not None:
        new = zoom / min(ours) * min(theirs)
    else:
        new = zoom / zoom_of(replace(view, zoom=None), canvas) * zoom_of(replace(now, zoom=None), on)
    return replace(now, zoom=new, centre=_linked_centre(source, view, canvas, target, now, on, both=both))


def _linked_centre(
    source: Series, view: View, canvas: Canvas, target: Series, now: View, on: Canvas, *, both: bool
) -> Point:
    row, column = centre_of(view, canvas)
    here, there = place_of(source, view.index), place_of(target, now.index)
    if here is not None and there is not None and is_aligned(source, target):
        if abs(float(here.normal @ there.normal)) >= _PARALLEL:
            return there.image(here.point(row, column))
        return centre_of(now, on)
    down, right = row - (source.rows - 1) / 2, column - (source.columns - 1) / 2
    ours, theirs = source.pixel_spacing, target.pixel_spacing
    if both and ours is not None and theirs is not None:
        down, right = down * ours[0] / theirs[0], right * ours[1] / theirs[1]
    else:
        down, right = down / source.rows * target.rows, right / source.columns * target.columns
    return (target.rows - 1) / 2 + down, (target.columns - 1) / 2 + right


def shares_window(source: Series, target: Series) -> bool:
    """Whether a window of one series means the same in the other: same modality, same unit, neither in colour."""
    if source.is_colour or target.is_colour:
        return False
    return (source.modality, source.unit) == (target.modality, target.unit)
