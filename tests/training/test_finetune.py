from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from inference.bundle import load_bundle
from tests.training import made_ct, made_low_dose
from training import finetune, low_dose

MODELS = Path(__file__).resolve().parents[2] / "assets" / "models"


def fine_tuned(name: str, data: Path, out: Path) -> int:
    return finetune.main(
        [str(MODELS / name), "--data", str(data), "--out", str(out), "--steps", "1", "--device", "cpu"]
    )


def changed(name: str, out: Path) -> bool:
    """Whether the new model loads, says what it is, and differs from its parent in weights alone."""
    model = load_bundle(out / "model")
    assert model.id == f"{name}-finetuned"
    assert model.task == load_bundle(MODELS / name).task
    assert not model.metrics
    manifest = json.loads((out / "model" / "configs" / "metadata.json").read_text(encoding="utf-8"))
    assert manifest["scoutview"]["training"]["settings"]["data"]
    before, after = load_file(MODELS / name / "models" / "model.safetensors"), load_file(model.weights_path)
    assert before.keys() == after.keys()
    return any(not torch.equal(value, after[key]) for key, value in before.items())


def test_ct_lungs_goes_on_from_its_weights_on_ones_own_scans(tmp_path: Path) -> None:
    made_ct.write(tmp_path / "data" / "one", "P1")
    made_ct.write(tmp_path / "data" / "two", "P2")
    assert fine_tuned("ct-lungs", tmp_path / "data", tmp_path / "run") == 0
    assert changed("ct-lungs", tmp_path / "run")


def test_scans_without_lung_teach_ct_lungs_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    made_ct.write(tmp_path / "data", "P1", np.where(made_ct.chest() == -850, 40, made_ct.chest()))
    assert fine_tuned("ct-lungs", tmp_path / "data", tmp_path / "run") == 3
    assert "no CT that shows lung" in capsys.readouterr().err


def test_ct_enhance_goes_on_from_its_weights_on_ones_own_slices(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(low_dose, "TRAINING_DRAWS", (1, 1))
    made_low_dose.write(tmp_path / "data")
    assert fine_tuned("ct-enhance", tmp_path / "data", tmp_path / "run") == 0
    assert changed("ct-enhance", tmp_path / "run")
