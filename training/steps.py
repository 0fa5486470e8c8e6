"""The small parts of a training step: which images, which learning rate, the averaged weights, the score."""

from __future__ import annotations

import math
import sys
import time
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import torch
from torch import nn
from torch.nn import functional

from training.data import IGNORE, IMAGE_LEFT, IMAGE_RIGHT, Arrays, ByteArray

if TYPE_CHECKING:
    from training.recipes import Stage


def learning_rate(stage: Stage, step: int) -> float:
    """Linear warm-up, then half a cosine down to zero (Loshchilov & Hutter 2016, arXiv 1608.03983)."""
    if step < stage.warm_up:
        return stage.learning_rate * (step + 1) / stage.warm_up
    done = (step - stage.warm_up) / max(1, stage.steps - stage.warm_up)
    return stage.learning_rate * 0.5 * (1 + math.cos(math.pi * min(1.0, done)))


def draw(
    children: int, adults: int, share: float, batch: int, kept: list[int] | None, step: int, seed: int
) -> tuple[list[int], list[int]]:
    """Indices of the children and of the adults in batch ``step``.

    Children come once an epoch in an order of their own each epoch; adults, few as they are, are drawn with
    replacement. ``kept`` limits the children to these indices.
    """
    pool = kept if kept is not None else list(range(children))
    grown = round(share * batch) if adults else 0
    wanted = batch - grown if pool else 0
    chosen: list[int] = []
    for position in range(step * wanted, (step + 1) * wanted):
        epoch, offset = divmod(position, len(pool))
        chosen.append(pool[_order(len(pool), epoch, seed)[offset]])
    generator = torch.Generator().manual_seed(seed * 7_368_787 + step)
    return chosen, torch.randint(max(1, adults), (grown if pool else batch,), generator=generator).tolist()


_orders: dict[tuple[int, int, int], list[int]] = {}


def _order(length: int, epoch: int, seed: int) -> list[int]:
    key = (length, epoch, seed)
    if key not in _orders:
        _orders.clear()
        _orders[key] = torch.randperm(length, generator=torch.Generator().manual_seed(seed * 9_176 + epoch)).tolist()
    return _orders[key]


def tensors(images: ByteArray, targets: ByteArray) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """(B, S, S) uint8 pairs → image (B, 1, S, S) in 0–1, lungs (B, 2, S, S), counted (B, 1, S, S)."""
    wanted = torch.from_numpy(targets)
    lungs = torch.stack([wanted == IMAGE_LEFT, wanted == IMAGE_RIGHT], dim=1).float()
    return torch.from_numpy(images).float().unsqueeze(1) / 255, lungs, (wanted != IGNORE).float().unsqueeze(1)


def update_average(average: nn.Module, model: nn.Module, decay: float) -> None:
    """Exponential moving average of weights and normalisation statistics (Polyak averaging); counters are copied."""
    with torch.no_grad():
        for old, new in zip(average.state_dict().values(), model.state_dict().values(), strict=True):
            if old.dtype.is_floating_point:
                old.lerp_(new, 1 - decay)
            else:
                old.copy_(new)


def descend(
    loss: torch.Tensor,
    optimiser: torch.optim.Optimizer,
    model: nn.Module,
    average: nn.Module,
    *,
    step: int,
    ema: float,
) -> None:
    """One step down ``loss``, its gradient at most of length 1; ``average`` follows, the more slowly the later ``step``
    is, down to ``ema``."""
    optimiser.zero_grad(set_to_none=True)
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimiser.step()
    update_average(average, model, min(ema, (step + 1) / (step + 10)))


def fast_bf16(device: str) -> bool:
    """Whether bfloat16 is quicker than float32 here."""
    if torch.device(device).type == "cuda":
        return torch.cuda.is_bf16_supported()
    return bool(getattr(torch.cpu, "_is_avx512_bf16_supported", lambda: False)())


def scores(
    model: nn.Module, arrays: Arrays, device: str, bf16: bool, *, size: int | None = None, batch: int = 32
) -> npt.NDArray[np.float64]:
    """Dice of the whole lung field of each image on the arrays' grid, threshold 0.5, ignored pixels left out.

    ``size``: edge of the image that the model is shown, where that is not the arrays' own.
    """
    model.eval()
    result: list[float] = []
    for first in range(0, len(arrays.rows), batch):
        image, lungs, counted = tensors(arrays.images[first : first + batch], arrays.targets[first : first + batch])
        grid = image.shape[-1]
        image = resized(image, size or grid).to(device).contiguous(memory_format=torch.channels_last)
        with torch.inference_mode(), torch.autocast(torch.device(device).type, dtype=torch.bfloat16, enabled=bf16):
            found = (resized(model(image), grid).amax(dim=1, keepdim=True) > 0).float().cpu() * counted
        wanted = lungs.amax(dim=1, keepdim=True) * counted
        both = (found * wanted).sum(dim=(1, 2, 3))
        total = found.sum(dim=(1, 2, 3)) + wanted.sum(dim=(1, 2, 3))
        result += torch.where(total > 0, 2 * both / total.clamp(min=1), 1.0).tolist()
    return np.array(result)


def resized(image: torch.Tensor, size: int) -> torch.Tensor:
    """(B, C, S, S) → (B, C, size, size), without aliasing."""
    if image.shape[-1] == size:
        return image
    return functional.interpolate(image.float(), size=size, mode="bilinear", antialias=True)


def trusted(
    model: nn.Module, children: Arrays, below: float, device: str, bf16: bool, size: int | None = None
) -> list[int]:
    """Indices of training images whose mask is certain, or that ``model`` does not strongly disagree with."""
    agreement = scores(model, children, device, bf16, size=size)
    return [index for index, row in enumerate(children.rows) if row.certain or agreement[index] >= below]


class Progress:
    """A bar on stderr: redrawn in place on a terminal, a line every so often in a log."""

    def __init__(self, name: str, total: int, done: int) -> None:
        self.name, self.total, self.first = name, total, done
        self.begun = self.shown = time.monotonic()
        self.terminal = sys.stderr.isatty()

    def show(self, done: int, loss: float) -> None:
        now = time.monotonic()
        if now - self.shown < (0.2 if self.terminal else 20) and done < self.total:
            return
        self.shown = now
        left = (now - self.begun) / max(1, done - self.first) * (self.total - done)
        filled = 30 * done // self.total
        self._write(
            f"{self.name} {'█' * filled}{'░' * (30 - filled)} {done}/{self.total}, "
            f"loss {loss:.4f}, {left / 60:.1f} min left"
        )

    def note(self, text: str) -> None:
        self._write(f"{self.name} {text}", end="\n")

    def _write(self, text: str, end: str = "") -> None:
        sys.stderr.write(f"\r\x1b[K{text}{end}" if self.terminal else f"{text}\n")
        sys.stderr.flush()
