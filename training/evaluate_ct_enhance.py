"""Measure ``ct-enhance``: ``python -m training.evaluate BUNDLE --data DIR [--folds] [--json F] [--figures DIR]``.

With ``--folds`` each patient is scored by the network of the fold that held the patient out: the only honest numbers,
since the shipped network has seen them all. The model folder carries these networks; ``--run`` takes them from a
training run (``training.train --cross-validate``) and compares the adversary's weights too. Without either the shipped
network is scored, on patients of your own. Phantoms, and series that are no targets (``lidc``, ``rider``), are always
scored with the shipped network.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import sys
import time
from collections import defaultdict
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
import torch

from inference import networks
from inference.bundle import Bundle, BundleError, load_bundle
from inference.runtime import DeviceError
from inference.tasks import ct_enhance
from training import carried_folds, classical, ct_noise, dose, lesions, phantom_ct
from training.ct_data import read_headers, read_slice, stacks
from training.data import DataError
from training.enhance_metrics import anatomy_in, best_blend, kept_contrast, psnr, spectrum_distance, ssim
from training.enhance_pictures import panels, spectra
from training.export import compact
from training.low_dose import DOSES, FOLDS, SETS, Kernel, Target, fold_of, kernel_of, load_targets
from training.metrics import bootstrap
from training.reports import interval_text

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

FloatArray = npt.NDArray[np.float32]
Report = dict[str, Any]
Weights = dict[str, torch.Tensor]

CROP = 256
OURS = "ct-enhance"
INPUT = "input"
PER_PATIENT = 6
"""Slices of one patient that are scored: one with many must not be the whole number."""
PHANTOMS = 6
PHANTOM_LEVEL = 9.0
"""Soft-tissue SD of the phantoms at full dose, HU; scanned at a quarter of it they have twice that."""
SOFT = (40.0, 400.0)


@dataclass(frozen=True, eq=False)
class Case:
    """One slice to be scored, a cut of ``CROP`` pixels. ``results``: (method, strength) → result, ``INPUT`` among
    them."""

    name: str
    patient: str
    kernel: str
    fold: int
    truth: FloatArray
    body: npt.NDArray[np.bool_]
    flat: npt.NDArray[np.bool_]
    results: dict[tuple[str, str], FloatArray]

    @property
    def low(self) -> FloatArray:
        return self.results[INPUT, ""]


def cut(body: npt.NDArray[np.bool_]) -> tuple[slice, slice]:
    """``CROP`` pixels around the middle of the body."""
    rows, columns = np.nonzero(body)
    tops = []
    for values, size in ((rows, body.shape[0]), (columns, body.shape[1])):
        middle = int(values.mean()) if values.size else size // 2
        tops.append(min(max(middle - CROP // 2, 0), max(size - CROP, 0)))
    return slice(tops[0], tops[0] + CROP), slice(tops[1], tops[1] + CROP)


def choose(targets: Sequence[Target], limit: int) -> list[int]:
    """Indices of the slices to score: at most ``limit`` of a patient, evenly spaced."""
    of: dict[str, list[int]] = defaultdict(list)
    for index, target in enumerate(targets):
        of[target.header.patient].append(index)
    chosen: list[int] = []
    for members in of.values():
        picks = np.unique(np.linspace(0, len(members) - 1, min(limit, len(members))).round().astype(int))
        chosen += [members[pick] for pick in picks]
    return sorted(chosen)


def denoiser_of(bundle: Bundle, weights: Weights) -> Callable[[FloatArray], FloatArray]:
    """A network like the bundle's with other weights, rounded as a bundle stores them."""
    network = networks.build(bundle.network, bundle.arguments)
    network.load_state_dict(compact(weights))
    return ct_enhance.predictor_of(network)


def patient_case(
    target: Target, fold: int, which: int, denoise: Callable[[FloatArray], FloatArray], cache: Path, compare: bool
) -> Case:
    """``target`` at ``DOSES[which]`` through every method. The classical ones are kept in ``cache``."""
    where = cut(target.body)
    low = target.low(which)
    results = {(INPUT, ""): low[where], (OURS, ""): denoise(low)[where]}
    if compare:
        scale = np.float32(np.sqrt(1 / DOSES[which] - 1))
        units = target.training_units[(slice(None), *where)].astype(np.float32) * scale
        results |= _compared(low[where], units, cache)
    flat = ct_noise.flat_regions(target.hu, target.header.spacing[0])
    return Case(
        target.header.name,
        target.header.patient,
        " ".join(kernel_of(target.header)),
        fold,
        target.hu[where],
        target.body[where],
        flat[where],
        results,
    )


def _compared(low: FloatArray, noise: FloatArray, cache: Path) -> dict[tuple[str, str], FloatArray]:
    """Results of the classical methods, each told the noise's power from realisations that it is not scored on."""
    digest = hashlib.sha256(low.tobytes() + noise.tobytes() + b"1").hexdigest()[:24]
    path = cache / f"classical-{digest}.npz"
    if not path.is_file():
        power = classical.noise_power(noise)
        found = {f"{method}|{strength}": result for method, strength, result in classical.candidates(low, power)}
        draft = path.with_suffix(".part.npz")
        np.savez(draft, **found)  # type: ignore[arg-type]
        draft.replace(path)
    with np.load(path) as kept:
        return {tuple(name.split("|", 1)): kept[name] for name in kept.files}


def phantom_cases(
    kernels: dict[tuple[str, str], Kernel], denoise: Callable[[FloatArray], FloatArray], cache: Path, compare: bool
) -> list[Case]:
    """Drawn bodies scanned at a quarter of the dose, with the noise of the kernels that were measured best."""
    measured = sorted(kernels.items(), key=lambda item: -item[1].squares)[:3]
    cases = []
    for seed in range(PHANTOMS):
        (maker, name), kernel = measured[seed % len(measured)]
        spacing = 0.7
        truth = phantom_ct.body(seed, spacing_mm=spacing)
        valid = np.ones(truth.shape, np.bool_)
        soft = ct_noise.box_mean((truth > -20) & (truth < 170), 9) > 0.999
        simulator = dose.Simulator(
            dose.sinogram(truth, valid, spacing),
            (truth.shape[0], truth.shape[1]),
            spacing,
            kernel.frequency * spacing,
            kernel.power,
            PHANTOM_LEVEL,
            soft,
        )
        drawn = simulator.noise(0.25, 5, torch.Generator().manual_seed(9000 + seed))
        # the drawn body has no noise of its own: all of that of a quarter's dose is added, 4/3 of the difference
        drawn = drawn * np.float32(np.sqrt(4 / 3))
        low = truth + drawn[0]
        body = truth > -500
        where = cut(body)
        results = {(INPUT, ""): low[where], (OURS, ""): denoise(low)[where]}
        if compare:
            results |= _compared(low[where], drawn[(slice(1, None), *where)], cache)
        local = ct_noise.local_statistics(truth, 11)[1] < 1e-3
        cases.append(
            Case(
                f"phantom {seed} ({'chest' if seed % 2 == 0 else 'abdomen'})",
                f"phantom {seed}",
                f"{maker} {name}",
                seed % FOLDS,
                truth[where],
                ct_noise.box_mean(body, 9)[where] > 0.5,
                (local & soft)[where],
                results,
            )
        )
    return cases


def tuned(cases: Sequence[Case]) -> list[dict[str, tuple[str, float, FloatArray]]]:
    """For each case method → (strength, share, result): strength and blend are those that are best on other folds.

    Every method is tuned alike, ours too: the share of it that is blended with its input by least squares, and among
    the strengths of a method that with the highest mean PSNR after blending.
    """
    answers: list[dict[str, tuple[str, float, FloatArray]]] = [{} for _ in cases]
    variants = list(dict.fromkeys(key for case in cases for key in case.results if key[0] != INPUT))
    for fold in sorted({case.fold for case in cases}):
        others = [case for case in cases if case.fold != fold] or list(cases)
        best: dict[str, tuple[float, str, float]] = {}
        for method, strength in variants:
            results = [case.results[method, strength] for case in others]
            share = best_blend([case.low for case in others], results, [case.truth for case in others])
            mean = float(
                np.mean(
                    [
                        psnr(ct_enhance.blend(case.low, result, share), case.truth, case.body)
                        for case, result in zip(others, results, strict=True)
                    ]
                )
            )
            if method not in best or mean > best[method][0]:
                best[method] = (mean, strength, share)
        for case, answer in zip(cases, answers, strict=True):
            if case.fold == fold:
                for method, (_, strength, share) in best.items():
                    answer[method] = (
                        strength,
                        share,
                        ct_enhance.blend(case.low, case.results[method, strength], share),
                    )
                answer[INPUT] = ("", 0.0, case.low)
    return answers


def scores(case: Case, result: FloatArray) -> dict[str, float]:
    """The numbers of one result."""
    error = result.astype(np.float64) - case.truth
    soft = case.flat if case.flat.sum() >= 200 else case.body & (case.truth > -20) & (case.truth < 170)
    lung = case.body & (case.truth < -700)
    values = {
        "psnr_db": psnr(result, case.truth, case.body),
        "ssim": ssim(result, case.truth),
        "bias_body_hu": float(error[case.body].mean()),
        "bias_soft_hu": float(error[soft].mean()) if soft.any() else 0.0,
    }
    if lung.sum() > 500:
        values["bias_lung_hu"] = float(error[lung].mean())
    if case.flat.sum() >= 200:
        values["flat_sd_hu"] = float(np.sqrt(np.mean(ct_noise.local_statistics(result, 11)[1][case.flat] ** 2)))
    return values


def summarise(cases: Sequence[Case]) -> Report:
    """Means with intervals by patient of every method, tuned alike; ours at full strength too; gains over the best."""
    answers = tuned(cases)
    patients = [case.patient for case in cases]
    rows: dict[str, list[dict[str, float]]] = {}
    methods = list(answers[0])
    for method in methods:
        rows[method] = [scores(case, answer[method][2]) for case, answer in zip(cases, answers, strict=True)]
    if (OURS, "") in cases[0].results:
        rows[f"{OURS}, full strength"] = [scores(case, case.results[OURS, ""]) for case in cases]
    report: Report = {"methods": {}, "slices": []}
    for method, entries in rows.items():
        summary: Report = {}
        for name in sorted({name for entry in entries for name in entry}):
            pairs = [(entry[name], patient) for entry, patient in zip(entries, patients, strict=True) if name in entry]
            summary[name] = asdict(bootstrap([value for value, _ in pairs], [patient for _, patient in pairs]))
        summary |= _texture(
            cases,
            [answer[method][2] for answer in answers]
            if method in methods
            else [case.results[OURS, ""] for case in cases],
        )
        report["methods"][method] = summary
    for method in methods:
        chosen = [answer[method] for answer in answers]
        report["methods"][method]["strengths"] = sorted({strength for strength, _, _ in chosen})
        report["methods"][method]["blend"] = [
            min(share for _, share, _ in chosen),
            max(share for _, share, _ in chosen),
        ]
    rivals = [method for method in methods if method not in (OURS, INPUT)]
    for rival in [*rivals, INPUT]:
        report.setdefault("gain_over", {})[rival] = {
            name: asdict(
                bootstrap(
                    [ours[name] - theirs[name] for ours, theirs in zip(rows[OURS], rows[rival], strict=True)], patients
                )
            )
            for name in ("psnr_db", "ssim")
        }
    if rivals:
        best = max(rivals, key=lambda rival: report["methods"][rival]["psnr_db"]["mean"])
        report["best_rival"] = best
    for index, case in enumerate(cases):
        report["slices"].append(
            {"name": case.name, "kernel": case.kernel, "fold": case.fold}
            | {method: entries[index] for method, entries in rows.items()}
        )
    return report


def _texture(cases: Sequence[Case], results: Sequence[FloatArray]) -> Report:
    """How far the noise texture in flat tissue is from that of the truth; where the truth has noise."""
    wanted, found = [], []
    for case, result in zip(cases, results, strict=True):
        if case.flat.sum() < 16 * 16 or float(case.truth[case.flat].std()) < 1:
            continue
        try:
            wanted.append(ct_noise.spectrum([case.truth], [case.flat]))
            found.append(ct_noise.spectrum([result], [case.flat]))
        except ValueError:
            continue
    if not wanted:
        return {}
    weights = np.array([one.patches for one in wanted], float)
    distances = [spectrum_distance(first, second) for first, second in zip(found, wanted, strict=True)]
    return {"spectrum_distance": float(np.average(distances, weights=weights)), "spectrum_slices": len(wanted)}


def inserted_lesions(
    targets: Sequence[Target],
    folds: Sequence[int],
    denoisers: dict[int, Callable[[FloatArray], FloatArray]],
    which: int = 0,
) -> Report:
    """Lesions put into low-dose slices: what is left of each in enhance(slice + lesion) − enhance(slice)."""
    edge = 96
    kept: dict[str, list[float]] = {name: [] for name in lesions.names()}
    for index, target in enumerate(targets):
        where = cut(target.body)
        low, denoise = target.low(which)[where], denoisers[folds[index]]
        spacing = target.header.spacing[0]
        for kind in lesions.KINDS:
            for row, column in lesions.places(target.hu[where], kind, spacing, edge // 2, 2, seed=index):
                rng = np.random.default_rng([index, row, column])
                drawn = lesions.lesion(kind, spacing, (rng.uniform(-0.5, 0.5), rng.uniform(-0.5, 0.5)), edge)
                top, left = row - edge // 2, column - edge // 2
                piece = low[top : top + edge, left : left + edge]
                if piece.shape == (edge, edge):
                    kept[kind.name].append(kept_contrast(denoise(piece + drawn), denoise(piece), drawn))
    report: Report = {"insertions": sum(len(values) for values in kept.values()), "kinds": {}}
    for name, values in kept.items():
        if values:
            array = np.array(values)
            report["kinds"][name] = {
                "count": len(values),
                "mean": float(array.mean()),
                "low_5": float(np.percentile(array, 5)),
                "high_95": float(np.percentile(array, 95)),
                "within_5_percent": float((np.abs(array - 1) <= 0.05).mean()),
            }
    return report


def untouched(folder: Path, denoise: Callable[[FloatArray], FloatArray], count: int = 10) -> Report:
    """What the model does to a series that it never saw, with no simulated noise: SD, bias, anatomy taken away."""
    group = max(stacks(read_headers(folder)), key=len)
    picks = np.unique(np.linspace(0.1 * len(group), 0.9 * (len(group) - 1), count).round().astype(int))
    rows: list[dict[str, float]] = []
    for pick in picks:
        one = read_slice(group[pick])
        spacing = one.header.spacing[0]
        result = denoise(one.hu)
        flat = ct_noise.flat_regions(one.hu, spacing)
        body = (ct_noise.box_mean(one.hu, 9) > -950) & ~one.padded
        if flat.sum() < 300:
            continue
        edge = ct_noise.window_edge(spacing)
        before, after = (ct_noise.local_statistics(image, edge)[1][flat] for image in (one.hu, result))
        sd = [float(np.sqrt((values**2).mean())) for values in (before, after)]
        change = result - one.hu
        smooth = ct_noise.box_mean(result, 3).astype(np.float32)
        found = anatomy_in(change, smooth, body)
        rows.append(
            {
                "sd_before_hu": sd[0],
                "sd_after_hu": sd[1],
                "sd_fall_percent": 100 * (1 - sd[1] / sd[0]),
                "bias_flat_hu": float(change[flat].mean()),
                "bias_body_hu": float(change[body].mean()),
                **{f"anatomy_{name}": value for name, value in found.items()},
            }
        )
    if not rows:
        raise DataError(f"no flat soft tissue in {folder}")
    return {"slices": len(rows)} | {
        name: {
            "mean": float(np.mean([row[name] for row in rows])),
            "worst": max((row[name] for row in rows), key=abs)
            if name != "sd_fall_percent"
            else min(row[name] for row in rows),
        }
        for name in rows[0]
    }


def compare_sweep(
    bundle: Bundle, run: Path, targets: Sequence[Target], folds: Sequence[int], cache: Path
) -> dict[str, Report]:
    """Each adversarial weight of the sweep on the patients of fold 0, which none of them saw, at full strength."""
    found: dict[str, Report] = {}
    for folder in sorted((run / "sweep").glob("*/weights.pt"), key=lambda path: float(path.parent.name)):
        denoise = denoiser_of(bundle, torch.load(folder, map_location="cpu", weights_only=True))
        cases = [
            patient_case(targets[index], 0, 0, denoise, cache, compare=False)
            for index in choose(targets, PER_PATIENT)
            if folds[index] == 0
        ]
        report = summarise(cases)["methods"]
        found[folder.parent.name] = report[f"{OURS}, full strength"]
        found["input"] = report[INPUT]
    return found


def seconds_a_slice(bundle: Bundle, threads: int = 2, turns: int = 7) -> dict[str, float]:
    """Best and median time for a slice of 512 × 512 through the serving code on ``threads`` CPU threads."""
    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    try:
        denoise = ct_enhance.predictor(bundle, "cpu")
        image = np.random.default_rng(0).normal(40, 20, (512, 512)).astype(np.float32)
        denoise(image)
        spent = []
        for _ in range(turns):
            started = time.perf_counter()
            denoise(image)
            spent.append(time.perf_counter() - started)
    finally:
        torch.set_num_threads(before)
    return {"threads": threads, "best": min(spent), "median": float(np.median(spent))}


def untouched_folders(data: Path) -> list[Path]:
    """Series beside those that are learnt from, which the shipped network may be looked at on."""
    for root in (data / "ct", data):
        found = [path for path in sorted(root.glob("*")) if path.name.startswith(("lidc", "rider"))]
        if found:
            return [path / "ct" if (path / "ct").is_dir() else path for path in found]
    return []


def draw(folder: Path, cases: Sequence[Case], name: str, only_drawn: bool) -> None:
    """Typical and worst cases as pictures; of patients only where the reader asked for a folder."""
    answers = tuned(cases)
    gains = [psnr(answer[OURS][2], case.truth, case.body) - psnr(case.low, case.truth, case.body)
             for case, answer in zip(cases, answers, strict=True)]  # fmt: skip
    order = np.argsort(gains)
    picks = dict.fromkeys([int(order[len(order) // 2]), int(order[-1]), int(order[0])])
    rival = next((method for method in answers[0] if method == "BM3D"), INPUT)
    rows = [
        (
            f"{cases[pick].name if only_drawn else cases[pick].kernel}: {gains[pick]:+.1f} dB",
            [
                cases[pick].low,
                cases[pick].results[OURS, ""],
                answers[pick][rival][2],
                cases[pick].truth,
                cases[pick].results[OURS, ""] - cases[pick].low,
            ],
        )
        for pick in picks
    ]
    titles = ("a quarter of the dose", "ct-enhance", rival, "truth" if only_drawn else "full dose", "what it changed")
    panels(folder / f"{name}.png", rows, titles, (SOFT, SOFT, SOFT, SOFT, (0.0, 120.0)))
    try:
        curves = {
            title: ct_noise.spectrum([image - case.truth if only_drawn else image for image, case in pairs],
                                     [case.flat for _, case in pairs])
            for title, pairs in (
                ("a quarter of the dose", [(case.low, case) for case in cases]),
                ("ct-enhance", [(case.results[OURS, ""], case) for case in cases]),
                (rival, [(answer[rival][2], case) for case, answer in zip(cases, answers, strict=True)]),
                *(() if only_drawn else (("full dose", [(case.truth, case) for case in cases]),)),
            )
        }  # fmt: skip
        spectra(folder / f"{name}-spectra.png", curves, "noise power in flat soft tissue, HU² pixel²")
    except ValueError:
        sys.stderr.write(f"{name}: no flat squares, so no spectra\n")


def evaluate(bundle: Bundle, options: argparse.Namespace) -> Report:
    """Everything that the card says, as numbers."""
    compare = not options.no_classical
    cache: Path = options.cache or (options.run or Path()) / "cache"
    shipped = ct_enhance.predictor(bundle, options.device)
    targets, kernels = load_targets(options.data, cache)
    folds = fold_of(targets)
    wanted = [fold for fold in range(FOLDS) if fold in folds]
    held_out = options.run is not None or options.folds
    if held_out:
        networks_of = carried_folds.of_run(options.run) if options.run else carried_folds.carried(bundle)
        wanted = [fold for fold in wanted if fold in networks_of]
        denoisers = {fold: denoiser_of(bundle, networks_of[fold]) for fold in wanted}
    else:
        denoisers = dict.fromkeys(wanted, shipped)
    chosen = [index for index in choose(targets, PER_PATIENT) if folds[index] in wanted]
    report: Report = {
        "model": {"id": bundle.id, "version": bundle.version, "sha256": bundle.sha256},
        "cross_validated": held_out,
        "folds": wanted,
        "targets": {"slices": len(targets), "patients": len({target.header.patient for target in targets})},
        "simulator": {
            " ".join(name): {"squares": kernel.squares, "worst_bin_percent": 100 * kernel.mismatch}
            for name, kernel in kernels.items()
        },
    }
    cases: list[Case] = []
    for which, reduced in enumerate(DOSES):
        found = []
        for done, index in enumerate(chosen):
            found.append(
                patient_case(
                    targets[index], folds[index], which, denoisers[folds[index]], cache, compare and which == 0
                )
            )
            if sys.stderr.isatty():
                sys.stderr.write(f"\r{100 * reduced:.0f} %: {done + 1}/{len(chosen)} slices")
        report[f"patients at {100 * reduced:.0f} %"] = summarise(found)
        cases = cases or found
    drawn = phantom_cases(kernels, shipped, cache, compare)
    report["phantoms at 25 %"] = summarise(drawn)
    report["lesions at 25 %"] = inserted_lesions(
        [targets[index] for index in chosen], [folds[index] for index in chosen], denoisers
    )
    report["untouched"] = {
        folder.parent.name if folder.name == "ct" else folder.name: untouched(folder, shipped)
        for folder in untouched_folders(options.data)
    }
    if options.run:
        report["sweep"] = compare_sweep(bundle, options.run, targets, folds, cache)
    report["seconds_a_slice"] = seconds_a_slice(bundle)
    if options.figures:
        options.figures.mkdir(parents=True, exist_ok=True)
        draw(options.figures, drawn, "phantoms", only_drawn=True)
        draw(options.figures, cases, "patients", only_drawn=False)
    return report


def table(report: Report) -> str:
    """The report as text."""
    lines = []
    for name in [key for key in report if key.startswith(("patients", "phantoms"))]:
        part = report[name]
        lines.append(f"{name}: {len(part['slices'])} slices")
        for method, entry in part["methods"].items():
            texture = f"  spectrum {entry['spectrum_distance']:.2f}" if "spectrum_distance" in entry else ""
            lines.append(
                f"  {method:28}{interval_text(entry['psnr_db'], 2):26} dB  SSIM {interval_text(entry['ssim'], 4):26}"
                f"  bias {entry['bias_body_hu']['mean']:+.2f} HU{texture}  {entry.get('blend', '')}"
            )
        for rival, entry in part.get("gain_over", {}).items():
            lines.append(
                f"  gain over {rival:18}{interval_text(entry['psnr_db'], 2)} dB, SSIM {interval_text(entry['ssim'], 4)}"
            )
    kinds = report["lesions at 25 %"]["kinds"]
    lines += [
        f"  {name:28}{entry['count']:4}  kept {100 * entry['mean']:.1f} % ({100 * entry['low_5']:.1f} to "
        f"{100 * entry['high_95']:.1f}), within 5 %: {100 * entry['within_5_percent']:.0f} %"
        for name, entry in kinds.items()
    ]
    for name, entry in report["untouched"].items():
        lines.append(f"{name}: " + ", ".join(
            f"{key} {value['mean']:.2f} (worst {value['worst']:.2f})" for key, value in entry.items() if key != "slices"
        ))  # fmt: skip
    for weight, entry in report.get("sweep", {}).items():
        lines.append(
            f"adversarial weight {weight:6} PSNR {interval_text(entry['psnr_db'], 2)}, "
            f"SSIM {interval_text(entry['ssim'], 4)}, spectrum {entry.get('spectrum_distance', float('nan')):.3f}"
        )
    lines.append(f"seconds a slice: {report['seconds_a_slice']}")
    return "\n".join(lines)


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m training.evaluate", description="Measure ct-enhance.")
    parser.add_argument("bundle", type=Path, help="model folder")
    parser.add_argument("--data", type=Path, required=True, help="folder of CT slices, or the parent of its folder ct")
    parser.add_argument("--folds", action="store_true", help="score each patient with the fold that did not see it")
    parser.add_argument("--run", type=Path, help="the same with the networks of this training run, and its sweep")
    parser.add_argument("--cache", type=Path, help="folder with simulated noise (default: RUN/cache)")
    parser.add_argument("--json", type=Path, help="save all numbers here")
    parser.add_argument("--figures", type=Path, help="folder for pictures; those of patients are not for publishing")
    parser.add_argument("--device", default="auto")
    parser.add_argument("--no-classical", action="store_true", help="without BM3D, non-local means and bilateral")
    options = parser.parse_args(arguments)
    try:
        bundle = load_bundle(options.bundle)
        report = evaluate(bundle, options)
        sys.stdout.write(f"{bundle.ref}{', cross-validated' if report['cross_validated'] else ''}\n{table(report)}\n")
        if not report["cross_validated"] and any((options.data / "ct" / name).is_dir() for name in SETS):
            sys.stdout.write("note: the shipped model has seen these patients; use --folds for numbers that count\n")
        if options.json:
            options.json.write_text(json.dumps(report, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    except (BundleError, DataError, OSError, DeviceError) as error:
        sys.stderr.write(f"training.evaluate: {error}\n")
        return 3
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
