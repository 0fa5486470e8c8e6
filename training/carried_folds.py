"""The networks of a cross-validation: in their run, or carried in the model folder beside the weights that serve.

A model that learnt from all patients can only be scored by networks that did not. They travel with it, so that its card
can be rebuilt from the model folder alone. Nothing but ``training`` reads them.
"""

from __future__ import annotations

import hashlib
import json
from typing import TYPE_CHECKING, Any

import torch
from safetensors.torch import load, save

from inference.bundle import SECTION
from training.data import DataError

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from inference.bundle import Bundle

Weights = dict[str, torch.Tensor]

PLACE = "models/folds.safetensors"
KEY = "folds_sha256"
"""Where the manifest's section ``training`` has the hash of that file."""


def of_run(run: Path) -> dict[int, Weights]:
    """Fold → weights of every fold that the run has finished. Raises ``DataError`` where there is none."""
    found = {
        int(path.parent.name.removeprefix("fold")): torch.load(path, map_location="cpu", weights_only=True)
        for path in sorted(run.glob("fold*/weights.pt"))
    }
    if not found:
        raise DataError(f"{run} holds no fold with weights (fold0/weights.pt, ...)")
    return found


def packed(folds: Mapping[int, Weights]) -> bytes:
    """The content of the file that a model folder carries."""
    return save({f"{fold}.{name}": value for fold, part in folds.items() for name, value in part.items()})


def carried(bundle: Bundle) -> dict[int, Weights]:
    """Fold → weights that the model folder carries, as they are stored. Raises ``DataError`` where it carries none, or
    others than its manifest says."""
    path = bundle.root / PLACE
    if not path.is_file():
        raise DataError(f"{bundle.root} carries no networks of a cross-validation ({PLACE}): give its training run")
    content = path.read_bytes()
    manifest: dict[str, Any] = json.loads((bundle.root / "configs" / "metadata.json").read_text(encoding="utf-8"))
    if hashlib.sha256(content).hexdigest() != manifest[SECTION]["training"].get(KEY):
        raise DataError(f"{path} is damaged: its SHA-256 is not the manifest's; fetch the model folder again")
    found: dict[int, Weights] = {}
    for name, value in load(content).items():
        fold, rest = name.split(".", 1)
        found.setdefault(int(fold), {})[rest] = value
    return found
