"""A residual U-Net without a single additive constant, which predicts the noise of an image.

Ronneberger et al. 2015 (arXiv 1505.04597) with residual blocks (He et al. 2015, arXiv 1512.03385), its input folded
into channels (Shi et al. 2016, arXiv 1609.05158). No bias and no normalisation: scaled input gives scaled output, and
what is learnt at one strength of noise carries over to others (Mohan et al. 2020, arXiv 1906.05478).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import nn
from torch.nn import functional

if TYPE_CHECKING:
    from collections.abc import Sequence


class Block(nn.Module):
    """Two 3×3 convolutions around a shortcut. (B, width, H, W) → the same shape."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(width, width, 3, padding=1, bias=False)
        self.conv2 = nn.Conv2d(width, width, 3, padding=1, bias=False)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y: torch.Tensor = self.conv2(functional.relu(self.conv1(x)))
        return functional.relu(x + y)


class DenoisingUNet(nn.Module):
    """(B, 1, H, W) → the noise in it (B, 1, H, W); H and W divisible by ``fold · 2^(len(widths) − 1)``.

    ``widths``: channels of each resolution, finest first. ``blocks``: residual blocks on each way at each resolution.
    ``fold``: edge of the pixel square folded into channels. Positively homogeneous: f(a·x) = a·f(x) for a ≥ 0.
    """

    def __init__(self, widths: Sequence[int] = (32, 64, 96), blocks: int = 1, fold: int = 2) -> None:
        super().__init__()
        if not widths or min(widths) < 1 or fold < 1 or blocks < 1:
            raise ValueError(f"widths, blocks and fold must be positive; got {tuple(widths)}, {blocks}, {fold}")
        self.multiple = fold * 2 ** (len(widths) - 1)
        self.unfold_in = nn.PixelUnshuffle(fold)
        self.stem = nn.Conv2d(fold * fold, widths[0], 3, padding=1, bias=False)
        self.encoder = nn.ModuleList()
        self.down = nn.ModuleList()
        for level, width in enumerate(widths):
            self.encoder.append(nn.Sequential(*(Block(width) for _ in range(blocks))))
            if level + 1 < len(widths):
                self.down.append(nn.Conv2d(width, widths[level + 1], 2, stride=2, bias=False))
        self.up = nn.ModuleList()
        self.decoder = nn.ModuleList()
        for level in range(len(widths) - 2, -1, -1):
            self.up.append(nn.Conv2d(widths[level + 1], widths[level] * 4, 1, bias=False))
            self.decoder.append(nn.Sequential(*(Block(widths[level]) for _ in range(blocks))))
        self.rise = nn.PixelShuffle(2)
        self.head = nn.Conv2d(widths[0], fold * fold, 3, padding=1, bias=False)
        self.fold_out = nn.PixelShuffle(fold)
        self._begin_with_no_noise()

    def _begin_with_no_noise(self) -> None:
        """An untrained network answers zero, and its blocks pass on what they get: training starts at the input."""
        for layer in self.modules():
            if isinstance(layer, nn.Conv2d):
                nn.init.kaiming_normal_(layer.weight, nonlinearity="relu")
        for layer in self.modules():
            if isinstance(layer, Block):
                nn.init.zeros_(layer.conv2.weight)
        nn.init.zeros_(self.head.weight)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if x.shape[-1] % self.multiple or x.shape[-2] % self.multiple:
            raise ValueError(f"height and width must be multiples of {self.multiple}; got {tuple(x.shape[-2:])}")
        x = functional.relu(self.stem(self.unfold_in(x)))
        skips: list[torch.Tensor] = []
        for level, block in enumerate(self.encoder):
            x = block(x)
            if level < len(self.down):
                skips.append(x)
                x = self.down[level](x)
        for up, block in zip(self.up, self.decoder, strict=True):
            x = block(self.rise(up(x)) + skips.pop())
        noise: torch.Tensor = self.fold_out(self.head(x))
        return noise
