"""Running the command line in this process, and a model whose answer is known."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from app.main import main
from inference import networks
from tests import phantoms
from tests.inference import made_models


@dataclass(frozen=True)
class Ran:
    """What a command said."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        return json.loads(self.out)

    @property
    def line(self) -> str:
        """The error: one line that starts with the program's name."""
        lines = self.err.splitlines()
        assert lines, "nothing on stderr"
        assert lines[-1].startswith("scoutview: "), self.err
        return lines[-1].removeprefix("scoutview: ")


class Command:
    """``command("info", path)`` runs ``scoutview info path``."""

    def __init__(self, capsys: pytest.CaptureFixture[str]) -> None:
        self._capsys = capsys

    def __call__(self, *words: object) -> Ran:
        self._capsys.readouterr()
        code = main([str(word) for word in words])
        told = self._capsys.readouterr()
        assert "Traceback" not in told.err or "--debug" in words
        return Ran(code, told.out, told.err)


def made_model(root: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of models with "made", which marks dark pixels: the ellipses of ``chest_file`` exactly."""
    monkeypatch.setitem(networks._WHERE, "DarkSides", made_models.__name__)
    made_models.write_bundle(root / "made", network="DarkSides", arguments={})
    monkeypatch.setattr("app.cli.models.models_dir", lambda: root)
    return root


def chest_file(path: Path, size: tuple[int, int] = (300, 260), **attributes: Any) -> Path:
    """A frontal radiograph whose lungs are known ellipses."""
    pixels = np.round(made_models.chest(*size) * 4095).astype(np.uint16)
    phantoms.radiograph(path, pixels=pixels, window=(2048.0, 4096.0), **attributes)
    return path
