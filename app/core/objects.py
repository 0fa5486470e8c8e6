"""From a stored object to what is drawn of it on a stack: reads the file, so call it in a job."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.core.contouring import contours_on
from app.core.placing import segments_on
from app.dicom.objects import ObjectKind
from app.dicom.segmentation import read_seg
from app.dicom.structures import read_structures
from inference.types import Tick, no_tick

if TYPE_CHECKING:
    from pathlib import Path

    from app.core.layers import Layer
    from app.dicom.model import Series
    from app.dicom.objects import StoredObject

DRAWN = frozenset({ObjectKind.SEG, ObjectKind.RTSTRUCT})
"""Kinds that ``layer_of`` can lay over images."""


def layer_of(stored: StoredObject, series: Series, tick: Tick = no_tick) -> Layer:
    """What ``stored`` (of a kind in ``DRAWN``) looks like on ``series``.

    Raises ``UnreadableFile`` with the reason, ``Cancelled`` from ``tick``.
    """
    return layer_from(stored.kind, stored.path, series, stored.uid, tick)


def layer_from(kind: ObjectKind, path: Path, series: Series, uid: str, tick: Tick = no_tick) -> Layer:
    """The same from a file. ``uid``: the layer's."""
    if kind is ObjectKind.SEG:
        return segments_on(read_seg(path), series, uid, tick)
    if kind is ObjectKind.RTSTRUCT:
        return contours_on(read_structures(path, lambda fraction: tick(fraction / 2)), series, uid, tick)
    raise ValueError(f"{kind} is not drawn")
