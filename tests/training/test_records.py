from __future__ import annotations

import csv
from pathlib import Path

import pytest
import torch
from PIL import Image
from torch import nn

from training import records
from training.records import Checkpoint, save_whole, write_log


def network() -> tuple[nn.Module, torch.optim.Optimizer]:
    torch.manual_seed(0)
    made = nn.Linear(2, 1)
    return made, torch.optim.AdamW(made.parameters(), lr=0.1)


def step(made: nn.Module, optimiser: torch.optim.Optimizer) -> None:
    optimiser.zero_grad()
    made(torch.ones(1, 2)).sum().backward()
    optimiser.step()


def test_a_run_goes_on_as_if_it_had_never_stopped(tmp_path: Path) -> None:
    made, optimiser = network()
    checkpoint = Checkpoint(tmp_path, model=made, optimiser=optimiser)
    assert checkpoint.resume({"step": 0}) == {"step": 0}
    step(made, optimiser)
    checkpoint.save({"step": 1, "log": [0.5]})
    step(made, optimiser)

    again, its_optimiser = network()
    assert Checkpoint(tmp_path, model=again, optimiser=its_optimiser).resume({"step": 0}) == {"step": 1, "log": [0.5]}
    step(again, its_optimiser)
    assert torch.equal(again.weight, made.weight), "momentum came back too"


def test_a_kill_while_writing_leaves_the_old_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    save_whole(tmp_path / "weights.pt", {"a": 1})

    def half(parts: object, path: Path) -> None:
        path.write_bytes(b"PK")
        raise KeyboardInterrupt

    monkeypatch.setattr(records.torch, "save", half)
    with pytest.raises(KeyboardInterrupt):
        save_whole(tmp_path / "weights.pt", {"a": 2})
    assert torch.load(tmp_path / "weights.pt", weights_only=True) == {"a": 1}


def test_the_log_is_a_table_and_a_picture(tmp_path: Path) -> None:
    write_log(tmp_path, [{"step": 10, "loss": 0.5}, {"step": 20, "loss": 0.25}])
    with (tmp_path / "log.csv").open(encoding="utf-8", newline="") as stream:
        assert list(csv.reader(stream)) == [["step", "loss"], ["10", "0.5"], ["20", "0.25"]]
    with Image.open(tmp_path / "curves.png") as picture:
        assert min(picture.size) > 100
