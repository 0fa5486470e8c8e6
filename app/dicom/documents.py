"""Encapsulated documents: a PDF's bytes, and why another kind is not shown (PS3.3 C.24)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.dicom import header
from app.errors import UnreadableFile
from inference.words import say

if TYPE_CHECKING:
    from pathlib import Path

    from pydicom import Dataset

_KINDS = {
    "application/pdf": "",
    "text/xml": say("a clinical document (CDA)"),
    "model/stl": say("a 3D model (STL)"),
    "model/obj": say("a 3D model (OBJ)"),
    "model/mtl": say("a 3D material (MTL)"),
}


def pdf_of(dataset: Dataset, path: Path) -> bytes:
    """The PDF in an encapsulated document. Raises ``UnreadableFile`` where it holds none."""
    data, _ = header.raw_bytes(dataset, "EncapsulatedDocument")
    kind = header.code(dataset, "MIMETypeOfEncapsulatedDocument").lower()
    what = _KINDS.get(kind, kind)
    if what and not data.startswith(b"%PDF"):
        raise UnreadableFile(
            say("Cannot show {name}", name=path.name),
            say("it holds {what}, not a PDF", what=what),
            say("Open it with another program."),
        )
    length = header.integer(dataset, "EncapsulatedDocumentLength")
    if not data:
        raise UnreadableFile(
            say("Cannot show {name}", name=path.name),
            say("the document in it is empty"),
            say("Ask for the file again."),
        )
    # Padded to an even length; PDF readers look for the end from behind.
    return data[:length] if length and 0 < length <= len(data) else data
