"""Real World Value Mapping: what stored values mean in the world, beside what the display makes of them.

A mapping stands on its own: it takes stored values, not rescaled ones, and may differ from the rescale (PS3.3
C.7.6.16.2.11, C.7.6.16.2.11.1).
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from app.dicom import header

if TYPE_CHECKING:
    from pydicom import Dataset

    from app.dicom.frames import Groups

Float = npt.NDArray[np.float64]

_SEQUENCE = "RealWorldValueMappingSequence"
_MOST = 16
"""Mappings of one frame that are read."""
_PLAIN = frozenset({"1", "{no units}", "{ratio}"})
"""UCUM codes of numbers without a unit."""


@dataclass(frozen=True, eq=False)
class RealWorldMap:
    """One mapping. ``first`` … ``last``: the stored values that it covers. ``table``: real-world value by stored value
    from ``first`` on; without one, ``slope`` and ``intercept`` apply. ``label``: what the file calls it, ``quantity``:
    what is measured, both ``""`` where it does not say. ``unit``: in UCUM's letters, ``""`` for plain numbers.
    """

    first: float
    last: float
    slope: float
    intercept: float
    table: Float | None
    unit: str
    label: str
    quantity: str

    def values(self, stored: npt.NDArray[Any]) -> Float:
        """Real-world values of ``stored``, any shape; NaN where the mapping does not reach."""
        x = stored.astype(np.float64)
        inside = (x >= self.first) & (x <= self.last)
        if self.table is not None:
            index = np.clip(np.where(inside, x, self.first) - self.first, 0, len(self.table) - 1).astype(np.intp)
            found = self.table[index]
        else:
            found = x * self.slope + self.intercept
        return np.asarray(np.where(inside, found, np.nan))

    @property
    def name(self) -> str:
        """What to call it beside its values: the quantity, else the label."""
        return self.quantity or self.label

    def says_no_more_than(self, slope: float, intercept: float, unit: str) -> bool:
        """Whether values of this rescale, in ``unit``, say the same already."""
        return (
            self.table is None
            and math.isclose(self.slope, slope, rel_tol=1e-6)
            and math.isclose(self.intercept, intercept, rel_tol=1e-6, abs_tol=1e-9)
            and self.unit in ("", unit)
            and not self.quantity
        )


def real_world_maps(groups: Groups, frame: int, *, signed: bool) -> tuple[RealWorldMap, ...]:
    """The mappings of ``frame`` (from 0): its own, else those of all frames, else the data set's. Never raises.

    ``signed``: whether stored values are.
    """
    own = groups.per_frame[frame] if frame < len(groups.per_frame) else None
    for holder in (own, groups.shared, groups.dataset):
        found = header.items(holder, _SEQUENCE) if holder is not None else ()
        if found:
            made = (_map(item, signed=signed) for item in found[:_MOST])
            return tuple(one for one in made if one is not None)
    return ()


def _map(item: Dataset, *, signed: bool) -> RealWorldMap | None:
    """One item; ``None`` where it cannot be used."""
    limits = [_limit(item, end, signed=signed) for end in ("First", "Last")]
    first, last = (limit if limit is not None else edge for limit, edge in zip(limits, (-np.inf, np.inf), strict=True))
    table = np.asarray(header.numbers(item, "RealWorldValueLUTData"), dtype=np.float64)
    slope, intercept = header.number(item, "RealWorldValueSlope"), header.number(item, "RealWorldValueIntercept")
    if table.size and not np.isfinite(first):
        return None
    if (not table.size and (slope is None or intercept is None)) or first > last:
        return None
    if table.size:
        # A table that is shorter than it says reaches as far as it goes.
        last = min(last, first + table.size - 1)
    return RealWorldMap(
        first=float(first),
        last=float(last),
        slope=slope if slope is not None else 1.0,
        intercept=intercept or 0.0,
        table=table if table.size else None,
        unit=unit_of_code(next(iter(header.items(item, "MeasurementUnitsCodeSequence")), None)),
        label=header.text(item, "LUTLabel"),
        quantity=_quantity(item),
    )


def _limit(item: Dataset, end: str, *, signed: bool) -> float | None:
    """First or last value mapped: of whole pixels, or of floating-point ones."""
    double = header.number(item, f"DoubleFloatRealWorldValue{end}ValueMapped")
    if double is not None:
        return double
    words = header.words(item, f"RealWorldValue{end}ValueMapped")
    if len(words) != 1:
        return None
    return float(words[0] - 0x10000 if signed and words[0] >= 0x8000 else words[0])


def _quantity(item: Dataset) -> str:
    """The meaning of the concept that says what is measured (Quantity Definition Sequence)."""
    for content in header.items(item, "QuantityDefinitionSequence"):
        name = next(iter(header.items(content, "ConceptNameCodeSequence")), None)
        value = next(iter(header.items(content, "ConceptCodeSequence")), None)
        if name is not None and value is not None and header.code(name, "CodeValue") in ("246205007", "G-C1C6"):
            return header.text(value, "CodeMeaning")
    return ""


def unit_of_code(code: Dataset | None) -> str:
    """A unit as people write it, from its code: ``"ms"``, ``"mm2/s"``, ``"SUVbw"``; ``""`` for plain numbers."""
    if code is None:
        return ""
    value = header.code(code, "CodeValue")
    if header.code(code, "CodingSchemeDesignator").upper() != "UCUM":
        meaning = header.text(code, "CodeMeaning")
        return "" if meaning.lower() in ("", "no units", "unitless") else meaning
    if value in _PLAIN:
        return ""
    # An annotation in braces says what the unit itself cannot: g/ml{SUVbw}, {counts}.
    before, _, annotation = value.partition("{")
    annotation = annotation.partition("}")[0]
    if annotation.upper().startswith("SUV"):
        return annotation
    if before == "[hnsf'U]":
        return "HU"
    return before or annotation
