"""Sharp and soft kernels of four makers (inference/kernels.py)."""

from __future__ import annotations

import pytest

from inference.kernels import Sharpness, sharpness

SHARP = ["LUNG", "BONE", "BONEPLUS", "EDGE", "B50s", "B60f", "B70f", "I70f\\3", "Bl57d\\3", "D", "L", "FC51", "FC30"]
SOFT = ["STANDARD", "SOFT", "DETAIL", "STD+", "B20f", "B30s", "B40s", "B31f", "I30f\\2", "Br36", "B", "FC13", "FC08"]


@pytest.mark.parametrize("kernel", [*SHARP, "59 .21.B50s", "59 .10.AB50"])
def test_sharp(kernel: str) -> None:
    assert sharpness(kernel) is Sharpness.SHARP


@pytest.mark.parametrize("kernel", SOFT)
def test_soft(kernel: str) -> None:
    assert sharpness(kernel) is Sharpness.SOFT


@pytest.mark.parametrize("kernel", ["", "  ", "MYSTERY", "12"])
def test_unknown(kernel: str) -> None:
    assert sharpness(kernel) is Sharpness.UNKNOWN
