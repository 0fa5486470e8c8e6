"""Broken files, a hundred of them in each run, and that the harness would notice; ``python -m tests.mutations``
runs ten thousand.
"""

from __future__ import annotations

import sys
from pathlib import Path
from random import Random

import pydicom
import pytest
from pydicom.data import get_testdata_file

from app.dicom import scan as scanning
from tests import phantoms
from tests.mutations import cases, drive, pool
from tests.mutations.mutate import mutated
from tests.mutations.structure import UNDEFINED, structure_of

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="limits of memory need Linux")

COUNT, SEED = 120, 20
SECONDS = 120.0


def test_no_mutation_crashes_hangs_or_passes_in_silence() -> None:
    wanted = cases.drawn(COUNT, SEED, public_only=True)
    answers = list(pool.run(wanted, 2, SECONDS))
    assert len(answers) == COUNT
    failed = [f"{case}\n{answer['fault']}" for case, answer in answers if answer["kind"] == "failed"]
    assert failed == []
    kinds = {answer["kind"] for _, answer in answers}
    assert kinds == {"opened", "listed"}


def test_the_same_seed_breaks_a_file_the_same_way(tmp_path: Path) -> None:
    data = phantoms.ct(tmp_path, shape=(1, 23, 38))[0].read_bytes()
    one, other = mutated(data, Random("3/a")), mutated(data, Random("3/a"))
    assert one == other
    assert len({mutated(data, Random(f"{n}/a"))[0] for n in range(50)}) > 45


@pytest.mark.parametrize("name", ["MR_small.dcm", "MR_small_implicit.dcm", "MR_small_bigendian.dcm"])
def test_the_structure_is_found(name: str) -> None:
    path = Path(str(get_testdata_file(name, download=False)))
    found = structure_of(path.read_bytes())
    dataset = pydicom.dcmread(path)
    tags = [int(element.tag) for element in dataset]
    assert [element.tag for element in found.elements if element.depth == 0 and element.tag >> 16 > 2] == tags
    assert next(element.length for element in found.elements if element.at == found.pixels_at) == 64 * 64 * 2


def test_the_fragments_are_found(tmp_path: Path) -> None:
    (path,) = phantoms.ct(tmp_path, shape=(1, 23, 38), transfer_syntax="1.2.840.10008.1.2.4.80")
    found = structure_of(path.read_bytes())
    assert found.elements[-1].length == UNDEFINED
    assert len(found.fragments) == 2


def test_an_exception_of_the_program_is_a_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (path,) = phantoms.ct(tmp_path, shape=(1, 23, 38))
    assert drive.drive(tmp_path, path).kind == "opened"
    monkeypatch.setattr(drive, "CornerText", lambda series: {}["missing"])
    outcome = drive.drive(tmp_path, path)
    assert outcome.kind == "failed"
    assert "KeyError" in outcome.fault


def test_a_file_left_out_in_silence_is_a_failure(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (path,) = phantoms.ct(tmp_path, shape=(1, 23, 38))
    (tmp_path / "second").write_bytes(b"no image")
    files = scanning._files
    monkeypatch.setattr(scanning, "_files", lambda folder: [file for file in files(folder) if file == path])
    assert "neither opened nor listed" in drive.drive(tmp_path, path).fault


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("import os; os.abort()", "crash"),
        ("import sys; sys.exit(0)", "crash"),
        ("import time; time.sleep(600)", "hang"),
    ],
)
def test_a_process_that_crashes_or_hangs_is_a_failure(
    code: str, expected: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pool, "SECONDS_TO_START", 0.0)
    # a busy machine may take long to start a process that then crashes at once
    limit = 1.0 if expected == "hang" else 120.0
    (answer,) = pool.run([{"file": "a"}], 1, limit, (sys.executable, "-c", code))
    assert answer[1]["kind"] == "failed"
    assert answer[1]["fault"].startswith(expected)
