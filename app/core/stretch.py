"""Magnifying greys bilinearly, in whole rows of numpy: a fraction of the time that a general resampler takes.

Both axes go through the same pass along rows, the picture transposed for the first one: numpy adds rows far faster than
it gathers columns.
"""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np
import numpy.typing as npt

Bytes = npt.NDArray[np.uint8]
Grey = npt.NDArray[np.int16]


class Stretch:
    """Magnifies one picture after the other. Not for use by several threads at once.

    It keeps the memory that it calculates in: fresh memory for every frame costs more than the arithmetic.
    """

    def __init__(self) -> None:
        self._kept: dict[str, Grey] = {}

    def __call__(self, picture: Bytes, box: tuple[float, float, float, float], size: tuple[int, int]) -> Bytes:
        """``box`` (left, upper, right, lower; pixel edges) of ``picture`` (rows, columns) at ``size`` (columns, rows).

        Pixels are interpolated linearly between their centres and repeated beyond the outermost ones, within one grey
        of the exact value. The answer is fresh memory.
        """
        left, upper, right, lower = box
        columns, rows = size
        wide = self._blend(picture.T, left, right, np.empty((columns, len(picture)), np.uint8))
        return self._blend(wide.T, upper, lower, np.empty((rows, columns), np.uint8))

    def _room(self, use: str, shape: tuple[int, ...]) -> Grey:
        """An array for one use, its contents undefined: the one of the last time where it is large enough."""
        size = math.prod(shape)
        kept = self._kept.get(use)
        if kept is None or kept.size < size:
            kept = self._kept[use] = np.empty(size, np.int16)
        return kept[:size].reshape(shape)

    def _blend(self, picture: Bytes, low: float, high: float, out: Bytes) -> Bytes:
        """Rows ``low`` … ``high`` (edges) of ``picture``, stretched to the rows of ``out``."""
        above, weight = _places(len(picture), low, high, len(out))
        grey = self._room("grey", picture.shape)
        # Bytes are turned before they are widened: half the way through memory.
        grey[...] = np.ascontiguousarray(picture)
        slope, twice = self._room("slope", grey.shape), self._room("twice", grey.shape)
        # a + (b − a)·w/256 is (a + b)/2 + (b − a)·(w − 128)/256: no product leaves 16 bits.
        np.subtract(grey[1:], grey[:-1], out=slope[:-1])
        slope[-1] = 0
        np.add(grey[1:], grey[:-1], out=twice[:-1])
        np.multiply(grey[-1], 2, out=twice[-1])
        twice += 1
        blend, base = self._room("blend", out.shape), self._room("base", out.shape)
        # mode="clip" lets numpy write straight into ``out``; the indices are inside anyway.
        np.take(slope, above, axis=0, out=blend, mode="clip")
        np.take(twice, above, axis=0, out=base, mode="clip")
        blend *= weight
        blend >>= 7
        blend += base
        blend >>= 1
        out[...] = blend
        return out


@lru_cache(8)
def _places(length: int, low: float, high: float, count: int) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.int16]]:
    """For each row that is wanted the row above it, and 256 × the share of the one below, less 128, as a column."""
    position = np.clip(low + (np.arange(count) + 0.5) * (high - low) / count - 0.5, 0, length - 1)
    above = np.floor(position).astype(np.intp)
    weight = np.rint((position - above) * 256).astype(np.int16) - np.int16(128)
    return above, weight[:, np.newaxis]
