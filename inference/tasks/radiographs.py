"""What every model of single radiographs begins with: the network loaded, the image on its grid."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from inference import preprocess, runtime

if TYPE_CHECKING:
    from inference.bundle import Bundle
    from inference.types import Request, Tick

FloatArray = npt.NDArray[np.float32]


def begin(request: Request, bundle: Bundle, device: str, tick: Tick) -> tuple[FloatArray, dict[str, float]]:
    """The request's image as the network reads it, (S, S) in 0–1, and the seconds that ``load`` and ``preprocess``
    took."""
    started = time.perf_counter()
    runtime.load_network(bundle, device)
    loaded = time.perf_counter()
    tick(0.05)
    prepared = preprocess.prepare(request.volume.voxels[0], bundle.contract.size)
    tick(0.1)
    return prepared, {"load": loaded - started, "preprocess": time.perf_counter() - loaded}
