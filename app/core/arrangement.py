"""How the views of a study were left: the grid, what each cell showed, planes, colours. View state, never undone.

As a record it names no patient and holds no UID: a series is its number among those of the study, with what it looks
like, so that it is found only in the same study.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from app.core.colour_maps import NAMES
from app.core.fusion import FusionStyle
from app.core.layout import Content, Layout
from app.core.planes import PlaneName
from app.core.sampling import Projection, Slab

if TYPE_CHECKING:
    from app.dicom.model import Series, Study

Key = tuple[str, int]


@dataclass(frozen=True)
class Arrangement:
    """``cells``: row by row, ``None`` for an empty one. ``slab``: of planes, where there are any. ``over``: the series
    that lies in colour over others, in ``look``."""

    rows: int
    columns: int
    active: int
    cells: tuple[Content | None, ...]
    slab: Slab = field(default_factory=Slab)
    over: Key | None = None
    look: FusionStyle | None = None

    def __post_init__(self) -> None:
        # Raises what a layout raises.
        Layout(self.rows, self.columns, self.cells, self.active)

    @property
    def planes_of(self) -> Key | None:
        """The series whose planes were shown; ``None`` where there were none."""
        return next((cell.series for cell in self.cells if cell is not None and cell.plane is not None), None)

    @property
    def is_plain(self) -> bool:
        """One image as it was acquired: nothing to restore."""
        return self.rows * self.columns == 1 and self.planes_of is None and self.over is None


def written(arrangement: Arrangement, study: Study) -> str:
    """``arrangement`` as JSON; cells of other studies become empty."""
    names = {series.key: name for name, series in _named(study)}

    def cell(content: Content | None) -> Any:
        if content is None or content.series not in names:
            return None
        return [names[content.series], content.plane.value if content.plane is not None else ""]

    look = arrangement.look
    return json.dumps(
        {
            "grid": [arrangement.rows, arrangement.columns, arrangement.active],
            "cells": [cell(content) for content in arrangement.cells],
            "slab": [arrangement.slab.thickness, arrangement.slab.projection.name],
            "over": names.get(arrangement.over) if arrangement.over is not None else None,
            "look": None if look is None else [look.map, look.opacity, look.low, look.high],
        }
    )


def read(body: str, study: Study) -> Arrangement:
    """What ``written`` made ``body`` of; series that are not open leave their cells empty.

    Raises ``KeyError``, ``TypeError`` or ``ValueError`` where it cannot be understood.
    """
    found = json.loads(body)
    keys = {tuple(name): series.key for name, series in _named(study)}

    def cell(entry: Any) -> Content | None:
        if entry is None:
            return None
        name, plane = entry
        key = keys.get(tuple(name))
        return None if key is None else Content(key, PlaneName(plane) if plane else None)

    rows, columns, active = (int(number) for number in found["grid"])
    thickness, projection = found["slab"]
    over = None if found["over"] is None else keys.get(tuple(found["over"]))
    look = None
    if found["look"] is not None and over is not None:
        name, opacity, low, high = found["look"]
        if name not in NAMES:
            raise ValueError(f"there is no colour map called {name!r}")
        look = FusionStyle(name, float(opacity), float(low), float(high))
    cells = tuple(cell(entry) for entry in found["cells"])
    return Arrangement(rows, columns, active, cells, Slab(float(thickness), Projection[projection]), over, look)


def _named(study: Study) -> list[tuple[tuple[int, int, str, int], Series]]:
    ordered = sorted(study.series, key=lambda series: series.key)
    return [((len(ordered), place, one.modality, len(one.frames)), one) for place, one in enumerate(ordered)]
