"""Colour maps for values that are no anatomy: from black, through colours whose lightness rises evenly, to light.

Made from a few points each in CIELab and interpolated there, so that equal steps of a value look like equal steps.
Ours, not another program's tables.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

Bytes = npt.NDArray[np.uint8]

_POINTS: dict[str, tuple[tuple[float, float, float], ...]] = {
    "hot": ((0, 0, 0), (28, 48, 40), (52, 70, 62), (72, 28, 70), (90, -6, 66), (100, 0, 0)),
    "ember": ((0, 0, 0), (16, 26, -28), (36, 52, -8), (56, 60, 34), (76, 28, 62), (95, -6, 42)),
    "ice": ((0, 0, 0), (20, 14, -38), (44, -4, -42), (68, -26, -20), (88, -18, -4), (100, 0, 0)),
    "grey": ((0, 0, 0), (100, 0, 0)),
}
"""Lightness, a and b at even steps from 0 to 1. Lightness never falls."""

NAMES = tuple(_POINTS)
"""Names of the maps, as on screen but for their capital."""


@dataclass(frozen=True, eq=False)
class ColourMap:
    """``table``: (256, 3) sRGB."""

    name: str
    table: Bytes


@lru_cache(maxsize=len(_POINTS))
def colour_map(name: str) -> ColourMap:
    """The map of that name. Raises ``KeyError`` for one that there is not."""
    points = np.array(_POINTS[name], dtype=np.float64)
    at = np.linspace(0.0, len(points) - 1.0, 256)
    lab = np.stack([np.interp(at, np.arange(len(points)), points[:, axis]) for axis in range(3)], axis=1)
    table = _srgb(lab)
    table.flags.writeable = False
    return ColourMap(name, table)


def _srgb(lab: npt.NDArray[np.float64]) -> Bytes:
    """CIELab (D65), shape (n, 3) → sRGB 0–255; colours beyond sRGB are brought to its border."""
    y = (lab[:, 0] + 16) / 116
    f = np.stack([y + lab[:, 1] / 500, y, y - lab[:, 2] / 200], axis=1)
    xyz = np.where(f > 6 / 29, f**3, 3 * (6 / 29) ** 2 * (f - 4 / 29)) * np.array([0.95047, 1.0, 1.08883])
    matrix = np.array([[3.2406, -1.5372, -0.4986], [-0.9689, 1.8758, 0.0415], [0.0557, -0.2040, 1.0570]])
    linear = np.clip(xyz @ matrix.T, 0.0, 1.0)
    encoded = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    return np.asarray(np.rint(255 * encoded), dtype=np.uint8)
