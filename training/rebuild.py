"""Measure every bundled model again and hold its card against it: ``python -m training.rebuild --data DIR --work DIR``.

Runs the evaluate command of each model folder on the data, prints what its manifest says beside what was found, and,
where asked (``--write``), writes cards anew. Ends with 1 when a number differs by more than rounding does.
"""

from __future__ import annotations

import argparse
import json
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

from inference.bundle import BrokenBundle, Bundle, list_bundles
from training import (
    card_classes,
    card_ct_enhance,
    card_ct_lungs,
    ct_lungs_speed,
    evaluate,
    evaluate_classes,
    evaluate_ct_enhance,
    evaluate_ct_lungs,
)
from training.card import metrics as lung_metrics
from training.data import DataError

Metrics = dict[str, Any]
TOLERANCE = 0.002
"""Other processors and versions of torch round differently."""


def classes(bundle: Bundle, data: Path, work: Path, *, write: bool) -> Metrics:
    """Both splits; the slow measures on as many images as the card says."""
    kept = json.loads((bundle.root / "configs" / "measurements.json").read_text(encoding="utf-8"))
    slow = kept["val"]["faithfulness"]["images"]
    for split in card_classes.SPLITS:
        asked = [str(bundle.root), "--data", str(data), "--split", split, "--json", str(work / f"{split}.json")]
        count = slow if "faithfulness" in kept[split] else 0
        if evaluate_classes.main([*asked, "--figures", str(work), "--slow", str(count)]):
            raise DataError(f"{bundle.id}: split {split} could not be measured")
    reports = {split: json.loads((work / f"{split}.json").read_text(encoding="utf-8")) for split in card_classes.SPLITS}
    if write and card_classes.main(
        [str(bundle.root), "--val", str(work / "val.json"), "--shift", str(work / "shift.json"), "--figures", str(work)]
    ):
        raise DataError(f"{bundle.id}: the card could not be written")
    return card_classes.metrics(reports)


def lung_fields(bundle: Bundle, data: Path, work: Path, *, write: bool) -> Metrics:
    """The children of ``val``. Adults need the runs of the cross-validation, which no model folder holds."""
    out = work / "val.json"
    if evaluate.main([str(bundle.root), "--data", str(data), "--json", str(out), "--no-robustness"]):
        raise DataError(f"{bundle.id}: split val could not be measured")
    report = json.loads(out.read_text(encoding="utf-8"))
    found = lung_metrics(report, report)
    return {name: entry for name, entry in found.items() if name.startswith("children")}


def ct_lungs(bundle: Bundle, data: Path, work: Path, *, write: bool) -> Metrics:
    """Every patient by the network of the fold that has not seen him or her."""
    out = work / "folds.json"
    asked = [str(bundle.root), "--data", str(data), "--folds", "--cache", str(work / "labels"), "--json", str(out)]
    asked += ["--figures", str(work)] if write else ["--no-robustness"]
    if evaluate_ct_lungs.main(asked):
        raise DataError(f"{bundle.id}: could not be measured")
    if write:
        speed = work / "speed.json"
        if ct_lungs_speed.main([str(bundle.root), "--json", str(speed)]) or card_ct_lungs.main(
            [str(bundle.root), "--folds", str(out), "--speed", str(speed), "--figures", str(work)]
        ):
            raise DataError(f"{bundle.id}: the card could not be written")
    return card_ct_lungs.metrics(json.loads(out.read_text(encoding="utf-8")))


def ct_enhance(bundle: Bundle, data: Path, work: Path, *, write: bool) -> Metrics:
    """Held-out patients by the networks of their folds, phantoms by what ships. The card also tells of the sweep, which
    only a training run holds."""
    out = work / "report.json"
    if evaluate_ct_enhance.main(
        [str(bundle.root), "--data", str(data), "--folds", "--cache", str(work / "cache"), "--json", str(out)]
    ):
        raise DataError(f"{bundle.id}: could not be measured")
    return card_ct_enhance.metrics(json.loads(out.read_text(encoding="utf-8")))


TASKS: dict[str, str] = {
    "ct-enhancement": "training.rebuild:ct_enhance",
    "ct-lung-segmentation": "training.rebuild:ct_lungs",
    "chest-classification": "training.rebuild:classes",
    "lung-segmentation": "training.rebuild:lung_fields",
}
"""task → module and function (bundle, data, work, write) → the metrics that the manifest repeats."""


def differences(said: Any, found: Any, name: str = "") -> list[tuple[str, float, float]]:
    """(name, said, found) of every number that is in both."""
    if isinstance(said, dict) and isinstance(found, dict):
        return [one for key in found if key in said for one in differences(said[key], found[key], f"{name}{key}: ")]
    if isinstance(said, int | float) and isinstance(found, int | float):
        return [(name.removesuffix(": "), float(said), float(found))]
    return []


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(
        prog="python -m training.rebuild", description="Measure the bundled models again and compare with their cards."
    )
    models = Path(__file__).resolve().parents[1] / "assets" / "models"
    parser.add_argument("--data", type=Path, required=True, help="folder of the data sets")
    parser.add_argument("--work", type=Path, required=True, help="where measurements and figures go")
    parser.add_argument("--models", type=Path, default=models)
    parser.add_argument("--only", help="id of one model")
    parser.add_argument("--write", action="store_true", help="write the cards anew")
    options = parser.parse_args(arguments)
    wrong = 0
    for bundle in list_bundles(options.models):
        if isinstance(bundle, BrokenBundle):
            sys.stderr.write(f"{bundle.root.name}: {bundle.reason}\n")
            wrong += 1
            continue
        if options.only not in (None, bundle.id):
            continue
        if bundle.task not in TASKS:
            sys.stdout.write(f"{bundle.id}: nothing here measures the task {bundle.task} yet\n")
            continue
        module, name = TASKS[bundle.task].split(":")
        work = options.work / bundle.id
        work.mkdir(parents=True, exist_ok=True)
        said = json.loads(json.dumps(dict(bundle.metrics)))
        try:
            found = getattr(import_module(module), name)(bundle, options.data, work, write=options.write)
        except (DataError, OSError) as error:
            sys.stderr.write(f"training.rebuild: {error}\n")
            return 3
        for measure, before, now in differences(said, found):
            differs = abs(before - now) > TOLERANCE * max(1.0, abs(before))
            wrong += differs
            mark = "  DIFFERS" if differs else ""
            sys.stdout.write(f"{bundle.id}  {measure}: card {before:.4f}, measured {now:.4f}{mark}\n")
    return 1 if wrong else 0


if __name__ == "__main__":
    raise SystemExit(main())
