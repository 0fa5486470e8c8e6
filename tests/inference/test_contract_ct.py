"""CT slices that fit a model, and the reasons of those that do not (inference/contract_ct.py)."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from inference.contract_ct import CtContract
from inference.types import Attributes, Refused
from inference.volume import Calibration, Volume

CONTRACT = CtContract(("CT",), ("CHEST", "ABDOMEN"), 256, min_size=64, min_slices=2, max_thickness_mm=6)
CHEST = Attributes(modality="CT", body_part="CHEST", slice_thickness_mm=1.25)


def volume(shape: tuple[int, int, int] = (3, 80, 70), unit: str = "HU", *, placed: bool = True) -> Volume:
    voxels = np.random.default_rng(0).normal(0, 300, shape).astype(np.float32)
    return Volume(voxels, np.diag([2.0, 0.7, 0.7, 1.0]) if placed else None, (0.7, 0.7), Calibration.PATIENT, unit)


@pytest.mark.parametrize(
    "attributes", [CHEST, replace(CHEST, body_part="CHEST ABDOMEN"), replace(CHEST, slice_thickness_mm=None)]
)
def test_a_stack_in_hounsfield_units_fits(attributes: Attributes) -> None:
    CONTRACT.check(volume(), attributes)
    assert CONTRACT.silences(attributes) == ()


@pytest.mark.parametrize(
    ("attributes", "shape", "words"),
    [
        (replace(CHEST, modality="MR"), (3, 80, 70), "this is MR"),
        (replace(CHEST, modality=""), (3, 80, 70), "of no modality"),
        (replace(CHEST, is_colour=True), (3, 80, 70), "in colour"),
        (CHEST, (1, 80, 70), "at least 2 slices; this series has 1"),
        (CHEST, (3, 80, 32), "32×80"),
    ],
)
def test_another_kind_of_image_is_refused_for_good(
    attributes: Attributes, shape: tuple[int, int, int], words: str
) -> None:
    with pytest.raises(Refused, match=words) as refusal:
        CONTRACT.check_header(attributes, shape)
    assert not refusal.value.overridable


@pytest.mark.parametrize(
    ("attributes", "words"),
    [(replace(CHEST, body_part="HEAD"), "says head"), (replace(CHEST, slice_thickness_mm=8.0), "these are 8 mm")],
)
def test_a_header_that_may_be_wrong_can_be_overridden(attributes: Attributes, words: str) -> None:
    with pytest.raises(Refused, match=words) as refusal:
        CONTRACT.check(volume(), attributes)
    assert refusal.value.overridable


def test_values_positions_and_content_are_checked() -> None:
    with pytest.raises(Refused, match="no Rescale to HU"):
        CONTRACT.check(volume(unit=""), CHEST)
    with pytest.raises(Refused, match="evenly spaced"):
        CONTRACT.check(volume(placed=False), CHEST)
    replace(CONTRACT, needs_grid=False).check(volume(placed=False), CHEST)
    blank = Volume(np.zeros((3, 80, 70), np.float32), np.eye(4), (1.0, 1.0), Calibration.PATIENT, "HU")
    with pytest.raises(Refused, match="blank"):
        CONTRACT.check(blank, CHEST)


def test_a_silent_body_part_is_told() -> None:
    assert CONTRACT.silences(replace(CHEST, body_part="")) == ("Body part unknown: the header does not name one.",)
    assert replace(CONTRACT, body_parts=()).silences(replace(CHEST, body_part="")) == ()
