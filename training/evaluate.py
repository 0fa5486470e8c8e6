"""Measure a model: ``python -m training.evaluate BUNDLE --data DIR [--split val] [--json F] [--figures DIR]``.

``--run RUN`` in place of the bundle's own weights scores each adult with the fold of the cross-validation that did not
see the patient (``training.train --cross-validate``), which is the only honest number for them.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from importlib import import_module
from pathlib import Path
from typing import Any

import torch

from inference import networks
from inference.bundle import Bundle, BundleError, load_bundle
from inference.runtime import DeviceError
from inference.tasks import lung_fields
from training.data import DataError, Row, folds, read_rows
from training.export import compact
from training.pictures import contours, distribution, overlays
from training.reports import interval_text
from training.scoring import Predict, Score, read_sample, score, score_changed, summarise
from training.train import FOLDS

Choose = Callable[[Row], Predict]


def choose_folds(bundle: Bundle, run: Path, rows: Sequence[Row]) -> Choose:
    """For each adult the network of the fold that held the patient out, its weights rounded as a bundle stores them."""
    of = folds((row.patient for row in rows if row.adult), FOLDS)
    predictors = []
    for fold in range(FOLDS):
        weights = torch.load(run / f"fold{fold}" / "weights.pt", map_location="cpu", weights_only=True)
        network = networks.build(bundle.network, bundle.arguments)
        network.load_state_dict({name: value.to(weights[name].dtype) for name, value in compact(weights).items()})
        predictors.append(lung_fields.predictor_of(network, bundle.flip))
    return lambda row: predictors[of[row.patient]]


def measure(choose: Choose, size: int, rows: Sequence[Row], robustness: bool) -> dict[str, Any]:
    """Score ``rows`` (each with a mask). Robustness is measured on those whose mask is certain."""
    scores: list[Score] = []
    changed: list[dict[str, Score]] = []
    for index, row in enumerate(rows):
        scores.append(score(choose(row), size, row, read_sample(row)))
        if robustness and row.certain:
            changed.append(score_changed(choose(row), size, row))
        if sys.stderr.isatty():
            sys.stderr.write(f"\r{index + 1}/{len(rows)} images")
    if sys.stderr.isatty():
        sys.stderr.write("\r\x1b[K")
    return summarise(scores, changed)


def table(report: dict[str, Any]) -> str:
    """The report as text: a line a group, then a line a change, then the worst cases."""
    lines = [f"{'':34}{'images':>7}{'patients':>9}  {'Dice [95 %]':26}{'HD95, % diagonal':26}{'area error, %':24}"]
    for kind, entries in (("", report["groups"]), ("changed: ", report["robustness"])):
        for name, entry in entries.items():
            dice = entry["dice"]
            lines.append(
                f"{kind + name:34.34}{dice['images']:>7}{dice['patients']:>9}  {interval_text(dice, 4):26}"
                f"{interval_text(entry['hd95_percent_of_diagonal'], 2):26}"
                f"{interval_text(entry['area_error_percent'], 2):24}"
            )
    if report["worst_change"]:
        lines.append(f"worst change: {report['worst_change']}")
    everything = report["groups"]["all"]
    lines.append(f"refused as implausible: {everything['objections']} of {everything['dice']['images']}")
    lines += [f"worst: {case['name']}  Dice {case['dice']:.4f}, HD95 {case['hd95']:.2f} %" for case in report["worst"]]
    return "\n".join(lines)


PAGES = {
    "chest-classification": "training.evaluate_classes",
    "ct-lung-segmentation": "training.evaluate_ct_lungs",
    "ct-enhancement": "training.evaluate_ct_enhance",
}
"""Tasks that are measured on a page of their own, each with a ``main`` like this one's."""


def page_of(arguments: list[str], pages: dict[str, str]) -> Any:
    """The module in ``pages`` for the task of the first model folder that ``arguments`` name; ``None`` for none."""
    for argument in arguments:
        if (Path(argument) / "configs" / "metadata.json").is_file():
            try:
                task = load_bundle(Path(argument)).task
            except BundleError:
                return None
            return import_module(pages[task]) if task in pages else None
    return None


def main(arguments: list[str] | None = None) -> int:
    arguments = sys.argv[1:] if arguments is None else arguments
    page = page_of(arguments, PAGES)
    if page is not None:
        return int(page.main(arguments))
    parser = argparse.ArgumentParser(prog="python -m training.evaluate", description="Measure a model on masks.")
    parser.add_argument("bundle", type=Path, help="model folder")
    parser.add_argument(
        "--data", type=Path, required=True, help="folder with index.csv and/or adult.csv, or its parent"
    )
    parser.add_argument("--split", default="val", help="value of the column split; 'adult' for adult.csv; 'all'")
    parser.add_argument("--run", type=Path, help="training run: score adults with the fold that did not see them")
    parser.add_argument("--json", type=Path, help="save all numbers here")
    parser.add_argument("--figures", type=Path, help="folder for overlays, outlines and the spread of scores")
    parser.add_argument("--device", default="auto")
    parser.add_argument("--no-robustness", action="store_true", help="only the images as they are")
    options = parser.parse_args(arguments)
    try:
        bundle = load_bundle(options.bundle)
        split = "adult" if options.run else options.split
        listed = [row for row in read_rows(options.data) if split in ("all", row.split)]
        rows = [row for row in listed if row.mask is not None]
        if not rows:
            raise DataError(f"no image of split {split!r} in {options.data} has a lung mask ({len(listed)} without)")
        if options.run:
            choose = choose_folds(bundle, options.run, rows)
        else:
            predict = lung_fields.predictor(bundle, options.device)
            choose = lambda _: predict  # noqa: E731
        report = measure(choose, bundle.contract.size, rows, not options.no_robustness)
        report = {
            "model": {"id": bundle.id, "version": bundle.version, "sha256": bundle.sha256},
            "split": split,
            "cross_validated": options.run is not None,
            "scored": len(rows),
            "skipped_without_mask": len(listed) - len(rows),
            **report,
        }
        sys.stdout.write(f"{bundle.ref}, split {split}{', cross-validated' if options.run else ''}\n{table(report)}\n")
        if len(listed) > len(rows):
            sys.stdout.write(f"note: {len(listed) - len(rows)} images without a mask were left out\n")
        if split in ("adult", "all") and not options.run:
            sys.stdout.write("note: the shipped model was trained on the adults; use --run for numbers that count\n")
        if options.json:
            options.json.write_text(json.dumps(report, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        if options.figures:
            options.figures.mkdir(parents=True, exist_ok=True)
            by_name = {row.name: row for row in rows}
            overlays(options.figures / f"overlays-{split}.png", report, by_name, choose, bundle.contract.size)
            contours(options.figures / f"contours-{split}.png", report, by_name, choose, bundle.contract.size)
            distribution(options.figures / f"dice-{split}.png", report)
    except (BundleError, DataError, OSError, DeviceError) as error:
        sys.stderr.write(f"training.evaluate: {error}\n")
        return 3
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
