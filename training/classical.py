"""What ``ct-enhance`` is compared with: BM3D, non-local means and the bilateral filter, each in a few strengths.

For evaluation alone: the extra ``evaluation`` brings scikit-image (BSD) and the package ``bm3d``, whose licence allows
no commercial use; nothing of them is shipped or needed to run or train.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from training.data import DataError

if TYPE_CHECKING:
    from collections.abc import Iterator

FloatArray = npt.NDArray[np.float32]
DoubleArray = npt.NDArray[np.float64]

NLM_STRENGTHS = (0.6, 0.9, 1.3)
"""h of non-local means, in SDs of the noise."""
BILATERAL_STRENGTHS = (1.5, 2.5, 4.0)
"""SD of the bilateral filter's range kernel, in SDs of the noise."""


def noise_power(units: npt.NDArray[np.floating]) -> DoubleArray:
    """E|DFT|² of the noise in (draws, rows, columns), smoothed over neighbouring frequencies: what BM3D asks for."""
    power = np.mean([np.abs(np.fft.fft2(unit.astype(np.float64))) ** 2 for unit in units], axis=0)
    # a Gaussian of 3 bins, as a product in the other domain: it wraps around as the frequencies do
    rows, columns = (np.fft.fftfreq(size) for size in power.shape)
    kernel = np.exp(-2 * (np.pi * 3) ** 2 * (rows[:, None] ** 2 + columns[None, :] ** 2))
    return np.asarray(np.fft.ifft2(np.fft.fft2(power) * kernel).real.clip(min=power.max() * 1e-9))


def candidates(image: FloatArray, power: DoubleArray) -> Iterator[tuple[str, str, FloatArray]]:
    """(method, strength, result) for one image in HU and the power of its noise.

    Raises ``DataError`` where the packages are not installed.
    """
    level = float(np.sqrt(power.sum()) / power.size)
    yield "BM3D", "given spectrum", bm3d(image, power)
    for strength in NLM_STRENGTHS:
        yield "non-local means", f"h = {strength:g} SD", _non_local_means(image, level, strength)
    for strength in BILATERAL_STRENGTHS:
        yield "bilateral", f"{strength:g} SD", _bilateral(image, level, strength)


def bm3d(image: FloatArray, power: DoubleArray) -> FloatArray:
    """BM3D for correlated noise of a known spectrum (Mäkinen, Azzari, Foi 2020, IEEE TIP 29: 8339)."""
    # The package still calls a function by the name that numpy 2.4 took away.
    vars(np).setdefault("trapz", np.trapezoid)
    try:
        from bm3d import bm3d as run
    except ImportError as error:
        raise _missing(error) from error
    return np.asarray(run(image.astype(np.float64), power), np.float32).reshape(image.shape)


def _non_local_means(image: FloatArray, level: float, strength: float) -> FloatArray:
    try:
        from skimage.restoration import denoise_nl_means
    except ImportError as error:
        raise _missing(error) from error
    result = denoise_nl_means(image, patch_size=5, patch_distance=9, h=strength * level, sigma=level, fast_mode=True)
    return np.asarray(result, np.float32)


def _bilateral(image: FloatArray, level: float, strength: float) -> FloatArray:
    try:
        from skimage.restoration import denoise_bilateral
    except ImportError as error:
        raise _missing(error) from error
    lowest = float(image.min())
    span = max(float(image.max()) - lowest, 1.0)
    result = denoise_bilateral(
        (image - lowest) / span, win_size=9, sigma_color=strength * level / span, sigma_spatial=2.0, bins=4000
    )
    return np.asarray(result * span + lowest, np.float32)


def _missing(error: ImportError) -> DataError:
    return DataError(
        f"comparing needs the extra 'evaluation' ({error.name} is missing): pip install scoutview[evaluation]"
    )
