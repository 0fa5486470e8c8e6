"""The adversary of ``ct-enhance``: judges patches, not images."""

from __future__ import annotations

import torch
from torch import nn
from torch.nn.utils.parametrizations import spectral_norm


class PatchDiscriminator(nn.Module):
    """(B, 2, H, W), the noisy image and a candidate for it → one logit a patch (B, 1, about H/8, about W/8).

    PatchGAN (Isola et al. 2016, arXiv 1611.07004) whose patches of 46² pixels hold the texture of noise, not organs;
    each convolution but the last has spectral norm one (Miyato et al. 2018, arXiv 1802.05957). Used in training only,
    never shipped.
    """

    def __init__(self, width: int = 32) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        inputs = 2
        for outputs in (width, 2 * width, 3 * width):
            layers += [spectral_norm(nn.Conv2d(inputs, outputs, 4, 2, 1)), nn.LeakyReLU(0.2)]
            inputs = outputs
        # free in its strength: textures differ by little, and the verdict must be able to grow
        layers.append(nn.Conv2d(inputs, 1, 4, 1, 1))
        self.layers = nn.Sequential(*layers)

    def forward(self, noisy: torch.Tensor, candidate: torch.Tensor) -> torch.Tensor:
        logits: torch.Tensor = self.layers(torch.cat([noisy, candidate], dim=1))
        return logits
