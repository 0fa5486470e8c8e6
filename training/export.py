"""Trained weights → a verified model folder: ``python -m training.export RUN --out FOLDER``."""

from __future__ import annotations

import argparse
import hashlib
import json
import platform
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from safetensors.torch import save

from inference.bundle import SCHEMA, SECTION, Bundle, BundleError, load_bundle
from training import carried_folds, model_facts
from training.data import DataError
from training.recipes import RECIPES

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Weights = dict[str, torch.Tensor]


def compact(weights: Weights) -> Weights:
    """Convolution kernels in float16, everything small (biases, normalisation) as it is: half the file."""
    return {name: (value.half() if value.ndim > 1 else value).contiguous() for name, value in weights.items()}


def export(
    weights: Weights,
    identifier: str,
    settings: dict[str, Any],
    out: Path,
    folds: Mapping[int, Weights] | None = None,
) -> None:
    """Write the model folder ``out``: weights, manifest, licence and a card that has no measurements yet.

    ``settings`` as saved by ``training.train``. ``training.card`` fills in the measurements afterwards. ``folds``: the
    networks of its cross-validation, to be carried along.
    """
    facts = model_facts.FACTS[identifier]
    network = settings.get("network") or {
        "name": RECIPES[identifier].network,
        "arguments": RECIPES[identifier].arguments,
    }
    for folder in ("configs", "models", "docs"):
        (out / folder).mkdir(parents=True, exist_ok=True)
    content = save(compact(weights))
    _write(out / "models" / "model.safetensors", content)
    training: dict[str, Any] = {"settings": settings, "python": platform.python_version()}
    if folds:
        beside = carried_folds.packed({fold: compact(part) for fold, part in folds.items()})
        _write(out / carried_folds.PLACE, beside)
        training[carried_folds.KEY] = hashlib.sha256(beside).hexdigest()
    metadata = {
        **facts.specification,
        "pytorch_version": torch.__version__.split("+")[0],
        "numpy_version": np.__version__,
        "optional_packages_version": {},
        "eval_metrics": {},
        SECTION: {
            "schema": SCHEMA,
            "id": identifier,
            **facts.own,
            "sha256": hashlib.sha256(content).hexdigest(),
            "network": network,
            "training": training,
        },
    }
    write_metadata(out, metadata)
    licence = Path(__file__).resolve().parents[1] / "LICENSE"
    shutil.copyfile(licence, out / "LICENSE")
    if not (out / "docs" / "README.md").exists():
        _write(out / "docs" / "README.md", f"# {facts.own['title']}\n\nNot measured yet.\n".encode())
    load_bundle(out)


def derive(parent: Bundle, weights: Weights, settings: dict[str, Any], out: Path) -> None:
    """Write ``out`` as a model folder like ``parent`` with other ``weights``, as fine-tuning makes them.

    It says what it comes from and that it has not been measured. ``settings["network"]``, where given, replaces the
    arguments of the network. Raises ``BundleError`` when what was written does not load.
    """
    for folder in ("configs", "models", "docs"):
        (out / folder).mkdir(parents=True, exist_ok=True)
    content = save(compact(weights))
    _write(out / "models" / "model.safetensors", content)
    metadata = json.loads((parent.root / "configs" / "metadata.json").read_text(encoding="utf-8"))
    own = metadata[SECTION]
    metadata["eval_metrics"] = {}
    own["id"] = f"{parent.id[:54]}-finetuned"
    own["title"] = f"{parent.title} (fine-tuned)"
    own["sha256"] = hashlib.sha256(content).hexdigest()
    own["network"] = settings.get("network") or own["network"]
    own["training"] = {"settings": settings, "python": platform.python_version(), "parent": str(parent.ref)}
    own["limits"] = [
        "Fine-tuned and not measured since: run training.evaluate on images that it has not seen.",
        *own["limits"],
    ]
    own["training_data"] = [
        *own["training_data"],
        {"name": "A folder of the user's own", "licence": "", "citation": ""},
    ]
    write_metadata(out, metadata)
    shutil.copyfile(parent.root / "LICENSE", out / "LICENSE")
    card = f"# {own['title']}\n\nFine-tuned from {parent.ref}. Not measured yet.\n"
    _write(out / "docs" / "README.md", card.encode())
    load_bundle(out)


def settings_of(bundle: Bundle) -> dict[str, Any]:
    """The settings of the run that made the bundle's weights."""
    found: dict[str, Any] = _read_metadata(bundle.root)[SECTION]["training"]["settings"]
    return found


def _read_metadata(out: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((out / "configs" / "metadata.json").read_text(encoding="utf-8"))
    return found


def put_card(bundle: Bundle, card: str, metrics: dict[str, Any], figures: Iterable[Path]) -> None:
    """Puts the card's text and its ``figures`` into the model folder and ``metrics`` into its manifest.

    Raises ``BundleError`` where what results is no valid model folder.
    """
    write_metadata(bundle.root, {**_read_metadata(bundle.root), "eval_metrics": metrics})
    for figure in figures:
        shutil.copyfile(figure, bundle.card_path.with_name(figure.name))
    write_text(bundle.card_path, card)
    load_bundle(bundle.root)


def write_metadata(out: Path, metadata: dict[str, Any]) -> None:
    _write(out / "configs" / "metadata.json", (json.dumps(metadata, indent=2, ensure_ascii=False) + "\n").encode())


def write_text(path: Path, text: str) -> None:
    _write(path, text.encode())


def _write(path: Path, content: bytes) -> None:
    """Whole or not at all."""
    draft = path.with_name(path.name + ".tmp")
    draft.write_bytes(content)
    draft.replace(path)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m training.export", description="Make a model folder of a training run."
    )
    parser.add_argument("run", type=Path, help="the --out folder of training.train")
    parser.add_argument("--out", type=Path, required=True, help="the model folder to write")
    parser.add_argument("--folds", action="store_true", help="carry the networks of the cross-validation along")
    options = parser.parse_args(arguments)
    try:
        folds = carried_folds.of_run(options.run) if options.folds else None
        settings = json.loads((options.run / "settings.json").read_text(encoding="utf-8"))
        # a run of several parts keeps the weights of all patients in a folder of their own
        final = options.run / "final" / "weights.pt"
        weights = torch.load(
            final if final.is_file() else options.run / "weights.pt", map_location="cpu", weights_only=True
        )
        export(weights, settings["id"], settings, options.out, folds)
    except (OSError, BundleError, DataError) as error:
        sys.stderr.write(f"training.export: {error}\n")
        return 3
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
