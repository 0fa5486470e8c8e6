"""sRGB ↔ DICOM's CIELab (app.dicom.cielab.py)."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.dicom.cielab import from_cielab, to_cielab

channel = st.integers(0, 255)


@given(st.tuples(channel, channel, channel))
def test_every_colour_comes_back(rgb: tuple[int, int, int]) -> None:
    assert from_cielab(to_cielab(rgb)) == rgb


@pytest.mark.parametrize(
    ("rgb", "lab"),
    [
        ((255, 255, 255), (100, 0, 0)),
        ((0, 0, 0), (0, 0, 0)),
        ((255, 0, 0), (54.29, 80.80, 69.89)),
        ((0, 0, 255), (29.57, 68.30, -112.03)),
    ],
)
def test_known_colours_under_d50(rgb: tuple[int, int, int], lab: tuple[float, float, float]) -> None:
    """Values of the sRGB primaries adapted to D50, as colour calculators print them."""
    encoded = np.array(to_cielab(rgb))
    decoded = encoded * [100 / 65535, 255 / 65535, 255 / 65535] - [0, 128, 128]
    np.testing.assert_allclose(decoded, lab, atol=0.05)
