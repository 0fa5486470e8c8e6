from __future__ import annotations

import csv
import json
import os
import shutil
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from inference import networks
from inference.bundle import Bundle, load_bundle
from inference.preprocess import prepare
from tests.training import made_classes
from training import ablation, calibrate, card, evaluate, export, finetune, rebuild, train_pneumonia
from training.data import DataError, read_rows
from training.pretrained import start_from
from training.recipe_pneumonia import Cycle, Recipe
from training.train_pneumonia import Films, draw, fit, learning_rate, logits_of, read_films

TINY = Recipe(
    arguments={"width": 16, "heads": 2, "pooling": "self"},
    pretrained="efficientnet-lite0",
    cycles=(Cycle(12, 48, 3e-3, 2), Cycle(4, 48, 1e-3, 1)),
    members=2,
    size=48,
    shares=(4, 4, 4),
    ema=0.7,
    norm_momentum=0.3,
    strength=0.2,
    surrounded=0.2,
    check_every=5,
    judged=1,
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made_classes.write(tmp_path_factory.mktemp("data") / "cxr")


@pytest.fixture(scope="module")
def films(folder: Path) -> Films:
    return read_films([row for row in read_rows(folder) if row.split == "train"])


@pytest.fixture(scope="module")
def trained(films: Films, tmp_path_factory: pytest.TempPathFactory) -> tuple[list[dict[str, torch.Tensor]], Path]:
    out = tmp_path_factory.mktemp("run")
    return fit(TINY, films, films, out, seed=3), out


@pytest.fixture(scope="module")
def bundle_root(
    films: Films, trained: tuple[list[dict[str, torch.Tensor]], Path], tmp_path_factory: pytest.TempPathFactory
) -> Path:
    members, out = trained
    weights, settings = train_pneumonia.finished_settings(TINY, members, films, films, out, {"seed": 3})
    root = tmp_path_factory.mktemp("models") / "cxr-pneumonia"
    export.export(weights, "cxr-pneumonia", settings, root)
    return root


def test_it_learns_in_seconds_and_leaves_curves(
    films: Films, trained: tuple[list[dict[str, torch.Tensor]], Path]
) -> None:
    members, out = trained
    network = networks.build("AttentionClassifier", {**TINY.arguments, "classes": 3})
    start_from("efficientnet-lite0", network)
    images = [prepare(image, 48) for image in films.images]

    def accuracy() -> float:
        return float((logits_of(network, images, "cpu").argmax(axis=1) == films.classes).mean())

    before = accuracy()
    network.load_state_dict(members[0])
    assert before < 0.6
    assert accuracy() > 0.75
    with (out / "log.csv").open(encoding="utf-8") as stream:
        log = list(csv.DictReader(stream))
    assert [entry["step"] for entry in log] == ["5", "10", "12", "15", "16"]
    assert float(log[-1]["loss"]) < float(log[0]["loss"])
    assert (out / "curves.png").is_file()


def test_a_resumed_run_equals_an_uninterrupted_one(
    films: Films, trained: tuple[list[dict[str, torch.Tensor]], Path], tmp_path: Path
) -> None:
    whole, _ = trained
    for stop in (7, 13):
        fit(TINY, films, films, tmp_path, seed=3, stop_after=stop)
    resumed = fit(TINY, films, films, tmp_path, seed=3)
    assert len(whole) == len(resumed) == 2
    for first, second in zip(whole, resumed, strict=True):
        for name, value in first.items():
            assert torch.equal(value, second[name]), name


def test_the_frozen_part_keeps_the_weights_it_began_with(
    trained: tuple[list[dict[str, torch.Tensor]], Path],
) -> None:
    network = networks.build("AttentionClassifier", {**TINY.arguments, "classes": 3})
    start_from("efficientnet-lite0", network)
    for name, value in network.state_dict().items():
        frozen = name.startswith(("encoder.stem", *(f"encoder.blocks.{n}." for n in range(TINY.frozen))))
        if frozen:
            assert torch.equal(value, trained[0][0][name]), name
    assert not torch.equal(
        network.state_dict()["encoder.blocks.9.project.0.weight"], trained[0][0]["encoder.blocks.9.project.0.weight"]
    )


def test_every_image_of_a_class_comes_before_any_comes_again() -> None:
    classes = np.array([0] * 7 + [1] * 3 + [2] * 5)
    drawn = [draw(classes, (2, 1, 1), step, seed=1) for step in range(7)]
    assert all(sorted(classes[one]) == [0, 0, 1, 2] for one in drawn)
    first = [index for one in drawn for index in one if classes[index] == 0]
    assert sorted(first[:7]) == list(range(7))
    assert first[:7] != first[7:]


def test_each_cycle_warms_up_and_falls_to_almost_nothing() -> None:
    cycle = Cycle(50, 160, 1e-3, 10)
    rates = [learning_rate(cycle, step) for step in range(50)]
    assert rates[0] == pytest.approx(1e-4)
    assert max(rates) == pytest.approx(1e-3)
    assert rates[-1] < 2e-5
    with pytest.raises(ValueError, match="behind"):
        train_pneumonia.cycle_of(TINY, 16)


def test_an_unknown_label_is_named(folder: Path) -> None:
    row = replace(read_rows(folder)[0], label="other")
    with pytest.raises(DataError, match="label 'other' is none of normal, bacterial, viral"):
        read_films([row])


def test_what_ships_is_calibrated_and_says_what_it_was_made_from(films: Films, bundle_root: Path) -> None:
    bundle = load_bundle(bundle_root)
    assert bundle.network == "SnapshotEnsemble"
    assert bundle.arguments["members"] == 2
    assert 0.2 <= bundle.arguments["first"] <= 5
    assert bundle.arguments["strange_above"] > 0
    manifest = json.loads((bundle_root / "configs" / "metadata.json").read_text(encoding="utf-8"))
    training = manifest["scoutview"]["training"]["settings"]
    assert training["data"]["trained on"]["images"] == len(films.rows)
    assert len(training["data"]["trained on"]["sha256"]) == 64
    assert training["log"]


def test_evaluating_a_model_folder_gives_every_measure(
    folder: Path, bundle_root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "val.json"
    asked = [str(bundle_root), "--data", str(folder), "--json", str(out), "--figures", str(tmp_path), "--slow", "2"]
    assert evaluate.main([*asked, "--device", "cpu"]) == 0
    found = json.loads(out.read_text(encoding="utf-8"))
    assert found["split"] == "val"
    assert len(found["images"]) == 6
    assert {"discrimination", "calibration", "uncertainty", "attention", "faithfulness", "randomised"} <= found.keys()
    assert 0 <= found["attention"]["attention"]["mean"] <= 1
    assert found["attention"]["uniform"]["mean"] < 0.5
    assert sum(map(sum, found["discrimination"]["confusion"])) == 6
    for name in ("curves-val.png", "confusion-val.png", "maps-val.png", "cases-val.png"):
        assert (tmp_path / name).stat().st_size > 1000
    assert "inside the lungs: attention_minus_constant" in capsys.readouterr().out


def test_fine_tuning_goes_on_from_the_model_and_says_so(
    folder: Path, bundle_root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = {path: path.read_bytes() for path in bundle_root.rglob("*") if path.is_file()}
    monkeypatch.setattr(finetune, "RECIPE", TINY)
    asked = [str(bundle_root), "--data", str(folder), "--out", str(tmp_path), "--steps", "1", "--device", "cpu"]
    assert finetune.main(asked) == 0
    model = load_bundle(tmp_path / "model")
    assert model.id == "cxr-pneumonia-finetuned"
    assert "not measured" in model.limits[0]
    assert not model.metrics
    assert before == {path: path.read_bytes() for path in bundle_root.rglob("*") if path.is_file()}
    name = "members.0.encoder.stem.0.weight"
    old, new = load_file(bundle_root / "models/model.safetensors"), load_file(model.weights_path)
    assert torch.equal(old[name], new[name])
    assert not torch.equal(old["members.0.classify.2.weight"], new["members.0.classify.2.weight"])


def test_fine_tuning_a_segmentation_works_with_the_same_command(tmp_path: Path) -> None:
    from tests.training import made_chests

    root = made_chests.write(tmp_path / "cxr", patients=30)
    models = Path(__file__).resolve().parents[2] / "assets" / "models" / "cxr-lungs"
    asked = [str(models), "--data", str(root), "--out", str(tmp_path / "run"), "--steps", "1", "--device", "cpu"]
    assert finetune.main(asked) == 0
    assert load_bundle(tmp_path / "run" / "model").task == "lung-segmentation"


def test_too_few_images_to_fine_tune_on_are_refused(folder: Path) -> None:
    with pytest.raises(DataError, match="too few"):
        finetune.split(read_rows(folder)[:2])


def test_two_processes_hold_the_same_weights(tmp_path: Path) -> None:
    """torchrun's environment, two processes on this machine: gradients are averaged, so the weights stay equal."""
    script = """
import sys, torch
from torch import nn
from training.parallel import average_gradients, average_statistics, processes
with processes("cpu") as (rank, count, device):
    torch.manual_seed(0)
    model = nn.Sequential(nn.Linear(3, 2), nn.BatchNorm1d(2))
    torch.manual_seed(rank)
    loss = model(torch.randn(8, 3)).square().sum() * (rank + 1)
    loss.backward()
    own = model[0].weight.grad.clone()
    average_gradients(model)
    average_statistics(model)
    torch.save((count, own, model[0].weight.grad, model[1].running_mean), sys.argv[1] + str(rank))
"""
    runs = []
    for rank in range(2):
        environment = {
            **os.environ,
            "WORLD_SIZE": "2",
            "RANK": str(rank),
            "MASTER_ADDR": "127.0.0.1",
            "MASTER_PORT": "29713",
            "PYTHONPATH": str(Path(__file__).resolve().parents[2]),
        }
        runs.append(subprocess.Popen([sys.executable, "-c", script, str(tmp_path / "r")], env=environment))
    assert [run.wait(timeout=120) for run in runs] == [0, 0]
    (count, first, mean, statistics), (_, second, other_mean, other_statistics) = (
        torch.load(tmp_path / f"r{rank}", weights_only=True) for rank in range(2)
    )
    assert count == 2
    torch.testing.assert_close(mean, (first + second) / 2)
    assert torch.equal(mean, other_mean)
    assert torch.equal(statistics, other_statistics)


def test_the_card_holds_the_numbers_that_were_measured(folder: Path, bundle_root: Path, tmp_path: Path) -> None:
    root = tmp_path / "cxr-pneumonia"
    shutil.copytree(bundle_root, root)
    val, shift = tmp_path / "val.json", tmp_path / "shift.json"
    asked = [str(root), "--data", str(folder), "--figures", str(tmp_path), "--device", "cpu"]
    assert evaluate.main([*asked, "--json", str(val), "--slow", "2"]) == 0
    shutil.copy(val, shift)
    for name in ("curves", "confusion", "maps"):
        shutil.copy(tmp_path / f"{name}-val.png", tmp_path / f"{name}-shift.png")
    written = [str(root), "--val", str(val), "--shift", str(shift), "--figures", str(tmp_path)]
    assert card.main(written) == 0
    text = (root / "docs" / "README.md").read_text(encoding="utf-8")
    found = json.loads(val.read_text(encoding="utf-8"))
    assert f"{found['discrimination']['auc']['mean']:.4f} (" in text
    assert f"{found['attention']['attention_minus_constant']['mean']:.3f}".replace("-", "−") in text
    assert "${" not in text
    assert load_bundle(root).metrics["val"]["auc"]["mean"] == found["discrimination"]["auc"]["mean"]
    assert "c0.png" not in (root / "configs" / "measurements.json").read_text(encoding="utf-8")
    found["model"]["sha256"] = "0" * 64
    val.write_text(json.dumps(found), encoding="utf-8")
    assert card.main(written) == 3


def test_rebuilding_names_what_differs(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    models = Path(__file__).resolve().parents[2] / "assets" / "models"
    said = {"a": {"mean": 0.5, "low": 0.4}, "only said": 1}
    assert rebuild.differences(said, {"a": {"mean": 0.7}}) == [("a: mean", 0.5, 0.7)]
    seen: list[str] = []

    def measure(bundle: Bundle, data: Path, work: Path, *, write: bool) -> dict[str, object]:
        seen.append(bundle.id)
        metrics = json.loads(json.dumps(dict(bundle.metrics)))
        metrics["children, all masks"]["dice"]["mean"] += shift
        return metrics

    monkeypatch.setattr(rebuild, "lung_fields", measure)
    asked = ["--data", str(folder), "--work", str(tmp_path), "--models", str(models), "--only", "cxr-lungs"]
    shift = 0.0
    assert rebuild.main(asked) == 0
    shift = 0.1
    assert rebuild.main(asked) == 1
    assert seen == ["cxr-lungs", "cxr-lungs"]
    assert capsys.readouterr().out.count("DIFFERS") == 1


def test_ways_of_pooling_are_compared_on_the_same_features(films: Films) -> None:
    found = ablation.compare(films, films, steps=2)
    assert list(found) == ["self", "dot", "additive", "mean"]
    for entries in found.values():
        for measures in entries.values():
            assert all(len(values) == ablation.SEEDS for values in measures.values())
    assert found["mean"]["varied"]["spread"] == pytest.approx([1.0] * ablation.SEEDS)


def test_calibration_finds_scale_offset_and_caution() -> None:
    """Answers are drawn from known scores: the fit must find the numbers that made them."""
    rng = np.random.default_rng(0)
    against = rng.normal(0, 3, 4000)
    wanted = rng.random(4000) < 1 / (1 + np.exp(-(against / 2 + 0.5)))

    def seen(strangeness: float, pushed: float) -> calibrate.Seen:
        logits = np.zeros((1, 4000, 3))
        # two equal classes outweigh class 0 by what is ``against`` it
        logits[..., 1:] = (against + pushed - np.log(2))[None, :, None]
        return calibrate.Seen(logits, np.full(4000, strangeness))

    # the strange state pushes all films towards disease; caution is what takes that back
    states = [seen(1.0, 0.0), seen(2.0, 1.5)]
    first, offset, caution = calibrate.binary_calibration(states, wanted.astype(np.intp))
    assert first == pytest.approx(2, rel=0.12)
    assert offset == pytest.approx(0.5, abs=0.12)
    assert caution * np.log(2) == pytest.approx(1.5 / 2, abs=0.15)
