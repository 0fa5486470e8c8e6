"""Measure a CT lung model: ``python -m training.evaluate BUNDLE --data DIR [--folds] [--json F] [--figures DIR]``.

``--folds`` in place of the bundle's own weights scores each patient with the fold that did not see him or her, which is
the only honest number on the data that the model was trained on; the model folder carries these networks, or ``--run``
has them. Where an expert's tumour lies beside a scan as a
DICOM SEG (folder ``seg`` beside the folder of the stack), the share of it inside the lungs is told.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import SimpleITK as sitk
import torch

from inference import networks
from inference.bundle import Bundle, BundleError, load_bundle
from inference.runtime import DeviceError
from inference.tasks import ct_lungs
from training import carried_folds, ct_lungs_pictures
from training.ct_labels import classical, labels
from training.ct_lungs_data import fold_of
from training.ct_lungs_robustness import CHANGES
from training.ct_lungs_scoring import Score, Segment, score, score_changed, summarise
from training.ct_scans import Scan, find_scans
from training.data import DataError
from training.export import compact
from training.reports import interval_text

Weights = dict[str, torch.Tensor]
Bytes = npt.NDArray[np.uint8]
Choose = Callable[[Scan], Segment]
COMPARED = ("averaged to 5 mm", "blur, SD 1.5 mm")
"""Changes after which the classical method is measured as well."""


def choose_folds(bundle: Bundle, folds: Mapping[int, Weights], scans: list[Scan]) -> Choose:
    """For each patient the network of the fold that held the patient out, its weights rounded as a bundle stores
    them."""
    of = fold_of(scans, len(folds))
    predictors = {}
    for fold, weights in folds.items():
        network = networks.build(bundle.network, bundle.arguments)
        network.load_state_dict(compact(weights))
        predictors[fold] = ct_lungs.predictor_of(network, bundle.flip)
    size = bundle.contract.size
    return lambda scan: lambda one: ct_lungs.segment(one.voxels, one.spacing, size, predictors[of[scan.patient]])


def choose_bundle(bundle: Bundle, device: str) -> Choose:
    """The bundle's own weights for all."""
    predict = ct_lungs.predictor(bundle, device)
    return lambda _: lambda one: ct_lungs.segment(one.voxels, one.spacing, bundle.contract.size, predict)


def expert_tumours(scan: Scan, data: Path) -> dict[str, npt.NDArray[np.bool_]]:
    """Segments of a DICOM SEG beside a stack, in canonical order: name → mask of the scan's shape.

    SimpleITK reads the frames one after another, not what they say of themselves: only a SEG that begins at the scan's
    lowest slice and has all slices for each segment is used. Raises ``DataError`` for another one.
    """
    root = data / "ct" if (data / "ct").is_dir() else data
    files = sorted((root / scan.name).parent.glob("seg/*.dcm")) if not scan.single and "/" in scan.name else []
    found: dict[str, npt.NDArray[np.bool_]] = {}
    for path in files:
        image = sitk.ReadImage(str(path), imageIO="GDCMImageIO")
        frames = sitk.GetArrayFromImage(image) > 0
        count, slices = len(frames), len(scan.voxels)
        if (
            count % slices
            or not np.allclose(image.GetOrigin(), scan.affine[:3, 3], atol=0.05)
            or not np.allclose(image.GetSpacing(), scan.spacing[::-1], atol=1e-3)
        ):
            raise DataError(f"{path} does not hold all slices of {scan.name} for each segment")
        for number in range(count // slices):
            found[f"{path.parent.name} segment {number + 1}"] = frames[number * slices : (number + 1) * slices]
    return found


def measure(choose: Choose, scans: list[Scan], data: Path, cache: Path | None, *, robust: bool) -> dict[str, Any]:
    """Score every scan; after each change those that show lung, with the classical method beside."""
    scores: list[Score] = []
    changed: list[dict[str, Score]] = []
    reference: list[dict[str, Score]] = []
    tumours: dict[str, Any] = {}
    for index, scan in enumerate(scans):
        sample = (scan, labels(scan, data, cache))
        segment = choose(scan)
        found = segment(scan)
        scores.append(score(found, sample))
        for name, mask in expert_tumours(scan, data).items():
            tumours[f"{scan.name}, {name}"] = {
                "share_inside": float((found[mask] > 0).mean()),
                "share_inside_pseudo_label": float((sample[1][mask] > 0).mean()),
                "share_inside_classical": float((classical(scan, cache)[mask] > 0).mean()),
                "ml": float(mask.sum() * np.prod(scan.spacing) / 1000),
            }
        if robust and not scores[-1].without_lung:
            changed.append({"unchanged": scores[-1], **score_changed(segment, sample)})
            plain = score(classical(scan, cache), sample)
            reference.append({"unchanged": plain, **_classical_changed(sample, cache)})
        sys.stderr.write(f"{index + 1}/{len(scans)} {scan.name}: Dice {scores[-1].dice:.4f}\n")
    return {**summarise(scores, changed, reference), "tumours": tumours}


def _classical_changed(sample: tuple[Scan, Bytes], cache: Path | None) -> dict[str, Score]:
    scores = {}
    for name in COMPARED:
        changed = CHANGES[name](sample)
        scores[name] = score(classical(changed[0], cache), changed)
    return scores


def table(report: dict[str, Any]) -> str:
    """The report as text: a line a group, then a line a change, then tumours, negatives and the worst cases."""
    lines = [f"{'':46}{'scans':>6}{'patients':>9}  {'Dice [95 %]':26}{'HD95, mm':22}{'volume error, %':22}"]
    for kind, entries in (
        ("", report["groups"]),
        ("changed: ", report["robustness"]),
        ("volumes changed: ", report["robustness_volumes"]),
        ("classical: ", report["robustness_classical"]),
        ("classical, volumes: ", report["robustness_classical_volumes"]),
    ):
        for name, entry in entries.items():
            dice = entry["dice"]
            lines.append(
                f"{kind + name:46.46}{dice['images']:>6}{dice['patients']:>9}  {interval_text(dice, 4):26}"
                f"{interval_text(entry['hd95_mm'], 2):22}{interval_text(entry['volume_error_percent'], 2):22}"
            )
    for name, tumour in report["tumours"].items():
        lines.append(f"tumour {name}: {100 * tumour['share_inside']:.1f} % inside ({tumour['ml']:.1f} ml)")
    empty = report["without_lung"]
    lines.append(f"scans without lung: {empty['scans']}, of them marked: {empty['marked']}")
    lines += [
        f"worst: {case['name']}  Dice {case['dice']:.4f}, HD95 {case['hd95_mm']:.1f} mm" for case in report["worst"]
    ]
    return "\n".join(lines)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m training.evaluate", description="Measure a CT lung model.")
    parser.add_argument("bundle", type=Path, help="model folder")
    parser.add_argument("--data", type=Path, required=True, help="folder of CT files, or its parent")
    parser.add_argument("--split", default="", help="only scans whose name begins with this")
    parser.add_argument("--folds", action="store_true", help="score each patient with the fold that did not see them")
    parser.add_argument("--run", type=Path, help="the same with the networks of this training run")
    parser.add_argument("--cache", type=Path, help="folder that keeps the classical method's answers (RUN/labels)")
    parser.add_argument("--json", type=Path, help="save all numbers here")
    parser.add_argument("--figures", type=Path, help="folder for overlays, outlines and the spread of scores")
    parser.add_argument("--device", default="auto")
    parser.add_argument("--no-robustness", action="store_true", help="only the scans as they are")
    options = parser.parse_args(arguments)
    try:
        bundle = load_bundle(options.bundle)
        scans = find_scans(options.data)
        held_out = options.run is not None or options.folds
        if held_out:
            folds = carried_folds.of_run(options.run) if options.run else carried_folds.carried(bundle)
            choose = choose_folds(bundle, folds, scans)
        else:
            choose = choose_bundle(bundle, options.device)
        scans = [scan for scan in scans if scan.name.startswith(options.split)]
        if not scans:
            raise DataError(f"no scan in {options.data} has a name that begins with {options.split!r}")
        cache = options.cache or (options.run / "labels" if options.run else None)
        report = {
            "model": {"id": bundle.id, "version": bundle.version, "sha256": bundle.sha256},
            "split": options.split,
            "cross_validated": held_out,
            "patients": len({scan.patient for scan in scans}),
            **measure(choose, scans, options.data, cache, robust=not options.no_robustness),
        }
        sys.stdout.write(f"{bundle.ref}{', cross-validated' if held_out else ''}\n{table(report)}\n")
        if not held_out:
            sys.stdout.write("note: use --folds for data that the shipped model was trained on\n")
        if options.json:
            options.json.write_text(json.dumps(report, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
        if options.figures:
            options.figures.mkdir(parents=True, exist_ok=True)
            ct_lungs_pictures.draw(
                options.figures, report, scans, choose, lambda scan: labels(scan, options.data, cache)
            )
    except (BundleError, DataError, OSError, DeviceError) as error:
        sys.stderr.write(f"training.evaluate: {error}\n")
        return 3
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
