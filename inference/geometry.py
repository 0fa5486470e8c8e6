"""Affine geometry in LPS millimetres.

Index order is the array's own: ``(k, row, column)``. A 4×4 affine maps the homogeneous index
``(k, row, column, 1)`` of a voxel *centre* to ``(x, y, z, 1)`` in the DICOM patient coordinate
system (PS3.3 C.7.6.2.1.1): x towards the patient's Left, y towards Posterior, z towards Superior (Head).
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]

_POSITIVE = ("L", "P", "H")
_NEGATIVE = ("R", "A", "F")


def affine_from_dicom(
    position: FloatArray, orientation: FloatArray, pixel_spacing: FloatArray, step: FloatArray
) -> FloatArray:
    """4×4 affine, index (k, row, column) → LPS mm, from DICOM attributes (PS3.3 C.7.6.2.1.1).

    ``position``: Image Position (Patient) of slice k = 0, mm. ``orientation``: the six cosines of Image Orientation
    (Patient): direction of increasing column index, then of increasing row index. ``pixel_spacing``: (between rows,
    between columns), mm. ``step``: vector from slice k to k + 1, mm.
    """
    affine = np.eye(4)
    affine[:3, 0] = step
    affine[:3, 1] = np.asarray(orientation[3:6]) * pixel_spacing[0]
    affine[:3, 2] = np.asarray(orientation[:3]) * pixel_spacing[1]
    affine[:3, 3] = position
    return affine


def is_singular(affine: FloatArray) -> bool:
    """Whether an index step leads nowhere, or two of them the same way: the volume of a voxel is no more than
    1e-12 mm³.
    """
    k, row, column = np.asarray(affine[:3, :3], dtype=np.float64).T
    # By hand: a determinant by elimination warns where it meets a zero.
    return not abs(float(k @ np.cross(row, column))) > 1e-12


def spacing(affine: FloatArray) -> tuple[float, float, float]:
    """Lengths in mm of one index step along (k, row, column)."""
    lengths = np.linalg.norm(affine[:3, :3], axis=0)
    return float(lengths[0]), float(lengths[1]), float(lengths[2])


def apply(affine: FloatArray, points: FloatArray) -> FloatArray:
    """Map points of shape (..., 3) through a 4×4 affine; same shape back."""
    points = np.asarray(points, dtype=np.float64)
    return points @ affine[:3, :3].T + affine[:3, 3]


def orientation_letters(direction: FloatArray, *, threshold: float = 0.08) -> str:
    """Patient-orientation code of a direction in LPS, largest component first: ``(-1, 0, 0)`` → ``"R"``.

    Components below ``threshold`` of the unit vector (about 5°) are left out, so an oblique gives two or three letters
    and a plane that is a degree off gives one (PS3.3 C.7.6.1.1.1).
    """
    vector = np.asarray(direction, dtype=np.float64)
    length = float(np.linalg.norm(vector))
    if length == 0 or not np.isfinite(length):
        return ""
    vector = vector / length
    letters = ""
    for axis in np.argsort(-np.abs(vector), kind="stable"):
        if abs(vector[axis]) >= threshold:
            letters += _POSITIVE[axis] if vector[axis] > 0 else _NEGATIVE[axis]
    return letters


_OPPOSITE = str.maketrans("LPHRAF", "RAFLPH")


def opposite(letters: str) -> str:
    """The code of the opposite direction: ``"RA"`` → ``"LP"``."""
    return letters.translate(_OPPOSITE)


def nearest_axes(affine: FloatArray) -> tuple[tuple[int, int, int], tuple[bool, bool, bool]]:
    """How to turn and reverse index axes so that they grow towards Superior, Posterior and Left, at best.

    Returns ``order`` (which index axis comes first, second, third) and ``reverse`` (of the axes so ordered). No
    resampling: an oblique or tilted volume stays oblique. Of all six orders the one whose axes agree best is taken.
    """
    directions = affine[:3, :3] / np.linalg.norm(affine[:3, :3], axis=0)
    # rows: Superior (z), Posterior (y), Left (x); columns: index axes
    agreement = directions[::-1]
    orders = ((0, 1, 2), (0, 2, 1), (1, 0, 2), (1, 2, 0), (2, 0, 1), (2, 1, 0))
    order = max(orders, key=lambda o: float(sum(abs(agreement[i, o[i]]) for i in range(3))))
    first, second, third = (bool(agreement[i, order[i]] < 0) for i in range(3))
    return order, (first, second, third)


def reorder(
    voxels: npt.NDArray[np.generic], affine: FloatArray, order: tuple[int, int, int], reverse: tuple[bool, bool, bool]
) -> tuple[npt.NDArray[np.generic], FloatArray]:
    """Turn (transpose) then reverse the axes of (k, rows, columns) voxels: a view, with the affine that belongs to it.
    Undone by ``restore``."""
    turned = np.transpose(voxels, order)
    changed = affine.copy()
    changed[:3, :3] = affine[:3, list(order)]
    for axis, backwards in enumerate(reverse):
        if backwards:
            changed[:3, 3] += changed[:3, axis] * (turned.shape[axis] - 1)
            changed[:3, axis] *= -1
    return turned[tuple(slice(None, None, -1 if backwards else 1) for backwards in reverse)], changed


def restore(
    voxels: npt.NDArray[np.generic], order: tuple[int, int, int], reverse: tuple[bool, bool, bool]
) -> npt.NDArray[np.generic]:
    """Undo ``reorder`` on an array of the reordered shape."""
    straight = voxels[tuple(slice(None, None, -1 if backwards else 1) for backwards in reverse)]
    return np.transpose(straight, np.argsort(order))
