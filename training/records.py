"""What a run leaves beside its weights: a checkpoint that a kill cannot break, and its curve as CSV and PNG."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING, Any

import torch

from training.figures import curves

if TYPE_CHECKING:
    from pathlib import Path


def save_whole(path: Path, parts: dict[str, Any]) -> None:
    """Write beside, then rename: a kill while writing leaves the old checkpoint whole."""
    draft = path.with_suffix(".tmp")
    torch.save(parts, draft)
    draft.replace(path)


def write_log(out: Path, log: list[dict[str, float]]) -> None:
    """``out/log.csv`` and ``out/curves.png``: a line, and a point of each curve, for each validation."""
    with (out / "log.csv").open("w", newline="") as stream:
        writer = csv.DictWriter(stream, fieldnames=list(log[0]))
        writer.writeheader()
        writer.writerows(log)
    curves(out / "curves.png", log)
