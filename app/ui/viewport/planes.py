"""Overlay planes on the image: lines as the file's bits have them, crisp at every zoom, with a dark rim.

Sampled like AI overlays: the bit under the centre of each screen pixel decides, and where the image is minified any bit
inside it, so that a line of one pixel never breaks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from PySide6.QtGui import QImage

from app.report.picture import REGION_OPACITY
from app.ui.viewport.overlay import Patch, boundary, premultiplied, sample

if TYPE_CHECKING:
    from collections.abc import Sequence

    from app.core.view import Affine2
    from app.dicom.overlay_planes import OverlayPlane

_RIM = premultiplied((0, 0, 0), 0.55)

Coloured = tuple["OverlayPlane", "tuple[int, int, int]"]
"""A plane and the colour that it is drawn in."""


class PlaneLayer:
    """Colours the planes of one frame and keeps the last picture."""

    def __init__(self) -> None:
        self._key: tuple[object, ...] = ()
        self._planes: tuple[Coloured, ...] = ()
        self._patches: list[Patch] = []

    def patches(self, planes: Sequence[Coloured], affine: Affine2, size: tuple[int, int], ratio: float) -> list[Patch]:
        """Pictures of ``planes``. ``size``: the viewport's width and height in device pixels."""
        key = (affine.tobytes(), size, ratio)
        same = len(planes) == len(self._planes) and all(
            a[0] is b[0] and a[1] == b[1] for a, b in zip(planes, self._planes, strict=True)
        )
        if not same or key != self._key:
            drawn = (_drawn(plane, colour, affine, size, ratio) for plane, colour in planes)
            self._key, self._planes = key, tuple(planes)
            self._patches = [patch for patch in drawn if patch is not None]
        return self._patches


def _drawn(
    plane: OverlayPlane, colour: tuple[int, int, int], affine: Affine2, size: tuple[int, int], ratio: float
) -> Patch | None:
    rows, columns = np.flatnonzero(plane.bits.any(axis=1)), np.flatnonzero(plane.bits.any(axis=0))
    if rows.size == 0:
        return None
    box = (int(rows[0]), int(rows[-1]), int(columns[0]), int(columns[-1]))
    rim = max(1, round(ratio))
    sampled = sample(plane.bits.view(np.uint8), box, affine, size, margin=2 * rim)
    if sampled is None:
        return None
    bits, x, y = sampled
    pixels = np.zeros(bits.shape, np.uint32)
    if plane.kind == "R":
        pixels[bits != 0] = premultiplied(colour, REGION_OPACITY)
        pixels[boundary(bits, rim)] = premultiplied(colour, 1.0)
    else:
        pixels[_grown(bits != 0, rim)] = _RIM
        pixels[bits != 0] = premultiplied(colour, 1.0)
    height, width = bits.shape
    image = QImage(pixels.data, width, height, 4 * width, QImage.Format.Format_ARGB32_Premultiplied)
    image.setDevicePixelRatio(ratio)
    return Patch(image, pixels, x, y)


def _grown(mask: npt.NDArray[np.bool_], by: int) -> npt.NDArray[np.bool_]:
    """The mask and all pixels within ``by`` of it, diagonals too."""
    for _ in range(by):
        wide = mask.copy()
        wide[:, 1:] |= mask[:, :-1]
        wide[:, :-1] |= mask[:, 1:]
        mask = wide.copy()
        mask[1:] |= wide[:-1]
        mask[:-1] |= wide[1:]
    return mask
