"""The process that breaks files and opens them: a case a line on its input, its outcome a line on its output."""

from __future__ import annotations

import json
import os
import resource
import shutil
import sys
import tempfile
import warnings
from pathlib import Path
from random import Random
from typing import Any

# Before the program is imported, which silences those of libraries.
warnings.simplefilter("error")

from app.dicom import workers  # noqa: E402
from tests.mutations import cases  # noqa: E402
from tests.mutations.corpus import Original  # noqa: E402
from tests.mutations.drive import Outcome, drive  # noqa: E402
from tests.mutations.mutate import mutated  # noqa: E402

ADDRESS_SPACE = 12 * 2**30
"""The last line: what is asked for beyond is refused, and found as a ``MemoryError``."""
RESIDENT = 2**30
"""A case that makes the process grow by more than this, plus some copies of its file, has failed."""
SECONDS_A_FRAME = 3.0
_COPIES = 16


def main() -> None:
    """Serves cases until the input ends."""
    answers = os.fdopen(os.dup(1), "w")
    os.dup2(2, 1)
    resource.setrlimit(resource.RLIMIT_AS, (ADDRESS_SPACE, ADDRESS_SPACE))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    # An endless loop in a decoder is ended all the same, only sooner.
    workers.SECONDS_A_FRAME = SECONDS_A_FRAME
    known = cases.originals()
    for line in sys.stdin:
        case = json.loads(line)
        outcome = run(known[case["file"]], case)
        answers.write(json.dumps(outcome) + "\n")
        answers.flush()


def run(original: Original, case: dict[str, Any]) -> dict[str, Any]:
    """The outcome of one case, with the names of its changes."""
    data, changes = broken(original, case)
    folder = Path(tempfile.mkdtemp(prefix="mutation-"))
    try:
        suspect = lay_out(original, data, folder)
        before = _resident("VmRSS")
        Path("/proc/self/clear_refs").write_text("5", encoding="ascii")
        outcome = drive(folder, suspect)
        grown, size = _resident("VmHWM") - before, sum(p.stat().st_size for p in folder.rglob("*") if p.is_file())
        if grown > RESIDENT + _COPIES * size and not outcome.fault:
            outcome = Outcome("failed", fault=f"memory: {grown / 2**20:.0f} MB for a file of {len(data)} bytes")
        return {**outcome.as_dict(), "changes": changes, "grown": grown}
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def broken(original: Original, case: dict[str, Any]) -> tuple[bytes, str]:
    """The bytes of a case and the names of its changes: the same for the same file, number and seed."""
    return mutated(original.read(), Random(f"{case['seed']}/{case['file']}/{case['number']}"))


def lay_out(original: Original, data: bytes, folder: Path) -> Path:
    """The broken file among those that lie beside it."""
    for name, path in original.beside:
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        if original.own_name:
            # A medium's directory follows no link that leads out of it.
            shutil.copyfile(path, folder / name)
        else:
            (folder / name).symlink_to(path)
    suspect = folder / (original.own_name or f"mutated-{Path(original.name).name}")
    suspect.write_bytes(data)
    return suspect


def _resident(name: str) -> int:
    for line in Path("/proc/self/status").read_text(encoding="ascii").splitlines():
        if line.startswith(f"{name}:"):
            return int(line.split()[1]) * 1024
    raise OSError(name)


if __name__ == "__main__":
    main()
