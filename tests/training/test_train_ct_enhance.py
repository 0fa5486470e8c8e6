"""A tiny run of the whole way, from DICOM slices to a bundle that is scored."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from inference import networks
from inference.bundle import load_bundle
from inference.tasks.ct_enhance import SCALE
from tests.training import made_low_dose
from training import card, evaluate, export, low_dose, train, train_ct_enhance
from training.enhance_steps import Patches, pixel_loss
from training.train_ct_enhance import GROUPS, Recipe, Run, Stage, fit

TINY = Recipe(
    widths=(6, 8),
    patch=32,
    batch=4,
    keep_every=5,
    ema=0.8,
    common=Stage("pixels", 6, 5e-3, warm_up=2),
    base=Stage("pixels", 6, 5e-3, warm_up=2),
    longer=Stage("pixels", 4, 2e-3, warm_up=2),
    pixels=Stage("pixels", 5, 5e-3, warm_up=2),
    last=Stage("adversarial", 5, 2e-3, adversarial=0.01, warm_up=2),
    sweep=(0.0, 0.01),
)
TARGETS = [made_low_dose.target(seed, f"p{seed % 4}") for seed in range(5)]


def test_it_learns_to_reduce_noise_in_seconds(tmp_path: Path) -> None:
    recipe = replace(TINY, widths=(12, 16), batch=8)
    weights = fit(recipe, Stage("pixels", 120, 4e-3, warm_up=5), TARGETS[:4], tmp_path)
    network = networks.build(recipe.network, recipe.arguments)
    network.load_state_dict(weights)
    unseen = Patches(TARGETS[4:], 32, 1).draw(0, 32)
    with torch.inference_mode():
        found = unseen.low - network(unseen.low / SCALE) * SCALE
    assert pixel_loss(found, unseen) < 0.85 * pixel_loss(unseen.low, unseen)
    assert abs(float((found - unseen.clean).mean())) < 1
    assert (tmp_path / "curves.png").is_file()


@pytest.mark.parametrize("adversarial", [0.0, 0.01])
def test_a_resumed_run_equals_an_uninterrupted_one(tmp_path: Path, adversarial: float) -> None:
    stage = Stage("adversarial", 15, 2e-3, adversarial=adversarial, warm_up=2)
    whole = fit(TINY, stage, TARGETS, tmp_path / "whole")
    fit(TINY, stage, TARGETS, tmp_path / "killed", stop_after=12)
    resumed = fit(TINY, stage, TARGETS, tmp_path / "killed")
    for name, value in whole.items():
        torch.testing.assert_close(resumed[name], value, rtol=0, atol=0)
    assert (tmp_path / "killed" / "log.csv").read_text() == (tmp_path / "whole" / "log.csv").read_text()


def test_no_fold_sees_its_patients(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    seen: dict[str, set[str]] = {}

    def watched(recipe: Recipe, stage: Stage, targets: list[low_dose.Target], out: Path, **options: object) -> object:
        seen[str(out.relative_to(tmp_path))] = {target.header.patient for target in targets}
        return fit(recipe, replace(stage, steps=1), targets, out, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(train_ct_enhance, "fit", watched)
    run = Run(TINY, TARGETS, tmp_path)
    for fold in sorted(set(run.folds)):
        run.last(fold)
        held_out = {target.header.patient for target, own in zip(TARGETS, run.folds, strict=True) if own == fold}
        for part in ("pixels", "last"):
            assert not seen[f"fold{fold}/{part}"] & held_out
            assert seen[f"fold{fold}/{part}"] | held_out == {target.header.patient for target in TARGETS}
    # nor does the stage that a group of folds shares see any of theirs
    for group, folds in enumerate(GROUPS):
        of_group = {target.header.patient for target, own in zip(TARGETS, run.folds, strict=True) if own in folds}
        assert not seen[f"base{group}"] & of_group
        assert not seen[f"longer{group}"] & of_group
    assert seen["common"] == run.first


def test_from_files_to_a_bundle_that_is_scored(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    made_low_dose.write(tmp_path / "data")
    monkeypatch.setattr(train_ct_enhance, "RECIPE", TINY)
    monkeypatch.setattr(low_dose, "TRAINING_DRAWS", (1, 1))
    run = tmp_path / "run"
    arguments = ["ct-enhance", "--data", str(tmp_path / "data"), "--out", str(run), "--precision", "fp32"]
    assert train.main([*arguments, "--device", "cpu", "--part", "sweep", "--part", "fold0", "--part", "final"]) == 0
    saved = json.loads((run / "settings.json").read_text())
    assert len(saved["data"]) == 5
    assert "p0" not in json.dumps(saved["data"])
    assert export.main([str(run), "--out", str(tmp_path / "bundle"), "--folds"]) == 0
    bundle = load_bundle(tmp_path / "bundle")
    assert bundle.task == "ct-enhancement"
    assert bundle.contract.takes == "volume"
    report = tmp_path / "report.json"
    options = ["--data", str(tmp_path / "data"), "--run", str(run), "--json", str(report), "--no-classical"]
    assert evaluate.main([str(tmp_path / "bundle"), *options, "--figures", str(tmp_path / "figures")]) == 0
    numbers = json.loads(report.read_text())
    assert numbers["cross_validated"]
    assert numbers["folds"] == [0]
    assert set(numbers["sweep"]) == {"input", "0", "0.01"}
    again = tmp_path / "again.json"
    cached = ["--folds", "--cache", str(run / "cache"), "--json", str(again), "--no-classical"]
    assert evaluate.main([str(tmp_path / "bundle"), "--data", str(tmp_path / "data"), *cached]) == 0
    from_the_folder = json.loads(again.read_text())
    assert from_the_folder["patients at 25 %"]["methods"] == numbers["patients at 25 %"]["methods"]
    assert "sweep" not in from_the_folder
    at_quarter = numbers["patients at 25 %"]["methods"]
    assert np.isfinite(at_quarter["ct-enhance"]["psnr_db"]["mean"])
    # blended with its input as is best, nothing is worse than the input
    assert at_quarter["ct-enhance"]["psnr_db"]["mean"] >= at_quarter["input"]["psnr_db"]["mean"] - 0.1
    assert (tmp_path / "figures" / "phantoms.png").is_file()
    assert "gain over" in capsys.readouterr().out
    assert card.main([str(tmp_path / "bundle"), "--report", str(report), "--figures", str(tmp_path / "figures")]) == 0
    text = load_bundle(tmp_path / "bundle").card_path.read_text(encoding="utf-8")
    assert bundle.sha256 in text
    assert "$" not in text
    assert (tmp_path / "bundle" / "docs" / "phantoms.png").is_file()
    assert not (tmp_path / "bundle" / "docs" / "patients.png").exists()
    assert load_bundle(tmp_path / "bundle").metrics["patients at 25 %"]["psnr_db"]["images"] == numbers_of(numbers)
    numbers["model"]["sha256"] = "0" * 64
    report.write_text(json.dumps(numbers))
    assert card.main([str(tmp_path / "bundle"), "--report", str(report), "--figures", str(tmp_path / "figures")]) == 3
    assert "other weights" in capsys.readouterr().err


def numbers_of(report: dict[str, Any]) -> int:
    return len(report["patients at 25 %"]["slices"])


def test_a_folder_without_quiet_slices_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "data").mkdir()
    assert train.main(["ct-enhance", "--data", str(tmp_path / "data"), "--out", str(tmp_path / "run")]) == 3
    assert str(tmp_path / "data") in capsys.readouterr().err
