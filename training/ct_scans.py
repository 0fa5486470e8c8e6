"""CT scans in one orientation for all: stacks and single slices whose index grows towards Superior, Posterior, Left."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from inference import geometry
from training.ct_data import Header, read_headers, read_slice, read_stack, stacks
from training.data import DataError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

Voxels = npt.NDArray[np.int16]

HIGHEST = 3071
MAX_STEP_MM = 12.5
"""Slices farther apart than this are single images, not a volume."""
THICKNESS_MM = 5.0
"""Taken for a single slice whose header does not say how thick it is."""


@dataclass(frozen=True, eq=False)
class Scan:
    """One stack of slices, or one slice, in canonical order.

    ``voxels``: int16 HU, padding as air, shape (slices, rows, columns): index grows towards Superior, Posterior and
    Left, as far as axes can be turned and reversed without resampling. ``affine``: 4×4, index → LPS mm.
    """

    name: str
    patient: str
    voxels: Voxels
    affine: npt.NDArray[np.float64]
    kernel: str
    thickness_mm: float | None
    maker: str

    @property
    def spacing(self) -> tuple[float, float, float]:
        """mm between slices (the thickness for a single one), rows, columns."""
        return geometry.spacing(self.affine)

    @property
    def single(self) -> bool:
        return self.voxels.shape[0] == 1


def find_scans(data: Path) -> list[Scan]:
    """Every CT scan under ``data`` (or its folder ``ct``), by name. Raises ``DataError`` where there is none.

    A scan is called by the folder of a stack or the file of a slice, without suffix. Slices of a series that lie on no
    regular grid, or more than ``MAX_STEP_MM`` apart, are single ones.
    """
    root = data / "ct" if (data / "ct").is_dir() else data
    scans = [scan for group in stacks(read_headers(root)) for scan in _scans(group)]
    return sorted(scans, key=lambda scan: scan.name)


def _scans(group: Sequence[Header]) -> list[Scan]:
    if len(group) > 1:
        try:
            stack = read_stack(group)
        except DataError:
            stack = None
        if stack is not None and stack.spacing[0] <= MAX_STEP_MM:
            folder = group[0].name.rpartition("/")[0]
            return [_scan(group[0], stack.hu, stack.affine, folder or group[0].path.parent.name)]
    return [_single(header) for header in group]


def _single(header: Header) -> Scan:
    affine = np.eye(4)
    affine[:3, 0] = header.normal * (header.thickness_mm or THICKNESS_MM)
    affine[:3, 1] = np.array(header.orientation[3:]) * header.spacing[0]
    affine[:3, 2] = np.array(header.orientation[:3]) * header.spacing[1]
    affine[:3, 3] = header.position
    return _scan(header, read_slice(header).hu[np.newaxis], affine, header.name.removesuffix(".dcm"))


def _scan(first: Header, hu: npt.NDArray[np.float32], affine: npt.NDArray[np.float64], name: str) -> Scan:
    voxels = np.rint(np.minimum(hu, HIGHEST)).astype(np.int16)
    maker = first.maker.split(" ")[0].upper() if first.maker else ""
    return canonical(Scan(name, first.patient or name, voxels, affine, first.kernel, first.thickness_mm, maker))


def canonical(scan: Scan) -> Scan:
    """``scan`` with axes turned and reversed so that they grow towards Superior, Posterior and Left."""
    order, reverse = geometry.nearest_axes(scan.affine)
    voxels, affine = geometry.reorder(scan.voxels, scan.affine, order, reverse)
    return replace(scan, voxels=np.ascontiguousarray(voxels), affine=affine)


def digest(scan: Scan) -> str:
    """SHA-256 of the voxels: the data manifest names what a run has seen without showing it."""
    return hashlib.sha256(np.ascontiguousarray(scan.voxels).tobytes()).hexdigest()
