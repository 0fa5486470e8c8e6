"""How far memory grows while a CT of 400 × 512² is loaded, in the program and its codec processes together."""

from __future__ import annotations

from collections.abc import Callable

from tests.benchmarks import studies
from tests.benchmarks.rounds import left_out, measured, missing, table

ROUNDS = 3


def run(report: Callable[[str], None]) -> dict[str, object]:
    """The peak of resident memory over that before the load, shared pages counted once, beside the volume's size."""
    if missing("memory"):
        left_out(report, ["memory"])
        return {"skipped": missing("memory")}
    numbers: dict[str, object] = {}
    rows = []
    for name in ("uncompressed", *studies.ENCODINGS):
        large, small = (
            studies.uncompressed(count) if name == "uncompressed" else studies.compressed(name, count)
            for count in (studies.SLICES, 8)
        )
        found = measured(["memory"], large, small, ROUNDS)["memory"]
        ratio = found["growth"] / found["volume"]
        numbers[name] = found | {"ratio": ratio}
        rows.append([name, f"{found['volume'] / 2**20:.0f} MB", f"{found['growth'] / 2**20:.0f} MB", f"{ratio:.3f}"])
    table(report, ["", "volume", "growth", "growth ÷ volume (to reach: 1.15)"], rows)
    return numbers
