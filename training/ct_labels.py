"""Pseudo-labels: the classical method, then the corrections that looking at every slice asked for.

``ct_corrections.json`` holds them by scan name (``*`` stands for any letters), as edits in the order in which they
apply. A polygon is a list of
[column, row] in the scan's canonical order; ``from`` and ``to`` limit an edit to slices (both included). Edits:

``none``            the scan shows no lung
``keep``            what lies outside the polygon is no lung
``remove``          what lies inside it is no lung (bowel, bronchus, drain, air in the pleura or under the skin)
``right``, ``left`` what lies inside it is lung (consolidation); ``below``: only where the smoothed HU is under it
``close``           each lung is closed with a disc of ``radius`` mm inside it (a tumour at the pleura)
``ignore``          whether the rest inside it is lung cannot be told: neither trained on nor scored
"""

from __future__ import annotations

import json
import os
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import SimpleITK as sitk
from PIL import Image, ImageDraw

from training import ct_classical
from training.ct_classical import LEFT, RIGHT
from training.ct_scans import Scan, canonical, digest
from training.data import DataError

Bytes = npt.NDArray[np.uint8]

IGNORE = 255
CORRECTIONS = Path(__file__).with_name("ct_corrections.json")


def corrections() -> dict[str, list[dict[str, Any]]]:
    """Scan name → edits."""
    loaded: dict[str, list[dict[str, Any]]] = json.loads(CORRECTIONS.read_text(encoding="utf-8"))
    return loaded


def labels(scan: Scan, data: Path, cache: Path | None = None) -> Bytes:
    """The reader's own mask where there is one, else ``pseudo_labels``."""
    own = own_mask(scan, data)
    return pseudo_labels(scan, cache) if own is None else own


def own_mask(scan: Scan, data: Path) -> Bytes | None:
    """``lungs.nii.gz`` in the folder of a stack (``<file>.lungs.nii.gz`` beside a single slice): 0, ``RIGHT``, ``LEFT``
    or ``IGNORE``, on the stack's own grid in any order of axes. ``None`` where there is no such file.

    Raises ``DataError`` where it lies elsewhere than the scan.
    """
    place = (data / "ct" if (data / "ct").is_dir() else data) / scan.name
    path = place.with_name(f"{place.name}.lungs.nii.gz") if scan.single else place / "lungs.nii.gz"
    if not path.is_file():
        return None
    mask = Scan(scan.name, scan.patient, *read_mask(path), scan.kernel, scan.thickness_mm, scan.maker)
    straight = canonical(mask)
    # a single slice has no distance to the next one: thickness is not compared
    first = 1 if scan.single else 0
    if straight.voxels.shape != scan.voxels.shape or not np.allclose(
        straight.affine[:3, first:], scan.affine[:3, first:], atol=0.05
    ):
        raise DataError(f"{path} does not lie on the slices of {scan.name}")
    return straight.voxels.astype(np.uint8)


def read_mask(path: Path) -> tuple[npt.NDArray[np.int16], npt.NDArray[np.float64]]:
    """Voxels (k, rows, columns) and affine (index → LPS mm) of an image that SimpleITK reads."""
    image = sitk.ReadImage(str(path))
    affine = np.eye(4)
    direction = np.array(image.GetDirection()).reshape(3, 3) * np.array(image.GetSpacing())
    affine[:3, :3] = direction[:, ::-1]
    affine[:3, 3] = image.GetOrigin()
    return sitk.GetArrayFromImage(image).astype(np.int16), affine


def pseudo_labels(scan: Scan, cache: Path | None = None) -> Bytes:
    """uint8 of the scan's shape: 0, ``RIGHT``, ``LEFT`` or ``IGNORE``.

    ``cache``: folder that keeps the classical part (minutes) by the scan's content.
    """
    return corrected(classical(scan, cache), scan, edits_of(scan.name))


def edits_of(name: str) -> list[dict[str, Any]]:
    """The edits of a scan, those of every pattern that it fits."""
    return [edit for pattern, edits in corrections().items() if fnmatchcase(name, pattern) for edit in edits]


def classical(scan: Scan, cache: Path | None = None) -> Bytes:
    """The classical method's answer, from ``cache`` where it is there."""
    if cache is None:
        return ct_classical.lungs(scan.voxels, scan.spacing)
    path = cache / f"{digest(scan)[:24]}.npz"
    if path.is_file():
        with np.load(path) as stored:
            return np.asarray(stored["lungs"])
    found = ct_classical.lungs(scan.voxels, scan.spacing)
    cache.mkdir(parents=True, exist_ok=True)
    # two runs may share a cache
    draft = path.with_suffix(f".{os.getpid()}.npz")
    np.savez_compressed(draft, lungs=found)
    draft.replace(path)
    return found


def corrected(label: Bytes, scan: Scan, edits: Any) -> Bytes:
    """``label`` after ``edits``; the input stays as it is."""
    result = label.copy()
    for edit in edits:
        first, last = edit.get("from", 0), edit.get("to", len(result) - 1)
        for k in range(first, last + 1):
            _edit(result[k], edit, scan, k)
    return result


def _edit(plane: Bytes, edit: dict[str, Any], scan: Scan, k: int) -> None:
    """Apply one edit to one slice, in place."""
    do = edit["do"]
    if do == "none":
        plane[:] = 0
        return
    inside = polygon_mask(edit["polygon"], plane.shape)
    if do == "keep":
        plane[~inside] = 0
    elif do == "remove":
        plane[inside] = 0
    elif do == "ignore":
        plane[inside & (plane == 0)] = IGNORE
    elif do == "close":
        for side in (RIGHT, LEFT):
            if (plane == side).any():
                closed = ct_classical.close_disc(plane == side, edit["radius"], scan.spacing)
                plane[closed & inside & (plane == 0)] = side
    elif do in ("right", "left"):
        if "below" in edit:
            smooth = ct_classical.smoothed(scan.voxels[k : k + 1], scan.spacing)[0]
            inside &= smooth < edit["below"]
        plane[inside & ((plane == 0) | (plane == IGNORE))] = RIGHT if do == "right" else LEFT
    else:
        raise ValueError(f"unknown edit {do!r} of {scan.name}")


def polygon_mask(points: list[list[float]], shape: tuple[int, ...]) -> npt.NDArray[np.bool_]:
    """Pixels of (rows, columns) inside the polygon of [column, row]."""
    drawing = Image.new("L", (shape[1], shape[0]))
    ImageDraw.Draw(drawing).polygon([(x, y) for x, y in points], fill=1)
    return np.asarray(drawing, dtype=bool)
