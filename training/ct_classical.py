"""Lungs in CT without learning: thresholds, connected parts and distances. It makes the pseudo-labels, and is what the
network is compared with.

After Hu, Hoffman and Reinhardt 2001 (IEEE TMI 20(6):490): air inside the body, minus the airways grown from the
trachea, split into right and left, with vessels closed in. All arrays are in canonical order (index grows towards
Superior, Posterior, Left), HU.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import numpy.typing as npt
import SimpleITK as sitk

Mask = npt.NDArray[np.bool_]
Floats = npt.NDArray[np.float32]
Bytes = npt.NDArray[np.uint8]
Spacing = tuple[float, float, float]

RIGHT, LEFT = 1, 2

AERATED = -350
"""HU below which a smoothed voxel inside the body is a candidate for lung: halfway from lung to soft tissue."""
BODY = -400
SMOOTHING_MM = 1.0
MIN_LUNG_ML = 8.0
MIN_LUNG_CM2 = 0.5
CLOSING_MM = 9.0
MAX_AIRWAY_ML = 90.0
MAX_HOLE_CM2 = 12.0
BOWEL = -955
"""Mean HU under which a part of a single slice is gas, not lung."""


def lungs(voxels: npt.NDArray[np.integer], spacing: Spacing) -> Bytes:
    """(slices, rows, columns) HU → uint8 of the same shape: 0, ``RIGHT`` or ``LEFT``. ``spacing``: mm."""
    smooth = smoothed(voxels, spacing)
    body = _body(smooth, spacing)
    air = body & (smooth < AERATED)
    airway = airways(smooth, body, spacing)
    walls = _grow(airway, 2.5, spacing)
    kept = _lung_parts(air & ~walls, smooth, spacing)
    sides = split_sides(kept, body, spacing)
    return close_vessels(sides, walls, spacing)


def smoothed(voxels: npt.NDArray[np.integer], spacing: Spacing) -> Floats:
    """Gaussian in the plane of the slice."""
    out = np.empty(voxels.shape, np.float32)
    for k, plane in enumerate(voxels):
        image = sitk.GetImageFromArray(plane.astype(np.float32))
        image.SetSpacing((spacing[2], spacing[1]))
        out[k] = sitk.GetArrayFromImage(sitk.DiscreteGaussian(image, [SMOOTHING_MM**2] * 2, 16, 0.01, True))
    return out


def _body(smooth: Floats, spacing: Spacing) -> Mask:
    """The patient without table and clothes: the largest dense part of each slice, its holes filled."""
    found = np.zeros(smooth.shape, bool)
    radius = max(1, round(2.0 / spacing[1]))
    for k, plane in enumerate(smooth):
        dense = sitk.GetImageFromArray((plane > BODY).astype(np.uint8))
        parts = _array(sitk.ConnectedComponent(sitk.BinaryMorphologicalOpening(dense, [radius, radius])))
        sizes = np.bincount(parts.ravel())
        if len(sizes) < 2:
            continue
        sizes[0] = 0
        one = (parts == sizes.argmax()).astype(np.uint8)
        # a lung that the field of view cuts is open to the border: closed by it, where body meets it on both sides
        found[k] = _array(sitk.BinaryFillhole(sitk.GetImageFromArray(one))) > 0
    return found


def airways(smooth: Floats, body: Mask, spacing: Spacing) -> Mask:
    """Trachea and main bronchi: grown from the trachea, the threshold raised until the growth leaks into the lung.

    In a single slice: round air near the middle that is darker than the lung around it.
    """
    if smooth.shape[0] < 5:
        return _tracheas_2d(smooth, body, spacing)
    seeds = _trachea_seeds(smooth, body, spacing)
    if not seeds:
        return np.zeros(smooth.shape, bool)
    image = sitk.GetImageFromArray(np.where(body, smooth, 1000).astype(np.float32))
    unit_ml = float(np.prod(spacing)) / 1000
    best = np.zeros(smooth.shape, bool)
    last = 0.0
    for upper in range(-960, -780, 15):
        grown = _array(sitk.ConnectedThreshold(image, seeds, lower=-2000, upper=upper)) > 0
        volume = grown.sum() * unit_ml
        if volume > MAX_AIRWAY_ML or (last > 5 and volume > 1.6 * last):
            break
        best, last = grown, volume
    # only what is thicker than a segmental bronchus: thinner ones belong to the lung
    thick = np.zeros(best.shape, bool)
    for k, plane in enumerate(best):
        if plane.any():
            thick[k] = _open(plane, 2.5, spacing)
    return thick


def _trachea_seeds(smooth: Floats, body: Mask, spacing: Spacing) -> list[tuple[int, int, int]]:
    """Voxels (x, y, z index) in the trachea of the upper quarter of the slices."""
    chains: list[list[tuple[int, int, int]]] = []
    count = smooth.shape[0]
    for k in range(count - 1, int(count * 0.7), -1):
        for row, column, area in _round_airs(smooth[k], body[k], spacing):
            if not 0.5 < area < 6:
                continue
            for chain in chains:
                x, y, z = chain[-1]
                if z == k + 1 and np.hypot((column - x) * spacing[2], (row - y) * spacing[1]) < 8:
                    chain.append((column, row, k))
                    break
            else:
                chains.append([(column, row, k)])
    # an apex of the lung is round for a few slices; the trachea for many
    return max(chains, key=len, default=[])


def _round_airs(plane: Floats, body: Mask, spacing: Spacing) -> list[tuple[int, int, float]]:
    """(row, column, area in cm²) of the round air near the middle of the body."""
    if not body.any():
        return []
    columns = np.flatnonzero(body.any(axis=0))
    middle, width = (columns[0] + columns[-1]) / 2, columns[-1] - columns[0]
    parts = sitk.ConnectedComponent(sitk.GetImageFromArray((body & (plane < -800)).astype(np.uint8)))
    shapes = sitk.LabelShapeStatisticsImageFilter()
    shapes.Execute(parts)
    values = _array(parts)
    found = []
    for label in shapes.GetLabels():
        area = shapes.GetNumberOfPixels(label) * spacing[1] * spacing[2] / 100
        x, y = shapes.GetCentroid(label)
        column, row = round(x), round(y)
        if (
            0.3 < area < 8
            and shapes.GetRoundness(label) > 0.75
            and shapes.GetElongation(label) < 2.2
            and abs(x - middle) < 0.12 * width
            and values[row, column] == label
            and plane[values == label].mean() < -850
        ):
            found.append((row, column, area))
    return found


def _tracheas_2d(smooth: Floats, body: Mask, spacing: Spacing) -> Mask:
    found = np.zeros(smooth.shape, bool)
    for k, plane in enumerate(smooth):
        parts = _array(sitk.ConnectedComponent(sitk.GetImageFromArray((body[k] & (plane < -700)).astype(np.uint8))))
        for row, column, area in _round_airs(plane, body[k], spacing):
            part = parts == parts[row, column]
            if part.sum() * spacing[1] * spacing[2] / 100 < 2 * area:
                found[k] |= part
    return found


def _lung_parts(air: Mask, smooth: Floats, spacing: Spacing) -> Mask:
    """The parts of ``air`` that are lung: large, and not as dark as bowel gas."""
    if air.shape[0] == 1:
        return _lung_parts_2d(air, smooth, spacing)
    parts = _array(sitk.ConnectedComponent(sitk.GetImageFromArray(air.astype(np.uint8))))
    sizes = np.bincount(parts.ravel())
    sizes[0] = 0
    unit_ml = float(np.prod(spacing)) / 1000
    means = np.bincount(parts.ravel(), smooth.ravel()) / np.maximum(sizes, 1)
    largest = sizes.max(initial=0)
    wanted = [
        label
        for label in np.flatnonzero(sizes * unit_ml >= MIN_LUNG_ML)
        if sizes[label] >= 0.1 * largest and means[label] > BOWEL
    ]
    return np.asarray(np.isin(parts, wanted))


def _lung_parts_2d(air: Mask, smooth: Floats, spacing: Spacing) -> Mask:
    parts = _array(sitk.ConnectedComponent(sitk.GetImageFromArray(air[0].astype(np.uint8))))
    sizes = np.bincount(parts.ravel())
    sizes[0] = 0
    means = np.bincount(parts.ravel(), smooth[0].ravel()) / np.maximum(sizes, 1)
    cm2 = sizes * spacing[1] * spacing[2] / 100
    wanted = np.flatnonzero((cm2 >= MIN_LUNG_CM2) & (means > BOWEL))
    return np.asarray(np.isin(parts, wanted))[np.newaxis]


def split_sides(mask: Mask, body: Mask, spacing: Spacing) -> Bytes:
    """``mask`` → ``RIGHT`` or ``LEFT``. Where both lungs touch they are parted at their narrowest: the mask is
    shrunk until it falls apart, and each voxel goes to the nearer core."""
    sides = np.zeros(mask.shape, np.uint8)
    if not mask.any():
        return sides
    columns = np.flatnonzero(body.any(axis=(0, 1)))
    middle = (columns[0] + columns[-1]) / 2
    inside = _inside_distance(mask, spacing)
    for shrink in (0.0, 1.0, 2.0, 3.0, 4.5, 6.0, 8.0):
        core = mask if shrink == 0 else mask & (inside > shrink)
        parts = _array(sitk.ConnectedComponent(sitk.GetImageFromArray(core.astype(np.uint8))))
        sizes = np.bincount(parts.ravel())
        sizes[0] = 0
        big = [label for label in np.argsort(sizes)[::-1] if sizes[label] > 0.01 * sizes.sum()]
        straddles = False
        core_sides = np.zeros(mask.shape, np.uint8)
        for label in big:
            xs = np.nonzero(parts == label)[2]
            share = float((xs < middle).mean())
            straddles |= 0.2 < share < 0.8 and sizes[label] > 0.3 * sizes.sum()
            core_sides[parts == label] = RIGHT if share >= 0.5 else LEFT
        if not straddles:
            break
    right = _outside_distance(core_sides == RIGHT, spacing)
    left = _outside_distance(core_sides == LEFT, spacing)
    sides[mask] = np.where(right[mask] <= left[mask], RIGHT, LEFT)
    return sides


def close_vessels(sides: Bytes, walls: Mask, spacing: Spacing) -> Bytes:
    """Vessels and small nodules become lung: each slice of each lung closed with a disc, its small holes filled.

    ``walls``: airways with their walls. They stay out, unless a lung encloses them: a bronchus inside the lung is lung.
    """
    result = sides.copy()
    for k, plane in enumerate(sides):
        for side in (RIGHT, LEFT):
            lung = plane == side
            if not lung.any():
                continue
            closed = fill_small_holes(close_disc(lung, CLOSING_MM, spacing) & ~walls[k], spacing)
            result[k][closed & (result[k] == 0)] = side
    return result


def fill_small_holes(mask: Mask, spacing: Spacing, largest_cm2: float = MAX_HOLE_CM2) -> Mask:
    filled = _array(sitk.BinaryFillhole(sitk.GetImageFromArray(mask.astype(np.uint8)))) > 0
    holes = _array(sitk.ConnectedComponent(sitk.GetImageFromArray((filled & ~mask).astype(np.uint8))))
    sizes = np.bincount(holes.ravel()) * spacing[1] * spacing[2] / 100
    small = np.flatnonzero(sizes <= largest_cm2)
    return np.asarray(mask | (np.isin(holes, small[small > 0])))


def _array(image: sitk.Image) -> npt.NDArray[Any]:
    return np.asarray(sitk.GetArrayFromImage(image))


def _distance(mask: Mask, spacing: Spacing) -> Floats:
    """Signed distance in mm in 3-D, or in the plane for 2-D: negative inside."""
    image = sitk.GetImageFromArray(mask.astype(np.uint8))
    image.SetSpacing(
        [float(step) for step in spacing[::-1]][: mask.ndim] if mask.ndim == 3 else (spacing[2], spacing[1])
    )
    return _array(sitk.SignedMaurerDistanceMap(image, False, False, True)).astype(np.float32)


def _outside_distance(mask: Mask, spacing: Spacing) -> Floats:
    if not mask.any():
        return np.full(mask.shape, np.inf, np.float32)
    return np.maximum(_distance(mask, spacing), 0)


def _inside_distance(mask: Mask, spacing: Spacing) -> Floats:
    return np.maximum(-_distance(mask, spacing), 0) if mask.any() else np.zeros(mask.shape, np.float32)


def _grow(mask: Mask, radius: float, spacing: Spacing) -> Mask:
    out = mask.copy()
    for k, plane in enumerate(mask):
        if plane.any():
            out[k] = _distance(plane, spacing) <= radius
    return out


def _open(plane: Mask, radius: float, spacing: Spacing) -> Mask:
    core = _distance(plane, spacing) < -radius
    return np.asarray(plane & (_distance(core, spacing) <= radius + 0.5)) if core.any() else core


def close_disc(plane: Mask, radius: float, spacing: Spacing) -> Mask:
    """Closing of a 2-D mask with a disc; beyond the image counts as outside."""
    margin = int(np.ceil(radius / min(spacing[1:]))) + 2
    padded = np.pad(plane, margin)
    wide = _distance(padded, spacing) <= radius
    # distances count from the outermost pixels on either side, so that half a pixel is left on each
    closed = _distance(wide, spacing) <= min(spacing[1:]) / 2 - radius
    return np.asarray(plane | closed[margin:-margin, margin:-margin])
