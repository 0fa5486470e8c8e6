"""What a run was made from, so that the model folder can say it: files by hash, and the versions that ran."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from training.data import Row


def data_manifest(rows: Iterable[Row]) -> dict[str, Any]:
    """Number of images and patients, and one SHA-256 over names, labels and contents of all of them."""
    total, count, patients = hashlib.sha256(), 0, set()
    for row in sorted(rows, key=lambda row: row.name):
        total.update(f"{row.name}\t{row.label}\t{file_hash(row.image)}\n".encode())
        count += 1
        patients.add(row.patient)
    return {"images": count, "patients": len(patients), "sha256": total.hexdigest()}


def file_hash(path: Path) -> str:
    """SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()
