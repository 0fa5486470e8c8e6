"""The reader's work on the open studies, immutable: measurements, overlays and findings.

Every edit makes a new ``Document`` that shares what did not change, so history is a list of them.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from enum import Enum
from typing import TYPE_CHECKING, TypeVar
from weakref import WeakKeyDictionary

import numpy as np
import numpy.typing as npt

from inference import geometry
from inference.words import say

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping

    from app.dicom.model import CutFrom, Series
    from inference.types import Code, Label, Measure, ModelRef


class MeasurementKind(Enum):
    """Kinds of measurement and their name on screen."""

    DISTANCE = say("Distance")
    ANGLE = say("Angle")
    COBB = say("Cobb angle")
    BIDIRECTIONAL = say("Bidirectional")
    RECTANGLE = say("Rectangle")
    ELLIPSE = say("Ellipse")
    POLYGON = say("Polygon")
    FREEHAND = say("Freehand")
    POINT = say("Point")
    ARROW = say("Arrow")
    TEXT = say("Text")

    @property
    def is_region(self) -> bool:
        """It encloses pixels: it has an area, statistics and a histogram."""
        return self in _REGIONS

    @property
    def is_note(self) -> bool:
        """It says something and measures nothing: its name is the text."""
        return self in (MeasurementKind.ARROW, MeasurementKind.TEXT)


_REGIONS = frozenset(
    {MeasurementKind.RECTANGLE, MeasurementKind.ELLIPSE, MeasurementKind.POLYGON, MeasurementKind.FREEHAND}
)
POINTS_OF = {
    MeasurementKind.DISTANCE: 2,
    MeasurementKind.ANGLE: 3,
    MeasurementKind.COBB: 4,
    MeasurementKind.BIDIRECTIONAL: 4,
    MeasurementKind.RECTANGLE: 2,
    MeasurementKind.ELLIPSE: 2,
    MeasurementKind.POINT: 1,
    MeasurementKind.ARROW: 2,
    MeasurementKind.TEXT: 1,
}
"""How many points define each kind. Rectangle and ellipse: two opposite corners of the bounding box. Angle: the
vertex is second. Cobb and bidirectional: the ends of one line, then those of the other. Arrow: what it points at, then
its tail. Polygon and freehand, which are not here: three corners or more, the last joined to the first."""
LEAST_CORNERS = 3


Triple = tuple[float, float, float]


@dataclass(frozen=True)
class CutPlane:
    """A plane cut through a stack. ``origin``: LPS mm of the centre of its first pixel. ``advance``, ``down``,
    ``right``: unit vectors towards the next plane, row and column. ``spacing``: mm between rows, between columns.
    ``shape``: rows, columns. ``thickness`` (mm, 0 for a single plane) and ``projection``: of its slab. ``name``: what
    the reader calls it."""

    origin: Triple
    advance: Triple
    down: Triple
    right: Triple
    spacing: tuple[float, float]
    shape: tuple[int, int]
    thickness: float
    projection: str
    name: str

    def __post_init__(self) -> None:
        axes = np.array([self.advance, self.down, self.right])
        if not (np.isfinite(self.origin).all() and np.allclose(axes @ axes.T, np.eye(3), atol=1e-6)):
            raise ValueError("a plane needs a place and three directions at right angles")
        if not (np.isfinite(self.spacing).all() and min(self.spacing) > 0 and min(self.shape) > 0):
            raise ValueError("a plane's pixels must have a size, and there must be some")
        if not (np.isfinite(self.thickness) and self.thickness >= 0):
            raise ValueError("a slab's thickness must be a length")

    @property
    def text(self) -> str:
        """In words: ``"Coronal plane"``, ``"Axial plane, MIP 10 mm"``."""
        if not self.thickness:
            return say("{name} plane", name=self.name)
        return say(
            "{name} plane, {projection} {mm:g} mm", name=self.name, projection=self.projection, mm=self.thickness
        )

    def is_same(self, other: CutPlane) -> bool:
        """Whether both show the same picture: pixel for pixel at the same places, of the same slab."""
        return (
            self.shape == other.shape
            and (self.thickness, self.projection) == (other.thickness, other.projection)
            and np.allclose(self.origin, other.origin, rtol=0, atol=1e-3)
            and np.allclose([self.down, self.right], [other.down, other.right], rtol=0, atol=1e-6)
            and np.allclose(self.spacing, other.spacing)
        )


@dataclass(frozen=True)
class Place:
    """The image frame something is drawn on. ``frame`` counts from 0 within the SOP instance. ``plane``: for a plane
    that was cut through the stack; the frame is then the one nearest to its middle."""

    series_uid: str
    stack: int
    sop_instance_uid: str
    frame: int
    frame_of_reference_uid: str = ""
    plane: CutPlane | None = None

    @staticmethod
    def of(series: Series, index: int) -> Place:
        """Where sorted frame ``index`` of ``series`` is."""
        if series.cut_from is not None:
            known = _PLACES.setdefault(series, {})
            if index not in known:
                known[index] = _on_plane(series, index, series.cut_from)
            return known[index]
        key = series.frames[index]
        uid = series.instances[key.instance].sop_instance_uid
        return Place(series.uid, series.stack, uid, key.frame, series.frame_of_reference_uid)

    def is_same(self, other: Place) -> bool:
        """Whether both are the same image, or the same plane through the same images."""
        if (self.sop_instance_uid, self.frame) != (other.sop_instance_uid, other.frame):
            return False
        if self.plane is None or other.plane is None:
            return self.plane is other.plane
        return self.plane.is_same(other.plane)

    def index_in(self, series: Series) -> int | None:
        """Sorted frame index of this place in ``series``; ``None`` where it is not part of it: a plane is part of
        planes that were cut alike, never of the images."""
        if self.plane is not None:
            if series.cut_from is None or series.cut_from.series.key != (self.series_uid, self.stack):
                return None
            assert series.positions is not None
            index = int(np.linalg.norm(series.positions - self.plane.origin, axis=1).argmin())
            return index if Place.of(series, index).is_same(self) else None
        if series.key != (self.series_uid, self.stack):
            return None
        for index, key in enumerate(series.frames):
            if key.frame == self.frame and series.instances[key.instance].sop_instance_uid == self.sop_instance_uid:
                return index
        return None


_PLACES: WeakKeyDictionary[Series, dict[int, Place]] = WeakKeyDictionary()
"""Planes' places: every picture of one asks for its own several times."""


def _on_plane(series: Series, index: int, cut: CutFrom) -> Place:
    """The place of a plane of ``series``, which was cut from ``cut.series``."""
    stack = cut.series
    assert series.positions is not None
    assert series.orientation is not None
    assert series.pixel_spacing is not None
    assert stack.positions is not None
    assert stack.orientation is not None
    origin, right, down = series.positions[index], series.orientation[:3], series.orientation[3:]
    tall, wide = series.pixel_spacing
    middle = origin + (series.rows - 1) / 2 * tall * down + (series.columns - 1) / 2 * wide * right
    normal = np.cross(stack.orientation[:3], stack.orientation[3:])
    away = np.abs((stack.positions[list(cut.frames)] - middle) @ normal)
    plane = CutPlane(
        _triple(origin),
        _triple(cut.advance),
        _triple(down),
        _triple(right),
        (float(tall), float(wide)),
        (series.rows, series.columns),
        cut.thickness,
        cut.projection,
        cut.name,
    )
    return replace(Place.of(stack, cut.frames[int(away.argmin())]), plane=plane)


def _triple(vector: npt.NDArray[np.float64]) -> Triple:
    x, y, z = vector.tolist()
    return x, y, z


Point = tuple[float, float]
"""(row, column) in pixels of the frame; (0, 0) is the *centre* of the first pixel."""


@dataclass(frozen=True)
class Measurement:
    """One measurement. ``points``: pixel coordinates on ``place``; ``points_lps``: the same in LPS mm, or empty for a
    frame without a position in the patient. Values are computed from the pixels when shown, never stored."""

    id: str
    kind: MeasurementKind
    place: Place
    points: tuple[Point, ...]
    points_lps: tuple[tuple[float, float, float], ...] = ()
    name: str = ""

    def __post_init__(self) -> None:
        wanted, count = POINTS_OF.get(self.kind), len(self.points)
        if count != wanted if wanted is not None else count < LEAST_CORNERS:
            least = f"{LEAST_CORNERS} or more" if wanted is None else wanted
            raise ValueError(f"{self.kind.value} needs {least} points; got {count}")
        if not np.isfinite(self.points).all():
            raise ValueError("a measurement's points must be finite")


def points_to_lps(series: Series, index: int, points: tuple[Point, ...]) -> tuple[tuple[float, float, float], ...]:
    """Pixel points on sorted frame ``index`` → LPS mm; empty where the series has no position in the patient."""
    if series.positions is None or series.orientation is None or series.pixel_spacing is None:
        return ()
    plane = geometry.affine_from_dicom(
        series.positions[index], series.orientation, np.asarray(series.pixel_spacing), np.zeros(3)
    )
    mapped = geometry.apply(plane, np.array([(0.0, row, column) for row, column in points]))
    return tuple((float(x), float(y), float(z)) for x, y, z in mapped)


@dataclass(frozen=True)
class HandCalibration:
    """What a pixel measures, as the reader said: a line between ``points`` on ``place`` is ``length_mm`` long.

    ``spacing``: (between rows, between columns) in mm that follows. ``whole_stack``: it holds for every image of the
    stack, else for ``place``'s SOP instance alone.
    """

    id: str
    place: Place
    points: tuple[Point, Point]
    length_mm: float
    spacing: tuple[float, float]
    whole_stack: bool = False

    def __post_init__(self) -> None:
        if not (np.isfinite(self.spacing).all() and min(self.spacing) > 0 and np.isfinite(self.points).all()):
            raise ValueError("a calibration's spacing must be positive and finite")

    def covers(self, place: Place) -> bool:
        """Whether it holds on ``place``. Planes are in millimetres of the patient and need none."""
        if place.plane is not None:
            return False
        if self.whole_stack:
            return (self.place.series_uid, self.place.stack) == (place.series_uid, place.stack)
        return self.place.sop_instance_uid == place.sop_instance_uid


@dataclass(frozen=True, eq=False)
class Overlay:
    """A label map over frames of one stack. ``label_map``: uint8, shape (frames covered, rows, columns), as the model
    made it; ``indices``: the sorted frame index of each of them. ``model``: who made it. ``edits``: planes (rows,
    columns) that the reader changed, by sorted frame index, which stand before the model's own: a stroke then costs one
    plane and not a volume. ``by_hand``: values of the labels that such planes changed."""

    id: str
    series_key: tuple[str, int]
    indices: tuple[int, ...]
    label_map: npt.NDArray[np.uint8]
    labels: tuple[Label, ...]
    model: ModelRef
    edits: Mapping[int, npt.NDArray[np.uint8]] = field(default_factory=dict)
    by_hand: frozenset[int] = frozenset()

    def plane(self, index: int) -> npt.NDArray[np.uint8] | None:
        """Label map (rows, columns) of sorted frame ``index``, or ``None`` where the overlay does not cover it."""
        if index not in self.indices:
            return None
        edited = self.edits.get(index)
        return np.asarray(self.label_map[self.indices.index(index)]) if edited is None else edited

    def planes(self) -> Iterator[tuple[int, npt.NDArray[np.uint8]]]:
        """Each sorted frame index that is covered, with its label map."""
        for index, made in zip(self.indices, self.label_map, strict=True):
            yield index, self.edits.get(index, made)

    def whole(self) -> npt.NDArray[np.uint8]:
        """Label map with the reader's changes, shape of ``label_map``: a copy where there are any."""
        if not self.edits:
            return self.label_map
        found = np.array(self.label_map)
        for index, plane in self.edits.items():
            found[self.indices.index(index)] = plane
        return found


class FindingStatus(Enum):
    """Only what a reader accepted is reported as a finding; the rest is marked as AI."""

    PROPOSED = "proposed"
    ACCEPTED = "accepted"
    REJECTED = "rejected"


@dataclass(frozen=True)
class Finding:
    """A statement about the images. ``origin``: the model, or ``None`` for the reader. ``score``: 0–1 or ``None``;
    ``interval``: its (low, high), where the model gives one. ``edited``: the reader changed its mask, and the measures
    are those of the changed one."""

    id: str
    kind: str
    place: Place
    measures: tuple[tuple[str, Measure], ...] = ()
    score: float | None = None
    origin: ModelRef | None = None
    status: FindingStatus = FindingStatus.PROPOSED
    overlay_id: str = ""
    label_value: int = 0
    code: Code | None = None
    notes: tuple[str, ...] = ()
    edited: bool = False
    interval: tuple[float, float] | None = None


_T = TypeVar("_T", bound="Measurement | Overlay | Finding | HandCalibration")


def _put(items: tuple[_T, ...], item: _T) -> tuple[_T, ...]:
    """``items`` with ``item`` in the place of the one that has its id, or at the end."""
    if any(other.id == item.id for other in items):
        return tuple(item if other.id == item.id else other for other in items)
    return (*items, item)


@dataclass(frozen=True, eq=False)
class Document:
    """Everything that undo covers."""

    measurements: tuple[Measurement, ...] = ()
    overlays: tuple[Overlay, ...] = ()
    findings: tuple[Finding, ...] = ()
    calibrations: tuple[HandCalibration, ...] = ()

    def with_measurement(self, measurement: Measurement) -> Document:
        """Adds it, or replaces the one with the same id."""
        return replace(self, measurements=_put(self.measurements, measurement))

    def without_measurement(self, measurement_id: str) -> Document:
        """Removes it; unchanged where there is none."""
        return replace(self, measurements=tuple(m for m in self.measurements if m.id != measurement_id))

    def with_overlay(self, overlay: Overlay) -> Document:
        """Adds it, or replaces the one with the same id."""
        return replace(self, overlays=_put(self.overlays, overlay))

    def without_overlay(self, overlay_id: str) -> Document:
        """Removes it together with the findings that point at it."""
        return replace(
            self,
            overlays=tuple(o for o in self.overlays if o.id != overlay_id),
            findings=tuple(f for f in self.findings if f.overlay_id != overlay_id),
        )

    def without_scores(self, model_id: str, place: Place) -> Document:
        """Removes what a model said of an image in scores alone."""
        return replace(
            self,
            findings=tuple(
                f
                for f in self.findings
                if f.origin is None or f.origin.id != model_id or f.score is None or f.overlay_id or f.place != place
            ),
        )

    def without_findings(self, ids: Collection[str]) -> Document:
        """Removes these findings."""
        return replace(self, findings=tuple(f for f in self.findings if f.id not in ids))

    def with_finding(self, finding: Finding) -> Document:
        """Adds it, or replaces the one with the same id."""
        return replace(self, findings=_put(self.findings, finding))

    def with_calibration(self, calibration: HandCalibration) -> Document:
        """Adds it in the place of every one that it makes needless: on the same image, or on any of its stack."""
        kept = tuple(
            other
            for other in self.calibrations
            if other.id != calibration.id
            and not (calibration.covers(other.place) and other.whole_stack <= calibration.whole_stack)
        )
        return replace(self, calibrations=(*kept, calibration))

    def without_calibration(self, calibration_id: str) -> Document:
        """Removes it; unchanged where there is none."""
        return replace(self, calibrations=tuple(c for c in self.calibrations if c.id != calibration_id))

    def calibration_of(self, place: Place) -> HandCalibration | None:
        """The reader's own calibration that holds on ``place``: the image's before the stack's."""
        found = [calibration for calibration in self.calibrations if calibration.covers(place)]
        return min(found, key=lambda calibration: calibration.whole_stack, default=None)

    def with_all_of(self, other: Document) -> Document:
        """This one with everything of ``other``, which has none of what is here."""
        return replace(
            self,
            overlays=(*other.overlays, *self.overlays),
            measurements=(*other.measurements, *self.measurements),
            findings=(*other.findings, *self.findings),
            calibrations=(*other.calibrations, *self.calibrations),
        )

    def ids(self) -> tuple[str, ...]:
        """Ids of everything in it."""
        every: list[Measurement | Finding | HandCalibration | Overlay]
        every = [*self.measurements, *self.findings, *self.calibrations, *self.overlays]
        return tuple(item.id for item in every)

    def without(self, ids: frozenset[str]) -> Document:
        """Without what has one of these ids."""
        return replace(
            self,
            overlays=tuple(o for o in self.overlays if o.id not in ids),
            measurements=tuple(m for m in self.measurements if m.id not in ids),
            findings=tuple(f for f in self.findings if f.id not in ids),
            calibrations=tuple(c for c in self.calibrations if c.id not in ids),
        )

    def measurements_on(self, series: Series, index: int) -> tuple[Measurement, ...]:
        """Measurements drawn on sorted frame ``index`` of ``series``."""
        place = Place.of(series, index)
        return tuple(m for m in self.measurements if m.place.is_same(place))

    def overlays_on(self, series: Series) -> tuple[Overlay, ...]:
        """Overlays of this stack."""
        return tuple(o for o in self.overlays if o.series_key == series.key)
