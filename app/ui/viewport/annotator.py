"""Drawing, selecting and moving measurements. A drag lives here and reaches the session once, at its end."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QLineF, QPointF, QRectF

from app.core.document import LEAST_CORNERS, POINTS_OF, Measurement, MeasurementKind, Place, Point, points_to_lps
from app.core.lines import perpendicular
from app.core.outlines import simplified
from app.core.scale import shape_of
from app.core.session import new_id
from app.ui.viewport import shapes
from inference.words import lowered, say

if TYPE_CHECKING:
    from app.core.session import Session
    from app.dicom.model import Series
    from app.ui.viewport.mapping import Mapping

CLICK_REACH = 4.0
"""A press and a release closer than this, in logical pixels, are a click."""
_STROKE = 2.0
"""A freehand line takes a point each time the pointer has gone this far, in logical pixels,"""
_OFF = 0.4
"""and loses those again that lie nearer than this to the line through the others."""


@dataclass(frozen=True)
class Scene:
    """Where the annotator works: the frame that is shown, and how it lies in the widget."""

    series: Series
    index: int
    mapping: Mapping


@dataclass
class _Draft:
    """A new measurement. ``points``: those that are fixed; ``tip``: the next one, under the pointer. ``commits``: it
    goes into the document at its last point; others are handed over (``Annotator.release``)."""

    id: str
    kind: MeasurementKind
    index: int
    points: tuple[Point, ...]
    tip: Point
    commits: bool


@dataclass
class _Edit:
    """A measurement that is being moved, whole or by a handle."""

    original: Measurement
    handle: int | None
    start: Point
    now: Measurement


class Annotator:
    """The state of measuring in one viewport. ``selected``: id of the selected measurement, or empty."""

    def __init__(self, session: Session) -> None:
        self._session = session
        self._draft: _Draft | None = None
        self._edit: _Edit | None = None
        self.pending: Measurement | None = None
        """Drawn, and not yet in the document: it waits for its text, or for its true length."""
        self.selected = ""
        self.hovered = ""
        self.label_rects: dict[str, QRectF] = {}
        """Where the painter put the labels, so that a click on one finds its measurement."""

    # -- what is there ---------------------------------------------------------------------------------------------

    @property
    def is_busy(self) -> bool:
        """Something is being drawn or moved."""
        return self._draft is not None or self._edit is not None

    @property
    def is_drawing(self) -> bool:
        """A new measurement waits for its next point."""
        return self._draft is not None

    def shapes_on(self, scene: Scene) -> tuple[Measurement, ...]:
        """The measurements of the frame as they are now, with what is being moved where the pointer has it."""
        found = self._session.document.measurements_on(scene.series, scene.index)
        if self._edit is not None:
            now = self._edit.now
            found = tuple(now if measurement.id == now.id else measurement for measurement in found)
        if self.pending is not None and self.pending.place == Place.of(scene.series, scene.index):
            found = (*found, self.pending)
        return found

    def draft(self, scene: Scene) -> tuple[str, MeasurementKind, tuple[Point, ...]] | None:
        """Id, kind and points of what is being drawn on this frame, the one under the pointer last."""
        draft = self._draft
        if draft is None or draft.index != scene.index:
            return None
        if POINTS_OF.get(draft.kind) == 1:
            return draft.id, draft.kind, (draft.tip,)
        if draft.kind is MeasurementKind.FREEHAND and draft.tip == draft.points[-1]:
            return draft.id, draft.kind, draft.points
        return draft.id, draft.kind, (*draft.points, draft.tip)

    def unfinished(self, scene: Scene) -> Measurement | None:
        """What is being drawn, as the measurement that it would be if the button went up now; ``None`` while it has too
        few points."""
        drawn = self.draft(scene)
        if drawn is None:
            return None
        identifier, kind, points = drawn
        if kind is MeasurementKind.FREEHAND and len(points) > LEAST_CORNERS:
            # As it will be kept: a hand leaves hundreds of points, which would make the pointer lag.
            points = simplified(points, self._tolerance(scene))
        wanted = POINTS_OF.get(kind)
        enough = len(points) == wanted if wanted is not None else len(points) >= LEAST_CORNERS
        if not enough or (len(points) > 1 and points[-1] == points[-2]):
            return None
        return Measurement(identifier, kind, Place.of(scene.series, scene.index), points)

    def current(self, scene: Scene) -> Measurement | None:
        """What the reader is busy with: drawn, moved, or selected."""
        if self._draft is not None:
            return self.unfinished(scene)
        if self._edit is not None:
            return self._edit.now
        return next((m for m in self._session.document.measurements if m.id == self.selected), None)

    def hit(self, scene: Scene, position: QPointF) -> shapes.Hit | None:
        """What lies under the pointer. The selected measurement comes first, then the one drawn last."""
        found = sorted(self.shapes_on(scene), key=lambda m: m.id == self.selected)
        if self.pending is not None:
            found = [measurement for measurement in found if measurement is not self.pending]
        hits = [hit for m in reversed(found) if (hit := shapes.hit(m, scene.mapping, position)) is not None]
        if hits:
            # A handle under the pointer is meant, even where another outline passes over it.
            return min(hits, key=lambda hit: hit.handle is None)
        for measurement in reversed(found):
            rect = self.label_rects.get(measurement.id)
            if rect is not None and rect.contains(position):
                return shapes.Hit(measurement, None)
        return None

    # -- drawing ---------------------------------------------------------------------------------------------------

    def begin(self, scene: Scene, kind: MeasurementKind, position: QPointF, *, commits: bool = True) -> None:
        """The first point of a new measurement. ``commits``: false for a line that is drawn for another purpose."""
        point = scene.mapping.to_image(position)
        self._draft = _Draft(new_id(), kind, scene.index, (point,), point, commits and not kind.is_note)
        self.pending = None
        self.selected = ""

    def press_next(self, scene: Scene, position: QPointF) -> None:
        """The button goes down for a further point of what is being drawn."""
        draft = self._draft
        if draft is None or draft.index != scene.index:
            return
        draft.tip = scene.mapping.to_image(position)
        if draft.kind in shapes.PAIRS and len(draft.points) == 2:
            # The second line begins where the button goes down, as the first one did.
            draft.points = (*draft.points, draft.tip)

    def grab(self, scene: Scene, hit: shapes.Hit, position: QPointF) -> None:
        """Starts to move what was hit."""
        self.selected = hit.measurement.id
        self._edit = _Edit(hit.measurement, hit.handle, scene.mapping.to_image(position), hit.measurement)

    def move(self, scene: Scene, position: QPointF) -> None:
        """The pointer moved, with the button down or, between clicks, up."""
        point = scene.mapping.to_image(position)
        draft, edit = self._draft, self._edit
        if draft is not None and draft.index == scene.index:
            draft.tip = self._placed(scene, draft, point)
            last = scene.mapping.to_widget(draft.points[-1])
            if draft.kind is MeasurementKind.FREEHAND and QLineF(last, position).length() >= _STROKE:
                draft.points = (*draft.points, point)
        elif edit is not None:
            original, start = edit.original, edit.start
            if edit.handle is None:
                points = shapes.shifted(original.points, point[0] - start[0], point[1] - start[1])
            else:
                scale = shape_of(scene.series, scene.index, original.points)
                points = shapes.with_handle(original.kind, original.points, edit.handle, point, scale)
            lps = points_to_lps(scene.series, scene.index, points)
            edit.now = replace(original, points=points, points_lps=lps)

    def _placed(self, scene: Scene, draft: _Draft, point: Point) -> Point:
        """Where the next point goes: the end of a short axis stands at right angles on the long one."""
        if draft.kind is MeasurementKind.BIDIRECTIONAL and len(draft.points) == 3:
            a, b, c = draft.points
            return perpendicular(shape_of(scene.series, scene.index, draft.points), a, b, c, point)
        return point

    def release(self, scene: Scene, position: QPointF) -> Measurement | None:
        """The button went up: a point is fixed, and the last one commits. Returns what is finished and was not
        committed, which is then ``pending``."""
        if self._draft is not None:
            return self._release_draft(scene, position)
        if self._edit is not None:
            edit, self._edit = self._edit, None
            known = any(m.id == edit.original.id for m in self._session.document.measurements)
            if known and edit.now.points != edit.original.points:
                verb = say("Move") if edit.handle is None else say("Edit")
                name = f"{verb} {edit.now.kind.value.lower()}"
                self._session.commit(name, self._session.document.with_measurement(edit.now))
        return None

    def _release_draft(self, scene: Scene, position: QPointF) -> Measurement | None:
        draft = self._draft
        if draft is None or draft.index != scene.index:
            self._draft = None
            return None
        draft.tip = self._placed(scene, draft, scene.mapping.to_image(position))
        if draft.kind is MeasurementKind.FREEHAND:
            return self._close_freehand(scene, draft)
        wanted = POINTS_OF.get(draft.kind)
        if wanted == 1:
            draft.points = (draft.tip,)
            return self._finish(scene, draft)
        if wanted is None and self._is_near(scene, draft.points[0], position) and len(draft.points) >= LEAST_CORNERS:
            return self._finish(scene, draft)
        if self._is_near(scene, draft.points[-1], position):
            # A click: its point is there already; the next one follows the pointer.
            return None
        draft.points = (*draft.points, draft.tip)
        return self._finish(scene, draft) if len(draft.points) == wanted else None

    def _is_near(self, scene: Scene, point: Point, position: QPointF) -> bool:
        return QLineF(scene.mapping.to_widget(point), position).length() < CLICK_REACH

    def _tolerance(self, scene: Scene) -> float:
        """How far a freehand line may lie from the hand's, in image pixels."""
        pixel = QLineF(scene.mapping.to_widget((0.0, 0.0)), scene.mapping.to_widget((0.0, 1.0))).length()
        return _OFF / max(pixel, 1e-9)

    def _close_freehand(self, scene: Scene, draft: _Draft) -> Measurement | None:
        """A freehand line ends with the drag that drew it; one that encloses nothing is dropped."""
        points = simplified((*draft.points, draft.tip), self._tolerance(scene))
        self._draft = None
        if len(points) < LEAST_CORNERS:
            return None
        draft.points = points[:-1] if points[0] == points[-1] and len(points) > LEAST_CORNERS else points
        return self._finish(scene, draft)

    def _finish(self, scene: Scene, draft: _Draft) -> Measurement | None:
        """All points are there."""
        self._draft = None
        place = Place.of(scene.series, scene.index)
        lps = points_to_lps(scene.series, scene.index, draft.points)
        measurement = Measurement(draft.id, draft.kind, place, draft.points, lps)
        if not draft.commits:
            self.pending = measurement
            return measurement
        self.add(measurement)
        return None

    def add(self, measurement: Measurement) -> None:
        """Commits a new measurement and selects it."""
        self.pending = None
        self.selected = measurement.id
        name = say("Add {what}", what=lowered(measurement.kind.value))
        self._session.commit(name, self._session.document.with_measurement(measurement))

    def finish_drawing(self, scene: Scene) -> bool:
        """Closes a polygon at its last corner. False where none is being drawn, or it has too few."""
        draft = self._draft
        if draft is None or draft.index != scene.index or draft.kind is not MeasurementKind.POLYGON:
            return False
        if len(draft.points) < LEAST_CORNERS:
            return False
        self._finish(scene, draft)
        return True

    def ends_at(self, scene: Scene, position: QPointF) -> bool:
        """Whether a double click at ``position`` ends what is being drawn: on the last corner of a polygon."""
        draft = self._draft
        return draft is not None and self._is_near(scene, draft.points[-1], position) and self.finish_drawing(scene)

    def take_back_corner(self) -> bool:
        """Drops the last corner of a polygon that is being drawn; the first one stays. False where none is drawn."""
        if self._draft is None or self._draft.kind is not MeasurementKind.POLYGON:
            return False
        self._draft.points = self._draft.points[:-1] or self._draft.points
        return True

    # -- the rest --------------------------------------------------------------------------------------------------

    def rename(self, measurement_id: str, name: str) -> None:
        """Gives a measurement a name, or takes it away. A text that would be empty keeps its words."""
        for measurement in self._session.document.measurements:
            if measurement.id == measurement_id and name != measurement.name:
                if name or measurement.kind is not MeasurementKind.TEXT:
                    document = self._session.document.with_measurement(replace(measurement, name=name))
                    self._session.commit(say("Rename {what}", what=lowered(measurement.kind.value)), document)
                return

    def cancel(self) -> bool:
        """Drops what is being drawn or moved, else the selection. False where there was nothing."""
        had = self.is_busy or bool(self.selected) or self.pending is not None
        if not self.is_busy and self.pending is None:
            self.selected = ""
        self._draft = self._edit = self.pending = None
        return had

    def drop(self) -> None:
        """Forgets everything: another series is shown."""
        self._draft = self._edit = self.pending = None
        self.selected = self.hovered = ""
        self.label_rects = {}

    def delete_selected(self, scene: Scene) -> bool:
        """Deletes the selected measurement of this frame. False where there is none."""
        for measurement in self._session.document.measurements_on(scene.series, scene.index):
            if measurement.id == self.selected:
                self._edit, self.selected = None, ""
                name = say("Delete {what}", what=lowered(measurement.kind.value))
                self._session.commit(name, self._session.document.without_measurement(measurement.id))
                return True
        return False

    def document_changed(self) -> None:
        """Undo may have taken away what was selected or held."""
        known = {measurement.id for measurement in self._session.document.measurements}
        if self.selected not in known:
            self.selected = ""
        if self._edit is not None and self._edit.original.id not in known:
            self._edit = None
