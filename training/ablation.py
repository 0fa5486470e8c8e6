"""Which way of pooling reads most from the same features: ``python -m training.ablation --data DIR [--json F]``.

The ImageNet backbone stays as it is and its maps are computed once, so that a way of pooling costs seconds and nothing
but the pooling differs. Heads are trained on varied images of ``train``, one of each, and compared on its tuning part,
as it is and varied.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch.nn import functional

from inference import networks
from inference.networks.attention_classifier import POOLINGS
from inference.preprocess import prepare
from training.attention import entropy
from training.class_metrics import auc, log_loss
from training.data import DataError, is_tuning, read_rows
from training.pretrained import start_from
from training.recipe_pneumonia import CLASSES
from training.train_pneumonia import Films, draw, read_films, softmax
from training.vary import vary

SIZE, VIEWS, BATCH, STEPS, SEEDS = 160, 1, (24, 20, 20), 250, 3
STRENGTH = 0.8
Maps = torch.Tensor
"""(N, channels, h, w) float16."""


def backbone() -> Any:
    """EfficientNet-Lite0 up to stride 16 as published."""
    network: Any = networks.build("AttentionClassifier", {"classes": len(CLASSES)})
    start_from("efficientnet-lite0", network)
    return network.encoder.eval()


def maps_of(encoder: Any, images: list[npt.NDArray[np.float32]], batch: int = 32) -> Maps:
    """The last map of each prepared image."""
    found = []
    for first in range(0, len(images), batch):
        stack = torch.from_numpy(np.stack(images[first : first + batch])[:, None])
        with torch.inference_mode():
            found.append(encoder(stack.contiguous(memory_format=torch.channels_last))[-1].half())
    return torch.cat(found)


def head(pooling: str, maps: Maps, classes: npt.NDArray[np.intp], seed: int, steps: int = STEPS) -> Any:
    """Projection, pooling and classifier trained on ``maps`` (views × N, ...) of images of ``classes`` (N,)."""
    torch.manual_seed(seed)
    network: Any = networks.build("AttentionClassifier", {"pooling": pooling, "classes": len(CLASSES)}).train()
    parts = [*network.project.parameters(), *network.pool.parameters(), *network.classify.parameters()]
    optimiser = torch.optim.AdamW(parts, lr=2e-3, weight_decay=0.03)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, 2e-3, total_steps=steps)
    count = len(classes)
    for step in range(steps):
        chosen = np.array(draw(classes, BATCH, step, seed))
        view = np.random.default_rng((seed, step)).integers(len(maps) // count, size=len(chosen))
        features = functional.relu(network.project(maps[chosen + count * view].float()))
        logits, _ = network.answer(features)
        loss = functional.cross_entropy(logits, torch.from_numpy(classes[chosen]), label_smoothing=0.05)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        optimiser.step()
        schedule.step()
    return network.eval()


def judged(network: Any, maps: Maps, classes: npt.NDArray[np.intp]) -> dict[str, float]:
    """AUC of pneumonia, AUC of viral among pneumonia, log loss, and how widely the attention is spread (0 to 1)."""
    with torch.inference_mode():
        logits, weights = network.answer(functional.relu(network.project(maps.float())))
    probabilities = softmax(logits.numpy())
    ill = classes > 0
    share = probabilities[ill, 2] / probabilities[ill, 1:].sum(axis=1)
    mean = weights.mean(dim=1).numpy()
    return {
        "auc": auc(1 - probabilities[:, 0], ill),
        "auc_last_against_middle": auc(share, classes[ill] == 2),
        "log_loss": log_loss(probabilities, classes),
        "spread": float(np.mean([entropy(one) for one in mean]) / np.log(mean[0].size)),
    }


def compare(films: Films, tuning: Films, steps: int = STEPS) -> dict[str, dict[str, dict[str, list[float]]]]:
    """pooling → ``as they are`` and ``varied`` → measure → a value a seed."""
    encoder = backbone()
    varied = [
        vary(image, SIZE, np.random.default_rng((view, index)), STRENGTH)
        for view in range(VIEWS)
        for index, image in enumerate(films.images)
    ]
    seen = maps_of(encoder, varied)
    sets = {
        "as they are": maps_of(encoder, [prepare(image, SIZE) for image in tuning.images]),
        "varied": maps_of(
            encoder,
            [vary(one, SIZE, np.random.default_rng((77, n)), STRENGTH) for n, one in enumerate(tuning.images)],
        ),
    }
    result: dict[str, dict[str, dict[str, list[float]]]] = {}
    for pooling in POOLINGS:
        entries: dict[str, dict[str, list[float]]] = {name: {} for name in sets}
        for seed in range(SEEDS):
            network = head(pooling, seen, films.classes, seed, steps)
            for name, maps in sets.items():
                for measure, value in judged(network, maps, tuning.classes).items():
                    entries[name].setdefault(measure, []).append(value)
        result[pooling] = entries
        varied_auc = entries["varied"]["auc"]
        sys.stdout.write(
            f"{pooling:10} varied: AUC {np.mean(varied_auc):.4f} ({min(varied_auc):.4f}–{max(varied_auc):.4f})\n"
        )
    return result


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m training.ablation", description="Compare ways of pooling.")
    parser.add_argument("--data", type=Path, required=True, help="folder with index.csv, or its parent")
    parser.add_argument("--json", type=Path, help="save all numbers here")
    parser.add_argument("--steps", type=int, default=STEPS, help="steps of each head")
    options = parser.parse_args(arguments)
    try:
        rows = [row for row in read_rows(options.data) if row.split == "train" and not row.adult]
        films, tuning = ([row for row in rows if is_tuning(row) is wanted] for wanted in (False, True))
        if not films or not tuning:
            raise DataError("needs images whose split is 'train', of more than about ten patients")
        found = compare(read_films(films), read_films(tuning), options.steps)
        if options.json:
            options.json.write_text(json.dumps(found, indent=1) + "\n", encoding="utf-8")
    except (DataError, OSError) as error:
        sys.stderr.write(f"training.ablation: {error}\n")
        return 3
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
