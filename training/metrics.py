"""Measures of how far a mask is from its reference, and how sure the numbers are."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import SimpleITK as sitk

if TYPE_CHECKING:
    from collections.abc import Sequence

BoolImage = npt.NDArray[np.bool_]


def dice(predicted: BoolImage, reference: BoolImage, counted: BoolImage | None = None) -> float:
    """2|A∩B| / (|A|+|B|) over ``counted`` pixels (Dice 1945). Two empty masks agree: 1."""
    if counted is not None:
        predicted, reference = predicted & counted, reference & counted
    total = int(predicted.sum()) + int(reference.sum())
    return 1.0 if total == 0 else 2 * int((predicted & reference).sum()) / total


def surface(mask: BoolImage) -> BoolImage:
    """Pixels of ``mask`` with a 4-neighbour outside it; the image's own border counts as outside."""
    padded = np.pad(mask, 1)
    inside = padded[:-2, 1:-1] & padded[2:, 1:-1] & padded[1:-1, :-2] & padded[1:-1, 2:]
    return mask & ~inside


def hd95(predicted: BoolImage, reference: BoolImage, spacing: tuple[float, float] = (1.0, 1.0)) -> float:
    """95th percentile Hausdorff distance: the larger of both directed 95th percentiles of surface distances.

    ``spacing``: length of one step between rows, between columns; the result is in that unit. Both empty: 0; one
    empty: infinity.
    """
    if not predicted.any() and not reference.any():
        return 0.0
    if not predicted.any() or not reference.any():
        return float("inf")
    first, second = surface(predicted), surface(reference)
    return max(
        float(np.percentile(_distance_to(second, spacing)[first], 95)),
        float(np.percentile(_distance_to(first, spacing)[second], 95)),
    )


def _distance_to(where: BoolImage, spacing: tuple[float, float]) -> npt.NDArray[np.float32]:
    """Exact Euclidean distance of every pixel to the nearest true one (Maurer et al. 2003)."""
    image = sitk.GetImageFromArray(where.astype(np.uint8))
    image.SetSpacing((spacing[1], spacing[0]))
    distance = sitk.SignedMaurerDistanceMap(image, insideIsPositive=False, squaredDistance=False, useImageSpacing=True)
    return np.maximum(np.asarray(sitk.GetArrayFromImage(distance), dtype=np.float32), 0)


def area_error(predicted: BoolImage, reference: BoolImage, counted: BoolImage | None = None) -> float:
    """(predicted − reference) / reference area, in percent; NaN for an empty reference."""
    if counted is not None:
        predicted, reference = predicted & counted, reference & counted
    area = int(reference.sum())
    return float("nan") if area == 0 else 100 * (int(predicted.sum()) - area) / area


@dataclass(frozen=True)
class Estimate:
    """A mean over ``images`` images of ``patients`` patients, with its 95 % interval."""

    mean: float
    low: float
    high: float
    images: int
    patients: int

    def __str__(self) -> str:
        return f"{self.mean:.4f} [{self.low:.4f}, {self.high:.4f}]"


def bootstrap(values: Sequence[float], patients: Sequence[str], *, draws: int = 2000, seed: int = 0) -> Estimate:
    """Mean of ``values`` pooled over images; interval by resampling *patients* (Efron 1979, percentile method).

    Images of one patient resemble each other, so drawing images would make the interval too narrow. NaN values are
    left out. Raises ``ValueError`` when nothing is left or the lengths differ.
    """
    if len(values) != len(patients):
        raise ValueError(f"{len(values)} values but {len(patients)} patients")
    pairs = [(value, patient) for value, patient in zip(values, patients, strict=True) if not np.isnan(value)]
    if not pairs:
        raise ValueError("no values to estimate a mean from")
    numbers = np.array([value for value, _ in pairs])
    _, group = np.unique([patient for _, patient in pairs], return_inverse=True)
    count = int(group.max()) + 1
    sums = np.bincount(group, weights=numbers, minlength=count)
    sizes = np.bincount(group, minlength=count)
    chosen = np.random.default_rng(seed).integers(count, size=(draws, count))
    means = sums[chosen].sum(axis=1) / sizes[chosen].sum(axis=1)
    low, high = np.percentile(means, (2.5, 97.5))
    return Estimate(float(numbers.mean()), float(low), float(high), len(numbers), count)
