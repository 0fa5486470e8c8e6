"""From a stored object to what is drawn of it on a stack: reads the file, so call it in a job."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.core.contouring import contours_on
from app.core.placing import segments_on
from app.core.wash import Wash, values_on
from app.dicom.objects import ObjectKind
from app.dicom.segmentation import read_seg
from app.dicom.structures import read_structures
from app.dicom.value_grid import read_values
from inference.types import Tick, no_tick

if TYPE_CHECKING:
    from app.core.layers import Layer
    from app.dicom.model import Series
    from app.dicom.objects import StoredObject

DRAWN = frozenset({ObjectKind.SEG, ObjectKind.RTSTRUCT, ObjectKind.RTDOSE, ObjectKind.PARAMETRIC_MAP})
"""Kinds that ``layer_of`` can lay over images."""

AT_ONCE = frozenset({ObjectKind.SEG, ObjectKind.RTSTRUCT})
"""Those of them that are laid without being asked for: they cover little of the image."""


def layer_of(stored: StoredObject, series: Series, tick: Tick = no_tick) -> Layer | Wash:
    """What ``stored`` (of a kind in ``DRAWN``) looks like on ``series``.

    Raises ``UnreadableFile`` with the reason, ``Cancelled`` from ``tick``.
    """
    title = f"{stored.modality or stored.kind.id.upper()}  ·  {stored.label}"
    if stored.kind is ObjectKind.SEG:
        segmentation = read_seg(stored.path, lambda fraction: tick(fraction / 2))
        return segments_on(segmentation, series, stored.uid, title, lambda fraction: tick(0.5 + fraction / 2))
    if stored.kind is ObjectKind.RTSTRUCT:
        structures = read_structures(stored.path, lambda fraction: tick(fraction / 2))
        return contours_on(structures, series, stored.uid, title, lambda fraction: tick(0.5 + fraction / 2))
    if stored.kind in (ObjectKind.RTDOSE, ObjectKind.PARAMETRIC_MAP):
        grid = read_values(stored.path, tick)
        return values_on(grid, series, stored.uid, title, is_dose=stored.kind is ObjectKind.RTDOSE)
    raise ValueError(f"{stored.kind} is not drawn")
