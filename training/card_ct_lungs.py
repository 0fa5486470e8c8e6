"""Write a CT lung model's card: ``python -m training.card BUNDLE --folds F --speed F --figures DIR``."""

from __future__ import annotations

import argparse
import json
import math
import sys
from pathlib import Path
from string import Template
from typing import Any

from inference import networks
from inference.bundle import Bundle, BundleError, load_bundle
from inference.ct_grid import SPACING_MM
from training.export import put_card, settings_of
from training.reports import measured

Report = dict[str, Any]
FIGURES = ("contours.png", "dice.png")
"""What the card shows: no picture of a patient among them."""
TEMPLATE = Path(__file__).with_name("card_ct_lungs.md")
FAILURES = Path(__file__).with_name("card_ct_lungs_failures.md")
"""What was seen on the worst cases, written after looking at them."""


def interval(entry: dict[str, float] | None, digits: int = 4) -> str:
    """``0.9612 (0.9603 to 0.9621)``."""
    if entry is None:
        return "–"
    # + 0.0 turns a negative zero into a plain one
    mean, low, high = (f"{round(entry[key], digits) + 0.0:.{digits}f}" for key in ("mean", "low", "high"))
    return f"{mean} ({low} to {high})".replace("-", "−")


def results_table(groups: dict[str, Report]) -> str:
    lines = [
        "| scans | scans (patients) | Dice | Dice, right | Dice, left | HD95, mm | volume error, % |",
        "|---|---|---|---|---|---|---|",
    ]
    for name, entry in groups.items():
        lines.append(
            f"| {'**all**' if name == 'all' else name} | {entry['dice']['images']} ({entry['dice']['patients']}) | "
            f"{interval(entry['dice'])} | {interval(entry['dice_right'])} | {interval(entry['dice_left'])} | "
            f"{interval(entry['hd95_mm'], 2)} | {interval(entry['volume_error_percent'], 2)} |"
        )
    return "\n".join(lines)


def differences(robustness: dict[str, Report]) -> dict[str, float]:
    """Change → mean Dice after it minus mean Dice without."""
    plain = robustness["unchanged"]["dice"]["mean"]
    return {name: entry["dice"]["mean"] - plain for name, entry in robustness.items() if name != "unchanged"}


def robustness_text(report: Report) -> str:
    """The table with its headline, or that there is none."""
    if not report["robustness"]:
        return "Not measured for these weights."
    changes = differences(report["robustness_volumes"] or report["robustness"])
    worst = min(changes, key=lambda name: changes[name])
    scans = report["robustness"]["unchanged"]["dice"]["images"]
    return (
        f"Scans that show lung ({scans}), after one change each, each compared with its own label; in brackets the "
        'difference to the\nunchanged scans. "Relabelled prone" leaves the voxels and turns the header by 180° about '
        "the long axis; averaging leaves\nsingle slices as they are. The worst on volumes is the headline: "
        f"**{worst}**, {_signed(changes[worst])}.\n\n{robustness_table(report)}"
    )


CLEANED = (
    "Self-training then took out of the labels of\nthe last fit whatever the fold that had not seen the patient was "
    "sure ({sure}) is wrong. It adds nothing and changes no\nlabel that scores are measured on."
)
AGAIN = "Then {steps} steps on all patients from the first fold's weights: that network ships."


def robustness_table(report: Report) -> str:
    kinds = ("robustness", "robustness_volumes", "robustness_classical", "robustness_classical_volumes")
    tables = [report[kind] for kind in kinds]
    lines = [
        "| change | Dice, all | Dice, volumes | classical method, all | classical method, volumes |",
        "|---|---|---|---|---|",
    ]
    for name in tables[0]:
        cells = []
        for table in tables:
            entry = table.get(name)
            cells.append(f"{entry['dice']['mean']:.4f} ({_signed(differences(table).get(name))})" if entry else "–")
        lines.append(f"| {name} | {' | '.join(cell.replace(' (–)', '') for cell in cells)} |")
    return "\n".join(lines)


def _signed(value: float | None) -> str:
    return "–" if value is None else f"{round(value, 4) + 0.0:+.4f}".replace("-", "−")


def tumour_list(tumours: dict[str, Report]) -> str:
    return "; ".join(
        f"segment {index + 1}, {entry['ml']:.1f} ml: {100 * entry['share_inside']:.1f} % inside the lungs found "
        f"(pseudo-label {100 * entry['share_inside_pseudo_label']:.1f} %, classical method "
        f"{100 * entry['share_inside_classical']:.1f} %)"
        for index, entry in enumerate(tumours.values())
    )


def worst_list(report: Report) -> str:
    return "\n".join(
        f"- `{case['name']}` ({case['maker'].capitalize() or 'maker unknown'}, {case['kernel']} kernel): "
        f"Dice {case['dice']:.3f}, HD95 {'–' if math.isnan(case['hd95_mm']) else format(case['hd95_mm'], '.1f')} mm, "
        f"area {case['volume_error']:+.1f} %".replace(" -", " −")
        for case in report["worst"]
    )


def write_card(bundle: Bundle, report: Report, speed: Report, settings: Report) -> str:
    """The card's Markdown: ``card_ct_lungs.md`` beside this file with its blanks filled."""
    recipe = settings["recipe"]
    empty = report["without_lung"]
    network = networks.build(bundle.network, bundle.arguments)
    blanks = {
        "title": bundle.title,
        "description": bundle.description,
        "id": bundle.id,
        "version": bundle.version,
        "sha256": bundle.sha256,
        "network": bundle.network,
        "parameters": f"{sum(parameter.numel() for parameter in network.parameters()) / 1e6:.1f} million",
        "size": bundle.contract.size,
        "spacing": f"{SPACING_MM:g}",
        "licence": bundle.licence,
        "peak_memory_mb": bundle.peak_memory_mb,
        "sets": "\n".join(f"- {data.name}. {data.licence}. {data.citation}" for data in bundle.training_data),
        "cleaning": CLEANED.format(sure=f"over {100 * recipe['sure']:.0f} %"),
        "shipping": AGAIN.format(steps=recipe["last_stage"]["steps"]),
        "seed": settings["seed"],
        "patients": report["patients"],
        "folds": recipe["folds"],
        "fold_steps": " and ".join(str(stage["steps"]) for stage in recipe["fold_stages"]),
        "batch": recipe["batch"],
        "results_table": results_table(report["groups"]),
        "tumours": tumour_list(report["tumours"]) or "none in this data",
        "without_lung": f"{empty['scans']} single slices of head, neck, abdomen and pelvis; more than 1 cm² was marked "
        f"in {empty['marked']} of them, at most {empty['worst_cm2']:.1f} cm²",
        "robustness": robustness_text(report),
        "worst": worst_list(report),
        "limits": "\n".join(f"- {limit}" for limit in bundle.limits),
        "failures": FAILURES.read_text(encoding="utf-8").strip(),
        "count": speed["slices"],
        "edge": speed["edge"],
        "cpu_s": f"{speed['cpu_s']:.1f}",
        "added_mb": f"{speed['added_mb']:.0f}",
        "threads": speed["threads"],
        "repeats": speed["repeats"],
        "times": "\n".join(f"| {name} | {value:.2f} |" for name, value in speed["median_s"].items()),
    }
    return Template(TEMPLATE.read_text(encoding="utf-8")).substitute(blanks)


def metrics(report: Report) -> Report:
    """What the manifest repeats of the card, for programs to show."""
    keys = ("dice", "dice_right", "dice_left", "hd95_mm", "volume_error_percent")
    return {
        f"{name}, held-out patients, against checked pseudo-labels": {key: report["groups"][name][key] for key in keys}
        for name in ("all", "volumes", "single slices")
        if name in report["groups"]
    }


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m training.card", description="Write a CT lung model's card.")
    parser.add_argument("bundle", type=Path, help="model folder")
    parser.add_argument("--folds", type=Path, required=True, help="training.evaluate --folds --json")
    parser.add_argument("--speed", type=Path, required=True, help="training.ct_lungs_speed --json")
    parser.add_argument("--figures", type=Path, required=True, help="where training.evaluate left its figures")
    options = parser.parse_args(arguments)
    try:
        bundle = load_bundle(options.bundle)
        report = measured(json.loads(options.folds.read_text(encoding="utf-8")), options.folds, bundle)
        if not report["cross_validated"]:
            raise BundleError(f"{options.folds} is not cross-validated: the shipped model has seen these patients")
        speed = measured(json.loads(options.speed.read_text(encoding="utf-8")), options.speed, bundle)
        settings = settings_of(bundle)
        card = write_card(bundle, report, speed, settings)
        put_card(bundle, card, metrics(report), (options.figures / name for name in FIGURES))
    except (BundleError, OSError, KeyError, ValueError) as error:
        sys.stderr.write(f"training.card: {error}\n")
        return 3
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
