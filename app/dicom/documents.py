"""Encapsulated documents: a PDF's bytes, and why another kind is not shown (PS3.3 C.24)."""

from __future__ import annotations

from typing import TYPE_CHECKING

from app.dicom import header
from app.errors import UnreadableFile

if TYPE_CHECKING:
    from pathlib import Path

    from pydicom import Dataset

_KINDS = {
    "application/pdf": "",
    "text/xml": "a clinical document (CDA)",
    "model/stl": "a 3D model (STL)",
    "model/obj": "a 3D model (OBJ)",
    "model/mtl": "a 3D material (MTL)",
}


def pdf_of(dataset: Dataset, path: Path) -> bytes:
    """The PDF in an encapsulated document. Raises ``UnreadableFile`` where it holds none."""
    data, _ = header.raw_bytes(dataset, "EncapsulatedDocument")
    kind = header.code(dataset, "MIMETypeOfEncapsulatedDocument").lower()
    what = _KINDS.get(kind, kind)
    if what and not data.startswith(b"%PDF"):
        raise UnreadableFile(f"Cannot show {path.name}", f"it holds {what}, not a PDF", "Open it with another program.")
    length = header.integer(dataset, "EncapsulatedDocumentLength")
    if not data:
        raise UnreadableFile(f"Cannot show {path.name}", "the document in it is empty", "Ask for the file again.")
    # Padded to an even length; PDF readers look for the end from behind.
    return data[:length] if length and 0 < length <= len(data) else data
