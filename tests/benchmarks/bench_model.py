"""How long a bundled model takes on an image, stage by stage, on two threads, in units of a 3×3 convolution."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from pathlib import Path

import numpy as np

from inference import engine
from inference.bundle import load_bundle
from inference.types import Attributes, Request
from inference.volume import Calibration, Volume

MODEL = Path(__file__).resolve().parents[2] / "assets" / "models" / "cxr-lungs"
THREADS, REPEATS, EDGE = 2, 30, 2000
FRONTAL = Attributes(modality="DX", body_part="CHEST", view_position="PA", patient_orientation=("L", "F"))


def radiograph(edge: int) -> np.ndarray:
    """(edge, edge) float32 in 0–1, two dark lungs on a bright noisy ground: enough for every stage to have its work."""
    y, x = np.mgrid[0:edge, 0:edge].astype(np.float32) / edge
    image = 0.7 + 0.2 * y + np.random.default_rng(0).normal(0, 0.03, (edge, edge)).astype(np.float32)
    for centre in (0.3, 0.7):
        image[((x - centre) / 0.15) ** 2 + ((y - 0.45) / 0.32) ** 2 <= 1] -= 0.5
    return np.clip(image, 0, 1)


def run(report: Callable[[str], None]) -> dict[str, object]:
    """Times ``cxr-lungs``; the reference is one 32-channel 3×3 convolution of 256² on the same threads."""
    started = time.perf_counter()
    import torch

    imported = time.perf_counter() - started
    before = torch.get_num_threads()
    torch.set_num_threads(THREADS)
    try:
        return _run(report, imported)
    finally:
        torch.set_num_threads(before)


def _run(report: Callable[[str], None], imported: float) -> dict[str, object]:
    import torch

    bundle = load_bundle(MODEL)
    engine.forget_networks()
    volume = Volume(radiograph(EDGE)[np.newaxis], None, None, Calibration.NONE, "presentation")
    stages: dict[str, list[float]] = {name: [] for name in ("preprocess", "network", "postprocess", "whole run")}
    load = 0.0
    for repeat in range(REPEATS + 1):
        started = time.perf_counter()
        result = engine.run(Request(str(repeat), volume, FRONTAL, device="cpu"), bundle)
        whole = time.perf_counter() - started
        if repeat == 0:
            load = result.timings_s["load"]
            continue
        for name in stages:
            stages[name].append(result.timings_s.get(name, whole))
    convolution = torch.nn.Conv2d(32, 32, 3, padding=1).to(memory_format=torch.channels_last)
    image = torch.rand(1, 32, 256, 256).to(memory_format=torch.channels_last)
    reference = []
    with torch.inference_mode():
        for _ in range(REPEATS):
            started = time.perf_counter()
            convolution(image)
            reference.append(time.perf_counter() - started)
    median = {"load, once": load, **{name: statistics.median(values) for name, values in stages.items()}}
    one_convolution = statistics.median(reference)
    report(f"import torch: {imported * 1000:.0f} ms (0 when it was loaded before)")
    for name, value in median.items():
        report(f"{name:14}{value * 1000:8.1f} ms  = {value / one_convolution:6.1f} reference convolutions")
    report(f"reference convolution {one_convolution * 1000:.2f} ms; {EDGE}² pixels, {THREADS} threads, {REPEATS} runs")
    return {
        "model": {"id": bundle.id, "version": bundle.version, "sha256": bundle.sha256},
        "image": f"{EDGE}×{EDGE} pixels",
        "threads": THREADS,
        "repeats": REPEATS,
        "import_torch_s": imported,
        "reference_convolution_s": one_convolution,
        "median_s": median,
    }
