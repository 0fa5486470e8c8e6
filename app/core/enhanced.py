"""Series that a model made of another: which are, of which, and how they are marked.

The mark lies in the files (value 4 of Image Type), so that a series keeps it wherever it travels and comes back from.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from app.dicom import header
from inference.words import say

if TYPE_CHECKING:
    from collections.abc import Iterable

    from app.dicom.model import Series


class Made(Enum):
    """What a series made by a model shows. The value is value 4 of Image Type (PS3.3 C.7.6.1.1.2)."""

    ENHANCED = "AI_ENHANCED"
    DIFFERENCE = "AI_DIFFERENCE"

    @property
    def mark(self) -> str:
        """What every view of such a series says."""
        return say("AI-enhanced") if self is Made.ENHANCED else say("Difference: AI-enhanced − original")


def made_by_model(series: Series) -> Made | None:
    """What a model made of ``series``; ``None`` for a series as it was taken."""
    values = header.codes(series.instances[0].header, "ImageType")
    return next((made for made in Made if made.value in values[2:]), None)


def mark_of(series: Series) -> str:
    """The words that must stand on every view of ``series``; empty for a series as it was taken."""
    made = made_by_model(series)
    return made.mark if made is not None else ""


def sources_of(series: Series) -> frozenset[str]:
    """SOP Instance UIDs of the images that the first image of a derived series was made of."""
    items = series.instances[0].header.get("SourceImageSequence") or ()
    return frozenset(str(item.get("ReferencedSOPInstanceUID", "")) for item in items)


@dataclass(frozen=True, eq=False)
class Family:
    """An original and what models made of it. ``None``: not open."""

    original: Series | None
    enhanced: Series | None
    difference: Series | None


def family_of(series: Series, every: Iterable[Series]) -> Family:
    """The family that ``series`` belongs to among the open series; the newest where several were made."""
    known = tuple(every)
    original: Series | None = series
    if made_by_model(series) is not None:
        wanted = sources_of(series)
        original = next((one for one in known if made_by_model(one) is None and wanted & _instances(one)), None)
    instances = _instances(original) if original is not None else sources_of(series)
    children = [one for one in known if made_by_model(one) is not None and sources_of(one) & instances]

    def newest(made: Made) -> Series | None:
        if made_by_model(series) is made:
            return series
        return next((one for one in reversed(children) if made_by_model(one) is made), None)

    return Family(original, newest(Made.ENHANCED), newest(Made.DIFFERENCE))


def _instances(series: Series) -> frozenset[str]:
    return frozenset(instance.sop_instance_uid for instance in series.instances)
