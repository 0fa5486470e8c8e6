"""Lung probabilities on the network's grid → label map on the image's own grid, and measures of it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import SimpleITK as sitk

from inference.preprocess import resize
from inference.types import Code, Label, Measure
from inference.volume import Calibration, Volume
from inference.words import say

if TYPE_CHECKING:
    from collections.abc import Sequence

FloatArray = npt.NDArray[np.float32]
ByteArray = npt.NDArray[np.uint8]

IMAGE_LEFT, IMAGE_RIGHT = 0, 1
"""Channels of the network: the lung on the left and on the right of the *image*, whichever of the patient's it is."""

THRESHOLD = 0.5
MIN_PART = 0.1
"""Parts of a lung smaller than this share of its largest part are dropped: islands in the bowel, a marker, an arm."""

LUNG = Code("39607008", "Lung structure")


AREA, SHARE, LUNGS = say("area"), say("share of image"), say("Lungs")
"""What measures are called, after the label and a colon."""


def clean(probabilities: FloatArray, threshold: float = THRESHOLD) -> FloatArray:
    """Keep each lung's main parts and close its holes. (2, S, S) in 0–1 → the same shape.

    Dropped parts fall below ``threshold``, holes rise above it; all else keeps its value, so that the outline can still
    be placed between pixels. Where both lungs claim a pixel, the likelier has it.
    """
    result = probabilities.copy()
    winner = probabilities.argmax(axis=0)
    for side in (IMAGE_LEFT, IMAGE_RIGHT):
        claimed = (probabilities[side] >= threshold) & (winner == side)
        kept = main_parts(claimed)
        filled = fill_holes(kept)
        result[side][(probabilities[side] >= threshold) & ~filled] = 0.0
        result[side][filled & ~kept] = 1.0
    return result


def main_parts(mask: npt.NDArray[np.bool_], share: float = MIN_PART) -> npt.NDArray[np.bool_]:
    """Connected parts (4-neighbours) of a 2-D mask with at least ``share`` of the pixels of the largest one."""
    if not mask.any():
        return mask.copy()
    image = sitk.GetImageFromArray(mask.astype(np.uint8))
    parts = sitk.GetArrayFromImage(sitk.ConnectedComponent(image))  # type: ignore[no-untyped-call]
    sizes = np.bincount(parts.ravel())
    sizes[0] = 0
    return np.asarray(np.isin(parts, np.flatnonzero(sizes >= max(1.0, share * sizes.max()))))


def fill_holes(mask: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    """``mask`` and all background that it encloses."""
    image = sitk.BinaryFillhole(sitk.GetImageFromArray(mask.astype(np.uint8)))  # type: ignore[no-untyped-call]
    return np.asarray(sitk.GetArrayFromImage(image) > 0)


def label_sides(probabilities: FloatArray, shape: tuple[int, int], threshold: float = THRESHOLD) -> ByteArray:
    """(2, S, S) cleaned probabilities → (rows, columns) uint8: 0 background, 1 image-left lung, 2 image-right lung.

    Probabilities are interpolated, not labels, so the outline is smooth on an image larger than the network's grid.
    """
    left = resize(probabilities[IMAGE_LEFT], shape)
    right = resize(probabilities[IMAGE_RIGHT], shape)
    sides = np.where(left >= right, np.uint8(1), np.uint8(2))
    sides[np.maximum(left, right) < threshold] = 0
    return sides


def name_sides(
    sides: ByteArray, labels: Sequence[Label], row_direction: str
) -> tuple[ByteArray, tuple[Label, ...], tuple[str, ...]]:
    """Turn image sides into patient sides, if the header allows it: (label map, its labels, notes).

    ``labels``: (right lung, left lung) of the bundle. ``row_direction``: first value of Patient Orientation
    (0020,0020), the direction of increasing column index. ``L``: the image's left is the patient's right, as usual;
    ``R``: mirrored. Anything else: the sides are not guessed, since situs inversus and mirrored films exist.
    """
    right, left = labels
    direction = row_direction.strip().upper()[:1]
    if direction in ("L", "R"):
        on_image_left, on_image_right = (right, left) if direction == "L" else (left, right)
        table = np.array([0, on_image_left.value, on_image_right.value], np.uint8)
        return table[sides], (right, left), ()
    unsided = (
        Label(right.value, say("Lung (image left)"), LUNG, right.colour),
        Label(left.value, say("Lung (image right)"), LUNG, left.colour),
    )
    note = say(
        "Side unknown: the header has no Patient Orientation, so the lungs are named by their side of the image."
    )
    return np.array([0, right.value, left.value], np.uint8)[sides], unsided, (note,)


def areas(label_map: ByteArray, labels: Sequence[Label], volume: Volume) -> dict[str, Measure]:
    """Area of each label and of all together: cm² where the spacing is the patient's, else pixels; and % of the image.

    ``label_map``: (rows, columns).
    """
    rows, columns = label_map.shape
    counts = np.bincount(label_map.ravel(), minlength=256)
    named = {label.name: int(counts[label.value]) for label in labels}
    named[str(LUNGS)] = sum(named.values())
    measures: dict[str, Measure] = {}
    for name, count in named.items():
        if volume.calibration is Calibration.PATIENT and volume.pixel_spacing is not None:
            between_rows, between_columns = volume.pixel_spacing
            measures[f"{name}: {AREA}"] = Measure(count * between_rows * between_columns / 100, "cm2")
        else:
            measures[f"{name}: {AREA}"] = Measure(float(count), "px2")
        measures[f"{name}: {SHARE}"] = Measure(100 * count / (rows * columns), "%")
    return measures
