"""Scores of lung masks in CT against checked pseudo-labels, through the code that serves, and their summary."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import SimpleITK as sitk

from inference.kernels import sharpness
from training.ct_labels import IGNORE
from training.ct_lungs_robustness import CHANGES, Sample
from training.ct_scans import Scan
from training.metrics import bootstrap

Bytes = npt.NDArray[np.uint8]
Segment = Callable[[Scan], Bytes]
"""A canonical scan → uint8 of its shape: 0, 1 right, 2 left."""

MIN_LUNG_CM2 = 1.0
"""Single slices that show less lung than this count as without: their Dice would be a matter of a few pixels."""


@dataclass(frozen=True)
class Score:
    """One scan. ``dice``: right and left counted together, a voxel on the wrong side is wrong. ``hd95_mm``: 95th
    percentile distance of the lungs' surfaces in their slices, slices pooled. ``volume_error``: signed, % of the
    reference. ``lung_cm2``: mean lung area of the reference a slice. ``found_cm2``: the same of what was found.
    """

    name: str
    patient: str
    volume: bool
    maker: str
    kernel: str
    thickness_mm: float | None
    lung_cm2: float
    found_cm2: float
    dice: float
    dice_right: float
    dice_left: float
    hd95_mm: float
    volume_error: float

    @property
    def without_lung(self) -> bool:
        return self.lung_cm2 < MIN_LUNG_CM2 and not self.volume


def score(found: Bytes, sample: Sample) -> Score:
    """Compare ``found`` with the label of ``sample``; ignored voxels are left out."""
    scan, label = sample
    counted = label != IGNORE
    both, total = np.zeros(3), np.zeros(3)
    for side in (1, 2):
        one, other = (found == side) & counted, (label == side) & counted
        both[side], total[side] = (one & other).sum(), one.sum() + other.sum()
    voxel_cm2 = scan.spacing[1] * scan.spacing[2] / 100
    wanted = float(((label > 0) & counted).sum())
    got = float(((found > 0) & counted).sum())

    def ratio(shared: float, all_: float) -> float:
        return 1.0 if all_ == 0 else 2 * shared / all_

    return Score(
        name=scan.name,
        patient=scan.patient,
        volume=not scan.single,
        maker=scan.maker,
        kernel=sharpness(scan.kernel).value,
        thickness_mm=scan.thickness_mm,
        lung_cm2=wanted * voxel_cm2 / len(label),
        found_cm2=got * voxel_cm2 / len(label),
        dice=ratio(both.sum(), total.sum()),
        dice_right=ratio(both[1], total[1]),
        dice_left=ratio(both[2], total[2]),
        hd95_mm=hd95((found > 0) & counted, (label > 0) & counted, scan.spacing),
        volume_error=100 * (got - wanted) / wanted if wanted else math.nan,
    )


def hd95(found: npt.NDArray[np.bool_], wanted: npt.NDArray[np.bool_], spacing: tuple[float, float, float]) -> float:
    """Larger of both directed 95th percentiles of in-plane surface distances (mm), over all slices that have both.

    NaN where no slice has both.
    """
    ways: tuple[list[npt.NDArray[np.float32]], list[npt.NDArray[np.float32]]] = ([], [])
    for one, other in zip(found, wanted, strict=True):
        if not one.any() or not other.any():
            continue
        for way, (start, goal) in zip(ways, ((one, other), (other, one)), strict=True):
            way.append(_to_border(goal, spacing)[_border(start)])
    if not ways[0]:
        return math.nan
    return max(float(np.percentile(np.concatenate(way), 95)) for way in ways)


def _border(mask: npt.NDArray[np.bool_]) -> npt.NDArray[np.bool_]:
    padded = np.pad(mask, 1)
    inside = padded[:-2, 1:-1] & padded[2:, 1:-1] & padded[1:-1, :-2] & padded[1:-1, 2:]
    return np.asarray(mask & ~inside)


def _to_border(mask: npt.NDArray[np.bool_], spacing: tuple[float, float, float]) -> npt.NDArray[np.float32]:
    image = sitk.GetImageFromArray(_border(mask).astype(np.uint8))
    image.SetSpacing((spacing[2], spacing[1]))
    distance = sitk.SignedMaurerDistanceMap(image, insideIsPositive=False, squaredDistance=False, useImageSpacing=True)
    return np.maximum(np.asarray(sitk.GetArrayFromImage(distance), dtype=np.float32), 0)


def score_changed(segment: Segment, sample: Sample) -> dict[str, Score]:
    """``score`` of ``sample`` after each of the changes."""
    scores = {}
    for name, change in CHANGES.items():
        changed = change(sample)
        scores[name] = score(segment(changed[0]), changed)
    return scores


def summary(scores: Sequence[Score]) -> dict[str, Any]:
    """Means over scans with 95 % intervals by patient."""
    patients = [one.patient for one in scores]

    def estimate(values: Sequence[float]) -> dict[str, float] | None:
        return None if all(math.isnan(value) for value in values) else asdict(bootstrap(values, patients))

    return {
        "dice": estimate([one.dice for one in scores]),
        "dice_right": estimate([one.dice_right for one in scores]),
        "dice_left": estimate([one.dice_left for one in scores]),
        "hd95_mm": estimate([one.hd95_mm for one in scores]),
        "volume_error_percent": estimate([one.volume_error for one in scores]),
    }


def groups(scores: Sequence[Score]) -> dict[str, list[Score]]:
    """Scans that show lung: all, volumes, single slices, then by maker, kernel and thickness."""
    shown = [one for one in scores if not one.without_lung]
    found: dict[str, list[Score]] = {
        "all": shown,
        "volumes": [one for one in shown if one.volume],
        "single slices": [one for one in shown if not one.volume],
    }
    for one in shown:
        if one.maker:
            found.setdefault(f"maker {one.maker}", []).append(one)
        found.setdefault(f"kernel {one.kernel}", []).append(one)
        if one.thickness_mm is not None:
            thick = (
                "up to 1.5 mm" if one.thickness_mm <= 1.5 else "1.5 to 3 mm" if one.thickness_mm <= 3 else "over 3 mm"
            )
            found.setdefault(f"slices {thick}", []).append(one)
    return {name: members for name, members in found.items() if members}


def _thickness_group(thickness_mm: float) -> str:
    if thickness_mm <= 1.5:
        return "up to 1.5 mm"
    return "1.5 to 3 mm" if thickness_mm <= 3 else "over 3 mm"


def summarise(
    scores: Sequence[Score], changed: Sequence[dict[str, Score]], classical: Sequence[dict[str, Score]]
) -> dict[str, Any]:
    """Everything that is printed and saved: groups, robustness beside the classical method, negatives, worst cases."""
    empty = [one for one in scores if one.without_lung]
    return {
        "groups": {name: summary(members) for name, members in groups(scores).items()},
        "robustness": robustness(changed),
        "robustness_volumes": robustness(_volumes(changed)),
        "robustness_classical": robustness(classical),
        "robustness_classical_volumes": robustness(_volumes(classical)),
        "without_lung": {
            "scans": len(empty),
            "marked": sum(one.found_cm2 > MIN_LUNG_CM2 for one in empty),
            "worst_cm2": max((one.found_cm2 for one in empty), default=0.0),
        },
        "worst": [asdict(one) for one in sorted(groups(scores)["all"], key=lambda one: one.dice)[:6]],
        "scans": [asdict(one) for one in scores],
    }


def _volumes(changed: Sequence[dict[str, Score]]) -> list[dict[str, Score]]:
    """Averaging slices means nothing to a single one, so volumes are also told apart."""
    return [entry for entry in changed if entry["unchanged"].volume]


def robustness(changed: Sequence[dict[str, Score]]) -> dict[str, Any]:
    """Per change: the summary over scans. The entry ``unchanged`` is what it compares with."""
    return {name: summary([entry[name] for entry in changed]) for name in (changed[0] if changed else ())}
