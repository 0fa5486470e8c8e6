"""CT scans from DICOM files, in one orientation for all: what training reads, with no help from the viewer.

``training`` may not import ``app``, so files are read by SimpleITK (GDCM), which is here anyway. A test compares its
values, order and geometry with those of the viewer's own loader.
"""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt
import SimpleITK as sitk

from inference import geometry
from training.data import DataError

Voxels = npt.NDArray[np.int16]

LOWEST, HIGHEST = -1024, 3071
"""Padding outside the round field of view (-2000, -3024) counts as air."""

MAX_STEP_MM = 12.5
"""Slices farther apart than this are single images, not a volume."""

_TAGS = {
    "patient": "0010|0020",
    "series": "0020|000e",
    "modality": "0008|0060",
    "kernel": "0018|1210",
    "thickness": "0018|0050",
    "maker": "0008|0070",
    "frame_of_reference": "0020|0052",
}


@dataclass(frozen=True, eq=False)
class Scan:
    """One stack of slices, or one slice, in canonical order.

    ``voxels``: int16 HU, shape (slices, rows, columns): index grows towards Superior, Posterior and Left, as far as
    axes can be turned and reversed without resampling. ``affine``: 4×4, index → LPS mm. ``files``: of each slice.
    """

    name: str
    patient: str
    voxels: Voxels
    affine: npt.NDArray[np.float64]
    kernel: str
    thickness_mm: float | None
    maker: str
    files: tuple[Path, ...]

    @property
    def spacing(self) -> tuple[float, float, float]:
        """mm between slices (the thickness, or 5, for a single one), rows, columns."""
        return geometry.spacing(self.affine)

    @property
    def single(self) -> bool:
        return self.voxels.shape[0] == 1


@dataclass(frozen=True, eq=False)
class _Slice:
    path: Path
    values: Voxels
    origin: npt.NDArray[np.float64]
    axes: npt.NDArray[np.float64]
    """3×3: direction cosines of (normal, increasing row index, increasing column index) as columns."""
    spacing: tuple[float, float]
    facts: dict[str, str]


def read_scans(paths: Iterable[Path], root: Path) -> Iterator[Scan]:
    """All CT scans among ``paths`` (files), stack by stack. What is no CT image is passed over.

    A stack shares its series, orientation, matrix and spacing, and steps evenly (within 10 %) by ≤ ``MAX_STEP_MM``;
    slices that do not are single images. ``root``: names are relative to it.
    """
    groups: defaultdict[tuple[object, ...], list[_Slice]] = defaultdict(list)
    for path in sorted(paths):
        one = _read_slice(path)
        if one is not None:
            key = (one.facts["series"], one.values.shape, one.spacing, tuple(np.round(one.axes, 3).ravel()))
            groups[key].append(one)
    for members in groups.values():
        yield from _stacks(members, root)


def _read_slice(path: Path) -> _Slice | None:
    reader = sitk.ImageFileReader()  # type: ignore[no-untyped-call]
    reader.SetImageIO("GDCMImageIO")
    reader.SetFileName(str(path))
    try:
        reader.ReadImageInformation()
        facts = {
            name: reader.GetMetaData(tag).strip(" \x00") if reader.HasMetaDataKey(tag) else ""
            for name, tag in _TAGS.items()
        }
        if facts["modality"] != "CT" or reader.GetSize()[2:] != (1,) or reader.GetNumberOfComponents() != 1:
            return None
        image = reader.Execute()
    except RuntimeError:
        return None
    values = np.clip(sitk.GetArrayViewFromImage(image)[0], LOWEST, HIGHEST).astype(np.int16)
    direction = np.array(image.GetDirection()).reshape(3, 3)
    axes = np.stack([np.cross(direction[:, 0], direction[:, 1]), direction[:, 1], direction[:, 0]], axis=1)
    column_step, row_step, _ = image.GetSpacing()
    return _Slice(path, values, np.array(image.GetOrigin()), axes, (row_step, column_step), facts)


def _stacks(members: list[_Slice], root: Path) -> Iterator[Scan]:
    normal = members[0].axes[:, 0]
    members = sorted(members, key=lambda one: float(one.origin @ normal))
    places = np.array([float(one.origin @ normal) for one in members])
    steps = np.diff(places)
    if len(steps) and 0 < steps.max() <= MAX_STEP_MM and steps.min() >= 0.9 * steps.max():
        yield _scan(members, float(steps.mean()), root, members[0].path.parent)
        return
    for one in members:
        try:
            thickness = float(one.facts["thickness"])
        except ValueError:
            thickness = 5.0
        yield _scan([one], thickness, root, one.path.with_suffix(""))


def _scan(members: list[_Slice], step: float, root: Path, place: Path) -> Scan:
    first = members[0]
    affine = np.eye(4)
    affine[:3, :3] = first.axes * np.array([step, *first.spacing])
    affine[:3, 3] = first.origin
    try:
        thickness: float | None = float(first.facts["thickness"])
    except ValueError:
        thickness = None
    scan = Scan(
        name=place.relative_to(root).as_posix() if place.is_relative_to(root) else place.name,
        patient=first.facts["patient"] or place.name,
        voxels=np.stack([one.values for one in members]),
        affine=affine,
        kernel=first.facts["kernel"],
        thickness_mm=thickness,
        maker=first.facts["maker"].split(" ")[0].upper(),
        files=tuple(one.path for one in members),
    )
    return canonical(scan)


def canonical(scan: Scan) -> Scan:
    """``scan`` with axes turned and reversed so that they grow towards Superior, Posterior and Left."""
    order, reverse = geometry.nearest_axes(scan.affine)
    voxels, affine = geometry.reorder(scan.voxels, scan.affine, order, reverse)
    files = scan.files[::-1] if order[0] == 0 and reverse[0] else scan.files
    return replace(scan, voxels=np.ascontiguousarray(voxels), affine=affine, files=files)


def digest(scan: Scan) -> str:
    """SHA-256 of the voxels: the data manifest names what a run has seen without showing it."""
    return hashlib.sha256(np.ascontiguousarray(scan.voxels).tobytes()).hexdigest()


def find_scans(data: Path) -> list[Scan]:
    """Every CT scan under ``data`` (or its folder ``ct``), by name. Raises ``DataError`` where there is none."""
    root = data / "ct" if (data / "ct").is_dir() else data
    scans = sorted(
        read_scans((path for path in root.rglob("*") if path.is_file()), root), key=lambda scan: scan.name
    )
    if not scans:
        raise DataError(f"no CT image under {root}: give a folder of DICOM files")
    return scans
