"""Measurements → the model's card and manifest.

``python -m training.card BUNDLE --val F --adults F --refusals F --speed F --figures DIR``. Each file is what
``training.evaluate``, ``training.refusals`` or ``tests.benchmarks model`` saved; numbers measured on other weights than
those of the bundle are refused.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from string import Template
from typing import Any

from inference.bundle import Bundle, BundleError, load_bundle
from training.evaluate import page_of
from training.export import put_card, settings_of
from training.pretrained import SOURCES
from training.recipes import RECIPES, Recipe, Stage
from training.reports import measured

Report = dict[str, Any]
FIGURES = ("contours-val.png", "contours-adult.png", "dice-val.png", "dice-adult.png")
"""What the card shows: no picture of a patient among them."""
TEMPLATE = Path(__file__).with_name("card.md")


def interval(entry: dict[str, float], digits: int = 4) -> str:
    """``0.9612 (0.9603 to 0.9621)``."""
    # + 0.0 turns a negative zero into a plain one
    mean, low, high = (f"{round(entry[key], digits) + 0.0:.{digits}f}" for key in ("mean", "low", "high"))
    return f"{mean} ({low} to {high})".replace("-", "−")


def scores_table(groups: dict[str, Report], names: dict[str, str]) -> str:
    """A Markdown table, a row a group; ``names``: group → what the card calls it, in the order wanted."""
    lines = [
        "| set | images (patients) | Dice | HD95, % of the diagonal | area error, % | 5th percentile of Dice |",
        "|---|---|---|---|---|---|",
    ]
    for key, name in names.items():
        if key not in groups:
            continue
        entry = groups[key]
        lines.append(
            f"| {name} | {entry['dice']['images']} ({entry['dice']['patients']}) | {interval(entry['dice'])} | "
            f"{interval(entry['hd95_percent_of_diagonal'], 2)} | {interval(entry['area_error_percent'], 2)} | "
            f"{entry['dice_5th_percentile']:.3f} |"
        )
    return "\n".join(lines)


def robustness_table(val: Report, adults: Report) -> str:
    lines = ["| change | Dice, children | Dice, adults |", "|---|---|---|"]
    for name in val["robustness"]:
        young, grown = (report["robustness"][name]["dice"] for report in (val, adults))
        lines.append(f"| {name} | {interval(young)} | {interval(grown)} |")
    return "\n".join(lines)


def worst_list(report: Report) -> str:
    return "\n".join(
        f"- `{case['name']}` ({case['label']}{', ' + case['view'] if case['view'] else ''}): Dice {case['dice']:.3f}, "
        f"HD95 {case['hd95']:.1f} %, area {case['area_error']:+.1f} %".replace(" -", " −")
        for case in report["worst"]
    )


def false_refusals(val: Report, adults: Report) -> str:
    """How often the check refuses chest radiographs, as they are and changed."""
    parts = []
    for name, report in (("children", val), ("adults", adults)):
        everything = report["groups"]["all"]
        changed = list(report["robustness"].values())
        objections, images = sum(e["objections"] for e in changed), sum(e["dice"]["images"] for e in changed)
        parts.append(
            f"{name}: {everything['objections']} of {everything['dice']['images']} "
            f"(after the changes above: {objections} of {images})"
        )
    return "; ".join(parts)


def metrics(val: Report, adults: Report) -> Report:
    """What the manifest repeats of the card, for programs to show."""

    def entry(group: Report) -> Report:
        return {key: group[key] for key in ("dice", "hd95_percent_of_diagonal", "area_error_percent")}

    return {
        "children, certain masks": entry(val["groups"]["certain masks"]),
        "children, all masks": entry(val["groups"]["all"]),
        "adults, five-fold cross-validation by patient": entry(adults["groups"]["all"]),
    }


def write_card(bundle: Bundle, val: Report, adults: Report, refused: Report, speed: Report, settings: Report) -> str:
    """The card's Markdown: ``card.md`` beside this file with its blanks filled."""
    recipe = RECIPES[bundle.id]
    children = {
        "certain masks": "**children, certain masks (val)**",
        "all": "children, all masks (val)",
        "normal": "children, normal",
        "bacterial": "children, bacterial pneumonia",
        "viral": "children, viral pneumonia",
    }
    grown = {"all": "**adults, five-fold cross-validation**"}
    grown.update({name: f"adults, {name}" for name in adults["groups"] if name.startswith("view ")})
    blanks = {
        "title": bundle.title,
        "description": bundle.description,
        "id": bundle.id,
        "version": bundle.version,
        "sha256": bundle.sha256,
        "network": bundle.network,
        "size": bundle.contract.size,
        "licence": bundle.licence,
        "peak_memory_mb": bundle.peak_memory_mb,
        "modalities": ", ".join(bundle.contract.modalities),
        "sets": "\n".join(f"- {data.name}. {data.licence}. {data.citation}" for data in bundle.training_data),
        "seed": settings["seed"],
        "start": start_of(recipe),
        "scored": scored(bundle.version),
        "stages": "\n".join(_stage(stage, recipe.batch) for stage in recipe.stages),
        "children_table": scores_table(val["groups"], children),
        "adults_table": scores_table(adults["groups"], grown),
        "worst_change_children": val["worst_change"],
        "worst_change_children_dice": interval(val["robustness"][val["worst_change"]]["dice"]),
        "worst_change_adults": adults["worst_change"],
        "worst_change_adults_dice": interval(adults["robustness"][adults["worst_change"]]["dice"]),
        "robustness_table": robustness_table(val, adults),
        "worst_children": worst_list(val),
        "worst_adults": worst_list(adults),
        "false_refusals": false_refusals(val, adults),
        "negatives": "\n".join(f"| {kind} | {e['refused']} of {e['images']} |" for kind, e in sorted(refused.items())),
        "limits": "\n".join(f"- {limit}" for limit in bundle.limits),
        "image": speed["image"],
        "threads": speed["threads"],
        "times": "\n".join(f"| {name} | {value * 1000:.0f} |" for name, value in speed["median_s"].items()),
    }
    return Template(TEMPLATE.read_text(encoding="utf-8")).substitute(blanks)


def _stage(stage: Stage, batch: int) -> str:
    whom = f"{round(stage.adult_share * batch)} of them adults" if stage.adult_share else "children only"
    size = f" at {stage.size}×{stage.size}" if stage.size else ""
    shown = "" if stage.mirrored else ", none in a mirror"
    rate = f"learning rate up to {stage.learning_rate:g}"
    rate += f"; {100 * stage.share:.0f} % of the change is kept" if stage.share < 1 else ""
    return f"- {stage.name}: {stage.steps} steps of {batch} images{size}, {whom}{shown}, {rate}"


def start_of(recipe: Recipe) -> str:
    """Which weights the first stage started from."""
    if recipe.pretrained is None:
        return "All weights began at random."
    return f"The encoder began from the {SOURCES[recipe.pretrained]}; all else at random."


def scored(version: str) -> str:
    """How often ``val`` has been looked at: once for each version that was released."""
    times = int(version.split(".")[1]) + 1
    if times == 1:
        return "`val` was scored once."
    return f"`val` was scored {times} times, once for each version; no setting was chosen by its scores."


def _read(path: Path, bundle: Bundle) -> Report:
    return measured(json.loads(path.read_text(encoding="utf-8")), path, bundle)


PAGES = {
    "chest-classification": "training.card_classes",
    "ct-lung-segmentation": "training.card_ct_lungs",
    "ct-enhancement": "training.card_ct_enhance",
}
"""Tasks whose card is written on a page of its own, each with a ``main`` like this one's."""


def main(arguments: list[str] | None = None) -> int:
    arguments = sys.argv[1:] if arguments is None else arguments
    page = page_of(arguments, PAGES)
    if page is not None:
        return int(page.main(arguments))
    parser = argparse.ArgumentParser(prog="python -m training.card", description="Write a model's card.")
    parser.add_argument("bundle", type=Path, help="model folder")
    parser.add_argument("--val", type=Path, required=True, help="training.evaluate --split val --json")
    parser.add_argument("--adults", type=Path, required=True, help="training.evaluate --run --json")
    parser.add_argument("--refusals", type=Path, required=True, help="training.refusals --json")
    parser.add_argument("--speed", type=Path, required=True, help="tests.benchmarks model --json")
    parser.add_argument("--figures", type=Path, required=True, help="where training.evaluate left its figures")
    options = parser.parse_args(arguments)
    try:
        bundle = load_bundle(options.bundle)
        val, adults = _read(options.val, bundle), _read(options.adults, bundle)
        if not adults["cross_validated"]:
            raise BundleError(f"{options.adults} is not cross-validated: the shipped model has seen the adults")
        refused = json.loads(options.refusals.read_text(encoding="utf-8"))
        speed = measured(json.loads(options.speed.read_text(encoding="utf-8"))["model"], options.speed, bundle)
        settings = settings_of(bundle)
        card = write_card(bundle, val, adults, refused, speed, settings)
        put_card(bundle, card, metrics(val, adults), (options.figures / name for name in FIGURES))
    except (BundleError, OSError, KeyError, ValueError) as error:
        sys.stderr.write(f"training.card: {error}\n")
        return 3
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
