"""CT scans and their pseudo-labels on the network's grid, wide enough to be turned and shifted; folds by patient."""

from __future__ import annotations

import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from inference import ct_grid
from training.ct_labels import IGNORE, labels
from training.data import folds

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from pathlib import Path

    from training.ct_scans import Scan

MARGIN = 48
"""Pixels of the wide grid that are beyond the network's square (both sides together): room for shifts and turns."""


@dataclass(frozen=True, eq=False)
class Prepared:
    """A scan on the wide grid. ``hu``: int16 (slices, wide, wide); ``label``: uint8, 0, right, left or ``IGNORE``."""

    name: str
    patient: str
    hu: npt.NDArray[np.int16]
    label: npt.NDArray[np.uint8]
    step_mm: float

    @property
    def single(self) -> bool:
        return len(self.hu) == 1


def prepare(scan: Scan, label: npt.NDArray[np.uint8], size: int) -> Prepared:
    """``scan`` and its ``label`` resampled. A pixel is of a side where at least half of it is."""
    wide = size + MARGIN
    frame = ct_grid.frame_of(scan.voxels, scan.spacing[1:])
    hu = np.empty((len(scan.voxels), wide, wide), np.int16)
    found = np.zeros(hu.shape, np.uint8)
    for k, (plane, sides) in enumerate(zip(scan.voxels, label, strict=True)):
        hu[k] = np.rint(ct_grid.to_grid(plane, frame, wide))
        for side in (1, 2, IGNORE):
            here = sides == side
            if here.any():
                found[k][ct_grid.to_grid(here.astype(np.float32), frame, wide, fill=0) >= 0.5] = side
    return Prepared(scan.name, scan.patient, hu, found, scan.spacing[0])


def prepare_all(scans: Iterable[Scan], data: Path, size: int, cache: Path | None) -> list[Prepared]:
    """Every scan with its labels (``ct_labels.labels``); the classical part of pseudo-labels is kept in ``cache``."""
    done = []
    for scan in scans:
        done.append(prepare(scan, labels(scan, data, cache), size))
        sys.stderr.write(f"labelled {scan.name}: {len(scan.voxels)} slices\n")
    return done


def fold_of(scans: Sequence[Prepared] | Sequence[Scan], count: int) -> dict[str, int]:
    """Patient → fold. Patients with a volume are spread first, so that no two large ones share a fold by chance."""
    sizes: dict[str, int] = {}
    for scan in scans:
        sizes[scan.patient] = sizes.get(scan.patient, 0) + len(scan.hu if isinstance(scan, Prepared) else scan.voxels)
    volumes = sorted((patient for patient in sizes if sizes[patient] >= 30), key=lambda patient: -sizes[patient])
    of = {patient: index % count for index, patient in enumerate(volumes)}
    of.update(folds((patient for patient in sizes if patient not in of), count))
    return of
