"""The chest-radiograph folder: ``index.csv`` and ``adult.csv`` → rows → arrays on the network's grid.

Layout: each csv names ``image``, ``patient`` and ``lung_mask`` (paths from the csv's folder; an empty mask is a missing
one) and may name ``split``, ``label``, ``mask_size_confirmed``, ``view``. Masks: 255 lung, 127 ignore, 0 background.
"""

from __future__ import annotations

import csv
import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import SimpleITK as sitk
from PIL import Image

from inference.preprocess import prepare, resize

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

ByteArray = npt.NDArray[np.uint8]

BACKGROUND, IMAGE_LEFT, IMAGE_RIGHT, IGNORE = 0, 1, 2, 255
"""Values of a target: the two lungs by the side of the *image* they are on, which needs no knowledge of the patient."""


class DataError(Exception):
    """The folder does not hold what the command needs. ``str(error)`` says what, where, and what would be right."""


@dataclass(frozen=True)
class Row:
    """One radiograph. ``mask`` is ``None`` where there is none; ``certain`` is the publisher's own pairing."""

    name: str
    image: Path
    mask: Path | None
    patient: str
    split: str
    label: str
    certain: bool
    view: str
    adult: bool


def chest_folder(folder: Path) -> Path:
    """``folder`` itself, or its ``cxr``, whichever holds ``index.csv`` or ``adult.csv``."""
    for candidate in (folder, folder / "cxr"):
        if (candidate / "index.csv").is_file() or (candidate / "adult.csv").is_file():
            return candidate
    raise DataError(f"no index.csv or adult.csv in {folder} (nor in its folder cxr)")


def read_rows(folder: Path) -> list[Row]:
    """All radiographs that the csv files list, in their order; a listed mask whose file is absent counts as none."""
    root = chest_folder(folder)
    rows: list[Row] = []
    for name, adult in (("index.csv", False), ("adult.csv", True)):
        path = root / name
        if not path.is_file():
            continue
        with path.open(newline="", encoding="utf-8") as stream:
            reader = csv.DictReader(stream)
            missing = {"image", "patient"} - set(reader.fieldnames or ())
            if missing:
                raise DataError(f"{path} has no column {', '.join(sorted(missing))}")
            rows += [_row(root, fields, adult) for fields in reader]
    if not rows:
        raise DataError(f"the csv files in {root} list no images")
    return rows


def _row(root: Path, fields: dict[str, str], adult: bool) -> Row:
    mask = root / fields["lung_mask"] if fields.get("lung_mask") else None
    return Row(
        name=fields["image"],
        image=root / fields["image"],
        mask=mask if mask is not None and mask.is_file() else None,
        patient=("adult-" if adult else "") + fields["patient"],
        split="adult" if adult else fields.get("split") or "",
        label=fields.get("finding" if adult else "label") or "",
        certain=adult or fields.get("mask_size_confirmed") == "1",
        view=fields.get("view") or "",
        adult=adult,
    )


def patient_hash(patient: str) -> int:
    """A stable number of a patient: the same part of the data on every machine and in every run."""
    return int(hashlib.sha1(patient.encode()).hexdigest(), 16)


def is_tuning(row: Row) -> bool:
    """A tenth of the patients of ``train``: early stopping and thresholds look at these, the gradient never does."""
    return row.split == "train" and patient_hash(row.patient) % 10 == 0


def folds(patients: Iterable[str], count: int) -> dict[str, int]:
    """patient → fold in 0..count−1, sizes equal within one, order by hash so that it does not follow the csv."""
    ordered = sorted(set(patients), key=lambda patient: (patient_hash(patient), patient))
    return {patient: index % count for index, patient in enumerate(ordered)}


def read_image(path: Path) -> ByteArray:
    """(H, W) uint8 greyscale. Raises ``DataError`` naming the file when it does not decode."""
    try:
        with Image.open(path) as image:
            return np.asarray(image.convert("L"))
    except (OSError, ValueError, SyntaxError) as error:
        raise DataError(f"cannot read {path}: {error}") from error


def read_mask(row: Row) -> tuple[npt.NDArray[np.bool_], npt.NDArray[np.bool_]]:
    """(lung, counted), both (H, W) on the mask's own grid. ``counted`` is false where the mask says ignore."""
    if row.mask is None:
        raise DataError(f"{row.name} has no lung mask")
    values = read_image(row.mask)
    return values > 191, (values < 64) | (values > 191)


def split_sides(lung: npt.NDArray[np.bool_]) -> ByteArray:
    """(H, W) lung mask → ``IMAGE_LEFT`` / ``IMAGE_RIGHT`` by the side each connected part is on.

    A single part that spans both sides (lungs drawn as touching) is cut at the centre column of the mask.
    """
    sides = np.zeros(lung.shape, np.uint8)
    if not lung.any():
        return sides
    columns = np.arange(lung.shape[1])
    middle = float((np.flatnonzero(lung.any(axis=0))[[0, -1]]).mean())
    parts = sitk.GetArrayFromImage(sitk.ConnectedComponent(sitk.GetImageFromArray(lung.astype(np.uint8))))
    largest = int(np.bincount(parts.ravel())[1:].argmax()) + 1
    spans_both = (parts == largest).sum() > 0.9 * lung.sum()
    for part in range(1, int(parts.max()) + 1):
        where = parts == part
        if part == largest and spans_both:
            side = np.where(columns < middle, IMAGE_LEFT, IMAGE_RIGHT)[np.newaxis, :]
            sides = np.where(where, side, sides).astype(np.uint8)
        else:
            centre = float(np.nonzero(where)[1].mean())
            sides[where] = IMAGE_LEFT if centre < middle else IMAGE_RIGHT
    return sides


def target(row: Row, size: int) -> ByteArray:
    """(size, size) uint8 of ``BACKGROUND``, ``IMAGE_LEFT``, ``IMAGE_RIGHT``, ``IGNORE``, squashed like the image."""
    lung, counted = read_mask(row)
    sides = split_sides(lung)
    result = np.zeros((size, size), np.uint8)
    for side in (IMAGE_LEFT, IMAGE_RIGHT):
        result[resize(sides == side, (size, size)) >= 0.5] = side
    result[resize(~counted, (size, size)) >= 0.5] = IGNORE
    return result


@dataclass(frozen=True, eq=False)
class Arrays:
    """Decoded radiographs. ``images`` (N, S, S) uint8: ``prepare``, times 255. ``targets`` (N, S, S) uint8."""

    rows: tuple[Row, ...]
    images: ByteArray
    targets: ByteArray

    def subset(self, indices: Sequence[int]) -> Arrays:
        """The radiographs at ``indices``, copied."""
        chosen = list(indices)
        return Arrays(tuple(self.rows[index] for index in chosen), self.images[chosen], self.targets[chosen])


def load(rows: Sequence[Row], size: int) -> Arrays:
    """Decode ``rows`` once: the set is small enough to stay in memory (0.13 MB an image at 256²)."""
    images = np.zeros((len(rows), size, size), np.uint8)
    targets = np.zeros((len(rows), size, size), np.uint8)
    for index, row in enumerate(rows):
        images[index] = np.rint(prepare(read_image(row.image), size) * 255)
        targets[index] = target(row, size)
    return Arrays(tuple(rows), images, targets)
