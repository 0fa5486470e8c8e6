"""EfficientNet-Lite0: the convolutional backbone of small devices.

Tan & Le 2019 (arXiv 1905.11946) in its "lite" form (no squeeze-and-excitation, ReLU6 in place of swish; Liu 2020,
github.com/tensorflow/tpu): inverted residual blocks (Sandler et al. 2018, arXiv 1801.04381). Our own implementation;
the parameters have the shapes of the published ImageNet weights, so that training may start from them.
"""

from __future__ import annotations

import torch
from torch import nn
from torch.nn import functional

BLOCKS = (
    # repeats, kernel, stride of the first, expansion, channels
    (1, 3, 1, 1, 16),
    (2, 3, 2, 6, 24),
    (2, 5, 2, 6, 40),
    (3, 3, 2, 6, 80),
    (3, 5, 1, 6, 112),
    (4, 5, 2, 6, 192),
    (1, 3, 1, 6, 320),
)
STEM = 32
CHANNELS = (16, 24, 40, 112, 320)
"""Channels of the feature maps at strides 2, 4, 8, 16, 32."""
LAST_OF_STRIDE = (0, 2, 4, 10, 15)
"""The block that ends each stride."""


class SameConv(nn.Conv2d):
    """A convolution padded as the weights were trained: at stride 2 one pixel more on the right and at the bottom."""

    def __init__(self, inputs: int, outputs: int, kernel: int, stride: int = 1, groups: int = 1) -> None:
        super().__init__(
            inputs, outputs, kernel, stride, (kernel - 1) // 2 if stride == 1 else 0, 1, groups, bias=False
        )
        self.ahead = (kernel - stride) // 2
        self.behind = kernel - stride - self.ahead

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if self.stride[0] > 1:
            x = functional.pad(x, (self.ahead, self.behind, self.ahead, self.behind))
        return super().forward(x)


def _norm(channels: int) -> nn.BatchNorm2d:
    return nn.BatchNorm2d(channels, eps=1e-3, momentum=0.01)


class InvertedResidual(nn.Module):
    """Widen by ``expansion``, filter each channel, narrow. (B, inputs, H, W) → (B, outputs, H/stride, W/stride)."""

    def __init__(self, inputs: int, outputs: int, kernel: int, stride: int, expansion: int) -> None:
        super().__init__()
        wide = inputs * expansion
        self.expand = nn.Sequential(SameConv(inputs, wide, 1), _norm(wide)) if expansion > 1 else None
        self.filter = nn.Sequential(SameConv(wide, wide, kernel, stride, groups=wide), _norm(wide))
        self.project = nn.Sequential(SameConv(wide, outputs, 1), _norm(outputs))
        self.adds = stride == 1 and inputs == outputs

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        wide = x if self.expand is None else functional.relu6(self.expand(x))
        y: torch.Tensor = self.project(functional.relu6(self.filter(wide)))
        return x + y if self.adds else y


class EfficientNetLite0(nn.Module):
    """(B, in_channels, H, W) in 0–1 → maps at strides 2, 4, 8, 16, 32 with ``CHANNELS``; H, W divisible by the last.

    ``levels``: how many of the five strides are computed. Four end at stride 16: a quarter of the parameters, and
    features that see a part of the image each, not all of it.
    """

    def __init__(self, in_channels: int = 1, levels: int = 5) -> None:
        if not 1 <= levels <= len(CHANNELS):
            raise ValueError(f"levels must be 1–{len(CHANNELS)}; got {levels}")
        super().__init__()
        self.stem = nn.Sequential(SameConv(in_channels, STEM, 3, 2), _norm(STEM))
        self.blocks = nn.ModuleList()
        inputs = STEM
        for repeats, kernel, stride, expansion, outputs in BLOCKS:
            for repeat in range(repeats):
                self.blocks.append(InvertedResidual(inputs, outputs, kernel, 1 if repeat else stride, expansion))
                inputs = outputs
        del self.blocks[LAST_OF_STRIDE[levels - 1] + 1 :]

    def forward(self, x: torch.Tensor) -> list[torch.Tensor]:
        # 0–1 to the published weights' −1–1
        x = functional.relu6(self.stem(x * 2 - 1))
        maps = []
        for index, block in enumerate(self.blocks):
            x = block(x)
            if index in LAST_OF_STRIDE:
                maps.append(x)
        return maps
