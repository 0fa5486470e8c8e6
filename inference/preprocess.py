"""Image → network input. The same code trains and serves, so that the network sees at work what it saw in training."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
from PIL import Image

FloatImage = npt.NDArray[np.float32]


def resize(image: npt.NDArray[np.generic], shape: tuple[int, int]) -> FloatImage:
    """(H, W) of any real dtype → float32 (rows, columns) = ``shape``, the whole field of view, not its proportions.

    Triangle filter, widened when it shrinks (no aliasing); pixel *edges* of both grids coincide. Used towards the
    network and, for probabilities, back to the image's own grid.
    """
    pixels = np.ascontiguousarray(image, dtype=np.float32)
    if pixels.shape == tuple(shape):
        return pixels.copy()
    rows, columns = shape
    return np.array(Image.fromarray(pixels).resize((columns, rows), Image.Resampling.BILINEAR), dtype=np.float32)


def normalise(image: FloatImage, low: float = 0.5, high: float = 99.5) -> FloatImage:
    """Map the ``low`` and ``high`` percentiles to 0 and 1 and clip, so that window and bit depth do not matter.

    ``image`` is finite. A constant image becomes 0.
    """
    bottom, top = np.percentile(image, (low, high))
    if not top > bottom:
        return np.zeros_like(image)
    scaled: FloatImage = np.clip((image - np.float32(bottom)) / np.float32(top - bottom), 0, 1).astype(np.float32)
    return scaled


def prepare(image: npt.NDArray[np.generic], size: int) -> FloatImage:
    """One greyscale image (H, W), bright = dense, any real units → float32 (size, size) in 0–1, squashed to a square.

    NaN and infinities count as the darkest and brightest finite values; a constant image becomes 0.
    """
    return normalise(resize(_finite(image), (size, size)))


def _finite(image: npt.NDArray[np.generic]) -> npt.NDArray[np.generic]:
    """Replace non-finite pixels before filtering smears them over their neighbours."""
    if image.dtype.kind != "f" or np.isfinite(image).all():
        return image
    finite = image[np.isfinite(image)]
    if finite.size == 0:
        return np.zeros_like(image)
    lowest, highest = float(finite.min()), float(finite.max())
    return np.asarray(np.nan_to_num(image, nan=lowest, neginf=lowest, posinf=highest))
