"""How noisy a CT slice is, and with what texture: measured in flat soft tissue, without a second scan."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import SimpleITK as sitk

if TYPE_CHECKING:
    from collections.abc import Sequence

FloatArray = npt.NDArray[np.float32]
DoubleArray = npt.NDArray[np.float64]
BoolArray = npt.NDArray[np.bool_]

SOFT_TISSUE = (-20.0, 170.0)
"""HU of the local mean within which tissue counts as soft: muscle and organs, no fat, no bone."""
MIN_PIXELS = 500


def box_mean(values: npt.NDArray[np.generic], edge: int) -> DoubleArray:
    """Mean over a square of ``edge`` pixels (odd) around each pixel; beyond the border the edge value repeats."""
    image = sitk.GetImageFromArray(np.ascontiguousarray(values, dtype=np.float64))
    return np.asarray(sitk.GetArrayFromImage(sitk.Mean(image, [edge // 2, edge // 2])))


def local_statistics(hu: npt.NDArray[np.floating], edge: int) -> tuple[DoubleArray, DoubleArray]:
    """(mean, standard deviation) over squares of ``edge`` pixels, each of the shape of ``hu``."""
    shifted = hu.astype(np.float64) - 50.0  # near the tissue of interest, so that squares do not cancel
    mean = box_mean(shifted, edge)
    squares = box_mean(shifted * shifted, edge)
    count = edge * edge
    return mean + 50.0, np.sqrt(np.maximum(squares - mean * mean, 0) * count / (count - 1))


def window_edge(spacing_mm: float) -> int:
    """Odd number of pixels that spans about 7 mm."""
    return max(5, 2 * round(3.5 / spacing_mm) + 1)


def noise_level(hu: npt.NDArray[np.floating], spacing_mm: float) -> float:
    """Soft-tissue SD in HU: the most frequent local SD where the local mean is soft tissue; NaN with too little of it.

    The global noise index of Christianson et al. 2015 (AJR 205: W93): texture and edges raise the SD of some windows,
    none lowers it, so that the mode of the histogram is noise.
    """
    mean, deviation = local_statistics(hu, window_edge(spacing_mm))
    found = deviation[(mean > SOFT_TISSUE[0]) & (mean < SOFT_TISSUE[1])]
    if found.size < MIN_PIXELS:
        return float("nan")
    # the mode of log SD, where one bin is 2 % and a Gaussian of 8 % smooths: an error of a local SD is proportional
    counts, edges = np.histogram(np.log(np.maximum(found, 1e-3)), bins=np.arange(np.log(0.5), np.log(400), 0.02))
    offsets = np.arange(-12, 13) * 0.02
    smooth = np.convolve(counts, np.exp(-0.5 * (offsets / 0.08) ** 2), mode="same")
    # density of SD, not of log SD: where texture spreads the tail, the peak of the log is too far right
    centres = np.exp((edges[1:] + edges[:-1]) / 2)
    return float(centres[int(np.argmax(smooth / centres))])


def flat_regions(hu: npt.NDArray[np.floating], spacing_mm: float, tolerance: float = 1.35) -> BoolArray:
    """Where the local SD is at most ``tolerance`` times the slice's ``noise_level``, in soft tissue."""
    level = noise_level(hu, spacing_mm)
    mean, deviation = local_statistics(hu, window_edge(spacing_mm))
    return (mean > SOFT_TISSUE[0]) & (mean < SOFT_TISSUE[1]) & (deviation <= tolerance * level)


@dataclass(frozen=True, eq=False)
class Spectrum:
    """Radial noise power. ``frequency``: cycles per pixel, bin centres. ``power``: HU² pixel², one value a bin."""

    frequency: DoubleArray
    power: DoubleArray
    patches: int

    @property
    def shape(self) -> DoubleArray:
        """``power`` scaled so that its two-dimensional integral is one: texture without strength."""
        return self.power / float((self.power * self.frequency).sum())


def spectrum(
    images: Sequence[npt.NDArray[np.floating]],
    masks: Sequence[BoolArray],
    edge: int = 16,
    bins: int = 12,
    share: float = 0.98,
) -> Spectrum:
    """Mean periodogram of the squares of ``edge`` pixels that lie in ``masks``, by distance from the origin.

    Each square loses its plane and gets a Hann window (ICRU 87, 4.4). Squares overlap by half; ``share`` is the part of
    a square that must be inside its mask. Raises ``ValueError`` where no square fits.
    """
    window = np.outer(np.hanning(edge + 2)[1:-1], np.hanning(edge + 2)[1:-1])
    rows, columns = np.indices((edge, edge)).reshape(2, -1)
    plane = np.stack([np.ones(edge * edge), rows, columns], axis=1)
    inverse = np.linalg.pinv(plane)
    total, count = np.zeros((edge, edge)), 0
    for image, mask in zip(images, masks, strict=True):
        inside = box_sums(mask, edge)
        for row in range(0, image.shape[0] - edge + 1, edge // 2):
            for column in range(0, image.shape[1] - edge + 1, edge // 2):
                if inside[row, column] < share * edge * edge:
                    continue
                patch = image[row : row + edge, column : column + edge].astype(np.float64).reshape(-1)
                patch = patch - plane @ (inverse @ patch)
                total += np.abs(np.fft.fft2(patch.reshape(edge, edge) * window)) ** 2
                count += 1
    if not count:
        raise ValueError(f"no flat square of {edge} pixels")
    power = total / count / (window**2).sum()
    axis = np.fft.fftfreq(edge)
    radius = np.hypot(axis[:, None], axis[None, :])
    index = np.floor(radius / 0.5 * bins).astype(int)
    keep = (index < bins) & (radius > 0)
    sums = np.bincount(index[keep], power[keep], bins)
    numbers = np.bincount(index[keep], minlength=bins)
    centres = np.bincount(index[keep], radius[keep], bins)
    filled = numbers > 0
    return Spectrum(centres[filled] / numbers[filled], sums[filled] / numbers[filled], count)


def box_sums(mask: BoolArray, edge: int) -> npt.NDArray[np.int64]:
    """Number of set pixels in the square of ``edge`` pixels that begins at each pixel; smaller by ``edge`` − 1."""
    total = np.zeros((mask.shape[0] + 1, mask.shape[1] + 1), np.int64)
    total[1:, 1:] = mask.cumsum(0).cumsum(1)
    return total[edge:, edge:] - total[:-edge, edge:] - total[edge:, :-edge] + total[:-edge, :-edge]
