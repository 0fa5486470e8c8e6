"""Which objects belong to which series: decided anew at each opening, so that the order of opening is no matter."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.dicom.objects import ObjectKind
from inference.words import say

if TYPE_CHECKING:
    from collections.abc import Iterable

    from app.dicom.model import Series, StudyIndex
    from app.dicom.objects import StoredObject


@dataclass(frozen=True, eq=False)
class Attachment:
    """An object and the stacks that it belongs to. ``why_not``: a sentence where there are none, else empty."""

    object: StoredObject
    series: tuple[Series, ...]
    why_not: str = ""

    @property
    def series_uids(self) -> tuple[str, ...]:
        """Series Instance UIDs of its stacks, each once."""
        return tuple(dict.fromkeys(series.uid for series in self.series))


def attachments(index: StudyIndex) -> tuple[Attachment, ...]:
    """Every object of ``index`` with the stacks of the same patient that it belongs to.

    The images that it names decide; where none of them is open, the series that it names; where it names neither, its
    frame of reference.
    """
    stacks = _Stacks(index)
    return tuple(stacks.attach(found) for study in index.studies for found in study.objects)


def attached_to(found: tuple[Attachment, ...], series: Series) -> tuple[StoredObject, ...]:
    """Those objects of ``found`` that belong to ``series``: that very one, for files of two patients may share UIDs."""
    return tuple(a.object for a in found if any(other is series for other in a.series))


class _Stacks:
    """The open stacks by all that an object may name. Keys begin with the patient's ID: patients are never mixed."""

    def __init__(self, index: StudyIndex) -> None:
        self._by_instance: dict[str, list[tuple[str, Series]]] = defaultdict(list)
        self._by_series: dict[tuple[str, str], list[Series]] = defaultdict(list)
        self._by_frame: dict[tuple[str, str], list[Series]] = defaultdict(list)
        for study in index.studies:
            patient = study.patient.id
            for series in study.series:
                self._by_series[patient, series.uid].append(series)
                if series.frame_of_reference_uid:
                    self._by_frame[patient, series.frame_of_reference_uid].append(series)
                for instance in series.instances:
                    self._by_instance[instance.sop_instance_uid].append((patient, series))

    def attach(self, found: StoredObject) -> Attachment:
        patient = found.patient_id
        named = [pair for uid in found.instance_uids for pair in self._by_instance.get(uid, ())]
        # A parametric map opens as a series too; it does not belong to itself.
        named = [(other, series) for other, series in named if series.uid != found.series_uid]
        own = _unique(series for other, series in named if other == patient)
        if own:
            return Attachment(found, own)
        if named:
            return Attachment(found, (), say("The images it refers to carry another patient ID."))
        own = _unique(s for uid in found.series_uids for s in self._by_series.get((patient, uid), ()))
        if not own:
            own = _unique(s for uid in found.frames_of_reference for s in self._by_frame.get((patient, uid), ()))
        own = tuple(series for series in own if series.uid != found.series_uid)
        return Attachment(found, own, "" if own else _why_not(found))


def _unique(stacks: Iterable[Series]) -> tuple[Series, ...]:
    found: dict[tuple[str, int], Series] = {}
    for series in stacks:
        found.setdefault(series.key, series)
    return tuple(sorted(found.values(), key=lambda s: (s.number is None, s.number or 0, s.uid, s.stack)))


def _why_not(found: StoredObject) -> str:
    if found.instance_uids or found.series_uids:
        return say("The images it refers to are not open.")
    if found.frames_of_reference:
        return say("No open images share its frame of reference.")
    if found.kind in (ObjectKind.DOCUMENT, ObjectKind.REPORT):
        return say("It belongs to its study as a whole.")
    return say("It names no images.")
