"""From path to pixels: an uncompressed CT of 400 × 512², beside raw file reading, pydicom, SimpleITK and dcm2niix.

Scan and sort are included; imports are done and the disk cache is warm.
"""

from __future__ import annotations

from collections.abc import Callable

from tests.benchmarks import studies
from tests.benchmarks.rounds import left_out, measured, table

ROUNDS = 7
WAYS = {
    "scoutview": "Scoutview, whole volume",
    "raw": "raw bytes of all files, kept",
    "raw-dropped": "raw bytes of all files, dropped",
    "pydicom": "pydicom",
    "simpleitk": "SimpleITK",
    "simpleitk-threads": "SimpleITK, a thread a core",
    "dcm2niix": "dcm2niix (writes a file)",
}


def run(report: Callable[[str], None]) -> dict[str, object]:
    """Medians in seconds, and each beside Scoutview's."""
    figures = measured(list(WAYS), studies.uncompressed(), studies.uncompressed(8), ROUNDS)
    ours, itk = figures["scoutview"], figures["simpleitk"]["seconds"]
    rows = [["Scoutview, first image", f"{ours['first_image']:.3f} s", f"{ours['first_image'] / ours['seconds']:.2f}"]]
    rows += [
        [WAYS[way], f"{found['seconds']:.3f} s", f"{found['seconds'] / ours['seconds']:.2f}"]
        for way, found in figures.items()
    ]
    table(report, [f"{studies.SLICES} × 512², uncompressed", "median", "÷ Scoutview"], rows)
    first = ours["first_image"] / itk
    whole = ours["seconds"] / figures["raw"]["seconds"]
    others = min(figures[way]["seconds"] for way in ("pydicom", "simpleitk", "dcm2niix") if way in figures)
    report(
        f"first image: {first:.3f} × SimpleITK's volume (to reach: 0.1); scan and sort {ours['scan_and_sort']:.3f} s"
    )
    report(
        f"whole volume: {whole:.2f} × raw file reading (to reach: 2), {ours['seconds'] / others:.2f} × the best other"
    )
    left_out(report, list(WAYS))
    return {"figures": figures, "first_to_simpleitk": first, "whole_to_raw": whole, "rounds": ROUNDS}
