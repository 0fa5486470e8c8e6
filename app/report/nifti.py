"""A label map as NIfTI-1, gzipped (nifti.nimh.nih.gov/nifti-1), made in memory so that it can be written whole.

NIfTI's axes are (i, j, k) = (column, row, slice) and its world is RAS millimetres: LPS with x and y negated.
"""

from __future__ import annotations

import gzip
import struct
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from inference.types import no_tick
from inference.volume import Calibration

if TYPE_CHECKING:
    from app.core.document import Overlay
    from app.dicom.model import Series
    from inference.types import Tick

_HEADER_BYTES = 352
_MM = 2
_SCANNER = 1
_LABEL_INTENT = 1002
_UINT8 = 2


def nifti_bytes(overlay: Overlay, series: Series, tick: Tick = no_tick) -> bytes:
    """``label_map.nii.gz``: uint8, 0 is background, other values are those of the labels.

    Where the covered frames lie on one regular grid in the patient, sform and qform (code 1, scanner) carry it. A
    projection or an irregular stack has no such grid: codes are 0, spacing is the image's own in mm, and 1 where that
    is unknown or only known at the detector; then lengths in the file mean pixels.
    """
    tick(0.0)
    affine = _affine(overlay, series)
    voxels = overlay.label_map.transpose(2, 1, 0)
    zooms = _zooms(series, affine)
    payload = _header(voxels.shape, zooms, affine, overlay.model.id) + voxels.tobytes(order="F")
    # No file name and no time inside: the same mask gives the same bytes.
    return gzip.compress(payload, compresslevel=6, mtime=0)


def _affine(overlay: Overlay, series: Series) -> npt.NDArray[np.float64] | None:
    """4×4, (column, row, slice) → RAS mm, for the frames that the overlay covers; ``None`` without a regular grid."""
    indices = np.array(overlay.indices)
    if series.affine is None or (len(indices) > 1 and not (np.diff(indices) == indices[1] - indices[0]).all()):
        return None
    lps = series.affine.copy()
    lps[:3, 3] += lps[:3, 0] * indices[0]
    if len(indices) > 1:
        lps[:3, 0] *= indices[1] - indices[0]
    swapped = lps[:, [2, 1, 0, 3]]
    return np.diag([-1.0, -1.0, 1.0, 1.0]) @ swapped


def _zooms(series: Series, affine: npt.NDArray[np.float64] | None) -> tuple[float, float, float]:
    if affine is not None:
        i, j, k = np.linalg.norm(affine[:3, :3], axis=0)
        return float(i), float(j), float(k)
    if series.pixel_spacing is not None and series.calibration is Calibration.PATIENT:
        return series.pixel_spacing[1], series.pixel_spacing[0], 1.0
    return 1.0, 1.0, 1.0


def _header(
    shape: tuple[int, ...], zooms: tuple[float, float, float], affine: npt.NDArray[np.float64] | None, name: str
) -> bytes:
    """The 348-byte header and four bytes that say "no extensions"."""
    sform = np.eye(4) if affine is None else affine
    code = 0 if affine is None else _SCANNER
    quaternion, handedness = (np.zeros(3), 1.0) if affine is None else _quaternion(affine)
    orthogonal = quaternion is not None
    b, c, d = quaternion if quaternion is not None else np.zeros(3)
    header = struct.pack("<i10s18sihcB", 348, b"", b"", 0, 0, b"r", 0)
    header += struct.pack("<8h", 3, *shape, 1, 1, 1, 1)
    header += struct.pack("<3fhhhh", 0, 0, 0, _LABEL_INTENT, _UINT8, 8, 0)
    header += struct.pack("<8f", handedness, *zooms, 1, 1, 1, 1)
    header += struct.pack("<3fhBB4f2i", float(_HEADER_BYTES), 1, 0, 0, 0, _MM, 0, 0, 0, 0, 0, 0)
    header += struct.pack("<80s24s", f"{name}: research use only".encode("ascii", "replace"), b"")
    header += struct.pack("<2h", code if orthogonal else 0, code)
    header += struct.pack("<6f", b, c, d, *sform[:3, 3])
    header += struct.pack("<12f", *sform[:3].reshape(-1))
    return header + struct.pack("<16s4s4x", b"labels", b"n+1\0")


def _quaternion(affine: npt.NDArray[np.float64]) -> tuple[npt.NDArray[np.float64] | None, float]:
    """(b, c, d) of the rotation and ±1 for its handedness (NIfTI's qfac); ``None`` for a sheared grid, which a
    quaternion cannot express."""
    rotation = affine[:3, :3] / np.linalg.norm(affine[:3, :3], axis=0)
    if not np.allclose(rotation.T @ rotation, np.eye(3), atol=1e-4):
        return None, 1.0
    handedness = 1.0 if np.linalg.det(rotation) > 0 else -1.0
    r = rotation * np.array([1.0, 1.0, handedness])
    # The eigenvector of the largest eigenvalue is the quaternion, without the case distinctions that lose precision.
    xx, xy, xz, yx, yy, yz, zx, zy, zz = r.reshape(-1)
    key = np.array(
        [
            [xx + yy + zz, zy - yz, xz - zx, yx - xy],
            [zy - yz, xx - yy - zz, xy + yx, xz + zx],
            [xz - zx, xy + yx, yy - xx - zz, yz + zy],
            [yx - xy, xz + zx, yz + zy, zz - xx - yy],
        ]
    )
    a, b, c, d = np.linalg.eigh(key)[1][:, -1]
    sign = -1.0 if a < 0 else 1.0
    return sign * np.array([b, c, d]), handedness
