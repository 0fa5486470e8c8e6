"""sRGB ↔ CIELab as DICOM encodes it: three 16-bit numbers, D50 white (PS3.3 C.10.7.1.1)."""

from __future__ import annotations

import numpy as np

# sRGB primaries to XYZ, already adapted from D65 to the D50 white of the profile connection space (Bradford).
_TO_XYZ = np.array(
    [[0.4360747, 0.3850649, 0.1430804], [0.2225045, 0.7168786, 0.0606169], [0.0139322, 0.0971045, 0.7141733]]
)
_WHITE = _TO_XYZ.sum(axis=1)
_SCALE = np.array([65535 / 100, 65535 / 255, 65535 / 255])
_SHIFT = np.array([0.0, 128.0, 128.0])
_KNEE = 6 / 29


def to_cielab(rgb: tuple[int, int, int]) -> tuple[int, int, int]:
    """8-bit sRGB → Recommended Display CIELab Value (0062,000D)."""
    v = np.array(rgb) / 255
    linear = np.where(v <= 0.04045, v / 12.92, ((v + 0.055) / 1.055) ** 2.4)
    t = (_TO_XYZ @ linear) / _WHITE
    f = np.where(t > _KNEE**3, np.cbrt(t), t / (3 * _KNEE**2) + 4 / 29)
    lab = np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])
    lightness, a, b = np.clip(np.rint((lab + _SHIFT) * _SCALE), 0, 65535).astype(int)
    return int(lightness), int(a), int(b)


def from_cielab(encoded: tuple[int, int, int]) -> tuple[int, int, int]:
    """Recommended Display CIELab Value → the nearest 8-bit sRGB."""
    lightness, a, b = np.array(encoded) / _SCALE - _SHIFT
    fy = (lightness + 16) / 116
    f = np.array([fy + a / 500, fy, fy - b / 200])
    t = np.where(f > _KNEE, f**3, 3 * _KNEE**2 * (f - 4 / 29))
    linear = np.clip(np.linalg.solve(_TO_XYZ, t * _WHITE), 0, 1)
    v = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    red, green, blue = np.rint(v * 255).astype(int)
    return int(red), int(green), int(blue)
