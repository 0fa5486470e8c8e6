from __future__ import annotations

import hashlib
import pickle
import threading
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from inference import engine, networks, runtime
from inference.bundle import Bundle, BundleError, load_bundle
from inference.tasks import lung_fields
from inference.types import Attributes, Cancelled, Refused
from inference.volume import Calibration
from tests.inference import made_models
from tests.inference.made_models import (
    ELLIPSE_SHARES,
    FRONTAL,
    chest,
    read_manifest,
    request,
    write_bundle,
    write_manifest,
)


@pytest.fixture(autouse=True)
def _fresh_cache() -> None:
    engine.forget_networks()


@pytest.fixture
def exact(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Bundle:
    """A model whose answer on ``chest`` is known exactly."""
    monkeypatch.setitem(networks._WHERE, "DarkSides", made_models.__name__)
    return load_bundle(write_bundle(tmp_path / "exact", network="DarkSides", arguments={}))


@pytest.mark.parametrize("size", [(300, 260), (64, 64), (1999, 1801), (90, 170), (513, 260)])
def test_known_areas_on_images_of_any_size(exact: Bundle, size: tuple[int, int]) -> None:
    spacing = (300 / size[0], 250 / size[1])
    result = engine.run(request(chest(*size), spacing=spacing, calibration=Calibration.PATIENT), exact)
    assert result.label_map is not None
    assert result.label_map.shape == (1, *size)
    assert set(np.unique(result.label_map)) == {0, 1, 2}
    for name, share in zip(("Right lung", "Left lung"), ELLIPSE_SHARES, strict=True):
        measure = result.measures[f"{name}: area"]
        assert measure.unit == "cm2"
        assert measure.value == pytest.approx(share * 30 * 25, rel=0.03)
    assert result.notes == ()
    assert set(result.timings_s) == {"load", "preprocess", "network", "postprocess"}
    assert (result.request_id, result.device, result.model) == ("r1", "cpu", exact.ref)


def test_a_mirrored_film_exchanges_the_sides(exact: Bundle) -> None:
    usual = engine.run(request(chest()), exact)
    mirrored = engine.run(request(chest(), replace(FRONTAL, patient_orientation=("R", "F"))), exact)
    assert usual.label_map is not None
    assert mirrored.label_map is not None
    np.testing.assert_array_equal(np.array([0, 2, 1])[usual.label_map], mirrored.label_map)
    assert [label.name for label in mirrored.labels] == ["Right lung", "Left lung"]


def test_a_silent_header_runs_with_notes_and_unsided_names(exact: Bundle) -> None:
    result = engine.run(request(chest(), Attributes()), exact)
    assert any("View unknown" in note for note in result.notes)
    assert any("Side unknown" in note for note in result.notes)
    assert [label.name for label in result.labels] == ["Lung (image left)", "Lung (image right)"]
    assert result.measures["Lung (image left): area"].unit == "px2"


def test_an_implausible_result_is_refused_when_the_header_is_silent_and_noted_when_it_is_not(exact: Bundle) -> None:
    one_lung = chest()
    one_lung[:, 130:] = 0.9
    with pytest.raises(Refused, match="only one lung") as refusal:
        engine.run(request(one_lung, Attributes()), exact)
    assert refusal.value.overridable
    vouched = engine.run(request(one_lung), exact)
    assert any("only one lung" in note for note in vouched.notes)
    insisted = engine.run(request(one_lung, Attributes(), insist=True), exact)
    assert any("only one lung" in note for note in insisted.notes)


def test_the_reader_may_insist_on_another_body_part_but_not_on_another_modality(exact: Bundle) -> None:
    ribs = replace(FRONTAL, body_part="RIB")
    with pytest.raises(Refused, match="rib"):
        engine.run(request(chest(), ribs), exact)
    assert "against the model's input contract" in engine.run(request(chest(), ribs, insist=True), exact).notes[0]
    with pytest.raises(Refused, match="computed tomography"):
        engine.run(request(chest(), replace(FRONTAL, modality="CT"), insist=True), exact)


def test_the_answer_is_the_same_every_time(tmp_path: Path) -> None:
    bundle = load_bundle(write_bundle(tmp_path / "made"))
    image = np.random.default_rng(0).random((200, 200))
    first, second = (engine.run(request(image), bundle) for _ in range(2))
    np.testing.assert_array_equal(first.label_map, second.label_map)
    assert first.measures == second.measures


def test_averaging_with_the_mirror_image_makes_the_answer_mirror_symmetric(tmp_path: Path) -> None:
    predict = lung_fields.predictor(load_bundle(write_bundle(tmp_path / "flip", flip=True)), "cpu")
    image = np.random.default_rng(0).random((64, 64)).astype(np.float32)
    mirrored = predict(np.ascontiguousarray(image[:, ::-1]))
    np.testing.assert_allclose(mirrored[::-1, :, ::-1], predict(image), atol=1e-5)


def test_progress_rises_to_one(exact: Bundle) -> None:
    seen: list[float] = []
    engine.run(request(chest()), exact, seen.append)
    assert seen == sorted(seen)
    assert (seen[0], seen[-1]) == (0.0, 1.0)


def test_cancel_stops_between_layers_and_leaves_nothing_behind(tmp_path: Path) -> None:
    bundle = load_bundle(write_bundle(tmp_path / "made"))
    image = np.random.default_rng(0).random((200, 200))
    ticks: list[float] = []
    engine.run(request(image), bundle, ticks.append)
    inside = [index for index, fraction in enumerate(ticks) if 0.15 < fraction < 0.85]
    assert len(inside) > 10
    for stop in (0, 1, inside[0], inside[-1], len(ticks) - 1):
        count = 0

        def tick(fraction: float, stop: int = stop) -> None:
            nonlocal count
            if count == stop:
                raise Cancelled
            count += 1

        with pytest.raises(Cancelled):
            engine.run(request(image), bundle, tick)
        assert count == stop
    network = runtime.load_network(bundle, "cpu")
    assert not any(layer._forward_pre_hooks for layer in network.modules())
    assert engine.run(request(image), bundle).label_map is not None


def test_a_run_that_waits_for_another_can_be_cancelled(exact: Bundle) -> None:
    inside, go_on = threading.Event(), threading.Event()

    def slow(fraction: float) -> None:
        if fraction > 0.1:
            inside.set()
            go_on.wait(20)

    other = threading.Thread(target=engine.run, args=(request(chest()), exact, slow))
    other.start()
    try:
        assert inside.wait(20)
        ticks = 0

        def impatient(fraction: float) -> None:
            nonlocal ticks
            ticks += 1
            if ticks > 5:
                raise Cancelled

        with pytest.raises(Cancelled):
            engine.run(request(chest()), exact, impatient)
    finally:
        go_on.set()
        other.join()


def test_out_of_memory_on_a_gpu_continues_on_the_cpu_and_says_so(
    exact: Bundle, monkeypatch: pytest.MonkeyPatch
) -> None:
    forward, load = lung_fields._forward, runtime.load_network

    def full(network: object, image: object, flip: bool, device: str, tick: object) -> object:
        if device == "cuda:0":
            raise torch.cuda.OutOfMemoryError("full")
        return forward(network, image, flip, device, tick)  # type: ignore[arg-type]

    monkeypatch.setattr(engine, "pick_device", lambda wanted: "cuda:0")
    monkeypatch.setattr(runtime, "load_network", lambda bundle, device: load(bundle, "cpu"))
    monkeypatch.setattr(lung_fields, "_forward", full)
    result = engine.run(request(chest()), exact)
    assert result.device == "cpu"
    assert any("Ran on the CPU" in note for note in result.notes)


def test_devices() -> None:
    assert engine.pick_device("cpu") == "cpu"
    absent = f"cuda:{torch.cuda.device_count()}"
    for wrong, words in ((absent, "is not here"), ("cuda:x", "unknown device"), ("tpu", "unknown device")):
        with pytest.raises(engine.DeviceError, match=words):
            engine.pick_device(wrong)


def test_a_network_is_loaded_once_and_the_cache_is_bounded(tmp_path: Path) -> None:
    first = load_bundle(write_bundle(tmp_path / "first"))
    assert runtime.load_network(first, "cpu") is runtime.load_network(first, "cpu")
    kept = runtime.load_network(first, "cpu")
    for index in range(runtime.MAX_CACHED):
        arguments = {**made_models.TINY, "widths": [4, 8 + index]}
        runtime.load_network(load_bundle(write_bundle(tmp_path / f"other{index}", arguments=arguments)), "cpu")
    assert runtime.load_network(first, "cpu") is not kept


def test_weights_that_do_not_fit_the_network_are_refused(tmp_path: Path) -> None:
    root = write_bundle(tmp_path / "made")
    entries = read_manifest(root)
    for arguments, words in (({**made_models.TINY, "widths": [4, 8]}, "do not fit"), ({"depth": 2}, "do not fit")):
        entries["scoutview"]["network"]["arguments"] = arguments
        write_manifest(root, entries)
        with pytest.raises(BundleError, match=words):
            runtime.load_network(load_bundle(root), "cpu")


def test_weights_that_are_no_safetensors_are_refused(tmp_path: Path) -> None:
    root = write_bundle(tmp_path / "made")
    content = pickle.dumps({"a": 1})
    (root / "models" / "model.safetensors").write_bytes(content)
    entries = read_manifest(root)
    entries["scoutview"]["sha256"] = hashlib.sha256(content).hexdigest()
    write_manifest(root, entries)
    with pytest.raises(BundleError, match="do not fit"):
        runtime.load_network(load_bundle(root), "cpu")
