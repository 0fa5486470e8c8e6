"""Lung probabilities of a CT stack on the network's grid → two lungs in whole parts.

Index order: (slices, rows, columns), canonical.
"""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import SimpleITK as sitk

from inference import ct_grid

Mask = npt.NDArray[np.bool_]
Bytes = npt.NDArray[np.uint8]

RIGHT, LEFT = 1, 2
THRESHOLD = 0.5

MIN_PART = 0.03
"""Parts smaller than this share of the largest are no lung: gas in the bowel, an air-filled oesophagus."""
MIN_PART_ML = 1.0
MIN_SIDE = 0.03
"""Pieces of one side smaller than this share of its largest, and attached to the other side, belong to that one."""
MAX_HOLE_CM2 = 20.0


def lungs(right: npt.NDArray[np.float16], left: npt.NDArray[np.float16], step_mm: float) -> Bytes:
    """Probabilities (slices, S, S) of either side → uint8: 0, ``RIGHT`` or ``LEFT``.

    A voxel belongs to the likelier side; small parts go, small pieces change sides, holes in a slice (vessels, tumours)
    are filled. ``step_mm``: between slices, or the thickness of a single one.
    """
    label = np.where(right >= left, np.uint8(RIGHT), np.uint8(LEFT))
    label[np.maximum(right, left) < THRESHOLD] = 0
    if not label.any():
        return label
    voxel_ml = step_mm * ct_grid.SPACING_MM**2 / 1000
    parts, sizes = _parts(label > 0)
    least = max(MIN_PART * sizes.max(), MIN_PART_ML / voxel_ml)
    # what is largest stays, however little it is: a slice may show the tip of one lung
    label[~np.isin(parts, np.flatnonzero((sizes >= least) | (sizes == sizes.max())))] = 0
    for side, other in ((RIGHT, LEFT), (LEFT, RIGHT)):
        _swap_crumbs(label, side, other)
    _fill(label)
    return label


def _parts(mask: Mask) -> tuple[npt.NDArray[np.int64], npt.NDArray[np.int64]]:
    """Connected parts, numbered from 1, and their sizes; size 0 for the background."""
    image = sitk.GetImageFromArray(mask.astype(np.uint8))
    parts = np.asarray(sitk.GetArrayFromImage(sitk.ConnectedComponent(image)))  # type: ignore[no-untyped-call]
    sizes = np.bincount(parts.ravel())
    sizes[0] = 0
    return parts, sizes


def _swap_crumbs(label: Bytes, side: int, other: int) -> None:
    """Small pieces of ``side`` that touch ``other`` become ``other``, in place."""
    parts, sizes = _parts(label == side)
    crumbs = np.flatnonzero((sizes > 0) & (sizes < MIN_SIDE * sizes.max(initial=0)))
    if not len(crumbs) or not (label == other).any():
        return
    image = sitk.GetImageFromArray((label == other).astype(np.uint8))
    grown = sitk.GetArrayFromImage(sitk.BinaryDilate(image, [1, 1, min(1, label.shape[0] - 1)])) > 0  # type: ignore[no-untyped-call]
    touching = np.intersect1d(crumbs, np.unique(parts[grown]))
    label[np.isin(parts, touching)] = other


def _fill(label: Bytes) -> None:
    """Holes of up to ``MAX_HOLE_CM2`` that one lung encloses in a slice become that lung, in place."""
    largest = MAX_HOLE_CM2 * 100 / ct_grid.SPACING_MM**2
    for plane in label:
        for side in (RIGHT, LEFT):
            lung = plane == side
            if not lung.any():
                continue
            image = sitk.GetImageFromArray(lung.astype(np.uint8))
            holes = (sitk.GetArrayFromImage(sitk.BinaryFillhole(image)) > 0) & ~lung  # type: ignore[no-untyped-call]
            if holes.any():
                parts, sizes = _parts(holes)
                plane[np.isin(parts, np.flatnonzero((sizes > 0) & (sizes <= largest))) & (plane == 0)] = side
