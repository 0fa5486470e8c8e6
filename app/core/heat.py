"""A model's heat map over the frames that it was made from: where it looked, not proof of anything."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from app.core.wash import Colour, Wash

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from app.dicom.model import Series
    from inference.types import HeatMap, ModelRef

HEAT_COLOURS: tuple[tuple[float, Colour], ...] = (
    (0.0, (70, 20, 120)),
    (0.35, (170, 45, 115)),
    (0.7, (245, 115, 55)),
    (1.0, (255, 240, 140)),
)
"""From dark to light, so that it reads without colours too."""
LEAST = 0.2
"""Below this share of the brightest nothing is drawn: the image stays visible where the model hardly looked."""
_PREFIX = "heat:"


@dataclass(frozen=True, eq=False)
class HeatWash(Wash):
    """``values``: float32 0–1, (frames covered, rows, columns); ``indices``: the sorted frame index of each."""

    values: npt.NDArray[np.float32]
    indices: tuple[int, ...]

    @property
    def is_quick(self) -> bool:
        """Always: the values are there."""
        return True

    def over(self, series: Series) -> HeatWash:
        """Nothing lies on other frames: a projection has no place in space to cut through."""
        return replace(self, series_key=series.key, indices=(), values=self.values[:0])

    def is_ready(self, index: int) -> bool:
        """See ``Wash``."""
        return True

    def plane(self, index: int) -> npt.NDArray[np.float32] | None:
        """See ``Wash``."""
        return self.values[self.indices.index(index)] if index in self.indices else None


def heat_wash(heat: HeatMap, model: ModelRef, series: Series, indices: tuple[int, ...]) -> HeatWash:
    """``heat``, which ``model`` made of frames ``indices`` of ``series``, ready to be laid over them."""
    return HeatWash(
        uid=f"{_PREFIX}{model.id}:{heat.name}:{','.join(map(str, indices))}",
        title=f"{heat.name} ({model.id})",
        series_key=series.key,
        quantity=heat.name,
        unit="",
        low=0.0,
        high=1.0,
        threshold=LEAST,
        colours=HEAT_COLOURS,
        notes=(heat.meaning,),
        values=heat.values,
        indices=indices,
    )
