"""Values of a grid at the pixels of a stack (app/core/wash.py)."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from app.core.wash import Wash, values_on
from app.dicom.model import Series
from app.dicom.value_grid import read_values
from tests import phantoms
from tests.app.report.answers import open_series
from tests.made_objects import dose

ORIENTATIONS = {"axial": phantoms.AXIAL, "coronal": phantoms.CORONAL, "oblique": phantoms.OBLIQUE}


def _ramp(points: np.ndarray) -> np.ndarray:
    """A dose in Gy that is linear in space, so that linear interpolation must meet it exactly."""
    return 30 + points @ np.array([0.25, -0.5, 0.125])


def _grid(folder: Path, series: Series, **attributes: Any) -> Wash:
    """An axial dose grid of 2.5 × 3 × 4 mm around the phantom."""
    origin, spacing, offsets = np.array([-25.0, -35.0, 10.0]), (3.0, 2.5), np.arange(14) * 4.0
    k, row, column = np.indices((14, 20, 22))
    points = origin + np.stack([column * spacing[1], row * spacing[0], offsets[k]], axis=-1)
    stored = np.rint(_ramp(points) / 1e-6).astype(np.uint32)
    words = {"frame_of_reference": series.frame_of_reference_uid, "origin": origin, "spacing": spacing, **attributes}
    path = dose(folder / "dose", stored, offsets, scaling=1e-6, **words)
    return values_on(read_values(path), series, "d", "RTDOSE", is_dose=True)


@pytest.mark.parametrize("orientation", ORIENTATIONS)
def test_a_linear_dose_is_met_at_every_pixel(tmp_path: Path, orientation: str) -> None:
    phantoms.ct(tmp_path / "ct", orientation=ORIENTATIONS[orientation])
    _, series = open_series(tmp_path / "ct")
    wash = _grid(tmp_path, series)
    assert wash.is_quick is (orientation == "axial")
    assert series.affine is not None
    met = 0
    for index in range(3):
        found = wash.plane(index)
        assert found is not None
        row, column = np.indices((23, 38))
        at = np.stack([np.full_like(row, index), row, column], axis=-1) @ series.affine[:3, :3].T + series.affine[:3, 3]
        low, high = np.array([-25.0, -35.0, 10.0]), np.array([-25 + 21 * 2.5, -35 + 19 * 3.0, 10 + 13 * 4.0])
        within = ((at > low + 1e-6) & (at < high - 1e-6)).all(axis=-1)
        np.testing.assert_allclose(found[within], _ramp(at[within]), atol=1e-3)
        beyond = ((at < low - np.array([2.5, 3, 4]) / 2 - 1e-3) | (at > high + np.array([2.5, 3, 4]) / 2 + 1e-3)).any(
            -1
        )
        assert np.isnan(found[beyond]).all()
        met += int(within.sum())
    assert met > 1000


def test_slow_planes_say_when_they_are_ready(tmp_path: Path) -> None:
    phantoms.ct(tmp_path / "ct", orientation=phantoms.CORONAL)
    _, series = open_series(tmp_path / "ct")
    wash = _grid(tmp_path, series)
    assert not wash.is_ready(1)
    wash.plane(1)
    assert wash.is_ready(1)


def test_below_the_threshold_and_outside_nothing_is_drawn(tmp_path: Path) -> None:
    phantoms.ct(tmp_path / "ct")
    _, series = open_series(tmp_path / "ct")
    wash = _grid(tmp_path, series)
    values = wash.plane(1)
    assert values is not None
    limit = float(np.nanmedian(values))
    shades = wash.shades(1, limit)
    assert shades is not None
    np.testing.assert_array_equal(shades > 0, values >= limit)
    assert wash.low == 0
    assert wash.high == pytest.approx(max(wash._grid.values(k).max() for k in range(14)))
    assert wash.threshold == pytest.approx(wash.high / 10)
    assert wash.colour_of(0.0) == wash.colours[0][1]
    assert wash.colour_of(1.0) == wash.colours[-1][1]


def test_another_frame_of_reference_draws_nothing_and_says_so(tmp_path: Path) -> None:
    phantoms.ct(tmp_path / "ct")
    _, series = open_series(tmp_path / "ct")
    wash = _grid(tmp_path, series, frame_of_reference="1.2.3")
    assert wash.plane(1) is None
    assert "frame of reference" in wash.notes[0]
