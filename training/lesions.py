"""Lesions that are put into slices to see whether a model keeps them."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from training.ct_noise import box_mean

if TYPE_CHECKING:
    from collections.abc import Sequence

FloatArray = npt.NDArray[np.float32]
BoolArray = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Kind:
    """A lesion. ``contrast_hu``: added at its middle. ``host``: HU between which the tissue around it must lie."""

    name: str
    diameter_mm: float
    contrast_hu: float
    host: tuple[float, float]


LUNG, LIVER = (-950.0, -780.0), (20.0, 170.0)
KINDS = (
    *(Kind(f"solid lung nodule, {size} mm", size, 850.0, LUNG) for size in (3, 4, 5, 6, 8, 10)),
    *(Kind(f"ground-glass nodule, {size} mm", size, 220.0, LUNG) for size in (5, 8)),
    *(Kind(f"dark liver lesion, {size} mm", size, -50.0, LIVER) for size in (5, 8, 12)),
)


def lesion(kind: Kind, spacing_mm: float, offset: tuple[float, float], size: int) -> FloatArray:
    """(size, size) HU: a ball's middle plane with an edge as soft as a scanner's, ``offset`` pixels off the middle.

    The edge is an error function of 0.5 mm SD, near that of a standard kernel.
    """
    axis = np.arange(size) - (size - 1) / 2
    distance = np.hypot(axis[:, None] - offset[0], axis[None, :] - offset[1]) * spacing_mm
    edge = (kind.diameter_mm / 2 - distance) / (0.5 * math.sqrt(2))
    profile = 0.5 * (1 + np.vectorize(math.erf)(edge))
    return np.asarray(kind.contrast_hu * profile, np.float32)


def places(hu: FloatArray, kind: Kind, spacing_mm: float, margin: int, count: int, seed: int) -> list[tuple[int, int]]:
    """Up to ``count`` (row, column) where the tissue within the lesion's reach is what ``kind`` wants.

    At least ``margin`` pixels from the border, and farther from each other than the lesion is wide.
    """
    reach = 2 * math.ceil((kind.diameter_mm / 2 + 2) / spacing_mm) + 1
    mean = box_mean(hu, reach)
    spread = np.sqrt(np.maximum(box_mean(np.square(hu, dtype=np.float64), reach) - mean**2, 0))
    fits = (mean > kind.host[0]) & (mean < kind.host[1]) & (spread < (110 if kind.host is LUNG else 40))
    fits[:margin], fits[-margin:], fits[:, :margin], fits[:, -margin:] = False, False, False, False
    spots = np.argwhere(fits)
    rng = np.random.default_rng([seed, round(kind.diameter_mm * 10), round(kind.contrast_hu) % 100_000])
    found: list[tuple[int, int]] = []
    for index in rng.permutation(len(spots))[:400]:
        row, column = (int(value) for value in spots[index])
        if all(math.hypot(row - r, column - c) > reach for r, c in found):
            found.append((row, column))
        if len(found) == count:
            break
    return found


def names(kinds: Sequence[Kind] = KINDS) -> tuple[str, ...]:
    """In the order of the report."""
    return tuple(kind.name for kind in kinds)
