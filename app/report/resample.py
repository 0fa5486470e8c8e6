"""Pictures in another size: shrinking averages areas, so that nothing small vanishes; growing interpolates."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float64]


def resize(image: npt.NDArray[np.generic], rows: int, columns: int) -> FloatArray:
    """Real array (rows, columns[, samples]) → the same picture as float64 in another size.

    Along an axis that shrinks, each output pixel is the exact mean of the input area under it; along one that grows,
    values are interpolated linearly between pixel centres. Raises ``ValueError`` for a size below 1.
    """
    if rows < 1 or columns < 1:
        raise ValueError(f"a picture needs at least one pixel; got {columns}×{rows}")
    values = np.asarray(image, dtype=np.float64)
    values = _along_first_axis(values, rows)
    return np.swapaxes(_along_first_axis(np.swapaxes(values, 0, 1), columns), 0, 1)


def resize_bytes(image: npt.NDArray[np.uint8], rows: int, columns: int) -> npt.NDArray[np.uint8]:
    """``resize`` for 8-bit pictures, rounded half up. A picture that has the size already comes back untouched."""
    if image.shape[:2] == (rows, columns):
        return image
    return np.floor(resize(image, rows, columns) + 0.5).clip(0, 255).astype(np.uint8)


def fitted_size(rows: int, columns: int, aspect: tuple[float, float], height: int, width: int) -> tuple[int, int]:
    """Largest (rows, columns) inside ``height`` × ``width`` true to shape. ``aspect``: height and width of a pixel."""
    tall, wide = rows * aspect[0], columns * aspect[1]
    scale = min(height / tall, width / wide)
    return max(1, min(height, round(tall * scale))), max(1, min(width, round(wide * scale)))


def letterbox(
    image: npt.NDArray[np.uint8], aspect: tuple[float, float], height: int, width: int
) -> npt.NDArray[np.uint8]:
    """The picture as large as fits into ``height`` × ``width``, centred on black; shape keeps its samples."""
    rows, columns = fitted_size(image.shape[0], image.shape[1], aspect, height, width)
    out = np.zeros((height, width, *image.shape[2:]), dtype=np.uint8)
    top, left = (height - rows) // 2, (width - columns) // 2
    out[top : top + rows, left : left + columns] = resize_bytes(image, rows, columns)
    return out


def _along_first_axis(values: FloatArray, size: int) -> FloatArray:
    length = values.shape[0]
    if size == length:
        return values
    return _averaged(values, size) if size < length else _interpolated(values, size)


def _averaged(values: FloatArray, size: int) -> FloatArray:
    length = values.shape[0]
    # The integral of the picture up to each output border; differences of it are the areas' sums.
    total = np.zeros((length + 1, *values.shape[1:]))
    np.cumsum(values, axis=0, out=total[1:])
    borders = np.arange(size + 1) * (length / size)
    whole = np.minimum(borders.astype(np.int64), length - 1)
    part = (borders - whole).reshape(-1, *[1] * (values.ndim - 1))
    at_borders = total[whole] + part * values[whole]
    return np.diff(at_borders, axis=0) * (size / length)


def _interpolated(values: FloatArray, size: int) -> FloatArray:
    length = values.shape[0]
    centres = np.clip((np.arange(size) + 0.5) * (length / size) - 0.5, 0, length - 1)
    low = np.minimum(centres.astype(np.int64), max(length - 2, 0))
    high = np.minimum(low + 1, length - 1)
    part = (centres - low).reshape(-1, *[1] * (values.ndim - 1))
    return values[low] * (1 - part) + values[high] * part
