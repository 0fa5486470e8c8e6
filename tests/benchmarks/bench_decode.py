"""From path to pixels: the same CT in three lossless encodings, beside one worker alone and SimpleITK on threads."""

from __future__ import annotations

from collections.abc import Callable

from tests.benchmarks import studies
from tests.benchmarks.rounds import measured, table

ROUNDS = 5
WAYS = ("scoutview", "scoutview-1", "simpleitk-threads")


def run(report: Callable[[str], None]) -> dict[str, object]:
    """Medians in seconds for each encoding, and their ratios."""
    numbers: dict[str, object] = {}
    rows = []
    for name in studies.ENCODINGS:
        figures = measured(WAYS, studies.compressed(name), studies.compressed(name, 8), ROUNDS)
        ours = figures["scoutview"]["seconds"]
        alone, itk = figures["scoutview-1"]["seconds"] / ours, figures["simpleitk-threads"]["seconds"] / ours
        decoding = {way: figures[way]["seconds"] - figures[way]["scan_and_sort"] for way in WAYS[:2]}
        sorted_ = decoding["scoutview-1"] / decoding["scoutview"]
        numbers[name] = {
            "figures": figures,
            "one_worker": alone,
            "one_worker_after_sorting": sorted_,
            "simpleitk_threads": itk,
        }
        first = figures["scoutview"]["first_image"]
        seconds = [f"{figures[way]['seconds']:.2f} s" for way in WAYS]
        rows.append([name, f"{first:.3f} s", *seconds, f"{alone:.2f}", f"{sorted_:.2f}", f"{itk:.2f}"])
    head = [
        "",
        "first image",
        "Scoutview",
        "one worker",
        "SimpleITK, threads",
        "one worker ÷",
        "after sorting",
        "SimpleITK ÷",
    ]
    table(report, head, rows)
    report("to reach on 2 cores: one worker ÷ Scoutview ≥ 1.8, SimpleITK ÷ Scoutview ≥ 1")
    return numbers
