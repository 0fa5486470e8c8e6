"""What a run leaves beside its weights: a checkpoint that a kill cannot break, and its curve as CSV and PNG."""

from __future__ import annotations

import csv
from typing import TYPE_CHECKING, Any

import torch

from training.figures import curves

if TYPE_CHECKING:
    from pathlib import Path

    from torch import nn

    Part = nn.Module | torch.optim.Optimizer


def save_whole(path: Path, parts: dict[str, Any]) -> None:
    """Write beside, then rename: a kill while writing leaves what was there whole."""
    draft = path.with_suffix(".tmp")
    torch.save(parts, draft)
    draft.replace(path)


class Checkpoint:
    """``out/checkpoint.pt``: ``parts`` (networks, their averages, optimisers) by name, and a ``state`` of plain values.

    A run that finds one goes on from it as if it had never stopped.
    """

    def __init__(self, out: Path, **parts: Part) -> None:
        self._path, self._parts = out / "checkpoint.pt", parts

    def resume(self, begin: dict[str, Any]) -> dict[str, Any]:
        """The state to go on from, with the parts as they were then; ``begin`` where nothing was saved."""
        if not self._path.is_file():
            return begin
        saved = torch.load(self._path, map_location="cpu", weights_only=True)
        for name, part in self._parts.items():
            part.load_state_dict(saved[name])
        state: dict[str, Any] = saved["state"]
        return state

    def save(self, state: dict[str, Any]) -> None:
        """The parts as they are now, and ``state``."""
        save_whole(self._path, {**{name: part.state_dict() for name, part in self._parts.items()}, "state": state})


def write_log(out: Path, log: list[dict[str, float]]) -> None:
    """``out/log.csv`` and ``out/curves.png``: a line, and a point of each curve, for each validation."""
    with (out / "log.csv").open("w", newline="") as stream:
        writer = csv.DictWriter(stream, fieldnames=list(log[0]))
        writer.writeheader()
        writer.writerows(log)
    curves(out / "curves.png", log)
