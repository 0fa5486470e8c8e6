"""Places and points: frames are found again, and pixels map to the right millimetres."""

import numpy as np
import pytest

from app.core.document import Measurement, MeasurementKind, Place, points_to_lps
from tests.app.core import made_series

OBLIQUE = np.array([0.8, 0.6, 0.0, 0.0, 0.0, -1.0])


def test_a_place_finds_its_frame_again() -> None:
    series = made_series.series()
    assert Place.of(series, 2).index_in(series) == 2
    assert Place.of(series, 2).index_in(made_series.series("1.9")) is None
    assert Place(series.uid, 0, "unknown", 0).index_in(series) is None


def test_pixels_map_to_the_patient() -> None:
    series = made_series.series(orientation=OBLIQUE, spacing=(0.5, 0.25))
    # row 4 is 2 mm down (towards the feet here), column 8 is 2 mm along (0.8, 0.6, 0)
    (point,) = points_to_lps(series, 0, ((4.0, 8.0),))
    assert point == pytest.approx((10 + 1.6, 20 + 1.2, 30 - 2.0))
    (further,) = points_to_lps(series, 1, ((4.0, 8.0),))
    assert np.array(further) - np.array(point) == pytest.approx(2.0 * np.cross(OBLIQUE[:3], OBLIQUE[3:]))


def test_a_projection_has_no_place_in_the_patient() -> None:
    assert points_to_lps(made_series.series(orientation=None), 0, ((1.0, 1.0),)) == ()


@pytest.mark.parametrize("points", [(), ((0.0, 0.0),), ((0.0, 0.0),) * 3, ((0.0, 0.0), (float("nan"), 1.0))])
def test_a_measurement_is_whole_or_not_at_all(points: tuple[tuple[float, float], ...]) -> None:
    place = Place.of(made_series.series(), 0)
    with pytest.raises(ValueError, match=r"needs 2 points|finite"):
        Measurement("m", MeasurementKind.DISTANCE, place, points)
