"""What is kept of the reader's work, as JSON and back. A record names no patient and holds no UID: the keys of its row
say where it belongs (``app.core.store``)."""

from __future__ import annotations

import json
import zlib
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from app.core.document import (
    CutPlane,
    Document,
    Finding,
    FindingStatus,
    HandCalibration,
    Measurement,
    MeasurementKind,
    Overlay,
    Place,
)
from app.core.planes import plane_title
from app.core.sampling import Projection
from app.core.view import View
from app.dicom.voi import Window, WindowFunction
from inference.types import Code, Label, Measure, ModelRef
from inference.words import known

if TYPE_CHECKING:
    from collections.abc import Mapping

    from app.core.arrangement import Arrangement
    from app.dicom.model import Series


@dataclass(frozen=True, eq=False)
class Masks:
    """An overlay, and the image that each of its ``indices`` is: a stack that is read again may count otherwise."""

    overlay: Overlay
    places: tuple[Place, ...]

    @staticmethod
    def of(overlay: Overlay, series: Series) -> Masks:
        """``overlay`` as it lies on ``series``."""
        return Masks(overlay, tuple(Place.of(series, index) for index in overlay.indices))

    @property
    def id(self) -> str:
        """That of the overlay."""
        return self.overlay.id

    @property
    def place(self) -> Place:
        """The first image."""
        return self.places[0]


Item = Measurement | HandCalibration | Finding | Masks
"""What the database keeps a row of, by its id."""

FAULTS = (KeyError, TypeError, ValueError, AttributeError, IndexError)
"""What reading a record raises that another version wrote, or that a hand has changed."""


@dataclass(frozen=True, eq=False)
class Kept:
    """What was kept about opened studies. ``views``: by the key of the stack. ``arrangements``: by patient and UID of
    the study."""

    document: Document = field(default_factory=Document)
    views: Mapping[tuple[str, int], View] = field(default_factory=dict)
    arrangements: Mapping[tuple[str, str], Arrangement] = field(default_factory=dict)


Marked = Measurement | HandCalibration | Finding | Overlay
"""The same in a document, where masks know their images by number alone."""


def items_of(document: Document) -> dict[str, Marked]:
    """Everything in ``document`` that is kept, by id.

    Of an answer that the reader judged in part or changed, all is kept: its masks, and what still waits for a verdict.
    One that nobody judged is not: the model can give it again.
    """
    judged = [f for f in document.findings if f.status is not FindingStatus.PROPOSED]
    answers = {f.overlay_id for f in judged} | {o.id for o in document.overlays if o.edits}
    overlays = [o for o in document.overlays if o.id in answers]
    findings = [
        f for f in document.findings if f.status is not FindingStatus.PROPOSED or f.overlay_id in answers - {""}
    ]
    every: list[Marked] = [*document.measurements, *document.calibrations, *findings, *overlays]
    return {item.id: item for item in every}


def kind_of(item: Item) -> str:
    """The name of its kind of row."""
    return {Measurement: "measurement", HandCalibration: "calibration", Finding: "finding", Masks: "masks"}[type(item)]


def written(item: Item) -> str:
    """``item`` without its id and its place."""
    if isinstance(item, Measurement):
        body: dict[str, Any] = {
            "kind": item.kind.name,
            "points": item.points,
            "points_lps": item.points_lps,
            "name": item.name,
            "plane": None if item.place.plane is None else asdict(item.place.plane),
        }
    elif isinstance(item, HandCalibration):
        body = {
            "points": item.points,
            "length_mm": item.length_mm,
            "spacing": item.spacing,
            "whole_stack": item.whole_stack,
        }
    elif isinstance(item, Masks):
        overlay, made = item.overlay, item.overlay.model
        body = {
            "shape": overlay.label_map.shape[1:],
            "labels": [
                [one.value, one.name, [one.code.value, one.code.meaning, one.code.scheme], one.colour]
                for one in overlay.labels
            ],
            "model": [made.id, made.version, made.sha256],
            "by_hand": sorted(overlay.by_hand),
        }
    else:
        origin, code = item.origin, item.code
        body = {
            "kind": item.kind,
            "measures": [[name, measure.value, measure.unit] for name, measure in item.measures],
            "score": item.score,
            "interval": item.interval,
            "origin": None if origin is None else [origin.id, origin.version, origin.sha256],
            "code": None if code is None else [code.value, code.meaning, code.scheme],
            "notes": item.notes,
            "status": item.status.name,
            "overlay": [item.overlay_id, item.label_value],
            "edited": item.edited,
        }
    return json.dumps(body, ensure_ascii=False)


def read(kind: str, identifier: str, body: str, place: Place) -> Item:
    """The item that ``written`` made ``body`` of. Raises one of ``FAULTS`` where it cannot be understood."""
    found = json.loads(body)
    if kind == "measurement":
        plane = found.get("plane")
        return Measurement(
            identifier,
            MeasurementKind[found["kind"]],
            place if plane is None else replace(place, plane=_plane(plane)),
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
        # Findings of the first version were accepted ones, without a mask.
        overlay_id, label_value = found.get("overlay", ("", 0))
        return Finding(
            identifier,
            known(str(found["kind"])),
            place,
            tuple((known(str(name)), Measure(float(value), str(unit))) for name, value, unit in found["measures"]),
            None if found["score"] is None else float(found["score"]),
            None if found["origin"] is None else ModelRef(*map(str, found["origin"])),
            FindingStatus[found.get("status", "ACCEPTED")],
            overlay_id=str(overlay_id),
            label_value=int(label_value),
            code=None if found["code"] is None else Code(*map(str, found["code"])),
            notes=tuple(known(str(note)) for note in found["notes"]),
            edited=bool(found.get("edited", False)),
            interval=None if found.get("interval") is None else _pair(found["interval"]),
        )
    raise ValueError(f"there is no kind of record called {kind!r}")


def read_masks(identifier: str, body: str, planes: Mapping[int, tuple[bytes, bytes | None]], series: Series) -> Masks:
    """The masks that ``written`` made ``body`` of. ``planes``: by sorted frame of ``series``, packed: the model's own
    and the reader's. Raises one of ``FAULTS`` where they cannot be understood, or do not fit the images."""
    found = json.loads(body)
    rows, columns = (int(extent) for extent in found["shape"])
    if (rows, columns) != (series.rows, series.columns) or not planes:
        raise ValueError("the masks are of another size than the images")
    indices = tuple(sorted(planes))
    label_map = np.stack([unpacked(planes[index][0], (rows, columns)) for index in indices])
    label_map.flags.writeable = False
    edits = {index: unpacked(edit, (rows, columns)) for index, (_, edit) in planes.items() if edit is not None}
    labels = tuple(
        Label(int(value), known(str(name)), Code(*map(str, code)), _colour(colour))
        for value, name, code, colour in found["labels"]
    )
    model = ModelRef(*map(str, found["model"]))
    by_hand = frozenset(int(value) for value in found["by_hand"])
    return Masks.of(Overlay(identifier, series.key, indices, label_map, labels, model, edits, by_hand), series)


def packed(plane: npt.NDArray[np.uint8]) -> bytes:
    """A plane of a label map as run lengths in a deflate stream: masks are runs, and a chest's is a hundredth of it."""
    runs = zlib.compressobj(strategy=zlib.Z_RLE)
    return runs.compress(plane.tobytes()) + runs.flush()


def unpacked(data: bytes, shape: tuple[int, int]) -> npt.NDArray[np.uint8]:
    """What ``packed`` made ``data`` of: uint8, ``shape``, read-only. Raises ``ValueError`` for anything else."""
    wanted = shape[0] * shape[1]
    inflate = zlib.decompressobj()
    try:
        # A damaged stream may claim any size.
        raw = inflate.decompress(data, wanted + 1)
    except zlib.error as fault:
        raise ValueError("a plane is damaged") from fault
    if len(raw) != wanted:
        raise ValueError("a plane has another size than its image")
    return np.frombuffer(raw, np.uint8).reshape(shape)


def document_of(items: list[Item]) -> Document:
    """A document of ``items`` alone."""
    return Document(
        measurements=tuple(item for item in items if isinstance(item, Measurement)),
        overlays=tuple(item.overlay for item in items if isinstance(item, Masks)),
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


def _plane(found: Any) -> CutPlane:
    rows, columns = found["shape"]
    return CutPlane(
        origin=_triple(found["origin"]),
        advance=_triple(found["advance"]),
        down=_triple(found["down"]),
        right=_triple(found["right"]),
        spacing=_pair(found["spacing"]),
        shape=(int(rows), int(columns)),
        thickness=float(found["thickness"]),
        projection=Projection(found["projection"]).value,
        name=plane_title(str(found["name"])),
    )


def _pair(values: Any) -> tuple[float, float]:
    first, second = values
    return float(first), float(second)


def _colour(values: Any) -> tuple[int, int, int]:
    red, green, blue = values
    return int(red), int(green), int(blue)


def _triple(values: Any) -> tuple[float, float, float]:
    first, second, third = values
    return float(first), float(second), float(third)
