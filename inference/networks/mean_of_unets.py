"""Several residual U-Nets that vote: the mean of their probabilities, as logits."""

from __future__ import annotations

from typing import TYPE_CHECKING

import torch
from torch import nn

from inference.networks.residual_unet import ResidualUNet

if TYPE_CHECKING:
    from collections.abc import Sequence


class MeanOfUNets(nn.Module):
    """``members`` equal ``ResidualUNet``s on the same image. (B, in_channels, H, W) → logits (B, out_channels, H, W).

    Their sigmoids are averaged, not their logits, so that one that is very sure does not outvote the others.
    """

    def __init__(
        self,
        members: int = 2,
        in_channels: int = 1,
        out_channels: int = 2,
        widths: Sequence[int] = (32, 48, 96, 128, 192),
        fold: int = 2,
    ) -> None:
        super().__init__()
        if members < 1:
            raise ValueError(f"members must be positive; got {members}")
        self.members = nn.ModuleList(ResidualUNet(in_channels, out_channels, widths, fold) for _ in range(members))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        mean = torch.stack([torch.sigmoid(member(x).float()) for member in self.members]).mean(dim=0)
        return torch.logit(mean, eps=1e-6)
