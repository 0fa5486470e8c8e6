"""From a run to a measured model folder with its card, on made scans."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pytest
import torch

from inference import networks
from inference.bundle import load_bundle
from tests.training import made_ct
from training import card, ct_lungs_speed, evaluate, evaluate_ct_lungs, export
from training.ct_scans import find_scans
from training.data import DataError
from training.train_ct_lungs import RECIPE


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A run of untrained networks: reports need no good ones."""
    out = tmp_path_factory.mktemp("run")
    torch.manual_seed(0)
    arguments = {"in_channels": 4, "out_channels": 2, "widths": [4, 6], "fold": 4}
    recipe = dataclasses.replace(RECIPE, arguments=arguments)
    weights = networks.build(recipe.network, arguments).state_dict()
    for place in ("fold0", "fold1", "."):
        (out / place).mkdir(exist_ok=True)
        torch.save(weights, out / place / "weights.pt")
    settings = {
        "id": "ct-lungs",
        "seed": 0,
        "network": {"name": recipe.network, "arguments": arguments},
        "recipe": dataclasses.asdict(recipe),
        "data": {},
    }
    (out / "settings.json").write_text(json.dumps(settings))
    return out


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = tmp_path_factory.mktemp("data")
    made_ct.write(root / "stack", "P1", made_ct.chest()[8:20])
    made_ct.write(root / "slice", "P2", made_ct.chest()[14:15])
    empty = made_ct.chest()[14:15]
    empty[empty == -850] = 40
    made_ct.write(root / "empty", "P3", empty)
    return root


def test_a_run_becomes_a_model_with_scores_and_a_card(run: Path, data: Path, tmp_path: Path) -> None:
    model, figures = tmp_path / "ct-lungs", tmp_path / "figures"
    assert export.main([str(run), "--out", str(model)]) == 0
    folds, speed = tmp_path / "folds.json", tmp_path / "speed.json"
    measured = [str(model), "--data", str(data), "--run", str(run), "--json", str(folds), "--figures", str(figures)]
    assert evaluate.main(measured) == 0
    report = json.loads(folds.read_text())
    assert report["cross_validated"]
    assert report["groups"]["all"]["dice"]["images"] == 2
    assert report["groups"]["volumes"]["dice"]["images"] == 1
    assert report["without_lung"]["scans"] == 1
    assert set(report["robustness_classical"]) == {"unchanged", *evaluate_ct_lungs.COMPARED}
    # what the labels were made by agrees with itself on phantoms that need no correction
    assert report["robustness_classical"]["unchanged"]["dice"]["mean"] == 1
    assert all((figures / name).stat().st_size > 1000 for name in ("overlays.png", "contours.png", "dice.png"))
    quick = ["--slices", "4", "--edge", "96", "--repeats", "1", "--json", str(speed)]
    assert ct_lungs_speed.main([str(model), *quick]) == 0
    assert card.main([str(model), "--folds", str(folds), "--speed", str(speed), "--figures", str(figures)]) == 0
    bundle = load_bundle(model)
    text = bundle.card_path.read_text(encoding="utf-8")
    assert bundle.sha256 in text
    assert "pseudo-labels" in text
    assert all(limit in text for limit in bundle.limits)
    assert all(data.citation in text for data in bundle.training_data)
    assert f"{report['groups']['all']['dice']['mean']:.4f}" in text
    assert bundle.metrics["all, held-out patients, against checked pseudo-labels"]["dice"]["patients"] == 2


def test_a_card_takes_no_numbers_of_other_weights_or_of_seen_patients(run: Path, data: Path, tmp_path: Path) -> None:
    model, folds = tmp_path / "ct-lungs", tmp_path / "folds.json"
    assert export.main([str(run), "--out", str(model)]) == 0
    plain = [str(model), "--data", str(data), "--json", str(folds), "--no-robustness", "--device", "cpu"]
    assert evaluate.main(plain) == 0
    wanted = [str(model), "--folds", str(folds), "--speed", str(folds), "--figures", str(tmp_path)]
    assert card.main(wanted) == 3
    report = json.loads(folds.read_text())
    report["cross_validated"] = True
    report["model"]["sha256"] = "0" * 64
    folds.write_text(json.dumps(report))
    assert card.main(wanted) == 3
    assert evaluate.main([*plain, "--split", "nobody"]) == 3


def test_a_model_carries_the_networks_of_its_folds(
    run: Path, data: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """It is scored as the run itself is, from nothing but its folder."""
    settings = json.loads((run / "settings.json").read_text())
    together = tmp_path / "run"
    folds = {}
    for fold in range(2):
        torch.manual_seed(fold)
        folds[fold] = networks.build(settings["network"]["name"], settings["network"]["arguments"]).state_dict()
        (together / f"fold{fold}").mkdir(parents=True)
        torch.save(folds[fold], together / f"fold{fold}" / "weights.pt")
    torch.save(folds[0], together / "weights.pt")
    (together / "settings.json").write_text(json.dumps(settings))
    model = tmp_path / "ct-lungs"
    by_folds = [str(model), "--data", str(data), "--folds", "--cache", str(tmp_path / "labels"), "--no-robustness"]
    assert export.main([str(together), "--out", str(model)]) == 0
    assert evaluate.main(by_folds) == 3
    assert export.main([str(together), "--out", str(model), "--folds"]) == 0
    scores = []
    for how in (["--folds"], ["--run", str(together)]):
        out = tmp_path / "out.json"
        asked = [str(model), "--data", str(data), *how, "--cache", str(tmp_path / "labels"), "--json", str(out)]
        assert evaluate.main([*asked, "--no-robustness"]) == 0
        report = json.loads(out.read_text())
        assert report["cross_validated"]
        scores.append([scan["dice"] for scan in report["scans"]])
    assert scores[0] == pytest.approx(scores[1], abs=1e-6)
    path = model / "models" / "folds.safetensors"
    path.write_bytes(path.read_bytes()[:-4] + bytes(4))
    assert evaluate.main(by_folds) == 3
    assert "damaged" in capsys.readouterr().err


def test_an_experts_tumour_lies_where_the_viewer_has_it(shared_data: Path) -> None:
    """The SEG as SimpleITK reads it, beside the tumour's place: both segments touch and have millilitres."""
    root = shared_data / "ct" / "rider-lung-1129164940"
    (scan,) = find_scans(root / "ct")
    named = dataclasses.replace(scan, name="rider-lung-1129164940/ct")
    tumours = evaluate_ct_lungs.expert_tumours(named, shared_data)
    assert len(tumours) == 2
    first, second = tumours.values()
    assert (first & second).sum() > 0.6 * min(first.sum(), second.sum())
    # a tumour is soft tissue: were the frames of another order, it would be filled with air
    for mask in tumours.values():
        assert named.voxels[mask].mean() > -200
    moved = named.affine.copy()
    moved[2, 3] += 5
    shifted = dataclasses.replace(named, affine=moved)
    with pytest.raises(DataError, match="does not hold all slices"):
        evaluate_ct_lungs.expert_tumours(shifted, shared_data)
