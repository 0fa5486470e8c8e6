"""Drawing, selecting and moving measurements. A drag lives here and reaches the session once, at its end."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QLineF, QPointF, QRectF

from app.core.document import POINTS_OF, Measurement, MeasurementKind, Place, Point, points_to_lps
from app.core.session import new_id
from app.ui.viewport import shapes

if TYPE_CHECKING:
    from app.core.session import Session
    from app.dicom.model import Series
    from app.ui.viewport.mapping import Mapping

CLICK_REACH = 4.0
"""A press and a release closer than this, in logical pixels, are a click."""


@dataclass(frozen=True)
class Scene:
    """Where the annotator works: the frame that is shown, and how it lies in the widget."""

    series: Series
    index: int
    mapping: Mapping


@dataclass
class _Draft:
    """A new measurement. ``points``: those that are fixed; ``tip``: the next one, under the pointer."""

    id: str
    kind: MeasurementKind
    index: int
    points: tuple[Point, ...]
    tip: Point
    pressed_at: QPointF


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
        return found

    def draft(self, scene: Scene) -> tuple[str, MeasurementKind, tuple[Point, ...]] | None:
        """Id, kind and points of what is being drawn on this frame, the one under the pointer last."""
        if self._draft is None or self._draft.index != scene.index:
            return None
        return self._draft.id, self._draft.kind, (*self._draft.points, self._draft.tip)

    def hit(self, scene: Scene, position: QPointF) -> shapes.Hit | None:
        """What lies under the pointer. The selected measurement comes first, then the one drawn last."""
        found = sorted(self.shapes_on(scene), key=lambda m: m.id == self.selected)
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

    def begin(self, scene: Scene, kind: MeasurementKind, position: QPointF) -> None:
        """The first point of a new measurement."""
        point = scene.mapping.to_image(position)
        self._draft = _Draft(new_id(), kind, scene.index, (point,), point, position)
        self.selected = ""

    def press_next(self, scene: Scene, position: QPointF) -> None:
        """The button goes down for a further point of what is being drawn."""
        if self._draft is not None:
            self._draft.tip = scene.mapping.to_image(position)
            self._draft.pressed_at = position

    def grab(self, scene: Scene, hit: shapes.Hit, position: QPointF) -> None:
        """Starts to move what was hit."""
        self.selected = hit.measurement.id
        self._edit = _Edit(hit.measurement, hit.handle, scene.mapping.to_image(position), hit.measurement)

    def move(self, scene: Scene, position: QPointF) -> None:
        """The pointer moved, with the button down or, between clicks, up."""
        point = scene.mapping.to_image(position)
        if self._draft is not None and self._draft.index == scene.index:
            self._draft.tip = point
        elif self._edit is not None:
            original, start = self._edit.original, self._edit.start
            if self._edit.handle is None:
                points = shapes.shifted(original.points, point[0] - start[0], point[1] - start[1])
            else:
                points = shapes.with_handle(original.kind, original.points, self._edit.handle, point)
            lps = points_to_lps(scene.series, scene.index, points)
            self._edit.now = replace(original, points=points, points_lps=lps)

    def release(self, scene: Scene, position: QPointF) -> None:
        """The button went up: a point is fixed, and the last one commits."""
        if self._draft is not None:
            self._release_draft(scene, position)
        elif self._edit is not None:
            edit, self._edit = self._edit, None
            known = any(m.id == edit.original.id for m in self._session.document.measurements)
            if known and edit.now.points != edit.original.points:
                verb = "Move" if edit.handle is None else "Edit"
                name = f"{verb} {edit.now.kind.value.lower()}"
                self._session.commit(name, self._session.document.with_measurement(edit.now))

    def _release_draft(self, scene: Scene, position: QPointF) -> None:
        draft = self._draft
        if draft is None or draft.index != scene.index:
            self._draft = None
            return
        draft.tip = scene.mapping.to_image(position)
        last = scene.mapping.to_widget(draft.points[-1])
        if QLineF(last, position).length() < CLICK_REACH:
            # A click: its point is there already; the next one follows the pointer.
            return
        draft.points = (*draft.points, draft.tip)
        if len(draft.points) < POINTS_OF[draft.kind]:
            return
        self._draft = None
        place = Place.of(scene.series, scene.index)
        lps = points_to_lps(scene.series, scene.index, draft.points)
        measurement = Measurement(draft.id, draft.kind, place, draft.points, lps)
        self.selected = measurement.id
        name = f"Add {draft.kind.value.lower()}"
        self._session.commit(name, self._session.document.with_measurement(measurement))

    # -- the rest --------------------------------------------------------------------------------------------------

    def cancel(self) -> bool:
        """Drops what is being drawn or moved, else the selection. False where there was nothing."""
        had = self.is_busy or bool(self.selected)
        if not self.is_busy:
            self.selected = ""
        self._draft = self._edit = None
        return had

    def drop(self) -> None:
        """Forgets everything: another series is shown."""
        self._draft = self._edit = None
        self.selected = self.hovered = ""
        self.label_rects = {}

    def delete_selected(self, scene: Scene) -> bool:
        """Deletes the selected measurement of this frame. False where there is none."""
        for measurement in self._session.document.measurements_on(scene.series, scene.index):
            if measurement.id == self.selected:
                self._edit, self.selected = None, ""
                name = f"Delete {measurement.kind.value.lower()}"
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
