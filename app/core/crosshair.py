"""Three planes at right angles through one point of a volume: where they are, and how they move and turn."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from app.core.mpr import orientation_of, plane_stack
from app.core.planes import PlaneName, turned_title
from app.core.sampling import Slab

if TYPE_CHECKING:
    from app.core.mpr import PlaneStack, Source
    from app.core.stack_grid import StackGrid

FloatArray = npt.NDArray[np.float64]
Axes = tuple[FloatArray, FloatArray, FloatArray]
"""Unit vectors (advance, down, right) of one plane."""


@dataclass(frozen=True, eq=False)
class Crosshair:
    """``point``: LPS mm, where the planes meet. ``axes``: how each plane lies. ``oblique``: the planes that were
    turned away from the volume's own."""

    point: FloatArray
    axes: dict[PlaneName, Axes]
    slab: Slab
    oblique: frozenset[PlaneName] = frozenset()

    @property
    def is_turned(self) -> bool:
        """Whether any plane is oblique."""
        return bool(self.oblique)

    def stack(self, lies: StackGrid, name: PlaneName) -> PlaneStack:
        """All planes parallel to one of the three."""
        return plane_stack(lies, *self.axes[name])

    def title(self, name: PlaneName) -> str:
        """What the reader calls a plane: its name, marked where it no longer lies along the volume."""
        return turned_title(name) if name in self.oblique else name.title


def crosshair(origin: Source, slab: Slab | None = None) -> Crosshair:
    """The planes along the volume's own axes through its middle."""
    lies = origin.stack_grid
    middle = lies.corners().mean(axis=0)
    return Crosshair(middle, {name: orientation_of(lies, name) for name in PlaneName}, slab or Slab())


def moved(cross: Crosshair, point: FloatArray, lies: StackGrid) -> Crosshair:
    """The planes through another point, held within the volume."""
    corners = lies.corners() @ lies.basis.T
    held = np.clip(lies.basis @ np.asarray(point), corners.min(axis=0), corners.max(axis=0))
    return replace(cross, point=held @ lies.basis)


def facing(cross: Crosshair, lies: StackGrid, name: PlaneName, axes: Axes) -> Crosshair:
    """The planes with plane ``name`` lying as ``axes``, and the others at right angles to it, as they lie to each other
    along the volume."""
    own = orientation_of(lies, name)
    turn = np.stack(axes, axis=1) @ np.stack(own, axis=1).T
    found = {one: _turned_by(turn, orientation_of(lies, one)) for one in PlaneName}
    found[name] = axes
    oblique = frozenset(one for one in PlaneName if not np.allclose(found[one], orientation_of(lies, one), atol=1e-6))
    return replace(cross, axes=found, oblique=oblique)


def _turned_by(turn: FloatArray, axes: Axes) -> Axes:
    one, two, three = (turn @ axis for axis in axes)
    return one, two, three


def turned(cross: Crosshair, about: PlaneName, angle: float) -> Crosshair:
    """The other two planes turned by ``angle`` (radians) about the normal of plane ``about``, from its right towards
    its down. They stay at a right angle to it and to each other."""
    _, down, right = cross.axes[about]
    axis = np.cross(right, down)
    found = dict(cross.axes)
    for name, axes in cross.axes.items():
        if name is not about:
            one, two, three = (_rotated(vector, axis, angle) for vector in axes)
            found[name] = (one, two, three)
    return replace(cross, axes=found, oblique=cross.oblique | (frozenset(PlaneName) - {about}))


def _rotated(vector: FloatArray, axis: FloatArray, angle: float) -> FloatArray:
    """Rodrigues' formula; the result is a unit vector again, so that many small turns do not stretch it."""
    cosine, sine = np.cos(angle), np.sin(angle)
    found = vector * cosine + np.cross(axis, vector) * sine + axis * float(axis @ vector) * (1 - cosine)
    return np.asarray(found / np.linalg.norm(found))
