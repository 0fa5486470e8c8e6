"""A residual U-Net that spends its time at half resolution.

Ronneberger et al. 2015 (arXiv 1505.04597) with residual blocks (He et al. 2015, arXiv 1512.03385). The image is folded
into channels on the way in and unfolded on the way out (sub-pixel convolution, Shi et al. 2016, arXiv 1609.05158): the
output still has one value per input pixel, at a quarter of the cost of convolving at full resolution.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import nn
from torch.nn import functional

if TYPE_CHECKING:
    from collections.abc import Sequence


class ResidualBlock(nn.Module):
    """Two 3×3 convolutions around a shortcut. (B, inputs, H, W) → (B, outputs, H/stride, W/stride)."""

    def __init__(self, inputs: int, outputs: int, stride: int = 1) -> None:
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.norm1 = nn.BatchNorm2d(outputs)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)
        self.norm2 = nn.BatchNorm2d(outputs)
        self.shortcut: nn.Module = nn.Identity()
        if inputs != outputs or stride != 1:
            self.shortcut = nn.Sequential(nn.Conv2d(inputs, outputs, 1, stride, bias=False), nn.BatchNorm2d(outputs))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        y = functional.relu(self.norm1(self.conv1(x)))
        y = self.norm2(self.conv2(y))
        return functional.relu(y + self.shortcut(x))


class ResidualUNet(nn.Module):
    """(B, in_channels, H, W) → logits (B, out_channels, H, W); H and W divisible by ``fold · 2^(len(widths) − 1)``.

    ``widths``: channels of each resolution, finest first. ``fold``: edge of the pixel square folded into channels.
    """

    def __init__(
        self, in_channels: int = 1, out_channels: int = 2, widths: Sequence[int] = (32, 48, 96, 128, 192), fold: int = 2
    ) -> None:
        super().__init__()
        if not widths or min(widths) < 1 or fold < 1:
            raise ValueError(f"widths and fold must be positive; got {tuple(widths)}, {fold}")
        self.multiple = fold * 2 ** (len(widths) - 1)
        self.unfold_in = nn.PixelUnshuffle(fold)
        self.encoder = nn.ModuleList()
        inputs = in_channels * fold * fold
        for level, width in enumerate(widths):
            self.encoder.append(ResidualBlock(inputs, width, stride=1 if level == 0 else 2))
            inputs = width
        self.decoder = nn.ModuleList()
        for width in reversed(widths[:-1]):
            self.decoder.append(ResidualBlock(inputs + width, width))
            inputs = width
        self.head = nn.Conv2d(inputs, out_channels * fold * fold, 1)
        self.fold_out = nn.PixelShuffle(fold)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if x.shape[-1] % self.multiple or x.shape[-2] % self.multiple:
            raise ValueError(f"height and width must be multiples of {self.multiple}; got {tuple(x.shape[-2:])}")
        x = self.unfold_in(x)
        skips: list[torch.Tensor] = []
        for block in self.encoder:
            x = block(x)
            skips.append(x)
        skips.pop()
        for block in self.decoder:
            x = functional.interpolate(x, scale_factor=2, mode="nearest")
            x = block(torch.cat([x, skips.pop()], dim=1))
        logits: torch.Tensor = self.fold_out(self.head(x))
        return logits
