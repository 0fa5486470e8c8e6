from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from inference import engine, networks, runtime
from inference.bundle import load_bundle
from inference.tasks import lung_fields
from tests.training import made_chests
from training import card, evaluate, refusals, scoring
from training.card import interval
from training.export import compact, export, main
from training.recipes import RECIPES
from training.robustness import CHANGES


@pytest.fixture(scope="module")
def bundle(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """``cxr-lungs`` as exported from weights that were never trained."""
    root = tmp_path_factory.mktemp("model") / "cxr-lungs"
    torch.manual_seed(0)
    recipe = RECIPES["cxr-lungs"]
    weights = networks.build(recipe.network, recipe.arguments).state_dict()
    export(weights, "cxr-lungs", {"id": "cxr-lungs", "seed": 7}, root)
    return root


def test_kernels_are_halved_and_small_tensors_are_not() -> None:
    weights = {"kernel": torch.full((2, 3, 3, 3), 1 / 3), "bias": torch.full((2,), 1 / 3), "count": torch.tensor(4)}
    small = compact(weights)
    assert small["kernel"].dtype == torch.float16
    assert small["bias"].dtype == torch.float32
    assert small["count"].dtype == torch.int64


def test_what_was_exported_loads_and_computes_the_same(bundle: Path) -> None:
    engine.forget_networks()
    loaded = load_bundle(bundle)
    assert loaded.sha256 == hashlib.sha256(loaded.weights_path.read_bytes()).hexdigest()
    assert loaded.weights_path.stat().st_size < 12_000_000
    assert [label.name for label in loaded.labels] == ["Right lung", "Left lung"]
    recipe = RECIPES["cxr-lungs"]
    torch.manual_seed(0)
    original = networks.build(recipe.network, recipe.arguments).eval()
    image = np.random.default_rng(0).random((recipe.size, recipe.size)).astype(np.float32)
    with torch.inference_mode():
        wanted = torch.sigmoid(original(torch.from_numpy(image)[None, None]))[0].numpy()
    np.testing.assert_allclose(lung_fields.predictor(loaded, "cpu")(image), wanted, atol=5e-3)


def test_the_manifest_has_the_fields_of_the_bundle_specification(bundle: Path) -> None:
    manifest = json.loads((bundle / "configs" / "metadata.json").read_text(encoding="utf-8"))
    needed = "version changelog monai_version pytorch_version numpy_version optional_packages_version task description"
    assert set(f"{needed} authors copyright network_data_format".split()) <= set(manifest)
    assert manifest["network_data_format"]["inputs"]["image"]["num_channels"] == 1
    assert manifest["network_data_format"]["outputs"]["pred"]["num_channels"] == 2


def test_the_command_says_what_is_missing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([str(tmp_path), "--out", str(tmp_path / "out")]) == 3
    assert "settings.json" in capsys.readouterr().err


def test_an_interval_reads_as_in_a_paper() -> None:
    assert interval({"mean": 0.96123, "low": 0.9601, "high": 0.9624}) == "0.9612 (0.9601 to 0.9624)"
    assert interval({"mean": -0.5, "low": -1.25, "high": 0.25}, 2) == "−0.50 (−1.25 to 0.25)"


@pytest.fixture
def measured(bundle: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, Path]:
    """What the commands that a card needs have saved."""
    monkeypatch.setattr(scoring, "CHANGES", {name: CHANGES[name] for name in ("gamma 2", "resampled to 128²")})
    data = made_chests.write(tmp_path / "cxr", patients=12, adults=2)
    files = {name: tmp_path / f"{name}.json" for name in ("val", "adults", "refusals", "speed")}
    files["figures"] = tmp_path / "figures"
    arguments = [str(bundle), "--data", str(data), "--figures", str(files["figures"]), "--json"]
    assert evaluate.main([*arguments, str(files["val"]), "--split", "val"]) == 0
    engine.forget_networks()
    weights = runtime.load_network(load_bundle(bundle), "cpu").state_dict()
    for fold in range(5):
        (tmp_path / "run" / f"fold{fold}").mkdir(parents=True)
        torch.save(dict(weights), tmp_path / "run" / f"fold{fold}" / "weights.pt")
    assert evaluate.main([*arguments, str(files["adults"]), "--run", str(tmp_path / "run")]) == 0
    pictures = tmp_path / "pictures"
    for kind, count in (("noise", 2), ("stripes", 1)):
        (pictures / kind).mkdir(parents=True)
        for index in range(count):
            noise = np.random.default_rng(index).integers(0, 255, (80, 90), dtype=np.uint8)
            Image.fromarray(noise).save(pictures / kind / f"{index}.png")
    assert refusals.main([str(bundle), "--images", str(pictures), "--json", str(files["refusals"])]) == 0
    sha256 = load_bundle(bundle).sha256
    speed = {"model": {"sha256": sha256}, "image": "9×9", "threads": 2, "median_s": {"network": 0.0123}}
    files["speed"].write_text(json.dumps({"model": speed}), encoding="utf-8")
    return files


def fill(bundle: Path, files: dict[str, Path]) -> int:
    return card.main([str(bundle), *(part for name, path in files.items() for part in (f"--{name}", str(path)))])


def test_the_card_repeats_what_was_measured(bundle: Path, measured: dict[str, Path]) -> None:
    assert fill(bundle, measured) == 0
    loaded = load_bundle(bundle)
    text = loaded.card_path.read_text(encoding="utf-8")
    for name, group in (("val", "certain masks"), ("adults", "all")):
        report: dict[str, Any] = json.loads(measured[name].read_text(encoding="utf-8"))
        assert interval(report["groups"][group]["dice"]) in text
        assert all(f"`{case['name']}`" in text for case in report["worst"])
        assert f"**{report['worst_change']}**" in text
    counts = json.loads(measured["refusals"].read_text(encoding="utf-8"))
    assert {kind: entry["images"] for kind, entry in counts.items()} == {"noise": 2, "stripes": 1}
    assert f"| noise | {counts['noise']['refused']} of 2 |" in text
    assert "| network | 12 |" in text
    assert loaded.sha256 in text
    assert "$" not in text
    assert {path.name for path in loaded.card_path.parent.glob("*.png")} == set(card.FIGURES)
    assert set(loaded.metrics) == {
        "children, certain masks",
        "children, all masks",
        "adults, five-fold cross-validation by patient",
    }


def test_numbers_of_other_weights_or_of_seen_adults_are_refused(
    bundle: Path, measured: dict[str, Path], capsys: pytest.CaptureFixture[str]
) -> None:
    before = (bundle / "docs" / "README.md").read_bytes()
    assert fill(bundle, {**measured, "adults": measured["val"]}) == 3
    assert "not cross-validated" in capsys.readouterr().err
    other = json.loads(measured["val"].read_text(encoding="utf-8"))
    other["model"]["sha256"] = "0" * 64
    measured["val"].write_text(json.dumps(other), encoding="utf-8")
    assert fill(bundle, measured) == 3
    assert "other weights" in capsys.readouterr().err
    assert (bundle / "docs" / "README.md").read_bytes() == before


def test_refusals_of_an_empty_folder(bundle: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert refusals.main([str(bundle), "--images", str(tmp_path)]) == 3
    assert "no PNG or JPEG" in capsys.readouterr().err
