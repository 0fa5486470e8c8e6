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
Floats = npt.NDArray[np.float32]

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


BOUNDARY_HU = -400.0
"""Halfway from lung to soft tissue: the pleura lies where HU pass it."""
FULL_HU = 900.0
"""From lung to soft tissue: over this range a voxel between both counts in proportion."""
BAND = 2
"""Pixels on either side of the network's outline within which HU decide."""
GAP = 3
"""Radius in pixels of what is closed between them: vessels that enter at the outline."""
SURE = 0.8
"""Probability from which the network's word stands against HU: consolidation and tumour at the pleura."""
LUMEN_HU = -930.0
"""What is darker is rather air in a bronchus than lung that the network missed."""


def outlined(values: Floats, lung: Mask, taken: Mask, hu: Floats) -> Floats:
    """Probabilities (S, S) of one side whose outline follows HU: the network says which region is lung, HU say where
    it ends.

    ``lung``: the pixels of this side, ``taken``: those of the other, ``hu``: the slice on the grid. Only pixels within
    ``BAND`` of the outline change: aerated ones that touch the lung join it, soft ones leave unless the network is sure
    or the lung encloses them. Aerated pixels get the share of lung in them, so that the outline that is interpolated
    later passes where HU do.
    """
    share = np.clip(0.5 + (BOUNDARY_HU - hu) / FULL_HU, 0, 1).astype(np.float32)
    core, near = _disc(lung, -BAND), _disc(lung, BAND) & ~taken
    aerated = share >= 0.5
    joining = near & ~lung & aerated & ((hu > LUMEN_HU) | (values > 0.25))
    reached = lung & aerated
    for _ in range(BAND):
        reached |= _disc(reached, 1) & joining
    joined = reached & ~lung
    inside = lung & ~core
    closed = _disc(_disc(core | (inside & aerated) | joined, GAP), -GAP)
    leaving = inside & ~aerated & ~closed & (values < SURE)
    result = values.copy()
    changed = (inside & aerated) | joined | leaving
    result[changed] = share[changed]
    outside = near & ~lung & ~joined
    result[outside] = np.where(aerated[outside], 0, share[outside])
    return result


def _disc(mask: Mask, radius: int) -> Mask:
    """Dilation by a disc of ``radius`` pixels, or erosion for a negative one; beyond the grid there is nothing."""
    image = sitk.GetImageFromArray(mask.astype(np.uint8))
    size = [abs(radius)] * 2
    if radius > 0:
        return np.asarray(sitk.GetArrayFromImage(sitk.BinaryDilate(image, size)) > 0)  # type: ignore[no-untyped-call]
    return np.asarray(sitk.GetArrayFromImage(sitk.BinaryErode(image, size)) > 0)  # type: ignore[no-untyped-call]
