"""Batches of CT slices: which scan, which slice, how thick, and what goes into the network."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch

from inference import ct_grid
from training.ct_labels import IGNORE
from training.ct_lungs_augment import disturb, move

if TYPE_CHECKING:
    from collections.abc import Sequence

    from training.ct_lungs_data import Prepared


@dataclass(frozen=True)
class Mixture:
    """Shares of a batch: slices of volumes, single slices; the rest shows no lung at all."""

    volumes: float = 0.41
    singles: float = 0.43


Draw = tuple[int, int, int, int]
"""Scan, slice, number of slices that are averaged, slices to either neighbour (0: the slice itself)."""


def draw(scans: Sequence[Prepared], batch: int, mixture: Mixture, generator: torch.Generator) -> list[Draw]:
    """Choose a batch. Slices of volumes are drawn evenly over volumes, averaged to up to 6 mm in a third of cases."""
    with_lung = [bool(((scan.label > 0) & (scan.label != IGNORE)).any()) for scan in scans]
    volumes = [index for index, scan in enumerate(scans) if not scan.single and with_lung[index]]
    singles = [index for index, scan in enumerate(scans) if scan.single and with_lung[index]]
    rest = [index for index in range(len(scans)) if not with_lung[index]]
    chosen: list[Draw] = []
    for _ in range(batch):
        luck = _uniform(generator)
        pool = volumes if luck < mixture.volumes else singles if luck < mixture.volumes + mixture.singles else rest
        pool = pool or volumes or singles or rest
        index = pool[int(torch.randint(len(pool), (1,), generator=generator))]
        scan = scans[index]
        k = int(torch.randint(len(scan.hu), (1,), generator=generator))
        thick, away = 1, 0
        if not scan.single:
            if _uniform(generator) < 0.4:
                thick = max(1, round((1 + 5 * _uniform(generator)) / scan.step_mm))
            if _uniform(generator) > 0.3:
                away = max(ct_grid.context(scan.step_mm), thick)
        chosen.append((index, k, thick, away))
    return chosen


def assemble(scans: Sequence[Prepared], chosen: Sequence[Draw]) -> tuple[torch.Tensor, torch.Tensor]:
    """(B, 3, W, W) HU of the slice below, the slice and the slice above; (B, 3, W, W) right, left, ignore in 0–1."""
    hu = np.stack(
        [[_averaged(scans[i].hu, k + shift * away, thick) for shift in (-1, 0, 1)] for i, k, thick, away in chosen]
    )
    label = np.stack(
        [
            [
                _averaged((_around(scans[i].label, k, thick) == value).astype(np.float32), None, thick)
                for value in (1, 2, IGNORE)
            ]
            for i, k, thick, _ in chosen
        ]
    )
    return torch.from_numpy(hu), torch.from_numpy(label)


def _around(slices: np.ndarray, k: int, thick: int) -> np.ndarray:
    first = min(max(0, k - thick // 2), len(slices) - 1)
    return slices[first : max(first + 1, min(len(slices), k - thick // 2 + thick))]


def _averaged(slices: np.ndarray, k: int | None, thick: int) -> np.ndarray:
    if k is not None:
        slices = _around(slices, min(max(0, k), len(slices) - 1), thick)
    return slices[0].astype(np.float32) if len(slices) == 1 else slices.mean(axis=0, dtype=np.float32)


def batch_of(
    scans: Sequence[Prepared],
    size: int,
    count: int,
    mixture: Mixture,
    generator: torch.Generator,
    strength: float = 1.0,
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """A varied batch: network input (B, 4, S, S), lungs (B, 2, S, S) in 0–1, counted (B, 1, S, S)."""
    hu, label = assemble(scans, draw(scans, count, mixture, generator))
    hu, label = disturb(*move(hu, label, size, generator), generator, strength)
    return network_tensor(hu), label[:, :2].clamp(0, 1), (label[:, 2:] < 0.5).float()


def plain(scan: Prepared, indices: Sequence[int], size: int) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """Slices as they are, in the same form."""
    away = 0 if scan.single else ct_grid.context(scan.step_mm)
    hu, label = assemble([scan], [(0, k, 1, away) for k in indices])
    margin = (hu.shape[-1] - size) // 2
    inner = slice(margin, margin + size)
    hu, label = hu[..., inner, inner], label[..., inner, inner]
    return network_tensor(hu), label[:, :2], (label[:, 2:] < 0.5).float()


def network_tensor(hu: torch.Tensor) -> torch.Tensor:
    """(B, 3, S, S) HU → (B, 4, S, S), as ``inference.ct_grid.network_input`` makes it."""
    low, high = ct_grid.LUNG_WINDOW
    lung = ((hu - low) / (high - low)).clamp(0, 1)
    low, high = ct_grid.SOFT_WINDOW
    soft = ((hu[:, 1:2] - low) / (high - low)).clamp(0, 1)
    return torch.cat([lung, soft], dim=1)


def _uniform(generator: torch.Generator) -> float:
    return float(torch.rand(1, generator=generator))
