"""The task that gives classes: scores, their range, maps on the image's own grid, refusals."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import load_file, save_file

from inference import engine, networks, runtime
from inference.bundle import Bundle, BundleError, load_bundle
from inference.tasks.classes import examine
from inference.types import Cancelled, Refused
from tests.inference.made_models import FRONTAL, chest, read_manifest, request, write_bundle, write_manifest
from training.provenance import file_hash

SMALL = {"members": 2, "width": 8, "heads": 2, "strange_above": 1e9}
CHILD = replace(FRONTAL, patient_age_years=3.0)


@pytest.fixture(autouse=True)
def _one_thread() -> Iterator[None]:
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    engine.forget_networks()
    yield
    torch.set_num_threads(before)


def made(root: Path, **arguments: float) -> Path:
    """A model folder of this task with random weights."""
    write_bundle(root, network="SnapshotEnsemble", arguments={**SMALL, **arguments})
    entries = read_manifest(root)
    own = entries["scoutview"]
    own["task"] = "chest-classification"
    own["labels"] = [
        {"value": number, "name": name, "code": code, "meaning": meaning, "colour": [number, 0, 0]}
        for number, (name, code, meaning) in enumerate(
            (
                ("normal", "17621005", "Normal"),
                ("bacterial", "53084003", "Bacterial pneumonia"),
                ("viral", "75570004", "Viral pneumonia"),
            ),
            start=1,
        )
    ]
    own["contract"] = {**own["contract"], "size": 64, "max_age_years": 6.0}
    write_manifest(root, entries)
    return root


@pytest.fixture
def bundle(tmp_path: Path) -> Bundle:
    return load_bundle(made(tmp_path / "made"))


def test_scores_are_probabilities_inside_their_intervals(bundle: Bundle) -> None:
    result = engine.run(request(chest(), CHILD), bundle)
    assert list(result.scores) == ["normal", "bacterial", "viral"]
    assert sum(result.scores.values()) == pytest.approx(1)
    for name, score in result.scores.items():
        low, high = result.intervals[name]
        assert 0 <= low <= score <= high <= 1
    assert result.label_map is None
    assert not result.notes
    again = engine.run(request(chest(), CHILD), bundle)
    assert result.scores == again.scores


def test_maps_lie_on_the_image_s_own_grid(bundle: Bundle) -> None:
    result = engine.run(request(chest(200, 160), CHILD), bundle)
    names = [heat.name for heat in result.maps]
    meanings = {"normal": "Normal", "bacterial": "Bacterial pneumonia", "viral": "Viral pneumonia"}
    top = meanings[max(result.scores, key=lambda name: result.scores[name])]
    assert names == ["Attention", "Attention, head 1", "Attention, head 2", f"Grad-CAM, {top}"]
    for heat in result.maps:
        assert heat.values.shape == (1, 200, 160)
        assert heat.values.dtype == np.float32
        assert 0 <= heat.values.min() <= heat.values.max() <= 1
        assert not heat.values.flags.writeable
        assert "not that this is the reason" in heat.meaning
    assert result.maps[0].values.max() > 0.9


def test_a_mirrored_image_has_the_same_scores_and_mirrored_maps(bundle: Bundle) -> None:
    image = chest(192, 192)
    plain, mirrored = (engine.run(request(one, CHILD), bundle) for one in (image, image[:, ::-1].copy()))
    for name, score in plain.scores.items():
        assert mirrored.scores[name] == pytest.approx(score, abs=1e-5)
    for first, second in zip(plain.maps, mirrored.maps, strict=True):
        np.testing.assert_allclose(first.values, second.values[..., ::-1], atol=2e-3)


def test_grad_cam_is_the_gradient_weighted_sum_of_the_map() -> None:
    """With one member and mean pooling the logit is linear up to the norm: compare with autograd done by hand."""
    torch.manual_seed(0)
    network = networks.build("SnapshotEnsemble", {**SMALL, "members": 1, "pooling": "mean"}).eval()
    image = np.random.default_rng(0).random((64, 64), dtype=np.float32)
    found = examine(network, image, "cpu")
    member = network.members[0]
    batch = torch.from_numpy(image)[None, None]
    total = torch.zeros(4, 4)
    for view in (batch, batch.flip(3)):
        features = member.features(view).detach().requires_grad_(True)
        logits = member.answer(features)[0]
        logits[0, int(found.scores.argmax())].backward()
        assert features.grad is not None
        cam = (features.grad.mean(dim=(2, 3), keepdim=True) * features).sum(dim=1).relu()[0].detach()
        total += cam if view is batch else cam.flip(1)
    np.testing.assert_allclose(found.cam, (total / 2).numpy(), atol=1e-6)


@pytest.mark.parametrize("age", [6.5, 54.0])
def test_the_header_of_someone_older_is_refused_unless_the_reader_insists(bundle: Bundle, age: float) -> None:
    older = replace(CHILD, patient_age_years=age)
    with pytest.raises(Refused, match="made for children up to 6 years") as refusal:
        engine.run(request(chest(), older), bundle)
    assert refusal.value.overridable
    result = engine.run(request(chest(), older, insist=True), bundle)
    assert any("made for children" in note for note in result.notes)


def test_laterals_and_other_body_parts_are_refused(bundle: Bundle) -> None:
    for changed, reason in (
        (replace(CHILD, view_position="LL"), "left lateral"),
        (replace(CHILD, body_part="HAND"), "expects the chest; the header says hand"),
        (replace(CHILD, patient_orientation=("A", "F")), "lateral one"),
        (replace(CHILD, modality="CT"), "expects a radiograph"),
    ):
        with pytest.raises(Refused, match=reason):
            engine.run(request(chest(), changed), bundle)


def test_an_unlike_image_is_refused_where_no_header_vouches_for_it(tmp_path: Path) -> None:
    root = made(tmp_path / "strict", strange_above=1.0)
    path = root / "models" / "model.safetensors"
    weights = load_file(path)
    weights["whiten"] = torch.eye(8) * 1e4
    weights["centre"] = torch.full((8,), 5.0)
    save_file(weights, path)
    entries = read_manifest(root)
    entries["scoutview"]["sha256"] = file_hash(path)
    write_manifest(root, entries)
    bundle = load_bundle(root)
    vouched = engine.run(request(chest(), CHILD), bundle)
    assert any("does not look like those" in note for note in vouched.notes)
    silent = replace(CHILD, patient_age_years=None)
    with pytest.raises(Refused, match="does not look like those that the model knows") as refusal:
        engine.run(request(chest(), silent), bundle)
    assert refusal.value.overridable
    assert engine.run(request(chest(), silent, insist=True), bundle).scores


def test_labels_that_do_not_match_the_classes_are_a_fault_of_the_model(tmp_path: Path) -> None:
    root = made(tmp_path / "made")
    entries = read_manifest(root)
    del entries["scoutview"]["labels"][2]
    write_manifest(root, entries)
    with pytest.raises(BundleError, match="3 classes are answered, but 2 have a label"):
        engine.run(request(chest(), CHILD), load_bundle(root))


def test_cancel_stops_between_layers(bundle: Bundle) -> None:
    seen: list[float] = []

    def tick(fraction: float) -> None:
        seen.append(fraction)
        if fraction > 0.3:
            raise Cancelled

    with pytest.raises(Cancelled):
        engine.run(request(chest(), CHILD), bundle, tick)
    assert 0.3 < seen[-1] < 0.6
    assert runtime.load_network(bundle, "cpu") is not None
    assert engine.run(request(chest(), CHILD), bundle).scores
