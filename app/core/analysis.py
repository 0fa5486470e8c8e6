"""From a series and a model to orders that the inference worker can run, and back to frames of the series."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from app.core.session import new_id
from app.dicom.attributes import attributes
from app.dicom.volume import presentation_image, volume
from inference.types import Refused, Request, Result, Tick, no_tick
from inference.words import say

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from app.dicom.load import SeriesPixels
    from app.dicom.model import Series
    from inference.bundle import Bundle


@dataclass(frozen=True, eq=False)
class Order:
    """One run: which model on which frames. ``indices``: sorted frames that the answer's label map covers."""

    bundle: Bundle
    series: Series
    indices: tuple[int, ...]
    request: Request

    def run(self, tick: Tick = no_tick) -> Result:
        """Runs it here and now; made for a worker thread. Raises what ``inference.engine.run`` raises."""
        # The engine is imported late because it is only wanted once somebody presses Run.
        from inference import engine

        return engine.run(self.request, self.bundle, tick)


def refusal(bundle: Bundle, series: Series, index: int = 0) -> Refused | None:
    """Why ``bundle`` does not fit frame ``index`` of ``series`` by its header alone; ``None`` where it does.

    A model of volumes is asked about the whole stack, whichever its frame.
    """
    shape = (1, series.rows, series.columns)
    try:
        if bundle.contract.takes == "volume":
            _require_stack(bundle, series)
            shape = (len(series.frames), series.rows, series.columns)
        bundle.contract.check_header(attributes(series, index), shape)
    except Refused as reason:
        return reason
    return None


def _require_stack(bundle: Bundle, series: Series) -> None:
    """Raises ``Refused`` for frames that are no volume: several times or phases, or no common grid where one is
    needed."""
    if series.axis is not None:
        raise Refused(
            say("expects one volume; this series holds several, one for each {point}", point=series.axis.name)
        )
    if bundle.contract.needs_grid and series.affine is None:
        raise Refused(say("expects evenly spaced slices of one volume; these are none"))


def order_volume(
    bundle: Bundle, series: Series, pixels: SeriesPixels, *, device: str = "auto", insist: bool = False
) -> Order:
    """An order for all frames of a stack. Raises ``UnreadableFile`` where one is missing, ``Refused`` for no volume."""
    _require_stack(bundle, series)
    request = Request(new_id(), volume(series, pixels), attributes(series, 0), device, insist)
    return Order(bundle, series, tuple(range(len(series.frames))), request)


def order(
    bundle: Bundle,
    series: Series,
    index: int,
    stored: npt.NDArray[np.generic],
    *,
    device: str = "auto",
    insist: bool = False,
) -> Order:
    """An order for one image. ``stored``: the frame's stored values, shape (rows, columns[, 3])."""
    request = Request(new_id(), presentation_image(series, stored, index), attributes(series, index), device, insist)
    return Order(bundle, series, (index,), request)
