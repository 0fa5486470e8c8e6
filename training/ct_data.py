"""CT slices of a folder of DICOM files, in HU, read through SimpleITK (GDCM decodes JPEG-LS and rescales).

``read_headers`` lists the slices without their pixels, ``stacks`` orders those of a series by position, ``read_slice``
and ``read_stack`` decode. What is no CT image with a rescale to HU is left out and named on stderr.
"""

from __future__ import annotations

import math
import sys
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import SimpleITK as sitk

from training.data import DataError

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

FloatArray = npt.NDArray[np.float32]

AIR = -1024.0
"""HU that stands in for padding and for anything lower: outside of the reconstructed circle there is air."""


@dataclass(frozen=True)
class Header:
    """What a file says about one slice. Empty strings and ``None`` are silent attributes.

    ``spacing``: (between rows, between columns) in mm. ``position``: LPS mm of the first voxel. ``orientation``: the
    direction cosines of a row (increasing column), then of a column. ``padding``: HU that marks padding.
    """

    name: str
    path: Path
    patient: str
    series: str
    maker: str
    kernel: str
    thickness_mm: float | None
    spacing: tuple[float, float]
    shape: tuple[int, int]
    position: tuple[float, float, float]
    orientation: tuple[float, float, float, float, float, float]
    patient_position: str
    padding: float | None

    @property
    def normal(self) -> npt.NDArray[np.float64]:
        """Unit vector (LPS) across the slice: row direction × column direction."""
        return np.cross(self.orientation[:3], self.orientation[3:])

    @property
    def depth_mm(self) -> float:
        """Position along ``normal``."""
        return float(np.dot(self.normal, self.position))


@dataclass(frozen=True, eq=False)
class Slice:
    """One decoded slice. ``hu``: (rows, columns) float32, padding as ``AIR``. ``padded``: where the file pads."""

    header: Header
    hu: FloatArray
    padded: npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Stack:
    """Slices of a series on a regular grid. ``hu``: (slices, rows, columns) float32, padding as ``AIR``.

    ``affine``: 4×4, index (slice, row, column) → LPS mm, like ``inference.volume.Volume``'s.
    """

    headers: tuple[Header, ...]
    hu: FloatArray
    affine: npt.NDArray[np.float64]

    @property
    def spacing(self) -> tuple[float, float, float]:
        """(between slices, rows, columns) in mm."""
        lengths = np.linalg.norm(self.affine[:3, :3], axis=0)
        return float(lengths[0]), float(lengths[1]), float(lengths[2])


def read_headers(folder: Path) -> list[Header]:
    """All CT images with a rescale in ``folder`` and below, by path. Raises ``DataError`` where there is none."""
    found: list[Header] = []
    for path in sorted(path for path in folder.rglob("*") if path.is_file() and not path.name.startswith(".")):
        header = _header(path, folder)
        if isinstance(header, Header):
            found.append(header)
        elif header:
            sys.stderr.write(f"left out {path}: {header}\n")
    if not found:
        raise DataError(f"no CT slices with a rescale to HU in {folder}")
    return found


def stacks(headers: Sequence[Header]) -> list[list[Header]]:
    """Slices grouped by series, orientation, matrix and spacing, each group by position along its normal."""
    groups: dict[tuple[object, ...], list[Header]] = {}
    for header in headers:
        directions = tuple(round(value, 3) for value in header.orientation)
        groups.setdefault((header.series, header.shape, header.spacing, directions), []).append(header)
    return [sorted(group, key=lambda header: header.depth_mm) for group in groups.values()]


def read_slice(header: Header) -> Slice:
    """Decode one slice. Raises ``DataError`` naming the file when it does not decode."""
    reader = _reader(header.path)
    try:
        values = sitk.GetArrayFromImage(reader.Execute()).astype(np.float32)
    except RuntimeError as error:
        raise DataError(f"cannot decode {header.path}: {_reason(error)}") from error
    hu = values.reshape(values.shape[-2:])
    padded = np.zeros(hu.shape, np.bool_)
    if header.padding is not None:
        padded |= hu == np.float32(header.padding)
    # makers mark what lies outside of the circle with values below any CT number, padding tag or not
    padded |= hu < AIR
    return Slice(header, np.where(padded, np.float32(AIR), hu), padded)


def read_stack(headers: Sequence[Header], tolerance: float = 0.02) -> Stack:
    """Decode an ordered group of ``stacks`` into one array.

    Raises ``DataError`` where two slices lie at one position, the steps differ by more than ``tolerance`` of their
    median, or the gantry is tilted: then there is no regular grid.
    """
    first = headers[0]
    if len(headers) < 2:
        raise DataError(f"{first.path}: one slice makes no stack")
    steps = np.diff(np.array([header.position for header in headers]), axis=0)
    along = steps @ first.normal
    step = float(np.median(along))
    if step <= 0 or np.abs(along - step).max() > tolerance * step:
        raise DataError(f"{first.path}: slices are {along.min():.2f} to {along.max():.2f} mm apart, not evenly")
    if np.abs(steps - np.outer(along, first.normal)).max() > tolerance * step:
        raise DataError(f"{first.path}: the gantry is tilted")
    affine = np.eye(4)
    affine[:3, 0] = (np.array(headers[-1].position) - first.position) / (len(headers) - 1)
    affine[:3, 1] = np.array(first.orientation[3:]) * first.spacing[0]
    affine[:3, 2] = np.array(first.orientation[:3]) * first.spacing[1]
    affine[:3, 3] = first.position
    return Stack(tuple(headers), np.stack([read_slice(header).hu for header in headers]), affine)


def _reader(path: Path) -> sitk.ImageFileReader:
    reader = sitk.ImageFileReader()
    reader.SetImageIO("GDCMImageIO")
    reader.SetFileName(str(path))
    return reader


def _reason(error: RuntimeError) -> str:
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    return lines[-1] if lines else "unknown reason"


def _header(path: Path, folder: Path) -> Header | str:
    """The slice that ``path`` holds, or why it holds none; an empty reason for what is no DICOM image at all."""
    if not _is_dicom(path):
        return ""
    reader = _reader(path)
    try:
        reader.ReadImageInformation()
    except RuntimeError:
        return ""

    def text(tag: str) -> str:
        return reader.GetMetaData(tag).strip(" \0") if reader.HasMetaDataKey(tag) else ""

    def numbers(tag: str) -> tuple[float, ...]:
        try:
            return tuple(float(part) for part in text(tag).split("\\") if part.strip())
        except ValueError:
            return ()

    if text("0008|0060") != "CT":
        return ""
    if not numbers("0028|1052") or not numbers("0028|1053"):
        return "no rescale, so its values are not HU"
    if text("0028|1054") not in ("", "HU"):
        return f"rescale type {text('0028|1054')!r} is not HU"
    spacing, position, orientation = numbers("0028|0030"), numbers("0020|0032"), numbers("0020|0037")
    if len(spacing) != 2 or min(spacing) <= 0 or not all(math.isfinite(value) for value in spacing):
        return "no Pixel Spacing"
    if len(position) != 3 or len(orientation) != 6:
        return "no position in the patient"
    if "LOCALIZER" in text("0008|0008"):
        return "a localiser"
    size = reader.GetSize()
    slope, intercept = numbers("0028|1053")[0], numbers("0028|1052")[0]
    thickness = numbers("0018|0050")
    return Header(
        name=str(path.relative_to(folder)),
        path=path,
        patient=text("0010|0020"),
        series=text("0020|000e"),
        maker=text("0008|0070"),
        kernel=text("0018|1210"),
        thickness_mm=thickness[0] if thickness and thickness[0] > 0 else None,
        spacing=(spacing[0], spacing[1]),
        shape=(size[1], size[0]),
        position=(position[0], position[1], position[2]),
        orientation=orientation,
        patient_position=text("0018|5100"),
        padding=_padding(numbers("0028|0120"), text("0028|0103") == "1", slope, intercept),
    )


def _padding(stored: tuple[float, ...], signed: bool, slope: float, intercept: float) -> float | None:
    """Pixel Padding Value in HU. Some files write a negative one as if it were unsigned."""
    if not stored:
        return None
    value = stored[0] - 65536 if signed and stored[0] > 32767 else stored[0]
    return value * slope + intercept


def _is_dicom(path: Path) -> bool:
    """Whether the file begins as PS3.10 7.1 says, so that GDCM is not asked about pictures and tables."""
    with path.open("rb") as stream:
        return stream.read(132)[128:] == b"DICM"
