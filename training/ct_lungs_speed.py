"""Time a CT lung model on a chest of 300 slices: ``python -m training.ct_lungs_speed BUNDLE [--json F]``.

Whole runs of the engine on two threads of the CPU, stage by stage, and the memory that a run adds at its peak.
"""

from __future__ import annotations

import argparse
import json
import resource
import statistics
import sys
import time
from pathlib import Path

import numpy as np
import torch

from inference import engine
from inference.bundle import Bundle, BundleError, load_bundle
from inference.types import Attributes, Request
from inference.volume import Calibration, Volume

CHEST = Attributes(modality="CT", body_part="CHEST", kernel="B30f", slice_thickness_mm=1.0)
STAGES = ("preprocess", "network", "postprocess")


def chest(slices: int, edge: int) -> Volume:
    """(slices, edge, edge) float32 HU: a body with two lungs and noise, slices 1 mm apart."""
    z, y, x = np.ogrid[-1 : 1 : slices * 1j, -1 : 1 : edge * 1j, -1 : 1 : edge * 1j]
    voxels = np.full((slices, edge, edge), -1000, np.float32)
    voxels[np.broadcast_to((x / 0.9) ** 2 + (y / 0.65) ** 2 <= 1, voxels.shape)] = 40
    for side in (-0.42, 0.42):
        voxels[((x - side) / 0.35) ** 2 + (y / 0.5) ** 2 + (z / 0.9) ** 2 <= 1] = -850
    voxels += np.random.default_rng(0).normal(0, 20, (1, edge, edge)).astype(np.float32)
    pixel = 384 / edge
    affine = np.zeros((4, 4))
    affine[2, 0], affine[1, 1], affine[0, 2], affine[3, 3] = 1, pixel, pixel, 1
    return Volume(voxels, affine, (pixel, pixel), Calibration.PATIENT, "HU")


def measure(
    bundle: Bundle, *, slices: int = 300, edge: int = 512, threads: int = 2, repeats: int = 3
) -> dict[str, object]:
    """Median seconds of each stage over ``repeats`` runs, and the peak memory added."""
    before = torch.get_num_threads()
    torch.set_num_threads(threads)
    try:
        volume = chest(slices, edge)
        resident = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000
        times: dict[str, list[float]] = {name: [] for name in (*STAGES, "whole run")}
        work: list[float] = []
        for repeat in range(repeats):
            started, worked = time.perf_counter(), time.process_time()
            result = engine.run(Request(str(repeat), volume, CHEST, device="cpu", insist=True), bundle)
            whole = time.perf_counter() - started
            work.append(time.process_time() - worked)
            for name, values in times.items():
                values.append(result.timings_s.get(name, whole))
        added = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000 - resident
    finally:
        torch.set_num_threads(before)
    return {
        "model": {"id": bundle.id, "version": bundle.version, "sha256": bundle.sha256},
        "slices": slices,
        "edge": edge,
        "threads": threads,
        "repeats": repeats,
        "added_mb": added,
        "cpu_s": statistics.median(work),
        "median_s": {name: statistics.median(values) for name, values in times.items()},
    }


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="python -m training.ct_lungs_speed", description="Time a CT lung model.")
    parser.add_argument("bundle", type=Path, help="model folder")
    parser.add_argument("--slices", type=int, default=300)
    parser.add_argument("--edge", type=int, default=512, help="rows and columns")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--repeats", type=int, default=3)
    parser.add_argument("--json", type=Path, help="save the numbers here")
    options = parser.parse_args(arguments)
    try:
        report = measure(
            load_bundle(options.bundle),
            slices=options.slices,
            edge=options.edge,
            threads=options.threads,
            repeats=options.repeats,
        )
        sys.stdout.write(json.dumps(report, indent=1) + "\n")
        if options.json:
            options.json.write_text(json.dumps(report, indent=1) + "\n", encoding="utf-8")
    except (BundleError, OSError) as error:
        sys.stderr.write(f"training.ct_lungs_speed: {error}\n")
        return 3
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
