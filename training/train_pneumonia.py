"""Train ``cxr-pneumonia``: ``python -m training.train cxr-pneumonia --data DIR --out RUN``.

One straight page: decode, then the cycles of the recipe, then a temperature, all from (seed, step), so a run that was
killed continues as if it had not been. ``torchrun --nproc-per-node N -m training.train ...`` shares every batch.
"""

from __future__ import annotations

import argparse
import copy
import csv
import dataclasses
import json
import math
import sys
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from torch import nn
from torch.nn import functional

from inference import networks
from inference.networks.efficientnet_lite import EfficientNetLite0
from training.calibrate import finished
from training.class_metrics import auc, log_loss
from training.data import DataError, Row, is_tuning, read_image, read_rows
from training.parallel import average_gradients, average_statistics, processes, wait
from training.pretrained import start_from
from training.provenance import data_manifest
from training.recipe_pneumonia import CLASSES, RECIPE, Cycle, Recipe
from training.records import Checkpoint, write_log
from training.steps import Progress, fast_bf16, update_average
from training.vary import surrounded, vary

Weights = dict[str, torch.Tensor]
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Films:
    """Decoded radiographs as they are, and their classes (indices into ``CLASSES``)."""

    rows: tuple[Row, ...]
    images: tuple[npt.NDArray[np.uint8], ...]
    classes: npt.NDArray[np.intp]


def read_films(rows: list[Row]) -> Films:
    """Decode ``rows``. Raises ``DataError`` for a label that is not one of ``CLASSES``."""
    for row in rows:
        if row.label not in CLASSES:
            raise DataError(f"{row.name}: label {row.label!r} is none of {', '.join(CLASSES)}")
    classes = np.array([CLASSES.index(row.label) for row in rows], np.intp)
    return Films(tuple(rows), tuple(read_image(row.image) for row in rows), classes)


def draw(classes: npt.NDArray[np.intp], shares: tuple[int, ...], step: int, seed: int) -> list[int]:
    """Indices of batch ``step``: of each class its share; within a class all come once before any comes again."""
    chosen: list[int] = []
    for which, share in enumerate(shares):
        pool = np.flatnonzero(classes == which)
        if not len(pool):
            continue
        for position in range(step * share, (step + 1) * share):
            round_, offset = divmod(position, len(pool))
            chosen.append(int(pool[_order(len(pool), which, round_, seed)[offset]]))
    return chosen


_orders: dict[tuple[int, int, int, int], npt.NDArray[np.intp]] = {}


def _order(length: int, which: int, round_: int, seed: int) -> npt.NDArray[np.intp]:
    key = (length, which, round_, seed)
    if key not in _orders:
        for old in [one for one in _orders if one[1] == which and one[2] < round_ - 1]:
            del _orders[old]
        _orders[key] = np.random.default_rng((seed, which, round_)).permutation(length)
    return _orders[key]


def batch_of(films: Films, recipe: Recipe, step: int, seed: int, part: slice) -> tuple[torch.Tensor, torch.Tensor]:
    """Images (B, 1, S, S) and classes (B,) of ``part`` of batch ``step``, varied."""
    size = cycle_of(recipe, step)[0].size
    chosen = draw(films.classes, recipe.shares, step, seed)
    images = []
    for place, index in list(enumerate(chosen))[part]:
        rng = np.random.default_rng((seed, step, place))
        image = vary(films.images[index], size, rng, recipe.strength)
        if rng.random() < recipe.surrounded:
            other = films.images[int(rng.integers(len(films.images)))]
            image = surrounded(image, vary(other, size, rng, recipe.strength), rng)
        images.append(image)
    return torch.from_numpy(np.stack(images)[:, None]), torch.from_numpy(films.classes[chosen[part]])


def frozen_part(model: nn.Module, blocks: int) -> list[nn.Module]:
    """Stop the stem and the first ``blocks`` of the encoder from learning; returns them, to be kept in evaluation."""
    encoder = model.encoder
    assert isinstance(encoder, EfficientNetLite0)
    still: list[nn.Module] = [encoder.stem, *encoder.blocks[:blocks]] if blocks else []
    for module in still:
        module.requires_grad_(False)
    return still


def cycle_of(recipe: Recipe, step: int) -> tuple[Cycle, int]:
    """The cycle that ``step`` belongs to, and its place in it."""
    for cycle in recipe.cycles:
        if step < cycle.steps:
            return cycle, step
        step -= cycle.steps
    raise ValueError("the step is behind the last cycle")


def learning_rate(cycle: Cycle, step: int) -> float:
    """Linear warm-up, then half a cosine (Loshchilov & Hutter 2016, arXiv 1608.03983) down to a hundredth."""
    if step < cycle.warm_up:
        return cycle.learning_rate * (step + 1) / cycle.warm_up
    done = (step - cycle.warm_up) / max(1, cycle.steps - cycle.warm_up)
    return cycle.learning_rate * (0.01 + 0.99 * 0.5 * (1 + math.cos(math.pi * done)))


def logits_of(
    model: nn.Module, images: list[npt.NDArray[np.float32]], device: str, bf16: bool = False, batch: int = 32
) -> npt.NDArray[np.float32]:
    """(N, C) of prepared images (S, S)."""
    model.eval()
    found = []
    for first in range(0, len(images), batch):
        stack = torch.from_numpy(np.stack(images[first : first + batch])[:, None]).to(device)
        with torch.inference_mode(), torch.autocast(torch.device(device).type, dtype=torch.bfloat16, enabled=bf16):
            found.append(model(stack.contiguous(memory_format=torch.channels_last)).float().cpu().numpy())
    return np.concatenate(found)


def softmax(logits: npt.NDArray[np.floating[Any]], temperature: float = 1.0) -> Floats:
    """Over the last axis, in float64."""
    scaled = np.asarray(logits, np.float64) / temperature
    scaled = np.exp(scaled - scaled.max(axis=-1, keepdims=True))
    return np.asarray(scaled / scaled.sum(axis=-1, keepdims=True))


def judge(model: nn.Module, films: Films, recipe: Recipe, size: int, device: str, bf16: bool) -> dict[str, float]:
    """AUC of pneumonia and log loss on every ``judged``-th of ``films``, varied as in training, the same way each time.

    Varied, because images as they are would soon be answered without error, whatever became of the others.
    """
    chosen = range(0, len(films.images), recipe.judged)
    images = [vary(films.images[one], size, np.random.default_rng((977, one)), recipe.strength) for one in chosen]
    probabilities = softmax(logits_of(model, images, device, bf16))
    classes = films.classes[:: recipe.judged]
    return {"tuning_auc": auc(1 - probabilities[:, 0], classes > 0), "tuning_loss": log_loss(probabilities, classes)}


def fit(
    recipe: Recipe,
    films: Films,
    tuning: Films,
    out: Path,
    *,
    seed: int = 0,
    start: Weights | None = None,
    device: str = "cpu",
    bf16: bool = False,
    rank: int = 0,
    count: int = 1,
    stop_after: int | None = None,
) -> list[Weights]:
    """Run all cycles and return the weights of the kept ends of cycles, best first (float32, on the CPU).

    ``start``: weights of one member to begin from, in place of the recipe's. ``out/checkpoint.pt`` is written at every
    check and picked up when it is there; ``stop_after`` ends the run behind that step as a kill would.
    """
    torch.manual_seed(seed)
    model = networks.build("AttentionClassifier", {**recipe.arguments, "classes": len(CLASSES)})
    if start is not None:
        model.load_state_dict(start)
    elif recipe.pretrained is not None:
        start_from(recipe.pretrained, model)
    model.to(device).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    still = frozen_part(model, recipe.frozen)
    for module in model.modules():
        if isinstance(module, nn.BatchNorm2d):
            module.momentum = recipe.norm_momentum
    average = copy.deepcopy(model).eval()
    optimiser = torch.optim.AdamW(
        [one for one in model.parameters() if one.requires_grad], lr=1e-3, weight_decay=recipe.weight_decay
    )
    checkpoint = Checkpoint(out, model=model, average=average, optimiser=optimiser)
    state = checkpoint.resume({"step": 0, "log": [], "ends": []})

    total = sum(cycle.steps for cycle in recipe.cycles)
    part = slice(rank, None, count)
    bar = Progress("cxr-pneumonia", total, state["step"])
    losses: list[float] = []
    with ThreadPoolExecutor(1) as ahead:
        upcoming: Future[tuple[torch.Tensor, torch.Tensor]] | None = None
        while state["step"] < total:
            step = state["step"]
            cycle, place = cycle_of(recipe, step)
            upcoming = upcoming or ahead.submit(batch_of, films, recipe, step, seed, part)
            image, wanted = (one.to(device) for one in upcoming.result())
            upcoming = ahead.submit(batch_of, films, recipe, step + 1, seed, part) if step + 1 < total else None

            # what the network hides and drops follows from the step too, differently in each process
            torch.manual_seed((seed * 1_000_003 + step) * 64 + rank)
            for group in optimiser.param_groups:
                group["lr"] = learning_rate(cycle, place)
            model.train()
            for module in still:
                module.eval()
            with torch.autocast(torch.device(device).type, dtype=torch.bfloat16, enabled=bf16):
                logits = model(image.contiguous(memory_format=torch.channels_last))
            loss = functional.cross_entropy(logits.float(), wanted, label_smoothing=recipe.smoothing)
            optimiser.zero_grad(set_to_none=True)
            loss.backward()
            average_gradients(model)
            nn.utils.clip_grad_norm_(model.parameters(), 2.0)
            optimiser.step()
            update_average(average, model, min(recipe.ema, (step + 1) / (step + 10)))

            losses.append(float(loss.detach()))
            state["step"] = step = step + 1
            if rank == 0:
                bar.show(step, losses[-1])
            ends = place + 1 == cycle.steps
            if ends or step % recipe.check_every == 0:
                average_statistics(average)
                if rank == 0:
                    entry = judge(average, tuning, recipe, cycle.size, device, bf16)
                    state["log"].append({"step": step, "loss": float(np.mean(losses)), **entry})
                    if ends:
                        weights = {name: value.detach().cpu().clone() for name, value in average.state_dict().items()}
                        state["ends"].append({"step": step, "weights": weights, "loss": entry["tuning_loss"]})
                    checkpoint.save(state)
                    write_log(out, state["log"])
                    bar.note(f"step {step}: {state['log'][-1]}")
                losses = []
                wait()
            if stop_after is not None and step >= stop_after:
                break
    kept = sorted(state["ends"], key=lambda end: end["loss"])[: recipe.members]
    return [end["weights"] for end in kept]


def finished_settings(
    recipe: Recipe, members: list[Weights], films: Films, tuning: Films, out: Path, settings: dict[str, Any]
) -> tuple[Weights, dict[str, Any]]:
    """Weights and settings of the model that ``members`` make: calibrated, with what they were made from."""
    arguments = {**recipe.arguments, "classes": len(CLASSES), "soften": recipe.soften}
    weights, arguments = finished(members, arguments, films, tuning, recipe.size)
    with (out / "log.csv").open(newline="") as stream:
        log = list(csv.DictReader(stream))
    settings = {
        **settings,
        "recipe": dataclasses.asdict(recipe),
        "network": {"name": "SnapshotEnsemble", "arguments": arguments},
        "data": {"trained on": data_manifest(films.rows), "tuned on": data_manifest(tuning.rows)},
        "log": log,
    }
    return weights, settings


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m training.train cxr-pneumonia", description="Train cxr-pneumonia.")
    parser.add_argument("--data", type=Path, required=True, help="folder with index.csv, or its parent")
    parser.add_argument("--out", type=Path, required=True, help="one that holds a checkpoint continues")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--precision", choices=("auto", "fp32", "bf16"), default="auto")
    parser.add_argument("--scale", type=float, default=1.0, help="factor on the steps of every cycle, for a quick try")
    parser.add_argument("--pooling", choices=("self", "dot", "additive", "mean"), default="self")
    parser.add_argument("--max-size", type=int, default=10_000, help="largest edge to train at, for a quick try")
    options = parser.parse_args(arguments)
    cycles = tuple(
        dataclasses.replace(
            cycle, steps=max(1, round(cycle.steps * options.scale)), size=min(cycle.size, options.max_size)
        )
        for cycle in RECIPE.cycles
    )
    recipe = dataclasses.replace(
        RECIPE,
        arguments={**RECIPE.arguments, "pooling": options.pooling},
        cycles=cycles,
        size=min(RECIPE.size, options.max_size),
    )
    try:
        with processes(options.device) as (rank, count, device):
            options.out.mkdir(parents=True, exist_ok=True)
            rows = [row for row in read_rows(options.data) if row.split == "train" and not row.adult]
            films = [row for row in rows if not is_tuning(row)]
            tuning = [row for row in rows if is_tuning(row)]
            if not films or not tuning:
                raise DataError("needs images whose split is 'train', of more than about ten patients")
            settings: dict[str, Any] = {"id": "cxr-pneumonia", "seed": options.seed}
            if rank == 0:
                sys.stderr.write(f"{len(films)} to train on, {len(tuning)} to tune on; decoding\n")
            bf16 = fast_bf16(device) if options.precision == "auto" else options.precision == "bf16"
            seen, judges = read_films(films), read_films(tuning)
            members = fit(
                recipe,
                seen,
                judges,
                options.out,
                seed=options.seed,
                device=device,
                bf16=bf16,
                rank=rank,
                count=count,
            )
            if rank == 0:
                weights, settings = finished_settings(recipe, members, seen, judges, options.out, settings)
                torch.save(weights, options.out / "weights.pt")
                (options.out / "settings.json").write_text(json.dumps(settings, indent=1) + "\n", encoding="utf-8")
    except (DataError, OSError) as error:
        sys.stderr.write(f"training.train: {error}\n")
        return 3
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
