"""Network architectures, one a file. Importing this package does not import torch; ``build`` does.

To add one: a file whose class takes only JSON-able keyword arguments, and a line in ``_WHERE``.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Mapping

    from torch import nn

_WHERE = {
    "AttentionClassifier": "inference.networks.attention_classifier",
    "DenoisingUNet": "inference.networks.denoising_unet",
    "EfficientUNet": "inference.networks.efficient_unet",
    "ResidualUNet": "inference.networks.residual_unet",
    "SnapshotEnsemble": "inference.networks.attention_classifier",
}


def names() -> tuple[str, ...]:
    """The architectures that a bundle's manifest may name."""
    return tuple(sorted(_WHERE))


def build(name: str, arguments: Mapping[str, Any]) -> nn.Module:
    """A freshly initialised network. Raises ``ValueError`` for an unknown name or arguments that it does not take."""
    if name not in _WHERE:
        raise ValueError(f"unknown network {name!r}; known: {', '.join(names())}")
    network_class = getattr(import_module(_WHERE[name]), name)
    try:
        network: nn.Module = network_class(**arguments)
    except TypeError as error:
        raise ValueError(f"{name} does not take these arguments: {error}") from error
    return network
