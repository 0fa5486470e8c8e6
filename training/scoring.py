"""Scores of a model on radiographs with masks, through the code that serves, and their summary."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from inference import plausibility, postprocess, preprocess
from training.data import Row, read_image, read_mask
from training.metrics import Estimate, area_error, bootstrap, dice, hd95
from training.robustness import CHANGES, Sample

Predict = Callable[[npt.NDArray[np.float32]], npt.NDArray[np.float32]]
"""(S, S) prepared image → (2, S, S) probabilities."""


@dataclass(frozen=True)
class Score:
    """One image. ``hd95``: % of the image diagonal; ``area_error``: signed, % of the reference.

    ``objection``: why the plausibility check would refuse the result, or ``None``.
    """

    name: str
    patient: str
    label: str
    view: str
    certain: bool
    adult: bool
    dice: float
    hd95: float
    area_error: float
    objection: str | None


def read_sample(row: Row) -> Sample:
    """Image and reference of ``row`` on the mask's grid. Raises ``DataError``."""
    lung, counted = read_mask(row)
    image = preprocess.resize(read_image(row.image), (lung.shape[0], lung.shape[1]))
    return Sample(image / np.float32(255), lung, counted)


def predict_mask(
    predict: Predict, image: npt.NDArray[np.float32], size: int
) -> tuple[npt.NDArray[np.bool_], str | None]:
    """(H, W) → lung field (H, W) and the plausibility check's objection, exactly as the engine makes them."""
    cleaned = postprocess.clean(predict(preprocess.prepare(image, size)))
    sides = postprocess.label_sides(cleaned, (image.shape[0], image.shape[1]))
    return sides > 0, plausibility.objection(cleaned)


def score(predict: Predict, size: int, row: Row, sample: Sample) -> Score:
    """Compare the prediction for ``sample`` with its reference, ignored pixels left out."""
    found, objection = predict_mask(predict, sample.image, size)
    counted_found, counted_lung = found & sample.counted, sample.lung & sample.counted
    return Score(
        name=row.name,
        patient=row.patient,
        label=row.label,
        view=row.view,
        certain=row.certain,
        adult=row.adult,
        dice=dice(counted_found, counted_lung),
        hd95=100 * hd95(counted_found, counted_lung) / math.hypot(*sample.lung.shape),
        area_error=area_error(counted_found, counted_lung),
        objection=objection,
    )


def score_changed(predict: Predict, size: int, row: Row) -> dict[str, Score]:
    """``score`` of ``row`` after each of the changes of ``training.robustness``."""
    sample = read_sample(row)
    return {name: score(predict, size, row, change(sample)) for name, change in CHANGES.items()}


def groups(scores: Sequence[Score]) -> dict[str, list[Score]]:
    """All, then the subgroups that hold some but not all of the images."""
    found = {"all": list(scores)}
    candidates: dict[str, list[Score]] = {"certain masks": [score for score in scores if score.certain]}
    for score in scores:
        if score.label:
            candidates.setdefault(score.label, []).append(score)
        if score.view:
            candidates.setdefault(f"view {score.view}", []).append(score)
    found.update({name: members for name, members in candidates.items() if 0 < len(members) < len(scores)})
    return found


def summary(scores: Sequence[Score]) -> dict[str, Any]:
    """Means with 95 % intervals by patient, and how many results the plausibility check objects to."""
    patients = [score.patient for score in scores]

    def estimate(values: list[float]) -> Estimate:
        return bootstrap(values, patients)

    finite = [score.hd95 if math.isfinite(score.hd95) else 100.0 for score in scores]
    return {
        "dice": asdict(estimate([score.dice for score in scores])),
        "hd95_percent_of_diagonal": asdict(estimate(finite)),
        "area_error_percent": asdict(estimate([score.area_error for score in scores])),
        "absolute_area_error_percent": asdict(estimate([abs(score.area_error) for score in scores])),
        "dice_5th_percentile": float(np.percentile([score.dice for score in scores], 5)),
        "objections": sum(score.objection is not None for score in scores),
    }


def summarise(scores: Sequence[Score], changed: Sequence[dict[str, Score]]) -> dict[str, Any]:
    """Everything that ``training.evaluate`` prints and saves: groups, robustness, worst cases, every image."""
    robustness = {name: summary([entry[name] for entry in changed]) for name in (changed[0] if changed else ())}
    worst_change = min(robustness, key=lambda name: robustness[name]["dice"]["mean"], default=None)
    return {
        "groups": {name: summary(members) for name, members in groups(scores).items()},
        "robustness": robustness,
        "worst_change": worst_change,
        "worst": [asdict(score) for score in sorted(scores, key=lambda score: score.dice)[:5]],
        "images": [asdict(score) for score in scores],
    }
