"""Planes of a volume whose voxels say where they are in the patient."""

import itertools

import numpy as np
import pytest

from app.core.planes import PlaneName, plane
from app.errors import UserError
from inference.volume import Calibration, Volume

SHAPE = (3, 4, 5)


def volume_with(permutation: tuple[int, ...], signs: tuple[int, ...]) -> Volume:
    """A grid whose axes run along the patient's in the given order and direction. Voxel value: 100 x + 10 y + z of the
    patient grid position, so that the right answer follows from the value alone."""
    affine = np.eye(4)
    spacing = (2.0, 3.0, 5.0)
    linear = np.zeros((3, 3))
    for grid_axis, (patient_axis, sign) in enumerate(zip(permutation, signs, strict=True)):
        linear[patient_axis, grid_axis] = sign * spacing[patient_axis]
    affine[:3, :3] = linear
    index = np.stack(np.meshgrid(*(np.arange(n) for n in SHAPE), indexing="ij"), axis=-1)
    steps = np.rint((index @ linear.T) / np.array(spacing)).astype(int)
    steps = steps - steps.reshape(-1, 3).min(axis=0)
    values = steps @ np.array([100, 10, 1])
    return Volume(values.astype(np.int16), affine, (1.0, 1.0), Calibration.PATIENT, "HU")


GRIDS = list(itertools.product(itertools.permutations(range(3)), itertools.product((1, -1), repeat=3)))


@pytest.mark.parametrize(("permutation", "signs"), GRIDS)
def test_every_grid_gives_the_same_planes(permutation: tuple[int, ...], signs: tuple[int, ...]) -> None:
    volume = volume_with(permutation, signs)
    axial = plane(volume, PlaneName.AXIAL, 0)
    # x grows to the left of the patient, on the right of the screen; y grows to posterior, downwards.
    assert axial.values[0, 0] == 0
    assert axial.values[0, 1] == 100
    assert axial.values[1, 0] == 10
    assert axial.spacing == pytest.approx((3.0, 2.0))
    coronal = plane(volume, PlaneName.CORONAL, 0)
    assert coronal.values[-1, 0] == 0, "feet at the bottom"
    assert coronal.values[-2, 0] == 1
    assert coronal.values[-1, 1] == 100
    assert coronal.spacing == pytest.approx((5.0, 2.0))
    sagittal = plane(volume, PlaneName.SAGITTAL, 0)
    assert sagittal.values[-1, 0] == 0
    assert sagittal.values[-2, 0] == 1
    assert sagittal.values[-1, 1] == 10, "anterior on the left"
    assert sagittal.spacing == pytest.approx((5.0, 3.0))


def test_the_middle_is_shown_unless_another_is_asked_for() -> None:
    volume = volume_with((2, 1, 0), (1, 1, 1))
    assert plane(volume, PlaneName.AXIAL).index == 1
    with pytest.raises(UserError, match="has 3"):
        plane(volume, PlaneName.AXIAL, 3)


def test_without_positions_there_are_no_planes() -> None:
    volume = Volume(np.zeros(SHAPE), None, None, Calibration.NONE)
    with pytest.raises(UserError, match="regular grid"):
        plane(volume, PlaneName.CORONAL)
