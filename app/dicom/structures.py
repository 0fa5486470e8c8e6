"""What an RT Structure Set holds: structures, each a name, a colour and contours (PS3.3 A.19.3, C.8.8.5, C.8.8.6)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from app.dicom import header, parse
from app.dicom.header import PARSE_ERRORS
from app.dicom.objects import ObjectKind, kind_of
from app.dicom.segmentation import PALETTE
from app.errors import UnreadableFile
from inference.types import Code, Label, Tick, no_tick
from inference.words import say, say_n

if TYPE_CHECKING:
    from pathlib import Path

    from pydicom import Dataset

FloatArray = npt.NDArray[np.float64]

CLOSED = frozenset({"CLOSED_PLANAR", "CLOSEDPLANAR_XOR"})
"""Contour Geometric Types that enclose an area."""


@dataclass(frozen=True, eq=False)
class Contour:
    """``kind``: Contour Geometric Type. ``points``: (n, 3), LPS mm. ``images``: (SOP Instance UID, frame from 1 or 0)
    that it was drawn on, where the file says so. ``thickness``: mm of its slab, or ``None``."""

    kind: str
    points: FloatArray
    images: tuple[tuple[str, int], ...] = ()
    thickness: float | None = None

    @property
    def is_closed(self) -> bool:
        """Whether it encloses an area."""
        return self.kind in CLOSED


@dataclass(frozen=True, eq=False)
class Structure:
    """One region of interest. ``label.value``: its ROI Number."""

    label: Label
    contours: tuple[Contour, ...]
    frame_of_reference_uid: str


@dataclass(frozen=True, eq=False)
class StructureSet:
    """All structures of a file, in its order. ``notes``: what of it could not be used."""

    path: Path
    label: str
    structures: tuple[Structure, ...]
    notes: tuple[str, ...] = ()


def read_structures(path: Path, tick: Tick = no_tick) -> StructureSet:
    """Opens an RT Structure Set. Raises ``UnreadableFile`` with the reason, ``Cancelled`` from ``tick``."""
    try:
        dataset = parse.read_object(path, lambda fraction: tick(fraction / 2))
    except UnreadableFile as error:
        raise _unreadable(path, error.why or say("it is damaged")) from error
    if kind_of(dataset) is not ObjectKind.RTSTRUCT:
        raise _unreadable(path, say("it is not an RT Structure Set"))
    try:
        return _structure_set(path, dataset, tick)
    except PARSE_ERRORS as error:
        raise _unreadable(path, say("it is damaged")) from error


def _unreadable(path: Path, why: str) -> UnreadableFile:
    return UnreadableFile(
        say("cannot read the structure set {path}", path=path), why, say("Name an RT Structure Set file.")
    )


def _structure_set(path: Path, dataset: Dataset, tick: Tick) -> StructureSet:
    drawn = {header.integer(item, "ReferencedROINumber"): item for item in header.items(dataset, "ROIContourSequence")}
    kinds = {
        header.integer(item, "ReferencedROINumber"): header.code(item, "RTROIInterpretedType")
        for item in header.items(dataset, "RTROIObservationsSequence")
    }
    named = header.items(dataset, "StructureSetROISequence")
    structures, damaged = [], 0
    for order, roi in enumerate(named):
        fraction = 0.5 + order / len(named) / 2
        tick(fraction)
        number = header.integer(roi, "ROINumber")
        if number is None:
            continue
        item = drawn.get(number)
        colour = header.numbers(item, "ROIDisplayColor") if item is not None else ()
        shown = tuple(min(max(int(part), 0), 255) for part in colour)
        label = Label(
            value=number,
            name=header.text(roi, "ROIName") or say("ROI {number}", number=number),
            code=Code("", kinds.get(number, ""), ""),
            colour=(shown[0], shown[1], shown[2]) if len(shown) == 3 else PALETTE[order % len(PALETTE)],
        )
        contours = []
        for entry in header.items(item, "ContourSequence") if item is not None else ():
            tick(fraction)
            contour = _contour(entry)
            if contour is None:
                damaged += 1
            else:
                contours.append(contour)
        reference = header.code(roi, "ReferencedFrameOfReferenceUID") or header.code(dataset, "FrameOfReferenceUID")
        structures.append(Structure(label, tuple(contours), reference))
    notes = (
        (say_n("%n of its contours is damaged and left out.", "%n of its contours are damaged and left out.", damaged),)
        if damaged
        else ()
    )
    label_text = header.text(dataset, "StructureSetLabel") or header.text(dataset, "StructureSetName")
    tick(1.0)
    return StructureSet(path, label_text, tuple(structures), notes)


def _contour(item: Dataset) -> Contour | None:
    """``None`` where the coordinates are no triples of numbers."""
    values = header.numbers(item, "ContourData")
    if not values or len(values) % 3:
        return None
    images = tuple(
        (header.code(image, "ReferencedSOPInstanceUID"), header.integer(image, "ReferencedFrameNumber") or 0)
        for image in header.items(item, "ContourImageSequence")
    )
    thickness = header.number(item, "ContourSlabThickness")
    return Contour(
        kind=header.code(item, "ContourGeometricType") or "CLOSED_PLANAR",
        points=np.array(values, dtype=np.float64).reshape(-1, 3),
        images=images,
        thickness=thickness if thickness and thickness > 0 else None,
    )
