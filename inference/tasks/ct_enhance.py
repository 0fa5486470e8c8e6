"""Less noise in CT: each slice for itself, so that any stack streams through in the memory of a few tiles."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from inference import runtime
from inference.types import Measure, Request, Result, Tick, no_tick
from inference.words import say

if TYPE_CHECKING:
    from collections.abc import Callable

    from torch import nn

    from inference.bundle import Bundle

FloatArray = npt.NDArray[np.float32]

SCALE = 100.0
"""HU of one unit of what the network reads and answers. It has no offset: 0 HU is 0."""
LOWEST, HIGHEST = -1024.0, 2000.0
"""HU that the network has seen. Voxels outside pass as they are; the network sees them as the nearest of the two."""
TILE, HALO = 512, 48
"""Edge in pixels of what is computed at once, and of the border around it that is computed and thrown away: as wide as
the network sees, so that tiles leave no seam. Both are multiples of what the network folds and halves."""


def answer(request: Request, bundle: Bundle, device: str, tick: Tick) -> Result:
    """See ``inference.engine.run``. ``enhanced`` has the full effect; ``blend`` gives less of it."""
    timings: dict[str, float] = {}
    started = time.perf_counter()
    runtime.load_network(bundle, device)
    timings["load"] = time.perf_counter() - started

    started = time.perf_counter()
    voxels = request.volume.voxels
    enhanced, device, moved = runtime.with_fallback(
        bundle, device, lambda network, place: _all_slices(network, voxels, place, tick)
    )
    timings["network"] = time.perf_counter() - started
    notes = (say("AI-enhanced: noise was reduced by a model. Compare with the original before you rely on it."),)
    return Result(
        request_id=request.id,
        model=bundle.ref,
        device=device,
        timings_s=timings,
        measures={"RMS change": Measure(_rms(enhanced, voxels), "HU")},
        enhanced=enhanced,
        notes=moved + notes,
    )


def blend(original: npt.NDArray[np.floating], enhanced: FloatArray, strength: float) -> FloatArray:
    """``strength`` 0 gives the original, 1 the enhanced image, and what lies between lies between."""
    if not 0 <= strength <= 1:
        raise ValueError(f"strength must lie between 0 and 1, got {strength}")
    first = np.asarray(original, np.float32)
    return np.asarray(first + np.float32(strength) * (enhanced - first), np.float32)


def denoise(network: nn.Module, image: npt.NDArray[np.generic], device: str = "cpu") -> FloatArray:
    """One slice (rows, columns) in HU, denoised in tiles. Non-finite voxels and those out of range stay as they are."""
    values = np.asarray(image, np.float32)
    usable = np.isfinite(values)
    seen = np.clip(np.where(usable, values, LOWEST), LOWEST, HIGHEST)
    usable &= (values >= LOWEST) & (values <= HIGHEST)
    result = values.copy()
    rows, columns = values.shape
    for top in range(0, rows, TILE):
        for left in range(0, columns, TILE):
            bottom, right = min(top + TILE, rows), min(left + TILE, columns)
            noise = _noise(network, seen, (top, bottom, left, right), device)
            part = usable[top:bottom, left:right]
            result[top:bottom, left:right][part] -= noise[part]
    return result


def _noise(network: nn.Module, seen: FloatArray, tile: tuple[int, int, int, int], device: str) -> FloatArray:
    """The noise in one tile (top, bottom, left, right) of a slice, read with ``HALO`` around it."""
    import torch
    from torch.nn import functional

    top, bottom, left, right = tile
    first_row, first_column = max(0, top - HALO), max(0, left - HALO)
    piece = seen[first_row : min(seen.shape[0], bottom + HALO), first_column : min(seen.shape[1], right + HALO)]
    multiple = int(getattr(network, "multiple", 8))
    down, across = -piece.shape[0] % multiple, -piece.shape[1] % multiple
    batch = torch.from_numpy(np.ascontiguousarray(piece))[None, None] / SCALE
    batch = functional.pad(batch, (0, across, 0, down), mode="replicate")
    batch = batch.to(device).contiguous(memory_format=torch.channels_last)
    noise = network(batch).float().cpu()[0, 0].numpy() * np.float32(SCALE)
    row, column = top - first_row, left - first_column
    return np.asarray(noise[row : row + bottom - top, column : column + right - left])


def _all_slices(network: nn.Module, voxels: npt.NDArray[np.generic], device: str, tick: Tick) -> FloatArray:
    """(slices, rows, columns) → the same, denoised. Beside input and answer, memory for one tile."""
    result = np.empty(voxels.shape, np.float32)
    count = len(voxels)
    for index in range(count):
        with runtime.exclusively(network, tick, index / count, (index + 1) / count):
            result[index] = denoise(network, voxels[index], device)
    return result


def _rms(enhanced: FloatArray, voxels: npt.NDArray[np.generic]) -> float:
    """Root of the mean squared change, in HU, over the finite voxels; slice by slice, for the sake of memory."""
    total, count = 0.0, 0
    for new, old in zip(enhanced, voxels, strict=True):
        change = new.astype(np.float64) - old
        change = change[np.isfinite(change)]
        total, count = total + float(change @ change), count + change.size
    return float(np.sqrt(total / count)) if count else 0.0


def predictor(bundle: Bundle, device: str = "auto") -> Callable[[FloatArray], FloatArray]:
    """A function from a slice (rows, columns) in HU to the denoised one, for scoring with the serving code."""
    place = runtime.pick_device(device)
    return predictor_of(runtime.load_network(bundle, place), place)


def predictor_of(network: nn.Module, device: str = "cpu") -> Callable[[FloatArray], FloatArray]:
    """The same for a network that is in no bundle, such as one of a cross-validation."""
    network.requires_grad_(False).eval()

    def run(image: FloatArray) -> FloatArray:
        with runtime.exclusively(network, no_tick):
            return denoise(network, image, device)

    return run
