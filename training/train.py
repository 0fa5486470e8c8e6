"""Train a bundled model: ``python -m training.train cxr-lungs --data DIR --out DIR``.

One straight page: load, then ``fit`` for each stage of the recipe, then export. Every step draws its randomness from
(seed, step), so a run that was killed continues from its checkpoint as if it had not been, and ends with the same
weights on the same machine.
"""

from __future__ import annotations

import argparse
import copy
import dataclasses
import json
import math
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import torch

from inference import networks
from training.augment import augment, burnt_in_marks
from training.data import Arrays, DataError, Row, folds, is_tuning, load, read_rows
from training.losses import dice_and_cross_entropy
from training.pretrained import start_from
from training.recipes import RECIPES, Recipe, Stage
from training.records import Checkpoint, write_log
from training.steps import Progress, descend, draw, fast_bf16, learning_rate, resized, scores, tensors, trusted

Weights = dict[str, torch.Tensor]
FOLDS = 5


def fit(
    recipe: Recipe,
    stage: Stage,
    children: Arrays,
    adults: Arrays | None,
    tuning: Arrays,
    out: Path,
    *,
    seed: int = 0,
    start: Weights | None = None,
    kept: list[int] | None = None,
    device: str = "cpu",
    bf16: bool = False,
    stop_after: int | None = None,
) -> Weights:
    """Run one stage and return its averaged weights (float32, on the CPU): the best on ``tuning``, or the last.

    ``start``: weights to continue from; ``kept``: indices of the children to use (all). At each validation
    ``out/checkpoint.pt`` is written, and picked up when it is there; ``stop_after`` ends the run behind that step as a
    kill would. Also writes ``log.csv`` and ``curves.png``.
    """
    out.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(seed)
    model = networks.build(recipe.network, recipe.arguments)
    if start is not None:
        model.load_state_dict(start)
    elif recipe.pretrained is not None:
        start_from(recipe.pretrained, model)
    size = stage.size or recipe.size
    model.to(device).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    average = copy.deepcopy(model).eval()
    optimiser = torch.optim.AdamW(model.parameters(), lr=stage.learning_rate, weight_decay=recipe.weight_decay)
    marks = burnt_in_marks(size, recipe.marks, torch.Generator().manual_seed(seed)).to(device)

    checkpoint = Checkpoint(out, model=model, average=average, optimiser=optimiser)
    state = checkpoint.resume({"step": 0, "best": -1.0, "best_step": 0, "kept": kept, "log": [], "weights": None})

    bar = Progress(stage.name, stage.steps, state["step"])
    losses: list[float] = []
    while state["step"] < stage.steps and not _exhausted(recipe, state):
        step = state["step"]
        generator = torch.Generator().manual_seed(seed * 1_000_003 + step)
        if stage.distrust_at is not None and step == math.ceil(stage.distrust_at * stage.steps):
            state["kept"] = kept = trusted(average, children, recipe.distrust_below, device, bf16, size)
            bar.note(f"leaves out {len(children.rows) - len(kept)} uncertain masks that it disagrees with")
        young, grown = draw(
            len(children.rows),
            0 if adults is None else len(adults.rows),
            stage.adult_share,
            recipe.batch,
            state["kept"],
            step,
            seed,
        )
        images, targets = children.images[young], children.targets[young]
        if adults is not None and grown:
            images = np.concatenate([images, adults.images[grown]])
            targets = np.concatenate([targets, adults.targets[grown]])
        image, lungs, counted = (resized(part.to(device), size) for part in tensors(images, targets))
        image, lungs, counted = augment(
            image, lungs, counted, marks, generator, stage.strength, mirrored=stage.mirrored
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
            score = float(scores(average, tuning, device, bf16, size=size).mean())
            state["log"].append({"step": step, "loss": float(np.mean(losses)), "tuning_dice": score})
            losses = []
            if score > state["best"] or not stage.keep_best:
                state["best"], state["best_step"] = score, step
                state["weights"] = {name: value.detach().cpu().clone() for name, value in average.state_dict().items()}
            checkpoint.save(state)
            write_log(out, state["log"])
            bar.note(f"step {step}: loss {state['log'][-1]['loss']:.4f}, tuning Dice {score:.4f}")
        if stop_after is not None and step >= stop_after:
            break
    weights: Weights = state["weights"]
    return weights if start is None else between(start, weights, stage.share)


def between(start: Weights, end: Weights, share: float) -> Weights:
    """What lies ``share`` of the way from ``start`` (0) to ``end`` (1); counters are those of the end."""
    return {name: start[name].lerp(value, share) if value.is_floating_point() else value for name, value in end.items()}


def _exhausted(recipe: Recipe, state: dict[str, Any]) -> bool:
    """Early stopping: ``patience`` validations went by without a better one."""
    return bool(state["step"] - state["best_step"] >= recipe.patience * recipe.validate_every)


def train(
    recipe: Recipe, rows: list[Row], out: Path, *, seed: int, device: str, bf16: bool, cross_validate: bool
) -> None:
    """All stages on ``rows``; when asked, the last one also for each fold of adults, with these held out.

    Leaves ``out/weights.pt`` (and ``out/fold<k>/weights.pt``). No stage but the last sees an adult.
    """
    masked = [row for row in rows if row.mask is not None]
    children = [row for row in masked if row.split == "train" and not is_tuning(row)]
    tuning = [row for row in masked if is_tuning(row)]
    adults = [row for row in masked if row.adult]
    if not children or not tuning:
        raise DataError("needs images with masks whose split is 'train', of more than about ten patients")
    sys.stderr.write(f"{len(children)} to train on, {len(tuning)} to tune on, {len(adults)} adults; decoding\n")
    young, judge = load(children, recipe.size), load(tuning, recipe.size)
    grown = load(adults, recipe.size) if adults else None

    def run(stage: Stage, seen: Arrays | None, name: str, start: Weights | None, kept: list[int] | None) -> Weights:
        place = out / name
        return fit(
            recipe, stage, young, seen, judge, place, seed=seed, start=start, kept=kept, device=device, bf16=bf16
        )

    weights: Weights | None = None
    for stage in recipe.stages[:-1]:
        weights = run(stage, None, stage.name, weights, None)
    kept: list[int] | None = None
    if weights is not None:
        network = networks.build(recipe.network, recipe.arguments).to(device)
        network.load_state_dict(weights)
        kept = trusted(network, young, recipe.distrust_below, device, bf16)
    last = recipe.stages[-1]
    if cross_validate and grown is not None:
        of = folds((row.patient for row in adults), FOLDS)
        for fold in range(FOLDS):
            seen = grown.subset([index for index, row in enumerate(adults) if of[row.patient] != fold])
            torch.save(run(last, seen, f"fold{fold}", weights, kept), out / f"fold{fold}" / "weights.pt")
    torch.save(run(last, grown, last.name, weights, kept), out / "weights.pt")


PAGES = {
    "ct-lungs": "training.train_ct_lungs",
    "cxr-pneumonia": "training.train_pneumonia",
    "ct-enhance": "training.train_ct_enhance",
}
"""Models that are trained on a page of their own, each with a ``main`` like this one's."""


def main(arguments: list[str] | None = None) -> int:
    arguments = sys.argv[1:] if arguments is None else arguments
    if arguments and arguments[0] in PAGES:
        return int(import_module(PAGES[arguments[0]]).main(arguments[1:]))
    parser = argparse.ArgumentParser(prog="python -m training.train", description="Train a bundled model.")
    parser.add_argument("id", choices=sorted([*RECIPES, *PAGES]))
    parser.add_argument("--data", type=Path, required=True, help="folder with index.csv and adult.csv, or its parent")
    parser.add_argument(
        "--out", type=Path, required=True, help="checkpoints, curves, weights; one that holds a checkpoint continues"
    )
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--precision", choices=("auto", "fp32", "bf16"), default="auto")
    parser.add_argument("--scale", type=float, default=1.0, help="factor on the steps of every stage, for a quick try")
    parser.add_argument(
        "--cross-validate", action="store_true", help="also train with each fifth of the adult patients held out"
    )
    options = parser.parse_args(arguments)
    recipe = RECIPES[options.id]
    stages = tuple(
        dataclasses.replace(stage, steps=max(1, round(stage.steps * options.scale))) for stage in recipe.stages
    )
    recipe = dataclasses.replace(recipe, stages=stages)
    try:
        options.out.mkdir(parents=True, exist_ok=True)
        settings = {"id": options.id, "seed": options.seed, "recipe": dataclasses.asdict(recipe)}
        (options.out / "settings.json").write_text(json.dumps(settings, indent=1) + "\n", encoding="utf-8")
        bf16 = fast_bf16(options.device) if options.precision == "auto" else options.precision == "bf16"
        train(
            recipe,
            read_rows(options.data),
            options.out,
            seed=options.seed,
            device=options.device,
            bf16=bf16,
            cross_validate=options.cross_validate,
        )
    except (DataError, OSError) as error:
        sys.stderr.write(f"training.train: {error}\n")
        return 3
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
