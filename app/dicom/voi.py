"""Values of interest: window functions and VOI LUTs (PS3.3 C.11.2)."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

import numpy as np
import numpy.typing as npt


class WindowFunction(Enum):
    """VOI LUT Function (0028,1056); absent means LINEAR."""

    LINEAR = "LINEAR"
    LINEAR_EXACT = "LINEAR_EXACT"
    SIGMOID = "SIGMOID"


@dataclass(frozen=True)
class Window:
    """A window on modality values. Raises ``ValueError`` for a width that the function does not allow.

    LINEAR needs width ≥ 1 (width 1 is a threshold), the others width > 0 (PS3.3 C.11.2.1.2, C.11.2.1.3).
    """

    center: float
    width: float
    function: WindowFunction = WindowFunction.LINEAR
    explanation: str = ""

    def __post_init__(self) -> None:
        if not (np.isfinite(self.center) and np.isfinite(self.width)):
            raise ValueError(f"window must be finite; got {self.width}/{self.center}")
        if self.function is WindowFunction.LINEAR and self.width < 1:
            raise ValueError(f"a LINEAR window needs a width of 1 or more; got {self.width}")
        if self.width <= 0:
            raise ValueError(f"a window needs a positive width; got {self.width}")

    def apply(self, values: npt.NDArray[np.generic]) -> npt.NDArray[np.float64]:
        """Modality values, any shape → y in 0–1, float64, same shape."""
        x = np.asarray(values, dtype=np.float64)
        c, w = self.center, self.width
        if self.function is WindowFunction.SIGMOID:
            # The exponent is clipped because exp() of a far-away value overflows; the result is 0 or 1 there anyway.
            return 1.0 / (1.0 + np.exp(np.clip(-4.0 * (x - c) / w, -700.0, 700.0)))
        if self.function is WindowFunction.LINEAR_EXACT:
            return np.clip((x - c) / w + 0.5, 0.0, 1.0)
        low, high = c - 0.5 - (w - 1) / 2, c - 0.5 + (w - 1) / 2
        if w == 1:
            return (x > low).astype(np.float64)
        y = (x - (c - 0.5)) / (w - 1) + 0.5
        return np.asarray(np.where(x <= low, 0.0, np.where(x > high, 1.0, y)))


@dataclass(frozen=True, eq=False)
class Lut:
    """A Modality or VOI lookup table (PS3.3 C.11.1.1, C.11.2.1.1).

    ``table``: 1-D unsigned entries. ``first``: the input value mapped to entry 0. ``bits``: the third descriptor
    value, so that the output range is 0 … 2^bits − 1. Inputs below take the first entry, inputs above the last.
    """

    table: npt.NDArray[np.unsignedinteger]
    first: int
    bits: int
    explanation: str = ""

    def __post_init__(self) -> None:
        table = np.asarray(self.table)
        if table.ndim != 1 or table.size == 0:
            raise ValueError("a lookup table needs at least one entry")
        if not 1 <= self.bits <= 16:
            raise ValueError(f"a lookup table has 1 to 16 bits an entry; got {self.bits}")

    def entries(self, values: npt.NDArray[np.generic]) -> npt.NDArray[np.unsignedinteger]:
        """The table's entries for ``values`` (any shape)."""
        index = np.clip(np.asarray(values, dtype=np.int64) - self.first, 0, len(self.table) - 1)
        return np.asarray(self.table[index])

    def apply(self, values: npt.NDArray[np.generic]) -> npt.NDArray[np.float64]:
        """y in 0–1 for ``values`` (any shape), entries over 2^bits − 1."""
        return np.asarray(np.clip(self.entries(values) / (2.0**self.bits - 1), 0.0, 1.0))


Voi = Window | Lut
"""What stands between modality values and the screen."""
