"""Measurements → the card and the manifest of a model of classes.

``python -m training.card BUNDLE --val F --shift F --figures DIR [--refusals F] [--speed F] [--ablation F]
[--seed F ...]``. Each file is what ``training.evaluate``, ``training.refusals``, ``tests.benchmarks model`` or
``training.ablation`` saved; numbers measured on other weights than those of the bundle are refused.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from string import Template
from typing import Any

import numpy as np

from inference.bundle import Bundle, BundleError, load_bundle
from training.export import put_card, settings_of, write_text
from training.reports import measured

Report = dict[str, Any]
SPLITS = ("val", "shift")
FIGURES = tuple(f"{name}-{split}.png" for split in SPLITS for name in ("curves", "confusion", "maps"))
"""What the card shows: no picture of a patient among them."""
TEMPLATE = Path(__file__).with_name("card_classes.md")
FAILURES = Path(__file__).with_name("card_classes_failures.md")
MEASURES = {
    "auc": "AUC, pneumonia against normal",
    "balanced_accuracy": "balanced accuracy at 0.5",
    "sensitivity": "sensitivity at 0.5",
    "specificity": "specificity at 0.5",
    "accuracy": "accuracy at 0.5",
    "f1": "F1 at 0.5",
    "auc_last_against_middle": "AUC, viral against bacterial",
    "three_class_accuracy": "accuracy, three classes",
}


def interval(entry: dict[str, float], digits: int = 3) -> str:
    """``0.961 (0.960 to 0.962)``."""
    mean, low, high = (f"{round(entry[key], digits) + 0.0:.{digits}f}" for key in ("mean", "low", "high"))
    return f"{mean} ({low} to {high})".replace("-", "−")


def grid(head: list[str], rows: list[list[str]]) -> str:
    """A Markdown table."""
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return "\n".join([*lines, *("| " + " | ".join(row) + " |" for row in rows)])


def results(reports: dict[str, Report]) -> str:
    rows = [
        [title, *(interval(report["discrimination"][name], 4 if name == "auc" else 3) for report in reports.values())]
        for name, title in MEASURES.items()
    ]
    rows.append(["macro F1, three classes", *(f"{r['discrimination']['macro_f1']:.3f}" for r in reports.values())])
    counts = [", ".join(f"{n} {name}" for name, n in r["discrimination"]["counts"].items()) for r in reports.values()]
    return grid(["", *(f"`{name}`" for name in reports)], [["images", *counts], *rows])


def calibration(reports: dict[str, Report]) -> str:
    rows = []
    for name, report in reports.items():
        entry = report["calibration"]
        rows.append([f"`{name}`", f"{entry['ece']:.4f}", f"{entry['perfect_low']:.4f} to {entry['perfect_high']:.4f}"])
    return grid(["", "ECE", "perfectly calibrated"], rows)


def uncertainty(reports: dict[str, Report]) -> str:
    coverages = list(reports["val"]["uncertainty"]["risk_at_coverage"])
    head = ["", *(f"{100 * float(one):g} % kept" for one in coverages), "area under risk (no order: error rate)"]
    head += ["wrong, interval around 0.5", "wrong, interval on one side"]
    rows = []
    for name, report in reports.items():
        entry = report["uncertainty"]
        area = f"{interval(entry['area_under_risk'], 4)} ({entry['area_under_risk_of_chance']:.4f})"
        told = [f"{entry[kind]['wrong']} of {entry[kind]['images']}" for kind in ("undecided", "decided")]
        risks = [f"{100 * entry['risk_at_coverage'][one]:.1f} %" for one in coverages]
        rows.append([f"`{name}`", *risks, area, *told])
    return grid(head, rows)


def attention(report: Report) -> str:
    entry = report["attention"]
    names = {
        "attention": "**mean attention of all heads**",
        "constant": "constant map, as widely spread",
        "attention_minus_constant": "**attention minus constant map, paired**",
        "gradcam": "Grad-CAM",
        "uniform": "the lungs' share of the image",
    }
    rows = [[title, interval(entry[name])] for name, title in names.items()]
    rows += [[f"head {number}", f"{value:.3f}"] for number, value in enumerate(entry["heads"], start=1)]
    count = entry["attention"]["images"]
    return grid([f"map ({count} images of `val` with a mask)", "share inside the lungs"], rows)


def faithfulness(report: Report) -> str:
    entry = report["faithfulness"]
    rows = [[name, interval(entry["deletion"][name]), interval(entry["insertion"][name])] for name in entry["deletion"]]
    for name in entry["deletion_attention_minus"]:
        rows.append(
            [
                f"attention minus {name}, paired",
                interval(entry["deletion_attention_minus"][name]),
                interval(entry["insertion_attention_minus"][name]),
            ]
        )
    return grid([f"order ({entry['images']} images of `val`)", "deletion", "insertion"], rows)


def randomised(report: Report) -> str:
    stages = {name: entry for name, entry in report["randomised"].items() if name != "images"}
    rows = [[name, f"{one['attention']:.2f}", f"{one['gradcam']:.2f}"] for name, one in stages.items()]
    return grid(["random from the answer down to", "attention", "Grad-CAM"], rows).replace("-0.", "−0.")


def parts(reports: dict[str, Report]) -> str:
    rows = []
    for name, report in reports.items():
        entry = report.get("without_parts")
        if entry:
            rows.append([f"`{name}`", interval(entry["lungs hidden"]), interval(entry["lungs alone"])])
    return grid(["", "lungs hidden", "lungs alone"], rows)


def robustness(report: Report) -> tuple[str, str]:
    """The table, and the name of the change that costs most balanced accuracy."""
    entries = report["robustness"]
    worst = min(entries, key=lambda name: entries[name]["balanced_accuracy"]["mean"])
    rows = [[name, interval(one["auc"], 4), interval(one["balanced_accuracy"])] for name, one in entries.items()]
    headline = f"{worst}: balanced accuracy {interval(entries[worst]['balanced_accuracy'])}"
    return grid(["change", "AUC", "balanced accuracy at 0.5"], rows), headline


def ablation(found: Report | None) -> str:
    if found is None:
        return "Not measured for this version."
    rows = []
    for pooling, entries in found.items():
        cells = []
        for name, measure in (
            ("as they are", "auc"),
            ("varied", "auc"),
            ("varied", "auc_last_against_middle"),
            ("varied", "log_loss"),
            ("varied", "spread"),
        ):
            values = entries[name][measure]
            cells.append(f"{sum(values) / len(values):.3f} ({min(values):.3f} to {max(values):.3f})")
        rows.append([pooling, *cells])
    text = (
        "The same module with other ways of weighing, on maps of the unchanged ImageNet backbone, so that nothing else "
        "differs; tuning part, mean and range of three seeds.\n\n"
    )
    head = [
        "pooling",
        "AUC",
        "AUC, varied",
        "viral against bacterial, varied",
        "log loss, varied",
        "spread of attention",
    ]
    return text + grid(head, rows)


def seeds(reports: list[Report]) -> str:
    """Mean and range over runs that differ in their seed, for each split that they were scored on."""
    of: dict[str, list[Report]] = {}
    for report in reports:
        of.setdefault(report["split"], []).append(report)
    of = {split: found for split, found in of.items() if len(found) > 1}
    if not of:
        return "One seed was scored; how much another one would differ on these sets is not known."

    def spread(values: list[float]) -> str:
        if not values:
            return "–"
        return f"{sum(values) / len(values):.4f} ({min(values):.4f} to {max(values):.4f})"

    rows = [
        [MEASURES[name], *(spread([one["discrimination"][name]["mean"] for one in found]) for found in of.values())]
        for name in ("auc", "balanced_accuracy", "auc_last_against_middle")
    ]
    gain = "attention_minus_constant"
    inside = [[one["attention"][gain]["mean"] for one in found if one.get("attention")] for found in of.values()]
    rows.append(["attention minus constant map, share inside the lungs", *map(spread, inside)])
    count = max(map(len, of.values()))
    said = f"{count} runs that differ in their seed, mean and range; what ships did best on the tuning part:"
    return f"{said}\n\n" + grid(["", *(f"`{split}`" for split in of)], rows)


def refusals(found: Report | None) -> str:
    if not found:
        return "Pictures of other things: not measured for this version."
    rows = [[kind, f"{one['refused']} of {one['images']}"] for kind, one in sorted(found.items())]
    text = (
        "Pictures of other things that it refuses by their looks alone (a header that names another modality or an age "
        "refuses them anyway):\n\n"
    )
    return text + grid(["picture", "refused"], rows)


def speed_table(found: Report | None) -> str:
    if not found:
        return "Not measured for this version."
    rows = [[name, f"{value * 1000:.0f}"] for name, value in found["median_s"].items()]
    head = f"Median milliseconds an image of {found['image']}, on {found['threads']} threads of a CPU, fp32:\n\n"
    return head + grid(["stage", "ms"], rows)


def data_text(settings: Report) -> str:
    told = []
    for name, entry in settings.get("data", {}).items():
        told.append(
            f"{name}: {entry['images']} images of {entry['patients']} patients (SHA-256 over names, labels and files "
            f"`{entry['sha256'][:16]}…`)"
        )
    text = "; ".join(told)
    return f"{text[0].upper()}{text[1:]}." if text else ""


def usual_strangeness(report: Report, bundle: Bundle) -> float:
    """The median of a report's images, in the network's own units (a report has them in shares of the limit)."""
    shares = [image["strangeness"] for image in report.get("images", [])]
    return float(np.median(shares)) * float(bundle.arguments["strange_above"]) if shares else float("nan")


def metrics(reports: dict[str, Report]) -> Report:
    """What the manifest repeats of the card, for programs to show and to compare."""
    found: Report = {}
    for name, report in reports.items():
        found[name] = {measure: report["discrimination"][measure] for measure in MEASURES}
        found[name]["ece"] = {key: report["calibration"][key] for key in ("ece", "perfect_low", "perfect_high")}
    if reports["val"]["attention"]:
        found["val"]["attention_minus_constant"] = reports["val"]["attention"]["attention_minus_constant"]
    return found


def write_card(bundle: Bundle, reports: dict[str, Report], settings: Report, others: Report) -> str:
    """The card's Markdown: ``card_classes.md`` beside this file with its blanks filled."""
    recipe, val = settings["recipe"], reports["val"]
    table, headline = robustness(val)
    refused = "; ".join(
        f"`{name}` {one['refused_when_silent']['refused']} of {one['refused_when_silent']['images']}"
        for name, one in reports.items()
    )
    blanks = {
        "title": bundle.title,
        "description": bundle.description,
        "id": bundle.id,
        "version": bundle.version,
        "sha256": bundle.sha256,
        "members": bundle.arguments["members"],
        "heads": bundle.arguments["heads"],
        "cells": bundle.contract.size // 16,
        "size": bundle.contract.size,
        "answers": 2 * int(bundle.arguments["members"]),
        "first": f"{bundle.arguments['first']:.2f}",
        "rest": f"{bundle.arguments['rest']:.2f}",
        "offset": f"{bundle.arguments.get('offset', 0.0):.1f}".replace("-", "−"),
        "caution": f"{bundle.arguments.get('caution', 0.0):.1f}",
        "soften": f"{bundle.arguments.get('soften', 1.0):.2f}",
        "usual": f"{usual_strangeness(val, bundle):.1f}",
        "surrounded": f"{100 * recipe.get('surrounded', 0.0):.0f}",
        "licence": bundle.licence,
        "peak_memory_mb": bundle.peak_memory_mb,
        "modalities": ", ".join(bundle.contract.modalities),
        "sets": "\n".join(f"- {data.name}. {data.licence}. {data.citation}" for data in bundle.training_data),
        "data": data_text(settings),
        "seed": settings["seed"],
        "steps": sum(cycle["steps"] for cycle in recipe["cycles"]),
        "batch": sum(recipe["shares"]),
        "cycles": len(recipe["cycles"]),
        "train_size": max(cycle["size"] for cycle in recipe["cycles"]),
        "frozen": recipe.get("frozen", 0),
        "scored": "`val` and `shift` were scored once with these weights, and once with those of an earlier version; "
        "nothing was chosen by\nthem.",
        "results": results(reports),
        "calibration": calibration(reports),
        "seeds": seeds(others.get("seeds") or []),
        "uncertainty": uncertainty(reports),
        "attention": attention(val),
        "faithfulness": faithfulness(val),
        "randomised": randomised(val),
        "parts": parts(reports),
        "ablation": ablation(others.get("ablation")),
        "robust_images": val["robustness"]["as it is"]["auc"]["images"],
        "worst_change": headline,
        "robustness": table,
        "false_refusals": refused,
        "negatives": refusals(others.get("refusals")),
        "limits": "\n".join(f"- {limit}" for limit in bundle.limits),
        "failures": FAILURES.read_text(encoding="utf-8").strip(),
        "speed": speed_table(others.get("speed")),
    }
    return Template(TEMPLATE.read_text(encoding="utf-8")).substitute(blanks)


def _read(path: Path | None) -> Report | None:
    found: Report | None = None if path is None else json.loads(path.read_text(encoding="utf-8"))
    return found


def _without_images(report: Report) -> Report:
    """A report without its line for each patient's image."""
    return {name: value for name, value in report.items() if name != "images"}


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m training.card", description="Write the card of a model of classes."
    )
    parser.add_argument("bundle", type=Path, help="model folder")
    for split in SPLITS:
        parser.add_argument(f"--{split}", type=Path, required=True, help=f"training.evaluate --split {split} --json")
    parser.add_argument("--figures", type=Path, required=True, help="where training.evaluate left its figures")
    parser.add_argument("--refusals", type=Path, help="training.refusals --json")
    parser.add_argument("--speed", type=Path, help="tests.benchmarks model --json")
    parser.add_argument("--ablation", type=Path, help="training.ablation --json")
    parser.add_argument("--seed", type=Path, action="append", default=[], help="training.evaluate --json of every seed")
    options = parser.parse_args(arguments)
    try:
        bundle = load_bundle(options.bundle)
        reports = {}
        for split in SPLITS:
            path = getattr(options, split)
            found = _read(path)
            assert found is not None
            reports[split] = measured(found, path, bundle)
        kept = bundle.root / "configs" / "measurements.json"
        others: Report = {
            "refusals": _read(options.refusals),
            "ablation": _read(options.ablation),
            "speed": _read(options.speed),
            "seeds": [_read(path) for path in options.seed],
        }
        # What is not measured anew stays as it was measured before, on these very weights.
        before = _read(kept) if kept.is_file() else None
        if before is not None and before["model"]["sha256"] == bundle.sha256:
            others = {name: value or before.get(name) for name, value in others.items()}
        settings = settings_of(bundle)
        card = write_card(bundle, reports, settings, others)
        put_card(bundle, card, metrics(reports), (options.figures / name for name in FIGURES))
        whole: Report = {"model": reports["val"]["model"], **{name: _without_images(r) for name, r in reports.items()}}
        told = ("model", "split", "discrimination", "attention")
        whole.update({**others, "seeds": [{key: report[key] for key in told} for report in others["seeds"] or []]})
        write_text(kept, json.dumps(whole, indent=1, ensure_ascii=False) + "\n")
    except (BundleError, OSError, KeyError, ValueError) as error:
        sys.stderr.write(f"training.card: {error}\n")
        return 3
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
