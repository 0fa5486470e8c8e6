"""Which files are broken, how often, and under which numbers."""

from __future__ import annotations

import os
from functools import cache
from pathlib import Path
from random import Random
from typing import Any

from tests.mutations import corpus
from tests.mutations.corpus import Original

_SHARED = Path(__file__).resolve().parents[3] / "shared" / "data"


@cache
def originals() -> dict[str, Original]:
    """All files of this machine by name; the shared studies only where they are."""
    root = Path(os.environ.get("SCOUTVIEW_DATA", _SHARED))
    found = [*corpus.public(), *(corpus.shared(root) if root.is_dir() else ())]
    return {original.name: original for original in found}


def drawn(count: int, seed: int, *, public_only: bool = False) -> list[dict[str, Any]]:
    """``count`` cases. A case is a file, a number and a seed, and is broken the same way wherever that file is."""
    known = [o for name, o in originals().items() if not (public_only and name.startswith("shared/"))]
    pairs = list(corpus.weighted(known))
    rng = Random(seed)
    chosen = rng.choices([o for o, _ in pairs], [w for _, w in pairs], k=count)
    return [{"file": original.name, "number": number, "seed": seed} for number, original in enumerate(chosen)]
