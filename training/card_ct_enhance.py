"""Measurements → the card and manifest of ``ct-enhance``: ``python -m training.card MODEL --report F --figures DIR``.

``F`` is what ``training.evaluate MODEL --run RUN --json F --figures DIR`` saved. No number is typed by hand, and those
that were measured on other weights than the model's are refused.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from string import Template
from typing import Any

from inference.bundle import Bundle, BundleError, load_bundle
from training.card import interval
from training.export import put_card, settings_of
from training.lesions import KINDS
from training.reports import measured

Report = dict[str, Any]
FIGURES = ("phantoms.png", "phantoms-spectra.png", "patients-spectra.png")
"""What the card shows: no picture of a patient among them."""
TEMPLATE = Path(__file__).with_name("card_ct_enhance.md")
OURS, FULL, INPUT = "ct-enhance", "ct-enhance, full strength", "input"


def methods_table(part: Report) -> str:
    """A row a method."""
    lines = [
        "| method | PSNR, dB | SSIM | bias in the body, HU | in soft tissue, HU | in lung, HU | "
        "distance of the spectrum |",
        "|---|---|---|---|---|---|---|",
    ]
    for name, entry in part["methods"].items():
        lung = entry.get("bias_lung_hu")
        distance = f"{entry['spectrum_distance']:.2f}" if "spectrum_distance" in entry else "–"
        lines.append(
            f"| {_bold(name)} | {interval(entry['psnr_db'], 2)} | {interval(entry['ssim'])} | "
            f"{_signed(entry['bias_body_hu']['mean'])} | {_signed(entry['bias_soft_hu']['mean'])} | "
            f"{_signed(lung['mean']) if lung else '–'} | {distance} |"
        )
    return "\n".join(lines)


def gains(part: Report) -> str:
    """How much better or worse ours is than each other method, slice by slice."""
    return "; ".join(
        f"over {name}: {_difference(entry['psnr_db'])} dB, SSIM {_difference(entry['ssim'], 4)}"
        for name, entry in part["gain_over"].items()
    )


def goal(part: Report) -> str:
    """Whether the aim of the work was reached, in words."""
    rival = part.get("best_rival")
    if rival is None:
        return "It was not compared with other methods."
    gain = part["gain_over"][rival]["psnr_db"]
    reached = "reached" if gain["mean"] >= 1.0 else "**not reached**"
    return f"The aim was 1.0 dB over the best of the others ({rival}); it is {reached}: {_difference(gain)} dB."


def lesions_table(report: Report) -> str:
    lines = ["| inserted | number | contrast kept, % | 5th to 95th percentile | within 5 % |", "|---|---|---|---|---|"]
    for kind in KINDS:
        entry = report["kinds"].get(kind.name)
        if entry:
            lines.append(
                f"| {kind.name} | {entry['count']} | {100 * entry['mean']:.1f} | {100 * entry['low_5']:.1f} to "
                f"{100 * entry['high_95']:.1f} | {100 * entry['within_5_percent']:.0f} % |"
            )
    return "\n".join(lines)


def untouched_table(report: Report) -> str:
    lines = [
        "| series | slices | SD in flat tissue, HU | fall, % | bias in flat tissue, HU | "
        "correlation with edges: signed | "
        "across, down | size |",
        "|---|---|---|---|---|---|---|---|",
    ]
    for name, entry in report.items():
        lines.append(
            f"| {name} | {entry['slices']} | {entry['sd_before_hu']['mean']:.1f} → "
            f"{entry['sd_after_hu']['mean']:.1f} | "
            f"{entry['sd_fall_percent']['mean']:.0f} (worst {entry['sd_fall_percent']['worst']:.0f}) | "
            f"{_signed(entry['bias_flat_hu']['mean'])} | {_signed(entry['anatomy_signed']['mean'])} | "
            f"{_signed(entry['anatomy_across']['mean'])}, {_signed(entry['anatomy_down']['mean'])} | "
            f"{_signed(entry['anatomy_size']['mean'])} |"
        )
    return "\n".join(lines)


def sweep_table(report: Report) -> str:
    lines = ["| weight of the adversary | PSNR, dB | SSIM | distance of the spectrum |", "|---|---|---|---|"]
    for weight, entry in report.items():
        name = "input" if weight == INPUT else weight
        lines.append(
            f"| {name} | {interval(entry['psnr_db'], 3)} | {interval(entry['ssim'])} | "
            f"{entry.get('spectrum_distance', float('nan')):.3f} |"
        )
    return "\n".join(lines)


def sweep_verdict(report: Report, chosen: float) -> str:
    """What the adversary did, by the numbers of the sweep."""
    weights = {float(weight): entry for weight, entry in report.items() if weight != INPUT}
    none, ours = weights[0.0], weights.get(chosen, weights[0.0])
    gain = ours["psnr_db"]["mean"] - none["psnr_db"]["mean"]
    nearer = none.get("spectrum_distance", 0.0) - ours.get("spectrum_distance", 0.0)
    if abs(gain) < 0.05 and abs(nearer) < 0.02:
        return (
            f"At the weight that is shipped ({chosen:g}) **the adversary did not help**: PSNR changes by "
            f"{gain:+.3f} dB and the distance of the spectrum by {-nearer:+.3f} against training without it."
        )
    return (
        f"At the weight that is shipped ({chosen:g}) the adversary changes PSNR by {gain:+.2f} dB and the distance of "
        f"the spectrum by {-nearer:+.3f} (smaller is nearer) against training without it."
    )


def simulator_table(report: Report) -> str:
    lines = ["| kernel | flat squares measured | largest difference of the simulated spectrum, % |", "|---|---|---|"]
    for name, entry in report.items():
        lines.append(f"| {name} | {entry['squares']} | {entry['worst_bin_percent']:.0f} |")
    return "\n".join(lines)


def stages(settings: Report) -> str:
    """What was run, from the settings that travel with the model."""
    recipe = settings["recipe"]
    return "\n".join(
        f"- {name}: {stage['steps']} steps of {recipe['batch']} patches of {recipe['patch']}², learning rate up to "
        f"{stage['learning_rate']:g}, adversarial weight {stage['adversarial']:g}"
        for name, stage in recipe.items()
        if isinstance(stage, dict)
    )


def metrics(report: Report) -> Report:
    """What the manifest repeats of the card, for programs to show."""
    found: Report = {}
    for name in [key for key in report if key.startswith(("patients", "phantoms"))]:
        entry = report[name]["methods"][OURS]
        found[name] = {key: entry[key] for key in ("psnr_db", "ssim", "bias_body_hu")}
        found[f"{name}, gain in dB over"] = {
            rival: values["psnr_db"] for rival, values in report[name]["gain_over"].items()
        }
    return found


def write_card(bundle: Bundle, report: Report, settings: Report) -> str:
    """The card's Markdown."""
    quarter, tenth, drawn = (report[name] for name in ("patients at 25 %", "patients at 10 %", "phantoms at 25 %"))
    chosen = float(settings["recipe"]["last"]["adversarial"])
    seen = sorted({slice_["fold"] for slice_ in quarter["slices"]})
    first = report["sweep"]
    blanks = {
        "title": bundle.title,
        "description": bundle.description,
        "id": bundle.id,
        "version": bundle.version,
        "sha256": bundle.sha256,
        "network": f"{bundle.network}, widths {', '.join(str(width) for width in bundle.arguments['widths'])}",
        "licence": bundle.licence,
        "peak_memory_mb": bundle.peak_memory_mb,
        "sets": "\n".join(f"- {data.name}. {data.licence}. {data.citation}" for data in bundle.training_data),
        "target_slices": report["targets"]["slices"],
        "target_patients": report["targets"]["patients"],
        "simulator_table": simulator_table(report["simulator"]),
        "seed": settings["seed"],
        "stages": stages(settings),
        "structural": f"{settings['recipe']['structural']:g}",
        "scored": len(quarter["slices"]),
        "scored_patients": quarter["methods"][OURS]["psnr_db"]["patients"],
        "folds": len(seen),
        "quarter_table": methods_table(quarter),
        "quarter_gains": gains(quarter),
        "goal": goal(quarter),
        "blend": _blend(quarter),
        "tenth_table": methods_table(tenth),
        "phantom_table": methods_table(drawn),
        "phantom_gains": gains(drawn),
        "phantom_goal": goal(drawn),
        "insertions": report["lesions at 25 %"]["insertions"],
        "lesions_table": lesions_table(report["lesions at 25 %"]),
        "untouched_table": untouched_table(report["untouched"]),
        "sweep_table": sweep_table(first),
        "sweep_verdict": sweep_verdict(first, chosen),
        "limits": "\n".join(f"- {limit}" for limit in bundle.limits),
        "threads": report["seconds_a_slice"]["threads"],
        "best": f"{report['seconds_a_slice']['best']:.2f}",
        "median": f"{report['seconds_a_slice']['median']:.2f}",
    }
    return Template(TEMPLATE.read_text(encoding="utf-8")).substitute(blanks)


def _blend(part: Report) -> str:
    return ", ".join(
        f"{name} {low:.2f} to {high:.2f}"
        for name, entry in part["methods"].items()
        if name != INPUT and "blend" in entry
        for low, high in [entry["blend"]]
    )  # fmt: skip


def _bold(name: str) -> str:
    return f"**{name}**" if name.startswith(OURS) else name


def _signed(value: float) -> str:
    return f"{value + 0.0:+.2f}".replace("-", "−")


def _difference(entry: dict[str, float], digits: int = 2) -> str:
    mean, low, high = (f"{entry[key] + 0.0:+.{digits}f}" for key in ("mean", "low", "high"))
    return f"{mean} ({low} to {high})".replace("-", "−")


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m training.card", description="Write the card of ct-enhance.")
    parser.add_argument("bundle", type=Path, help="model folder")
    parser.add_argument("--report", type=Path, required=True, help="training.evaluate --run RUN --json")
    parser.add_argument("--figures", type=Path, required=True, help="where training.evaluate left its figures")
    options = parser.parse_args(arguments)
    try:
        bundle = load_bundle(options.bundle)
        report = measured(json.loads(options.report.read_text(encoding="utf-8")), options.report, bundle)
        if not report["cross_validated"]:
            raise BundleError(f"{options.report} is not cross-validated: the shipped model has seen the patients")
        settings = settings_of(bundle)
        card = write_card(bundle, report, settings)
        put_card(
            bundle,
            card,
            metrics(report),
            (options.figures / name for name in FIGURES if (options.figures / name).is_file()),
        )
    except (BundleError, OSError, KeyError, ValueError) as error:
        sys.stderr.write(f"training.card: {error!r}\n")
        return 3
    return 0
