"""Is what the model looks at where the disease can be, and does the answer depend on it?

Lung masks serve here to judge maps; they play no part in the network or its training. All maps are (h, w) ≥ 0.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import SimpleITK as sitk
import torch

from inference.preprocess import resize

if TYPE_CHECKING:
    from torch import nn

Image = npt.NDArray[np.float32]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]
Probability = Callable[[Sequence[Image]], Floats]
"""Prepared images (S, S) → (N,) the probability that is watched."""


def entropy(weights: npt.ArrayLike) -> float:
    """Shannon entropy in nats of a map, after it is made to sum to 1."""
    share = np.asarray(weights, dtype=np.float64).ravel()
    share = share / share.sum()
    share = share[share > 0]
    return float(-(share * np.log(share)).sum())


def as_spread(weights: Floats, wanted: float) -> Floats:
    """A power of a map whose entropy is ``wanted`` nats: wider or narrower, with the same order of places.

    An entropy that no power has gives the nearest: uniform over where the map is not 0, or its brightest places.
    """
    share = np.asarray(weights, dtype=np.float64)
    logs = np.log(np.where(share > 0, share, 1)) - np.log(share.max())

    def powered(exponent: float) -> Floats:
        return np.asarray(np.where(share > 0, np.exp(exponent * logs), 0))

    low, high = 0.0, 1.0
    while entropy(powered(high)) > wanted and high < 1e4:
        high *= 2
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if entropy(powered(middle)) > wanted else (low, middle)
    result = powered((low + high) / 2)
    return np.asarray(result / result.sum())


def share_inside(weights: npt.ArrayLike, lung: Bools, counted: Bools) -> float:
    """Part of a map on the mask's grid that lies on the lungs, of what lies where the mask says anything."""
    values = np.asarray(weights, dtype=np.float64) * counted
    return float(values[lung].sum() / values.sum())


def on_grid(weights: npt.NDArray[np.floating[Any]], shape: tuple[int, int]) -> Floats:
    """A map on a finer grid, as it is shown, made to sum to 1."""
    fine = np.maximum(resize(weights, shape).astype(np.float64), 0)
    return np.asarray(fine / fine.sum())


def mean_mask(masks: Sequence[Bools], shape: tuple[int, int]) -> Floats:
    """How often each place is lung: the best guess that looks at no image."""
    total = np.zeros(shape)
    for mask in masks:
        total += resize(mask, shape)
    return np.asarray(total / len(masks))


def blurred(image: Image, share: float = 0.06) -> Image:
    """What remains when the detail is gone: Gaussian, standard deviation ``share`` of the width."""
    smooth = sitk.SmoothingRecursiveGaussian(sitk.GetImageFromArray(image), share * image.shape[1])
    return np.asarray(sitk.GetArrayFromImage(smooth), dtype=np.float32)


def perturbation(
    image: Image, order: npt.NDArray[np.intp], cells: int, probability: Probability, steps: int = 8
) -> tuple[float, float]:
    """(deletion, insertion) area under the probability while cells are blurred or restored in ``order`` (Petsiuk et al.
    2018, arXiv 1806.07421). ``order``: indices into cells × cells, the most important first.

    A map that the answer rests on gives a low deletion and a high insertion area. Blur in place of grey, so that what
    is deleted leaves no edge that means something by itself.
    """
    dull, size = blurred(image), image.shape[0]
    series: list[Image] = []
    counts = [round(cells * cells * step / steps) for step in range(steps + 1)]
    for background, foreground in ((image, dull), (dull, image)):
        for count in counts:
            chosen = np.zeros(cells * cells, np.float32)
            chosen[order[:count]] = 1
            mask = np.kron(chosen.reshape(cells, cells), np.ones((size // cells, size // cells), np.float32))
            series.append(background + (foreground - background) * mask)
    found = probability(series)
    half = len(counts)
    return float(np.trapezoid(found[:half], dx=1 / steps)), float(np.trapezoid(found[half:], dx=1 / steps))


def rank_correlation(first: npt.ArrayLike, second: npt.ArrayLike) -> float:
    """Spearman's: 1 for maps with the same order of places, 0 for unrelated ones; also 0 where one is constant."""
    a, b = (np.asarray(one).ravel().argsort().argsort().astype(np.float64) for one in (first, second))
    flat = np.ptp(np.asarray(first)) == 0 or np.ptp(np.asarray(second)) == 0
    return 0.0 if flat else float(np.corrcoef(a, b)[0, 1])


def randomise(module: nn.Module, seed: int) -> None:
    """Fresh random weights in place of the trained ones, in every layer that can draw them (Adebayo et al. 2018)."""
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        for part in module.modules():
            reset = getattr(part, "reset_parameters", None)
            if callable(reset):
                reset()
