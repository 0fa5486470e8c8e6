"""How sharp a CT reconstruction kernel is, by its maker's name in Convolution Kernel (0018,1210).

Sharp kernels add noise and overshoot, which moves voxels below any threshold: an emphysema index from one means little
(Boedeker et al. 2004, Acad Radiol 11(1):78; Gevenois et al. 1996, AJRCCM 154(1):187 used thin slices of one kernel).
"""

from __future__ import annotations

import re
from enum import Enum


class Sharpness(Enum):
    """What a kernel does to noise and edges."""

    SOFT = "soft"
    SHARP = "sharp"
    UNKNOWN = "unknown"


_SHARP_NAMES = {"LUNG", "BONE", "BONEPLUS", "EDGE", "ULTRA", "CHST", "D", "E", "L", "YC", "YD", "YE", "YL"}
_SOFT_NAMES = {"STANDARD", "STD", "STND", "STD+", "SOFT", "DETAIL", "SMOOTH", "A", "B", "C", "YA", "YB"}
_SIEMENS = re.compile(r"^[BDHTUIJQ][A-Z]?(\d{2})[A-Z]?(?:\\.*|/.*)?$")
_CANON = re.compile(r"^FC(\d{2})")


def sharpness(kernel: str) -> Sharpness:
    """``SHARP`` from Siemens 50 up and for lung, bone and edge kernels of GE, Philips and Canon; ``UNKNOWN`` for silent
    or unfamiliar names."""
    # some Siemens scanners write "59 .21.B50s": the kernel is the last part
    name = kernel.strip().upper().split("\\")[0].split(".")[-1].strip()
    if name in _SHARP_NAMES:
        return Sharpness.SHARP
    if name in _SOFT_NAMES:
        return Sharpness.SOFT
    if (match := _CANON.match(name)) is not None:
        return Sharpness.SHARP if 30 <= int(match[1]) < 60 or int(match[1]) >= 80 else Sharpness.SOFT
    if (match := _SIEMENS.match(name)) is not None:
        return Sharpness.SHARP if int(match[1]) >= 50 else Sharpness.SOFT
    if re.fullmatch(r"AB(\d{2})", name):
        return Sharpness.SHARP if int(name[2:]) >= 50 else Sharpness.SOFT
    return Sharpness.UNKNOWN
