"""How each bundled model is trained: every number that shapes a run, in one place, saved beside its weights."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class Stage:
    """One run of the optimiser. ``adult_share``: part of each batch that shows adults (0: none are even loaded).

    ``distrust_at``: fraction of the steps after which uncertain masks that the model strongly disagrees with are left
    out; ``None`` uses those that it is given.
    """

    name: str
    steps: int
    learning_rate: float
    adult_share: float = 0.0
    distrust_at: float | None = None
    strength: float = 1.0
    """How strongly images are varied: ``augment``'s ``strength``."""
    mirrored: bool = True
    """Whether some images are shown as in a mirror. A network that has seen many still finds lungs in a mirrored film,
    but outlines them a little worse in all others: the last stages show films as they are taken."""
    size: int | None = None
    """Edge of the images that this stage learns from; ``None``: the recipe's. A small one shows the shape of things
    several times as often in the same time (progressive resizing); scores are always at the recipe's."""
    warm_up: int = 100
    ema: float = 0.998
    keep_best: bool = True
    """Keep the weights with the best tuning Dice; else the last ones (the tuning part holds no adults, so it must not
    choose how much a stage learns from them)."""
    share: float = 1.0
    """How much of the way from the weights that the stage begins with to those that it finds is gone: half of it learns
    the new and forgets less of the old (Wortsman et al. 2022, arXiv 2109.01903)."""


@dataclass(frozen=True)
class Recipe:
    """A network, its input size and the stages that make its weights."""

    network: str
    arguments: dict[str, Any]
    size: int
    stages: tuple[Stage, ...]
    pretrained: str | None = None
    """Weights that the encoder starts from: a name in ``pretrained.SOURCES``."""
    batch: int = 16
    weight_decay: float = 0.02
    distrust_below: float = 0.85
    """Dice between model and uncertain mask under which the pair counts as mismatched."""
    marks: int = 256
    """Number of drawn overlays (letters, wires) to choose from."""
    validate_every: int = 200
    patience: int = 8
    """Validations without a better tuning score after which a stage ends early."""


RECIPES: dict[str, Recipe] = {
    "cxr-lungs": Recipe(
        network="EfficientUNet",
        arguments={"in_channels": 1, "out_channels": 2, "widths": [32, 48, 96, 128]},
        size=224,
        pretrained="efficientnet-lite0",
        stages=(
            Stage("small", steps=1500, learning_rate=1.5e-3, size=160),
            Stage("large", steps=600, learning_rate=8e-4, distrust_at=0.0, strength=0.5, warm_up=50),
            Stage(
                "finishing",
                steps=2400,
                learning_rate=1e-3,
                distrust_at=0.0,
                strength=0.3,
                mirrored=False,
                warm_up=50,
            ),
            Stage(
                "adults",
                steps=220,
                learning_rate=5e-4,
                adult_share=0.4,
                strength=0.5,
                mirrored=False,
                warm_up=30,
                keep_best=False,
                share=0.5,
            ),
        ),
    ),
}
