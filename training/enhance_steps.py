"""The small parts of a step of training ``ct-enhance``: which patch, which dose, which kernel, how it is counted."""

from __future__ import annotations

import functools
import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import torch

from training import phantom_ct

if TYPE_CHECKING:
    from collections.abc import Sequence

    from training.low_dose import Target

FloatArray = npt.NDArray[np.float32]

DRAWN_SHARE = 0.2
"""Share of the patches whose truth is drawn: the only ones without any noise in it."""
DRAWN_BODIES = 12
DRAWN_FROM = 1000
"""First seed of the drawn bodies: those that a model is scored on have lower ones."""
MARGIN = 16
"""Pixels around a patch that a change of kernel may draw from."""


@dataclass(frozen=True, eq=False)
class Batch:
    """``low``, ``clean``: (B, 1, S, S) HU. ``added``: (B,) SD of the noise that makes the difference, in HU."""

    low: torch.Tensor
    clean: torch.Tensor
    added: torch.Tensor


class Patches:
    """Draws batches from ``targets``: what batch ``step`` holds depends on (seed, step) alone."""

    def __init__(self, targets: Sequence[Target], size: int, seed: int) -> None:
        self.targets, self.size, self.seed = targets, size, seed
        half = size // 2 + MARGIN
        self.centres: list[npt.NDArray[np.intp]] = []
        for target in targets:
            inner = np.zeros_like(target.body)
            inner[half:-half, half:-half] = target.body[half:-half, half:-half]
            if not inner.any():
                inner[inner.shape[0] // 2, inner.shape[1] // 2] = True
            self.centres.append(np.flatnonzero(inner))
        slices: dict[str, int] = {}
        for target in targets:
            slices[target.header.patient] = slices.get(target.header.patient, 0) + 1
        # a patient with many slices counts more than one with a single slice, but not that many times more
        weights = np.array([1 / math.sqrt(slices[target.header.patient]) for target in targets])
        self.weights = weights / weights.sum()

    def draw(self, step: int, count: int) -> Batch:
        rng = np.random.default_rng([self.seed, step])
        pairs = [self._pair(rng) for _ in range(count)]
        low = torch.from_numpy(np.stack([pair[0] for pair in pairs]))[:, None]
        clean = torch.from_numpy(np.stack([pair[1] for pair in pairs]))[:, None]
        return Batch(low, clean, (low - clean).std(dim=(1, 2, 3)))

    def _pair(self, rng: np.random.Generator) -> tuple[FloatArray, FloatArray]:
        index = int(rng.choice(len(self.targets), p=self.weights))
        target = self.targets[index]
        row, column = divmod(int(rng.choice(self.centres[index])), target.hu.shape[1])
        half = self.size // 2 + MARGIN
        rows, columns = slice(row - half, row + half), slice(column - half, column + half)
        clean = target.hu[rows, columns]
        units = target.training_units[:, rows, columns].astype(np.float32)
        # independent realisations mixed with weights of square sum one are a realisation of the same noise
        mix = rng.standard_normal(len(units)).astype(np.float32)
        noise = np.tensordot(mix / np.linalg.norm(mix), units, axes=1)
        reduced = dose(rng)
        if rng.random() < DRAWN_SHARE:
            clean, noise = self._drawn(rng), noise * np.float32(math.sqrt(1 / reduced))
        else:
            noise = noise * np.float32(math.sqrt(1 / reduced - 1))
        if rng.random() < 0.3:
            boost = kernel_change(2 * half, rng.uniform(-0.4, 1.0))
            clean, noise = refilter(clean, boost), refilter(noise, boost)
        inside = slice(MARGIN, -MARGIN)
        clean, noise = clean[inside, inside], noise[inside, inside]
        turns, mirrored = int(rng.integers(4)), rng.random() < 0.5
        clean, noise = np.rot90(clean, turns), np.rot90(noise, turns)
        if mirrored:
            clean, noise = clean[:, ::-1], noise[:, ::-1]
        return np.ascontiguousarray(clean + noise), np.ascontiguousarray(clean)

    def _drawn(self, rng: np.random.Generator) -> FloatArray:
        """A patch of a drawn body, half of the time with a texture of its own, which is no noise and has to stay."""
        edge = self.size + 2 * MARGIN
        body = drawn_body(DRAWN_FROM + int(rng.integers(DRAWN_BODIES)))
        inside = np.argwhere(body[edge // 2 : -(edge // 2), edge // 2 : -(edge // 2)] > -950)
        row, column = inside[int(rng.integers(len(inside)))]
        patch = body[row : row + edge, column : column + edge]
        if rng.random() < 0.5:
            patch = patch + texture(edge, rng.uniform(0.01, 0.12), rng) * np.float32(rng.uniform(0, 15))
        return np.asarray(patch, np.float32)


drawn_body = functools.cache(phantom_ct.body)


def texture(size: int, finest: float, rng: np.random.Generator) -> FloatArray:
    """(size, size) of unit SD whose amplitude falls with frequency, to nothing beyond ``finest`` cycles per pixel."""
    down, across = np.fft.fftfreq(size)[:, None], np.fft.rfftfreq(size)[None, :]
    radius = np.hypot(down, across)
    amplitude = np.exp(-((radius / finest) ** 2)) / (radius + 1 / size)
    amplitude[0, 0] = 0
    field = np.fft.irfft2(np.fft.rfft2(rng.standard_normal((size, size))) * amplitude, s=(size, size))
    return np.asarray(field / field.std(), np.float32)


def dose(rng: np.random.Generator) -> float:
    """The dose of a patch: 25 % in six of ten, else from 7 % to 70 %, evenly in its logarithm."""
    return 0.25 if rng.random() < 0.6 else float(np.exp(rng.uniform(math.log(0.07), math.log(0.7))))


def kernel_change(size: int, strength: float) -> FloatArray:
    """(size, size // 2 + 1) factors on ``rfft2``: above zero as a sharper kernel would have it, below as a softer one.

    exp(strength · (f / 0.25)²) up to f = 0.35 cycles per pixel, level beyond.
    """
    down, across = np.fft.fftfreq(size)[:, None], np.fft.rfftfreq(size)[None, :]
    radius = np.minimum(np.hypot(down, across), 0.35)
    return np.exp(strength * (radius / 0.25) ** 2).astype(np.float32)


def refilter(values: FloatArray, factors: FloatArray) -> FloatArray:
    """``values`` (S, S) through ``factors``; what wraps around reaches less far than ``MARGIN``."""
    return np.asarray(np.fft.irfft2(np.fft.rfft2(values) * factors, s=values.shape), np.float32)


def pixel_loss(found: torch.Tensor, batch: Batch) -> torch.Tensor:
    """Mean squared error in units of the noise that was added (5 HU at least): each dose and kernel counts alike."""
    scale = batch.added.view(-1, 1, 1, 1) ** 2 + 25
    return ((found - batch.clean) ** 2 / scale).mean()
