"""Measure a model of classes: ``python -m training.evaluate BUNDLE --data DIR [--split S] [--json F] [--figures D]``.

Everything goes through the code that serves. Intervals are by resampling patients.
"""

from __future__ import annotations

import argparse
import copy
import json
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import torch

from inference import runtime
from inference.bundle import Bundle, BundleError, load_bundle
from inference.preprocess import prepare, resize
from inference.tasks.classes import Examined, examine
from training import attention
from training.class_figures import draw_figures
from training.class_metrics import (
    area_under_risk,
    auc,
    bootstrap_of,
    confusion,
    ece,
    ece_of_perfect,
    log_loss,
    macro_f1,
    rates,
    risk_coverage,
)
from training.data import DataError, Row, is_tuning, patient_hash, read_image, read_mask, read_rows
from training.robustness import CHANGES, Sample

Floats = npt.NDArray[np.float64]
Indices = npt.NDArray[np.intp]
Image = npt.NDArray[np.float32]
Measure = Callable[[Indices], float]
COVERAGES = (1.0, 0.95, 0.9, 0.8, 0.5)


@dataclass(frozen=True, eq=False)
class Answers:
    """What the model said of ``rows``. ``classes`` (N,), ``scores`` (N, C), ``low`` and ``high`` of P(not class 0)."""

    rows: tuple[Row, ...]
    names: tuple[str, ...]
    classes: Indices
    scores: Floats
    low: Floats
    high: Floats
    strangeness: Floats
    attention: tuple[npt.NDArray[np.float32], ...]
    cams: tuple[npt.NDArray[np.float32], ...]

    @property
    def positive(self) -> Floats:
        """(N,) probability of any class but the first."""
        return np.asarray(1 - self.scores[:, 0])

    @property
    def patients(self) -> list[str]:
        return [row.patient for row in self.rows]


def ask(network: Any, names: tuple[str, ...], rows: list[Row], size: int, device: str) -> Answers:
    """``examine`` every row."""
    found: list[Examined] = []
    for index, row in enumerate(rows):
        if row.label not in names:
            raise DataError(f"{row.name}: label {row.label!r} is none of {', '.join(names)}")
        found.append(examine(network, prepare(read_image(row.image), size), device))
        if sys.stderr.isatty():
            sys.stderr.write(f"\r{index + 1}/{len(rows)} images")
    positive = [1 - one.answers[:, 0] for one in found]
    return Answers(
        rows=tuple(rows),
        names=names,
        classes=np.array([names.index(row.label) for row in rows], np.intp),
        scores=np.array([one.scores for one in found]),
        low=np.array([one.min() for one in positive]),
        high=np.array([one.max() for one in positive]),
        strangeness=np.array([one.strangeness for one in found]),
        attention=tuple(one.attention for one in found),
        cams=tuple(one.cam for one in found),
    )


def _mean(values: Floats) -> Measure:
    return lambda chosen: float(values[chosen].mean())


def _auc(positive: Floats, wanted: npt.NDArray[np.bool_]) -> Measure:
    return lambda chosen: auc(positive[chosen], wanted[chosen])


def _rate(name: str, positive: Floats, wanted: npt.NDArray[np.bool_]) -> Measure:
    return lambda chosen: rates(positive[chosen], wanted[chosen])[name]


def discrimination(answers: Answers) -> dict[str, Any]:
    """AUC, rates at 0.5, the other classes among themselves, all classes at once."""
    positive, wanted, patients = answers.positive, answers.classes > 0, answers.patients
    predicted = answers.scores.argmax(axis=1)
    result: dict[str, Any] = {
        "auc": bootstrap_of(lambda chosen: auc(positive[chosen], wanted[chosen]), patients),
        "three_class_accuracy": bootstrap_of(
            lambda chosen: float((predicted[chosen] == answers.classes[chosen]).mean()), patients
        ),
        "macro_f1": macro_f1(predicted, answers.classes, len(answers.names)),
        "log_loss": log_loss(answers.scores, answers.classes),
        "confusion": confusion(predicted, answers.classes, len(answers.names)),
        "counts": {name: int((answers.classes == index).sum()) for index, name in enumerate(answers.names)},
    }
    for name in ("accuracy", "balanced_accuracy", "sensitivity", "specificity", "f1"):
        result[name] = bootstrap_of(_rate(name, positive, wanted), patients)
    ill = np.flatnonzero(wanted)
    share = answers.scores[:, 2] / np.maximum(answers.scores[:, 1:].sum(axis=1), 1e-12)
    ill_patients = [patients[index] for index in ill]
    result["auc_last_against_middle"] = bootstrap_of(
        lambda chosen: auc(share[ill][chosen], answers.classes[ill][chosen] == 2), ill_patients
    )
    return result


def calibration(answers: Answers) -> dict[str, Any]:
    """ECE of P(not class 0), what a perfectly calibrated model of that size would show, and the bins."""
    positive, wanted = answers.positive, answers.classes > 0
    low, high = ece_of_perfect(positive, draws=5000)
    order = np.argsort(positive, kind="stable")
    bins = [
        {"mean_score": float(positive[part].mean()), "share_ill": float(wanted[part].mean()), "images": len(part)}
        for part in np.array_split(order, min(15, len(order)))
    ]
    return {"ece": ece(positive, wanted), "perfect_low": low, "perfect_high": high, "bins": bins}


def uncertainty(answers: Answers) -> dict[str, Any]:
    """What a wide interval says: errors that remain when the widest are set aside, and intervals that contain 0.5."""
    wrong = (answers.positive >= 0.5) != (answers.classes > 0)
    width = answers.high - answers.low
    coverage, risk = risk_coverage(width, wrong)
    undecided = (answers.low < 0.5) & (answers.high >= 0.5)
    return {
        "errors": int(wrong.sum()),
        "area_under_risk": bootstrap_of(lambda c: area_under_risk(width[c], wrong[c]), answers.patients),
        "area_under_risk_by_score": area_under_risk(0.5 - np.abs(answers.positive - 0.5), wrong),
        "area_under_risk_of_chance": float(wrong.mean()),
        "risk_at_coverage": {f"{c:g}": float(risk[np.flatnonzero(coverage >= c - 1e-9)[0]]) for c in COVERAGES},
        "curve": [[float(c), float(r)] for c, r in zip(coverage, risk, strict=True)],
        "undecided": {"images": int(undecided.sum()), "wrong": int((wrong & undecided).sum())},
        "decided": {"images": int((~undecided).sum()), "wrong": int((wrong & ~undecided).sum())},
        "auc_of_width_for_errors": auc(width, wrong),
    }


def where_it_looks(answers: Answers, constant: Floats | None) -> dict[str, Any] | None:
    """Share of the attention on the lungs, of each head and of Grad-CAM, against the constant map as widely spread."""
    kept = [index for index, row in enumerate(answers.rows) if row.mask is not None]
    if not kept or constant is None:
        return None
    columns: dict[str, list[float]] = {name: [] for name in ("attention", "constant", "uniform", "gradcam", "entropy")}
    heads: list[list[float]] = []
    for index in kept:
        lung, counted = read_mask(answers.rows[index])
        shape = (lung.shape[0], lung.shape[1])
        shown = attention.on_grid(answers.attention[index].mean(axis=0), shape)
        fixed = attention.as_spread(attention.on_grid(constant, shape), attention.entropy(shown))
        columns["attention"].append(attention.share_inside(shown, lung, counted))
        columns["constant"].append(attention.share_inside(fixed, lung, counted))
        columns["uniform"].append(attention.share_inside(np.ones(shape), lung, counted))
        columns["entropy"].append(attention.entropy(shown) / np.log(shown.size))
        cam = answers.cams[index]
        cam = cam if cam.max() > 0 else np.ones_like(cam)
        columns["gradcam"].append(attention.share_inside(attention.on_grid(cam, shape), lung, counted))
        heads.append(
            [attention.share_inside(attention.on_grid(one, shape), lung, counted) for one in answers.attention[index]]
        )
    patients = [answers.rows[index].patient for index in kept]
    values = {name: np.array(column) for name, column in columns.items()}
    gain = values["attention"] - values["constant"]
    result: dict[str, Any] = {name: bootstrap_of(_mean(column), patients) for name, column in values.items()}
    result["attention_minus_constant"] = bootstrap_of(_mean(gain), patients)
    result["heads"] = [float(value) for value in np.mean(heads, axis=0)]
    return result


def only_probability(network: Any, which: int, device: str, batch: int = 16) -> attention.Probability:
    """The ensemble's probability of class ``which``, without the mirror image, for many images at once."""

    def probability(images: Any) -> Floats:
        found = []
        for first in range(0, len(images), batch):
            stack = torch.from_numpy(np.stack(images[first : first + batch])[:, None]).to(device)
            with torch.inference_mode():
                logits = network(stack.contiguous(memory_format=torch.channels_last))
            found.append(logits.double().softmax(dim=2).mean(dim=0)[:, which].cpu().numpy())
        return np.concatenate(found)

    return probability


def faithfulness(
    network: Any, answers: Answers, constant: Floats | None, size: int, device: str, count: int
) -> dict[str, Any]:
    """Deletion and insertion of the predicted class by attention, by the constant map, by Grad-CAM and by chance."""
    chosen = sample(answers.rows, count)
    cells = answers.attention[0].shape[-1]
    rng = np.random.default_rng(0)
    rows: dict[str, list[tuple[float, float]]] = {}
    for index in chosen:
        image = prepare(read_image(answers.rows[index].image), size)
        probability = only_probability(network, int(answers.scores[index].argmax()), device)
        orders = {
            "attention": answers.attention[index].mean(axis=0),
            "gradcam": answers.cams[index],
            **({} if constant is None else {"constant": resize(constant, (cells, cells))}),
            "random": rng.random((cells, cells)),
            "random again": rng.random((cells, cells)),
        }
        for name, weights in orders.items():
            order = np.argsort(-np.asarray(weights).ravel(), kind="stable")
            rows.setdefault(name, []).append(attention.perturbation(image, order, cells, probability))
    chance = (np.array(rows.pop("random")) + np.array(rows.pop("random again"))) / 2
    values = {**{name: np.array(entries) for name, entries in rows.items()}, "random": chance}
    patients = [answers.rows[index].patient for index in chosen]
    result: dict[str, Any] = {"images": len(chosen)}
    for place, kind in enumerate(("deletion", "insertion")):
        result[kind] = {name: bootstrap_of(_mean(entries[:, place]), patients) for name, entries in values.items()}
        result[f"{kind}_attention_minus"] = {
            name: bootstrap_of(_mean(values["attention"][:, place] - entries[:, place]), patients)
            for name, entries in values.items()
            if name != "attention"
        }
    return result


def sanity(network: Any, answers: Answers, size: int, device: str, count: int) -> dict[str, Any]:
    """Rank correlation of maps with those of the network whose weights are random from the answer downwards."""
    chosen = sample(answers.rows, count)
    images = [prepare(read_image(answers.rows[index].image), size) for index in chosen]
    result: dict[str, Any] = {"images": len(chosen)}
    stages = {
        "classifier": ("classify",),
        "classifier and attention": ("classify", "pool"),
        "all from the middle of the backbone": (
            "classify",
            "pool",
            "project",
            *(f"encoder.blocks.{n}" for n in range(5, 11)),
        ),
    }
    for stage, parts in stages.items():
        changed = copy.deepcopy(network)
        for number, member in enumerate(changed.members):
            for part in parts:
                attention.randomise(member.get_submodule(part), seed=number)
        seen = [examine(changed, image, device) for image in images]
        pairs = list(zip(chosen, seen, strict=True))
        result[stage] = {
            "attention": float(
                np.mean(
                    [
                        attention.rank_correlation(answers.attention[i].mean(0), one.attention.mean(0))
                        for i, one in pairs
                    ]
                )
            ),
            "gradcam": float(np.mean([attention.rank_correlation(answers.cams[i], one.cam) for i, one in pairs])),
        }
    return result


def without_parts(network: Any, answers: Answers, size: int, device: str) -> dict[str, Any] | None:
    """AUC when the lungs, or all but the lungs, are replaced by the image's mean: where the information is.

    The mask is widened by 5 % of the width, so that its outline tells little of what it hides.
    """
    kept = [index for index, row in enumerate(answers.rows) if row.mask is not None]
    if not kept:
        return None
    probability = only_probability(network, 0, device)
    changed: dict[str, list[Image]] = {"lungs hidden": [], "lungs alone": []}
    for index in kept:
        row = answers.rows[index]
        image = prepare(read_image(row.image), size)
        lung = resize(read_mask(row)[0], (size, size)) >= 0.5
        wide = attention.blurred(lung.astype(np.float32), 0.05) > 0.12
        mean = np.float32(image.mean())
        changed["lungs hidden"].append(np.where(wide, mean, image).astype(np.float32))
        changed["lungs alone"].append(np.where(wide, image, mean).astype(np.float32))
    wanted = answers.classes[kept] > 0
    patients = [answers.rows[index].patient for index in kept]
    result = {}
    for name, images in changed.items():
        positive = 1 - probability(images)
        result[name] = bootstrap_of(_auc(positive, wanted), patients)
    return result


def robustness(network: Any, answers: Answers, size: int, device: str, count: int) -> dict[str, Any]:
    """AUC and balanced accuracy at 0.5 of the same images after each of ``training.robustness``'s changes."""
    chosen = sample(answers.rows, count)
    wanted = answers.classes[chosen] > 0
    patients = [answers.rows[index].patient for index in chosen]
    probability = only_probability(network, 0, device)
    raw = [read_image(answers.rows[index].image).astype(np.float32) / np.float32(255) for index in chosen]
    nothing = [np.zeros(image.shape, bool) for image in raw]
    result = {}
    changes = {"as it is": lambda sample: sample, **CHANGES}
    for name, change in changes.items():
        seen = [
            prepare(change(Sample(image, empty, ~empty)).image, size) for image, empty in zip(raw, nothing, strict=True)
        ]
        positive = 1 - probability(seen)
        result[name] = {
            "auc": bootstrap_of(_auc(positive, wanted), patients, draws=500),
            "balanced_accuracy": bootstrap_of(_rate("balanced_accuracy", positive, wanted), patients, draws=500),
        }
    return result


def sample(rows: tuple[Row, ...], count: int) -> list[int]:
    """Indices of ``count`` rows, the same every time, in an order that does not follow the csv."""
    ordered = sorted(range(len(rows)), key=lambda index: patient_hash(rows[index].name))
    return sorted(ordered[:count])


def report(
    bundle: Bundle, rows: list[Row], constant: Floats | None, device: str, count: int
) -> tuple[dict[str, Any], Answers]:
    """All measures of ``bundle`` on ``rows``. ``count``: images for the slow ones; 0 leaves them out."""
    network, size = runtime.load_network(bundle, device), bundle.contract.size
    answers = ask(network, tuple(label.name for label in bundle.labels), rows, size, device)
    refused = answers.strangeness > 1
    result: dict[str, Any] = {
        "discrimination": discrimination(answers),
        "calibration": calibration(answers),
        "uncertainty": uncertainty(answers),
        "attention": where_it_looks(answers, constant),
        "refused_when_silent": {"images": len(rows), "refused": int(refused.sum())},
    }
    if count:
        result["faithfulness"] = faithfulness(network, answers, constant, size, device, count)
        result["randomised"] = sanity(network, answers, size, device, count // 2)
        result["without_parts"] = without_parts(network, answers, size, device)
        result["robustness"] = robustness(network, answers, size, device, 2 * count)
    result["images"] = [
        {
            "name": row.name,
            "patient": row.patient,
            "label": row.label,
            "scores": [float(value) for value in answers.scores[index]],
            "low": float(answers.low[index]),
            "high": float(answers.high[index]),
            "strangeness": float(answers.strangeness[index]),
        }
        for index, row in enumerate(answers.rows)
    ]
    return result, answers


def table(found: dict[str, Any]) -> str:
    """The main numbers as text."""
    lines = []
    for name, entry in found["discrimination"].items():
        if isinstance(entry, dict) and "mean" in entry:
            lines.append(f"{name:28}{entry['mean']:.4f} [{entry['low']:.4f}, {entry['high']:.4f}]")
    calibrated = found["calibration"]
    span = f"[{calibrated['perfect_low']:.4f}, {calibrated['perfect_high']:.4f}]"
    lines.append(f"{'ECE':28}{calibrated['ece']:.4f}; perfectly calibrated: {span}")
    doubt = found["uncertainty"]
    lines.append(f"{'risk at coverage':28}{doubt['risk_at_coverage']}")
    lines.append(f"{'intervals around 0.5':28}{doubt['undecided']}; others {doubt['decided']}")
    if found["attention"]:
        for name in ("attention", "constant", "uniform", "gradcam", "attention_minus_constant"):
            entry = found["attention"][name]
            lines.append(
                f"{'inside the lungs: ' + name:42}{entry['mean']:.3f} [{entry['low']:.3f}, {entry['high']:.3f}]"
            )
    lines.append(f"{'refused were the header silent':42}{found['refused_when_silent']}")
    for kind in ("deletion", "insertion"):
        if "faithfulness" in found:
            entries = found["faithfulness"][kind]
            lines.append(f"{kind:28}" + ", ".join(f"{name} {entry['mean']:.3f}" for name, entry in entries.items()))
    for name, entry in found.get("randomised", {}).items():
        lines.append(f"randomised, {name}: {entry}")
    for name, entry in (found.get("without_parts") or {}).items():
        lines.append(f"{name:28}AUC {entry['mean']:.3f}")
    for name, entry in found.get("robustness", {}).items():
        balanced = entry["balanced_accuracy"]["mean"]
        lines.append(f"{name:36}AUC {entry['auc']['mean']:.4f}, balanced accuracy {balanced:.4f}")
    return "\n".join(lines)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m training.evaluate", description="Measure a model of classes.")
    parser.add_argument("bundle", type=Path, help="model folder")
    parser.add_argument("--data", type=Path, required=True, help="folder with index.csv, or its parent")
    parser.add_argument("--split", default="val", help="value of the column split; 'tuning'; 'all'")
    parser.add_argument("--json", type=Path, help="save all numbers here")
    parser.add_argument("--figures", type=Path, help="folder for curves and maps")
    parser.add_argument("--device", default="auto")
    parser.add_argument("--slow", type=int, default=100, help="images for deletion, randomisation, robustness; 0: none")
    options = parser.parse_args(arguments)
    try:
        bundle = load_bundle(options.bundle)
        listed = [row for row in read_rows(options.data) if not row.adult]
        rows = [
            row
            for row in listed
            if options.split in ("all", row.split) or (options.split == "tuning" and is_tuning(row))
        ]
        if not rows:
            raise DataError(f"no image of split {options.split!r} in {options.data}")
        masks = [read_mask(row)[0] for row in listed if row.split == "train" and row.mask is not None and row.certain]
        size = bundle.contract.size
        constant = attention.mean_mask(masks, (size, size)) if masks else None
        found, answers = report(bundle, rows, constant, runtime.pick_device(options.device), options.slow)
        found = {
            "model": {"id": bundle.id, "version": bundle.version, "sha256": bundle.sha256},
            "task": bundle.task,
            "split": options.split,
            **found,
        }
        sys.stdout.write(f"{bundle.ref}, split {options.split}, {len(rows)} images\n{table(found)}\n")
        if options.json:
            options.json.write_text(json.dumps(found, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        if options.figures:
            options.figures.mkdir(parents=True, exist_ok=True)
            draw_figures(options.figures, options.split, found, answers)
    except (BundleError, DataError, OSError, runtime.DeviceError) as error:
        sys.stderr.write(f"training.evaluate: {error}\n")
        return 3
    return 0
