"""What is measured of an enhanced slice: closeness to the truth, bias, texture, lesions kept, anatomy taken away."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import torch

from training.losses import structural_dissimilarity

if TYPE_CHECKING:
    from training.ct_noise import Spectrum

FloatArray = npt.NDArray[np.float32]
BoolArray = npt.NDArray[np.bool_]

DATA_RANGE = 1400.0
"""HU from lung to bone: the range of PSNR and SSIM."""


def psnr(found: FloatArray, truth: FloatArray, body: BoolArray) -> float:
    """Peak signal-to-noise ratio in dB over ``body``, for a range of ``DATA_RANGE``."""
    error = (found[body].astype(np.float64) - truth[body]) ** 2
    return 10 * math.log10(DATA_RANGE**2 / max(float(error.mean()), 1e-12))


def ssim(found: FloatArray, truth: FloatArray, data_range: float = DATA_RANGE) -> float:
    """Structural similarity (Wang et al. 2004) over the image, of HU limited to −1000…``data_range`` − 1000."""
    pair = [torch.from_numpy(np.clip(image, -1000, data_range - 1000))[None, None] for image in (found, truth)]
    return 1 - float(structural_dissimilarity(pair[0], pair[1], data_range))


def spectrum_distance(found: Spectrum, wanted: Spectrum) -> float:
    """How far apart two noise textures are, 0–2: the sum of absolute differences of their shapes, by frequency."""
    return float((np.abs(found.shape - wanted.shape) * wanted.frequency).sum())


def kept_contrast(with_lesion: FloatArray, without: FloatArray, lesion: FloatArray) -> float:
    """The part of an inserted lesion that is left in the difference of two results: 1 is all of it.

    ``lesion``: HU that were added. The projection of the difference on it, so that noise elsewhere does not count.
    """
    difference = (with_lesion.astype(np.float64) - without) * lesion
    return float(difference.sum() / (lesion.astype(np.float64) ** 2).sum())


def anatomy_in(difference: FloatArray, reference: FloatArray, body: BoolArray) -> dict[str, float]:
    """Correlations of a difference image with the gradient of ``reference`` over ``body``; noise alone has none.

    ``signed``: of the difference with the gradient's length (edges brightened or darkened as a whole); ``across``,
    ``down``: with its components (structures shifted); ``size``: of the difference's absolute value with the length
    (more changed at edges than elsewhere, in either direction).
    """
    down, across = (np.asarray(part) for part in np.gradient(reference.astype(np.float64)))
    length = np.asarray(np.hypot(down, across))
    values = difference.astype(np.float64)[body]
    return {
        "signed": _correlation(values, length[body]),
        "across": _correlation(values, across[body]),
        "down": _correlation(values, down[body]),
        "size": _correlation(np.abs(values), length[body]),
    }


def _correlation(first: npt.NDArray[np.float64], second: npt.NDArray[np.float64]) -> float:
    first, second = first - first.mean(), second - second.mean()
    scale = math.sqrt(float(first @ first) * float(second @ second))
    return float(first @ second) / scale if scale else 0.0


def best_blend(inputs: list[FloatArray], results: list[FloatArray], truths: list[FloatArray]) -> float:
    """The share of the result, 0–1, at which input + share · (result − input) is closest to the truth.

    Least squares over all slices, each divided by the error of its input, so that loud slices do not decide alone.
    """
    above = below = 0.0
    for low, result, truth in zip(inputs, results, truths, strict=True):
        step, wanted = result.astype(np.float64) - low, truth.astype(np.float64) - low
        weight = 1 / float((wanted**2).mean())
        above += weight * float((step * wanted).sum())
        below += weight * float((step * step).sum())
    return min(1.0, max(0.0, above / below)) if below else 0.0
