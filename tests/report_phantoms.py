"""Structured reports, key object selections and encapsulated documents made with pydicom alone."""

from __future__ import annotations

from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from typing import Any

import pydicom
from pydicom import Dataset
from pydicom.uid import BasicTextSRStorage, EncapsulatedPDFStorage, EnhancedSRStorage, KeyObjectSelectionDocumentStorage

from tests.made_objects import item, stored


def code(value: str, meaning: str, scheme: str = "DCM") -> Dataset:
    """A coded concept."""
    return item(CodeValue=value, CodingSchemeDesignator=scheme, CodeMeaning=meaning)


def content(kind: str, name: Dataset | None, *children: Dataset, relation: str = "CONTAINS", **values: Any) -> Dataset:
    """A content item."""
    made = item(ValueType=kind, RelationshipType=relation, **values)
    if name is not None:
        made.ConceptNameCodeSequence = [name]
    if children:
        made.ContentSequence = list(children)
    return made


def image_content(path: Path, *frames: int, relation: str = "CONTAINS", state_uid: str = "") -> Dataset:
    """An IMAGE item that refers to a file."""
    header = pydicom.dcmread(path, stop_before_pixels=True)
    reference = item(ReferencedSOPClassUID=header.SOPClassUID, ReferencedSOPInstanceUID=header.SOPInstanceUID)
    if frames:
        reference.ReferencedFrameNumber = list(frames)
    if state_uid:
        reference.ReferencedSOPSequence = [
            item(ReferencedSOPClassUID="1.2.840.10008.5.1.4.1.1.11.1", ReferencedSOPInstanceUID=state_uid)
        ]
    return content("IMAGE", None, relation=relation, ReferencedSOPSequence=[reference])


def number(name: str, value: str, unit: str, *children: Dataset) -> Dataset:
    """A NUM item with a UCUM unit."""
    measured = item(NumericValue=value, MeasurementUnitsCodeSequence=[code(unit, unit, "UCUM")])
    return content("NUM", code("n", name), *children, MeasuredValueSequence=[measured])


def evidence(paths: Sequence[Path]) -> list[Dataset]:
    """A Current Requested Procedure Evidence Sequence that names the files."""
    headers = [pydicom.dcmread(path, stop_before_pixels=True) for path in paths]
    instances = [
        item(ReferencedSOPClassUID=one.SOPClassUID, ReferencedSOPInstanceUID=one.SOPInstanceUID) for one in headers
    ]
    series = item(SeriesInstanceUID=headers[0].SeriesInstanceUID, ReferencedSOPSequence=instances)
    return [item(StudyInstanceUID=headers[0].StudyInstanceUID, ReferencedSeriesSequence=[series])]


def report(path: Path, *children: Dataset, images: Sequence[Path] = (), enhanced: bool = True, **values: Any) -> Path:
    """A structured report with ``children`` in its root container."""
    attributes: dict[str, Any] = {
        "ValueType": "CONTAINER",
        "ConceptNameCodeSequence": [code("126000", "Imaging Measurement Report")],
        "ContentDate": "20240131",
        "ContentTime": "130500",
        "CompletionFlag": "COMPLETE",
        "VerificationFlag": "UNVERIFIED",
        "ContentSequence": list(children),
        **values,
    }
    if images:
        attributes["CurrentRequestedProcedureEvidenceSequence"] = evidence(images)
    return stored(path, EnhancedSRStorage if enhanced else BasicTextSRStorage, "SR", **attributes)


def key_objects(path: Path, images: Sequence[Dataset], named: Sequence[Path], **values: Any) -> Path:
    """A key object selection titled "Of Interest"; ``images``: its IMAGE items, ``named``: files in its evidence."""
    description = content("TEXT", code("113012", "Key Object Description"), TextValue="Nodule in the left lung")
    return stored(
        path,
        KeyObjectSelectionDocumentStorage,
        "KO",
        **{
            "ValueType": "CONTAINER",
            "ConceptNameCodeSequence": [code("113000", "Of Interest")],
            "ContentDate": "20240131",
            "ContentSequence": [description, *images],
            "CurrentRequestedProcedureEvidenceSequence": evidence(named),
            **values,
        },
    )


def pdf_data(pages: Sequence[str] = ("First page", "Second page"), size: tuple[float, float] = (300, 400)) -> bytes:
    """A PDF with a red square on each page, 50 points wide, whose lower left corner is at (100, 200)."""
    from reportlab.pdfgen.canvas import Canvas

    out = BytesIO()
    canvas = Canvas(out, pagesize=size)
    for text in pages:
        canvas.setFillColorRGB(1, 0, 0)
        canvas.rect(100, 200, 50, 50, stroke=0, fill=1)
        canvas.setFillColorRGB(0, 0, 0)
        canvas.drawString(40, 350, text)
        canvas.showPage()
    canvas.save()
    return out.getvalue()


def document(path: Path, data: bytes, mime: str = "application/pdf", **values: Any) -> Path:
    """An encapsulated document."""
    return stored(
        path,
        EncapsulatedPDFStorage,
        "DOC",
        **{
            "DocumentTitle": "Radiology report",
            "MIMETypeOfEncapsulatedDocument": mime,
            "EncapsulatedDocument": data + b"\0" * (len(data) % 2),
            "EncapsulatedDocumentLength": len(data),
            **values,
        },
    )
