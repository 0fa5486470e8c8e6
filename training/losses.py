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


def structural_dissimilarity(first: torch.Tensor, second: torch.Tensor, data_range: float) -> torch.Tensor:
    """1 − SSIM (Wang et al. 2004, IEEE TIP 13: 600), a scalar: Gaussian window of SD 1.5 over 11 pixels, no padding.

    ``first``, ``second``: (B, 1, H, W) in one unit. ``data_range``: the range of values that matter, in that unit.
    """
    offsets = torch.arange(-5, 6, dtype=torch.float32, device=first.device)
    window = torch.exp(-0.5 * (offsets / 1.5) ** 2)
    window = window / window.sum()
    channels = torch.cat([first, second, first * first, second * second, first * second], dim=1).float()
    count = channels.shape[1]
    smooth = functional.conv2d(channels, window.view(1, 1, 1, -1).expand(count, 1, 1, -1), groups=count)
    smooth = functional.conv2d(smooth, window.view(1, 1, -1, 1).expand(count, 1, -1, 1), groups=count)
    mean_1, mean_2, square_1, square_2, product = smooth.unbind(dim=1)
    c1, c2 = (0.01 * data_range) ** 2, (0.03 * data_range) ** 2
    luminance = (2 * mean_1 * mean_2 + c1) / (mean_1**2 + mean_2**2 + c1)
    contrast = (2 * (product - mean_1 * mean_2) + c2) / (square_1 - mean_1**2 + square_2 - mean_2**2 + c2)
    return 1 - (luminance * contrast).mean()


def discriminator_hinge(real: torch.Tensor, fake: torch.Tensor) -> torch.Tensor:
    """What the adversary minimises (Lim & Ye 2017, arXiv 1705.02894): real logits above 1, fake ones below −1."""
    return functional.relu(1 - real.float()).mean() + functional.relu(1 + fake.float()).mean()


def generator_hinge(fake: torch.Tensor) -> torch.Tensor:
    """What the generator minimises against the adversary."""
    return -fake.float().mean()
