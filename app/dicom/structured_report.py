"""Structured reports as a tree of plain values: what is said, in which words, about which images (PS3.3 C.17.3).

Key object selections are reports too (PS3.3 A.35.4). Everything is bounded: a hostile file may nest, repeat or refer to
itself without end; what lies beyond the bounds is said to be left out.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from app.dicom import header
from app.dicom.annotations import Graphic, pairs
from app.dicom.real_world import unit_of_code
from inference.words import joined, known, say, say_n

if TYPE_CHECKING:
    from collections.abc import Iterator

    from pydicom import Dataset

MAX_ITEMS = 10_000
MAX_DEPTH = 40
MAX_TEXT = 65_536

_GRAPHICS = {"POINT", "POLYLINE", "CIRCLE", "ELLIPSE"}


@dataclass(frozen=True)
class Code:
    """A coded concept. ``meaning``: in words."""

    value: str
    scheme: str
    meaning: str

    def __str__(self) -> str:
        return f"{self.scheme} {self.value}".strip()


@dataclass(frozen=True)
class ImageReference:
    """An image that a report speaks of. ``frames``: from 1 on; none are all. ``state_uid``: a presentation state to see
    it with, or ``""``.
    """

    sop_class_uid: str
    sop_instance_uid: str
    frames: tuple[int, ...] = ()
    state_uid: str = ""


@dataclass(frozen=True)
class Points3D:
    """SCOORD3D: ``points`` in LPS mm of a frame of reference. ``shape``: POINT, MULTIPOINT, POLYLINE, POLYGON, ..."""

    shape: str
    points: tuple[tuple[float, float, float], ...]
    frame_of_reference_uid: str


@dataclass(frozen=True)
class ContentItem:
    """One item of the content tree. ``relationship``: to its parent (CONTAINS, HAS PROPERTIES, ...). ``kind``: its
    Value Type. ``name``: its concept in words. ``text``: its value in words, with its unit. ``code``: of its name,
    ``value_code``: of its value. ``graphic``: of an SCOORD, in pixels of the image (PS3.3 C.18.6).
    """

    relationship: str
    kind: str
    name: str
    text: str = ""
    code: Code | None = None
    value_code: Code | None = None
    reference: ImageReference | None = None
    graphic: Graphic | None = None
    points: Points3D | None = None
    children: tuple[ContentItem, ...] = ()

    def walk(self) -> Iterator[ContentItem]:
        """It and everything below it, in reading order."""
        yield self
        for child in self.children:
            yield from child.walk()


@dataclass(frozen=True)
class ReportMark:
    """A graphic on an image, or points in a frame of reference. ``label``: what was measured there, in words."""

    label: str
    reference: ImageReference | None
    graphic: Graphic | None
    points: Points3D | None


@dataclass(frozen=True)
class Report:
    """A report or a key object selection. ``status``: whether it is complete and verified, in words. ``facts``: who
    made it and when: (name, value). ``notes``: what was left out.
    """

    title: str
    status: str
    facts: tuple[tuple[str, str], ...]
    root: ContentItem
    notes: tuple[str, ...] = field(default=())

    def images(self) -> tuple[ImageReference, ...]:
        """Images it refers to, each once, in reading order."""
        found = [one.reference for one in self.root.walk() if one.kind == "IMAGE" and one.reference is not None]
        return tuple(dict.fromkeys(found))

    def marks(self) -> tuple[ReportMark, ...]:
        """Coordinates that it measured or pointed at, with the images that they were selected from."""
        found: list[ReportMark] = []
        _marks(self.root, "", found)
        return tuple(found)

    @property
    def description(self) -> str:
        """What a key object selection says about its images (TID 2010)."""
        return "\n".join(
            one.text for one in self.root.children if one.kind == "TEXT" and one.code and one.code.value == "113012"
        )


def report_of(dataset: Dataset) -> Report:
    """The report that a whole data set holds. Never raises for what it holds."""
    reader = _Reader()
    root = reader.read(dataset, "", 0)
    notes = []
    if reader.left <= 0:
        notes.append(say("Only the first {count} items are shown.", count=MAX_ITEMS))
    if reader.too_deep:
        notes.append(say("Items nested deeper than {count} levels are left out.", count=MAX_DEPTH))
    return Report(root.name or "Report", _status(dataset), _facts(dataset), root, tuple(notes))


def _marks(item: ContentItem, label: str, found: list[ReportMark]) -> None:
    """Marks below ``item``; ``label``: the nearest measurement above, or what a section is called."""
    if item.kind == "NUM":
        label = f"{item.name} {item.text}".strip()
    elif item.kind == "CONTAINER" and item.name:
        label = item.name
    if item.graphic is not None:
        for child in item.children:
            if child.kind == "IMAGE" and child.reference is not None:
                found.append(ReportMark(label, child.reference, item.graphic, None))
    elif item.points is not None:
        found.append(ReportMark(label, None, None, item.points))
    for child in item.children:
        _marks(child, label, found)


_FLAGS = (say("Complete"), say("Partial"), say("Verified"), say("Unverified"), say("Preliminary"), say("Final"))
"""The words of a report's flags (PS3.3 C.17.2), so that they are known where they are shown."""


def _status(dataset: Dataset) -> str:
    parts = [header.code(dataset, keyword) for keyword in ("CompletionFlag", "VerificationFlag", "PreliminaryFlag")]
    return joined(", ", (known(part.capitalize()) for part in parts if part))


def _facts(dataset: Dataset) -> tuple[tuple[str, str], ...]:
    observers = []
    for item in header.items(dataset, "VerifyingObserverSequence"):
        name, when = header.person_name(item, "VerifyingObserverName"), header.code(item, "VerificationDateTime")
        observers.append(
            say("{name} on {date}", name=name, date=moment(when)) if name and when else name or moment(when)
        )
    authors = [header.person_name(item, "PersonName") for item in header.items(dataset, "AuthorObserverSequence")]
    date = moment(header.code(dataset, "ContentDate") + header.code(dataset, "ContentTime"))
    facts = (
        (say("Date"), date),
        (say("Author"), ", ".join(filter(None, authors))),
        (say("Verified by"), joined(", ", filter(None, observers))),
        (say("Institution"), header.text(dataset, "InstitutionName")),
    )
    return tuple((name, value) for name, value in facts if value)


class _Reader:
    """Reads content items until too many have come."""

    def __init__(self) -> None:
        self.left = MAX_ITEMS
        self.too_deep = False

    def read(self, item: Dataset, relationship: str, depth: int) -> ContentItem:
        """One item with its children."""
        self.left -= 1
        kind = header.code(item, "ValueType").upper()
        name = code_of(next(iter(header.items(item, "ConceptNameCodeSequence")), None))
        children: list[ContentItem] = []
        for child in header.items(item, "ContentSequence"):
            if self.left <= 0:
                break
            if depth + 1 >= MAX_DEPTH:
                self.too_deep = True
                break
            children.append(self.read(child, header.code(child, "RelationshipType").upper(), depth + 1))
        text, value_code = _value(item, kind)
        by_reference = header.numbers(item, "ReferencedContentItemIdentifier")
        if by_reference:
            # By reference: another item of the same tree is meant, which is named and not followed.
            number = ".".join(f"{number:g}" for number in by_reference)
            kind, text = kind or "REFERENCE", say("see item {number}", number=number)
        return ContentItem(
            relationship=relationship,
            kind=kind,
            name=name.meaning if name is not None else "",
            text=text,
            code=name,
            value_code=value_code,
            reference=_reference(item),
            graphic=_graphic(item) if kind == "SCOORD" else None,
            points=_points(item) if kind == "SCOORD3D" else None,
            children=tuple(children),
        )


def code_of(item: Dataset | None) -> Code | None:
    """A code sequence's item; ``None`` where there is none."""
    if item is None:
        return None
    value = next(
        (v for keyword in ("CodeValue", "LongCodeValue", "URNCodeValue") if (v := header.text(item, keyword))), ""
    )
    meaning = header.text(item, "CodeMeaning")[:MAX_TEXT]
    if not value and not meaning:
        return None
    return Code(value, header.code(item, "CodingSchemeDesignator"), meaning or value)


def _value(item: Dataset, kind: str) -> tuple[str, Code | None]:
    """The value in words, and its code where it has one."""
    if kind == "CODE":
        code = code_of(next(iter(header.items(item, "ConceptCodeSequence")), None))
        return (code.meaning if code else "", code)
    if kind == "NUM":
        return _number(item)
    if kind == "PNAME":
        return header.person_name(item, "PersonName"), None
    if kind == "TEXT":
        return header.text(item, "TextValue")[:MAX_TEXT], None
    keyword = {"DATETIME": "DateTime", "DATE": "Date", "TIME": "Time", "UIDREF": "UID"}.get(kind)
    if keyword is not None:
        value = header.code(item, keyword)
        return (value if kind == "UIDREF" else clock(value) if kind == "TIME" else moment(value)), None
    if kind in ("SCOORD", "SCOORD3D"):
        shape = header.code(item, "GraphicType").capitalize()
        count = len(header.numbers(item, "GraphicData")) // (2 if kind == "SCOORD" else 3)
        return say_n("{shape}, %n point", "{shape}, %n points", count, shape=shape), None
    if kind == "TCOORD":
        shape = header.code(item, "TemporalRangeType").capitalize()
        keywords = ("ReferencedSamplePositions", "ReferencedTimeOffsets")
        moments = [f"{value:g}" for keyword in keywords for value in header.numbers(item, keyword)]
        return f"{shape} {', '.join(moments[:20])}".strip(), None
    return "", None


def _number(item: Dataset) -> tuple[str, Code | None]:
    """A measured value with its unit, or why there is none (PS3.3 C.18.1)."""
    measured = next(iter(header.items(item, "MeasuredValueSequence")), None)
    qualifier = code_of(next(iter(header.items(item, "NumericValueQualifierCodeSequence")), None))
    if measured is None:
        return (qualifier.meaning if qualifier else say("no value")), qualifier
    units = next(iter(header.items(measured, "MeasurementUnitsCodeSequence")), None)
    # As it was written: a trailing zero is a digit that was measured.
    value = header.code(measured, "NumericValue").replace("-", "\u2212", 1)
    text = f"{value} {unit_of_code(units)}".strip()
    return (f"{text} ({qualifier.meaning})" if qualifier else text), code_of(units)


def _reference(item: Dataset) -> ImageReference | None:
    for one in header.items(item, "ReferencedSOPSequence"):
        uid = header.code(one, "ReferencedSOPInstanceUID")
        if uid:
            states = header.items(one, "ReferencedSOPSequence")
            return ImageReference(
                header.code(one, "ReferencedSOPClassUID"),
                uid,
                tuple(int(number) for number in header.numbers(one, "ReferencedFrameNumber")),
                header.code(states[0], "ReferencedSOPInstanceUID") if states else "",
            )
    return None


def _graphic(item: Dataset) -> Graphic | None:
    shape = header.code(item, "GraphicType").upper()
    points = pairs(header.numbers(item, "GraphicData"), in_image=True)
    least = {"POINT": 1, "MULTIPOINT": 1, "CIRCLE": 2, "ELLIPSE": 4}.get(shape, 2)
    if len(points) < least:
        return None
    if shape == "MULTIPOINT":
        shape = "POINT" if len(points) == 1 else "POLYLINE"
    return Graphic(shape, points, in_image=True) if shape in _GRAPHICS else None


def _points(item: Dataset) -> Points3D | None:
    values = header.numbers(item, "GraphicData")
    if len(values) < 3 or len(values) > 300_000:
        return None
    points = tuple((values[i], values[i + 1], values[i + 2]) for i in range(0, len(values) - 2, 3))
    return Points3D(
        header.code(item, "GraphicType").upper(), points, header.code(item, "ReferencedFrameOfReferenceUID")
    )


def moment(value: str) -> str:
    """A DICOM date or date-time for reading: ``"2024-01-31 12:30"``; what is no date stays as it is."""
    digits = value.split("+")[0].split("-")[0].partition(".")[0]
    if not digits.isdigit() or len(digits) < 8:
        return value
    day = f"{digits[:4]}-{digits[4:6]}-{digits[6:8]}"
    return f"{day} {clock(digits[8:])}".strip()


def clock(value: str) -> str:
    """A DICOM time for reading: ``"12:30"``, with seconds where there are any."""
    digits = value.partition(".")[0]
    if not digits.isdigit() or len(digits) < 4:
        return value
    parts = [digits[:2], digits[2:4]] + ([digits[4:6]] if len(digits) >= 6 and digits[4:6] != "00" else [])
    return ":".join(parts)
