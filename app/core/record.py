"""What is kept of the reader's work, as JSON and back. A record names no patient and holds no UID: the keys of its row
say where it belongs (``app.core.store``)."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from app.core.document import Document, Finding, FindingStatus, HandCalibration, Measurement, MeasurementKind
from app.core.view import View
from app.dicom.voi import Window, WindowFunction
from inference.types import Code, Measure, ModelRef

if TYPE_CHECKING:
    from collections.abc import Mapping

    from app.core.document import Place

Item = Measurement | HandCalibration | Finding
"""What the database keeps a row of, by its id."""

FAULTS = (KeyError, TypeError, ValueError, AttributeError, IndexError)
"""What reading a record raises that another version wrote, or that a hand has changed."""


@dataclass(frozen=True, eq=False)
class Kept:
    """What was kept about opened studies. ``document``: without overlays. ``views``: by the key of the stack."""

    document: Document = field(default_factory=Document)
    views: Mapping[tuple[str, int], View] = field(default_factory=dict)


def items_of(document: Document) -> dict[str, Item]:
    """Everything in ``document`` that is kept, by id: proposals and rejections are not, nor are masks."""
    accepted = (f for f in document.findings if f.status is FindingStatus.ACCEPTED)
    every: tuple[Item, ...] = (*document.measurements, *document.calibrations, *accepted)
    return {item.id: item for item in every}


def kind_of(item: Item) -> str:
    """The name of its kind of row."""
    return {Measurement: "measurement", HandCalibration: "calibration", Finding: "finding"}[type(item)]


def written(item: Item) -> str:
    """``item`` without its id and its place."""
    if isinstance(item, Measurement):
        body: dict[str, Any] = {
            "kind": item.kind.name,
            "points": item.points,
            "points_lps": item.points_lps,
            "name": item.name,
        }
    elif isinstance(item, HandCalibration):
        body = {
            "points": item.points,
            "length_mm": item.length_mm,
            "spacing": item.spacing,
            "whole_stack": item.whole_stack,
        }
    else:
        origin, code = item.origin, item.code
        body = {
            "kind": item.kind,
            "measures": [[name, measure.value, measure.unit] for name, measure in item.measures],
            "score": item.score,
            "origin": None if origin is None else [origin.id, origin.version, origin.sha256],
            "code": None if code is None else [code.value, code.meaning, code.scheme],
            "notes": item.notes,
        }
    return json.dumps(body, ensure_ascii=False)


def read(kind: str, identifier: str, body: str, place: Place) -> Item:
    """The item that ``written`` made ``body`` of. Raises one of ``FAULTS`` where it cannot be understood."""
    found = json.loads(body)
    if kind == "measurement":
        return Measurement(
            identifier,
            MeasurementKind[found["kind"]],
            place,
            tuple(_pair(point) for point in found["points"]),
            tuple(_triple(point) for point in found["points_lps"]),
            str(found["name"]),
        )
    if kind == "calibration":
        start, end = found["points"]
        return HandCalibration(
            identifier,
            place,
            (_pair(start), _pair(end)),
            float(found["length_mm"]),
            _pair(found["spacing"]),
            bool(found["whole_stack"]),
        )
    if kind == "finding":
        return Finding(
            identifier,
            str(found["kind"]),
            place,
            tuple((str(name), Measure(float(value), str(unit))) for name, value, unit in found["measures"]),
            None if found["score"] is None else float(found["score"]),
            None if found["origin"] is None else ModelRef(*map(str, found["origin"])),
            FindingStatus.ACCEPTED,
            code=None if found["code"] is None else Code(*map(str, found["code"])),
            notes=tuple(map(str, found["notes"])),
        )
    raise ValueError(f"there is no kind of record called {kind!r}")


def document_of(items: list[Item]) -> Document:
    """A document of ``items`` alone."""
    return Document(
        measurements=tuple(item for item in items if isinstance(item, Measurement)),
        findings=tuple(item for item in items if isinstance(item, Finding)),
        calibrations=tuple(item for item in items if isinstance(item, HandCalibration)),
    )


def written_view(view: View) -> str:
    """``view`` without the number of its image, which the row's keys name. Lookup tables are the file's, not kept."""
    window = view.voi if isinstance(view.voi, Window) else None
    return json.dumps(
        {
            "window": None if window is None else [window.center, window.width, window.function.name],
            "invert": view.invert,
            "flip_horizontal": view.flip_horizontal,
            "flip_vertical": view.flip_vertical,
            "rotation": view.rotation,
            "zoom": view.zoom,
            "centre": view.centre,
        }
    )


def read_view(body: str, index: int) -> View:
    """The view that ``written_view`` made ``body`` of, on image ``index``. Raises one of ``FAULTS``."""
    found = json.loads(body)
    window = found["window"]
    return View(
        index=index,
        voi=None if window is None else Window(float(window[0]), float(window[1]), WindowFunction[window[2]]),
        invert=bool(found["invert"]),
        flip_horizontal=bool(found["flip_horizontal"]),
        flip_vertical=bool(found["flip_vertical"]),
        rotation=int(found["rotation"]) % 4,
        zoom=None if found["zoom"] is None else float(found["zoom"]),
        centre=None if found["centre"] is None else _pair(found["centre"]),
    )


def _pair(values: Any) -> tuple[float, float]:
    first, second = values
    return float(first), float(second)


def _triple(values: Any) -> tuple[float, float, float]:
    first, second, third = values
    return float(first), float(second), float(third)
