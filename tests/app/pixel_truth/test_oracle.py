"""The plain pipeline itself, and the table that says which test stands for which rule."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pytest

from tests import oracle


@pytest.mark.parametrize(
    ("center", "width", "x", "y"),
    [
        (2048, 4096, [0, 1, 4094, 4095], [0, 1 / 4095, 4094 / 4095, 1]),
        (2048, 1, [2047, 2048], [0, 1]),
        (0, 100, [-50, -49, 0, 49, 50], [0, 1 / 99, 50 / 99, 1, 1]),
        (0, 1, [-1, 0], [0, 1]),
    ],
)
def test_the_oracle_gives_the_standards_own_examples(
    center: float, width: float, x: list[float], y: list[float]
) -> None:
    """PS3.3 C.11.2.1.2.1, the note below the pseudo-code."""
    np.testing.assert_allclose(oracle.windowed(np.array(x, float), center, width), y, rtol=0, atol=1e-12)


def test_the_oracle_knows_nothing_of_the_program() -> None:
    modules = re.findall(r"^\s*(?:from|import) ([\w.]+)", source(Path(oracle.__file__)), re.MULTILINE)
    assert {name.split(".")[0] for name in modules} == {"__future__", "collections", "numpy", "pydicom", "typing"}


def test_every_test_that_the_table_of_rules_names_exists() -> None:
    tests = Path(__file__).parents[2]
    section = (tests / "README.md").read_text(encoding="utf-8").split("\n## Rules of truthful display\n", 1)[1]
    rows = [line for line in section.splitlines() if line.startswith("| ") and line != "| Rule | Tests |"]
    named = set(re.findall(r"`([\w/]+\.py)::(\w+)`", "".join(rows)))
    assert len(named) > 100
    assert [f"{file}::{test}" for file, test in sorted(named) if f"\ndef {test}(" not in source(tests / file)] == []
    # A rule names its tests, or says that there are none.
    assert [row for row in rows if "::" not in row and "not yet" not in row] == []


def source(file: Path) -> str:
    return file.read_text(encoding="utf-8")
