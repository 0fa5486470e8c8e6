"""Grids of values that lie over images: RT Dose (PS3.3 A.18.3, C.8.8.3) and Parametric Map (A.75, C.8.32).

What each frame's stored values mean, and where it lies in the patient. Pixels are read with the readers of images.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from app.dicom import header, parse
from app.dicom.frames import Groups, frames_of
from app.dicom.header import PARSE_ERRORS
from app.dicom.objects import ObjectKind, kind_of
from app.dicom.plane import numbers_array, orientation_of
from app.dicom.reading import FrameSource
from app.dicom.real_world import real_world_maps
from app.errors import UnreadableFile
from inference.types import Tick, no_tick
from inference.words import say

if TYPE_CHECKING:
    from pathlib import Path

    from pydicom import Dataset

    from app.dicom.model import Instance

FloatArray = npt.NDArray[np.float64]

_PLACE_MM = 0.01


@dataclass(frozen=True, eq=False)
class ValueGrid:
    """``stored``: (n, rows, columns) in the file's type, in order of position along the normal. ``slopes``,
    ``intercepts``: (n,), stored value → ``unit``. ``positions``: (n, 3) LPS mm of each frame's first pixel.
    ``orientation``: six cosines; ``spacing``: mm between rows, between columns. ``quantity``: what is measured.
    """

    stored: npt.NDArray[np.generic]
    slopes: FloatArray
    intercepts: FloatArray
    positions: FloatArray
    orientation: FloatArray
    spacing: tuple[float, float]
    frame_of_reference_uid: str
    unit: str
    quantity: str
    notes: tuple[str, ...] = ()

    def values(self, k: int) -> npt.NDArray[np.float32]:
        """Frame ``k`` in ``unit``, (rows, columns)."""
        return np.asarray(self.stored[k] * self.slopes[k] + self.intercepts[k], dtype=np.float32)


def read_values(path: Path, tick: Tick = no_tick) -> ValueGrid:
    """Opens an RT Dose or a Parametric Map with all its pixels. Raises ``UnreadableFile``, ``Cancelled``."""
    try:
        instance = parse.read_pixels(path, lambda _: tick(0.0))
    except UnreadableFile as error:
        raise _unreadable(path, error.why or say("it is damaged")) from error
    kind = kind_of(instance.header)
    try:
        if kind is ObjectKind.RTDOSE:
            return _dose(path, instance, tick)
        if kind is ObjectKind.PARAMETRIC_MAP:
            return _map(path, instance, tick)
    except PARSE_ERRORS as error:
        raise _unreadable(path, say("it is damaged")) from error
    raise _unreadable(path, say("it is neither an RT Dose nor a Parametric Map"))


def _unreadable(path: Path, why: str) -> UnreadableFile:
    return UnreadableFile(
        say("cannot read the values of {path}", path=path), why, say("Name an RT Dose or a Parametric Map.")
    )


def _read(path: Path, instance: Instance, order: list[int], tick: Tick) -> npt.NDArray[np.generic]:
    with FrameSource(instance) as source:
        stored = np.empty((len(order), *source.spec.shape), source.spec.dtype)
        for k, frame in enumerate(order):
            tick(k / len(order))
            try:
                source.read_into(frame, stored[k])
            except UnreadableFile as error:
                raise _unreadable(path, error.why or say("its pixel data is damaged")) from error
    return stored


# -- RT Dose -----------------------------------------------------------------------------------------------------------

_UNITS = {"GY": "Gy", "RELATIVE": ""}


def _dose(path: Path, instance: Instance, tick: Tick) -> ValueGrid:
    dataset = instance.header
    first = numbers_array(dataset, "ImagePositionPatient", 3)
    orientation, spacing = orientation_of(dataset), header.positive_pair(dataset, "PixelSpacing")
    scale = header.number(dataset, "DoseGridScaling")
    if first is None or orientation is None or spacing is None:
        raise _unreadable(path, say("it does not say where its dose lies in the patient"))
    if not scale or scale <= 0:
        raise _unreadable(path, say("it has no Dose Grid Scaling, so its values mean nothing"))
    offsets, notes = _offsets(dataset, first, orientation, instance.number_of_frames)
    if len(offsets) != instance.number_of_frames:
        raise _unreadable(
            path,
            say(
                "it has {planes} planes and places for {places}",
                planes=instance.number_of_frames,
                places=len(offsets),
            ),
        )
    order = [int(k) for k in np.argsort(offsets, kind="stable")]
    normal = np.cross(orientation[:3], orientation[3:])
    count = len(order)
    summation = header.code(dataset, "DoseSummationType").lower()
    kind = header.code(dataset, "DoseType").lower()
    quantity = " ".join(part for part in (kind if kind not in ("", "physical") else "", "dose") if part)
    return ValueGrid(
        stored=_read(path, instance, order, tick),
        slopes=np.full(count, scale),
        intercepts=np.zeros(count),
        positions=first + offsets[order][:, None] * normal,
        orientation=orientation,
        spacing=spacing,
        frame_of_reference_uid=header.code(dataset, "FrameOfReferenceUID"),
        unit=_UNITS.get(header.code(dataset, "DoseUnits").upper(), ""),
        quantity=f"{quantity[0].upper()}{quantity[1:]}" + (f", {summation}" if summation else ""),
        notes=notes,
    )


def _offsets(
    dataset: Dataset, first: FloatArray, orientation: FloatArray, count: int
) -> tuple[FloatArray, tuple[str, ...]]:
    """Each plane's distance from the first along the normal, mm, and what is odd about it (C.8.8.3.2).

    Grid Frame Offset Vector begins with 0 where it is relative; where it begins with the first plane's z it holds
    patient coordinates, which only axial planes may do.
    """
    vector = np.array(header.numbers(dataset, "GridFrameOffsetVector"))
    if count == 1:
        return np.zeros(1), ()
    if len(vector) == 0:
        return vector, ()
    if vector[0] == 0:
        return vector, ()
    normal = np.cross(orientation[:3], orientation[3:])
    is_axial = abs(abs(normal[2]) - 1) < 1e-4
    notes: tuple[str, ...] = ()
    if not is_axial or abs(vector[0] - first[2]) > _PLACE_MM:
        odd = say(
            "The places of its planes begin neither with 0 nor with the first plane's position: taken from the first."
        )
        return vector - vector[0], (odd,)
    return (vector - first[2]) * np.sign(normal[2]), notes


# -- Parametric Map ----------------------------------------------------------------------------------------------------


def _map(path: Path, instance: Instance, tick: Tick) -> ValueGrid:
    dataset = instance.header
    frames = frames_of(instance)
    if any(frame.position is None or frame.spacing.pixel is None for frame in frames):
        raise _unreadable(path, say("it does not say where its frames lie in the patient"))
    orientation = frames[0].orientation
    assert orientation is not None
    normal = np.cross(orientation[:3], orientation[3:])
    used: dict[float, int] = {}
    for frame in frames:
        assert frame.position is not None
        assert frame.orientation is not None
        if np.allclose(frame.orientation, orientation, atol=1e-3):
            used.setdefault(round(float(frame.position @ normal), 2), frame.index)
    order = [index for _, index in sorted(used.items())]
    left = len(frames) - len(order)
    notes = (
        [
            say(
                "{some} of its {all} frames lie where others do and are not shown.",
                some=left,
                all=len(frames),
            )
        ]
        if left
        else []
    )
    groups = Groups(dataset)
    signed = header.integer(dataset, "PixelRepresentation") == 1
    maps = [next(iter(real_world_maps(groups, index, signed=signed)), None) for index in order]
    tables = [one if one is not None and one.table is not None else None for one in maps]
    mappings = [_real_world(groups, index, by_table=tables[k] is not None) for k, index in enumerate(order)]
    units = {unit for _, _, unit, _ in mappings}
    if len(units) > 1:
        raise _unreadable(path, say("its frames are in several units ({units})", units=", ".join(sorted(units))))
    spacing = frames[order[0]].spacing.pixel
    assert spacing is not None
    stored = _read(path, instance, order, tick)
    if any(table is not None for table in tables):
        # Mapped once: between two entries of a table there is nothing to interpolate, between two values there is.
        mapped = np.empty(stored.shape, np.float32)
        for k, table in enumerate(tables):
            slope, intercept, _, _ = mappings[k]
            mapped[k] = table.values(stored[k]) if table is not None else stored[k] * slope + intercept
            mappings[k] = (1.0, 0.0, *mappings[k][2:])
        stored = mapped
    return ValueGrid(
        stored=stored,
        slopes=np.array([slope for slope, _, _, _ in mappings]),
        intercepts=np.array([intercept for _, intercept, _, _ in mappings]),
        positions=np.array([frames[index].position for index in order]),
        orientation=orientation,
        spacing=spacing,
        frame_of_reference_uid=header.code(dataset, "FrameOfReferenceUID"),
        unit=mappings[0][2],
        quantity=mappings[0][3] or header.text(dataset, "ContentLabel") or say("Parametric map"),
        notes=tuple(notes),
    )


_PRINTED = {"um2/s": "µm²/s", "mm2/s": "mm²/s", "10-3.mm2/s": "10⁻³ mm²/s", "[hnsf'U]": "HU", "{SUVbw}g/ml": "SUVbw"}
"""UCUM as people write it."""


def _real_world(groups: Groups, frame: int, *, by_table: bool) -> tuple[float, float, str, str]:
    """(slope, intercept, unit, quantity) of a frame's first Real World Value Mapping (C.7.6.16.2.11). ``by_table``: it
    maps by a table, and unit and quantity are of what that gives.
    """
    macro = groups.macro(frame, "RealWorldValueMappingSequence")
    if macro is None:
        return 1.0, 0.0, "", ""
    slope, intercept = header.number(macro, "RealWorldValueSlope"), header.number(macro, "RealWorldValueIntercept")
    unit = ""
    for item in header.items(macro, "MeasurementUnitsCodeSequence"):
        unit = header.text(item, "CodeValue")
    quantity = ""
    for item in header.items(macro, "QuantityDefinitionSequence"):
        for concept in header.items(item, "ConceptCodeSequence"):
            quantity = quantity or header.text(concept, "CodeMeaning")
    quantity = quantity or header.text(macro, "LUTExplanation") or header.text(macro, "LUTLabel")
    # UCUM writes "no unit" as 1, and 1 in braces for counts.
    unit = "" if unit in ("1", "{1}", "[arb'U]") else _PRINTED.get(unit, unit)
    if slope is None or by_table:
        # Not mapped at all: stored values are all that can be told.
        return 1.0, 0.0, unit if by_table else "", quantity
    return slope, intercept or 0.0, unit, quantity
