"""A U-Net whose way down is EfficientNet-Lite0 and whose way up is residual blocks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import nn
from torch.nn import functional

from inference.networks.efficientnet_lite import CHANNELS, EfficientNetLite0
from inference.networks.residual_unet import ResidualBlock

if TYPE_CHECKING:
    from collections.abc import Sequence


class EfficientUNet(nn.Module):
    """(B, in_channels, H, W) in 0–1 → logits (B, out_channels, H, W); H and W divisible by 32.

    ``widths``: channels on the way up at strides 2, 4, 8, 16. The finest block also sees the image itself, folded into
    channels (Shi et al. 2016, arXiv 1609.05158), since the first layers of the backbone keep little of the fine detail.
    """

    multiple = 32

    def __init__(self, in_channels: int = 1, out_channels: int = 2, widths: Sequence[int] = (32, 48, 96, 128)) -> None:
        super().__init__()
        if len(widths) != len(CHANNELS) - 1 or min(widths) < 1:
            raise ValueError(f"widths must be four positive numbers; got {tuple(widths)}")
        self.encoder = EfficientNetLite0(in_channels)
        self.unfold_in = nn.PixelUnshuffle(2)
        self.decoder = nn.ModuleList()
        inputs = CHANNELS[-1]
        for level in (3, 2, 1, 0):
            across = CHANNELS[level] + (4 * in_channels if level == 0 else 0)
            self.decoder.append(ResidualBlock(inputs + across, widths[level]))
            inputs = widths[level]
        self.head = nn.Conv2d(inputs, out_channels * 4, 1)
        self.fold_out = nn.PixelShuffle(2)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if x.shape[-1] % self.multiple or x.shape[-2] % self.multiple:
            raise ValueError(f"height and width must be multiples of {self.multiple}; got {tuple(x.shape[-2:])}")
        skips = self.encoder(x)
        skips[0] = torch.cat([skips[0], self.unfold_in(x).to(skips[0].dtype)], dim=1)
        y = skips.pop()
        for block in self.decoder:
            y = functional.interpolate(y, scale_factor=2, mode="nearest")
            y = block(torch.cat([y, skips.pop()], dim=1))
        logits: torch.Tensor = self.fold_out(self.head(y))
        return logits
