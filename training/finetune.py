"""Go on training a bundled model on a folder of one's own: ``python -m training.finetune BUNDLE --data DIR --out DIR``.

The folder has the layout that ``training.train`` reads. Of pictures, rows without a split are trained on, a tenth of
their patients judges; of CT, all scans are, with masks of one's own or with pseudo-labels. ``DIR/model`` becomes a
model folder that says what it comes from; nothing of the parent is changed. A run that was killed continues when the
same command is given again.
"""

from __future__ import annotations

import argparse
import dataclasses
import sys
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file

from inference.bundle import Bundle, BundleError, load_bundle
from training import train, train_ct_enhance, train_ct_lungs, train_pneumonia
from training.ct_lungs_data import prepare_all
from training.ct_scans import digest, find_scans
from training.data import DataError, Row, is_tuning, load, read_rows
from training.export import derive
from training.low_dose import load_targets
from training.recipe_pneumonia import RECIPE, Cycle
from training.recipes import RECIPES

Weights = dict[str, torch.Tensor]


def split(rows: list[Row]) -> tuple[list[Row], list[Row]]:
    """(to train on, to judge by): rows of split ``train`` or of none. Raises ``DataError`` when either is empty."""
    usable = [dataclasses.replace(row, split="train") for row in rows if row.split in ("", "train")]
    seen, judges = [row for row in usable if not is_tuning(row)], [row for row in usable if is_tuning(row)]
    if not seen or not judges:
        raise DataError(
            f"{len(usable)} images to train on are too few: a tenth of the patients judges the training, and none is "
            "among them; about twenty patients are the least"
        )
    return seen, judges


def floats(path: Path, prefix: str = "") -> Weights:
    """The stored weights whose names begin with ``prefix``, without it, in float32."""
    return {
        name.removeprefix(prefix): value.float() if value.is_floating_point() else value
        for name, value in load_file(path).items()
        if name.startswith(prefix)
    }


def chest_classes(bundle: Bundle, options: argparse.Namespace) -> tuple[Weights, dict[str, Any]]:
    """Two short cycles from the first member; temperatures and strangeness are fitted anew on the judges."""
    recipe = RECIPE
    steps = options.steps or recipe.cycles[-1].steps
    rate = recipe.cycles[-1].learning_rate / 4
    keep = ("width", "heads", "pooling")
    recipe = dataclasses.replace(
        recipe,
        arguments={name: bundle.arguments[name] for name in keep if name in bundle.arguments},
        cycles=(Cycle(steps, recipe.cycles[-1].size, rate, min(5, steps)),) * 2,
        members=2,
        size=bundle.contract.size,
        check_every=min(recipe.check_every, steps),
        strength=0.6,
    )
    rows = [row for row in read_rows(options.data) if not row.adult]
    seen, judges = (train_pneumonia.read_films(part) for part in split(rows))
    start = floats(bundle.weights_path, "members.0.")
    members = train_pneumonia.fit(
        recipe, seen, judges, options.out, seed=options.seed, start=start, device=options.device
    )
    return train_pneumonia.finished_settings(recipe, members, seen, judges, options.out, {"seed": options.seed})


def lung_fields(bundle: Bundle, options: argparse.Namespace) -> tuple[Weights, dict[str, Any]]:
    """The recipe's last stage again, on the user's masks; adults count like all others."""
    recipe = dataclasses.replace(
        RECIPES["cxr-lungs"],
        network=bundle.network,
        arguments=dict(bundle.arguments),
        size=bundle.contract.size,
    )
    stage = dataclasses.replace(
        recipe.stages[-1],
        name="fine-tuning",
        adult_share=0.0,
        learning_rate=recipe.stages[-1].learning_rate / 2,
        share=1.0,
    )
    stage = dataclasses.replace(
        stage, steps=options.steps or stage.steps, warm_up=min(stage.warm_up, 10), keep_best=True
    )
    recipe = dataclasses.replace(recipe, validate_every=min(recipe.validate_every, max(1, stage.steps // 4)))
    rows = [row for row in read_rows(options.data) if row.mask is not None]
    adopted = [dataclasses.replace(row, split="" if row.adult else row.split) for row in rows]
    seen, judges = split(adopted)
    weights = train.fit(
        recipe,
        stage,
        load(seen, recipe.size),
        None,
        load(judges, recipe.size),
        options.out,
        seed=options.seed,
        start=floats(bundle.weights_path),
        device=options.device,
    )
    return weights, {"seed": options.seed, "stage": dataclasses.asdict(stage)}


def ct_lungs(bundle: Bundle, options: argparse.Namespace) -> tuple[Weights, dict[str, Any]]:
    """The recipe's last stage again, slower, on the user's scans; a tenth of the patients, where any are, draws the
    curve."""
    recipe = dataclasses.replace(
        train_ct_lungs.RECIPE,
        network=bundle.network,
        arguments=dict(bundle.arguments),
        size=bundle.contract.size,
    )
    last = recipe.last_stage
    stage = dataclasses.replace(
        last,
        name="fine-tuning",
        steps=options.steps or last.steps,
        learning_rate=last.learning_rate / 3,
        warm_up=min(last.warm_up, 10),
    )
    recipe = dataclasses.replace(recipe, validate_every=min(recipe.validate_every, stage.steps))
    scans = find_scans(options.data)
    prepared = prepare_all(scans, options.data, recipe.size, options.out / "labels")
    seen = [scan for scan in prepared if not train_ct_lungs.is_tuning(scan.patient)]
    judges = [scan for scan in prepared if train_ct_lungs.is_tuning(scan.patient)]
    if not any((scan.label > 0).any() for scan in seen):
        raise DataError(f"{options.data} holds no CT that shows lung, apart from the tenth of the patients that judges")
    weights = train_ct_lungs.fit(
        recipe,
        stage,
        seen,
        judges,
        options.out,
        seed=options.seed,
        start=floats(bundle.weights_path),
        device=options.device,
    )
    data = {scan.name: {"slices": len(scan.voxels), "sha256": digest(scan)} for scan in scans}
    return weights, {"seed": options.seed, "stage": dataclasses.asdict(stage), "data": data}


def ct_enhance(bundle: Bundle, options: argparse.Namespace) -> tuple[Weights, dict[str, Any]]:
    """The adversarial stage again on the user's quiet slices, whose low dose is simulated first."""
    recipe = dataclasses.replace(
        train_ct_enhance.RECIPE,
        network=bundle.network,
        widths=tuple(bundle.arguments["widths"]),
        blocks=int(bundle.arguments["blocks"]),
    )
    stage = dataclasses.replace(
        recipe.last, steps=options.steps or recipe.last.steps, warm_up=min(recipe.last.warm_up, 10)
    )
    targets, _ = load_targets(options.data, options.out / "cache", options.seed)
    weights = train_ct_enhance.fit(
        recipe,
        stage,
        targets,
        options.out,
        seed=options.seed,
        start=floats(bundle.weights_path),
        device=options.device,
    )
    return weights, {
        "seed": options.seed,
        "stage": dataclasses.asdict(stage),
        "data": train_ct_enhance.manifest(targets),
    }


TASKS = {
    "chest-classification": chest_classes,
    "ct-enhancement": ct_enhance,
    "ct-lung-segmentation": ct_lungs,
    "lung-segmentation": lung_fields,
}
"""How each task goes on: (bundle, options) → weights and settings of the new model."""


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m training.finetune", description="Go on training a bundled model on your own images."
    )
    parser.add_argument("bundle", type=Path, help="model folder to start from")
    parser.add_argument("--data", type=Path, required=True, help="folder with index.csv, or of CT files, or its parent")
    parser.add_argument("--out", type=Path, required=True, help="run folder; the new model is its folder model")
    parser.add_argument("--steps", type=int, default=0, help="steps of a cycle or stage; 0: the recipe's")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    options = parser.parse_args(arguments)
    try:
        bundle = load_bundle(options.bundle)
        if bundle.task not in TASKS:
            raise DataError(f"{bundle.id} cannot be fine-tuned: its task is {bundle.task}, known {', '.join(TASKS)}")
        options.out.mkdir(parents=True, exist_ok=True)
        weights, settings = TASKS[bundle.task](bundle, options)
        derive(bundle, weights, settings, options.out / "model")
    except (BundleError, DataError, OSError) as error:
        sys.stderr.write(f"training.finetune: {error}\n")
        return 3
    sys.stdout.write(f"{options.out / 'model'}: measure it with training.evaluate before you trust it\n")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
