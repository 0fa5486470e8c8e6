"""Measures of class probabilities: discrimination, calibration, and what an uncertainty is worth."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]


def auc(scores: npt.ArrayLike, positive: npt.ArrayLike) -> float:
    """Area under the ROC: the chance that a positive scores above a negative, ties half (Hanley & McNeil 1982).

    NaN when one of the two kinds is missing.
    """
    values, wanted = np.asarray(scores, dtype=np.float64), np.asarray(positive, dtype=bool)
    positives, negatives = int(wanted.sum()), int((~wanted).sum())
    if positives == 0 or negatives == 0:
        return float("nan")
    ranks = _ranks(values)
    return float((ranks[wanted].sum() - positives * (positives + 1) / 2) / (positives * negatives))


def _ranks(values: Floats) -> Floats:
    """1-based ranks, equal values sharing their mean rank."""
    _, inverse, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    return np.asarray((last - (counts - 1) / 2)[inverse], dtype=np.float64)


def roc(scores: Floats, positive: Bools) -> tuple[Floats, Floats]:
    """(false positive rate, sensitivity) at every threshold, from (0, 0) to (1, 1)."""
    order = np.argsort(-scores, kind="stable")
    ends = np.append(np.flatnonzero(np.diff(scores[order])), len(scores) - 1)
    hits = np.cumsum(positive[order])[ends]
    misses = ends + 1 - hits
    return np.append(0.0, misses / max(1, misses[-1])), np.append(0.0, hits / max(1, hits[-1]))


def rates(scores: Floats, positive: Bools, threshold: float = 0.5) -> dict[str, float]:
    """Accuracy, balanced accuracy, sensitivity, specificity and F1 when scores ≥ ``threshold`` count as positive."""
    found = scores >= threshold
    hits, misses = int((found & positive).sum()), int((~found & positive).sum())
    false, right = int((found & ~positive).sum()), int((~found & ~positive).sum())
    sensitivity = hits / (hits + misses) if hits + misses else float("nan")
    specificity = right / (right + false) if right + false else float("nan")
    return {
        "accuracy": (hits + right) / len(scores),
        "balanced_accuracy": (sensitivity + specificity) / 2,
        "sensitivity": sensitivity,
        "specificity": specificity,
        "f1": 2 * hits / (2 * hits + false + misses) if hits + false + misses else float("nan"),
    }


def ece(scores: Floats, positive: Bools, bins: int = 15) -> float:
    """Expected calibration error over bins of equal numbers of images (Naeini et al. 2015; Nixon et al. 2019)."""
    order = np.argsort(scores, kind="stable")
    error = 0.0
    for part in np.array_split(order, min(bins, len(order))):
        error += len(part) / len(scores) * abs(float(scores[part].mean()) - float(positive[part].mean()))
    return error


def ece_of_perfect(scores: Floats, *, bins: int = 15, draws: int = 2000, seed: int = 0) -> tuple[float, float]:
    """95 % range of ``ece`` were these scores perfectly calibrated: labels are drawn from the scores themselves.

    With few images the error of a perfect model is not zero, and this is what a measured one must be held against.
    """
    order = np.argsort(scores, kind="stable")
    labels = np.random.default_rng(seed).random((draws, len(scores))) < scores[order]
    total = np.zeros(draws)
    for part in np.array_split(np.arange(len(scores)), min(bins, len(scores))):
        mean = scores[order[part]].mean()
        total += len(part) / len(scores) * np.abs(mean - labels[:, part].mean(axis=1))
    low, high = np.percentile(total, (2.5, 97.5))
    return float(low), float(high)


def log_loss(probabilities: Floats, classes: npt.NDArray[np.intp]) -> float:
    """Mean negative log likelihood of the right class; (N, C) and (N,)."""
    right = probabilities[np.arange(len(classes)), classes]
    return float(-np.log(np.clip(right, 1e-12, 1)).mean())


def macro_f1(predicted: npt.NDArray[np.intp], classes: npt.NDArray[np.intp], count: int) -> float:
    """Mean F1 of ``count`` classes."""
    parts = [rates((predicted == one).astype(float), classes == one)["f1"] for one in range(count)]
    return float(np.mean(parts))


def confusion(predicted: npt.NDArray[np.intp], classes: npt.NDArray[np.intp], count: int) -> list[list[int]]:
    """Rows: true class; columns: predicted."""
    table = np.zeros((count, count), int)
    np.add.at(table, (classes, predicted), 1)
    return [[int(value) for value in row] for row in table]


def risk_coverage(doubt: Floats, wrong: Bools) -> tuple[Floats, Floats]:
    """(coverage, error rate among the kept) when the most doubtful are set aside first (Geifman & El-Yaniv 2017).

    Ties in doubt are kept or set aside together.
    """
    order = np.argsort(doubt, kind="stable")
    errors = np.cumsum(wrong[order])
    ends = np.append(np.flatnonzero(np.diff(doubt[order])), len(doubt) - 1)
    return (ends + 1) / len(doubt), errors[ends] / (ends + 1)


def area_under_risk(doubt: Floats, wrong: Bools) -> float:
    """Mean error rate over all coverages: 0 is best; the overall error rate is what a useless doubt gives."""
    coverage, risk = risk_coverage(doubt, wrong)
    return float(np.sum(np.diff(np.append(0.0, coverage)) * risk))


def bootstrap_of(
    measure: Callable[[npt.NDArray[np.intp]], float], patients: Sequence[str], *, draws: int = 1000, seed: int = 0
) -> dict[str, Any]:
    """``measure(indices)`` of all images, and its 95 % interval by resampling patients (percentile method).

    Draws in which it is not defined (one kind is missing) are left out.
    """
    _, group = np.unique(patients, return_inverse=True)
    members = [np.flatnonzero(group == one) for one in range(int(group.max()) + 1)]
    rng = np.random.default_rng(seed)
    found = []
    for _ in range(draws):
        chosen = np.concatenate([members[one] for one in rng.integers(len(members), size=len(members))])
        found.append(measure(chosen))
    low, high = np.nanpercentile(found, (2.5, 97.5))
    everything = measure(np.arange(len(patients)))
    return {
        "mean": everything,
        "low": float(low),
        "high": float(high),
        "images": len(patients),
        "patients": len(members),
    }
