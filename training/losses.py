"""What the optimiser minimises for masks."""

from __future__ import annotations

import torch
from torch.nn import functional


def dice_and_cross_entropy(logits: torch.Tensor, target: torch.Tensor, counted: torch.Tensor) -> torch.Tensor:
    """Soft Dice loss (Milletari et al. 2016, arXiv 1606.04797) plus binary cross-entropy, each with weight one.

    ``logits``, ``target``: (B, C, H, W), target in 0–1. ``counted``: (B, 1, H, W), 0 where the reference says ignore:
    such pixels have no influence on value or gradient. Dice is taken per image and channel, so that a small lung counts
    as much as a large one. Returns a scalar in float32.
    """
    logits, target, counted = logits.float(), target.float(), counted.float()
    weights = counted.expand_as(logits)
    entropy = functional.binary_cross_entropy_with_logits(logits, target, reduction="none")
    entropy = (entropy * weights).sum() / weights.sum().clamp(min=1)
    probability = torch.sigmoid(logits) * weights
    wanted = target * weights
    overlap = (probability * wanted).sum(dim=(2, 3))
    total = probability.sum(dim=(2, 3)) + wanted.sum(dim=(2, 3))
    # + 1 on both sides: an empty reference that is predicted empty has no loss instead of 0 / 0
    dice = (2 * overlap + 1) / (total + 1)
    return entropy + (1 - dice).mean()
