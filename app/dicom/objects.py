"""What a study holds besides images: segmentations, structure sets, doses, presentation states, reports, documents.

Only their headers are read while scanning. What they refer to is noted here; ``app.core.attachments`` decides which
series that means, once it is known what is open.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from functools import cached_property
from typing import TYPE_CHECKING

from pydicom import Dataset
from pydicom.dataset import FileMetaDataset

from app.dicom import header
from inference.words import say

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class ObjectKind(Enum):
    """What an object is, by its identifier (``info --json``), and what people call it."""

    SEG = ("seg", say("a segmentation (SEG)"), ("ContentLabel",))
    RTSTRUCT = (
        "rtstruct",
        say("a radiotherapy structure set (RT Structure Set)"),
        ("StructureSetLabel", "StructureSetName"),
    )
    RTDOSE = ("rtdose", say("a radiotherapy dose (RT Dose)"), ("DoseComment",))
    PARAMETRIC_MAP = ("parametric-map", say("a parametric map"), ("ContentLabel",))
    PRESENTATION_STATE = ("presentation-state", say("a presentation state"), ("ContentLabel",))
    KEY_OBJECTS = ("key-objects", say("a key object selection"), ())
    REPORT = ("report", say("a structured report (SR)"), ())
    DOCUMENT = ("document", say("an encapsulated document"), ("DocumentTitle",))

    def __init__(self, id_: str, title: str, labels: tuple[str, ...]) -> None:
        self.id = id_
        self.title = title
        self.labels = labels
        """Attributes that may name one, the best first."""


_SOP = "1.2.840.10008.5.1.4.1.1."
# PS3.4 B.5. An image that is an object as well (a parametric map) is both: it is shown, and it is attached.
KINDS = {
    f"{_SOP}66.4": ObjectKind.SEG,
    f"{_SOP}66.7": ObjectKind.SEG,
    f"{_SOP}481.3": ObjectKind.RTSTRUCT,
    f"{_SOP}481.2": ObjectKind.RTDOSE,
    f"{_SOP}30": ObjectKind.PARAMETRIC_MAP,
    **dict.fromkeys((f"{_SOP}11.{n}" for n in range(1, 12)), ObjectKind.PRESENTATION_STATE),
    f"{_SOP}88.59": ObjectKind.KEY_OBJECTS,
    **dict.fromkeys(
        (f"{_SOP}88.{n}" for n in (11, 22, 33, 34, 35, 40, 50, 65, 67, 68, 69, 70, 71, 72, 73, 74, 75, 76)),
        ObjectKind.REPORT,
    ),
    **dict.fromkeys((f"{_SOP}104.{n}" for n in range(1, 6)), ObjectKind.DOCUMENT),
}
"""SOP Class UID → kind."""

IMAGES = frozenset({ObjectKind.PARAMETRIC_MAP})
"""Kinds that are images too, and open as series of their own."""

HEAVY = frozenset({0x30060039, 0x0040A730, 0x00420011})
"""Where a header ends for the scanner: contours (ROI Contour Sequence), a report's content, a document's bytes."""

_FRAMES = ("SharedFunctionalGroupsSequence", "PerFrameFunctionalGroupsSequence")
# Sequences on the way from an object to what it refers to (PS3.3 C.7.6.16.2.6, C.8.8.5, C.11.11, C.12.2, C.17.2).
_LEADS = (
    "ReferencedSeriesSequence",
    "ReferencedInstanceSequence",
    "ReferencedImageSequence",
    "SourceImageSequence",
    "SourceInstanceSequence",
    "DerivationImageSequence",
    "StudiesContainingOtherReferencedInstancesSequence",
    "CurrentRequestedProcedureEvidenceSequence",
    "PertinentOtherEvidenceSequence",
    "ReferencedSOPSequence",
    "ReferencedFrameOfReferenceSequence",
    "RTReferencedStudySequence",
    "RTReferencedSeriesSequence",
    "ContourImageSequence",
    "ReferencedStructureSetSequence",
    "BlendingSequence",
    "StructureSetROISequence",
)
_MAX_ITEMS = 200_000
_MAX_DEPTH = 12


@dataclass(frozen=True, eq=False)
class StoredObject:
    """One SOP instance that is no plain image: where it lies, whose it is, what it refers to.

    ``header``: its data set without pixels, contours, content and functional groups of frames; to read those, open
    ``path`` again with ``parse.read_object``. ``instance_uids``, ``series_uids``, ``frames_of_reference``: everything
    that it names, images or not, each once.
    """

    kind: ObjectKind
    path: Path
    sop_class_uid: str
    sop_instance_uid: str
    series_uid: str
    study_uid: str
    patient_id: str
    modality: str
    label: str
    description: str
    date: str
    frames_of_reference: frozenset[str]
    instance_uids: frozenset[str]
    series_uids: frozenset[str]
    header: Dataset

    @cached_property
    def uid(self) -> str:
        """Its identity in the program: the SOP Instance UID, or the path of a file that has none."""
        return self.sop_instance_uid or str(self.path)


def kind_of(dataset: Dataset) -> ObjectKind | None:
    """What kind of object ``dataset`` is, or ``None``: a plain image, or something that is not kept."""
    return KINDS.get(sop_class(dataset))


def sop_class(dataset: Dataset) -> str:
    """SOP Class UID of the data set, else of its File Meta Information, or ``""``."""
    return header.code(dataset, "SOPClassUID") or header.code(
        getattr(dataset, "file_meta", Dataset()), "MediaStorageSOPClassUID"
    )


def stored_object(path: Path, dataset: Dataset) -> StoredObject:
    """The object whose header is ``dataset``, which must be of a kind in ``KINDS``. Never raises for what it holds."""
    kind = KINDS[sop_class(dataset)]
    found = _References()
    found.add(dataset)
    if not found.instances:
        for sequence in _FRAMES:
            for group in header.items(dataset, sequence):
                found.add(group)
    if header.has(dataset, "FrameOfReferenceUID"):
        found.frames.add(header.code(dataset, "FrameOfReferenceUID"))
    description = header.text(dataset, "SeriesDescription")
    return StoredObject(
        kind=kind,
        path=path,
        sop_class_uid=sop_class(dataset),
        sop_instance_uid=header.code(dataset, "SOPInstanceUID"),
        series_uid=header.code(dataset, "SeriesInstanceUID"),
        study_uid=header.code(dataset, "StudyInstanceUID"),
        patient_id=header.text(dataset, "PatientID"),
        modality=header.code(dataset, "Modality").upper(),
        label=_label(kind, dataset) or description or kind.title,
        description=description,
        date=_date(dataset),
        frames_of_reference=frozenset(found.frames),
        instance_uids=frozenset(found.instances),
        series_uids=frozenset(found.series),
        header=_light(dataset),
    )


def _label(kind: ObjectKind, dataset: Dataset) -> str:
    for keyword in kind.labels:
        if text := header.text(dataset, keyword):
            return text
    # The title of a report or a key object selection is a code (PS3.3 C.17.3.1); documents may have one too.
    if kind in (ObjectKind.REPORT, ObjectKind.KEY_OBJECTS, ObjectKind.DOCUMENT):
        for item in header.items(dataset, "ConceptNameCodeSequence"):
            if text := header.text(item, "CodeMeaning"):
                return text
    return ""


def _date(dataset: Dataset) -> str:
    keywords = ("ContentDate", "StructureSetDate", "PresentationCreationDate", "InstanceCreationDate", "SeriesDate")
    dates = (header.code(dataset, keyword) for keyword in (*keywords, "StudyDate"))
    return next((date for date in dates if date), "")


def _light(dataset: Dataset) -> Dataset:
    """The header that stays in memory: a segmentation's functional groups may be larger than its pixels."""
    kept = [tag for tag in tuple(dataset.keys()) if tag not in _NOT_KEPT]
    light = Dataset({tag: dataset.get_item(tag) for tag in kept})
    light.file_meta = getattr(dataset, "file_meta", FileMetaDataset())
    return light


_NOT_KEPT = frozenset({0x52009230, *HEAVY})


class _References:
    """What a data set refers to. Bounded: a hostile file may nest or repeat without end."""

    def __init__(self) -> None:
        self.instances: set[str] = set()
        self.series: set[str] = set()
        self.frames: set[str] = set()
        self._left = _MAX_ITEMS

    def add(self, dataset: Dataset) -> None:
        for item in self._items(dataset, 0):
            for found, keyword in (
                (self.instances, "ReferencedSOPInstanceUID"),
                (self.series, "SeriesInstanceUID"),
                (self.frames, "FrameOfReferenceUID"),
                (self.frames, "ReferencedFrameOfReferenceUID"),
            ):
                if uid := header.code(item, keyword):
                    found.add(uid)

    def _items(self, dataset: Dataset, depth: int) -> Iterator[Dataset]:
        for keyword in _LEADS:
            for item in header.items(dataset, keyword):
                self._left -= 1
                if self._left < 0:
                    return
                yield item
                if depth < _MAX_DEPTH:
                    yield from self._items(item, depth + 1)
