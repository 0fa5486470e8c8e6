"""5,000 headers of about a hundred elements: scanned, and scanned and sorted, beside gdcm.Scanner and pydicom."""

from __future__ import annotations

from collections.abc import Callable

from tests.benchmarks import studies
from tests.benchmarks.contenders import LISTING_TAGS, SORTING_TAGS
from tests.benchmarks.rounds import left_out, measured, table

ROUNDS = 7
WAYS = {
    "scan": "Scoutview, scan",
    "scan-and-sort": "Scoutview, scan and sort",
    "scan-gdcm": f"gdcm.Scanner, the {len(LISTING_TAGS)} tags of a list",
    "scan-gdcm-least": f"gdcm.Scanner, {len(SORTING_TAGS)} tags",
    "scan-pydicom": "pydicom, up to the pixels",
}


def run(report: Callable[[str], None]) -> dict[str, object]:
    """Medians in seconds, microseconds a file, and each beside Scoutview's."""
    figures = measured(list(WAYS), studies.headers(), studies.headers(50), ROUNDS)
    ours = figures["scan"]["seconds"]
    rows = [
        [WAYS[way], f"{seconds:.3f} s", f"{seconds / studies.HEADERS * 1e6:.0f} µs", f"{seconds / ours:.2f}"]
        for way, seconds in ((way, found["seconds"]) for way, found in figures.items())
    ]
    table(report, [f"{studies.HEADERS} headers", "median", "a file", "÷ Scoutview"], rows)
    left_out(report, list(WAYS))
    return {"figures": figures, "rounds": ROUNDS}
