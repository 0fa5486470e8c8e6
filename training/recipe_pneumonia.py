"""How ``cxr-pneumonia`` is trained: every number that shapes a run."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

CLASSES = ("normal", "bacterial", "viral")


@dataclass(frozen=True)
class Cycle:
    """One cycle of the learning rate: up for ``warm_up`` steps, then half a cosine down to (nearly) zero."""

    steps: int
    size: int
    learning_rate: float
    warm_up: int = 20


@dataclass(frozen=True)
class Recipe:
    """Every number that shapes a run. ``shares``: images of each class in a batch."""

    arguments: dict[str, Any] = field(default_factory=lambda: {"width": 128, "heads": 4, "pooling": "self"})
    pretrained: str | None = "efficientnet-lite0"
    frozen: int = 5
    """Blocks of the backbone, from the image on, that keep the weights they started from: edges and textures are the
    same in every department, and training takes a third of the time."""
    cycles: tuple[Cycle, ...] = (
        Cycle(300, 160, 1e-3, 30),
        Cycle(80, 160, 6e-4, 5),
        Cycle(80, 160, 6e-4, 5),
        Cycle(80, 160, 6e-4, 5),
    )
    soften: float = 4 / 3
    """Divides the scores of the attention in the model that ships, behind the training: with it the maps of the tuning
    part follow the lungs best, beside a constant map as widely spread, and the answers stay as good."""
    members: int = 3
    """Ends of cycles that are kept: those with the least tuning loss."""
    size: int = 192
    """Edge of the image that the finished model reads. Larger than in training, where random cropping enlarges what is
    seen by about as much (Touvron et al. 2019, arXiv 1906.06423)."""
    shares: tuple[int, ...] = (12, 10, 10)
    weight_decay: float = 0.03
    smoothing: float = 0.05
    ema: float = 0.985
    norm_momentum: float = 0.01
    """How fast the statistics of normalisation follow the batches."""
    strength: float = 0.8
    surrounded: float = 0.2
    """Share of the images whose surroundings come from another one."""
    check_every: int = 80
    judged: int = 2
    """Every so many-th tuning image judges the training while it runs."""


RECIPE = Recipe()
