from __future__ import annotations

import csv
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from PIL import Image

from inference import networks
from tests.training import made_chests
from training import train as training_train
from training.data import Arrays, load, read_rows
from training.recipes import Recipe, Stage
from training.steps import scores
from training.train import fit, main, train

RECIPE = Recipe(
    network="ResidualUNet",
    arguments={"in_channels": 1, "out_channels": 2, "widths": [6, 8, 12], "fold": 2},
    size=32,
    stages=(
        Stage("first", steps=60, learning_rate=2e-2, distrust_at=0.5, warm_up=5, ema=0.9),
        Stage("adults", steps=8, learning_rate=5e-3, adult_share=0.5, keep_best=False, warm_up=2, ema=0.9),
    ),
    batch=6,
    validate_every=10,
    marks=4,
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return made_chests.write(tmp_path_factory.mktemp("data") / "cxr")


@pytest.fixture(scope="module")
def arrays(folder: Path) -> Arrays:
    return load([row for row in read_rows(folder) if row.mask is not None and not row.adult], RECIPE.size)


def test_it_learns_in_seconds_and_leaves_curves(arrays: Arrays, tmp_path: Path) -> None:
    weights = fit(RECIPE, RECIPE.stages[0], arrays, None, arrays, tmp_path)
    network = networks.build(RECIPE.network, RECIPE.arguments)
    before = scores(network, arrays, "cpu", bf16=False).mean()
    network.load_state_dict(weights)
    after = scores(network, arrays, "cpu", bf16=False).mean()
    assert before < 0.6
    assert after > 0.9
    with (tmp_path / "log.csv").open(encoding="utf-8") as stream:
        log = list(csv.DictReader(stream))
    assert [entry["step"] for entry in log] == ["10", "20", "30", "40", "50", "60"]
    assert float(log[-1]["loss"]) < float(log[0]["loss"])
    with Image.open(tmp_path / "curves.png") as picture:
        assert picture.size == (720, 520)


def test_a_stage_of_smaller_images_is_scored_at_the_full_size(arrays: Arrays, tmp_path: Path) -> None:
    stage = replace(RECIPE.stages[0], size=16)
    recipe = replace(RECIPE, stages=(stage,), arguments={**RECIPE.arguments, "widths": [6, 8]})
    weights = fit(recipe, stage, arrays, None, arrays, tmp_path)
    network = networks.build(recipe.network, recipe.arguments)
    network.load_state_dict(weights)
    with (tmp_path / "log.csv").open(encoding="utf-8") as stream:
        best = max(float(entry["tuning_dice"]) for entry in csv.DictReader(stream))
    assert scores(network, arrays, "cpu", bf16=False, size=16).mean() == pytest.approx(best, abs=1e-6)
    assert best > 0.7


def test_a_resumed_run_equals_an_uninterrupted_one(arrays: Arrays, tmp_path: Path) -> None:
    stage = replace(RECIPE.stages[0], steps=30)
    whole = fit(RECIPE, stage, arrays, None, arrays, tmp_path / "whole", seed=3)
    # killed between two checkpoints, before and after the step that picks the trusted masks
    for stop in (13, 27):
        fit(RECIPE, stage, arrays, None, arrays, tmp_path / "parts", seed=3, stop_after=stop)
    resumed = fit(RECIPE, stage, arrays, None, arrays, tmp_path / "parts", seed=3)
    assert whole.keys() == resumed.keys()
    for name, value in whole.items():
        assert torch.equal(value, resumed[name]), name
    assert (tmp_path / "whole" / "log.csv").read_text() == (tmp_path / "parts" / "log.csv").read_text()


def test_another_seed_gives_other_weights(arrays: Arrays, tmp_path: Path) -> None:
    stage = replace(RECIPE.stages[0], steps=10)
    first, second = (fit(RECIPE, stage, arrays, None, arrays, tmp_path / str(seed), seed=seed) for seed in (0, 1))
    assert any(not torch.equal(first[name], second[name]) for name in first)


def test_it_stops_early_when_nothing_gets_better(arrays: Arrays, tmp_path: Path) -> None:
    frozen = replace(RECIPE.stages[0], steps=90, learning_rate=0.0, distrust_at=None, ema=1.0)
    recipe = replace(RECIPE, patience=2, validate_every=6)
    fit(recipe, replace(frozen, warm_up=0), arrays, None, arrays, tmp_path)
    with (tmp_path / "log.csv").open(encoding="utf-8") as stream:
        assert len(list(csv.DictReader(stream))) < 15


def test_all_stages_and_folds_leave_their_weights(
    folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[tuple[str, set[str]]] = []
    original = training_train.fit

    def spy(
        recipe: Recipe, stage: Stage, children: Arrays, adults: Arrays | None, *rest: object, **named: object
    ) -> object:
        seen.append((stage.name, {row.patient for row in adults.rows} if adults else set()))
        assert all(row.split == "train" for row in children.rows)
        return original(recipe, stage, children, adults, *rest, **named)  # type: ignore[arg-type]

    monkeypatch.setattr(training_train, "fit", spy)
    # few patients: let some of them fall into the tuning part, whatever their hash
    monkeypatch.setattr(training_train, "is_tuning", lambda row: row.split == "train" and row.patient in ("p1", "p2"))
    short = replace(RECIPE, stages=tuple(replace(stage, steps=2) for stage in RECIPE.stages))
    train(short, read_rows(folder), tmp_path, seed=0, device="cpu", bf16=False, cross_validate=True)
    everyone = {"adult-0", "adult-1", "adult-2"}
    assert (seen[0], seen[-1]) == (("first", set()), ("adults", everyone))
    held_out = [everyone - adults for _, adults in seen[1:-1]]
    assert len(held_out) == 5
    assert set().union(*held_out) == everyone
    assert sum(len(patients) for patients in held_out) == 3
    for path in ("weights.pt", "fold0/weights.pt", "fold4/weights.pt"):
        assert torch.load(tmp_path / path, weights_only=True)


def test_the_command_refuses_a_folder_without_data(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["cxr-lungs", "--data", str(tmp_path), "--out", str(tmp_path / "out")]) == 3
    assert "no index.csv" in capsys.readouterr().err


def test_a_stage_may_go_part_of_the_way(arrays: Arrays, tmp_path: Path) -> None:
    stage = replace(RECIPE.stages[0], steps=10, distrust_at=None)
    torch.manual_seed(0)
    start = networks.build(RECIPE.network, RECIPE.arguments).state_dict()
    whole = fit(RECIPE, stage, arrays, None, arrays, tmp_path / "whole", start=start)
    half = fit(RECIPE, replace(stage, share=0.5), arrays, None, arrays, tmp_path / "half", start=start)
    for name, value in half.items():
        wanted = (start[name] + whole[name]) / 2 if value.is_floating_point() else whole[name]
        torch.testing.assert_close(value, wanted)
    assert any(not torch.equal(start[name], whole[name]) for name in start)
