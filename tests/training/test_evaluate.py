from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from inference import engine, runtime
from inference.bundle import load_bundle
from inference.tasks import lung_fields
from tests.inference.made_models import write_bundle
from tests.training import made_chests
from training.data import read_rows
from training.evaluate import choose_folds, main
from training.metrics import dice
from training.scoring import Score, groups, predict_mask, read_sample, score, summarise


@pytest.fixture
def data(tmp_path: Path) -> Path:
    return made_chests.write(tmp_path / "cxr", patients=6, adults=3)


@pytest.fixture
def bundle(tmp_path: Path) -> Path:
    engine.forget_networks()
    return write_bundle(tmp_path / "made")


def truth(image: np.ndarray) -> np.ndarray:
    """The right answer for ``made_chests``: dark is lung."""
    dark = (image < 0.5).astype(np.float32)
    left = np.arange(image.shape[1]) < image.shape[1] / 2
    return np.stack([dark * left, dark * ~left])


def test_a_perfect_model_scores_nearly_one(data: Path) -> None:
    row = next(row for row in read_rows(data) if row.adult)
    found = score(truth, 128, row, read_sample(row))
    assert found.dice > 0.97
    assert found.hd95 < 1.5
    assert abs(found.area_error) < 3
    assert found.objection is None


def test_a_score_is_the_serving_codes(data: Path, bundle: Path) -> None:
    """What evaluation calls the mask is what the engine would show."""
    from inference.types import Request
    from inference.volume import Calibration, Volume
    from tests.inference.made_models import FRONTAL

    loaded = load_bundle(bundle)
    sample = read_sample(next(row for row in read_rows(data) if row.adult))
    mask, _ = predict_mask(lung_fields.predictor(loaded, "cpu"), sample.image, loaded.contract.size)
    volume = Volume(sample.image[np.newaxis], None, None, Calibration.NONE, "presentation")
    result = engine.run(Request("r", volume, FRONTAL, device="cpu"), loaded)
    assert result.label_map is not None
    assert dice(result.label_map[0] > 0, mask) == 1


def made_score(name: str, value: float, **changes: object) -> Score:
    base = {
        "label": "a",
        "view": "",
        "certain": True,
        "adult": False,
        "hd95": 1.0,
        "area_error": 2.0,
        "objection": None,
    }
    return Score(name=name, patient=name, dice=value, **{**base, **changes})  # type: ignore[arg-type]


def test_groups_hold_what_tells_images_apart() -> None:
    scores = [
        made_score("x", 0.9, label="a"),
        made_score("y", 0.8, label="b", certain=False),
        made_score("z", 0.7, label="b"),
    ]
    assert {name: [score.name for score in members] for name, members in groups(scores).items()} == {
        "all": ["x", "y", "z"],
        "certain masks": ["x", "z"],
        "a": ["x"],
        "b": ["y", "z"],
    }


def test_the_summary_names_the_worst_images_and_the_worst_change() -> None:
    scores = [made_score(f"i{index}", index / 10) for index in range(10)]
    changed = [{"mild": made_score("i", 0.9), "harsh": made_score("i", 0.5, hd95=float("inf"), objection="no")}] * 2
    report = summarise(scores, changed)
    assert [case["name"] for case in report["worst"]] == ["i0", "i1", "i2", "i3", "i4"]
    assert report["worst_change"] == "harsh"
    assert report["robustness"]["harsh"]["objections"] == 2
    assert report["robustness"]["harsh"]["hd95_percent_of_diagonal"]["mean"] == 100
    assert report["groups"]["all"]["dice"]["mean"] == pytest.approx(0.45)
    json.dumps(report)


def test_the_command_prints_and_saves_and_counts_what_has_no_mask(
    data: Path, bundle: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = [str(bundle), "--data", str(data), "--split", "all", "--json", str(tmp_path / "r.json")]
    assert main([*arguments, "--figures", str(tmp_path / "figures")]) == 0
    printed = capsys.readouterr().out
    assert "2 images without a mask were left out" in printed
    assert "worst change" in printed
    report = json.loads((tmp_path / "r.json").read_text(encoding="utf-8"))
    assert (report["scored"], report["skipped_without_mask"], len(report["images"])) == (9, 2, 9)
    assert report["model"]["sha256"] == load_bundle(bundle).sha256
    assert {path.name for path in (tmp_path / "figures").iterdir()} == {
        "overlays-all.png",
        "contours-all.png",
        "dice-all.png",
    }


def test_the_command_says_what_is_wrong(
    data: Path, bundle: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main([str(bundle), "--data", str(data), "--split", "nothing"]) == 3
    assert "no image of split 'nothing'" in capsys.readouterr().err
    assert main([str(tmp_path / "none"), "--data", str(data)]) == 3
    assert "metadata.json" in capsys.readouterr().err


def test_each_adult_is_scored_by_the_fold_that_did_not_see_the_patient(
    data: Path, bundle: Path, tmp_path: Path
) -> None:
    loaded = load_bundle(bundle)
    network = runtime.load_network(loaded, "cpu")
    for fold in range(5):
        weights = {name: value.clone() for name, value in network.state_dict().items()}
        weights["head.bias"].fill_(fold)
        (tmp_path / "run" / f"fold{fold}").mkdir(parents=True)
        torch.save(weights, tmp_path / "run" / f"fold{fold}" / "weights.pt")
    rows = [row for row in read_rows(data) if row.adult]
    choose = choose_folds(loaded, tmp_path / "run", rows)
    image = np.random.default_rng(0).random((64, 64)).astype(np.float32)
    answers = {row.patient: float(choose(row)(image).mean()) for row in rows}
    assert len(set(answers.values())) == 2
