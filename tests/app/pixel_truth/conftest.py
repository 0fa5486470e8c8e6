"""The command line as a function from a file to pixels."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from app.main import main
from tests.app.pixel_truth.made import (
    Array,
    Render,
)


@pytest.fixture
def render(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Render:
    """``render(path, …)`` → the pixels of the PNG that the command line writes for it."""

    def run(path: Path, *words: object, told: str = "") -> Array:
        out = tmp_path / "shown.png"
        code = main(["render", str(path), "--out", str(out), "--size", "native", *(str(word) for word in words)])
        said = capsys.readouterr().err
        assert code == 0
        assert told in said if told else said == ""
        with Image.open(out) as image:
            assert image.mode in ("L", "RGB")
            return np.asarray(image)

    return run
