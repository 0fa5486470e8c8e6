"""True size: the zoom at which a millimetre of the patient takes a millimetre of the screen."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from app.core.view import MAX_ZOOM, MIN_ZOOM
from inference.volume import Calibration
from inference.words import say

if TYPE_CHECKING:
    from app.core.view import View
    from app.dicom.model import Series

NEAREST_DPI, FARTHEST_DPI = 30.0, 1200.0
"""Densities that a screen can have; anything else is a driver that does not know."""


def dpi_from_bar(device_pixels: float, millimetres: float) -> float:
    """Device pixels an inch, from a bar of ``device_pixels`` that measures ``millimetres`` on the glass. Raises
    ``ValueError`` where that is no screen."""
    dpi = device_pixels / millimetres * 25.4 if millimetres > 0 else 0.0
    if not NEAREST_DPI <= dpi <= FARTHEST_DPI:
        raise ValueError("no screen has pixels of that size")
    return dpi


def why_no_true_size(series: Series) -> str:
    """A sentence where the size of a series in the patient is not known; empty where it is."""
    if series.pixel_spacing is None or series.calibration is Calibration.NONE:
        return say("The file does not say how large a pixel is, so there is no true size.")
    return ""


def true_size(view: View, series: Series, dpi: float) -> View:
    """``view`` at true size on a screen with ``dpi`` device pixels an inch. For a projection that only knows its
    detector, the size at the detector. Raises ``ValueError`` where the size is not known."""
    reason = why_no_true_size(series)
    if reason or series.pixel_spacing is None:
        raise ValueError(reason)
    # Zoom counts screen pixels per image pixel along the axis with the finer spacing.
    zoom = min(series.pixel_spacing) * dpi / 25.4
    return replace(view, zoom=min(max(zoom, MIN_ZOOM), MAX_ZOOM))
