"""Train ``ct-enhance``: ``python -m training.train ct-enhance --data DIR --out RUN [--part …]``.

One straight page: targets with simulated noise, then ``fit`` for each stage, adversarial in the last. Every batch is
drawn from (seed, step), so a run that was killed continues from its checkpoint as if it had not been.

Parts, each in a folder of its own under ``--out``:

- ``common``: pixels only, on the patient with most slices;
- ``base<g>``: pixels only, on the patients outside of the folds in ``GROUPS[g]``; continues ``common`` unless these
  hold its patient: the long stage, which the folds of a group share without one of them seeing its own patients;
- ``longer<g>``: as much again from there, on other patches;
- ``fold<k>``: continues the long stage of its group on the patients outside of fold k;
- ``sweep``: from the pixel stage of fold 0, the last stage once for each adversarial weight;
- ``final``: continues ``base0`` on all patients; its weights are the ones to export, in ``weights.pt``.
"""

from __future__ import annotations

import argparse
import copy
import dataclasses
import hashlib
import json
import math
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch

from inference import networks
from inference.tasks.ct_enhance import SCALE
from training.data import DataError
from training.discriminator import PatchDiscriminator
from training.enhance_steps import Patches, pixel_loss
from training.losses import discriminator_hinge, generator_hinge, structural_dissimilarity
from training.low_dose import FOLDS, Target, fold_of, load_targets
from training.records import Checkpoint, write_log
from training.steps import Progress, descend, fast_bf16

if TYPE_CHECKING:
    from collections.abc import Sequence

Weights = dict[str, torch.Tensor]


@dataclass(frozen=True)
class Stage:
    """One run of the optimisers. ``adversarial``: the weight of the adversary in the generator's loss."""

    name: str
    steps: int
    learning_rate: float
    adversarial: float = 0.0
    warm_up: int = 40


@dataclass(frozen=True)
class Recipe:
    """Every number that shapes a run."""

    network: str = "DenoisingUNet"
    widths: tuple[int, ...] = (32, 64, 96)
    blocks: int = 1
    patch: int = 96
    batch: int = 8
    structural: float = 0.5
    structural_range: float = 400.0
    """HU: the window of soft tissue, so that structure there counts as much as that of bone."""
    adversary_rate: float = 2e-3
    ema: float = 0.99
    keep_every: int = 50
    common: Stage = Stage("pixels", 500, 2e-3)
    base: Stage = Stage("pixels", 4000, 1.5e-3)
    longer: Stage = Stage("pixels", 4000, 1.2e-3)
    pixels: Stage = Stage("pixels", 300, 6e-4)
    last: Stage = Stage("adversarial", 120, 4e-4, adversarial=0.01, warm_up=20)
    sweep: tuple[float, ...] = (0.0, 0.003, 0.01, 0.05)
    """Weights of the adversary that are compared: none, low, chosen, high."""

    @property
    def arguments(self) -> dict[str, Any]:
        return {"widths": list(self.widths), "blocks": self.blocks, "fold": 2}


RECIPE = Recipe()
GROUPS = ((0, 1), (2, 3, 4))
"""Folds that share their long stage."""


def fit(
    recipe: Recipe,
    stage: Stage,
    targets: Sequence[Target],
    out: Path,
    *,
    seed: int = 0,
    start: Weights | None = None,
    device: str = "cpu",
    bf16: bool = False,
    stop_after: int | None = None,
) -> Weights:
    """Run one stage on ``targets`` and return the averaged weights (float32, on the CPU).

    ``out/checkpoint.pt`` is written every ``keep_every`` steps and picked up when it is there; ``stop_after`` ends the
    run behind that step as a kill would. Also writes ``log.csv`` and ``curves.png``.
    """
    out.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(seed)
    model = networks.build(recipe.network, recipe.arguments)
    if start is not None:
        model.load_state_dict(start)
    model = model.to(device).to(memory_format=torch.channels_last)  # type: ignore[call-overload]
    average = copy.deepcopy(model).requires_grad_(False)
    adversary = PatchDiscriminator().to(device)
    optimiser = torch.optim.AdamW(model.parameters(), lr=stage.learning_rate, weight_decay=0.0)
    opponent = torch.optim.Adam(adversary.parameters(), lr=recipe.adversary_rate, betas=(0.5, 0.99))
    checkpoint = Checkpoint(
        out, model=model, average=average, adversary=adversary, optimiser=optimiser, opponent=opponent
    )
    state = checkpoint.resume({"step": 0, "log": []})

    patches = Patches(targets, recipe.patch, seed)
    bar = Progress(f"{out.parent.name}/{out.name}", stage.steps, state["step"])
    sums: Counter[str] = Counter()
    for step in range(state["step"], stage.steps):
        batch = patches.draw(step, recipe.batch)
        batch = dataclasses.replace(
            batch, low=batch.low.to(device), clean=batch.clean.to(device), added=batch.added.to(device)
        )
        for group in optimiser.param_groups:
            group["lr"] = stage.learning_rate * _schedule(step, stage)
        low = (batch.low / SCALE).contiguous(memory_format=torch.channels_last)
        with torch.autocast(torch.device(device).type, dtype=torch.bfloat16, enabled=bf16):
            noise = model(low)
        found = batch.low - noise.float() * SCALE
        pixel = pixel_loss(found, batch)
        structure = structural_dissimilarity(found, batch.clean, recipe.structural_range)
        loss = pixel + recipe.structural * structure
        values = {"pixel": pixel, "structural": structure}
        if stage.adversarial:
            for group in opponent.param_groups:
                group["lr"] = recipe.adversary_rate * _schedule(step, stage)
            seen, real, fake = (_windowed(image) for image in (batch.low, batch.clean, found))
            judged = discriminator_hinge(adversary(seen, real), adversary(seen, fake.detach()))
            opponent.zero_grad(set_to_none=True)
            judged.backward()
            opponent.step()
            adversary.requires_grad_(False)
            fooled = generator_hinge(adversary(seen, fake))
            adversary.requires_grad_(True)
            loss = loss + stage.adversarial * fooled
            values |= {"adversarial": fooled, "adversary": judged}
        descend(loss, optimiser, model, average, step=step, ema=recipe.ema)

        sums.update({name: float(value.detach()) for name, value in values.items()})
        state["step"] = step + 1
        bar.show(step + 1, float(loss.detach()))
        if (step + 1) % recipe.keep_every == 0 or step + 1 == stage.steps:
            count = recipe.keep_every if (step + 1) % recipe.keep_every == 0 else (step + 1) % recipe.keep_every
            state["log"].append({"step": step + 1, **{name: sums[name] / count for name in values}})
            sums.clear()
            checkpoint.save(state)
            write_log(out, state["log"])
            bar.note(", ".join(f"{name} {value:.4g}" for name, value in state["log"][-1].items()))
        if stop_after is not None and step + 1 >= stop_after:
            break
    return {name: value.detach().cpu().clone() for name, value in average.state_dict().items()}


def _schedule(step: int, stage: Stage) -> float:
    """Linear warm-up, then half a cosine down to zero (Loshchilov & Hutter 2016, arXiv 1608.03983)."""
    if step < stage.warm_up:
        return (step + 1) / stage.warm_up
    return 0.5 * (1 + math.cos(math.pi * (step - stage.warm_up) / max(1, stage.steps - stage.warm_up)))


def _windowed(hu: torch.Tensor) -> torch.Tensor:
    """HU → what the adversary sees: linear and steep around soft tissue, bounded for air and bone."""
    return torch.tanh((hu - 40) / 300) * 15


def common_patients(targets: Sequence[Target]) -> set[str]:
    """The patient with most slices: one who alone is enough to begin with."""
    counts = Counter(target.header.patient for target in targets)
    return {max(counts, key=lambda patient: (counts[patient], patient))}


class Run:
    """The parts of one training, each made when it is asked for and kept in its folder."""

    def __init__(
        self,
        recipe: Recipe,
        targets: list[Target],
        out: Path,
        *,
        seed: int = 0,
        device: str = "cpu",
        bf16: bool = False,
    ) -> None:
        self.recipe, self.targets, self.out = recipe, targets, out
        self.seed, self.device, self.bf16 = seed, device, bf16
        self.folds = fold_of(targets)
        self.first = common_patients(targets)

    def _stage(
        self, stage: Stage, targets: list[Target], place: Path, start: Weights | None, *, seed: int | None = None
    ) -> Weights:
        kept = place / "weights.pt"
        if not kept.is_file():
            weights = fit(
                self.recipe,
                stage,
                targets,
                place,
                seed=self.seed if seed is None else seed,
                start=start,
                device=self.device,
                bf16=self.bf16,
            )
            torch.save(weights, kept)
        loaded: Weights = torch.load(kept, map_location="cpu", weights_only=True)
        return loaded

    def common(self) -> Weights:
        members = [target for target in self.targets if target.header.patient in self.first]
        return self._stage(self.recipe.common, members, self.out / "common", None)

    def base(self, group: int) -> Weights:
        """The long pixel stage without the folds of a group."""
        members = [target for target, own in zip(self.targets, self.folds, strict=True) if own not in GROUPS[group]]
        if not members:
            raise DataError(f"too few patients: all lie in the folds {GROUPS[group]}")
        start = self.common() if self.first <= {target.header.patient for target in members} else None
        start = self._stage(self.recipe.base, members, self.out / f"base{group}", start)
        return self._stage(self.recipe.longer, members, self.out / f"longer{group}", start, seed=self.seed + 1)

    def pixels(self, fold: int | None) -> Weights:
        """The pixel stage without ``fold``, or with all patients."""
        place = self.out / ("final" if fold is None else f"fold{fold}") / "pixels"
        group = next((number for number, folds in enumerate(GROUPS) if fold in folds), 0)
        return self._stage(self.recipe.pixels, self._seen(fold), place, self.base(group))

    def last(self, fold: int | None) -> Weights:
        place = self.out / ("final" if fold is None else f"fold{fold}")
        weights = self._stage(self.recipe.last, self._seen(fold), place / "last", self.pixels(fold))
        torch.save(weights, (self.out if fold is None else place) / "weights.pt")
        return weights

    def sweep(self) -> None:
        start = self.pixels(0)
        for weight in self.recipe.sweep:
            stage = dataclasses.replace(self.recipe.last, adversarial=weight)
            self._stage(stage, self._seen(0), self.out / "sweep" / f"{weight:g}", start)

    def _seen(self, fold: int | None) -> list[Target]:
        return [target for target, own in zip(self.targets, self.folds, strict=True) if own != fold]


def manifest(targets: Sequence[Target]) -> list[dict[str, str | float]]:
    """What a run saw: the SHA-256 of each slice's HU and its measured noise. No path, no patient."""
    return [
        {"sha256": hashlib.sha256(target.hu.tobytes()).hexdigest(), "level_hu": round(target.level, 2)}
        for target in targets
    ]


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m training.train ct-enhance", description="Train ct-enhance.")
    parser.add_argument("--data", type=Path, required=True, help="folder of CT slices, or the parent of its folder ct")
    parser.add_argument("--out", type=Path, required=True, help="checkpoints, curves, weights; an old run continues")
    parser.add_argument("--cache", type=Path, help="folder for simulated noise (default: OUT/cache)")
    parser.add_argument(
        "--part",
        action="append",
        choices=("common", "sweep", "final", *(f"fold{fold}" for fold in range(FOLDS))),
        help="only this part; may be given again (default: final)",
    )
    parser.add_argument("--cross-validate", action="store_true", help="also the sweep and each fold")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--device", default="cuda" if torch.cuda.is_available() else "cpu")
    parser.add_argument("--precision", choices=("auto", "fp32", "bf16"), default="auto")
    parser.add_argument("--scale", type=float, default=1.0, help="factor on the steps of every stage, for a quick try")
    options = parser.parse_args(arguments)
    stages = {
        name: dataclasses.replace(stage, steps=max(1, round(stage.steps * options.scale)))
        for name in ("common", "base", "longer", "pixels", "last")
        for stage in [getattr(RECIPE, name)]
    }
    recipe = dataclasses.replace(RECIPE, **stages)
    bf16 = fast_bf16(options.device) if options.precision == "auto" else options.precision == "bf16"
    wanted = options.part or ["final"]
    if options.cross_validate:
        wanted = ["sweep", *(f"fold{fold}" for fold in range(FOLDS)), *wanted]
    try:
        options.out.mkdir(parents=True, exist_ok=True)
        targets, _ = load_targets(options.data, options.cache or options.out / "cache", options.seed)
        patients = len({target.header.patient for target in targets})
        sys.stderr.write(f"{len(targets)} slices of {patients} patients\n")
        settings = {
            "id": "ct-enhance",
            "seed": options.seed,
            "network": {"name": recipe.network, "arguments": recipe.arguments},
            "recipe": dataclasses.asdict(recipe),
            "data": manifest(targets),
        }
        (options.out / "settings.json").write_text(json.dumps(settings, indent=1) + "\n", encoding="utf-8")
        run = Run(recipe, targets, options.out, seed=options.seed, device=options.device, bf16=bf16)
        for part in wanted:
            if part == "common":
                run.common()
            elif part == "sweep":
                run.sweep()
            else:
                run.last(None if part == "final" else int(part.removeprefix("fold")))
    except (DataError, OSError) as error:
        sys.stderr.write(f"training.train: {error}\n")
        return 3
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
