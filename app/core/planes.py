"""Axial, coronal and sagittal planes of a volume, one pixel per voxel, the way a reader expects them to lie."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from app.errors import UserError
from inference.words import say

if TYPE_CHECKING:
    from inference.volume import Volume


class PlaneName(Enum):
    """The three planes of the body."""

    AXIAL = "axial"
    CORONAL = "coronal"
    SAGITTAL = "sagittal"

    @property
    def title(self) -> str:
        """Its name on screen."""
        return _TITLES[self]


_TITLES = {
    PlaneName.AXIAL: say("Axial"),
    PlaneName.CORONAL: say("Coronal"),
    PlaneName.SAGITTAL: say("Sagittal"),
}


def plane_title(text: str) -> str:
    """The title that reads ``text`` in English, as one that can be translated; ``text`` itself where there is none."""
    for name in PlaneName:
        for title in (name.title, turned_title(name)):
            if str(title) == text:
                return title
    return text


def turned_title(name: PlaneName) -> str:
    """What the reader calls a plane that no longer lies along the volume."""
    return say("{plane} (turned)", plane=name.title)


# Patient axis (0 = x towards Left, 1 = y towards Posterior, 2 = z towards Head) along the normal, down the rows and
# along the columns, with the sign of increasing index: anterior or superior at the top; the patient's right, or front,
# on the left.
LAYOUT: dict[PlaneName, tuple[tuple[int, int], tuple[int, int], tuple[int, int]]] = {
    PlaneName.AXIAL: ((2, 1), (1, 1), (0, 1)),
    PlaneName.CORONAL: ((1, 1), (2, -1), (0, 1)),
    PlaneName.SAGITTAL: ((0, 1), (2, -1), (1, 1)),
}
"""For each plane, the patient axes of increasing index, row and column, with their signs."""


@dataclass(frozen=True, eq=False)
class Plane:
    """``values``: (rows, columns) in the volume's unit. ``spacing``: (between rows, between columns), mm. ``count``:
    how many such planes the volume has; index 0 lies at the patient's feet, front or right."""

    values: npt.NDArray[np.generic]
    spacing: tuple[float, float]
    index: int
    count: int


def plane(volume: Volume, name: PlaneName, index: int | None = None) -> Plane:
    """Plane ``index`` (the middle one when ``None``) of the voxel grid, along the grid axes nearest to the patient's.

    An oblique grid keeps its own directions: voxels are never resampled here. Raises ``UserError`` for a volume without
    positions in the patient, or an index outside it.
    """
    if volume.affine is None or volume.spacing is None:
        raise UserError(
            say("{plane} plane", plane=name.value),
            say("the slices do not lie on one regular grid in the patient"),
            say("Show the slices as they were acquired."),
        )
    axes, signs = nearest_axes(volume.affine)
    layout = LAYOUT[name]
    order = [axes.index(patient_axis) for patient_axis, _ in layout]
    turned = volume.voxels.transpose(order)
    flips = tuple(
        slice(None, None, 1 if signs[grid_axis] == wanted else -1)
        for grid_axis, (_, wanted) in zip(order, layout, strict=True)
    )
    turned = turned[flips]
    count = turned.shape[0]
    chosen = count // 2 if index is None else index
    if not 0 <= chosen < count:
        raise UserError(
            say("{plane} plane {chosen}", plane=name.value, chosen=chosen),
            say("the volume has {count}", count=count),
            say("Use 0 to {count}.", count=count - 1),
        )
    return Plane(
        np.ascontiguousarray(turned[chosen]), (volume.spacing[order[1]], volume.spacing[order[2]]), chosen, count
    )


def nearest_axes(affine: npt.NDArray[np.float64]) -> tuple[list[int], list[int]]:
    """For each grid axis (k, row, column): the patient axis it runs along most, each used once, and its sign."""
    directions = affine[:3, :3] / np.linalg.norm(affine[:3, :3], axis=0)
    axes, signs = [-1, -1, -1], [0, 0, 0]
    strength = np.abs(directions)
    for _ in range(3):
        patient_axis, grid_axis = np.unravel_index(int(np.argmax(strength)), strength.shape)
        axes[grid_axis] = int(patient_axis)
        signs[grid_axis] = 1 if directions[patient_axis, grid_axis] > 0 else -1
        strength[patient_axis, :] = -1
        strength[:, grid_axis] = -1
    return axes, signs
