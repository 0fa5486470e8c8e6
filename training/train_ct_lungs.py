"""Train ``ct-lungs``: ``python -m training.train ct-lungs --data DIR --out DIR``.

One straight page: label every scan, one fit for each fold of patients, and what ships: one more fit on all, on labels
out of which is taken what the folds are sure is wrong.

Every step draws its randomness from (seed, step), so a run that was killed continues from its checkpoint as if it had
not been, and ends with the same weights on the same machine.
"""

from __future__ import annotations

import argparse
import copy
import dataclasses
import json
import sys
from dataclasses import field
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from torch import nn

from inference import networks
from training.ct_labels import IGNORE
from training.ct_lungs_batches import Mixture, batch_of, plain
from training.ct_lungs_data import Prepared, fold_of, prepare_all
from training.ct_scans import digest, find_scans
from training.data import DataError, patient_hash
from training.losses import dice_and_cross_entropy
from training.recipes import Stage
from training.records import Checkpoint, save_whole, write_log
from training.steps import Progress, descend, fast_bf16, learning_rate

if TYPE_CHECKING:
    from collections.abc import Sequence

Weights = dict[str, torch.Tensor]


@dataclasses.dataclass(frozen=True)
class CtLungsRecipe:
    """Every number that shapes a run of ``ct-lungs``."""

    network: str = "ResidualUNet"
    arguments: dict[str, Any] = field(
        default_factory=lambda: {"in_channels": 4, "out_channels": 2, "widths": [24, 40, 64, 96, 128], "fold": 2}
    )
    size: int = 192
    batch: int = 10
    weight_decay: float = 0.02
    folds: int = 2
    fold_stages: tuple[Stage, ...] = (
        Stage("first", steps=1700, learning_rate=3e-3, warm_up=60, ema=0.99),
        Stage("second", steps=600, learning_rate=1.5e-3, strength=0.6, warm_up=40, ema=0.99),
    )
    """One after another for each fold, from the weights of the one before."""
    last_stage: Stage = field(default=Stage("all", steps=700, learning_rate=1.5e-3, strength=0.6, warm_up=40, ema=0.99))
    """One more fit on all patients, from the first fold's weights, on labels that the folds have cleaned: it ships."""
    mixture: Mixture = field(default=Mixture())
    validate_every: int = 150
    sure: float = 0.95
    """Probability beyond which the fold that has not seen a slice outvotes its pseudo-label."""


RECIPE = CtLungsRecipe()

SEED_STEP = 101
"""Added to the seed for each further stage, so that none repeats the batches of the one before."""


def is_tuning(patient: str) -> bool:
    """A tenth of the patients, by hash, who are never trained on: their Dice draws the curve, and chooses nothing."""
    return patient_hash(patient) % 10 == 0


def fit(
    recipe: CtLungsRecipe,
    stage: Stage,
    scans: Sequence[Prepared],
    tuning: Sequence[Prepared],
    out: Path,
    *,
    seed: int = 0,
    start: Weights | None = None,
    device: str = "cpu",
    bf16: bool = False,
    stop_after: int | None = None,
) -> Weights:
    """Run one stage and return its averaged weights (float32, on the CPU) after the last step.

    ``start``: weights to continue from. At each validation ``out/checkpoint.pt`` is written, and picked up when it is
    there; ``stop_after`` ends the run behind that step as a kill would. Also writes ``log.csv`` and ``curves.png``.
    """
    out.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(seed)
    model = networks.build(recipe.network, recipe.arguments)
    if start is not None:
        model.load_state_dict(start)
    model.to(device).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    average = copy.deepcopy(model).eval()
    optimiser = torch.optim.AdamW(model.parameters(), lr=stage.learning_rate, weight_decay=recipe.weight_decay)
    checkpoint = Checkpoint(out, model=model, average=average, optimiser=optimiser)
    state = checkpoint.resume({"step": 0, "log": []})

    bar = Progress(f"{out.name}", stage.steps, state["step"])
    losses: list[float] = []
    while state["step"] < stage.steps:
        step = state["step"]
        generator = torch.Generator().manual_seed(seed * 1_000_003 + step)
        image, lungs, counted = (
            part.to(device)
            for part in batch_of(scans, recipe.size, recipe.batch, recipe.mixture, generator, stage.strength)
        )
        for group in optimiser.param_groups:
            group["lr"] = learning_rate(stage, step)
        model.train()
        with torch.autocast(torch.device(device).type, dtype=torch.bfloat16, enabled=bf16):
            logits = model(image.contiguous(memory_format=torch.channels_last))
        loss = dice_and_cross_entropy(logits, lungs, counted)
        descend(loss, optimiser, model, average, step=step, ema=stage.ema)

        losses.append(float(loss.detach()))
        state["step"] = step = step + 1
        bar.show(step, losses[-1])
        if step % recipe.validate_every == 0 or step == stage.steps:
            entry = {"step": step, "loss": float(np.mean(losses)), "tuning_dice": tuning_dice(average, tuning, recipe)}
            state["log"].append(entry)
            losses = []
            checkpoint.save(state)
            write_log(out, state["log"])
            bar.note(f"step {step}: loss {entry['loss']:.4f}, tuning Dice {entry['tuning_dice']:.4f}")
        if stop_after is not None and step >= stop_after:
            break
    return {name: value.detach().cpu().clone() for name, value in average.state_dict().items()}


def tuning_dice(average: nn.Module, tuning: Sequence[Prepared], recipe: CtLungsRecipe) -> float:
    """Mean over the two lungs of Dice, all slices of the tuning patients pooled; 0 where there are none."""
    both = torch.zeros(2)
    total = torch.zeros(2)
    for scan in tuning:
        every = max(1, len(scan.hu) // 20)
        image, lungs, counted = plain(scan, range(0, len(scan.hu), every), recipe.size)
        found = (probabilities(average, image) >= 0.5).float() * counted
        wanted = (lungs >= 0.5).float() * counted
        both += (found * wanted).sum(dim=(0, 2, 3))
        total += (found + wanted).sum(dim=(0, 2, 3))
    return float((2 * both / total.clamp(min=1)).mean())


def probabilities(network: nn.Module, image: torch.Tensor, batch: int = 16) -> torch.Tensor:
    """(N, 4, S, S) → (N, 2, S, S), on the CPU, in fp32."""
    network.eval()
    device = next(network.parameters()).device
    with torch.inference_mode():
        parts = [torch.sigmoid(network(part.to(device)).float()).cpu() for part in image.split(batch)]
    return torch.cat(parts)


def cleaned(scan: Prepared, network: nn.Module, recipe: CtLungsRecipe) -> Prepared:
    """``scan`` with ``IGNORE`` where ``network``, which has not seen its patient, is sure that the label is wrong.

    Self-training that only takes away: an error of the classical method is no longer taught, and none is invented.
    """
    label = scan.label.copy()
    margin = (label.shape[-1] - recipe.size) // 2
    inner = slice(margin, margin + recipe.size)
    for first in range(0, len(label), 64):
        indices = range(first, min(first + 64, len(label)))
        image, _, _ = plain(scan, indices, recipe.size)
        found = probabilities(network, image).numpy()
        part = label[first : first + 64, inner, inner]
        for side in (1, 2):
            marked = part == side
            wrong = np.where(marked, found[:, side - 1] < 1 - recipe.sure, found[:, side - 1] > recipe.sure)
            part[wrong & (part != IGNORE)] = IGNORE
    return dataclasses.replace(scan, label=label)


def train(
    recipe: CtLungsRecipe, scans: Sequence[Prepared], out: Path, *, seed: int, device: str, bf16: bool, only: str = ""
) -> None:
    """Folds, then all. Leaves ``out/fold<k>/weights.pt`` and ``out/weights.pt``; ``only`` names one fit to run."""
    of = fold_of(scans, recipe.folds)
    tuning = [scan for scan in scans if is_tuning(scan.patient)]
    for fold in range(recipe.folds):
        place = out / f"fold{fold}"
        if only in ("", place.name) and not (place / "weights.pt").is_file():
            seen = [scan for scan in scans if of[scan.patient] != fold and not is_tuning(scan.patient)]
            judge = [scan for scan in tuning if of[scan.patient] != fold]
            weights: Weights | None = None
            for index, stage in enumerate(recipe.fold_stages):
                weights = fit(
                    recipe,
                    stage,
                    seen,
                    judge,
                    place / stage.name,
                    seed=seed + SEED_STEP * index,
                    start=weights,
                    device=device,
                    bf16=bf16,
                )
            save_whole(place / "weights.pt", weights or {})
    if only not in ("", "all"):
        return
    clean = []
    for scan in scans:
        if not is_tuning(scan.patient):
            clean.append(cleaned(scan, network_of(recipe, out / f"fold{of[scan.patient]}" / "weights.pt"), recipe))
    start = torch.load(out / "fold0" / "weights.pt", map_location="cpu", weights_only=True)
    seed += SEED_STEP * len(recipe.fold_stages)
    weights = fit(
        recipe, recipe.last_stage, clean, tuning, out / "all", seed=seed, start=start, device=device, bf16=bf16
    )
    save_whole(out / "weights.pt", weights)


def network_of(recipe: CtLungsRecipe, path: Path) -> nn.Module:
    """The network with the weights that a fit left at ``path``."""
    network = networks.build(recipe.network, recipe.arguments)
    network.load_state_dict(torch.load(path, map_location="cpu", weights_only=True))
    return network.requires_grad_(False).eval()


def scaled(recipe: CtLungsRecipe, scale: float) -> CtLungsRecipe:
    """The recipe with ``scale`` times the steps."""

    def shorter(stage: Stage) -> Stage:
        return dataclasses.replace(stage, steps=max(1, round(stage.steps * scale)))

    return dataclasses.replace(
        recipe,
        fold_stages=tuple(shorter(stage) for stage in recipe.fold_stages),
        last_stage=shorter(recipe.last_stage),
    )


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m training.train ct-lungs", description="Train the CT lung model.")
    parser.add_argument("--data", type=Path, required=True, help="folder of CT files, or its parent")
    parser.add_argument(
        "--out", type=Path, required=True, help="labels, checkpoints, curves, weights; one that holds some continues"
    )
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--precision", choices=("auto", "fp32", "bf16"), default="auto")
    parser.add_argument("--scale", type=float, default=1.0, help="factor on the steps of every fit, for a quick try")
    parser.add_argument("--part", default="", help="only this fit: fold0, fold1, ... or all")
    options = parser.parse_args(arguments)
    recipe = scaled(RECIPE, options.scale)
    try:
        options.out.mkdir(parents=True, exist_ok=True)
        scans = find_scans(options.data)
        if all(scan.single for scan in scans):
            raise DataError(f"{options.data} holds no CT volume: at least one stack of slices of the chest is needed")
        sys.stderr.write(f"{len(scans)} scans of {len({scan.patient for scan in scans})} patients\n")
        settings = {
            "id": "ct-lungs",
            "seed": options.seed,
            "network": {"name": recipe.network, "arguments": recipe.arguments},
            "recipe": dataclasses.asdict(recipe),
            "data": {scan.name: {"slices": len(scan.voxels), "sha256": digest(scan)} for scan in scans},
        }
        (options.out / "settings.json").write_text(json.dumps(settings, indent=1) + "\n", encoding="utf-8")
        bf16 = fast_bf16(options.device) if options.precision == "auto" else options.precision == "bf16"
        prepared = prepare_all(scans, options.data, recipe.size, options.out / "labels")
        train(recipe, prepared, options.out, seed=options.seed, device=options.device, bf16=bf16, only=options.part)
    except (DataError, OSError) as error:
        sys.stderr.write(f"training.train: {error}\n")
        return 3
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
