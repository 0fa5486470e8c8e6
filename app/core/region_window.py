"""A window from the values inside a region that the reader drew."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from app.core.measure import region_values
from app.dicom.pixels import window_between

if TYPE_CHECKING:
    from app.core.document import Measurement
    from app.dicom.load import SeriesPixels
    from app.dicom.model import Series
    from app.dicom.voi import Window

LOW_PERCENTILE, HIGH_PERCENTILE = 2.0, 98.0
"""A region is small and chosen: a few outliers are left out, not the half per cent of a whole image."""


def region_window(measurement: Measurement, series: Series, index: int, pixels: SeriesPixels) -> Window | None:
    """The window from the 2nd to the 98th percentile of a region; ``None`` where the region has no values, or one value
    only, which no window can be fitted to."""
    values = region_values(measurement, series, index, pixels)
    if values is None:
        return None
    low, high = (float(end) for end in np.percentile(values, [LOW_PERCENTILE, HIGH_PERCENTILE]))
    if high <= low:
        low, high = float(values.min()), float(values.max())
    if high <= low:
        return None
    whole = bool((values == np.rint(values)).all())
    return window_between(low, high, whole=whole)
