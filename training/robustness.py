"""Changes that another machine or film room would make to a radiograph, each of a fixed size."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import SimpleITK as sitk

from inference.preprocess import resize

if TYPE_CHECKING:
    from collections.abc import Callable

FloatImage = npt.NDArray[np.float32]
BoolImage = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Sample:
    """``image`` (H, W) in 0–1 with its reference ``lung`` and ``counted``, all on one grid."""

    image: FloatImage
    lung: BoolImage
    counted: BoolImage


def _grey(change: Callable[[FloatImage], FloatImage]) -> Callable[[Sample], Sample]:
    return lambda sample: Sample(change(sample.image).astype(np.float32), sample.lung, sample.counted)


def _blurred(image: FloatImage, share: float) -> FloatImage:
    """Gaussian blur with a standard deviation of ``share`` of the width."""
    smooth = sitk.SmoothingRecursiveGaussian(sitk.GetImageFromArray(image), share * image.shape[1])
    return np.asarray(sitk.GetArrayFromImage(smooth), dtype=np.float32)


def _noisy(image: FloatImage, deviation: float) -> FloatImage:
    noise = np.random.default_rng(0).standard_normal(image.shape, dtype=np.float32)
    return np.clip(image + deviation * noise, 0, 1)


def _cropped(sample: Sample, share: float) -> Sample:
    """``share`` of the edge is lost on every side."""
    rows, columns = sample.image.shape
    inside = np.s_[
        round(rows * share) : rows - round(rows * share), round(columns * share) : columns - round(columns * share)
    ]
    return Sample(sample.image[inside], sample.lung[inside], sample.counted[inside])


def _bordered(sample: Sample, share: float) -> Sample:
    """A black border of ``share`` of the edge is added on every side, as of a film smaller than its plate."""
    rows, columns = sample.image.shape
    width = ((round(rows * share),) * 2, (round(columns * share),) * 2)
    return Sample(
        np.pad(sample.image, width), np.pad(sample.lung, width), np.pad(sample.counted, width, constant_values=True)
    )


def _rotated(sample: Sample, degrees: float) -> Sample:
    """Turned about its centre; what comes from outside the film is black."""
    rows, columns = sample.image.shape
    turn = sitk.Euler2DTransform(((columns - 1) / 2, (rows - 1) / 2), np.deg2rad(degrees))

    def turned(values: npt.NDArray[np.generic], method: int) -> npt.NDArray[np.float32]:
        picture = sitk.GetImageFromArray(values.astype(np.float32))
        return np.asarray(sitk.GetArrayFromImage(sitk.Resample(picture, turn, method, 0.0)))

    return Sample(
        turned(sample.image, sitk.sitkLinear),
        turned(sample.lung, sitk.sitkNearestNeighbor) > 0.5,
        turned(~sample.counted, sitk.sitkNearestNeighbor) < 0.5,
    )


def _resampled(sample: Sample, edge: int) -> Sample:
    """The same field of view in ``edge`` × ``edge`` pixels: the reference is scaled with it."""
    shape = (edge, edge)
    return Sample(resize(sample.image, shape), resize(sample.lung, shape) >= 0.5, resize(~sample.counted, shape) < 0.5)


CHANGES: dict[str, Callable[[Sample], Sample]] = {
    "gamma 0.5": _grey(lambda image: image**0.5),
    "gamma 2": _grey(lambda image: image**2),
    "contrast to a quarter": _grey(lambda image: np.rint((0.4 + 0.25 * image) * 255) / 255),
    "blur, SD 1 % of the width": _grey(lambda image: _blurred(image, 0.01)),
    "noise, SD 5 % of the range": _grey(lambda image: _noisy(image, 0.05)),
    "crop 8 % on each side": lambda sample: _cropped(sample, 0.08),
    "black border 15 % on each side": lambda sample: _bordered(sample, 0.15),
    "rotation +10°": lambda sample: _rotated(sample, 10),
    "rotation −10°": lambda sample: _rotated(sample, -10),
    "resampled to 128²": lambda sample: _resampled(sample, 128),
    "resampled to 1024²": lambda sample: _resampled(sample, 1024),
}
